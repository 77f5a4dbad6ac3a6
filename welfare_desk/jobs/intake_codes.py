"""The job that takes in codes a desk sealed to us: envelope by envelope, opened, checked, sealed row by row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.purchasing import IntakeEnvelope
from welfare_desk.jobs.connecting import keys_of
from welfare_desk.jobs.work import Work
from welfare_desk.services import stock


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """Every envelope of the job into stock; an interrupted job goes on with the envelopes that are left."""
    params, keys = work.params, keys_of(ctx)
    batch_id = int(params["batch_id"])
    plan = stock.BatchPlan(
        batch_id, int(params["product_id"]), None, params["label"], params["currency"], f"import:{batch_id}"
    )
    counts = {"stored": 0, "duplicates": 0}
    for chunk, chunks in ctx.read(_envelopes, job_id=work.id):
        sealed = ctx.read(_sealed, job_id=work.id, chunk=chunk)
        codes = [(str(number), str(secret)) for number, secret in
                 json.loads(keys.open_intake(sealed, stock.envelope_info(batch_id, chunk, chunks)))]  # fmt: skip
        rows = stock.seal_codes(keys, plan, codes, int(params["unit_cost_minor"]) * len(codes))
        taken = ctx.write(
            stock.take_in, job_id=work.id, chunk=chunk, rows=rows, plan=plan, expires_at=params["expires_at"]
        )
        counts["stored"] += taken.stored
        counts["duplicates"] += taken.duplicates
        work.progress(chunk + 1, chunks, "")
        work.pause(0.02)
    return counts


def _envelopes(session: Session, *, job_id: int) -> Sequence[tuple[int, int]]:
    wanted = select(IntakeEnvelope.chunk, IntakeEnvelope.chunks).where(IntakeEnvelope.job_id == job_id)
    return [(chunk, chunks) for chunk, chunks in session.execute(wanted.order_by(IntakeEnvelope.chunk))]


def _sealed(session: Session, *, job_id: int, chunk: int) -> bytes:
    row = session.get_one(IntakeEnvelope, (job_id, chunk))
    return row.sealed
