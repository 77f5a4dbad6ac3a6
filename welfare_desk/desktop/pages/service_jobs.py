"""Waiting, inside a background job, for a job row that the service works on."""

from __future__ import annotations

import threading
from typing import Any

from welfare_desk.errors import Unavailable, WelfareError
from welfare_desk.queries import jobs

LOOK_SECONDS = 0.2
WAIT_SECONDS = 60.0


def wait_for(ctx: Any, report: Any, job_id: int) -> Any:
    """Waits until the service has done a job; `report` may raise to stop waiting.

    Raises what the job failed with, Unavailable(`service_away`) when nobody takes it within a minute.
    """
    pause = threading.Event()
    waited = 0.0
    while waited < WAIT_SECONDS:
        found = ctx.read(jobs.job, job_id=job_id)
        report(found.progress.get("done", 0), found.progress.get("total", 0), str(found.progress.get("item", "")))
        if found.state == "done":
            return found
        if found.state == "failed":
            raise job_error(found)
        pause.wait(LOOK_SECONDS)
        waited = waited + LOOK_SECONDS if found.state == "queued" else 0.0
    raise Unavailable("service_away")


def job_error(job: Any) -> WelfareError:
    """What a job failed with, to be told like any other error."""
    trouble = job.error or {}
    return WelfareError(str(trouble.get("code", "job_failed")), **trouble.get("params", {}))
