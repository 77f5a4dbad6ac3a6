"""Looking together: who asks while others are being looked up is in the next reading, as with claims.

At ten o'clock everybody opens the page before anybody claims; one reading of a hundred grants costs little more than
one of a single grant.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from welfare_desk.context import AppContext
from welfare_desk.errors import WelfareError
from welfare_desk.queries.standing import Standing, standings
from welfare_desk.security.links import Link

CAP = 256
log = logging.getLogger(__name__)
Seen = Standing | Exception


class Looks:
    """One per web process. Everything but the reading itself belongs to the event loop."""

    def __init__(self, ctx: AppContext, pool: ThreadPoolExecutor, refresh: Callable[[Sequence[Link]], None]) -> None:
        """`refresh` is called in a thread of `pool` before each reading, for what the pages need besides."""
        self._ctx = ctx
        self._pool = pool
        self._refresh = refresh
        self._waiting: list[tuple[Link, asyncio.Future[Standing]]] = []
        self._reading = False

    def ask(self, link: Link) -> asyncio.Future[Standing]:
        """How the grant of a genuine link stands. The future raises Unavailable when the database is away."""
        answer: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        self._waiting.append((link, answer))
        if not self._reading:
            self._begin()
        return answer

    def _begin(self) -> None:
        batch, self._waiting = self._waiting[:CAP], self._waiting[CAP:]
        self._reading = bool(batch)
        if not batch:
            return
        reading = asyncio.get_running_loop().run_in_executor(self._pool, self._read, [link for link, _answer in batch])
        reading.add_done_callback(lambda done: self._deliver([answer for _link, answer in batch], done.result()))

    def _deliver(self, answers: list[asyncio.Future[Standing]], seen: list[Seen]) -> None:
        self._begin()
        for answer, found in zip(answers, seen, strict=True):
            if answer.done():
                continue  # the asker went away
            if isinstance(found, Exception):
                answer.set_exception(found)
            else:
                answer.set_result(found)

    def _read(self, links: list[Link]) -> list[Seen]:
        wanted = [(link.grant_id, link.version) for link in links]
        try:
            self._refresh(links)
            return list(self._ctx.read(standings, wanted=wanted, clock=self._ctx.clock))
        except WelfareError as error:
            return [error] * len(links)
        except Exception as error:  # noqa: BLE001 - what one grant breaks must not reach the others
            log.error("looking at %d failed: %s", len(links), type(error).__name__)
            return [error] if len(links) == 1 else [seen for link in links for seen in self._read([link])]
