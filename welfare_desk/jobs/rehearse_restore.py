"""The job that restores a backup into a sandbox; a desk cannot, because it has no keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.jobs.work import Work
from welfare_desk.services.rehearsals import rehearse


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """The job `rehearse_restore`: params `file`; the result says whether the backup adds up."""
    made = rehearse(ctx, Path(str(work.params["file"])), report=lambda rows: work.progress(rows, 0, ""))
    return {"ok": made.ok, "rows": made.rows, "differences": made.differences, "replayed": made.replayed}
