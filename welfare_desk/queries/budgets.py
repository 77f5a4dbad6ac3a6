"""What campaigns committed and used, per campaign, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.db.models.claims import LedgerEntry


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """Money of one campaign in minor units: committed at launch, used so far by the ledger, and the rest."""

    campaign: str
    name: str
    committed_minor: int
    used_minor: int
    left_minor: int
    currency: str


def budgets(session: Session, *, campaign_id: int | None = None) -> tuple[BudgetRow, ...]:
    """Committed and used money of every campaign, or of one; the newest first."""
    account = literal("campaign:") + cast(Campaign.id, String)
    used = select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(LedgerEntry.account == account)
    rows = select(Campaign.key, Campaign.name, Campaign.cost_minor, used.scalar_subquery(), Campaign.currency)
    if campaign_id is not None:
        rows = rows.where(Campaign.id == campaign_id)
    found = session.execute(rows.order_by(Campaign.opens_at.desc())).all()
    return tuple(
        BudgetRow(key, name, int(committed), int(spent), int(committed) - int(spent), currency)
        for key, name, committed, spent, currency in found
    )
