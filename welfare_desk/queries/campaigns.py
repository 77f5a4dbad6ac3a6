"""Campaigns as lists and screens show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.eligibility import CampaignFacts, outside
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries import messages, reports, reservations
from welfare_desk.queries.messages import MessageCounts
from welfare_desk.queries.recipients import reference_key

PHASES = {"expired": "ended", "too_early": "upcoming", "unavailable": "paused"}


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign. `phase`: upcoming, open, paused, ended (its window is over), closed (by hand).

    Times are epoch milliseconds; `rate` is claimed ÷ reached, None when nobody was reached.
    """

    id: int
    campaign: str
    name: str
    product: str
    product_name: str
    phase: str
    opens_at: int
    closes_at: int
    timezone: str
    grants: int
    reached: int
    claimed: int
    rate: float | None
    cost_minor: int
    currency: str
    operator: str
    created_at: int


@dataclass(frozen=True, slots=True)
class CampaignDetail:
    """One campaign with its rules. `reserved`: units still kept back; `open_grants`, `revoked`, `left`: grants."""

    row: CampaignRow
    audience: dict[str, Any]
    verify: str
    channels: tuple[str, ...]
    quantity: int
    message: str
    reserved: int
    open_grants: int
    revoked: int
    left: int
    messages: MessageCounts


@dataclass(frozen=True, slots=True)
class CampaignHead:
    """What a campaign is called, what it gives and when."""

    id: int
    campaign: str
    name: str
    product: str
    opens_at: int
    closes_at: int
    timezone: str


def campaigns(session: Session, *, now: int, search: str = "", limit: int = 500) -> tuple[CampaignRow, ...]:
    """The newest campaigns, or those whose name or key contains `search`."""
    wanted = _launched().order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(limit)
    if search.strip():
        typed = search.strip()
        named = Campaign.name.icontains(typed, autoescape=True)
        wanted = wanted.where(or_(named, Campaign.key.startswith(reference_key(typed), autoescape=True)))
    figures = {row.id: row for row in reports.claim_rates(session, by="campaign").rows}
    return tuple(_row(row, key, name, figures.get(row.id), now) for row, key, name in session.execute(wanted))


def campaign(session: Session, *, campaign_id: int, now: int) -> CampaignDetail:
    """One campaign. Raises NotFound(`campaign_unknown`)."""
    found = session.execute(_launched().where(Campaign.id == campaign_id)).first()
    if found is None:
        raise NotFound("campaign_unknown", field="campaign", campaign=str(campaign_id))
    row, key, name = found
    figures = reports.totals(session, scope=reports.Scope(campaign_id=campaign_id))
    counted = reservations.grant_counts(session, [campaign_id])
    reserved = sum(reservations.outstanding(session, now=now, campaign_id=campaign_id, counted=counted).values())
    grants = counted.get(campaign_id, reservations.GrantCounts())
    return CampaignDetail(
        _row(row, key, name, figures, now), row.audience, row.verify, tuple(row.channels), row.quantity, row.message,
        reserved, grants.open_grants, grants.revoked, grants.left,
        messages.progress(session, campaign_id=campaign_id),
    )  # fmt: skip


def head(session: Session, *, campaign_id: int) -> CampaignHead:
    """What a campaign is called, what it gives and when. Raises NotFound(`campaign_unknown`)."""
    found = session.execute(_launched().where(Campaign.id == campaign_id)).first()
    if found is None:
        raise NotFound("campaign_unknown", field="campaign", campaign=str(campaign_id))
    row, _key, product = found
    return CampaignHead(row.id, row.key, row.name, product, row.opens_at, row.closes_at, row.timezone)


def find(session: Session, *, ref: str) -> int:
    """The id of the campaign with this key, or with exactly this name.

    Raises NotFound(`campaign_unknown`), Refused(`campaign_unclear`) when several have the name.
    """
    launched = select(Campaign).where(Campaign.state != "launching")
    row = session.scalar(launched.where(Campaign.key == reference_key(ref)))
    if row is not None:
        return row.id
    named = session.scalars(launched.where(Campaign.name == " ".join(ref.split()))).all()
    if len(named) > 1:
        keys = ", ".join(row.key for row in named[:10])
        raise Refused("campaign_unclear", field="campaign", campaign=ref, keys=keys)
    if not named:
        raise NotFound("campaign_unknown", field="campaign", campaign=ref)
    return named[0].id


def phase(row: Campaign, now: int) -> str:
    """Where a campaign stands at `now`, by the evaluator that the claim page asks."""
    if row.state == "closed":
        return "closed"
    verdict = outside(CampaignFacts(row.state, row.opens_at, row.closes_at, row.verify), now)
    return PHASES[verdict.reason] if verdict is not None else "open"


def _launched() -> Any:
    return (
        select(Campaign, Product.key, Product.name)
        .join(Product, Product.id == Campaign.product_id)
        .where(Campaign.state != "launching")
    )


def _row(row: Campaign, key: str, name: str, figures: reports.ClaimRow | None, now: int) -> CampaignRow:
    counted = (figures.grants, figures.reached, figures.claimed, figures.rate) if figures else (0, 0, 0, None)
    return CampaignRow(
        row.id, row.key, row.name, key, name, phase(row, now), row.opens_at, row.closes_at, row.timezone, *counted,
        row.cost_minor, row.currency, row.operator, row.created_at,
    )  # fmt: skip
