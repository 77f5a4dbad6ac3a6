"""What is asked of a checked list, each a `work(ctx, check, **kw)` for the bench; none runs in the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from welfare_desk.desktop.background import Cancelled, make_way
from welfare_desk.desktop.pages.import_words import problems_by_column
from welfare_desk.files import texts
from welfare_desk.services import import_check


@dataclass(frozen=True, slots=True)
class Landing:
    """Where to look next: the place of a row within a facet, and its cell that needs repair, if any."""

    facet: str
    place: int
    row: Any
    column: int | None


@dataclass(frozen=True, slots=True)
class Mended:
    """A repair, an undo or a redo: the counts it left, and where it leads."""

    facets: dict[str, int]
    landing: Landing | None


@dataclass(frozen=True, slots=True)
class Told:
    """What importing would do now."""

    report: Any
    diff: Any
    facets: dict[str, int]
    absent: str  # what becomes of people who are not in the list: keep or left
    employed: int


def told(_ctx: Any, check: Any) -> Told:
    """What importing would do now."""
    return Told(check.report, check.diff, check.facets, check.manner, check.state.directory.employed)


def page(_ctx: Any, check: Any, *, facet: str, offset: int, limit: int) -> tuple[str, int, Any]:
    """Some rows of a facet, with what was asked."""
    return facet, offset, seen(check, facet, offset, limit)


def opening(_ctx: Any, check: Any, *, facet: str) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The first rows of the list, to size columns by, and the first row of a facet."""
    return seen(check, "all", 0, 60), seen(check, facet, 0, 1)


def seen(check: Any, facet: str, offset: int, limit: int) -> tuple[Any, ...]:
    """Rows with the numbers Excel shows: those of a text count from its headings, wherever they stand."""
    found = tuple(import_check.rows(check, facet=facet, offset=offset, limit=limit))
    above = check.table.header_at - check.table.header_row
    return tuple(_lower(row, above) for row in found) if above else found


def _lower(row: Any, above: int) -> Any:
    if row.number is None:
        return row
    problems = tuple(
        replace(one, row=one.row + above, params={**one.params, "first": one.params["first"] + above})
        if "first" in one.params
        else replace(one, row=one.row + above)
        for one in row.problems
    )
    return replace(row, number=row.number + above, problems=problems)


def offers(_ctx: Any, check: Any, *, pressed: Callable[[], bool]) -> tuple[Any, ...] | None:
    """The repairs that mend many cells at once; None when something more urgent was asked meanwhile."""

    def report(*_progress: Any) -> None:
        make_way()
        if pressed():
            raise Cancelled

    try:
        return tuple(import_check.offers(check, report))
    except Cancelled:
        return None


def mend(ctx: Any, check: Any, *, index: int, column: int, value: str, facet: str, flows: bool) -> Mended:
    """Writes one cell and checks it again; `flows` then looks for the next row to repair."""
    done = import_check.repair(ctx, check, index=index, column=column, value=value)
    still = any(row.index == index and row.facet == "repair" for row in done.rows)
    target = index if still or not flows else import_check.next_problem(check, index)
    return Mended(done.facets, land(check, target, facet))


def undo(ctx: Any, check: Any, *, index: int, facet: str) -> Mended:
    """Takes the last repair back and leads to the row it was in (-1: the first that changed)."""
    return _led(check, import_check.undo(ctx, check), index, facet)


def redo(ctx: Any, check: Any, *, index: int, facet: str) -> Mended:
    """Does a repair again that was taken back."""
    return _led(check, import_check.redo(ctx, check), index, facet)


def to_problem(_ctx: Any, check: Any, *, facet: str, place: int, column: int, way: int) -> Landing | None:
    """The next (way 1) or previous (-1) cell to repair from a cell on: in its row, then in other rows, and round."""
    here = seen(check, facet, place, 1) if place >= 0 else ()
    wrong = [at for at in errors(check.table.columns, here[0]) if (at - column) * way > 0] if here else []
    if wrong:
        return Landing(facet, place, here[0], min(wrong) if way > 0 else max(wrong))
    index = here[0].index if here else None
    target = import_check.next_problem(check, index) if way > 0 else _before(check, index)
    return land(check, target, facet, way)


def _before(check: Any, index: int | None) -> int | None:
    """The row to repair before a row; before the first comes the last."""
    count = import_check.count(check, "repair")
    if not count:
        return None
    here = None if index is None else import_check.place(check, "repair", index)
    if here is None:
        after = import_check.next_problem(check, index)
        here = 0 if after is None else import_check.place(check, "repair", after) or 0
    return import_check.rows(check, facet="repair", offset=(here - 1) % count, limit=1)[0].index


def land(check: Any, index: int | None, facet: str, way: int = 1) -> Landing | None:
    """Where a row stands: in this facet, else among those to repair, else among all."""
    if index is None:
        return None
    for name in (facet, "repair", "all"):
        at = import_check.place(check, name, index)
        if at is not None:
            (row,) = seen(check, name, at, 1)
            wrong = errors(check.table.columns, row)
            return Landing(name, at, row, (min(wrong) if way > 0 else max(wrong)) if wrong else None)
    return None


def errors(headers: Sequence[str], row: Any) -> list[int]:
    """The columns of a row that keep it out; the first stands for a trouble with the whole row."""
    wrong = problems_by_column(headers, row.problems)
    return [max(column, 0) for column, problem in wrong.items() if problem.level == "error"]


def _led(check: Any, done: Any, index: int, facet: str) -> Mended:
    first = done.rows[0].index if done.rows else None
    return Mended(done.facets, land(check, index if index >= 0 else first, facet))


def repair_all(ctx: Any, report: Any, *, check: Any, offer: Any) -> tuple[dict[str, int], bool]:
    """A job: mends every cell an offer names; the counts it left, and whether there was anything to mend."""
    steps = len(check.done)
    done = import_check.repair_all(ctx, check, kind=offer.kind, column=offer.column, report=report)
    return dict(done.facets), len(check.done) > steps


def paste(ctx: Any, report: Any, *, check: Any, facet: str, place: int, column: int, text: str) -> Mended:
    """A job: writes copied cells from a cell on, and leads to the first of them."""
    block = texts.copied_block(text)
    first = seen(check, facet, place, 1)
    done = import_check.repair_block(
        ctx, check, facet=facet, place=place, column=column, block=block, report=report
    )  # fmt: skip
    return _led(check, done, first[0].index if first else -1, facet)


def switch_absent(ctx: Any, report: Any, *, check: Any, absent: str) -> Told:
    """A job: what happens to people who are not in the list: keep or left."""
    import_check.switch(ctx, check, absent=absent, report=report)
    return told(ctx, check)


def named_people(check: Any, column: int) -> tuple[str, ...]:
    """The employee numbers of the rows that can be imported; none when the list has no such column."""
    if column < 0:
        return ()
    found: dict[str, None] = {}
    offset, step = 0, 2000
    while rows := import_check.rows(check, facet="ready", offset=offset, limit=step):
        found.update((row.cells[column], None) for row in rows if row.index is not None and column < len(row.cells))
        offset += step
    return tuple(number for number in found if number)
