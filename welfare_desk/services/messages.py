"""The outbox: taking messages to send, one after another, and recording per person how it ended.

At least once, always the same link: each message is begun and each end recorded in a transaction of its own, so a
process killed between sending and recording repeats that one message and no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql
from welfare_desk.db.clock import read_now
from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.domain.figures import local_day
from welfare_desk.domain.mail_addresses import is_mail_address
from welfare_desk.domain.plans import Plan
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries import letters, settings
from welfare_desk.queries.messages import due
from welfare_desk.services import jobs, mail_settings, rollups

BATCH = 50
WAITING_MS = 45_000  # how long the rest of a batch is ours while one is being sent
BEGUN_MS = 150_000  # longer than every time-out of one message together
RETRY_MS = (60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000)
MOST_ATTEMPTS = 12
TROUBLE_SIGNS = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """One message that is ours to send now, with the link version of this moment."""

    message_id: int
    grant_id: int
    link_version: int
    template: str
    channel: str
    address: str
    facts: letters.Facts


@dataclass(frozen=True, slots=True)
class Ended:
    """How sending one message ended."""

    message_id: int
    state: Literal["sent", "failed", "queued", "later"]
    trouble: str = ""


def take(ctx: AppContext, session: Session, *, limit: int = BATCH) -> tuple[int, ...]:
    """Takes up to `limit` messages that are due; returns their ids. Who may not get theirs any more is skipped."""
    now = read_now(session, ctx.clock)
    found = (
        select(Message, Campaign, Grant.state)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .join(Grant, Grant.id == Message.grant_id)
        .where(due(session, now), Campaign.state.in_(("open", "closed")))
        .order_by(Message.next_at, Message.id)
        .limit(limit)
        .with_for_update(of=Message, skip_locked=True)
    )
    demo = bool(settings.shared(session)["demo"])
    taken = []
    for message, campaign, grant_state in session.execute(found):
        reason = _pointless(campaign, grant_state, now, demo=demo)
        if reason:
            message.state, message.trouble, message.lease_until = "skipped", reason, None
        else:
            message.state, message.lease_until = "sending", now + WAITING_MS
            taken.append(message.id)
    return tuple(taken)


def _pointless(campaign: Campaign, grant_state: str, now: int, *, demo: bool) -> str:
    if demo or campaign.demo:
        return "demo"
    if grant_state != "open":
        return grant_state
    return "over" if campaign.state == "closed" or campaign.closes_at <= now else ""


def step(
    ctx: AppContext, session: Session, *, ended: Ended | None, following: int | None, waiting: Sequence[int] = ()
) -> Begun | None:
    """Records how the last message ended and begins the `following` one; the `waiting` ones stay ours meanwhile.

    None: there is nothing to begin, because somebody else has it by now or it may not be sent any more.
    """
    now = read_now(session, ctx.clock)
    figures = _record(session, ended, now) if ended is not None else []
    begun = _begin(session, following, now) if following is not None else None
    if waiting:
        mine = update(Message).where(Message.id.in_(waiting), Message.state == "sending", Message.lease_until >= now)
        session.execute(mine.values(lease_until=now + WAITING_MS))
    session.flush()
    rollups.add(session, figures, ctx.writer)
    return begun


def _begin(session: Session, message_id: int, now: int) -> Begun | None:
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.state != "sending" or (message.lease_until or 0) < now or message.grant_id is None:
        return None
    grant, campaign = session.get_one(Grant, message.grant_id), session.get_one(Campaign, message.campaign_id)
    reason = _pointless(campaign, grant.state, now, demo=False)
    facts = letters.of_grant(session, grant_id=grant.id)
    if reason or campaign.state == "paused" or facts is None:
        message.state, message.lease_until = ("skipped", None) if reason else ("queued", None)
        message.trouble = reason or None
        return None
    message.lease_until = now + BEGUN_MS
    return Begun(message.id, grant.id, grant.link_version, message.template, message.channel, message.address, facts)


def _record(session: Session, ended: Ended, now: int) -> list[rollups.Row]:
    message = session.get(Message, ended.message_id)
    if message is None or message.grant_id is None:
        return []
    figures = mark_reached(session, [message.grant_id], by=message.channel, now=now) if ended.state == "sent" else []
    if message.state != "sent":
        message.lease_until, message.trouble = None, ended.trouble[:TROUBLE_SIGNS] or None
        _RECORD[ended.state](message, now)
    return figures


def _sent(message: Message, now: int) -> None:
    message.state, message.sent_at, message.attempts = "sent", now, message.attempts + 1


def _failed(message: Message, _now: int) -> None:
    message.state, message.attempts = "failed", message.attempts + 1


def _queued(message: Message, now: int) -> None:
    message.state, message.next_at = "queued", now


def _later(message: Message, now: int) -> None:
    message.attempts += 1
    if message.attempts >= MOST_ATTEMPTS:
        message.state = "failed"
        return
    message.state, message.next_at = "queued", now + RETRY_MS[min(message.attempts, len(RETRY_MS)) - 1]


_RECORD = {"sent": _sent, "failed": _failed, "queued": _queued, "later": _later}


def give_back(
    ctx: AppContext, session: Session, *, message_ids: Sequence[int], after_ms: int, code: str, detail: str
) -> None:
    """Puts messages back that could not be tried, because the server is away or must be set up first."""
    now = read_now(session, ctx.clock)
    mine = update(Message).where(Message.id.in_(message_ids), Message.state == "sending")
    trouble = f"{code} {detail}".strip()[:TROUBLE_SIGNS]
    session.execute(mine.values(state="queued", next_at=now + after_ms, lease_until=None, trouble=trouble))


def mark_reached(session: Session, grant_ids: Sequence[int], *, by: str, now: int) -> list[rollups.Row]:
    """Sets when and how grants were reached, once; returns the figures to add as the last statement."""
    these = bulk_sql.among(session, Grant.id, grant_ids)
    wanted = select(Grant.id).where(these).order_by(Grant.id).with_for_update()
    session.execute(wanted).all()  # locked in ascending order, as claims lock them
    changed = (
        update(Grant)
        .where(these, Grant.reached_at.is_(None))
        .values(reached_at=now, reached_by=by)
        .returning(Grant.campaign_id, Grant.product_id, Grant.department)
        .execution_options(synchronize_session=False)
    )
    reached: Counter[tuple[Any, ...]] = Counter(tuple(row) for row in session.execute(changed))
    campaigns = {campaign_id for campaign_id, *_rest in reached}
    zones = select(Campaign.id, Campaign.timezone).where(Campaign.id.in_(campaigns))
    days = {campaign_id: local_day(now, zone) for campaign_id, zone in session.execute(zones)}
    return [(rollups.REACHED, *key, days[key[0]], count) for key, count in reached.items()]


def retry_failed(ctx: AppContext, session: Session, *, campaign_id: int) -> int:
    """Queues the failed messages of a campaign again; returns how many."""
    now = read_now(session, ctx.clock)
    failed = update(Message).where(Message.campaign_id == campaign_id, Message.state == "failed")
    again = failed.values(state="queued", next_at=now, attempts=0, trouble=None).returning(Message.id)
    return len(session.execute(again).all())


def request_test(
    ctx: AppContext, session: Session, *, to: str, grant_id: int | None = None, campaign_id: int | None = None,
    plan: Plan | None = None, person_id: int | None = None,
) -> int:  # fmt: skip
    """Asks the service to send a test to `to` with a real recipient's data; its link opens a test page.

    Returns the job id. Raises Refused(`mail_address`, `demo_sends_nothing`), NotFound(`nothing_to_test`).
    """
    if not is_mail_address(to.strip()):
        raise Refused("mail_address", field="to")
    mail_settings.refuse_demo(session)
    params: dict[str, Any] = {"to": to.strip()}
    if plan is not None:
        params |= {"plan": _document(plan), "person_id": person_id}
    else:
        chosen = grant_id if grant_id is not None else letters.sample(session, campaign_id=campaign_id)
        if chosen is None:
            raise NotFound("nothing_to_test")
        params["grant_id"] = chosen
    return jobs.request(ctx, session, kind="send_test", params=params)


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name, "product": plan.product, "opens_at": plan.opens_at, "closes_at": plan.closes_at,
        "timezone": plan.timezone, "verify": plan.verify, "quantity": plan.quantity, "message": plan.message,
    }  # fmt: skip
