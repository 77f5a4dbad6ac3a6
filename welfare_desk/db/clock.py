"""Law 7: now is the greater of database time and the stored high-water mark."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from welfare_desk.db.engine import is_sqlite
from welfare_desk.domain.clock import Clock

HIGH_WATER = "(SELECT coalesce(max(clock_at), 0) FROM process)"
POSTGRES_NOW = "cast(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"


def now_expression(sqlite: bool, real: bool) -> str:
    """SQL that yields law 7's now; takes the caller's clock as `:clock`."""
    if sqlite:
        return f"max(:clock, {HIGH_WATER})"
    return f"greatest({POSTGRES_NOW if real else 'cast(:clock AS bigint)'}, {HIGH_WATER})"


def read_now(session: Session | Connection, clock: Clock) -> int:
    """Epoch milliseconds UTC by law 7, in one statement."""
    connection = session.connection() if isinstance(session, Session) else session
    expression = now_expression(is_sqlite(connection), clock.real)
    values = {"clock": clock.now()} if ":clock" in expression else {}
    return int(connection.execute(text(f"SELECT {expression}"), values).scalar_one())
