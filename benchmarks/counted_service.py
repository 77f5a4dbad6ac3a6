"""The product's web process with its statements counted: `python -m benchmarks.counted_service PORT`.

GET /statements tells how many statements pages and settler have sent so far.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.arena import PASSWORD
from welfare_desk import wiring
from welfare_desk.web import app, server
from welfare_desk.web.guards import Receive, Scope, Send

COUNTED = [0]


def count(*_told: Any) -> None:
    """Counts a statement unless it is the heartbeat's or the health page's own."""
    COUNTED[0] += threading.current_thread().name != "heart"


class Counting(app.Router):
    """The product's router with one more page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["path"] != "/statements":
            await super().__call__(scope, receive, send)
            return
        body = str(COUNTED[0]).encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main(port: str) -> None:
    """Serves until it is told to stop."""
    bound = server.bind("127.0.0.1", int(port))
    data, database = Path(os.environ["WELFARE_DESK_DATA"]), os.environ["WELFARE_DESK_DATABASE"]
    ctx = wiring.service(data, database, passphrase=PASSWORD)
    event.listen(ctx.engine, "before_cursor_execute", count)
    server.Router = Counting
    server.run(ctx, [bound], [], threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
