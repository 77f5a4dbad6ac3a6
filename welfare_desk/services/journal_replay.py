"""Making a database know what the claim journal knows: every code it names is bound, or taken off the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry
from welfare_desk.db.models.purchasing import Batch, Code
from welfare_desk.domain.figures import local_day, quarter
from welfare_desk.security.journal import Given
from welfare_desk.services import journal_codes, rollups

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """Claims added, codes taken off the shelf, codes that came after the backup and were not in their record."""

    replayed: int = 0
    quarantined: int = 0
    unknown: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(self.replayed + other.replayed, self.quarantined + other.quarantined,
                      self.unknown + other.unknown)  # fmt: skip


def replay(ctx: AppContext, session: Session, *, given: Sequence[Given]) -> Counts:
    """Applies journal records; records the database knows already change nothing."""
    wanted = {row.code_id for row in given}
    codes = {code.id: code for code in session.scalars(select(Code).where(Code.id.in_(wanted)))}
    bound = dict(session.execute(select(Fulfilment.code_id, Fulfilment.grant_id)
                                 .where(Fulfilment.code_id.in_(wanted))).all())  # fmt: skip
    counts, seen = Counts(), set()
    for row in given:
        if row.code_id in seen or bound.get(row.code_id) == row.grant_id:
            continue
        seen.add(row.code_id)
        code = codes.get(row.code_id) or journal_codes.bring_back(ctx, session, row)
        if code is None:
            counts += Counts(unknown=1)
        elif code.state != "stock":
            continue
        elif _bind(ctx, session, row, code):
            counts += Counts(replayed=1)
        else:
            code.state, code.shelf_order = "quarantined", None
            session.flush()
            counts += Counts(quarantined=1)
    return counts


def _bind(ctx: AppContext, session: Session, row: Given, code: Code) -> bool:
    grant = session.get(Grant, row.grant_id)
    if grant is None or session.get(Fulfilment, (row.grant_id, row.part, row.unit)) is not None:
        return False
    campaign = session.get_one(Campaign, grant.campaign_id)
    claim = session.get(Claim, row.grant_id)
    if claim is None:
        claim = Claim(grant_id=grant.id, campaign_id=campaign.id, at=row.at, via="journal", cost_minor=0)
        session.add(claim)
        session.flush()
        _count(ctx, session, grant, campaign, row.at)
    claim.cost_minor += code.cost_minor
    code.state, code.shelf_order = "issued", None
    session.add(Fulfilment(
        grant_id=grant.id, part=row.part, unit=row.unit, campaign_id=campaign.id, product_id=code.product_id,
        code_id=code.id, state="revealed", account_masked=None, cost_minor=code.cost_minor, changed_at=row.at,
    ))  # fmt: skip
    _book(session, grant, code, row.at)
    session.flush()
    return True


def _count(ctx: AppContext, session: Session, grant: Grant, campaign: Campaign, at: int) -> None:
    day = local_day(at, campaign.timezone)
    key = (campaign.id, grant.product_id, grant.department, day)
    figures: list[rollups.Row] = [(rollups.CLAIMED, *key, 1)]
    if grant.reached_at is None:
        grant.reached_at, grant.reached_by = at, "claim"
        figures.append((rollups.REACHED, *key, 1))
    figures.append((rollups.CURVE, campaign.id, grant.product_id, "", quarter(at), 1))
    rollups.add(session, figures, ctx.writer)


def _book(session: Session, grant: Grant, code: Code, at: int) -> None:
    if not code.cost_minor:
        return
    currency = session.get_one(Batch, code.batch_id).currency
    transaction, subject = new_id(), f"grant:{grant.id}"
    lines = ((f"campaign:{grant.campaign_id}", code.cost_minor), (f"stock:{code.product_id}", -code.cost_minor))
    for line, (account, amount) in enumerate(lines):
        session.add(LedgerEntry(transaction_id=transaction, line=line, at=at, account=account, subject=subject,
                                amount_minor=amount, currency=currency))  # fmt: skip
