"""What was ordered, what arrived, and the sealed units of stock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base

FREE = text("shelf_order IS NOT NULL")


class PurchaseOrder(Base):
    """One order with one supplier, for stock or (with `grant_id`) one top-up at claim time.

    `order_key` is our idempotency key, one per attempt. `state`: created, sent, processing, unknown, received,
    partial, failed. `account_sealed` is the account to top up, sealed to the service.
    """

    __tablename__ = "purchase_order"
    __table_args__ = (
        CheckConstraint(
            "state IN ('created','sent','processing','unknown','received','partial','failed')", name="state"
        ),
        Index(
            "ix_purchase_order_open",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(None, "grant_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_key: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    quantity: Mapped[int]
    received: Mapped[int]
    price_ceiling_minor: Mapped[int]
    total_minor: Mapped[int | None]
    currency: Mapped[str]
    state: Mapped[str]
    supplier_no: Mapped[str | None]
    trouble: Mapped[str | None]
    attempts: Mapped[int]
    next_at: Mapped[int | None]
    lease_until: Mapped[int | None]
    job_id: Mapped[int | None]
    grant_id: Mapped[int | None]
    part: Mapped[int | None]
    unit: Mapped[int | None]
    account_sealed: Mapped[bytes | None]
    operator: Mapped[str]
    created_at: Mapped[int]
    sent_at: Mapped[int | None]
    settled_at: Mapped[int | None]


class Batch(Base):
    """The lot that arrived: `received` codes for `total_minor`."""

    __tablename__ = "batch"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchase_order.id"))
    label: Mapped[str]
    received: Mapped[int]
    total_minor: Mapped[int]
    currency: Mapped[str]
    expires_at: Mapped[int | None]
    at: Mapped[int]


class Code(Base):
    """One sealed unit of stock. `sealed` opens only with the stock key, bound to product, batch and this row.

    `shelf_order` is not null while the unit is free: its expiry in epoch milliseconds, or NEVER_EXPIRES. Taking a
    code sets it to null. `state`: stock, issued, quarantined, returned. Fresh stock has its own sort column so that
    a take does not walk used rows.
    """

    __tablename__ = "code"
    __table_args__ = (
        CheckConstraint("state IN ('stock','issued','quarantined','returned')", name="state"),
        CheckConstraint("(state = 'stock') = (shelf_order IS NOT NULL)", name="free"),
        Index("ix_code_free", "product_id", "shelf_order", "id", sqlite_where=FREE, postgresql_where=FREE),
        Index(None, "batch_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    shelf_order: Mapped[int | None]
    expires_at: Mapped[int | None]
    state: Mapped[str]
    cost_minor: Mapped[int]
    blind: Mapped[bytes] = mapped_column(unique=True)
    sealed: Mapped[bytes]


NEVER_EXPIRES = 1 << 62


class IntakeEnvelope(Base):
    """A chunk of up to 500 codes sealed to the intake key by a desk; deleted once the service re-sealed it."""

    __tablename__ = "intake_envelope"
    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chunk: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chunks: Mapped[int]
    sealed: Mapped[bytes]


class OfferNote(Base):
    """Something odd a supplier said that a person should read: duplicates, short deliveries, refunds."""

    __tablename__ = "offer_note"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    kind: Mapped[str]
    detail: Mapped[dict[str, Any]]
    at: Mapped[int]
