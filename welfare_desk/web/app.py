"""The router: one plain ASGI callable over a handful of pages."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from welfare_desk.web import guards, notices
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, reply
from welfare_desk.web.notices import Answer
from welfare_desk.web.pages import claim, health, metrics, phone_test, ready, sent_test, start

App = Callable[[Scope, Receive, Send], Awaitable[None]]
ALLOW = (b"allow", b"GET, HEAD, POST, OPTIONS")
SERVED = ("GET", "POST", "HEAD")
log = logging.getLogger(__name__)


class Router:
    """The application of one web process. Paths are matched without regard to case."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def at_once(self, scope: Scope) -> Answer | None:
        """The answer to a forged link, for which no task is made; a genuine one is noted in the scope."""
        path: str = scope["path"]
        if path[:3].upper() != claim.PREFIX or scope["method"] not in SERVED:
            return None
        link = scope["link"] = self._host.keys.check_link(path[3:].rstrip("/"))
        if link is not None:
            return None
        self._host.settler.meter.forged += 1
        language = guards.language(scope, self._host.default_language())
        return notices.unknown(self._host.faces.known(), language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. What nobody expected is the page "not now", never a bare error; the log says where it was."""
        try:
            await self._route(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the page's contract holds whatever happens
            where = traceback.extract_tb(error.__traceback__)[-1]  # not the text: it may hold what somebody typed
            log.error("request failed: %s at %s:%s", type(error).__name__, Path(where.filename).name, where.lineno)
            language = guards.language(scope, self._host.default_language())
            await reply(scope, send, notices.unavailable(self._host.faces.known(), language))

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in SERVED:
            await empty(send, 204 if scope["method"] == "OPTIONS" else 405, ALLOW)
            return
        path: str = scope["path"]
        start_of_path = path[:3].upper()
        if start_of_path == claim.PREFIX:
            await claim.serve(self._host, scope, receive, send)
        elif start_of_path == phone_test.PREFIX:
            await phone_test.serve(self._host, scope, receive, send)
        elif start_of_path == sent_test.PREFIX:
            await sent_test.serve(self._host, scope, receive, send)
        elif path in ("/", ""):
            await start.serve(self._host, scope, receive, send)
        elif path.lower() == "/health":
            await health.serve(self._host, scope, receive, send)
        elif path.lower() == "/ready":
            await ready.serve(self._host, scope, receive, send)
        elif path.lower() == "/metrics":
            await metrics.serve(self._host, scope, receive, send)
        else:
            language = guards.language(scope, self._host.default_language())
            await reply(scope, send, notices.unknown(self._host.faces.known(), language))
