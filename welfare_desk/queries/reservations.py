"""What campaigns still keep back: counted from what they reserved, gave and still need; never a stored counter."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
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
class GrantCounts:
    """The grants of a campaign by state; `waiting` are the open ones that have not claimed."""

    grants: int = 0
    revoked: int = 0
    left: int = 0
    waiting: int = 0

    @property
    def open_grants(self) -> int:
        """Grants that are neither revoked nor of people who left."""
        return self.grants - self.revoked - self.left


def outstanding(
    session: Session,
    product_ids: Collection[int] | None = None,
    *,
    now: int | None = None,
    campaign_id: int | None = None,
    counted: Mapping[int, GrantCounts] | None = None,
) -> dict[tuple[int, int], int]:
    """(campaign id, product id) → units still set aside; campaigns that are closed or over keep nothing.

    That is the smaller of what was reserved less what the campaign gave, and what its open, unclaimed grants need.
    `now` in epoch milliseconds, default: the database's time. `campaign_id`: of this campaign alone. `counted`: what
    `grant_counts` said of the campaigns wanted, when it was asked already.
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
    grants, issued = counted or grant_counts(session, campaigns), _issued(session, campaigns)
    kept = {}
    for row, state in rows:
        left = row.units - issued.get((row.campaign_id, row.product_id), 0)
        held = grants.get(row.campaign_id, GrantCounts())
        if state != "launching":  # until the last turn its grants are not all there
            left = min(left, row.needed // held.grants * held.waiting if held.grants else 0)
        kept[row.campaign_id, row.product_id] = max(0, left)
    return kept


def grant_counts(session: Session, campaigns: Collection[int]) -> dict[int, GrantCounts]:
    """How the grants of these campaigns stand.

    Counted apart, each from an index of its own: joining every grant with its claim took up to six times as long
    at 100,000. Only grants that are no longer open are joined.
    """
    of = (Grant.campaign_id.in_(campaigns),)
    totals = _pairs(session, select(Grant.campaign_id, func.count()).where(*of).group_by(Grant.campaign_id))
    claims = select(Claim.campaign_id, func.count()).where(Claim.campaign_id.in_(campaigns)).group_by(Claim.campaign_id)
    claimed = _pairs(session, claims)
    gone: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for campaign, state, count, had_claimed in session.execute(
        select(Grant.campaign_id, Grant.state, func.count(), func.count(Claim.grant_id))
        .outerjoin(Claim, Claim.grant_id == Grant.id)
        .where(*of, Grant.state != "open")
        .group_by(Grant.campaign_id, Grant.state)
    ):
        gone[campaign][state] = count
        claimed[campaign] -= had_claimed
    counts = {}
    for campaign, total in totals.items():
        revoked, left = gone[campaign]["revoked"], gone[campaign]["left"]
        counts[campaign] = GrantCounts(total, revoked, left, total - revoked - left - claimed[campaign])
    return counts


def _pairs(session: Session, counted: Select[int, int]) -> Counter[int]:
    return Counter({row[0]: row[1] for row in session.execute(counted)})


def _issued(session: Session, campaigns: Collection[int]) -> dict[tuple[int, int], int]:
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
