"""Health: 200 when this process can serve, otherwise 503 and why."""

from __future__ import annotations

import json

from welfare_desk.errors import WelfareError
from welfare_desk.queries.service import answers
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, plain


async def serve(host: Host, scope: Scope, _receive: Receive, send: Send) -> None:
    """`/health`: the database answers, the keys are open, the settler runs."""
    trouble = await host.apart(lambda: _trouble(host))
    said = {"ok": not trouble, "process": host.ctx.writer} | ({"reason": trouble} if trouble else {})
    body = json.dumps(said).encode()
    await plain(scope, send, 503 if trouble else 200, b"application/json", body)


def _trouble(host: Host) -> str:
    if not host.settler.alive():
        return "settler_stopped"
    try:
        host.ctx.read(answers)
    except WelfareError as error:
        return error.code
    return ""
