"""What becomes of an order after it was asked for: one function per thing the outside can say.

States: created → sent → processing → received | partial | failed, and unknown whenever nobody can say. An unknown
order is asked about under its own key and never sent again, unless it is certain that no byte of it ever left.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry
from welfare_desk.db.models.purchasing import OfferNote, PurchaseOrder

SETTLED = ("received", "partial", "failed")
NOT_FOUND_GRACE_MS = 15 * 60_000
NOT_FOUND_ANSWERS = 3
NOT_FOUND = "supplier_not_found"
UNKNOWN_DELAYS_MS = (500, 1_000, 2_000, 5_000, 15_000, 60_000, 300_000)
PROCESSING_DELAYS_MS = (300, 300, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 30_000, 60_000, 300_000)


def mark_sent(ctx: AppContext, session: Session, *, order_id: int) -> bool:
    """Commits the intent to send now; False when somebody else sent it or may have."""
    unsent = update(PurchaseOrder).where(
        PurchaseOrder.id == order_id, PurchaseOrder.sent_at.is_(None), PurchaseOrder.state.in_(("created", "unknown"))
    )
    now = read_now(session, ctx.clock)
    changed = unsent.values(state="sent", sent_at=now).returning(PurchaseOrder.id)
    return session.scalar(changed) is not None


def note_unsent(ctx: AppContext, session: Session, *, order_id: int, trouble: str) -> int:
    """No byte left this machine: the order may be sent later under the same key. Gives the delay in ms."""
    order = session.get_one(PurchaseOrder, order_id)
    order.sent_at = None
    return _wait(ctx, session, order, "unknown", trouble, UNKNOWN_DELAYS_MS)


def note_unknown(ctx: AppContext, session: Session, *, order_id: int, trouble: str) -> int:
    """Nobody can say what happened: ask again after the delay given, in ms."""
    order = session.get_one(PurchaseOrder, order_id)
    return _wait(ctx, session, order, "unknown", trouble, UNKNOWN_DELAYS_MS)


def note_accepted(
    ctx: AppContext, session: Session, *, order_id: int, supplier_no: str, total_minor: int | None
) -> int:
    """The supplier has it and works on it; gives the delay in ms until it is asked again."""
    order = session.get_one(PurchaseOrder, order_id)
    order.supplier_no = supplier_no or order.supplier_no
    order.total_minor = total_minor if total_minor is not None else order.total_minor
    if order.state != "processing":
        order.attempts = 0
    return _wait(ctx, session, order, "processing", None, PROCESSING_DELAYS_MS)


def note_not_found(ctx: AppContext, session: Session, *, order_id: int) -> int | None:
    """The supplier does not know the key. It has failed only after a quarter of an hour and three such answers in turn.

    Gives the delay in ms, or None when it has failed now.
    """
    order = session.get_one(PurchaseOrder, order_id)
    now = read_now(session, ctx.clock)
    if order.trouble != NOT_FOUND:
        order.attempts = 0  # from here on it counts these answers
    long_ago = order.sent_at is not None and now - order.sent_at >= NOT_FOUND_GRACE_MS
    if long_ago and order.attempts + 1 >= NOT_FOUND_ANSWERS:
        _settle(order, "failed", now, "supplier_never_had_it")
        _tell_person(session, order, "failed", now)
        return None
    return _wait(ctx, session, order, "unknown", NOT_FOUND, (60_000,) if long_ago else UNKNOWN_DELAYS_MS)


def note_failed(ctx: AppContext, session: Session, *, order_id: int, trouble: str, refunded_minor: int = 0) -> None:
    """The order came to nothing for certain: refused, cancelled or refunded."""
    order = session.get_one(PurchaseOrder, order_id)
    now = read_now(session, ctx.clock)
    _settle(order, "failed", now, trouble)
    if refunded_minor:
        add_note(ctx, session, order_id=order_id, kind="refunded", refunded_minor=refunded_minor)
    _tell_person(session, order, "failed", now)


def note_credited(
    ctx: AppContext, session: Session, *, order_id: int, supplier_no: str, paid_minor: int | None
) -> None:
    """A top-up arrived: the supplier is owed, and the campaign carries the cost."""
    order = session.get_one(PurchaseOrder, order_id, with_for_update=True)
    if order.state in SETTLED:
        return
    now = read_now(session, ctx.clock)
    order.received, order.supplier_no = 1, supplier_no or order.supplier_no
    order.total_minor = next(
        amount for amount in (paid_minor, order.total_minor, order.price_ceiling_minor) if amount is not None
    )
    _settle(order, "received", now, None)
    unit = _tell_person(session, order, "credited", now)
    if unit is not None:
        unit.cost_minor = order.total_minor
        claimed = update(Claim).where(Claim.grant_id == unit.grant_id)
        session.execute(claimed.values(cost_minor=Claim.cost_minor + order.total_minor))
        book(
            session, now, f"order:{order.id}", order.currency,
            (f"campaign:{unit.campaign_id}", order.total_minor), (f"supplier:{order.supplier_id}", -order.total_minor),
        )  # fmt: skip


def add_note(ctx: AppContext, session: Session, *, order_id: int, kind: str, **detail: Any) -> None:
    """Something odd that a person should read. `detail` holds no code."""
    session.add(OfferNote(id=new_id(), order_id=order_id, kind=kind, detail=detail, at=ctx.clock.now()))


def book(session: Session, now: int, subject: str, currency: str, *lines: tuple[str, int]) -> None:
    """One transaction of the ledger from (account, amount in minor units) lines, which sum to zero."""
    transaction = new_id()
    for number, (account, amount) in enumerate(lines):
        session.add(
            LedgerEntry(
                transaction_id=transaction, line=number, at=now, account=account, subject=subject,
                amount_minor=amount, currency=currency,
            )
        )  # fmt: skip


def settle_stock(order: PurchaseOrder, now: int, *, trouble: str | None) -> None:
    """All codes of an order are stored: received when it is complete, else partial."""
    _settle(order, "received" if order.received >= order.quantity else "partial", now, trouble)


def _settle(order: PurchaseOrder, state: str, now: int, trouble: str | None) -> None:
    order.state, order.trouble, order.settled_at = state, trouble, now
    order.next_at = order.lease_until = None


def _wait(
    ctx: AppContext, session: Session, order: PurchaseOrder, state: str, trouble: str | None, delays: tuple[int, ...]
) -> int:
    after = delays[min(order.attempts, len(delays) - 1)]
    order.state, order.trouble, order.lease_until = state, trouble, None
    order.attempts += 1
    if order.grant_id is not None:
        now = read_now(session, ctx.clock)
        order.next_at = now + after
        _tell_person(session, order, "unknown" if state == "unknown" else "crediting", now)
    return after


def _tell_person(session: Session, order: PurchaseOrder, state: str, now: int) -> Fulfilment | None:
    """The unit of the claim behind a top-up follows its order."""
    if order.grant_id is None:
        return None
    unit = session.get(Fulfilment, (order.grant_id, order.part or 0, order.unit or 0))
    if unit is not None and unit.state != state:
        unit.state, unit.changed_at = state, now
    return unit
