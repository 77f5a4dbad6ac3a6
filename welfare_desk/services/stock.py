"""Codes into stock: sealed row by row, counted with their batch and booked to the cent, duplicates kept apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext, Keys
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.purchasing import NEVER_EXPIRES, Batch, Code, IntakeEnvelope, PurchaseOrder
from welfare_desk.db.models.shelf import Product
from welfare_desk.errors import Conflict, NotFound, Refused
from welfare_desk.security import sealing
from welfare_desk.services import audit, jobs
from welfare_desk.services.order_steps import add_note, book, settle_stock

ENVELOPE_CODES = 500
MOST_CODES = 200_000
LONGEST_CODE = 500
SELECT_AT_ONCE = 1_000
STOCKED_KINDS = ("card_secret", "coupon", "link")


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code ready for its row: its place in the batch, and `cost_minor`, its share of what the batch cost."""

    id: int
    place: int
    sealed: bytes
    blind: bytes
    cost_minor: int


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The batch codes arrive in. `payable` is the account on the other side: a supplier, or an import."""

    id: int
    product_id: int
    order_id: int | None
    label: str
    currency: str
    payable: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What happened to some codes: now in stock, or known already."""

    stored: int
    duplicates: int


def seal_codes(keys: Keys, plan: BatchPlan, codes: Sequence[tuple[str, str]], paid_minor: int) -> list[SealedCode]:
    """Seals (number, secret) pairs for their rows and shares out what was paid to the last cent."""
    share, rest = divmod(paid_minor, max(len(codes), 1))
    ready = []
    for place, (code_id, (number, secret)) in enumerate(zip(new_ids(len(codes)), codes, strict=True)):
        sealed, blind = keys.seal_code(number, secret, product_id=plan.product_id, batch_id=plan.id, code_id=code_id)
        ready.append(SealedCode(code_id, place, sealed, blind, share + (place < rest)))
    return ready


def store_codes(ctx: AppContext, session: Session, *, rows: Sequence[SealedCode], plan: BatchPlan) -> Stored:
    """Puts delivered codes into stock, one part of a batch; a code that we have already is quarantined.

    Raises Conflict(`order_taken_over`) when somebody else has stored this part.
    """
    _check_place(session, rows[0].place, plan)
    known = _known(session, rows)
    values, fresh = [], 0
    for row in rows:
        twice = row.blind in known
        known.add(row.blind)
        fresh += not twice
        # The blind of a quarantined double is its own row's: the true one belongs to the code we have.
        blind = row.blind[:8] + row.id.to_bytes(8, "big") if twice else row.blind
        values.append(_code(plan, row, blind, "quarantined" if twice else "stock"))
    _add(ctx, session, plan, values)
    if plan.order_id is not None:
        order = session.get_one(PurchaseOrder, plan.order_id)
        order.received += fresh
    return Stored(fresh, len(values) - fresh)


def finish_order(
    ctx: AppContext, session: Session, *, order_id: int, supplier_no: str, paid_minor: int, refunded_minor: int,
    extra: int,
) -> str:  # fmt: skip
    """All delivered codes are stored: settles the order and notes what was odd. Gives its state."""
    order = session.get_one(PurchaseOrder, order_id)
    order.supplier_no, order.total_minor = supplier_no or order.supplier_no, paid_minor
    batch = session.scalar(select(Batch).where(Batch.order_id == order_id))
    delivered = batch.received if batch else 0
    missing, doubles = order.quantity - delivered, delivered - order.received
    for kind, count in (("short", missing), ("duplicates", doubles), ("excess", extra)):
        if count > 0:
            add_note(ctx, session, order_id=order_id, kind=kind, count=count)
    if refunded_minor:
        add_note(ctx, session, order_id=order_id, kind="refunded", refunded_minor=refunded_minor)
    trouble = "delivery_short" if missing > 0 else "delivery_duplicates" if doubles > 0 else None
    settle_stock(order, read_now(session, ctx.clock), trouble=trouble)
    return order.state


