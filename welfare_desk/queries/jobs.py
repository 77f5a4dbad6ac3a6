"""How jobs stand, and whether somebody is there to do them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.jobs import Job, Process

ALIVE_MS = 15_000


@dataclass(frozen=True, slots=True)
class JobState:
    """One job. `state`: queued, running, done, failed, unknown. `progress`: done, total, item."""

    id: int
    kind: str
    params: dict[str, Any]
    state: str
    progress: dict[str, Any]
    result: dict[str, Any]
    error: dict[str, Any] | None
    created_at: int
    finished_at: int | None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ("done", "failed")


def job(session: Session, *, job_id: int) -> JobState | None:
    """One job, or None."""
    row = session.get(Job, job_id)
    return _state(row) if row else None


def recent(session: Session, *, limit: int = 50) -> tuple[JobState, ...]:
    """The newest jobs, newest first."""
    return tuple(_state(row) for row in session.scalars(select(Job).order_by(Job.id.desc()).limit(limit)))


def worker_alive(session: Session, *, now: int) -> bool:
    """Whether a jobs process of a service showed itself in the last 15 s and has not said goodbye."""
    living = select(Process.number).where(
        Process.role == "jobs", Process.stopped_at.is_(None), Process.seen_at > now - ALIVE_MS
    )
    return session.execute(living.limit(1)).first() is not None


def _state(row: Job) -> JobState:
    return JobState(
        row.id, row.kind, row.params, row.state, row.progress or {}, row.result or {}, row.error, row.created_at,
        row.finished_at,
    )  # fmt: skip
