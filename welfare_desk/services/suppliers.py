"""Connecting suppliers and keeping their catalogues. The API key is sealed to the service before it meets a row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.shelf import Offer, Product, Supplier
from welfare_desk.errors import Conflict, NotFound, Refused
from welfare_desk.integrations.suppliers import base
from welfare_desk.security import sealing
from welfare_desk.services import audit, jobs

LARGEST_ORDER = 100_000
_NAME = re.compile(r"[\w][\w.-]{0,39}")


@dataclass(frozen=True, slots=True)
class SupplierAdded:
    """A connected supplier; nothing was asked of it yet."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What a page of catalogue changed."""

    offers: int
    products: int


def config_info(supplier_id: int) -> bytes:
    """What a sealed configuration is bound to."""
    return b"supplier/%d" % supplier_id


def add_supplier(
    ctx: AppContext, session: Session, *, name: str, kind: str, config: Mapping[str, Any]
) -> SupplierAdded:
    """Connects a supplier. `config` has the fields its kind asks for; the secret ones are stored sealed only.

    Raises Refused(`supplier_name`, `supplier_kind_unknown`, `supplier_config_missing`, `supplier_config_unknown`),
    Conflict(`supplier_exists`).
    """
    if not _NAME.fullmatch(name):
        raise Refused("supplier_name", field="name", name=name)
    shape = base.KINDS.get(kind)
    if shape is None:
        raise Refused("supplier_kind_unknown", field="kind", kind=kind, known=", ".join(sorted(base.KINDS)))
    _check_fields(shape, config)
    if session.scalar(select(Supplier.id).where(Supplier.name == name)) is not None:
        raise Conflict("supplier_exists", field="name", name=name)
    row_id = new_id()
    sealed = sealing.seal(json.dumps(dict(config)).encode(), ctx.intake_key, config_info(row_id))
    public = {field: value for field, value in config.items() if field not in shape.secret}
    session.add(
        Supplier(
            id=row_id, name=name, kind=kind, public_config=public, sealed_config=sealed, balance_minor=None,
            currency=shape.currency, synced_at=None, checked_at=None, trouble=None, created_at=ctx.clock.now(),
        )
    )  # fmt: skip
    audit.record(ctx, session, "supplier.added", f"supplier:{row_id}", name=name, kind=kind)
    return SupplierAdded(row_id, name, kind)


def request_sync(ctx: AppContext, session: Session, *, supplier: str) -> int:
    """Asks the service to read a supplier's catalogue; gives the job. Raises NotFound(`supplier_unknown`)."""
    row = find(session, supplier)
    return jobs.request(ctx, session, kind="sync_catalogue", params={"supplier_id": row.id, "supplier": row.name})


def request_check(ctx: AppContext, session: Session, *, supplier: str) -> int:
    """Asks the service whether address, account and key work; gives the job. Raises NotFound(`supplier_unknown`)."""
    row = find(session, supplier)
    return jobs.request(ctx, session, kind="check_supplier", params={"supplier_id": row.id, "supplier": row.name})


def note_check(
    ctx: AppContext, session: Session, *, supplier_id: int, balance: base.Balance | None, trouble: str | None
) -> None:
    """Keeps what a check found: the balance, or the code of what is wrong."""
    changed: dict[str, Any] = {"checked_at": ctx.clock.now(), "trouble": trouble}
    if balance is not None:
        changed |= {"balance_minor": balance.available_minor, "currency": balance.currency}
    session.execute(update(Supplier).where(Supplier.id == supplier_id).values(**changed))


def store_offers(
    ctx: AppContext, session: Session, *, supplier_id: int, offers: Sequence[base.Offer], seen_at: int
) -> Synced:
    """Brings one page of catalogue up to date; every new offer becomes a product, off the shelf."""
    supplier = session.get_one(Supplier, supplier_id)
    refs = [offer.ref for offer in offers]
    known = {
        row.ref: row
        for row in session.scalars(select(Offer).where(Offer.supplier_id == supplier_id, Offer.ref.in_(refs)))
    }
    made = 0
    for offer in offers:
        row = known.get(offer.ref)
        if row is None:
            row = _fill(Offer(id=new_id(), supplier_id=supplier_id, ref=offer.ref), offer, seen_at)
            session.add(row)
            session.flush()
            session.add(_product(ctx, session, supplier, row))
            made += 1
        else:
            _follow(ctx, session, row, offer)
            _fill(row, offer, seen_at)
    return Synced(len(offers), made)


def finish_sync(ctx: AppContext, session: Session, *, supplier_id: int, seen_at: int, balance: base.Balance) -> int:
    """Ends a sync: offers that are gone are no longer on sale. Gives how many those are."""
    gone = update(Offer).where(Offer.supplier_id == supplier_id, Offer.seen_at < seen_at, Offer.on_sale)
    count = len(session.scalars(gone.values(on_sale=False).returning(Offer.id)).all())
    note_check(ctx, session, supplier_id=supplier_id, balance=balance, trouble=None)
    session.execute(update(Supplier).where(Supplier.id == supplier_id).values(synced_at=seen_at))
    return count


def find(session: Session, name: str) -> Supplier:
    """The supplier of that name. Raises NotFound(`supplier_unknown`)."""
    row = session.scalar(select(Supplier).where(Supplier.name == name))
    if row is None:
        raise NotFound("supplier_unknown", field="supplier", name=name)
    return row


def _check_fields(shape: base.ConfigShape, config: Mapping[str, Any]) -> None:
    for field in config:
        if field not in (*shape.required, *shape.optional):
            raise Refused("supplier_config_unknown", field=field, name=field)
    for field in shape.required:
        if not str(config.get(field) or "").strip():
            raise Refused("supplier_config_missing", field=field, name=field)


def _fill(row: Offer, offer: base.Offer, seen_at: int) -> Offer:
    row.name, row.kind, row.face_value_minor = offer.name, offer.kind, offer.face_value_minor
    row.price_minor, row.currency, row.stock = offer.price_minor, offer.currency, offer.stock
    row.min_quantity, row.max_quantity = offer.min_quantity, offer.max_quantity or LARGEST_ORDER
    row.on_sale, row.seen_at = offer.on_sale, seen_at
    row.account_kind = offer.account_field.kind if offer.account_field else None
    return row


def _product(ctx: AppContext, session: Session, supplier: Supplier, offer: Offer) -> Product:
    key = f"{supplier.name}-{re.sub(r'[^A-Za-z0-9._-]+', '-', offer.ref)}"
    if session.scalar(select(Product.id).where(Product.key == key)) is not None:
        key = f"{key}-{offer.id}"
    now = ctx.clock.now()
    return Product(
        id=new_id(), key=key, name=offer.name, kind=offer.kind, offer_id=offer.id, supplier_id=supplier.id,
        price_minor=offer.price_minor, currency=offer.currency, account_kind=offer.account_kind, how_to="",
        on_shelf=False, created_at=now, changed_at=now,
    )  # fmt: skip


def _follow(ctx: AppContext, session: Session, row: Offer, offer: base.Offer) -> None:
    """The product of a known offer follows its price and form, and its name unless HR gave it another one."""
    for product in session.scalars(select(Product).where(Product.offer_id == row.id)):
        account = offer.account_field.kind if offer.account_field else None
        name = offer.name if product.name == row.name else product.name
        fresh = (name, offer.price_minor, offer.currency, account)
        if fresh != (product.name, product.price_minor, product.currency, product.account_kind):
            product.name, product.price_minor, product.currency, product.account_kind = fresh
            product.changed_at = ctx.clock.now()
