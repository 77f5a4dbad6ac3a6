"""The products we have, with their stock and, for bundles, their parts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.shelf import BundlePart, Product, Supplier
from welfare_desk.queries.stock import StockRow, stock


@dataclass(frozen=True, slots=True)
class PartRow:
    """One product inside a bundle."""

    product: str
    name: str
    kind: str
    quantity: int
    on_shelf: bool


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product; `product` is its key, the price is minor units per unit given."""

    id: int
    product: str
    name: str
    kind: str
    supplier: str | None
    price_minor: int
    currency: str
    on_shelf: bool
    account_kind: str | None
    how_to: str
    stock: StockRow | None
    parts: tuple[PartRow, ...]


def products(
    session: Session, *, search: str = "", kind: str = "", on_shelf: bool | None = None, limit: int = 1_000
) -> tuple[ProductRow, ...]:
    """Products by key; those whose key or name contains `search`, of one kind, on the shelf or off it."""
    wanted = select(Product, Supplier.name).outerjoin(Supplier, Supplier.id == Product.supplier_id)
    if search:
        wanted = wanted.where(
            or_(Product.name.icontains(search, autoescape=True), Product.key.icontains(search, autoescape=True))
        )
    if kind:
        wanted = wanted.where(Product.kind == kind)
    if on_shelf is not None:
        wanted = wanted.where(Product.on_shelf.is_(on_shelf))
    found = session.execute(wanted.order_by(Product.key).limit(limit)).all()
    counted = {row.product_id: row for row in stock(session, products=[item.key for item, _name in found])}
    parts = _parts(session, [item.id for item, _name in found if item.kind == "bundle"])
    return tuple(
        ProductRow(
            item.id, item.key, item.name, item.kind, supplier, item.price_minor, item.currency, item.on_shelf,
            item.account_kind, item.how_to, counted.get(item.id), tuple(parts.get(item.id, ())),
        )
        for item, supplier in found
    )  # fmt: skip


def product(session: Session, *, product: str) -> ProductRow | None:
    """One product by its key, or None."""
    return next((row for row in products(session, search=product) if row.product == product), None)


def _parts(session: Session, bundles: list[int]) -> dict[int, list[PartRow]]:
    wanted = (
        select(BundlePart.bundle_id, BundlePart.quantity, Product)
        .join(Product, Product.id == BundlePart.product_id)
        .where(BundlePart.bundle_id.in_(bundles))
        .order_by(BundlePart.bundle_id, BundlePart.position)
    )
    parts: dict[int, list[PartRow]] = {}
    for bundle_id, quantity, item in session.execute(wanted):
        parts.setdefault(bundle_id, []).append(PartRow(item.key, item.name, item.kind, quantity, item.on_shelf))
    return parts
