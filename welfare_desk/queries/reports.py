"""The figures every screen, command and export shares: claim rates, funnel, claim curve, stock and money in use.

The claim rate is claimed ÷ reached, None when nobody was reached. Figures come from rollups, keyed by the department
and product of launch and the campaign's local day, so they do not move when people do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, literal, or_, select, text
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.claims import Claim, Fulfilment, Rollup
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.figures import day_of, rate

DIMENSIONS = ("department", "product", "channel", "day", "campaign")
UNFINISHED = text("fulfilment.state IN ('crediting','failed','unknown')")  # as ix_fulfilment_unfinished says it
NOT_REACHED = "none"
MESSAGE_STATES = ("queued", "sending", "sent", "failed", "skipped")
CURVE_STEPS_MS = (900_000, 3_600_000, 21_600_000, 86_400_000)
CURVE_POINTS = 700


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is about: one campaign, a department with all below it, one product; nothing means everything."""

    campaign_id: int | None = None
    department: str = ""
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One line of a claim report. `key` is what scripts call it, `name` what people do; `id` of campaign or product.

    By day, `rate` is that of all claims and reached grants up to the end of the day.
    """

    key: str
    name: str
    grants: int
    reached: int
    claimed: int
    rate: float | None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Claims:
    """A claim report: its rows in order of the key, and their sum."""

    by: str
    rows: tuple[ClaimRow, ...]
    total: ClaimRow


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel; `count` None means that no channel can tell. `lost`: against the last known step."""

    name: str
    count: int | None
    lost: int | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """At the instant `at` (epoch milliseconds) `claimed` grants had been claimed."""

    at: int
    claimed: int


def claim_rates(session: Session, *, by: str, scope: Scope = Scope()) -> Claims:
    """Grants, reached, claimed and rate by department, product, channel, day or campaign."""
    found = _by_channel(session, scope) if by == "channel" else _summed(session, by, scope)
    rows = _NAMED[by](session, found)
    whole = [sum(row[at] for row in found.values()) for at in range(3)]
    return Claims(by, rows, _row("", "", whole))


def totals(session: Session, *, scope: Scope = Scope()) -> ClaimRow:
    """Grants, reached, claimed and rate of a scope."""
    return claim_rates(session, by="campaign", scope=scope).total


def funnel(session: Session, *, scope: Scope = Scope()) -> tuple[Step, ...]:
    """granted → reached → claimed → delivered → redeemed. Delivered: every code shown, every top-up credited."""
    total = totals(session, scope=scope)
    unfinished = select(func.count(Fulfilment.grant_id.distinct())).where(UNFINISHED)
    delivered = total.claimed - int(session.execute(_of_grants(unfinished, Fulfilment, scope)).scalar_one())
    counts = (
        ("granted", total.grants),
        ("reached", total.reached),
        ("claimed", total.claimed),
        ("delivered", delivered),
    )
    steps, before = [], None
    for name, count in counts:
        steps.append(Step(name, count, None if before is None else max(0, before - count)))
        before = count
    return (*steps, Step("redeemed", None, None))


def messages(session: Session, *, scope: Scope = Scope()) -> dict[str, dict[str, int]]:
    """channel → state → number of messages of a scope."""
    rows = select(Message.channel, Message.state, func.count()).group_by(Message.channel, Message.state)
    if scope.department or scope.product_id is not None:
        rows = rows.join(Grant, Grant.id == Message.grant_id).where(*grants_in(scope))
    elif scope.campaign_id is not None:
        rows = rows.where(Message.campaign_id == scope.campaign_id)
    found: dict[str, dict[str, int]] = {}
    for channel, state, count in session.execute(rows):
        found.setdefault(channel, dict.fromkeys(MESSAGE_STATES, 0))[state] = int(count)
    return found


