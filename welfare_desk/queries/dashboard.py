"""Everything the dashboard shows, in one read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Message
from welfare_desk.db.models.claims import Fulfilment, Rollup
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.department_groups import Group, group
from welfare_desk.queries import reports
from welfare_desk.queries.reports import ClaimRow, CurvePoint, Scope, Step

CLOSING_MS = 48 * 3_600_000


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`total` and the charts of one scope. `closes_at`: when the scope's running campaign ends, the next one of many.

    `closing`: grants nobody claimed in campaigns that end within 48 hours. `troubles`: failed messages, failed and
    unknown top-ups and orders. `running` counts the campaigns that take claims.
    """

    total: ClaimRow
    steps: tuple[Step, ...]
    curve: tuple[CurvePoint, ...]
    departments: tuple[Group, ...]
    products: tuple[ClaimRow, ...]
    campaigns: tuple[ClaimRow, ...]
    running: int
    closes_at: int | None
    closing: int
    troubles: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What one can filter by: (id, name) of campaigns and products, newest campaign first; departments as paths."""

    campaigns: tuple[tuple[int, str], ...]
    products: tuple[tuple[int, str], ...]
    departments: tuple[str, ...]


def dashboard(session: Session, *, scope: Scope, now: int) -> Dashboard:
    """The dashboard of a scope at `now` (epoch milliseconds)."""
    departments = reports.claim_rates(session, by="department", scope=scope).rows
    campaigns = reports.claim_rates(session, by="campaign", scope=scope)
    running = _running(session, scope, now)
    open_rows = {row.id: row.grants - row.claimed for row in campaigns.rows}
    return Dashboard(
        total=campaigns.total,
        steps=reports.funnel(session, scope=scope),
        curve=reports.curve(session, scope=scope),
        departments=tuple(
            group(((row.key, row.grants, row.reached, row.claimed) for row in departments), scope.department)
        ),
        products=reports.claim_rates(session, by="product", scope=scope).rows,
        campaigns=campaigns.rows,
        running=len(running),
        closes_at=min(running.values(), default=None),
        closing=sum(open_rows.get(id_, 0) for id_, ends in running.items() if ends - now <= CLOSING_MS),
        troubles=_troubles(session, scope),
    )


def choices(session: Session) -> Choices:
    """The filters that lead somewhere: what was given at least once."""
    given = select(Rollup.campaign_id, Rollup.product_id, Rollup.department).where(Rollup.figure == "grants").distinct()
    rows = session.execute(given).all()
    campaign_ids, product_ids = {row[0] for row in rows}, {row[1] for row in rows}
    campaigns = session.execute(select(Campaign.id, Campaign.name).order_by(Campaign.opens_at.desc())).all()
    products = session.execute(select(Product.id, Product.name).order_by(Product.name)).all()
    return Choices(
        campaigns=tuple((id_, name) for id_, name in campaigns if id_ in campaign_ids),
        products=tuple((id_, name) for id_, name in products if id_ in product_ids),
        departments=_with_parents({str(row[2]) for row in rows if row[2]}),
    )


def _with_parents(paths: set[str]) -> tuple[str, ...]:
    every = {"/".join(parts[: at + 1]) for parts in (path.split("/") for path in paths) for at in range(len(parts))}
    return tuple(sorted(every))


def _running(session: Session, scope: Scope, now: int) -> dict[int, int]:
    """Campaign id → its end, of campaigns that take claims or soon will."""
    rows = select(Campaign.id, Campaign.closes_at).where(
        Campaign.state.in_(("open", "paused")), Campaign.closes_at > now
    )
    if scope.campaign_id is not None:
        rows = rows.where(Campaign.id == scope.campaign_id)
    if scope.product_id is not None:
        rows = rows.where(Campaign.product_id == scope.product_id)
    return dict(session.execute(rows).all())


def _troubles(session: Session, scope: Scope) -> int:
    """Messages and top-ups that failed or that nobody can answer for, and unknown orders for stock."""
    top_ups = select(func.count()).select_from(Fulfilment).where(reports.UNFINISHED, Fulfilment.state != "crediting")
    messages = select(func.count()).select_from(Message).where(Message.state == "failed")
    if scope.campaign_id is not None:
        top_ups = top_ups.where(Fulfilment.campaign_id == scope.campaign_id)
        messages = messages.where(Message.campaign_id == scope.campaign_id)
    count = int(session.scalar(top_ups) or 0) + int(session.scalar(messages) or 0)
    if scope == Scope():
        stock = PurchaseOrder.grant_id.is_(None)
        count += int(session.scalar(select(func.count()).where(stock, PurchaseOrder.state == "unknown")) or 0)
    return count
