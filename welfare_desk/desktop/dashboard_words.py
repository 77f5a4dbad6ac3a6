"""The dashboard in words and shapes: what every number says, with its denominator, and nothing it cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce

from welfare_desk.desktop import formats
from welfare_desk.desktop.widgets.chart_drawing import Bar, Dot, Line
from welfare_desk.domain.department_groups import Group
from welfare_desk.domain.figures import PERCENT_FROM, wilson
from welfare_desk.i18n import _, ntext
from welfare_desk.i18n import language as spoken
from welfare_desk.queries.budgets import BudgetRow
from welfare_desk.queries.dashboard import Dashboard
from welfare_desk.queries.reports import ClaimRow, CurvePoint

Figures = tuple[str, str, int, int, int, float | None]
Cells = tuple[str, str, str, str, str, int]
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ROOM_ABOVE = 1.12


@dataclass(frozen=True)
class Tile:
    """A hero number: its name, the number, and out of how many."""

    name: str
    value: str
    note: str


@dataclass(frozen=True)
class Picture:
    """All that page, PDF and PNG show."""

    title: str
    sentence: str
    tiles: tuple[Tile, ...]
    bars: tuple[Bar, ...]
    line: Line
    dots: tuple[Dot, ...]
    overall: float | None
    campaigns: tuple[Cells, ...]
    products: tuple[Cells, ...]
    table: tuple[Figures, ...]


def picture(
    board: Dashboard, budgets: Sequence[BudgetRow], *, title: str, now: int, since: int, until: int
) -> Picture:  # fmt: skip
    """The dashboard of one scope; `since` and `until` bound the curve."""
    return Picture(
        title=title,
        sentence=sentence(board, title, now),
        tiles=tiles(board, budgets),
        bars=bars(board),
        line=line(board.curve, board.total, since=since, until=until),
        dots=tuple(dot(one) for one in board.departments),
        overall=board.total.rate,
        campaigns=tuple(cells(row) for row in board.campaigns),
        products=tuple(cells(row) for row in board.products),
        table=table(board),
    )


def table(board: Dashboard) -> tuple[Figures, ...]:
    """The figures behind the charts: what kind of row, its name, grants, reached, claimed, rate."""
    rows: list[Figures] = []
    for kind, found in ((_("Campaign"), board.campaigns), (_("Product"), board.products)):
        rows += [(kind, row.name, row.grants, row.reached, row.claimed, row.rate) for row in found]
    rows += [(_("Department"), group_name(one), one.grants, one.reached, one.claimed, one.rate)
             for one in board.departments]  # fmt: skip
    return tuple(rows)


def rate_words(claimed: int, reached: int) -> str:
    """A rate as honest as its size: "3 of 4" below ten, no decimals below 200, a dash when nobody was reached."""
    if 0 < reached < PERCENT_FROM:
        return _("{claimed} of {reached}", claimed=claimed, reached=reached)
    return formats.share(claimed, reached)


def sentence(board: Dashboard, title: str, now: int) -> str:
    """What a manager reads in ten seconds."""
    total = board.total
    said = [
        _("{name}: {rate} claimed ({claimed} of {reached} reached)", name=title, claimed=formats.number(total.claimed),
          rate=rate_words(total.claimed, total.reached), reached=formats.number(total.reached))
    ]  # fmt: skip
    if board.closes_at is not None:
        said.append(_left(board.closes_at - now, board.running))
    elif total.grants:
        said.append(_("no campaign is running"))
    if board.troubles:
        said.append(ntext(spoken(), "{n} thing needs attention", "{n} things need attention", board.troubles))
    return _("{parts}.", parts=reduce(lambda first, then: _("{first}, {then}", first=first, then=then), said))


def _left(rest: int, running: int) -> str:
    days, hours = rest // DAY_MS, max(1, rest // HOUR_MS)
    when = ntext(spoken(), "{n} day left", "{n} days left", days) if days else ntext(
        spoken(), "{n} hour left", "{n} hours left", hours)  # fmt: skip
    return when if running == 1 else _("the next of {n} campaigns: {when}", n=running, when=when)


def tile_names() -> tuple[str, ...]:
    """What the five numbers are called."""
    return (_("Claim rate"), _("Not yet claimed"), _("Ending within 48 h"), _("Budget used"), _("Needs attention"))


def tiles(board: Dashboard, budgets: Sequence[BudgetRow]) -> tuple[Tile, ...]:
    """Five numbers with their denominators."""
    total = board.total
    number = formats.number
    used, committed = _money(budgets)
    said = (
        (rate_words(total.claimed, total.reached),
         _("{claimed} of {reached} reached", claimed=number(total.claimed), reached=number(total.reached))),
        (number(total.grants - total.claimed), _("of {n} grants", n=number(total.grants))),
        (number(board.closing), ntext(
            spoken(), "unclaimed; {n} is running", "unclaimed; {n} are running", board.running)),
        (used, committed),
        (number(board.troubles), _("failed or unknown")),
    )  # fmt: skip
    return tuple(Tile(name, value, note) for name, (value, note) in zip(tile_names(), said, strict=True))


def _money(budgets: Sequence[BudgetRow]) -> tuple[str, str]:
    """(used, of how much committed), summed per currency."""
    currencies = sorted({row.currency for row in budgets}) or ["CNY"]
    used, committed = (
        " + ".join(_short(_sum(budgets, code, field), code) for code in currencies)
        for field in ("used_minor", "committed_minor")
    )
    return used, _("of {money} committed", money=committed)


def _short(minor: int, currency: str) -> str:
    """Money without cents where they do not matter."""
    written = formats.money(minor, currency)
    return written[:-3] if minor % 100 == 0 or abs(minor) >= 1_000_000 else written


def _sum(budgets: Sequence[BudgetRow], currency: str, field: str) -> int:
    return sum(int(getattr(row, field)) for row in budgets if row.currency == currency)


def step_names() -> dict[str, str]:
    """The steps of the funnel."""
    return {
        "granted": _("Grants"), "reached": _("Reached"), "claimed": _("Claims"), "delivered": _("Delivered"),
        "redeemed": _("Redeemed"),
    }  # fmt: skip


def bars(board: Dashboard) -> tuple[Bar, ...]:
    """The funnel; what a supplier does not report is unknown."""
    names = step_names()
    whole = max(1, board.total.grants)
    made = []
    for step in board.steps:
        if step.count is None:
            made.append(Bar(names[step.name], None, _("unknown: suppliers do not report it")))
            continue
        lost = "" if not step.lost else f"−{formats.number(step.lost)}"
        made.append(Bar(names[step.name], step.count / whole, formats.number(step.count), lost))
    return tuple(made)


def group_name(one: Group) -> str:
    """A department as the chart names it; the merged rest says how many it stands for."""
    if one.path:
        return one.name
    if not one.merged:
        return _("No department")
    return _("Others ({n})", n=one.merged) if one.merged > 1 else _("Others")


def dot(one: Group) -> Dot:
    """One department with the 95 % interval of its rate."""
    between = wilson(one.claimed, one.reached)
    note = f"{formats.number(one.claimed)}/{formats.number(one.reached)}"
    low, high = (between.low, between.high) if between else (0.0, 0.0)
    return Dot(group_name(one), one.rate, low, high, note)


def cells(row: ClaimRow) -> Cells:
    """A row of the campaign or product table, its id behind."""
    number = formats.number
    return (row.name, number(row.grants), number(row.reached), number(row.claimed),
            rate_words(row.claimed, row.reached), row.id)  # fmt: skip


def line(curve: Sequence[CurvePoint], total: ClaimRow, *, since: int, until: int) -> Line:
    """The claim curve from `since` to `until`; the dashed level is how many were reached."""
    if not curve:
        return Line((), "", (), ())
    start, end = min(since, curve[0].at), max(until, curve[-1].at)
    span, top = max(1, end - start), max(total.reached, curve[-1].claimed, 1) * ROOM_ABOVE
    points = [((point.at - start) / span, point.claimed / top) for point in curve]
    if until > curve[-1].at:
        points.append((1.0, curve[-1].claimed / top))
    return Line(
        points=tuple(points),
        label=_("{n} claimed", n=formats.number(curve[-1].claimed)),
        x_ticks=_time_ticks(start, end),
        y_ticks=tuple((value / top, formats.number(value)) for value in nice_steps(top)),
        target=total.reached / top,
        target_label=_("{n} reached", n=formats.number(total.reached)),
    )


def nice_steps(top: float) -> list[int]:
    """0 and up to four round numbers below `top`."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if top / (size * factor) <= 4:
                return list(range(0, int(top) + 1, size * factor))
        size *= 10


def _time_ticks(start: int, end: int) -> tuple[tuple[float, str], ...]:
    """At most six local dates, or hours when it is a matter of two days."""
    first, last = (datetime.fromtimestamp(at / 1000, UTC).astimezone() for at in (start, end))
    short = end - start <= 2 * DAY_MS
    step = _step(end - start)
    at = first.replace(minute=0, second=0, microsecond=0) if short else first.replace(
        hour=0, minute=0, second=0, microsecond=0)  # fmt: skip
    ticks = []
    while at <= last:
        if at >= first:
            share = (at - first).total_seconds() * 1000 / max(1, end - start)
            ticks.append((share, f"{at:%m-%d %H:%M}" if short else f"{at:%m-%d}"))
        at += step
    return tuple(ticks)


def _step(span: int) -> timedelta:
    hours = next((hours for hours in (1, 2, 6, 12, 24, 48, 120, 168, 336, 744) if span / (hours * HOUR_MS) <= 7), 2208)
    return timedelta(hours=hours)
