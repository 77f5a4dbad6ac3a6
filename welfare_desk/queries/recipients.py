"""Who an audience means: the people of the directory who work here, as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.people import Person
from welfare_desk.domain.people import number_key
from welfare_desk.domain.plans import Audience
from welfare_desk.domain.reviews import Recipient
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries import segments

AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Recipients:
    """`rows` in the order of department and name; `left` were named but left; `not_found` is nobody's number."""

    rows: tuple[Recipient, ...]
    left: int
    not_found: tuple[str, ...]


def recipients(session: Session, *, audience: Audience, today: date | None = None) -> Recipients:
    """The people an audience means on the day `today`, which a segment must know; whoever left is not among them.

    Raises Refused(`plan_segment_unknown`, field `audience`).
    """
    if audience.kind == "people":
        return _named(session, audience.people)
    everybody = _people().where(Person.status == "active")
    if audience.kind == "department":
        everybody = everybody.where(segments.within(audience.department))
    if audience.kind == "segment":
        assert today is not None
        everybody = everybody.where(*segments.conditions(_segment(session, audience.segment).filter, today))
    return Recipients(_sorted(Recipient(*row[:5]) for row in session.execute(everybody)), 0, ())


def stored(session: Session, *, audience: Audience, today: date) -> dict[str, Any]:
    """An audience as a campaign keeps it: of a segment also what it was called and asked for on that day."""
    document = audience.document()
    if audience.kind == "segment":
        found = _segment(session, audience.segment)
        document |= {"name": found.name, "filter": found.filter.document(), "day": today.isoformat()}
    return document


def _segment(session: Session, key: str) -> segments.SegmentRow:
    try:
        return segments.segment(session, key=key)
    except NotFound as error:
        raise Refused("plan_segment_unknown", field="audience", segment=key[:80]) from error


def _people() -> Select[int, str, str | None, str, str | None, str, str | None, str]:
    return select(
        Person.id, Person.name, Person.employee_no, Person.department, Person.email, Person.status, Person.number_key,
        Person.reference,
    )  # fmt: skip


def _sorted(rows: Iterable[Recipient]) -> tuple[Recipient, ...]:
    return tuple(sorted(rows, key=lambda row: (row.department, row.name, row.person_id)))


def _named(session: Session, named: Sequence[str]) -> Recipients:
    numbers = {number_key(text): text for text in named if number_key(text)}
    handles = {reference_key(text): text for text in named if reference_key(text)}
    found: dict[int, Recipient] = {}
    left: set[int] = set()
    met: set[str] = set()
    for row in _rows(session, numbers, handles):
        person_id, *_rest, status, number, reference = row
        met.update(text for text in (numbers.get(number or ""), handles.get(reference)) if text is not None)
        if status == "active":
            found[person_id] = Recipient(*row[:5])
        else:
            left.add(person_id)
    known = {number_key(one) for one in met}
    missing = [text for text in dict.fromkeys(named) if number_key(text) not in known]
    return Recipients(_sorted(found.values()), len(left), tuple(missing))


def _rows(session: Session, numbers: Iterable[str], handles: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    keys = sorted(f"n:{number}" for number in numbers)
    for column, wanted in ((Person.key, keys), (Person.reference, sorted(handles))):
        for start in range(0, len(wanted), AT_ONCE):
            yield from session.execute(_people().where(column.in_(wanted[start : start + AT_ONCE])))


def reference_key(text: str) -> str:
    """A typed reference as stored: upper case, without blanks and dashes, full-width signs folded."""
    return number_key(text).replace("-", "")
