"""Asking the service for work: the job row is the only channel from a desk to the outside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.jobs import Job, JobRow
from welfare_desk.services import audit


def request(
    ctx: AppContext, session: Session, *, kind: str, params: dict[str, Any], public_key: bytes | None = None
) -> int:
    """Writes a job and returns its id. `public_key`: the asker's one-time X25519 key for a sealed answer."""
    now = ctx.clock.now()
    job = Job(
        id=new_id(), kind=kind, params=params, state="queued", progress={}, result=None, error=None,
        public_key=public_key, operator=ctx.operator, attempts=0, next_at=now, lease_until=None, lease_by=None,
        created_at=now, finished_at=None,
    )  # fmt: skip
    session.add(job)
    audit.record(ctx, session, f"job.{kind}", f"job:{job.id}", **params)
    return job.id


def take_rows(_ctx: AppContext, session: Session, *, job_id: int) -> tuple[bytes, ...]:
    """The sealed parts of a job's answer, in order; they are deleted as they are taken."""
    rows = session.scalars(select(JobRow).where(JobRow.job_id == job_id).order_by(JobRow.chunk)).all()
    sealed = tuple(row.sealed for row in rows)
    session.execute(delete(JobRow).where(JobRow.job_id == job_id))
    return sealed
