"""What is in stock: always counted from the codes themselves, never a stored counter."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from welfare_desk.db.models.purchasing import Batch, Code, PurchaseOrder
from welfare_desk.db.models.shelf import Product, Supplier
from welfare_desk.queries import reservations

UNCOUNTED = ("top_up", "bundle")


@dataclass(frozen=True, slots=True)
class StockRow:
    """Units of one product: free = in stock less reserved. All None where nothing is stored: top-ups and bundles."""

    product_id: int
    product: str
    in_stock: int | None
    free: int | None
    reserved: int | None
    issued: int | None
    expired: int | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One lot that arrived; received = in_stock + issued + expired + returned + quarantined."""

    id: int
    product: str
    name: str
    label: str
    supplier: str | None
    received: int
    in_stock: int
    issued: int
    expired: int
    returned: int
    quarantined: int
    total_minor: int
    currency: str
    expires_at: int | None
    at: int


def stock(session: Session, *, products: Sequence[str] | None = None, now: int | None = None) -> tuple[StockRow, ...]:
    """The stock of all products, or of those keys, in the order of the keys; `now` in epoch ms, default the clock's."""
    now = _moment(now)
    wanted = select(Product.id, Product.key, Product.kind).order_by(Product.key)
    if products is not None:
        wanted = wanted.where(Product.key.in_(products))
    found = session.execute(wanted).all()
    counted = [row.id for row in found if row.kind not in UNCOUNTED]
    units = _units(session, Code.product_id, Code.product_id.in_(counted), now)
    reserved: Counter[int] = Counter()
    for (_campaign, product_id), kept in reservations.outstanding(session, counted, now=now).items():
        reserved[product_id] += kept
    return tuple(
        _row(row.id, row.key, units.get(row.id, Counter()), reserved[row.id])
        if row.kind not in UNCOUNTED
        else StockRow(row.id, row.key, None, None, None, None, None)
        for row in found
    )


def batches(session: Session, *, product: str = "", limit: int = 200, now: int | None = None) -> tuple[BatchRow, ...]:
    """The newest batches, of all products or of one (its key)."""
    now = _moment(now)
    wanted = (
        select(Batch, Product, Supplier.name)
        .join(Product, Product.id == Batch.product_id)
        .outerjoin(PurchaseOrder, PurchaseOrder.id == Batch.order_id)
        .outerjoin(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    if product:
        wanted = wanted.where(Product.key == product)
    found = session.execute(wanted).all()
    units = _units(session, Code.batch_id, Code.batch_id.in_([batch.id for batch, _p, _s in found]), now)
    return tuple(_batch(batch, item, supplier, units.get(batch.id, Counter())) for batch, item, supplier in found)


def _moment(now: int | None) -> int:
    return time.time_ns() // 1_000_000 if now is None else now


def _units(
    session: Session, group: InstrumentedAttribute[int], among: ColumnElement[bool], now: int
) -> dict[int, Counter[str]]:
    state = case((and_(Code.state == "stock", Code.shelf_order <= now), "expired"), else_=Code.state)
    units: dict[int, Counter[str]] = {}
    for key, name, count in session.execute(select(group, state, func.count()).where(among).group_by(group, state)):
        units.setdefault(key, Counter())[name] = count
    return units


def _row(product_id: int, key: str, units: Counter[str], reserved: int) -> StockRow:
    in_stock = units["stock"]
    return StockRow(product_id, key, in_stock, in_stock - reserved, reserved, units["issued"], units["expired"])


def _batch(batch: Batch, item: Product, supplier: str | None, units: Counter[str]) -> BatchRow:
    return BatchRow(
        batch.id, item.key, item.name, batch.label, supplier, batch.received, units["stock"], units["issued"],
        units["expired"], units["returned"], units["quarantined"], batch.total_minor, batch.currency,
        batch.expires_at, batch.at,
    )  # fmt: skip
