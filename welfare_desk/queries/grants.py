"""Grants: page by page, by reference, and as the lines of a link sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.claims import Claim
from welfare_desk.db.models.people import Person
from welfare_desk.domain.people import number_key
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries.recipients import reference_key

LISTED = 20
REFERENCE_FROM = 4


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One person's right in a campaign. Times are epoch milliseconds; the message is the newest one."""

    id: int
    reference: str
    person_id: int
    employee_no: str | None
    name: str
    department: str
    email: str | None
    state: str
    reached_at: int | None
    reached_by: str | None
    claimed_at: int | None
    message_state: str | None
    message_trouble: str | None


@dataclass(frozen=True, slots=True)
class GrantPage:
    """A page of grants; `next` asks for the following one, None at the end."""

    rows: tuple[GrantRow, ...]
    next: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class GrantHit:
    """A grant that a reference or an employee number leads to."""

    grant_id: int
    reference: str
    campaign_id: int
    campaign: str
    campaign_name: str
    person_reference: str
    employee_no: str | None
    name: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What a link sheet needs of a grant."""

    grant_id: int
    link_version: int
    employee_no: str | None
    name: str
    department: str
    reference: str


CLAIMED = select(Claim.grant_id).where(Claim.grant_id == Grant.id).correlate(Grant).exists()
FAILED = Message.state == "failed"
STATES: dict[str, ColumnElement[bool]] = {
    "open": Grant.state == "open",
    "claimed": CLAIMED,
    "unclaimed": and_(Grant.state == "open", ~CLAIMED),
    "unreached": and_(Grant.state == "open", Grant.reached_at.is_(None)),
    "revoked": Grant.state == "revoked",
    "left": Grant.state == "left",
    "failed_message": select(Message.id).where(Message.grant_id == Grant.id, FAILED).correlate(Grant).exists(),
}


def grants(
    session: Session, *, campaign_id: int, search: str = "", state: str = "", after: tuple[Any, ...] | None = None,
    limit: int = 200,
) -> GrantPage:  # fmt: skip
    """Grants of a campaign by department and name. `state` is a key of STATES; `after` the `next` of a page."""
    order = (Grant.department, Person.name, Grant.id)
    wanted = (
        select(Grant, Person, Claim.at)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Claim, Claim.grant_id == Grant.id)
        .where(Grant.campaign_id == campaign_id)
        .order_by(*order)
        .limit(limit + 1)
    )
    if state:
        wanted = wanted.where(STATES[state])
    if search.strip():
        wanted = wanted.where(_matching(search.strip()))
    if after is not None:
        wanted = wanted.where(tuple_(*order) > tuple_(*after))
    found = session.execute(wanted).all()
    newest = _newest_messages(session, [grant.id for grant, _person, _at in found])
    rows = tuple(_row(grant, person, at, newest.get(grant.id)) for grant, person, at in found[:limit])
    last = rows[-1] if len(found) > limit else None
    return GrantPage(rows, (last.department, last.name, last.id) if last is not None else None)


def _matching(typed: str) -> ColumnElement[bool]:
    reference = reference_key(typed)
    matches = [
        Person.name.icontains(typed, autoescape=True),
        Person.pinyin.startswith(typed.lower(), autoescape=True),
        Person.email.istartswith(typed, autoescape=True),
        Person.number_key.startswith(number_key(typed), autoescape=True),
    ]
    if len(reference) >= REFERENCE_FROM:  # shorter ones match by chance
        matches.append(Grant.reference.startswith(reference, autoescape=True))
    return or_(*matches)


def _newest_messages(session: Session, grant_ids: Sequence[int]) -> dict[int | None, Message]:
    found = select(Message).where(Message.grant_id.in_(grant_ids)).order_by(Message.id)
    return {message.grant_id: message for message in session.scalars(found)}


def _row(grant: Grant, person: Person, claimed_at: int | None, message: Message | None) -> GrantRow:
    return GrantRow(
        grant.id, grant.reference, person.id, person.employee_no, person.name, grant.department, person.email,
        grant.state, grant.reached_at, grant.reached_by, claimed_at, message.state if message else None,
        (message.trouble or "").partition(" ")[0] or None if message else None,
    )  # fmt: skip


def find(session: Session, *, ref: str, campaign_id: int | None = None) -> tuple[GrantHit, ...]:
    """The grants that a reference code (of a grant or a person) or an employee number leads to, newest first."""
    reference, number = reference_key(ref), number_key(ref)
    if not number:
        return ()
    wanted = (
        select(
            Grant.id, Grant.reference, Campaign.id, Campaign.key, Campaign.name, Person.reference, Person.employee_no,
            Person.name,
        )
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .join(Person, Person.id == Grant.person_id)
        .where(or_(Grant.reference == reference, Person.reference == reference, Person.key == f"n:{number}"))
        .where(Campaign.state != "launching")
        .order_by(Campaign.created_at.desc(), Grant.id)
    )  # fmt: skip
    if campaign_id is not None:
        wanted = wanted.where(Campaign.id == campaign_id)
    return tuple(GrantHit(*row) for row in session.execute(wanted))


def one(session: Session, *, ref: str, campaign_id: int | None = None) -> GrantHit:
    """The one grant a REF leads to. Raises NotFound(`grant_unknown`), Refused(`grant_unclear`), which lists them."""
    hits = find(session, ref=ref, campaign_id=campaign_id)
    if not hits:
        raise NotFound("grant_unknown", field="reference", reference=ref)
    if len(hits) > 1:
        listed = "; ".join(f"{hit.reference} {hit.campaign_name} ({hit.name})" for hit in hits[:LISTED])
        raise Refused("grant_unclear", field="reference", reference=ref, count=len(hits), listed=listed)
    return hits[0]


def sheet(session: Session, *, campaign_id: int) -> tuple[SheetLine, ...]:
    """The lines of a link sheet: every open grant, by department and name."""
    wanted = (
        select(Grant.id, Grant.link_version, Person.employee_no, Person.name, Grant.department, Grant.reference)
        .join(Person, Person.id == Grant.person_id)
        .where(Grant.campaign_id == campaign_id, Grant.state == "open")
        .order_by(Grant.department, Person.name, Grant.id)
    )
    return tuple(SheetLine(*row) for row in session.execute(wanted))
