"""The outbox: what is queued, what was sent, what failed and why; and how the mail server is."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.clock import read_now
from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.jobs import Process
from welfare_desk.db.models.operators import Setting
from welfare_desk.db.models.people import Person
from welfare_desk.domain.clock import Clock
from welfare_desk.domain.mail_addresses import mail_server as read_address
from welfare_desk.errors import Refused
from welfare_desk.queries import settings
from welfare_desk.settings import BY_KEY

TROUBLE_KEY = "mail_trouble"
ALIVE_MS = 15_000


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """How the messages of a campaign stand; `failed` ones were refused for good or tried too often."""

    queued: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message. `trouble` is a code, `detail` what the other side answered. Times are epoch milliseconds."""

    id: int
    grant_id: int | None
    reference: str | None
    name: str | None
    channel: str
    address: str
    state: str
    attempts: int
    next_at: int
    trouble: str | None
    detail: str
    sent_at: int | None


@dataclass(frozen=True, slots=True)
class MailServerState:
    """The mail server as people may see it: no password. `trouble` is why nothing leaves right now, since when."""

    configured: bool
    shown: str
    sender: str
    from_environment: bool
    trouble: str | None
    detail: str
    trouble_at: int | None


def progress(session: Session, *, campaign_id: int) -> MessageCounts:
    """How many messages of a campaign are in each state."""
    counted = select(Message.state, func.count()).where(Message.campaign_id == campaign_id).group_by(Message.state)
    return MessageCounts(**{state: int(count) for state, count in session.execute(counted)})


def messages(session: Session, *, campaign_id: int, state: str = "", limit: int = 200) -> tuple[MessageRow, ...]:
    """The newest messages of a campaign, or those in one state."""
    wanted = (
        select(Message, Grant.reference, Person.name)
        .outerjoin(Grant, Grant.id == Message.grant_id)
        .outerjoin(Person, Person.id == Grant.person_id)
        .where(Message.campaign_id == campaign_id)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if state:
        wanted = wanted.where(Message.state == state)
    return tuple(_row(message, reference, name) for message, reference, name in session.execute(wanted))


def _row(message: Message, reference: str | None, name: str | None) -> MessageRow:
    code, _space, detail = (message.trouble or "").partition(" ")
    return MessageRow(
        message.id, message.grant_id, reference, name, message.channel, message.address, message.state,
        message.attempts, message.next_at, code or None, detail, message.sent_at,
    )  # fmt: skip


def due(session: Session, now: int) -> ColumnElement[bool]:
    """Messages to send now: waiting long enough, or taken by somebody who did not come back.

    Where no other process sends, whoever took them is gone and its lease need not run out.
    """
    waiting = and_(Message.state == "queued", Message.next_at <= now)
    if _alone(session, now):
        return or_(waiting, Message.state == "sending")
    return or_(waiting, and_(Message.state == "sending", Message.lease_until < now))


def _alone(session: Session, now: int) -> bool:
    sending = select(func.count()).where(
        Process.role == "jobs", Process.stopped_at.is_(None), Process.seen_at > now - ALIVE_MS
    )
    return (session.scalar(sending) or 0) <= 1


def anything_due(session: Session, *, clock: Clock) -> bool:
    """Whether a message waits to be sent now."""
    found = select(Message.id).join(Campaign, Campaign.id == Message.campaign_id)
    found = found.where(due(session, read_now(session, clock)), Campaign.state.in_(("open", "closed"))).limit(1)
    return session.execute(found).first() is not None


def mail_server(session: Session) -> MailServerState:
    """The mail server from settings, or from WELFARE_DESK_SMTP, which comes first."""
    trouble = session.get(Setting, TROUBLE_KEY)
    noted = trouble.value if trouble is not None else {}
    troubled = (noted.get("code"), noted.get("detail", ""), noted.get("at"))
    written = os.environ.get(BY_KEY["smtp"].environment or "")
    if written:
        try:
            server = read_address(written, sender=settings.shared(session)["sender"])
        except Refused as refused:
            return MailServerState(False, "", "", True, refused.code, "", None)
        return MailServerState(True, server.shown, server.sender, True, *troubled)
    row = session.get(Setting, "smtp")
    if row is None or row.sealed is None:
        return MailServerState(False, "", "", False, None, "", None)
    return MailServerState(True, row.value.get("shown", ""), row.value.get("sender", ""), False, *troubled)
