"""Metrics: the counters of this process, for this machine itself or for whoever holds the token."""

from __future__ import annotations

import hmac

from welfare_desk.settings import machine
from welfare_desk.web import clients
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, plain

KIND = b"text/plain; version=0.0.4; charset=utf-8"


async def serve(host: Host, scope: Scope, _receive: Receive, send: Send) -> None:
    """`/metrics` in Prometheus's text format; 403 for everybody else."""
    allowed = clients.is_this_machine(clients.asker(scope, host.trusted))
    if not allowed and not await host.apart(lambda: _has_token(host, scope)):
        await empty(send, 403)
        return
    body = host.settler.meter.text(host.ctx.writer, host.settler.waiting()).encode()
    await plain(scope, send, 200, KIND, body)


def _has_token(host: Host, scope: Scope) -> bool:
    token = str(machine(host.ctx.data)["metrics_token"])
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    return bool(token) and hmac.compare_digest(given, b"Bearer " + token.encode())
