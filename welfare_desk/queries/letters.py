"""What a message says: facts of a grant, its campaign and the company. No link: that is minted when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Plan
from welfare_desk.queries import settings


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a message may say about one person's right. Times are epoch milliseconds."""

    person: str
    reference: str
    campaign: str
    product: str
    quantity: int
    opens_at: int
    closes_at: int
    timezone: str
    verify: str
    message: str
    company: str
    contact: str
    language: str


def of_grant(session: Session, *, grant_id: int) -> Facts | None:
    """The facts of a grant, or None."""
    found = (
        select(Grant.reference, Person.name, Campaign, Product.name)
        .join(Person, Person.id == Grant.person_id)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .join(Product, Product.id == Grant.product_id)
        .where(Grant.id == grant_id)
    )
    row = session.execute(found).first()
    if row is None:
        return None
    reference, person, campaign, product = row
    shared = settings.shared(session)
    return Facts(
        person, reference, campaign.name, product, campaign.quantity, campaign.opens_at, campaign.closes_at,
        campaign.timezone, campaign.verify, campaign.message, shared["company_name"], shared["hr_contact"],
        shared["language"],
    )  # fmt: skip


def of_plan(session: Session, *, plan: Plan, person_id: int | None = None) -> Facts:
    """The facts a planned campaign would send to one person, or to nobody in particular."""
    shared = settings.shared(session)
    product = session.scalar(select(Product.name).where(Product.key == plan.product)) or plan.product
    facts = Facts(
        "", "", plan.name, product, plan.quantity, plan.opens_at, plan.closes_at, plan.timezone, plan.verify,
        plan.message, shared["company_name"], shared["hr_contact"], shared["language"],
    )  # fmt: skip
    person = session.get(Person, person_id) if person_id is not None else None
    return replace(facts, person=person.name) if person is not None else facts


def sample(session: Session, *, campaign_id: int | None = None) -> int | None:
    """The id of a grant to test with: one of that campaign, else of the newest; None when there is none at all."""
    chosen = select(Grant.id).join(Campaign, Campaign.id == Grant.campaign_id).where(Campaign.state != "launching")
    if campaign_id is not None:
        chosen = chosen.where(Campaign.id == campaign_id)
    return session.scalar(chosen.order_by(Campaign.id.desc(), Grant.id).limit(1))
