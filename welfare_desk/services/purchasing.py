"""Ordering stock: the intent is committed here, with its key, before any call. `top_up_orders` does it for claims."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.shelf import Offer, Product, Supplier
from welfare_desk.errors import NotFound, Refused
from welfare_desk.services import audit, jobs

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class OrderRequested:
    """An order that will be placed. `order` is its key at the supplier too; `cost_minor` what it may cost at most."""

    order: str
    order_id: int
    job_id: int
    cost_minor: int
    currency: str


def order_key(order_id: int) -> str:
    """Our key of one attempt at one supplier: 22 capitals and digits, time-ordered, not to be guessed."""
    value, text = order_id, ""
    for _place in range(13):
        value, rest = divmod(value, 32)
        text = SIGNS[rest] + text
    return "W" + text + "".join(secrets.choice(SIGNS) for _place in range(8))


def request_order(
    ctx: AppContext, session: Session, *, product: str, quantity: int, supplier: str | None = None
) -> OrderRequested:
    """Asks the service to order `quantity` of a product (its key) for stock.

    Raises NotFound(`product_unknown`), Refused(`order_top_up`, `order_bundle`, `order_no_offer`,
    `order_other_supplier`, `order_quantity`, `order_off_sale`).
    """
    row = session.scalar(select(Product).where(Product.key == product))
    if row is None:
        raise NotFound("product_unknown", field="product", product=product)
    if row.kind == "top_up":
        raise Refused("order_top_up", field="product", product=product)
    if row.kind == "bundle":
        raise Refused("order_bundle", field="product", product=product)
    offer = session.get(Offer, row.offer_id) if row.offer_id is not None else None
    if offer is None:
        raise Refused("order_no_offer", field="product", product=product)
    _check_offer(session, offer, quantity, supplier)
    order_id = new_id()
    job_id = jobs.request(ctx, session, kind="place_order", params={"order_id": order_id, "product": product})
    order = _new_order(ctx, session, order_id=order_id, product_id=row.id, offer=offer, quantity=quantity)
    order.job_id = job_id
    session.add(order)
    audit.record(
        ctx, session, "order.requested", f"order:{order_id}",
        order=order.order_key, product=product, quantity=quantity, price_minor=offer.price_minor,
    )  # fmt: skip
    return OrderRequested(order.order_key, order_id, job_id, offer.price_minor * quantity, offer.currency)


def _check_offer(session: Session, offer: Offer, quantity: int, supplier: str | None) -> None:
    name = session.get_one(Supplier, offer.supplier_id).name
    if supplier is not None and supplier != name:
        raise Refused("order_other_supplier", field="supplier", supplier=supplier, actual=name)
    if not offer.min_quantity <= quantity <= offer.max_quantity:
        raise Refused(
            "order_quantity", field="quantity", quantity=quantity, least=offer.min_quantity, most=offer.max_quantity
        )
    if not offer.on_sale:
        raise Refused("order_off_sale", field="product", name=offer.name)


def _new_order(
    ctx: AppContext, session: Session, *, order_id: int, product_id: int, offer: Offer, quantity: int
) -> PurchaseOrder:
    return PurchaseOrder(
        id=order_id, order_key=order_key(order_id), product_id=product_id, supplier_id=offer.supplier_id,
        quantity=quantity, received=0, price_ceiling_minor=offer.price_minor, total_minor=None,
        currency=offer.currency, state="created", supplier_no=None, trouble=None, attempts=0, next_at=None,
        lease_until=None, job_id=None, grant_id=None, part=None, unit=None, account_sealed=None,
        operator=ctx.operator, created_at=read_now(session, ctx.clock), sent_at=None, settled_at=None,
    )  # fmt: skip
