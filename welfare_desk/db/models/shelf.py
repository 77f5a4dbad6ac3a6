"""Suppliers, their catalogue lines, and the products we put on the shelf."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base

KINDS = ("card_secret", "coupon", "top_up", "link", "bundle")


class Supplier(Base):
    """Who sells. `sealed_config` (address, user, key) is sealed to the service; `public_config` has no secret."""

    __tablename__ = "supplier"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    public_config: Mapped[dict[str, Any]]
    sealed_config: Mapped[bytes]
    balance_minor: Mapped[int | None]
    currency: Mapped[str]
    synced_at: Mapped[int | None]
    checked_at: Mapped[int | None]
    trouble: Mapped[str | None]
    created_at: Mapped[int]


class Offer(Base):
    """One line of a supplier's catalogue as it was last seen."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("supplier_id", "ref"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    ref: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    face_value_minor: Mapped[int | None]
    price_minor: Mapped[int]
    currency: Mapped[str]
    stock: Mapped[int | None]
    min_quantity: Mapped[int]
    max_quantity: Mapped[int]
    on_sale: Mapped[bool]
    account_kind: Mapped[str | None]
    seen_at: Mapped[int]


class Product(Base):
    """What a person can be given. `key` is what people and scripts call it; a bundle has parts and no offer."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint(f"kind IN {KINDS}", name="kind"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    price_minor: Mapped[int]
    currency: Mapped[str]
    account_kind: Mapped[str | None]
    how_to: Mapped[str]
    on_shelf: Mapped[bool]
    created_at: Mapped[int]
    changed_at: Mapped[int]


class BundlePart(Base):
    """One product inside a bundle; `position` orders the parts on the claim page."""

    __tablename__ = "bundle_part"
    bundle_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
