"""Everything one person was ever granted, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.claims import Claim
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.queries.people import PersonRow, by_id


@dataclass(frozen=True, slots=True)
class PersonGrant:
    """One grant. `state`: open, revoked, left; `message` is the state of the last message or None; times in ms."""

    grant_id: int
    reference: str
    campaign_id: int
    campaign_key: str
    campaign: str
    campaign_state: str
    product: str
    state: str
    message: str | None
    reached_at: int | None
    claimed_at: int | None
    opens_at: int
    closes_at: int


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """A person with everything that person was granted, the newest first."""

    person: PersonRow
    extra: dict[str, Any]
    created_at: int
    updated_at: int
    grants: tuple[PersonGrant, ...]


def person(session: Session, *, person_id: int) -> PersonDetail | None:
    """One person in full, or None."""
    row = by_id(session, person_id=person_id)
    if row is None:
        return None
    about = select(Person.extra, Person.created_at, Person.updated_at).where(Person.id == person_id)
    extra, created_at, updated_at = session.execute(about).one()
    return PersonDetail(row, dict(extra), created_at, updated_at, person_grants(session, person_id=person_id))


def person_grants(session: Session, *, person_id: int) -> tuple[PersonGrant, ...]:
    """The grants of one person, the newest campaign first."""
    last = select(func.max(Message.id)).where(Message.grant_id == Grant.id).correlate(Grant).scalar_subquery()
    message = select(Message.state).where(Message.id == last).scalar_subquery()
    rows = (
        select(
            Grant.id, Grant.reference, Campaign.id, Campaign.key, Campaign.name, Campaign.state, Product.name,
            Grant.state, message, Grant.reached_at, Claim.at, Campaign.opens_at, Campaign.closes_at,
        )
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .join(Product, Product.id == Grant.product_id)
        .outerjoin(Claim, Claim.grant_id == Grant.id)
        .where(Grant.person_id == person_id)
        .order_by(Campaign.opens_at.desc(), Campaign.id.desc())
    )  # fmt: skip
    return tuple(PersonGrant(*row) for row in session.execute(rows))
