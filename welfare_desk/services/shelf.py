"""What stands on the shelf: products on and off, bundles of fixed parts, products of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.shelf import BundlePart, Offer, Product
from welfare_desk.errors import Conflict, NotFound, Refused
from welfare_desk.services import audit

OWN_KINDS = ("card_secret", "coupon", "link")
MOST_PARTS = 20
MOST_UNITS = 20
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ProductChanged:
    """A product as it stands after a change. `product` is its key."""

    id: int
    product: str
    name: str
    on_shelf: bool


def set_on_shelf(ctx: AppContext, session: Session, *, product: str, on: bool) -> ProductChanged:
    """Puts a product (its key) on the shelf or takes it off; campaigns that run keep what they have.

    Raises NotFound(`product_unknown`), Refused(`shelf_off_sale`, `shelf_part_off`).
    """
    row = find(session, product)
    if on:
        _check_can_stand(session, row)
    if row.on_shelf != on:
        row.on_shelf, row.changed_at = on, ctx.clock.now()
        audit.record(ctx, session, "product.on_shelf" if on else "product.off_shelf", f"product:{row.id}", key=row.key)
    return _changed(row)


def edit_product(
    ctx: AppContext, session: Session, *, product: str, name: str | None = None, how_to: str | None = None
) -> ProductChanged:
    """Gives a product another name or how-to text. Raises NotFound(`product_unknown`), Refused(`product_name`)."""
    row = find(session, product)
    if name is not None:
        row.name = _tidy_name(name)
    if how_to is not None:
        row.how_to = how_to.strip()[:2_000]
    row.changed_at = ctx.clock.now()
    audit.record(ctx, session, "product.edited", f"product:{row.id}", key=row.key, name=row.name)
    return _changed(row)


def add_product(
    ctx: AppContext, session: Session, *, name: str, kind: str, price_minor: int, currency: str = "CNY",
    key: str | None = None,
) -> ProductChanged:  # fmt: skip
    """A product without supplier, whose codes are imported. Raises Refused(`product_kind`, `product_name`, …)."""
    if kind not in OWN_KINDS:
        raise Refused("product_kind", field="kind", kind=kind, known=", ".join(OWN_KINDS))
    if price_minor < 0:
        raise Refused("product_price", field="price")
    return _add(ctx, session, name, kind, price_minor, currency, key, None)


def add_bundle(
    ctx: AppContext, session: Session, *, name: str, parts: Sequence[tuple[str, int]], key: str | None = None
) -> ProductChanged:
    """A bundle of fixed parts: (product key, quantity) in the order of the claim page; its price is their sum.

    Raises NotFound(`product_unknown`), Refused(`bundle_empty`, `bundle_large`, `bundle_in_bundle`,
    `bundle_part_twice`, `bundle_quantity`, `bundle_currencies`, `bundle_accounts`).
    """
    rows = [(find(session, product), quantity) for product, quantity in parts]
    _check_parts(rows)
    accounts = {row.account_kind for row, _quantity in rows if row.account_kind}
    price = sum(row.price_minor * quantity for row, quantity in rows)
    made = _add(ctx, session, name, "bundle", price, rows[0][0].currency, key, next(iter(accounts), None))
    for position, (row, quantity) in enumerate(rows):
        session.add(BundlePart(bundle_id=made.id, position=position, product_id=row.id, quantity=quantity))
    return made


def find(session: Session, key: str) -> Product:
    """The product of that key. Raises NotFound(`product_unknown`)."""
    row = session.scalar(select(Product).where(Product.key == key))
    if row is None:
        raise NotFound("product_unknown", field="product", product=key)
    return row


def _check_can_stand(session: Session, row: Product) -> None:
    if row.kind == "bundle":
        off = session.scalars(
            select(Product.key)
            .join(BundlePart, BundlePart.product_id == Product.id)
            .where(BundlePart.bundle_id == row.id, Product.on_shelf.is_(False))
        ).all()
        if off:
            raise Refused("shelf_part_off", field="product", parts=", ".join(off))
    offer = session.get(Offer, row.offer_id) if row.offer_id is not None else None
    if row.kind == "top_up" and (offer is None or not offer.on_sale):
        raise Refused("shelf_off_sale", field="product", product=row.key)


def _check_parts(rows: Sequence[tuple[Product, int]]) -> None:
    if not rows:
        raise Refused("bundle_empty", field="part")
    if len(rows) > MOST_PARTS or sum(quantity for _row, quantity in rows) > MOST_UNITS:
        raise Refused("bundle_large", field="part", most=MOST_UNITS)
    if len({row.id for row, _quantity in rows}) < len(rows):
        raise Refused("bundle_part_twice", field="part")
    for row, quantity in rows:
        if row.kind == "bundle":
            raise Refused("bundle_in_bundle", field="part", product=row.key)
        if quantity < 1:
            raise Refused("bundle_quantity", field="part", product=row.key)
    if len({row.currency for row, _quantity in rows}) > 1:
        raise Refused("bundle_currencies", field="part")
    if len({row.account_kind for row, _quantity in rows if row.kind == "top_up"}) > 1:
        raise Refused("bundle_accounts", field="part")


def _add(
    ctx: AppContext, session: Session, name: str, kind: str, price_minor: int, currency: str, key: str | None,
    account_kind: str | None,
) -> ProductChanged:  # fmt: skip
    tidy, now = _tidy_name(name), ctx.clock.now()
    row = Product(
        id=new_id(), key=_free_key(session, key, tidy), name=tidy, kind=kind, offer_id=None, supplier_id=None,
        price_minor=price_minor, currency=currency, account_kind=account_kind, how_to="", on_shelf=False,
        created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(ctx, session, "product.added", f"product:{row.id}", key=row.key, kind=kind, price_minor=price_minor)
    return _changed(row)


def _tidy_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Refused("product_name", field="name", most=LONGEST_NAME)
    return tidy


def _free_key(session: Session, key: str | None, name: str) -> str:
    """The key asked for, or one made of the name; taken ones get a number."""
    wanted = re.sub(r"[^\w.-]+", "-", key or name).strip("-") or "product"
    taken = set(session.scalars(select(Product.key).where(Product.key.startswith(wanted, autoescape=True))))
    if wanted not in taken:
        return wanted
    if key is not None:
        raise Conflict("product_exists", field="key", product=wanted)
    return next(f"{wanted}-{number}" for number in range(2, len(taken) + 3) if f"{wanted}-{number}" not in taken)


def _changed(row: Product) -> ProductChanged:
    return ProductChanged(row.id, row.key, row.name, row.on_shelf)
