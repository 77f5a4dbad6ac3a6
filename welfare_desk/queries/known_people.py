"""The people of the directory that a list can touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.people import Person
from welfare_desk.domain.people_plan import Directory, Known
from welfare_desk.domain.rows import Row

T = TypeVar("T")

AT_ONCE = 500
READ_ALL_FROM = 3000

_COLUMNS = (
    Person.id, Person.key, Person.employee_no, Person.name, Person.department, Person.email, Person.phone,
    Person.hire_date, Person.leave_date, Person.status, Person.extra, Person.updated_at,
)  # fmt: skip


def directory(session: Session, *, rows: Sequence[Row], absent: str = "keep") -> Directory:
    """Everybody with a key, phone or e-mail of the rows; with `absent` left, everybody who is employed too."""
    everybody = len(rows) >= READ_ALL_FROM or absent == "left"
    people = _read(session, None) if everybody else _named(session, rows)
    by_phone: dict[str, list[Known]] = defaultdict(list)
    by_email: dict[str, list[Known]] = defaultdict(list)
    by_key: dict[str, Known] = {}
    for person in people:
        by_key[person.key] = person
        if person.phone:
            by_phone[person.phone].append(person)
        if person.email:
            by_email[person.email].append(person)
    active = [person for person in by_key.values() if person.status == "active"] if absent == "left" else []
    return Directory(by_key, dict(by_phone), dict(by_email), active)


def people_by_id(session: Session, *, ids: Sequence[int]) -> dict[int, Known]:
    """People as change-sets see them, by id."""
    found: dict[int, Known] = {}
    for part in _parts(ids):
        found.update((person.id, person) for person in _read(session, Person.id.in_(part)))
    return found


def _named(session: Session, rows: Sequence[Row]) -> Iterator[Known]:
    seen: set[int] = set()
    for column, values in (
        (Person.key, {row.key for row in rows}),
        (Person.phone, {row.phone for row in rows if row.phone}),
        (Person.email, {row.email for row in rows if row.email}),
    ):
        for part in _parts(sorted(values)):
            for person in _read(session, column.in_(part)):
                if person.id not in seen:
                    seen.add(person.id)
                    yield person


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def _read(session: Session, where: ColumnElement[bool] | None) -> Iterable[Known]:
    statement = select(*_COLUMNS)
    if where is not None:
        statement = statement.where(where)
    return map(Known._make, session.execute(statement.execution_options(yield_per=5000)))
