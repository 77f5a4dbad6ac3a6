"""Rows of a check as they are shown: cells, what became of the row, and in words what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from welfare_desk.domain import people_plan, rows
from welfare_desk.domain.checking import Checking
from welfare_desk.domain.facts import (
    CHANGE,
    DUPLICATE,
    JOIN,
    LEAVE,
    OTHERS,
    REJECTED,
    RENAMED,
    SAME,
    SEVERAL,
    SHARED,
    SKIPPED,
    STATE,
    STILL_LEFT,
    STRANGER,
    Facts,
)
from welfare_desk.domain.fields import LEVELS, NAMES, SENSITIVE, STATES
from welfare_desk.domain.people_plan import FieldChange, Known
from welfare_desk.domain.problems import Problem
from welfare_desk.domain.rows import Refusal, Row
from welfare_desk.files import columns
from welfare_desk.files.tables import Table
from welfare_desk.security.masking import mask_account

FACET = {
    SKIPPED: "skipped", STRANGER: "skipped", REJECTED: "repair", SEVERAL: "repair",
    DUPLICATE: "duplicate", JOIN: "join", CHANGE: "change", SAME: "same",
    LEAVE: "leave",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One row of a check; `index` and `number` are None for somebody absent from the list.

    `cells` are texts in the order of the table's columns, sensitive ones masked; `stored` are those of somebody new as
    the directory would have them. `facet` is repair, duplicate, join,
    change, same, leave or skipped.
    """

    index: int | None
    number: int | None
    cells: tuple[str, ...]
    facet: str
    problems: tuple[Problem, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    stored: tuple[str, ...] = ()


def sensitive(table: Table, mapping: Mapping[int, str]) -> frozenset[int]:
    """Columns whose values are never shown whole."""
    found = {index for index, kind in mapping.items() if kind in SENSITIVE}
    for index, header in enumerate(table.columns):
        match = columns.recognise(header)
        if match is not None and match.field.startswith("_sensitive"):
            found.add(index)
    return frozenset(found)


def page(
    state: Checking, masked: frozenset[int], pattern: re.Pattern[bytes], offset: int, limit: int, *, absent: bool
) -> tuple[CheckRow, ...]:
    """Rows that match a pattern, and people absent after them if they are asked for and are to be left."""
    indices = list(islice(state.find(pattern), offset, offset + limit))
    found = [shown(state, masked, index) for index in indices]
    if absent and state.manner.absent == "left" and len(found) < limit:
        before = offset if found else sum(1 for _index in state.find(pattern))
        skipped = max(0, offset - before)
        found += islice(_absentees(state), skipped, skipped + limit - len(found))
    return tuple(found)


def shown(state: Checking, masked: frozenset[int], index: int) -> CheckRow:
    """One row."""
    cells = _cells(state.raw(index), len(state.listing.columns), masked)
    kind = state.states[index] & STATE
    facts = state.facts(index)
    changes = state.changes(facts) if kind in (CHANGE, LEAVE) else ()
    changes = tuple(_masked(change) if change.field in SENSITIVE else change for change in changes)
    stored = _stored(facts.row, cells, state.mapping) if kind == JOIN and isinstance(facts.row, Row) else ()
    return CheckRow(
        index, state.listing.row_number(index), cells, FACET[kind], _problems(state, index, facts), changes, stored
    )


def problems(state: Checking, index: int) -> tuple[Problem, ...]:
    """What is wrong with a row, or should be looked at."""
    return _problems(state, index, state.facts(index))


def _cells(raw: list[object], width: int, masked: frozenset[int]) -> tuple[str, ...]:
    texts = [rows.shown(raw, column) or "" for column in range(width)]
    return tuple(mask_account(text) if text and at in masked else text for at, text in enumerate(texts))


def _masked(change: FieldChange) -> FieldChange:
    before, after = (mask_account(text) if text else "" for text in (change.before, change.after))
    return FieldChange(change.field, before, after)


def _absentees(state: Checking) -> Iterator[CheckRow]:
    for person in state.absentees():
        after = people_plan.leaver(person, state.manner)
        cells = tuple(_said_of(person, state.mapping.get(column)) for column in range(len(state.listing.columns)))
        yield CheckRow(None, None, cells, "leave", (), people_plan.differences(person, after))


def _stored(row: Row, cells: tuple[str, ...], mapping: Mapping[int, str]) -> tuple[str, ...]:
    """What becomes of somebody new, column by column; words for the status and levels of departments as written."""
    found = zip((mapping.get(at, "") for at in range(len(cells))), cells, strict=True)
    return tuple(cell if kind in (*STATES, *LEVELS) else _said_of(row, kind) for kind, cell in found)


def _said_of(person: Known | Row, kind: str | None) -> str:
    """What a list would say of somebody in a column."""
    extra = person.extra or {}
    name = {"mobile": "phone", "last_name": "name"}.get(kind or "", kind or "")
    if name in SENSITIVE:
        return mask_account(str(extra.get(name, ""))) if extra.get(name) else ""
    value = getattr(person, name, None) if name in Known._fields and name != "extra" else extra.get(name)
    return str(value or "").strip(",")


def _problems(state: Checking, index: int, facts: Facts) -> tuple[Problem, ...]:
    kind, row = state.states[index], facts.row
    if isinstance(row, Refusal):
        return row.problems
    if kind & STATE == DUPLICATE:
        return (_duplicate(state, facts, row),)
    if kind & STATE == SEVERAL:
        return (Problem(row.number, _header(state, state.reading.key_field), "row_several", row.key[2:]),)
    found = []
    if kind & STILL_LEFT:
        found.append(Problem(row.number, _header(state, *NAMES), "row_still_left", row.name, level="warning"))
    if kind & RENAMED and facts.known is not None:
        params = {"name": facts.known.name}
        found.append(Problem(row.number, _header(state, *NAMES), "row_renamed", row.name, params, level="warning"))
    if kind & (OTHERS | SHARED):
        found += _shared(state, index, facts, row)
    return tuple(found)


def _duplicate(state: Checking, facts: Facts, row: Row) -> Problem:
    first = state.head(facts)
    value = row.key.partition(":")[2] if row.employee_no is None else row.employee_no
    params = {"first": state.listing.row_number(first if first is not None else 0)}
    return Problem(row.number, _header(state, state.reading.key_field), "row_duplicate", value, params)


def _shared(state: Checking, index: int, facts: Facts, row: Row) -> Iterator[Problem]:
    """A warning for each of the row's addresses that somebody else has."""
    others = state.directory.others(row, facts.known)
    kinds = (("mobile", row.phone, "row_phone_shared"), ("email", row.email, "row_email_shared"))
    for (kind, value, code), other in zip(kinds, others, strict=True):
        if value is None:
            continue
        earlier = state.sharer(value)
        name = other.name if other is not None else None
        if earlier is not None and earlier != index:
            first = state.row(earlier)
            name = first.name if isinstance(first, Row) else name
        if name is not None:
            yield Problem(row.number, _header(state, kind), code, value, {"name": name}, level="warning")


def _header(state: Checking, *kinds: str) -> str | None:
    """The header of the first of these fields that the list has."""
    for kind in kinds:
        for index, name in state.mapping.items():
            if name == kind:
                return state.listing.columns[index]
    return None
