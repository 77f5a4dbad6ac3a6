"""The rows a change-set writes, made before any lock is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from welfare_desk.db.models.people import Person
from welfare_desk.domain.people_plan import Change, Known
from welfare_desk.files.spelling import spell
from welfare_desk.security.references import new_reference

T = TypeVar("T")

PARAMETERS = 500
READ_ALL_FROM = 3000
CHANGE_COLUMNS = ("import_id", "person_id", "before", "after")
PERSON_COLUMNS = (
    "id", "reference", "key", "employee_no", "number_key", "name", "pinyin", "department", "email", "phone",
    "hire_date", "leave_date", "status", "extra", "created_at", "updated_at",
)  # fmt: skip
WRITTEN = ("key", "employee_no", "number_key", "name", "pinyin", "department", "email", "phone", "hire_date",
           "leave_date", "status", "extra", "updated_at")  # fmt: skip
UPDATE = (
    update(Person)
    .where(Person.id == bindparam("b_id"), Person.updated_at == bindparam("b_was"))
    .values({name: bindparam(f"b_{name}") for name in WRITTEN})
)


class Prepared(NamedTuple):
    """One person to write: `new` for insertion or `changed` for UPDATE. `moved` is -1 for leaving, 1 for returning."""

    image: tuple[Any, ...]
    new: tuple[Any, ...] | None
    changed: dict[str, Any] | None
    moved: int


def prepare(changes: Sequence[Change], references: Sequence[str], *, import_id: int, at: int) -> list[Prepared]:
    """The rows of all changes. `references` has one for each new person; `at` becomes their `updated_at`."""
    fresh = iter(references)
    return [_new(change.after, next(fresh), import_id, at) if change.before is None
            else _changed(change.before, change.after, import_id, at) for change in changes]  # fmt: skip


def _new(person: Known, reference: str, import_id: int, at: int) -> Prepared:
    extra = json.dumps(person.extra, ensure_ascii=False) if person.extra else "{}"
    row = (
        person.id, reference, person.key, person.employee_no, _number(person), person.name, spell(person.name),
        person.department, person.email, person.phone, person.hire_date, person.leave_date, person.status, extra, at,
        at,
    )  # fmt: skip
    return Prepared((import_id, person.id, None, "{}"), row, None, 0)


def _changed(before: Known, after: Known, import_id: int, at: int) -> Prepared:
    moved = 0 if before.status == after.status else -1 if after.status == "left" else 1
    image = (import_id, after.id, _image(before), _image(after))
    return Prepared(image, None, update_values(after, before.updated_at, at), moved)


def update_values(person: Known, was: int, at: int) -> dict[str, Any]:
    """Parameters of UPDATE: the person as it shall be, if its `updated_at` still is `was`."""
    values = {f"b_{name}": getattr(person, name, None) for name in WRITTEN}
    values.update(b_number_key=_number(person), b_pinyin=spell(person.name), b_updated_at=at, b_id=person.id, b_was=was)
    return values


def free_references(session: Session, *, count: int) -> list[str]:
    """References nobody has yet."""
    found: set[str] = set()
    while len(found) < count:
        fresh = {new_reference() for _ in range(count - len(found))}
        if count >= READ_ALL_FROM:
            fresh.difference_update(session.scalars(select(Person.reference)))
        else:
            for part in parts(sorted(fresh)):
                fresh.difference_update(session.scalars(select(Person.reference).where(Person.reference.in_(part))))
        found |= fresh
    return list(found)


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Slices of as many values as a statement takes well as parameters."""
    for start in range(0, len(values), PARAMETERS):
        yield values[start : start + PARAMETERS]


def _image(person: Known) -> str:
    return json.dumps(person._asdict(), ensure_ascii=False)


def _number(person: Known) -> str | None:
    return person.key[2:] if person.key.startswith("n:") else None
