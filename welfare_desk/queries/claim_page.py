"""What every claim page of a campaign shows: the campaign's face and the company's. Nothing personal, no secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from welfare_desk.db import claim_sql
from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.queries import settings


@dataclass(frozen=True, slots=True)
class Company:
    """Who gives, whom to ask, and the language when a phone does not ask for one."""

    name: str = ""
    contact: str = ""
    help_text: str = ""
    language: str = "zh_CN"
    demo: bool = False
    colour: str = ""
    logo: str = ""
    answer_hours: int = 24


@dataclass(frozen=True, slots=True)
class PartFace:
    """One product a campaign gives, `quantity` units of it to each person."""

    part: int
    product_id: int
    name: str
    kind: str
    quantity: int
    how_to: str


@dataclass(frozen=True, slots=True)
class CampaignFace:
    """A campaign as its page shows it. `short`: fewer units are set aside than its grants need."""

    id: int
    name: str
    state: str
    opens_at: int
    closes_at: int
    timezone: str
    verify: str
    demo: bool
    bundle: bool
    short: bool
    account_kind: str | None
    parts: tuple[PartFace, ...]


def company(session: Session) -> Company:
    """The company's settings as every page shows them."""
    shared = settings.shared(session)
    return Company(
        shared["company_name"], shared["hr_contact"], shared["help_text"], shared["language"], shared["demo"],
        shared["colour"], shared["logo"], shared["answer_hours"],
    )  # fmt: skip


def who(session: Session, *, grant_id: int) -> str:
    """The name of the person a grant is for, for a receipt; "" when there is none."""
    named = select(Person.name).join(Grant, Grant.person_id == Person.id).where(Grant.id == grant_id)
    return session.scalar(named) or ""


def campaign_face(session: Session, *, key_number: int) -> CampaignFace | None:
    """The campaign whose links carry `key_number`."""
    campaign = session.scalar(select(Campaign).where(Campaign.key_number == key_number))
    if campaign is None:
        return None
    rows = claim_sql.read_campaigns(session.connection(), [campaign.id])
    products = {
        row.id: row
        for row in session.execute(
            select(Product.id, Product.name, Product.how_to).where(Product.id.in_([row.product_id for row in rows]))
        )
    }
    parts = tuple(
        PartFace(row.part, row.product_id, products[row.product_id].name, row.kind, row.quantity * row.per_unit,
                 products[row.product_id].how_to)
        for row in rows
    )  # fmt: skip
    return CampaignFace(
        campaign.id, campaign.name, campaign.state, campaign.opens_at, campaign.closes_at, campaign.timezone,
        campaign.verify, campaign.demo, rows[0].given_id != rows[0].product_id,
        any((row.reserved or 0) < (row.needed or 0) for row in rows), _account_kind(rows), parts,
    )  # fmt: skip


def _account_kind(rows: Sequence[Row[Any]]) -> str | None:
    return next((row.account_kind or "any" for row in rows if row.kind == "top_up"), None)
