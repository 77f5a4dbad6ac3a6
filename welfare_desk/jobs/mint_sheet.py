"""Mints a campaign's links for whoever asked: sealed to the asker's one-time key, row by row of chunks."""

from __future__ import annotations

import threading
from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.errors import Refused
from welfare_desk.jobs.work import Work
from welfare_desk.services import launching, links
from welfare_desk.services.turns import in_turns

REST_S = 20.0


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """The job `mint_sheet`: params `campaign_id`; the result names rows, chunks and what the links begin with."""
    if work.public_key is None:
        raise Refused("sheet_key_missing")
    campaign_id, base = int(work.params["campaign_id"]), links.link_base(ctx)
    rows = links.mint_rows(ctx, campaign_id=campaign_id, base=base)
    sealed = list(enumerate(links.seal_rows(rows, job_id=work.id, public_key=work.public_key)))
    ctx.write(links.store_rows, rows=(), job_id=work.id, fresh=True)
    in_turns(
        ctx, links.store_rows, sealed, job_id=work.id, first=20,
        report=lambda done, total=0, _text="": work.progress(done, total, ""),
    )  # fmt: skip
    return {"campaign_id": campaign_id, "rows": len(rows), "chunks": len(sealed), "base": base}


def sweep(ctx: AppContext, stop: threading.Event) -> int:
    """Tidies up now and then: sheets that nobody fetched, launches that a crash left half done."""
    forgotten = ctx.write(links.forget_old) if ctx.read(links.anything_old, now=ctx.clock.now()) else 0
    removed = launching.sweep(ctx)
    stop.wait(REST_S)
    return forgotten + removed
