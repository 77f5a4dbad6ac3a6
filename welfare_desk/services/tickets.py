"""Tickets: somebody says that what they got does not work; HR answers within the promised time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.tickets import KINDS, Ticket
from welfare_desk.errors import Conflict, NotFound, Refused
from welfare_desk.queries import settings
from welfare_desk.services import audit

NOTE_SIGNS = 500
MOST_A_DAY = 3
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Reported:
    """The open ticket of a grant, or none because the grant had its reports of the day (`state` too_many)."""

    state: str
    due_at: int = 0


def report_problem(ctx: AppContext, session: Session, *, grant_id: int, kind: str, note: str = "") -> Reported:
    """Opens a ticket, or finds the open one: a grant has one at a time and at most three in 24 hours.

    `note` is plain text, cut at 500 characters. Raises Refused(`ticket_kind`) for a kind there is not.
    """
    if kind not in KINDS:
        raise Refused("ticket_kind", field="kind")
    now = read_now(session, ctx.clock)
    known = _open(session, grant_id)
    if known is not None:
        return Reported("open", known)
    lately = select(func.count()).where(Ticket.grant_id == grant_id, Ticket.created_at > now - 24 * HOUR_MS)
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        return Reported("too_many")
    due_at = now + int(settings.shared(session)["answer_hours"]) * HOUR_MS
    try:
        with session.begin_nested():
            session.add(Ticket(id=new_id(), grant_id=grant_id, kind=kind, note=tidy_note(note), state="open",
                               due_at=due_at, created_at=now, closed_at=None, operator=None, answer=""))  # fmt: skip
    except IntegrityError:  # another device reported it at this moment
        return Reported("open", _open(session, grant_id) or due_at)
    return Reported("open", due_at)


def close_ticket(ctx: AppContext, session: Session, *, ticket_id: int, answer: str) -> int:
    """Answers a ticket, which closes it; the person reads the answer on the page. Returns the grant's id.

    Raises Refused(`ticket_answer`), NotFound(`ticket_unknown`), Conflict(`ticket_closed`) when somebody was faster.
    """
    said = tidy_note(answer)
    if not said:
        raise Refused("ticket_answer", field="answer")
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None:
        raise NotFound("ticket_unknown")
    if ticket.state != "open":
        raise Conflict("ticket_closed", operator=ticket.operator or "")
    ticket.state, ticket.closed_at = "closed", read_now(session, ctx.clock)
    ticket.operator, ticket.answer = ctx.operator, said
    audit.record(ctx, session, "ticket.closed", f"grant:{ticket.grant_id}", kind=ticket.kind)
    return ticket.grant_id


def tidy_note(note: str) -> str:
    """Plain text of at most 500 characters, without control signs but line breaks."""
    kept = "".join(sign for sign in note.replace("\r\n", "\n") if sign.isprintable() or sign == "\n")
    return kept.strip()[:NOTE_SIGNS]


def _open(session: Session, grant_id: int) -> int | None:
    return session.scalar(select(Ticket.due_at).where(Ticket.grant_id == grant_id, Ticket.state == "open"))
