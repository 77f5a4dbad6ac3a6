"""The suppliers we have and what they sell. No secret is read here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.shelf import Offer, Product, Supplier


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """One supplier; `trouble` is the code of what went wrong when it was last asked."""

    id: int
    name: str
    kind: str
    address: str
    balance_minor: int | None
    currency: str
    offers: int
    synced_at: int | None
    checked_at: int | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One catalogue line with the product it became; prices are minor units per piece."""

    id: int
    supplier: str
    ref: str
    name: str
    kind: str
    face_value_minor: int | None
    price_minor: int
    currency: str
    stock: int | None
    min_quantity: int
    max_quantity: int
    on_sale: bool
    product: str | None
    on_shelf: bool
    seen_at: int


def suppliers(session: Session) -> tuple[SupplierRow, ...]:
    """All suppliers by name."""
    offers = select(func.count()).where(Offer.supplier_id == Supplier.id, Offer.on_sale).scalar_subquery()
    found = session.execute(select(Supplier, offers).order_by(Supplier.name))
    return tuple(
        SupplierRow(
            row.id, row.name, row.kind, str(row.public_config.get("url", "")), row.balance_minor, row.currency, count,
            row.synced_at, row.checked_at, row.trouble,
        )
        for row, count in found
    )  # fmt: skip


def offers(
    session: Session, *, supplier: str = "", search: str = "", kind: str = "", limit: int = 1_000
) -> tuple[OfferRow, ...]:
    """Catalogue lines of all suppliers or one, those on sale first."""
    wanted = (
        select(Offer, Supplier.name, Product.key, Product.on_shelf)
        .join(Supplier, Supplier.id == Offer.supplier_id)
        .outerjoin(Product, Product.offer_id == Offer.id)
        .order_by(Supplier.name, Offer.on_sale.desc(), Offer.ref)
        .limit(limit)
    )
    if supplier:
        wanted = wanted.where(Supplier.name == supplier)
    if search:
        wanted = wanted.where(or_(Offer.name.icontains(search, autoescape=True), Offer.ref == search))
    if kind:
        wanted = wanted.where(Offer.kind == kind)
    return tuple(
        OfferRow(
            row.id, name, row.ref, row.name, row.kind, row.face_value_minor, row.price_minor, row.currency, row.stock,
            row.min_quantity, row.max_quantity, row.on_sale, key,
            bool(on_shelf), row.seen_at,
        )
        for row, name, key, on_shelf in session.execute(wanted)
    )  # fmt: skip
