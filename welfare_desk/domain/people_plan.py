"""What an import would change: each accepted row against the people already known. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from welfare_desk.domain.problems import Problem
from welfare_desk.domain.rows import Row

TICK = 2000


class Known(NamedTuple):
    """A person of the directory as a change-set sees it."""

    id: int
    key: str
    employee_no: str | None
    name: str
    department: str
    email: str | None
    phone: str | None
    hire_date: str | None
    leave_date: str | None
    status: str
    extra: dict[str, Any]
    updated_at: int
    birthday: str | None = None
    site: str | None = None
    level: str | None = None
    tags: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """The known people a list can touch: by key, and who has a phone or an e-mail."""

    by_key: Mapping[str, Known]
    by_phone: Mapping[str, Sequence[Known]]
    by_email: Mapping[str, Sequence[Known]]
    active: Sequence[Known] = ()


class Change(NamedTuple):
    """One person to write: `before` None is a new one; `row` None is somebody absent from the list."""

    before: Known | None
    after: Known
    row: int | None


@dataclass(slots=True)
class Plan:
    """All changes of a list. `left` people become left, `absent` of them because the list does not name them."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: int = 0
    absent: int = 0
    skipped: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a list is taken. `absent`: keep or left. `columns`: header by field, for problems. `today`: ISO."""

    absent: str
    today: str
    columns: Mapping[str, str]


NOBODY = Known(0, "", None, "", "", None, None, None, None, "active", {}, 0)


def plan_import(
    rows: Sequence[Row], directory: Directory, manner: Manner, mentioned: frozenset[str],
    report: Callable[[int, int], None] | None = None,
) -> Plan:  # fmt: skip
    """New, changed and unchanged people, those who leave, and warnings. Rows were accepted by `rows.check_rows`.

    A row marked as left is skipped for an unknown person. With `absent` left, being listed means being employed.
    """
    plan = Plan()
    owners = _Owners(directory, manner)
    met: set[int] = set()
    for index, row in enumerate(rows):
        if report is not None and index % TICK == 0:
            report(index, len(rows))
        known, several = _match(row, directory)
        if several:
            plan.rejected += 1
            plan.problems.append(Problem(row.number, manner.columns.get(_kind(row.key)), "row_several", row.key[2:]))
            met.update(person.id for person in several)
            continue
        if known is None and row.status == "left":
            plan.skipped += 1
            continue
        _take(plan, row, known, manner)
        if known is not None:
            met.add(known.id)
        plan.problems.extend(owners.shared(row, known))
    if manner.absent == "left":
        _leave_absent(plan, directory, manner, met, mentioned)
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


def _kind(key: str) -> str:
    return {"n": "employee_no", "p": "mobile", "e": "email"}[key[:1]]


def _match(row: Row, directory: Directory) -> tuple[Known | None, Sequence[Known]]:
    """(the person a row means, several when it cannot be told): by number alone, else by phone, else by e-mail."""
    known = directory.by_key.get(row.key)
    if known is not None or row.key.startswith("n:"):
        return known, ()
    found = directory.by_phone if row.key.startswith("p:") else directory.by_email
    people = found.get(row.key[2:], ())
    return (people[0], ()) if len(people) == 1 else (None, people)


def _take(plan: Plan, row: Row, known: Known | None, manner: Manner) -> None:
    after = merged(row, known or NOBODY._replace(key=row.key), manner)
    if known is None:
        plan.created += 1
        plan.changes.append(Change(None, after, row.number))
    elif after == known:
        plan.unchanged += 1
    else:
        plan.updated += 1
        plan.left += known.status == "active" and after.status == "left"
        plan.changes.append(Change(known, after, row.number))
    if known is not None and after.status == "left" and row.status is None:
        column = manner.columns.get("name")
        plan.problems.append(Problem(row.number, column, "row_still_left", row.name, level="warning"))


def merged(row: Row, known: Known, manner: Manner) -> Known:
    """The person after the row: what the row does not say stays; a number keeps its leading zeros."""
    number = row.employee_no
    if number is None or len(known.employee_no or "") >= len(number):
        number = known.employee_no
    listed = "active" if manner.absent == "left" else known.status
    status = row.status or listed
    leave_date = row.leave_date or known.leave_date
    if status == "left" and known.status == "active":
        leave_date = row.leave_date or manner.today
    elif status == "active" and known.status == "left":
        leave_date = row.leave_date
    return known._replace(
        employee_no=number,
        name=row.name,
        department=row.department or known.department,
        email=row.email or known.email,
        phone=row.phone or known.phone,
        hire_date=row.hire_date or known.hire_date,
        leave_date=leave_date,
        status=status,
        extra={**known.extra, **row.extra} if row.extra else known.extra,
    )


def _leave_absent(plan: Plan, directory: Directory, manner: Manner, met: set[int], mentioned: frozenset[str]) -> None:
    for person in directory.active:
        if person.id not in met and person.key not in mentioned:
            plan.left += 1
            plan.absent += 1
            after = person._replace(status="left", leave_date=person.leave_date or manner.today)
            plan.changes.append(Change(person, after, None))


class _Owners:
    """Who has which phone and e-mail, in the directory and in the rows so far."""

    def __init__(self, directory: Directory, manner: Manner) -> None:
        self._known = {"mobile": directory.by_phone, "email": directory.by_email}
        self._rows: dict[str, tuple[str, str]] = {}
        self._columns = manner.columns

    def shared(self, row: Row, known: Known | None) -> list[Problem]:
        """A warning for each of the row's addresses that somebody else has."""
        found = []
        for kind, value in (("mobile", row.phone), ("email", row.email)):
            if value is None:
                continue
            others = [
                person.name for person in self._known[kind].get(value, ()) if known is None or person.id != known.id
            ]
            earlier = self._rows.setdefault(value, (row.key, row.name))
            name = earlier[1] if earlier[0] != row.key else next(iter(others), None)
            if name is not None:
                code = "row_phone_shared" if kind == "mobile" else "row_email_shared"
                column = self._columns.get(kind)
                found.append(Problem(row.number, column, code, value, {"name": name}, level="warning"))
        return found
