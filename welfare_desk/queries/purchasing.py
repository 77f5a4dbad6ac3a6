"""How orders stand, for people and for the jobs that carry them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.purchasing import Batch, OfferNote, PurchaseOrder
from welfare_desk.db.models.shelf import Offer, Product, Supplier

Listed = Select[PurchaseOrder, Product, str]
SETTLED = ("received", "partial", "failed")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order for stock. `trouble` is an error code; `notes` are oddities a person should read."""

    order: str
    id: int
    product: str
    name: str
    supplier: str | None
    quantity: int
    received: int
    state: str
    total_minor: int | None
    currency: str
    trouble: str | None
    notes: tuple[dict[str, Any], ...]
    created_at: int
    settled_at: int | None
    job_id: int | None


@dataclass(frozen=True, slots=True)
class OrderWork:
    """What a job needs to carry an order out."""

    id: int
    order_key: str
    product_id: int
    supplier_id: int | None
    offer_ref: str
    quantity: int
    received: int
    price_ceiling_minor: int
    total_minor: int | None
    currency: str
    state: str
    sent: bool
    account_sealed: bytes | None

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in SETTLED


def orders(
    session: Session, *, product: str = "", open_only: bool = False, order: str = "", limit: int = 200
) -> tuple[OrderRow, ...]:
    """Orders for stock, newest first; of one product (its key), those still open, or one by its key."""
    wanted = _for_stock().order_by(PurchaseOrder.id.desc()).limit(limit)
    if product:
        wanted = wanted.where(Product.key == product)
    if open_only:
        wanted = wanted.where(PurchaseOrder.state.not_in(SETTLED))
    if order:
        wanted = wanted.where(PurchaseOrder.order_key == order)
    return _rows(session, wanted)


def order_by_id(session: Session, *, order_id: int) -> OrderRow | None:
    """One order for stock, or None."""
    return next(iter(_rows(session, _for_stock().where(PurchaseOrder.id == order_id))), None)


def _for_stock() -> Listed:
    return (
        select(PurchaseOrder, Product, Supplier.name)
        .join(Product, Product.id == PurchaseOrder.product_id)
        .outerjoin(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(PurchaseOrder.grant_id.is_(None))
    )


def _rows(session: Session, wanted: Listed) -> tuple[OrderRow, ...]:
    found = session.execute(wanted).all()
    notes = _notes(session, [row.id for row, _product, _supplier in found])
    return tuple(
        OrderRow(
            row.order_key, row.id, item.key, item.name, supplier, row.quantity, row.received, row.state,
            row.total_minor, row.currency, row.trouble, tuple(notes.get(row.id, ())), row.created_at, row.settled_at,
            row.job_id,
        )
        for row, item, supplier in found
    )  # fmt: skip


def order_work(session: Session, *, order_id: int) -> OrderWork | None:
    """One order as its job sees it, or None when it does not exist.

    It stays with the supplier it was made for: `offer_ref` is empty when that one does not sell the product any more.
    """
    found = session.execute(
        select(PurchaseOrder, Offer.ref)
        .join(Product, Product.id == PurchaseOrder.product_id)
        .outerjoin(Offer, and_(Offer.id == Product.offer_id, Offer.supplier_id == PurchaseOrder.supplier_id))
        .where(PurchaseOrder.id == order_id)
    ).first()
    if found is None:
        return None
    row, ref = found
    return OrderWork(
        row.id, row.order_key, row.product_id, row.supplier_id, ref or "", row.quantity, row.received,
        row.price_ceiling_minor, row.total_minor, row.currency, row.state, row.sent_at is not None, row.account_sealed,
    )  # fmt: skip


def batch_of(session: Session, *, order_id: int) -> tuple[int, int] | None:
    """(id, codes stored so far) of the batch an order brought, or None before its first codes."""
    found = session.execute(select(Batch.id, Batch.received).where(Batch.order_id == order_id)).first()
    return (found[0], found[1]) if found else None


def open_orders(session: Session) -> int:
    """How many orders for stock are not settled yet."""
    wanted = select(func.count()).where(PurchaseOrder.grant_id.is_(None), PurchaseOrder.state.not_in(SETTLED))
    return int(session.scalar(wanted) or 0)


def _notes(session: Session, order_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    notes: dict[int, list[dict[str, Any]]] = {}
    for note in session.scalars(select(OfferNote).where(OfferNote.order_id.in_(order_ids)).order_by(OfferNote.id)):
        notes.setdefault(note.order_id, []).append({"kind": note.kind, "at": note.at, **note.detail})
    return notes
