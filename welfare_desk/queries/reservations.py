"""What campaigns still keep back: counted from what they reserved, gave and still need; never a stored counter."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from welfare_desk.db import claim_sql
from welfare_desk.db.clock import read_now
from welfare_desk.db.models.campaigns import Campaign, Grant, Reservation
from welfare_desk.db.models.claims import Claim, Fulfilment

KEY_SHIFT = 1 << 40
LIVE = ("launching", "open", "paused")


@dataclass(frozen=True, slots=True)
class _Wall:
    real: bool = True

    def now(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class _Counted:
    grants: int = 0
    waiting: int = 0


def outstanding(
    session: Session,
    product_ids: Collection[int] | None = None,
    *,
    now: int | None = None,
    campaign_id: int | None = None,
) -> dict[tuple[int, int], int]:
    """(campaign id, product id) → units still set aside; campaigns that are closed or over keep nothing.

    That is the smaller of what was reserved less what the campaign gave, and what its open, unclaimed grants need.
    `now` in epoch milliseconds, default: the database's time. `campaign_id`: of this campaign alone.
    """
    at = read_now(session, _Wall()) if now is None else now
    live = and_(Campaign.state.in_(LIVE), Campaign.closes_at > at)
    wanted = (
        select(Reservation, Campaign.state)
        .join(Campaign, Campaign.id == Reservation.campaign_id)
        .where(live, Reservation.units > 0)
    )
    if product_ids is not None:
        wanted = wanted.where(Reservation.product_id.in_(product_ids))
    if campaign_id is not None:
        wanted = wanted.where(Reservation.campaign_id == campaign_id)
    rows = session.execute(wanted).all()
    if not rows:
        return {}
    campaigns = {row.campaign_id for row, _state in rows}
    grants, issued = _grants(session, campaigns), _issued(session, campaigns)
    kept = {}
    for row, state in rows:
        left = row.units - issued.get((row.campaign_id, row.product_id), 0)
        counted = grants.get(row.campaign_id, _Counted())
        if state != "launching":  # until the last turn its grants are not all there
            left = min(left, row.needed // counted.grants * counted.waiting if counted.grants else 0)
        kept[row.campaign_id, row.product_id] = max(0, left)
    return kept


def _grants(session: Session, campaigns: set[int]) -> dict[int, _Counted]:
    waiting = func.sum(case((and_(Grant.state == "open", Claim.grant_id.is_(None)), 1), else_=0))
    counted = (
        select(Grant.campaign_id, func.count(), waiting)
        .outerjoin(Claim, Claim.grant_id == Grant.id)
        .where(Grant.campaign_id.in_(campaigns))
        .group_by(Grant.campaign_id)
    )
    return {campaign: _Counted(total, int(open_ones)) for campaign, total, open_ones in session.execute(counted)}


def _issued(session: Session, campaigns: set[int]) -> dict[tuple[int, int], int]:
    """Codes given per campaign and product; grants of one campaign are neighbours in the primary key."""
    first = Campaign.key_number * KEY_SHIFT
    counted = (
        select(Campaign.id, Fulfilment.product_id, func.count())
        .join(Fulfilment, and_(Fulfilment.grant_id >= first, Fulfilment.grant_id < first + KEY_SHIFT))
        .where(Campaign.id.in_(campaigns), Fulfilment.code_id.is_not(None))
        .group_by(Campaign.id, Fulfilment.product_id)
    )
    return {(campaign, product): count for campaign, product, count in session.execute(counted)}


def others_keep(session: Session, campaign_id: int, product_id: int, *, now: int) -> bool:
    """Whether another living campaign reserved units of a product; cheap enough for every settlement."""
    others = (
        select(Reservation.units)
        .join(Campaign, Campaign.id == Reservation.campaign_id)
        .where(Reservation.product_id == product_id, Reservation.campaign_id != campaign_id, Reservation.units > 0)
        .where(Campaign.state.in_(LIVE), Campaign.closes_at > now)
    )
    return session.execute(others.limit(1)).first() is not None


def left_for(session: Session, campaign_id: int, product_id: int, *, now: int) -> int:
    """How many units a short campaign may still give: what is in stock less what others keep back.

    `now` in epoch milliseconds.
    """
    kept = outstanding(session, [product_id], now=now)
    others = sum(units for (campaign, _product), units in kept.items() if campaign != campaign_id)
    return max(0, claim_sql.count_free(session.connection(), product_id, now) - others)
