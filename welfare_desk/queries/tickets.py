"""Tickets as the desk lists them and as the page shows the last one of a grant. No code is ever read here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Claim
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.db.models.tickets import Ticket

MOST = 500


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One line of the list. `reference` is the grant's code; times are epoch milliseconds; `note` is plain text."""

    id: int
    grant_id: int
    person_id: int
    reference: str
    person: str
    department: str
    campaign: str
    product: str
    kind: str
    note: str
    state: str
    claimed_at: int | None
    created_at: int
    due_at: int
    closed_at: int | None
    operator: str
    answer: str

    def overdue(self, now: int) -> bool:
        """Whether the promised time has passed without an answer."""
        return self.state == "open" and self.due_at <= now


@dataclass(frozen=True, slots=True)
class TicketCounts:
    """How many wait, how many of those are overdue, how many were answered; `next_open`: when the next is due."""

    open: int = 0
    overdue: int = 0
    closed: int = 0
    next_open: int | None = None


@dataclass(frozen=True, slots=True)
class TicketFace:
    """The last ticket of a grant as its page shows it."""

    state: str
    created_at: int
    due_at: int
    closed_at: int | None
    answer: str


def tickets(
    session: Session, *, now: int, state: str = "open", search: str = "", limit: int = MOST
) -> tuple[TicketRow, ...]:
    """Tickets, those due first; answered ones newest first. `state`: open, overdue, closed or "" for all.

    `search` finds reference codes by their beginning, employee numbers, and names by a part.
    """
    found = (
        _joined()
        .where(*_in_state(state, now), *_matching(search))
        .order_by(Ticket.state.desc(), case((Ticket.state == "open", Ticket.due_at)), Ticket.closed_at.desc())
        .limit(limit)
    )
    return tuple(TicketRow(**row) for row in session.execute(found).mappings())


def counts(session: Session, *, now: int) -> TicketCounts:
    """How many tickets stand where."""
    late = func.count(case((and_(Ticket.state == "open", Ticket.due_at <= now), 1)))
    waiting = func.count(case((Ticket.state == "open", 1)))
    due = func.min(case((and_(Ticket.state == "open", Ticket.due_at > now), Ticket.due_at)))
    row = session.execute(select(waiting, late, func.count(), due).select_from(Ticket)).one()
    return TicketCounts(row[0], row[1], row[2] - row[0], row[3])


def of_grant(session: Session, *, grant_id: int) -> TicketFace | None:
    """The last ticket of a grant, or None."""
    last = select(Ticket).where(Ticket.grant_id == grant_id).order_by(Ticket.created_at.desc()).limit(1)
    row = session.scalar(last)
    return TicketFace(row.state, row.created_at, row.due_at, row.closed_at, row.answer) if row is not None else None


def _joined() -> Any:
    chosen = select(
        Ticket.id, Ticket.grant_id, Grant.person_id, Grant.reference, Person.name.label("person"), Grant.department,
        Campaign.name.label("campaign"), Product.name.label("product"), Ticket.kind, Ticket.note, Ticket.state,
        Claim.at.label("claimed_at"), Ticket.created_at, Ticket.due_at, Ticket.closed_at,
        func.coalesce(Ticket.operator, "").label("operator"), Ticket.answer,
    )  # fmt: skip
    return (
        chosen.join(Grant, Grant.id == Ticket.grant_id)
        .join(Person, Person.id == Grant.person_id)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .join(Product, Product.id == Grant.product_id)
        .outerjoin(Claim, Claim.grant_id == Ticket.grant_id)
    )


def _in_state(state: str, now: int) -> tuple[ColumnElement[bool], ...]:
    if state == "overdue":
        return (Ticket.state == "open", Ticket.due_at <= now)
    return (Ticket.state == state,) if state else ()


def _matching(search: str) -> tuple[ColumnElement[bool], ...]:
    wanted = search.strip()
    if not wanted:
        return ()
    plain = "".join(sign for sign in wanted.upper() if sign.isalnum())
    by_reference = Grant.reference.startswith(plain, autoescape=True) if plain else Grant.reference == wanted
    by_name = Person.name.contains(wanted, autoescape=True)
    return (or_(by_reference, by_name, Person.employee_no == wanted),)
