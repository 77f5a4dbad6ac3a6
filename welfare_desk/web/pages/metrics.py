"""Metrics: the counters of this process, for this machine itself or for whoever holds the token."""

from __future__ import annotations

import hmac

from welfare_desk.settings import machine
from welfare_desk.web import clients
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty

KIND = b"text/plain; version=0.0.4; charset=utf-8"


async def serve(host: Host, scope: Scope, _receive: Receive, send: Send) -> None:
    """`/metrics` in Prometheus's text format; 403 for everybody else."""
    allowed = clients.is_this_machine(clients.asker(scope, host.trusted))
    if not allowed and not await host.apart(lambda: _has_token(host, scope)):
        await empty(send, 403, (b"cache-control", b"no-store"))
        return
    body = host.settler.meter.text(host.ctx.writer, host.settler.waiting()).encode()
    headers = [(b"content-type", KIND), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _has_token(host: Host, scope: Scope) -> bool:
    token = str(machine(host.ctx.data)["metrics_token"])
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    return bool(token) and hmac.compare_digest(given, b"Bearer " + token.encode())
