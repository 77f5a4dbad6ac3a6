"""Launching for many people: in turns, visible to nobody until the last one, and gone without a trace if it fails."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql
from welfare_desk.db.models.campaigns import Campaign, Grant, Message, Reservation
from welfare_desk.domain.figures import local_day
from welfare_desk.domain.plans import Plan
from welfare_desk.domain.reviews import Review
from welfare_desk.errors import WelfareError
from welfare_desk.queries import campaign_reviews
from welfare_desk.services import campaigns, rollups
from welfare_desk.services.campaigns import Launched
from welfare_desk.services.turns import Report, in_turns, silent

AT_ONCE = 1000
GIVEN_UP_MS = 120_000
UNSYNCED = {"synchronize_session": False}


def launch(
    ctx: AppContext, report: Report = silent, *, plan: Plan, allow_short: bool = False, again: bool = False
) -> Launched:
    """Launches a campaign for any number of people; `report(done, total)` may raise to cancel, which leaves nothing.

    Raises PlanRefused like `campaigns.launch`.
    """
    sweep(ctx)
    found = ctx.read(campaign_reviews.review, plan=plan, now=ctx.clock.now())
    if found.people <= AT_ONCE:
        return ctx.write(campaigns.launch, plan=plan, allow_short=allow_short, again=again)
    return _in_turns(ctx, report, plan, found, allow_short=allow_short, again=again)


def _in_turns(
    ctx: AppContext, report: Report, plan: Plan, found: Review, *, allow_short: bool, again: bool
) -> Launched:
    started = ctx.write(campaigns.start, plan=plan, found=found, allow_short=allow_short, again=again)
    try:
        in_turns(ctx, campaigns.add_grants, found.audience, report=report, started=started)
        return ctx.write(campaigns.finish, started=started)
    except BaseException:
        with suppress(WelfareError):  # the sweep takes what is left when the database is away now
            remove(ctx, started.campaign_id)
        raise


def sweep(ctx: AppContext) -> int:
    """Removes launches that a crash left half done; returns how many."""
    given_up = ctx.read(_given_up, before=ctx.clock.now() - GIVEN_UP_MS)
    for campaign_id in given_up:
        remove(ctx, campaign_id)
    return len(given_up)


def remove(ctx: AppContext, campaign_id: int) -> None:
    """Takes back a campaign that is still being launched: messages, grants, figures, reservation."""
    in_turns(ctx, _remove_grants, ctx.read(_grants_of, campaign_id=campaign_id))
    ctx.write(_remove_campaign, campaign_id=campaign_id)


def _given_up(session: Session, *, before: int) -> Sequence[int]:
    stale = select(Campaign.id).where(Campaign.state == "launching", Campaign.changed_at < before)
    return session.scalars(stale).all()


def _grants_of(session: Session, *, campaign_id: int) -> Sequence[int]:
    mine = select(Grant.id).join(Campaign, Campaign.id == Grant.campaign_id)
    return session.scalars(mine.where(Campaign.id == campaign_id, Campaign.state == "launching")).all()


def _remove_grants(ctx: AppContext, session: Session, *, rows: Sequence[int]) -> None:
    chosen = bulk_sql.among(session, Grant.id, rows)
    gone = session.execute(
        select(Grant.campaign_id, Grant.product_id, Grant.department, Grant.created_at, Campaign.timezone)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .where(chosen, Campaign.state == "launching")
    ).all()
    session.execute(delete(Message).where(bulk_sql.among(session, Message.grant_id, rows)), execution_options=UNSYNCED)
    session.execute(delete(Grant).where(chosen), execution_options=UNSYNCED)
    figures = [
        (rollups.GRANTS, row.campaign_id, row.product_id, row.department, local_day(row.created_at, row.timezone), -1)
        for row in gone
    ]
    rollups.add(session, figures, ctx.writer)


def _remove_campaign(_ctx: AppContext, session: Session, *, campaign_id: int) -> None:
    session.execute(delete(Reservation).where(Reservation.campaign_id == campaign_id))
    session.execute(delete(Campaign).where(Campaign.id == campaign_id, Campaign.state == "launching"))
