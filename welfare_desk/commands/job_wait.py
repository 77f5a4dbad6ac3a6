"""Commands that need the service's work: write a job, wait for it, or do it here when no service is alive."""

from __future__ import annotations

import argparse
import time
from typing import Any

from welfare_desk import wiring
from welfare_desk.commands.base import passphrase
from welfare_desk.context import AppContext
from welfare_desk.errors import Refused
from welfare_desk.jobs import runner
from welfare_desk.queries import jobs as job_queries
from welfare_desk.services import jobs as job_services

JOB_TIMEOUT_S = 120
POLL_S = 0.05


def waiting(parser: argparse.ArgumentParser) -> None:
    """Adds --wait and --timeout of commands that need the service's work."""
    parser.add_argument("--wait", action="store_true", help="wait until the work is done")
    parser.add_argument("--timeout", type=float, default=JOB_TIMEOUT_S, metavar="S", help="seconds to wait (120)")


def run_job(
    args: argparse.Namespace, ctx: AppContext, *, kind: str, params: dict[str, Any], public_key: bytes | None = None,
    wait: bool | None = None,
) -> job_queries.JobState:  # fmt: skip
    """Writes a job; with --wait waits for it, or does it here when no service is alive.

    Returns the job as it stands. Raises Refused when the service is away and the key store cannot be opened.
    """
    job_id = ctx.write(job_services.request, kind=kind, params=params, public_key=public_key)
    return follow_job(args, ctx, job_id, wait=wait)


def follow_job(
    args: argparse.Namespace, ctx: AppContext, job_id: int, *, wait: bool | None = None
) -> job_queries.JobState:
    """Waits for a job by --wait and --timeout; see `run_job`."""
    wanted = getattr(args, "wait", False) if wait is None else wait
    deadline = time.monotonic() + float(getattr(args, "timeout", JOB_TIMEOUT_S))
    while True:
        state = ctx.read(job_queries.job, job_id=job_id)
        if state is None:
            raise Refused("job_unknown", job=job_id)
        if not wanted or state.finished or time.monotonic() > deadline:
            return state
        if ctx.read(job_queries.worker_alive, now=ctx.clock.now()):
            time.sleep(POLL_S)
        else:
            runner.run_once(wiring.with_keys(ctx, passphrase()), job_id, deadline=deadline)


def raise_if_failed(state: job_queries.JobState) -> None:
    """Raises the error a failed job recorded."""
    if state.state == "failed":
        error = state.error or {"code": "job_failed"}
        raise Refused(error["code"], field=error.get("field"), **error.get("params", {}))
