"""Campaigns, what they reserve, and each person's right in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base


class Campaign(Base):
    """Product x audience x window x rules x channels.

    `key` is what people and scripts call it; `key_number` (1 .. 2^23-1) is in every link. The window is half open,
    `[opens_at, closes_at)`. `state`: launching (its grants are
    still being written; nobody sees or claims it), open, paused, closed. `cost_minor` is what launching committed.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("state IN ('launching','open','paused','closed')", name="state"),
        CheckConstraint("verify IN ('employee_no','none')", name="verify"),
        CheckConstraint("opens_at < closes_at", name="window"),
        Index(None, "name"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)
    key_number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    audience: Mapped[dict[str, Any]]
    state: Mapped[str]
    opens_at: Mapped[int]
    closes_at: Mapped[int]
    timezone: Mapped[str]
    verify: Mapped[str]
    channels: Mapped[list[Any]]
    message: Mapped[str]
    cost_minor: Mapped[int]
    currency: Mapped[str]
    demo: Mapped[bool]
    operator: Mapped[str]
    created_at: Mapped[int]
    changed_at: Mapped[int]


class Reservation(Base):
    """Units of a product set aside for a campaign at launch, and how many its grants need.

    Immutable: what is still reserved is counted, `units` less what the campaign already gave, never stored.
    """

    __tablename__ = "reservation"
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, autoincrement=False)
    units: Mapped[int]
    needed: Mapped[int]


class Grant(Base):
    """One person's right in a campaign. `id` = campaign key number << 40 | 40 random bits, as in the link.

    `reference` is the 8-character code of the random bits. `department` and `product_id` are those of launch.
    `state`: open, revoked, left. `reached_at` is set once: a channel accepted, exported, printed or claimed.
    `failures` counts wrong identities since `failures_since`.
    """

    __tablename__ = "grant"
    __table_args__ = (
        CheckConstraint("state IN ('open','revoked','left')", name="state"),
        Index(None, "campaign_id", "person_id", unique=True),
        Index(None, "person_id"),
        Index(None, "reference"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    department: Mapped[str]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    link_version: Mapped[int]
    state: Mapped[str]
    reached_at: Mapped[int | None]
    reached_by: Mapped[str | None]
    failures: Mapped[int]
    failures_since: Mapped[int | None]
    created_at: Mapped[int]


class Message(Base):
    """One outbox row: person x channel x template. The link is minted when it is sent, never stored.

    `state`: queued, sending, sent, failed, skipped. `sending` past its lease is sent again with the same link.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state IN ('queued','sending','sent','failed','skipped')", name="state"),
        Index(None, "campaign_id", "state"),
        Index(None, "state", "next_at"),
        Index(None, "grant_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grant.id"))
    channel: Mapped[str]
    template: Mapped[str]
    address: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[int]
    lease_until: Mapped[int | None]
    trouble: Mapped[str | None]
    created_at: Mapped[int]
    sent_at: Mapped[int | None]
