"""One step of one order, for stock or for a top-up: intent, call, result (law 6).

An order is placed once. Whatever is not a clear yes or a refusal of the closed list makes it unknown, and from then
on it is only asked about, under the same key at the same supplier.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from welfare_desk.context import AppContext
from welfare_desk.errors import NotFound, Refused, WelfareError
from welfare_desk.integrations.suppliers.base import (
    Misconfigured,
    NotSent,
    Placed,
    Rejected,
    Snapshot,
    Supplier,
    SupplierError,
)
from welfare_desk.jobs.connecting import keys_of
from welfare_desk.queries import purchasing
from welfare_desk.queries.purchasing import OrderWork
from welfare_desk.services import order_steps
from welfare_desk.services.top_up_orders import account_info

log = logging.getLogger(__name__)

NO_OFFER = "supplier_no_offer"
Connect = Callable[[int], Supplier]
Success = Callable[[OrderWork, Snapshot], int | None]


def step(ctx: AppContext, connect: Connect, order_id: int, success: Success) -> int | None:
    """Takes one order one step further; gives the delay in ms until the next, or None when it is settled.

    `success` stores what arrived and gives a delay when it is not there yet after all.
    """
    work = ctx.read(purchasing.order_work, order_id=order_id)
    if work is None or work.settled:
        return None
    try:
        if work.supplier_id is None:
            raise Refused(NO_OFFER)
        supplier = connect(work.supplier_id)
    except (SupplierError, NotFound, Refused) as error:
        return _cannot(ctx, work, error)
    return _place(ctx, supplier, work) if work.state == "created" else _ask(ctx, supplier, work, success)


def _cannot(ctx: AppContext, work: OrderWork, error: WelfareError) -> int | None:
    """Our own side is not fit to ask: an order that was never sent fails, one that was stays unknown."""
    log.error("order %s: %s", work.order_key, error)
    if work.sent:
        return ctx.write(order_steps.note_unknown, order_id=work.id, trouble=error.code)
    ctx.write(order_steps.note_failed, order_id=work.id, trouble=error.code)
    return None


def _place(ctx: AppContext, supplier: Supplier, work: OrderWork) -> int | None:
    try:
        if not work.offer_ref:
            raise Refused(NO_OFFER)
        account = _account(ctx, work)
    except Refused as error:
        return _cannot(ctx, work, error)
    if not ctx.write(order_steps.mark_sent, order_id=work.id):
        return order_steps.UNKNOWN_DELAYS_MS[0]
    try:
        placed = supplier.place(work.order_key, work.offer_ref, work.quantity, work.price_ceiling_minor, account)
    except NotSent as error:
        return ctx.write(order_steps.note_unsent, order_id=work.id, trouble=error.code)
    except (Rejected, Misconfigured) as error:
        log.warning("order %s refused: %s", work.order_key, error)
        ctx.write(order_steps.note_failed, order_id=work.id, trouble=error.code)
        return None
    except SupplierError as error:
        log.warning("order %s unknown: %s", work.order_key, error)
        return ctx.write(order_steps.note_unknown, order_id=work.id, trouble=error.code)
    return _accepted(ctx, work, placed)


def _account(ctx: AppContext, work: OrderWork) -> str | None:
    if work.account_sealed is None:
        return None
    return keys_of(ctx).open_intake(work.account_sealed, account_info(work.id)).decode()


def _accepted(ctx: AppContext, work: OrderWork, placed: Placed) -> int:
    return ctx.write(
        order_steps.note_accepted, order_id=work.id, supplier_no=placed.supplier_no, total_minor=placed.total_minor
    )


def _ask(ctx: AppContext, supplier: Supplier, work: OrderWork, success: Success) -> int | None:
    try:
        seen = supplier.query(work.order_key, quantity=work.quantity)
    except SupplierError as error:
        log.warning("order %s cannot be asked about: %s", work.order_key, error)
        return ctx.write(order_steps.note_unknown, order_id=work.id, trouble=error.code)
    if seen.state == "not_found":
        return ctx.write(order_steps.note_not_found, order_id=work.id) if work.sent else _place(ctx, supplier, work)
    if seen.state in ("cancelled", "refunded"):
        trouble = "supplier_cancelled" if seen.state == "cancelled" else "supplier_refunded"
        ctx.write(order_steps.note_failed, order_id=work.id, trouble=trouble, refunded_minor=seen.refunded_minor)
        return None
    if seen.state == "success":
        return success(work, seen)
    return _accepted(ctx, work, Placed(seen.supplier_no, seen.total_minor))
