"""Segments: what a filter over people means to the database, saved filters with live counts, and what can be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from welfare_desk.db.models.people import Person, Segment
from welfare_desk.domain.departments import JOINT
from welfare_desk.domain.segments import Filter, read_filter
from welfare_desk.errors import NotFound

CHOICES = 500


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One saved filter; `people` is how many it means today, None where nobody counted."""

    key: str
    name: str
    filter: Filter
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """How many people work here, how many have left, and the segments by name with their counts."""

    active: int
    left: int
    segments: tuple[SegmentRow, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What people have, the most frequent first: the values a filter can ask for."""

    sites: tuple[str, ...]
    levels: tuple[str, ...]
    tags: tuple[str, ...]


def conditions(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    """What must hold for a person who is meant on the day `today`."""
    found: list[ColumnElement[bool]] = []
    if wanted.status != "any":
        found.append(Person.status == wanted.status)
    if wanted.department:
        found.append(within(wanted.department))
    first, last = wanted.hired_between(today)
    if first:
        found.append(Person.hire_date >= first)
    if last:
        found.append(Person.hire_date <= last)
    month = wanted.month(today)
    if month:  # MM-DD at the end, with or without a year before it
        found.append(func.substr(Person.birthday, func.length(Person.birthday) - 4, 2) == month)
    if wanted.sites:
        found.append(Person.site.in_(wanted.sites))
    if wanted.levels:
        found.append(Person.level.in_(wanted.levels))
    if wanted.tags:
        found.append(or_(*(_tagged(tag) for tag in wanted.tags)))
    return found


def within(department: str) -> ColumnElement[bool]:
    """The department itself and all below it."""
    below = func.substr(Person.department, 1, len(department) + 1) == department + JOINT
    return or_(Person.department == department, below)


def _tagged(tag: str) -> ColumnElement[bool]:
    """LIKE folds case on SQLite alone; taking the tag out does not, on either database."""
    return func.replace(Person.tags, f",{tag},", "") != Person.tags


def segments(session: Session, *, today: date) -> tuple[SegmentRow, ...]:
    """Every segment by name with how many people it means on the day `today`."""
    return overview(session, today=today).segments


def overview(session: Session, *, today: date) -> Overview:
    """Who works here, who left, and every segment, all counted in one look at everybody."""
    saved = named(session)
    filters = [Filter(), Filter(status="left"), *(row.filter for row in saved)]
    counts = [func.count().filter(and_(true(), *conditions(wanted, today))) for wanted in filters]
    labelled = [count.label(f"count_{at}") for at, count in enumerate(counts)]
    active, left, *counted = (int(people) for people in session.execute(select(*labelled).select_from(Person)).one())
    rows = (SegmentRow(row.key, row.name, row.filter, people) for row, people in zip(saved, counted, strict=True))
    return Overview(active, left, tuple(rows))


def named(session: Session) -> tuple[SegmentRow, ...]:
    """Every segment by name, not counted."""
    rows = session.execute(select(Segment.key, Segment.name, Segment.filter).order_by(Segment.name, Segment.key))
    return tuple(SegmentRow(key, name, read_filter(document)) for key, name, document in rows)


def segment(session: Session, *, key: str) -> SegmentRow:
    """One segment, not counted. Raises NotFound(`segment_unknown`)."""
    row = session.scalars(select(Segment).where(Segment.key == key)).one_or_none()
    if row is None:
        raise NotFound("segment_unknown", field="segment", segment=key[:80])
    return SegmentRow(row.key, row.name, read_filter(row.filter))


def choices(session: Session) -> Choices:
    """The sites, levels and tags that people have."""
    tags: Counter[str] = Counter()
    for joined, people in session.execute(select(Person.tags, func.count()).group_by(Person.tags)):
        for tag in filter(None, joined.split(",")):
            tags[tag] += people
    return Choices(_values(session, Person.site), _values(session, Person.level), _most(tags))


def _values(session: Session, column: Any) -> tuple[str, ...]:
    counted = select(column, func.count()).where(column.is_not(None)).group_by(column)
    return _most(Counter({value: people for value, people in session.execute(counted) if value}))


def _most(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(value for value, _people in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:CHOICES])