def request_import(
    ctx: AppContext, session: Session, *, product: str, codes: Sequence[tuple[str, str]], label: str = "",
    unit_cost_minor: int | None = None, expires_at: int | None = None,
) -> int:  # fmt: skip
    """Seals (number, secret) pairs to the service and asks it to take them into stock; gives the job.

    `unit_cost_minor` is what one code cost (default: the product's price). Raises NotFound(`product_unknown`),
    Refused(`stock_not_counted`, `stock_import_empty`, `stock_import_many`, `code_long`).
    """
    row = session.scalar(select(Product).where(Product.key == product))
    if row is None:
        raise NotFound("product_unknown", field="product", product=product)
    if row.kind not in STOCKED_KINDS:
        raise Refused("stock_not_counted", field="product", product=product)
    if not codes:
        raise Refused("stock_import_empty", field="file")
    if len(codes) > MOST_CODES:
        raise Refused("stock_import_many", field="file", most=MOST_CODES)
    if any(len(number) > LONGEST_CODE or len(secret) > LONGEST_CODE for number, secret in codes):
        raise Refused("code_long", field="file", most=LONGEST_CODE)
    batch_id = new_id()
    params = {
        "batch_id": batch_id, "product_id": row.id, "label": label[:80], "currency": row.currency,
        "unit_cost_minor": row.price_minor if unit_cost_minor is None else unit_cost_minor,
        "expires_at": expires_at, "codes": len(codes),
    }  # fmt: skip
    job_id = jobs.request(ctx, session, kind="intake_codes", params=params)
    chunks = [codes[at : at + ENVELOPE_CODES] for at in range(0, len(codes), ENVELOPE_CODES)]
    envelopes = [
        {"job_id": job_id, "chunk": chunk, "chunks": len(chunks),
         "sealed": sealing.seal(_packed(part), ctx.intake_key, envelope_info(batch_id, chunk, len(chunks)))}
        for chunk, part in enumerate(chunks)
    ]  # fmt: skip
    session.execute(insert(IntakeEnvelope), envelopes)
    audit.record(ctx, session, "stock.import", f"product:{row.id}", codes=len(codes), batch=batch_id)
    return job_id


def take_in(
    ctx: AppContext, session: Session, *, job_id: int, chunk: int, rows: Sequence[SealedCode], plan: BatchPlan,
    expires_at: int | None,
) -> Stored:  # fmt: skip
    """One opened envelope into stock, and the envelope away; codes that we have already are left out."""
    gone = delete(IntakeEnvelope).where(IntakeEnvelope.job_id == job_id, IntakeEnvelope.chunk == chunk)
    if session.scalar(gone.returning(IntakeEnvelope.chunk)) is None:
        return Stored(0, 0)
    known = _known(session, rows)
    values = []
    for row in rows:
        if row.blind not in known:
            known.add(row.blind)
            values.append(_code(plan, row, row.blind, "stock", expires_at))
    _add(ctx, session, plan, values, expires_at)
    return Stored(len(values), len(rows) - len(values))


def envelope_info(batch_id: int, chunk: int, chunks: int) -> bytes:
    """What an intake envelope is bound to."""
    return b"intake/%d/%d/%d" % (batch_id, chunk, chunks)


def _packed(codes: Sequence[tuple[str, str]]) -> bytes:
    return json.dumps([list(code) for code in codes], ensure_ascii=False, separators=(",", ":")).encode()


def _check_place(session: Session, place: int, plan: BatchPlan) -> None:
    """Two processes that deliver one order cannot both go on: the batch says how far it is."""
    batch = session.scalar(select(Batch).where(Batch.order_id == plan.order_id).with_for_update())
    if (batch.received if batch else 0) != place or (batch is not None and batch.id != plan.id):
        raise Conflict("order_taken_over")


def _known(session: Session, rows: Sequence[SealedCode]) -> set[bytes]:
    known: set[bytes] = set()
    for at in range(0, len(rows), SELECT_AT_ONCE):
        blinds = [row.blind for row in rows[at : at + SELECT_AT_ONCE]]
        known.update(session.scalars(select(Code.blind).where(Code.blind.in_(blinds))))
    return known


def _code(plan: BatchPlan, row: SealedCode, blind: bytes, state: str, expires_at: int | None = None) -> dict[str, Any]:
    order = (expires_at or NEVER_EXPIRES) if state == "stock" else None
    return {
        "id": row.id, "product_id": plan.product_id, "batch_id": plan.id, "shelf_order": order,
        "expires_at": expires_at, "state": state, "cost_minor": row.cost_minor, "blind": blind, "sealed": row.sealed,
    }  # fmt: skip


def _add(
    ctx: AppContext, session: Session, plan: BatchPlan, values: list[dict[str, Any]], expires_at: int | None = None
) -> None:
    """Rows, batch figures and money together, so that every moment in between reconciles."""
    now = read_now(session, ctx.clock)
    if session.get(Batch, plan.id) is None:
        session.add(
            Batch(
                id=plan.id, product_id=plan.product_id, order_id=plan.order_id, label=plan.label, received=0,
                total_minor=0, currency=plan.currency, expires_at=expires_at, at=now,
            )
        )  # fmt: skip
        session.flush()
    if not values:
        return
    session.execute(insert(Code), values)
    cost = sum(value["cost_minor"] for value in values)
    mine = update(Batch).where(Batch.id == plan.id)
    session.execute(
        mine.values(received=Batch.received + len(values), total_minor=Batch.total_minor + cost),
        execution_options={"synchronize_session": False},
    )
    if cost:
        lines = ((f"stock:{plan.product_id}", cost), (plan.payable, -cost))
        book(session, now, f"batch:{plan.id}", plan.currency, *lines)
