"""What every page of one web process works with: context, keys, faces, settler, a few threads for looking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from welfare_desk.context import AppContext
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.security.links import Link
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.web.clients import Network
from welfare_desk.web.faces import FRESH_S, Faces
from welfare_desk.web.guards import Attempts, Scope, Send
from welfare_desk.web.looks import Looks
from welfare_desk.web.notices import Answer
from welfare_desk.web.settler import Settler

T = TypeVar("T")
LOOKERS = 4
KEY_SHIFT = 40
BARE_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def key_number(link: Link) -> int:
    """The campaign's number in a link."""
    return link.grant_id >> KEY_SHIFT


@dataclass(slots=True)
class Host:
    """One web process. Made before the loop starts; `settler` is started by the server; `trusted` are proxies."""

    ctx: AppContext
    keys: OpenKeys
    faces: Faces
    settler: Settler
    attempts: Attempts = field(default_factory=Attempts)
    trusted: tuple[Network, ...] = ()
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(LOOKERS, "look"))
    looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        self.looks = Looks(self.ctx, self.pool, refresher(self.faces))

    async def apart(self, work: Callable[[], T]) -> T:
        """Runs blocking `work` in a thread, so that the loop stays free."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    def default_language(self) -> str:
        """The language of a phone that asks for none we know."""
        return self.faces.known().company.language

    def close(self) -> None:
        """Settles what was accepted and ends the threads."""
        self.settler.stop()
        self.pool.shutdown()


def refresher(faces: Faces, within: float = FRESH_S) -> Callable[[Sequence[ClaimRequest | Link]], None]:
    """For the settler and for looks: the faces of the campaigns in a batch are at most `within` seconds old."""

    def refresh(requests: Sequence[ClaimRequest | Link]) -> None:
        for number in {request.grant_id >> KEY_SHIFT for request in requests}:
            faces.fresh(number, within)

    return refresh


async def reply(scope: Scope, send: Send, answer: Answer) -> None:
    """Sends a page; a HEAD gets its headers alone. `head` is our own wire's way to take headers joined already."""
    await send({"type": "http.response.start", "status": answer.status, "head": answer.head()})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


async def empty(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """Sends an answer without a body."""
    length = [] if status == 204 else [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": [*length, *BARE_HEADERS, *headers]})
    await send({"type": "http.response.body", "body": b""})


async def plain(scope: Scope, send: Send, status: int, kind: bytes, body: bytes) -> None:
    """Sends an answer for machines; a HEAD gets its headers alone."""
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *BARE_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
