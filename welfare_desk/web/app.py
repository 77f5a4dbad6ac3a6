"""The router: one plain ASGI function over a handful of pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from welfare_desk.web import guards, notices
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, reply
from welfare_desk.web.pages import claim, health, phone_test, start

App = Callable[[Scope, Receive, Send], Awaitable[None]]
ALLOW = (b"allow", b"GET, HEAD, POST, OPTIONS")
SERVED = ("GET", "POST", "HEAD")


def build(host: Host) -> App:
    """The application of one web process. Paths are matched without regard to case."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in SERVED:
            await empty(send, 204 if scope["method"] == "OPTIONS" else 405, ALLOW)
            return
        path: str = scope["path"]
        start_of_path = path[:3].upper()
        if start_of_path == claim.PREFIX:
            await claim.serve(host, scope, receive, send)
        elif start_of_path == phone_test.PREFIX:
            await phone_test.serve(host, scope, receive, send)
        elif path in ("/", ""):
            await start.serve(host, scope, receive, send)
        elif path.lower() == "/health":
            await health.serve(host, scope, receive, send)
        else:
            language = guards.language(scope, host.default_language())
            await reply(scope, send, notices.unknown(host.faces.known(), language))

    return app
