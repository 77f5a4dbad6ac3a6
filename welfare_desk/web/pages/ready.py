"""Readiness: 200 when this process can serve claims now, otherwise 503 and every reason."""

from __future__ import annotations

import json
import os
import shutil

from welfare_desk.errors import WelfareError
from welfare_desk.security import journal
from welfare_desk.services import epochs
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, plain
from welfare_desk.web.settler import QUEUE_LIMIT

ROOM_BYTES = 1_000_000


async def serve(host: Host, scope: Scope, _receive: Receive, send: Send) -> None:
    """`/ready`: for whoever spreads requests over several services. `/health` says only that the process lives."""
    reasons = await host.apart(lambda: _reasons(host))
    body = json.dumps({"ready": not reasons, "process": host.ctx.writer, "reasons": reasons}).encode()
    await plain(scope, send, 503 if reasons else 200, b"application/json", body)


def _reasons(host: Host) -> list[str]:
    """Codes of what stands in the way of a claim; empty when nothing does."""
    found = []
    if not host.settler.alive():
        found.append("settler_stopped")
    if host.settler.waiting() >= QUEUE_LIMIT:
        found.append("service_busy")
    folder = host.ctx.data / journal.FOLDER
    if not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < ROOM_BYTES:
        found.append("journal_unwritable")
    try:
        epochs.check_life(host.ctx)
    except WelfareError as error:
        found.append(error.code)
    return found
