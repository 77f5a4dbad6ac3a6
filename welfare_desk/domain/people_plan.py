"""What a list would do to the people already known: whom a row means, and what that person is afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from welfare_desk.domain.rows import Refusal, Row


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


class Change(NamedTuple):
    """A known person to write otherwise. `row` None is somebody absent from the list."""

    before: Known
    after: Known
    row: int | None


class FieldChange(NamedTuple):
    """One field of a person who is known: texts, `""` for none. `field` is that of `Known`, or a key of `extra`."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class Directory:
    """The known people a list can touch. `whole`: everybody is here; `employed`: how many are active altogether."""

    by_key: dict[str, Known] = field(default_factory=dict)
    by_phone: dict[str, tuple[Known, ...]] = field(default_factory=dict)
    by_email: dict[str, tuple[Known, ...]] = field(default_factory=dict)
    whole: bool = True
    employed: int = 0
    _by_name: dict[str, list[Known]] | None = None

    def add(self, people: Iterable[Known]) -> None:
        """Takes in people; those who are here already are passed over."""
        by_key, by_phone, by_email = self.by_key, self.by_phone, self.by_email
        self._by_name = None
        for person in people:
            if person.key in by_key:
                continue
            by_key[person.key] = person
            if person.phone:
                by_phone[person.phone] = (*by_phone.get(person.phone, ()), person)
            if person.email:
                by_email[person.email] = (*by_email.get(person.email, ()), person)

    def active(self) -> Iterator[Known]:
        """Those who are employed."""
        return (person for person in self.by_key.values() if person.status == "active")

    def meant(self, row: Row) -> tuple[Known | None, Sequence[Known]]:
        """(the person a row means, several when it cannot be told): by number alone, else by phone, else by e-mail."""
        known = self.by_key.get(row.key)
        if known is not None or row.key.startswith("n:"):
            return known, ()
        found = self.by_phone if row.key.startswith("p:") else self.by_email
        people = found.get(row.key[2:], ())
        return (people[0], ()) if len(people) == 1 else (None, people)

    def mentioned(self, row: Refusal) -> Sequence[Known]:
        """Whom a refused row may mean: by its key; where that cannot be read, by phone, e-mail or name.

        None of them is absent from the list.
        """
        if row.key:
            known = self.by_key.get(row.key)
            return (known,) if known is not None else ()
        found = (self.by_phone.get(row.phone, ()), self.by_email.get(row.email, ()), self._named(row.name))
        return tuple({person.id: person for people in found for person in people}.values())

    def _named(self, name: str) -> Sequence[Known]:
        if self._by_name is None and name:
            self._by_name = {}
            for person in self.by_key.values():
                self._by_name.setdefault(person.name, []).append(person)
        return (self._by_name or {}).get(name, ())

    def others(self, row: Row, known: Known | None) -> tuple[Known | None, Known | None]:
        """Somebody else with the row's phone, and with its e-mail."""
        mine = known.id if known is not None else 0
        phones = self.by_phone.get(row.phone, ()) if row.phone else ()
        emails = self.by_email.get(row.email, ()) if row.email else ()
        return (
            next((person for person in phones if person.id != mine), None),
            next((person for person in emails if person.id != mine), None),
        )


@dataclass(frozen=True, slots=True)
class Manner:
    """How a list is taken. `absent`: keep or left. `today`: ISO."""

    absent: str
    today: str


NOBODY = Known(0, "", None, "", "", None, None, None, None, "active", {}, 0)


def merged(row: Row, known: Known, manner: Manner) -> Known:
    """The person after the row: what the row does not say stays; a number keeps its leading zeros.

    With `absent` left, being listed means being employed.
    """
    number = row.employee_no
    if number is None or len(known.employee_no or "") >= len(number):
        number = known.employee_no
    status = row.status or ("active" if manner.absent == "left" else known.status)
    leave_date = row.leave_date or known.leave_date
    if status == "left" and known.status == "active":
        leave_date = row.leave_date or manner.today
    elif status == "active" and known.status == "left":
        leave_date = row.leave_date
    return Known(
        known.id, known.key, number, row.name, row.department or known.department, row.email or known.email,
        row.phone or known.phone, row.hire_date or known.hire_date, leave_date, status,
        {**known.extra, **row.extra} if row.extra else known.extra, known.updated_at, row.birthday or known.birthday,
        row.site or known.site, row.level or known.level, row.tags or known.tags,
    )  # fmt: skip


def leaver(person: Known, manner: Manner) -> Known:
    """Somebody employed whom the list does not name, as left."""
    return person._replace(status="left", leave_date=person.leave_date or manner.today)


def changed(before: Known, after: Known) -> list[str]:
    """The fields that differ: names of `Known`, or keys of `extra`."""
    names = [name for name, old, new in zip(Known._fields, before, after, strict=True) if old != new]
    if before.extra is after.extra:
        return names
    extras = [name for name, new in after.extra.items() if before.extra.get(name) != new]
    return [name for name in names if name != "extra"] + extras


def differences(before: Known, after: Known) -> tuple[FieldChange, ...]:
    """Field by field, what becomes of a person."""
    old, new = ({**person.extra, **person._asdict()} for person in (before, after))
    return tuple(
        FieldChange(name, str(old.get(name) or "").strip(","), str(new.get(name) or "").strip(","))
        for name in changed(before, after)
    )
