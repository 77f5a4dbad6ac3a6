"""The check of a list of people: what importing it would do, filtered, repaired and compared before it is written.

A `Check` is state with a life: one caller at a time. Nothing here writes to the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.domain import repairs
from welfare_desk.domain import rows as reading
from welfare_desk.domain.checking import (
    Checking,
)
from welfare_desk.domain.people_plan import Directory, Manner
from welfare_desk.domain.problems import Problem
from welfare_desk.domain.segments import today
from welfare_desk.errors import Refused
from welfare_desk.files import columns
from welfare_desk.files.pauses import no_collections
from welfare_desk.files.tables import Table
from welfare_desk.queries import import_mappings, known_people
from welfare_desk.services import import_ahead, import_shown
from welfare_desk.services.import_session import (
    FACETS,
    PATTERNS,
    REFUSED,
    STOPS,
    Check,
    Diff,
    ImportReport,
    Repaired,
    Step,
    count,
)
from welfare_desk.services.import_shown import CheckRow
from welfare_desk.services.turns import Report, silent

__all__ = [
    "FACETS",
    "Check",
    "CheckRow",
    "Diff",
    "ImportReport",
    "Repaired",
    "check_list",
    "count",
    "guess",
    "next_problem",
    "offers",
    "place",
    "redo",
    "refused",
    "repair",
    "repair_all",
    "repair_block",
    "row",
    "rows",
    "skipped",
    "switch",
    "undo",
]
READ_ALL_FROM = 3000
ROWS_TOUCHED = 200


def guess(ctx: AppContext | None, table: Table) -> dict[int, columns.Match]:
    """What each column is: as remembered of a list with this header, else as its header or its values tell.

    Sensitive and ignored columns begin with `_`, columns left out are `""`.
    """
    header = columns.fingerprint(table.columns)
    kept = ctx.read(import_mappings.remembered, fingerprint=header) if ctx is not None else None
    return columns.map_columns(table.columns, table.rows, kept=kept)


@no_collections()
def check_list(
    ctx: AppContext, table: Table, *, mapping: Mapping[int, str] | None = None, absent: str = "keep",
    report: Report = silent,
) -> Check:  # fmt: skip
    """What importing the table would do. `mapping` is column index to field (None: as guessed); writes nothing.

    `report(done, total)` is called at least every 100 ms of work; what it raises ends the check.
    Raises Refused: table_no_rows, table_one_column, people_no_name, people_no_key, field_twice.
    """
    given = {index: match.field for index, match in guess(ctx, table).items()} if mapping is None else mapping
    used = import_ahead.used(given)
    _refuse_unusable(table, used)
    day = today(ctx.clock.now())
    state = Checking(table, used, import_ahead.words(day), Directory(), Manner(absent, day.isoformat()))
    state.ahead = table.ahead
    state.directory = _directory(ctx, state, report)
    state.read(report)
    return Check(table, used, state, import_shown.sensitive(table, used))


def _directory(ctx: AppContext, state: Checking, report: Report) -> Directory:
    """Everybody; for a short list those it can touch."""
    total = len(state.listing.rows)
    if total >= READ_ALL_FROM or state.manner.absent == "left":
        return ctx.read(known_people.directory, report=report)
    state.learn_habits(report)
    return ctx.read(known_people.directory, rows=reading.read_rows(state.reading, state.listing.rows[:], 0))


def _refuse_unusable(table: Table, used: Mapping[int, str]) -> None:
    names = ", ".join(table.columns[:20])
    if len(table.columns) < 2:
        raise Refused("table_one_column", field="file", name=table.name, column=names[:40])
    for name in set(used.values()):
        if list(used.values()).count(name) > 1:
            raise Refused("field_twice", field="map", field_name=name)
    missing = reading.missing(set(used.values()))
    if missing == "people_no_name":
        raise Refused("people_no_name", field="name", name=table.name, columns=names)
    if missing == "people_no_key":
        raise Refused("people_no_key", field="employee_no", name=table.name, columns=names)
    if not table.rows:
        raise Refused("table_no_rows", field="file", name=table.name)


def rows(check: Check, *, facet: str = "all", offset: int = 0, limit: int = 200) -> tuple[CheckRow, ...]:
    """A page of the rows of a facet, in the order of the list; people absent come last, without index."""
    return import_shown.page(check.state, check.sensitive, PATTERNS[facet], offset, limit, absent=facet == "leave")


def row(check: Check, index: int) -> CheckRow:
    """One row of the list."""
    return import_shown.shown(check.state, check.sensitive, index)


def place(check: Check, facet: str, index: int) -> int | None:
    """Where row `index` stands within a facet, counted from 0; None when it is not in it."""
    pattern, states = PATTERNS[facet], check.state.states
    return len(pattern.findall(states, 0, index)) if pattern.match(states, index) else None


def next_problem(check: Check, after: int | None) -> int | None:
    """The row that needs repair next after `after`, from the top again after the last; None when all are well."""
    found = next(check.state.find(STOPS, 0 if after is None else after + 1), None)
    return next(check.state.find(STOPS), None) if found is None and after is not None else found


def skipped(check: Check) -> list[int]:
    """The numbers of rows that are skipped though something stands in them: totals, notes, samples, people gone."""
    state = check.state
    return [state.listing.row_number(at) for at in state.find(PATTERNS["skipped"])
            if any(cell not in (None, "") for cell in state.raw(at))]  # fmt: skip


def refused(check: Check, report: Report = silent) -> Iterator[tuple[list[Any], tuple[Problem, ...]]]:
    """Every row that stays out because of an error: its cells as repaired, and why."""
    total = len(REFUSED.findall(check.state.states))
    for done, index in enumerate(check.state.find(REFUSED)):
        if done % 100 == 0:
            report(done, total)
        yield check.state.raw(index), import_shown.problems(check.state, index)


@no_collections()
def repair(ctx: AppContext, check: Check, *, index: int, column: int, value: str) -> Repaired:
    """Takes one cell as repaired by hand."""
    before = check.state.raw(index)
    after = [*before, *[None] * (column + 1 - len(before))]
    after[column] = value
    return _do(ctx, check, Step({index: before}, {index: after}))


@no_collections()
def repair_block(
    ctx: AppContext, check: Check, *, facet: str, place: int, column: int, block: Sequence[Sequence[str]],
    report: Report = silent,
) -> Repaired:  # fmt: skip
    """Takes copied cells from a cell of a facet to the right and down, as one step.

    Raises Refused(`block_beyond`) when they reach beyond the list; nothing is changed then.
    """
    indices = list(islice(check.state.find(PATTERNS[facet], 0), place, place + len(block)))
    width, room = max(map(len, block), default=0), len(check.table.columns) - column
    if len(indices) < len(block) or width > room:
        raise Refused("block_beyond", rows=len(block), columns=width, down=len(indices), right=room)
    before = {index: check.state.raw(index) for index in indices}
    after = {
        index: [*cells[:column], *[None] * (column - len(cells)), *new, *cells[column + len(new) :]]
        for (index, cells), new in zip(before.items(), block, strict=True)
    }
    return _do(ctx, check, Step(before, after), report)


@no_collections()
def repair_all(ctx: AppContext, check: Check, *, kind: str, column: int, report: Report = silent) -> Repaired:
    """Repairs every cell of a column that a one-click repair mends (see `offers`), as one step."""
    mended = repairs.mended(check.state, kind, column, report)
    before = {index: check.state.raw(index) for index in mended}
    after = {index: [*cells[:column], mended[index], *cells[column + 1 :]] for index, cells in before.items()}
    return _do(ctx, check, Step(before, after), report)


def offers(check: Check, report: Report = silent) -> tuple[repairs.Offer, ...]:
    """The one-click repairs that would mend something now."""
    return repairs.offers(check.state, report)


@no_collections()
def undo(ctx: AppContext, check: Check) -> Repaired:
    """Takes back the last repair; nothing when there is none."""
    if not check.done:
        return _repaired(check, ())
    step = check.done[-1]
    done = _replace(ctx, check, step.before, silent)
    check.undone.append(check.done.pop())
    return done


@no_collections()
def redo(ctx: AppContext, check: Check) -> Repaired:
    """Repairs again what was taken back last; nothing when there is nothing."""
    if not check.undone:
        return _repaired(check, ())
    step = check.undone[-1]
    done = _replace(ctx, check, step.after, silent)
    check.done.append(check.undone.pop())
    return done


@no_collections()
def switch(ctx: AppContext, check: Check, *, absent: str, report: Report = silent) -> Repaired:
    """What becomes of people who are not in the list: keep or left. The file is not read again."""
    state = check.state
    if absent == "left" and not state.directory.whole:
        state.directory = ctx.read(known_people.directory, report=report)
    if absent != state.manner.absent:
        was = state.manner
        state.manner = Manner(absent, was.today)
        try:
            state.read(report)
        except BaseException:
            state.manner = was
            raise
    return _repaired(check, ())


def _do(ctx: AppContext, check: Check, step: Step, report: Report = silent) -> Repaired:
    if not step.after:
        return _repaired(check, ())
    done = _replace(ctx, check, step.after, report)
    check.done.append(step)
    check.undone.clear()
    return done


def _replace(ctx: AppContext, check: Check, edits: dict[int, list[Any]], report: Report) -> Repaired:
    state = check.state
    if not state.directory.whole:
        said = [row for index, cells in edits.items() for row in reading.read_rows(state.reading, [cells], index)]
        state.directory.add(ctx.read(known_people.named, rows=said))
    return _repaired(check, sorted(state.replace(edits, report))[:ROWS_TOUCHED])


def _repaired(check: Check, touched: Sequence[int]) -> Repaired:
    return Repaired(tuple(row(check, index) for index in touched), check.report, check.facets)
