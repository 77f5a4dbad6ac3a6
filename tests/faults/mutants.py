"""Laws broken on purpose: every campaign must notice those that it is there for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import claim_sql, clock, engine
from welfare_desk.db.models.campaigns import Message
from welfare_desk.errors import Unavailable
from welfare_desk.queries import settings as facts
from welfare_desk.security.journal import Journal
from welfare_desk.services import epochs, journal_codes, journal_replay, messages, order_steps, startup
from welfare_desk.web.pages import claim


@contextmanager
def living(name: str) -> Iterator[None]:
    """Breaks the laws named, separated by " + ", inside the block; "" breaks none."""
    with ExitStack() as stack:
        for one in filter(None, name.split(" + ")):
            for made in MUTANTS[one]():
                stack.enter_context(made)
        yield


def _write_later(self: AppContext, service: Any, *args: Any, **kwargs: Any) -> Any:
    """The answer goes out, the commit follows a moment later."""
    session: Session = self._session(write=True)
    result = service(self, session, *args, **kwargs)

    def commit() -> None:
        time.sleep(0.02)
        session.commit()
        session.close()

    threading.Thread(target=commit, daemon=True).start()
    return result


def _begin_like_the_driver(connection: Connection) -> None:
    """As Python's driver does by default: nothing before the first change, then a transaction begun as a reader."""
    if connection.get_execution_options().get("write"):
        connection.connection.dbapi_connection.isolation_level = ""  # type: ignore[union-attr]


def _without_lock() -> Any:
    real = claim_sql.lock_grants
    return patch.object(claim_sql, "lock_grants", lambda *given, lock=True: real(*given, lock=False))


def _choose_then_take(connection: Connection, product_id: int, count: int, now: int, _after: Any = None) -> list[Any]:
    values = {"product": product_id, "now": now, "count": count}
    chosen = connection.execute(text("""SELECT id FROM code WHERE product_id = :product AND shelf_order > :now
        ORDER BY shelf_order, id LIMIT :count"""), values).scalars().all()  # fmt: skip
    return list(connection.execute(text("""UPDATE code SET shelf_order = NULL, state = 'issued'
        WHERE id = ANY(:ids) RETURNING id, batch_id, product_id, sealed, cost_minor, expires_at"""),
        {"ids": list(chosen)}).all())  # fmt: skip


def _overlooking(real: Callable[..., Any], *errors: type[Exception]) -> Callable[..., Any]:
    def careless(*args: Any, **kwargs: Any) -> Any:
        try:
            return real(*args, **kwargs)
        except errors:
            return None

    return careless


def _overlooking_a_full_disk() -> Any:
    """Behind a savepoint: PostgreSQL would not go on with the transaction otherwise."""
    real = claim_sql.write_settlement

    def careless(connection: Connection, *args: Any, **kwargs: Any) -> Any:
        with suppress(DBAPIError), connection.begin_nested():
            return real(connection, *args, **kwargs)

    return patch.object(claim_sql, "write_settlement", careless)


def _sent_when_begun(session: Session, message_id: int, now: int) -> Any:
    begun = _BEGIN(session, message_id, now)
    if begun is not None:
        session.get_one(Message, message_id).state = "sent"
    return begun


_BEGIN = messages._begin


def _new_key(ctx: AppContext, session: Session, *, order_id: int, trouble: str) -> int:
    """Unknown is taken for failed: the order is sent again under another key."""
    order = session.get_one(order_steps.PurchaseOrder, order_id)
    order.order_key = f"{order.order_key[:21]}-{order.attempts + 1}"
    order.sent_at, order.state = None, "created"
    order.attempts, order.lease_until = order.attempts + 1, None
    order.next_at = order_steps.read_now(session, ctx.clock) + 500
    return 500


def _blind(ctx: AppContext, session: Session, *, order_id: int) -> None:
    """A supplier that does not know the key yet is taken at its word at once."""
    order_steps.note_failed(ctx, session, order_id=order_id, trouble="supplier_not_found")


def _same_epoch(ctx: AppContext, session: Session) -> str:
    return facts.epoch(session)


MUTANTS: dict[str, Callable[[], list[Any]]] = {
    "acknowledge before commit": lambda: [patch.object(AppContext, "write", _write_later)],
    "default transactions": lambda: [patch.object(engine, "_begin_sqlite", _begin_like_the_driver)],
    "no transactions": lambda: [patch.object(engine, "_begin_sqlite", lambda connection: None)],
    "NORMAL": lambda: [  # and nobody looks: start-up would refuse it
        patch.object(engine, "_prepare_sqlite", lambda _full, real=engine._prepare_sqlite: real("NORMAL")),
        patch.object(startup, "check", lambda ctx: None),
    ],
    "no lock": lambda: [_without_lock()],
    "no UNIQUE": list,  # the campaign drops the constraints of its database
    "choose, then take": lambda: [patch.object(claim_sql, "take_codes", _choose_then_take)],
    "empty means sold out": lambda: [patch.object(claim_sql, "free_remain", lambda *given: False)],
    "GET claims": lambda: [patch.object(claim, "look", lambda host, link, asked: claim.act(host, link, asked, {}))],
    "claims forgotten": lambda: [patch.object(claim_sql, "read_fulfilments", lambda *given: [])],
    "no high-water mark": lambda: [patch.object(clock, "HIGH_WATER", "0")],
    "a failed write is overlooked": lambda: [_overlooking_a_full_disk()],
    "a failed journal is overlooked": lambda: [
        patch.object(Journal, "append", _overlooking(Journal.append, Unavailable)),
    ],
    "restore without replay": lambda: [
        patch.object(journal_replay, "replay", lambda ctx, session, given: journal_replay.Counts()),
    ],
    "later codes forgotten": lambda: [patch.object(journal_codes, "bring_back", lambda ctx, session, row: None)],
    "restore without epoch": lambda: [patch.object(epochs, "renew", _same_epoch)],
    "recorded before it is sent": lambda: [patch.object(messages, "_begin", _sent_when_begun)],
    "retry with a new key": lambda: [patch.object(order_steps, "note_unknown", _new_key)],
    "not found means failed": lambda: [patch.object(order_steps, "note_not_found", _blind)],
}  # fmt: skip
