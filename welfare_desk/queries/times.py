"""The database's idea of time: how far its clock stands behind the latest moment it has recorded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from welfare_desk.db.clock import POSTGRES_NOW
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.models.jobs import Process
from welfare_desk.domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Times:
    """Epoch milliseconds: `clock` is what decides who was in time, `latest` the last moment that was recorded."""

    clock: int
    latest: int

    @property
    def behind(self) -> int:
        """Milliseconds that the clock is behind; 0 when it is not."""
        return max(0, self.latest - self.clock)


def times(session: Session, *, clock: Clock) -> Times:
    """The clock in force (the database's on PostgreSQL, this machine's on SQLite) and the high-water mark."""
    latest = int(session.scalar(select(func.coalesce(func.max(Process.clock_at), 0))) or 0)
    if is_sqlite(session.connection()) or not clock.real:
        return Times(clock.now(), latest)
    return Times(int(session.execute(text(f"SELECT {POSTGRES_NOW}")).scalar_one()), latest)
