"""The shelf of the demo company: a supplier nobody can call, its products, and stock of invented codes."""

from __future__ import annotations

import random

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.shelf import Offer, Product, Supplier
from welfare_desk.domain import demo_story as story
from welfare_desk.domain.demo_story import DemoProduct
from welfare_desk.security import references
from welfare_desk.services import purchasing, shelf, stock
from welfare_desk.services.stock import BatchPlan, SealedCode

PAID_SHARE = 95  # per cent of the price that stock was bought for
SEED = 11


def fill(ctx: AppContext, language: str) -> dict[str, str]:
    """Makes supplier, products and stock; gives the product keys by the story's names."""
    keys: dict[str, str] = {}
    supplier_id = ctx.write(_supplier, language=language)
    for told in story.PRODUCTS:
        name = story.PRODUCT_NAMES[language][told.key]
        if told.parts:
            parts = [(keys[part], 1) for part in told.parts]
            keys[told.key] = ctx.write(shelf.add_bundle, name=name, parts=parts).product
        else:
            keys[told.key] = ctx.write(_product, told=told, name=name, supplier_id=supplier_id)
        ctx.write(_stand, product=keys[told.key], how_to=story.HOW_TO[language])
        if told.units:
            _buy(ctx, keys[told.key], told)
    return keys


def _supplier(ctx: AppContext, session: Session, *, language: str) -> int:
    now = ctx.clock.now()
    row = Supplier(
        id=new_id(), name=story.SUPPLIER[language], kind="kasushou", public_config={}, sealed_config=b"",
        balance_minor=1_000_000, currency="CNY", synced_at=now, checked_at=now, trouble=None, created_at=now,
    )  # fmt: skip
    session.add(row)
    return row.id


def _product(ctx: AppContext, session: Session, *, told: DemoProduct, name: str, supplier_id: int) -> str:
    now = ctx.clock.now()
    offer = Offer(
        id=new_id(), supplier_id=supplier_id, ref=told.key, name=name, kind=told.kind, face_value_minor=None,
        price_minor=told.price_minor, currency="CNY", stock=10_000, min_quantity=1, max_quantity=1000, on_sale=True,
        account_kind=told.account_kind, seen_at=now,
    )  # fmt: skip
    session.add(offer)
    session.flush()
    row = Product(
        id=new_id(), key=told.key, name=name, kind=told.kind, offer_id=offer.id, supplier_id=supplier_id,
        price_minor=told.price_minor, currency="CNY", account_kind=told.account_kind, how_to="", on_shelf=False,
        created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(row)
    return row.key


def _stand(ctx: AppContext, session: Session, *, product: str, how_to: str) -> None:
    shelf.edit_product(ctx, session, product=product, how_to=how_to)
    shelf.set_on_shelf(ctx, session, product=product, on=True)


def _buy(ctx: AppContext, product: str, told: DemoProduct) -> None:
    """An order that was delivered: invented codes, sealed like true ones."""
    if ctx.keys is None:
        return
    paid = told.units * told.price_minor * PAID_SHARE // 100
    plan = ctx.write(_order, product=product, quantity=told.units)
    chance = random.Random(f"{SEED}{told.key}")
    codes = [("", _invented(chance)) for _number in range(told.units)]
    sealed = stock.seal_codes(ctx.keys, plan, codes, paid)
    ctx.write(_deliver, plan=plan, rows=sealed, paid=paid)


def _invented(chance: random.Random) -> str:
    signs = "".join(chance.choice(references.ALPHABET) for _sign in range(12))
    return f"DEMO-{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def _order(ctx: AppContext, session: Session, *, product: str, quantity: int) -> BatchPlan:
    row = session.scalars(select(Product).where(Product.key == product)).one()
    now, order_id = ctx.clock.now(), new_id()
    order = PurchaseOrder(
        id=order_id, order_key=purchasing.order_key(order_id), product_id=row.id, supplier_id=row.supplier_id,
        quantity=quantity, received=0, price_ceiling_minor=row.price_minor, total_minor=None, currency=row.currency,
        state="processing", supplier_no=None, trouble=None, attempts=1, next_at=None, lease_until=None, job_id=None,
        grant_id=None, part=None, unit=None, account_sealed=None, operator=ctx.operator, created_at=now, sent_at=now,
        settled_at=None,
    )  # fmt: skip
    session.add(order)
    return BatchPlan(new_id(), row.id, order_id, order.order_key, row.currency, f"supplier:{row.supplier_id}")


def _deliver(ctx: AppContext, session: Session, *, plan: BatchPlan, rows: list[SealedCode], paid: int) -> None:
    stock.store_codes(ctx, session, rows=rows, plan=plan)
    stock.finish_order(
        ctx, session, order_id=plan.order_id or 0, supplier_no=f"D{plan.order_id}", paid_minor=paid,
        refunded_minor=0, extra=0,
    )  # fmt: skip
