"""The job behind an order for stock: place it, ask until it is settled, take the codes into stock."""

from __future__ import annotations

from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.errors import NotFound
from welfare_desk.integrations.suppliers.base import Snapshot
from welfare_desk.jobs import ordering
from welfare_desk.jobs.connecting import Connections, keys_of
from welfare_desk.jobs.work import Later, Work
from welfare_desk.queries import purchasing
from welfare_desk.queries.purchasing import OrderWork
from welfare_desk.services import order_steps, stock
from welfare_desk.services.turns import in_turns

STAY_MS = 3_000


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """Carries one order out. Raises Later while it is unknown or takes long; its result is the order as it stands."""
    order_id = int(work.params["order_id"])

    def success(order: OrderWork, seen: Snapshot) -> int | None:
        return take_delivery(ctx, work, order, seen)

    with Connections(ctx) as connections:
        while True:
            after = ordering.step(ctx, connections.supplier, order_id, success)
            state, shown = _shown(ctx, order_id)
            if after is None:
                return shown
            if state == "unknown":
                raise Later(after, "unknown", shown)
            if after > STAY_MS:
                raise Later(after, "queued", shown)
            work.pause(after / 1000)


def take_delivery(ctx: AppContext, work: Work, order: OrderWork, seen: Snapshot) -> int | None:
    """Seals and stores what was delivered; goes on after the last stored part when it was interrupted."""
    if not seen.cards:
        return ctx.write(order_steps.note_unknown, order_id=order.id, trouble="supplier_no_cards")
    # Sorted, so that an interrupted delivery finds its place again whatever order the supplier lists it in.
    cards = sorted((card.number, card.secret) for card in seen.cards)[: order.quantity]
    batch_id, stored = ctx.read(purchasing.batch_of, order_id=order.id) or (new_id(), 0)
    plan = stock.BatchPlan(
        batch_id, order.product_id, order.id, order.order_key, order.currency, f"supplier:{order.supplier_id}"
    )
    total = next(
        amount
        for amount in (seen.total_minor, order.total_minor, order.price_ceiling_minor * order.quantity)
        if amount is not None
    )
    paid = max(total - seen.refunded_minor, 0)
    sealed = stock.seal_codes(keys_of(ctx), plan, cards, paid)

    def report(done: int, total: int = 0, _text: str = "") -> None:
        if total > 5_000:
            work.progress(stored + done, len(cards), "")

    in_turns(ctx, stock.store_codes, sealed[stored:], report=report, plan=plan)
    ctx.write(
        stock.finish_order, order_id=order.id, supplier_no=seen.supplier_no, paid_minor=paid,
        refunded_minor=seen.refunded_minor, extra=len(seen.cards) - len(cards),
    )  # fmt: skip
    return None


def _shown(ctx: AppContext, order_id: int) -> tuple[str, dict[str, Any]]:
    row = ctx.read(purchasing.order_by_id, order_id=order_id)
    if row is None:
        raise NotFound("order_unknown", order=str(order_id))
    return row.state, {"order": row.order, "state": row.state, "received": row.received, "trouble": row.trouble}