def curve(session: Session, *, scope: Scope = Scope()) -> tuple[CurvePoint, ...]:
    """Cumulative claims over time, per quarter of an hour or coarser."""
    at, value, where = _moments(scope)
    ends = session.execute(select(func.min(at), func.max(at)).where(*where)).all()[0]
    first, last = ends[0] or 0, ends[1] or 0
    if not last:
        return ()
    step = next((step for step in CURVE_STEPS_MS if (last - first) // step <= CURVE_POINTS), CURVE_STEPS_MS[-1])
    start = at - at % step
    rows = session.execute(select(start, func.sum(value)).where(*where).group_by(start).order_by(start))
    return _cumulated([(int(row[0]) + step, int(row[1])) for row in rows], int(first - first % step))


def _moments(scope: Scope) -> tuple[SQLColumnExpression[int], SQLColumnExpression[int], list[ColumnElement[bool]]]:
    """(instant, how many, where): rollups know no department within a day, so that is counted from the claims."""
    if not scope.department:
        return Rollup.bucket, Rollup.value, _where(scope, "curve")
    return Claim.at, literal(1), [Claim.grant_id == Grant.id, *grants_in(scope)]


def _cumulated(ends: list[tuple[int, int]], first: int) -> tuple[CurvePoint, ...]:
    points, claimed = [CurvePoint(first, 0)], 0
    for at, value in ends:
        claimed += value
        points.append(CurvePoint(at, claimed))
    return tuple(points)


# ---- where the numbers come from


Sums = dict[Any, list[int]]
FIGURES = ("grants", "reached", "claimed")
_COLUMN: dict[str, SQLColumnExpression[Any]] = {
    "department": Rollup.department,
    "product": Rollup.product_id,
    "day": Rollup.bucket,
    "campaign": Rollup.campaign_id,
}


def _summed(session: Session, by: str, scope: Scope) -> Sums:
    column = _COLUMN[by]
    rows = select(column, Rollup.figure, func.sum(Rollup.value)).where(*_where(scope, *FIGURES))
    sums: Sums = {}
    for key, figure, value in session.execute(rows.group_by(column, Rollup.figure)):
        sums.setdefault(key, [0, 0, 0])[FIGURES.index(figure)] = int(value)
    return sums


def _by_channel(session: Session, scope: Scope) -> Sums:
    """Counted from the grants: a channel is how a grant was first reached."""
    channel = func.coalesce(Grant.reached_by, NOT_REACHED)
    rows = select(channel, func.count(), func.count(Grant.reached_at), func.count(Claim.grant_id))
    rows = rows.select_from(Grant).outerjoin(Claim, Claim.grant_id == Grant.id).where(*grants_in(scope))
    return {row[0]: [int(value) for value in row[1:]] for row in session.execute(rows.group_by(channel))}


def _where(scope: Scope, *figures: str) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Rollup.figure.in_(figures)]
    if scope.campaign_id is not None:
        where.append(Rollup.campaign_id == scope.campaign_id)
    if scope.product_id is not None:
        where.append(Rollup.product_id == scope.product_id)
    if scope.department:
        where.append(within(Rollup.department, scope.department))
    return where


def grants_in(scope: Scope) -> list[ColumnElement[bool]]:
    """Conditions on Grant that mean `scope`."""
    where: list[ColumnElement[bool]] = []
    if scope.campaign_id is not None:
        where.append(Grant.campaign_id == scope.campaign_id)
    if scope.product_id is not None:
        where.append(Grant.product_id == scope.product_id)
    if scope.department:
        where.append(within(Grant.department, scope.department))
    return where


def within(column: SQLColumnExpression[str], department: str) -> ColumnElement[bool]:
    """The department itself or any below it."""
    return or_(column == department, column.startswith(department + "/", autoescape=True))


def _of_grants(counted: Select[int], table: type[Fulfilment], scope: Scope) -> Select[int]:
    if not scope.department and scope.product_id is None:
        return counted if scope.campaign_id is None else counted.where(table.campaign_id == scope.campaign_id)
    return counted.join(Grant, Grant.id == table.grant_id).where(*grants_in(scope))


# ---- naming the rows


def _row(key: str, name: str, sums: list[int], id_: int = 0) -> ClaimRow:
    grants, reached, claimed = sums
    return ClaimRow(key, name, grants, reached, claimed, rate(claimed, reached), id_)


def _texts(_session: Session, sums: Sums) -> tuple[ClaimRow, ...]:
    return tuple(_row(key, key, sums[key]) for key in sorted(sums))


def _days(_session: Session, sums: Sums) -> tuple[ClaimRow, ...]:
    rows, reached, claimed = [], 0, 0
    for bucket in sorted(sums):
        granted, that_day, given = sums[bucket]
        reached, claimed = reached + that_day, claimed + given
        day = day_of(bucket).isoformat()
        rows.append(ClaimRow(day, day, granted, that_day, given, rate(claimed, reached), bucket))
    return tuple(rows)


def _products(session: Session, sums: Sums) -> tuple[ClaimRow, ...]:
    names = session.execute(select(Product.id, Product.key, Product.name).order_by(Product.key)).all()
    return tuple(_row(key, name, sums[id_], id_) for id_, key, name in names if id_ in sums)


def _campaigns(session: Session, sums: Sums) -> tuple[ClaimRow, ...]:
    names = session.execute(select(Campaign.id, Campaign.key, Campaign.name).order_by(Campaign.opens_at.desc())).all()
    return tuple(_row(key, name, sums[id_], id_) for id_, key, name in names if id_ in sums)


_NAMED: dict[str, Callable[[Session, Sums], tuple[ClaimRow, ...]]] = {
    "department": _texts,
    "channel": _texts,
    "day": _days,
    "product": _products,
    "campaign": _campaigns,
}
