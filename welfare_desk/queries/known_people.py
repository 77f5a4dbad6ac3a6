"""The people of the directory that a list can touch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.people import Person
from welfare_desk.domain.people_plan import Directory, Known
from welfare_desk.domain.rows import Refusal, Row

T = TypeVar("T")

AT_ONCE = 500
PART = 4000

_COLUMNS = (
    Person.id, Person.key, Person.employee_no, Person.name, Person.department, Person.email, Person.phone,
    Person.hire_date, Person.leave_date, Person.status, Person.extra, Person.updated_at, Person.birthday, Person.site,
    Person.level, Person.tags,
)  # fmt: skip


def directory(
    session: Session, *, rows: Sequence[Row | Refusal] | None = None, report: Callable[[int, int], None] | None = None
) -> Directory:
    """Everybody, or (with `rows`) those with a key, phone or e-mail of the rows.

    `report(done, total)` is called every few thousand people; what it raises ends the reading.
    """
    employed = session.scalar(select(func.count()).select_from(Person).where(Person.status == "active")) or 0
    found = Directory(whole=rows is None, employed=employed)
    if rows is not None:
        found.add(named(session, rows=rows))
        return found
    people = iter(_read(session, None))
    while part := list(islice(people, PART)):
        found.add(part)
        if report is not None:
            report(0, max(1, found.employed))
    return found


def named(session: Session, *, rows: Sequence[Row | Refusal]) -> list[Known]:
    """Everybody with a key, phone or e-mail of some (at most 3,000) rows, or with the name of one that has no key."""
    keys = {row.key for row in rows if row.key}
    phones = {row.phone for row in rows if row.phone}
    emails = {row.email for row in rows if row.email}
    names = {row.name for row in rows if row.name and not row.key}
    pairs = ((Person.key, keys), (Person.phone, phones), (Person.email, emails), (Person.name, names))
    asked = [column.in_(sorted(values)) for column, values in pairs if values]
    return list(_read(session, or_(*asked))) if asked else []


def people_by_id(session: Session, *, ids: Sequence[int]) -> dict[int, Known]:
    """People as change-sets see them, by id."""
    found: dict[int, Known] = {}
    for part in _parts(ids):
        found.update((person.id, person) for person in _read(session, Person.id.in_(part)))
    return found


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def _read(session: Session, where: ColumnElement[bool] | None) -> Iterable[Known]:
    statement = select(*_COLUMNS).order_by(Person.id)
    if where is not None:
        statement = statement.where(where)
    return _lean(session.connection().execute(statement.execution_options(yield_per=PART)))


def _lean(rows: Iterable[Sequence[Any]]) -> Iterator[Known]:
    """People who share the texts that many have: half the memory."""
    same: Callable[[Any, Any], Any] = {}.setdefault
    nothing: dict[str, Any] = {}
    for (
        id_, key, number, name, department, email, phone, hire, leave, status, extra, at, birthday, site, level, tags
    ) in rows:  # fmt: skip
        yield Known(
            id_, key, number, name, same(department, department), email, phone, same(hire, hire), same(leave, leave),
            same(status, status), extra or nothing, same(at, at), same(birthday, birthday), same(site, site),
            same(level, level), same(tags, tags),
        )  # fmt: skip
