"""HTTP/1.1 on a connection, as lean as a page of three kilobytes needs it: no task and one write per request.

uvicorn keeps the sockets and the loop; this takes the place of its protocol. A request reaches the application when
its body is complete, and all of it is at most 64 kB, so `receive` never waits and nothing large is ever held. The
application may wait for futures of the loop and for nothing else; that is what `Exchange` takes turns with.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import MutableMapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.server import ServerState

from welfare_desk.web.guards import Scope

REQUEST_LIMIT = 65_536
PIPELINED = 16
STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
log = logging.getLogger(__name__)
REFUSED = b"HTTP/1.1 %d %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def joined(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Headers as they go over the wire."""
    return b"".join([b"%s: %s\r\n" % header for header in headers])


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None
    ) -> None:
        self._app = config.loaded_app
        self._at_once = getattr(self._app, "at_once", None)  # answers that need neither waiting nor a task
        self._state = server_state
        self._app_state = app_state
        self._loop: asyncio.AbstractEventLoop = _loop or asyncio.get_running_loop()
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[Exchange] = deque()
        self._current: Exchange | None = None
        self._closing = False
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._size = 0
        self._body = b""
        self.since = time.monotonic()
        self._client: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._client = transport.get_extra_info("peername")
        self._state.connections.add(self)  # type: ignore[arg-type]  # counted and shut down, no more

    def connection_lost(self, _exc: Exception | None) -> None:
        self._state.connections.discard(self)
        self._transport = None
        self._parser = None
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > REQUEST_LIMIT:
            self._refuse(413)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(400)
        except httptools.HttpParserError:
            self._refuse(400)

    def shutdown(self) -> None:
        """The server ends: answers what it has, takes nothing more."""
        self._closing = True
        if self._current is None and self._transport is not None:
            self._transport.close()

    def drop_if_idle(self, before: float) -> None:
        """Hangs up when nothing was asked, or no request was finished, since `before` (monotonic seconds)."""
        if self._current is None and self.since < before and self._transport is not None:
            self._transport.close()

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", [], b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._headers.append((name, value))
        if name == b"expect" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body = self._body + body if self._body else body

    def on_message_complete(self) -> None:
        self._size = 0
        if self._closing:
            return
        try:
            url = httptools.parse_url(self._url)
            path = (url.path or b"").decode("ascii")
        except (httptools.HttpParserInvalidURLError, UnicodeDecodeError):
            self._refuse(400)
            return
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": self._parser.get_http_version(),
            "method": self._parser.get_method().decode("ascii"), "path": unquote(path) if "%" in path else path,
            "raw_path": url.path, "query_string": url.query or b"", "headers": self._headers, "root_path": "",
            "scheme": "http", "server": None, "client": self._client, "state": self._app_state,
        }  # fmt: skip
        exchange = Exchange(self, scope, self._body, keep=self._parser.should_keep_alive())
        answer = self._at_once(scope) if self._at_once is not None and self._current is None else None
        if answer is not None:
            exchange.answer(answer.status, answer.head(), answer.body)
        elif self._current is None:
            self._begin(exchange)
        elif len(self._waiting) < PIPELINED:
            self._waiting.append(exchange)
        else:
            self._refuse(503)

    def _refuse(self, status: int) -> None:
        if self._transport is not None and not self._closing:
            self._closing = True
            self._transport.write(REFUSED % (status, HTTPStatus(status).phrase.encode()))
            self._transport.close()

    def _begin(self, exchange: Exchange) -> None:
        self._current = exchange
        exchange.run(self._app)

    def finish(self, exchange: Exchange, answer: bytes) -> None:
        """Writes a whole answer and takes the next request."""
        self._current = None
        self.since = time.monotonic()
        if self._transport is None:
            return
        self._transport.write(answer)
        if not exchange.keep or self._closing:
            self._transport.close()
        elif self._waiting:
            self._begin(self._waiting.popleft())

    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """What the server adds to every answer: the date."""
        return self._state.default_headers


class Exchange:
    """One request and its answer."""

    __slots__ = ("_body", "_content", "_scope", "_start", "_turn", "_wire", "keep")

    def __init__(self, wire: Wire, scope: Scope, body: bytes, *, keep: bool) -> None:
        self._wire = wire
        self._scope = scope
        self._body: bytes | None = body
        self._start = (500, b"")
        self._content = b""
        self.keep = keep

    def run(self, app: Any) -> None:
        """Runs the application until it waits for something; what it forgets or breaks becomes a 500.

        A task of asyncio costs as much as the rest of this protocol: four rounds of the loop for one wait.
        """
        self._turn = app(self._scope, self.receive, self.send).send
        self._go_on()

    def _go_on(self, _ready: Any = None) -> None:
        try:
            future = self._turn(None)
            future._asyncio_future_blocking = False  # noqa: SLF001 - how whoever takes turns says that it waits
            future.add_done_callback(self._go_on)
        except StopIteration:
            self._end()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - its text may hold what somebody typed
            log.error("request broken off: %s", type(error).__name__)
            self._end()

    def _end(self) -> None:
        if self._wire._current is self:  # noqa: SLF001 - the two classes are one thing
            self.keep = False
            self._wire.finish(self, REFUSED % (500, b"Internal Server Error"))

    async def receive(self) -> MutableMapping[str, Any]:
        """The body, whole; then the end."""
        if self._body is None:
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Takes the head, then the body, and writes both in one go; `head` may hold the headers joined already."""
        if message["type"] == "http.response.start":
            head = message.get("head")
            self._start = message["status"], joined(message["headers"]) if head is None else head
            return
        self._content += message.get("body", b"")
        if not message.get("more_body", False):
            self.answer(*self._start, self._content)

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """Writes a whole answer; `head` is its headers, each with its line end."""
        parts = (
            STATUS_LINES[status],
            joined(self._wire.default_headers()),
            head,
            b"\r\n" if self.keep else b"connection: close\r\n\r\n",
            b"" if self._scope["method"] == "HEAD" else body,
        )
        self._wire.finish(self, b"".join(parts))
