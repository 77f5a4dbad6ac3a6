"""Who does which job: leases with an expiry, so that the work of a killed process is taken up by the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.models.jobs import Job
from welfare_desk.domain.clock import Clock

LEASE_MS = 15_000


@dataclass(frozen=True, slots=True)
class Leased:
    """A job that is ours until its lease ends."""

    id: int
    kind: str
    params: dict[str, Any]
    operator: str
    public_key: bytes | None
    attempts: int


def _due(now: int) -> ColumnElement[bool]:
    waiting = and_(Job.state.in_(("queued", "unknown")), Job.next_at <= now)
    return or_(waiting, and_(Job.state == "running", Job.lease_until < now))


def anything_due(session: Session, *, clock: Clock, kinds: Sequence[str]) -> bool:
    """Whether a job waits to be done now, so that an idle process never asks for the write lock."""
    found = select(Job.id).where(_due(read_now(session, clock)), Job.kind.in_(kinds)).limit(1)
    return session.execute(found).first() is not None


def lease(
    ctx: AppContext, session: Session, *, holder: int, kinds: Sequence[str], limit: int = 1, job_id: int | None = None
) -> tuple[Leased, ...]:
    """Takes up to `limit` jobs that are due, oldest first; `job_id` asks for one job alone."""
    now = read_now(session, ctx.clock)
    wanted = select(Job).where(_due(now), Job.kind.in_(kinds)).order_by(Job.next_at, Job.id).limit(limit)
    if job_id is not None:
        wanted = wanted.where(Job.id == job_id)
    taken = []
    for job in session.scalars(wanted.with_for_update(skip_locked=True)):
        job.state, job.lease_by, job.lease_until = "running", holder, now + LEASE_MS
        job.attempts += 1
        taken.append(Leased(job.id, job.kind, job.params, job.operator, job.public_key, job.attempts))
    return tuple(taken)


def renew(ctx: AppContext, session: Session, *, holder: int, job_ids: Sequence[int]) -> None:
    """Prolongs our leases."""
    ours = update(Job).where(Job.id.in_(job_ids), Job.lease_by == holder, Job.state == "running")
    session.execute(ours.values(lease_until=read_now(session, ctx.clock) + LEASE_MS))


def report(ctx: AppContext, session: Session, *, holder: int, job_id: int, progress: dict[str, Any]) -> None:
    """Shows how far a job is, and prolongs its lease."""
    ours = update(Job).where(Job.id == job_id, Job.lease_by == holder, Job.state == "running")
    session.execute(ours.values(progress=progress, lease_until=read_now(session, ctx.clock) + LEASE_MS))


def finish(
    ctx: AppContext, session: Session, *, holder: int, job_id: int, state: str,
    result: dict[str, Any] | None = None, error: dict[str, Any] | None = None, after_ms: int = 0,
) -> bool:  # fmt: skip
    """Ends our turn: done or failed for good, queued or unknown to be called again. False if the lease was lost."""
    now = read_now(session, ctx.clock)
    ours = update(Job).where(Job.id == job_id, Job.lease_by == holder, Job.state == "running")
    changed = ours.values(
        state=state, result=result, error=error, next_at=now + after_ms, lease_until=None, lease_by=None,
        finished_at=now if state in ("done", "failed") else None,
    )  # fmt: skip
    return session.scalar(changed.returning(Job.id)) is not None
