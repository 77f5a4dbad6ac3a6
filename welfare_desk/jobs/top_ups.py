"""Top-ups that people claimed: their orders wait in the order table with the time when to look at them next."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.domain.clock import Clock
from welfare_desk.errors import WelfareError
from welfare_desk.integrations.suppliers.base import Snapshot
from welfare_desk.jobs import ordering
from welfare_desk.jobs.connecting import Connections
from welfare_desk.queries.purchasing import OrderWork
from welfare_desk.services import order_steps

log = logging.getLogger(__name__)

AT_ONCE = 32
CALLERS = 8
LEASE_MS = 60_000


def sweep(ctx: AppContext, stop: threading.Event) -> int:
    """Takes every top-up that is due one step further; gives how many those were."""
    if not ctx.read(_anything_due, clock=ctx.clock):
        return 0
    taken = ctx.write(_lease)

    def one(order_id: int) -> None:
        if not stop.is_set():
            _step(ctx, connections, order_id)

    with Connections(ctx) as connections, ThreadPoolExecutor(CALLERS, "top-up") as callers:
        list(callers.map(one, taken))
    return len(taken)


def _step(ctx: AppContext, connections: Connections, order_id: int) -> None:
    def success(order: OrderWork, seen: Snapshot) -> None:
        paid = None if seen.total_minor is None else seen.total_minor - seen.refunded_minor
        ctx.write(order_steps.note_credited, order_id=order.id, supplier_no=seen.supplier_no, paid_minor=paid)

    try:
        ordering.step(ctx, connections.supplier, order_id, success)
    except WelfareError as error:
        log.warning("top-up order %d: %s", order_id, error)  # its lease runs out, then it is asked about again


def _due(now: int) -> ColumnElement[bool]:
    free = or_(PurchaseOrder.lease_until.is_(None), PurchaseOrder.lease_until < now)
    return and_(PurchaseOrder.next_at.is_not(None), PurchaseOrder.next_at <= now, free)


def _anything_due(session: Session, *, clock: Clock) -> bool:
    found = select(PurchaseOrder.id).where(_due(read_now(session, clock))).limit(1)
    return session.execute(found).first() is not None


def _lease(ctx: AppContext, session: Session) -> tuple[int, ...]:
    now = read_now(session, ctx.clock)
    wanted = select(PurchaseOrder).where(_due(now)).order_by(PurchaseOrder.next_at).limit(AT_ONCE)
    taken = []
    for order in session.scalars(wanted.with_for_update(skip_locked=True)):
        order.lease_until = now + LEASE_MS
        taken.append(order.id)
    return tuple(taken)
