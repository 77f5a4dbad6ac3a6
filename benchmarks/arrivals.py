"""People who come when they come: an open loop. Every request has a moment at which it is due, and waits from then on.

A slow answer does not keep the others away, as it would with clients that ask only after they were answered.
`python -m benchmarks.arrivals URL COURSE.jsonl steady RATE CONNECTIONS` claims at a steady rate over kept connections;
`… rush MINUTES` is the spike: everybody on a connection of their own looks, waits a moment, and claims.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import post, secret_of, state_of
from welfare_desk.web.server import allow_connections

PATIENCE_S = 30.0
THINKS_S = (1.0, 6.0)  # from the page to the button
STROKE, RUSH = 0.2, 0.6  # shares that come at the stroke of ten, and within the rest of the rush


@dataclass
class Heard:
    """What came back: waits in seconds from the due moment, by kind of request."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {"look": [], "claim": []})
    states: Counter[str] = field(default_factory=Counter)
    secrets: set[bytes] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, due: float, answer: bytes) -> None:
        """One answer."""
        self.waits[kind].append(time.monotonic() - due)
        self.states[f"{kind} {state_of(answer)}"] += 1
        secret = secret_of(answer) if kind == "claim" else b""
        if secret:
            self.secrets.add(secret)


class Connection(asyncio.Protocol):
    """One connection; `ask` hands the whole answer, or nothing when it was cut off, to the asker."""

    def __init__(self) -> None:
        self._buffer = b""
        self._hears: Callable[[bytes], None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, request: bytes, hears: Callable[[bytes], None]) -> None:
        """Sends a request."""
        assert self._transport is not None
        self._buffer, self._hears = b"", hears
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.index(b"content-length: ", 0, head)
        if len(self._buffer) >= head + 4 + int(self._buffer[at + 16 : self._buffer.index(b"\r\n", at)]):
            self._answer(self._buffer)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._answer(b"")

    def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            self._transport.close()

    def _answer(self, answer: bytes) -> None:
        hears, self._hears = self._hears, None
        if hears is not None:
            hears(answer)


async def at_moments(moments: Sequence[float], begin: float, act: Callable[[int, float], None]) -> None:
    """Calls `act` with number and due moment (`begin` + each of `moments`, ascending), late if need be."""
    for number, moment in enumerate(moments):
        wait = begin + moment - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        elif number % 64 == 0:
            await asyncio.sleep(0)
        act(number, begin + moment)


async def steady(host: str, port: int, requests: list[bytes], rate: float, connections: int) -> tuple[Heard, float]:
    """Claims at `rate` per second; who finds every connection busy waits, and that counts as waiting."""
    loop, heard, over = asyncio.get_running_loop(), Heard(), asyncio.Event()
    idle = deque([(await loop.create_connection(Connection, host, port))[1] for _number in range(connections)])
    queue: deque[tuple[bytes, float]] = deque()
    left = len(requests)

    def send(connection: Connection, request: bytes, due: float) -> None:
        def hears(answer: bytes) -> None:
            nonlocal left
            heard.note("claim", due, answer)
            left -= 1
            if not left:
                over.set()
            if queue:
                send(connection, *queue.popleft())
            else:
                idle.append(connection)

        connection.ask(request, hears)

    def act(number: int, due: float) -> None:
        if idle:
            send(idle.popleft(), requests[number], due)
        else:
            queue.append((requests[number], due))

    begin = time.monotonic()
    await at_moments([number / rate for number in range(len(requests))], begin, act)
    await asyncio.wait_for(over.wait(), PATIENCE_S)
    return heard, time.monotonic() - begin


async def rush(host: str, port: int, claims: list[bytes], minutes: float) -> tuple[Heard, float]:
    """Everybody comes once: a connection, the page, a moment to read, the claim."""
    heard, visits = Heard(), set()

    def act(number: int, due: float) -> None:
        visit = asyncio.ensure_future(_visit(host, port, claims[number], due, heard))
        visits.add(visit)
        visit.add_done_callback(visits.discard)

    begin = time.monotonic()
    await at_moments(curve(len(claims), minutes), begin, act)
    while visits:
        await asyncio.wait(set(visits))
    return heard, time.monotonic() - begin


async def _visit(host: str, port: int, claim: bytes, due: float, heard: Heard) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE_S):
            _transport, connection = await loop.create_connection(Connection, host, port)
            await _asked(connection, "look", look(claim), due, heard)
            await asyncio.sleep(random.uniform(*THINKS_S))
            await _asked(connection, "claim", claim, time.monotonic(), heard)
        connection.close()
    except (OSError, TimeoutError) as error:
        heard.errors[type(error).__name__] += 1


async def _asked(connection: Connection, kind: str, request: bytes, due: float, heard: Heard) -> None:
    answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    connection.ask(request, lambda answer: None if answered.done() else answered.set_result(answer))
    answer = await answered
    if not answer:
        raise ConnectionResetError
    heard.note(kind, due, answer)


def look(claim: bytes) -> bytes:
    """The page that comes before a claim."""
    head = claim[: claim.index(b"\r\n\r\n") + 4].replace(b"POST", b"GET", 1)
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"content-"))


def curve(people: int, minutes: float) -> list[float]:
    """When each comes, seconds after the opening, ascending: 80 % within `minutes`, the rest in half as many more.

    A fifth comes at the stroke, half of those within the first fiftieth of the time; then it ebbs away.
    """
    chance, rush_s = random.Random(10), minutes * 60
    moments = []
    for at in range(people):
        share = at / people
        if share < STROKE:
            moments.append(min(chance.expovariate(1 / (rush_s * 0.03)), rush_s))
        elif share < STROKE + RUSH:
            moments.append(min(chance.expovariate(1 / (rush_s * 0.3)), chance.uniform(0, rush_s)))
        else:
            moments.append(rush_s + chance.uniform(0, rush_s / 2))
    return sorted(moments)


def quantile(waits: list[float], share: float) -> float:
    """The wait in seconds that this share of the requests did not exceed."""
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def main(url: str, course: str, how: str, *given: str) -> None:
    """Comes and reports; waits in milliseconds."""
    allow_connections()
    target = urlsplit(url)
    host, port = target.hostname or "127.0.0.1", target.port or 80
    lines = [json.loads(line) for line in Path(course).read_text(encoding="utf-8").splitlines()]
    requests = [post(host, token, identity) for token, identity, *_rest in lines]
    if how == "steady":
        heard, seconds = asyncio.run(steady(host, port, requests, float(given[0]), int(given[1])))
    else:
        heard, seconds = asyncio.run(rush(host, port, requests, float(given[0])))
    waits = {
        kind: {str(share): round(1000 * quantile(found, share), 1) for share in (0.5, 0.9, 0.99, 0.999, 1.0)}
        for kind, found in heard.waits.items() if found
    }  # fmt: skip
    print(json.dumps({"seconds": round(seconds, 1), "claimed": heard.states["claim claimed"], "waits_ms": waits,
                      "distinct": len(heard.secrets), "states": heard.states, "errors": heard.errors}))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
