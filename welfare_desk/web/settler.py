"""The settler thread: everything that queued while the last settlement ran is the next batch (back-pressure, no timer).

A batch is settled in one transaction, then journaled with one sync, and only then its codes are opened and answered.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from welfare_desk.context import AppContext
from welfare_desk.errors import Unavailable, WelfareError
from welfare_desk.security.journal import Given, Journal
from welfare_desk.services.claims import ClaimRequest, Outcome, Unit, settle
from welfare_desk.web.meter import Meter

CAP = 256
QUEUE_LIMIT = 8192
PATIENCE_S = 1.0
HELD_PAUSE_S = 0.005
log = logging.getLogger(__name__)

OpenCode = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer that may be shown: `codes` stand beside `outcome.units`, None for top-ups."""

    outcome: Outcome
    codes: tuple[OpenCode | None, ...] = ()


@dataclass(slots=True)
class _Waiting:
    request: ClaimRequest
    answer: asyncio.Future[Settled]
    since: float = field(default_factory=time.monotonic)


class Settler:
    """One thread per web process. `submit` belongs to the event loop, everything else to the thread."""

    def __init__(self, ctx: AppContext, journal: Journal, on_batch: Callable[[Sequence[ClaimRequest]], None]) -> None:
        """`on_batch` is called in the thread before the answers go out, to refresh what their pages need."""
        self.ctx = ctx
        self.meter = Meter()
        self._journal = journal
        self._on_batch = on_batch
        self._queue: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="settler", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the thread; answers are delivered on `loop`."""
        self._loop = loop
        self._thread.start()

    def stop(self) -> None:
        """Settles what was accepted, then ends the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def alive(self) -> bool:
        """Whether requests are being settled."""
        return self._thread.is_alive() and not self._stopping

    def waiting(self) -> int:
        """How many requests wait to be settled."""
        return len(self._queue)

    def submit(self, request: ClaimRequest) -> asyncio.Future[Settled]:
        """Queues a request. Raises Unavailable(`service_busy`) when too many wait already."""
        if len(self._queue) >= QUEUE_LIMIT or self._stopping or self._loop is None:
            raise Unavailable("service_busy")
        waiting = _Waiting(request, self._loop.create_future())
        self._queue.append(waiting)
        if not self._wake.is_set():
            self._wake.set()
        return waiting.answer

    def _run(self) -> None:
        held: list[_Waiting] = []
        while True:
            if not self._queue and not held:
                if self._stopping:
                    return
                self._wake.wait()
            self._wake.clear()
            batch = held + [self._queue.popleft() for _ in range(min(len(self._queue), CAP - len(held)))]
            if not batch:
                continue
            held = self._settle(batch)
            if held and not self._queue:
                self._wake.wait(HELD_PAUSE_S)

    def _settle(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Settles, journals, opens and answers a batch; returns those whose units others hold right now."""
        began = time.monotonic()
        answers, held = self._settle_all(batch)
        self.meter.settled(len(batch), time.monotonic() - began, [_reason(answer) for _waiting, answer in answers])
        if answers:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_deliver, answers)
        return held

    def _settle_all(self, batch: list[_Waiting]) -> tuple[list[tuple[_Waiting, Settled | Exception]], list[_Waiting]]:
        try:
            requests = [waiting.request for waiting in batch]
            outcomes = self.ctx.write(settle, requests=requests)
            late = time.monotonic() - PATIENCE_S
            held = [waiting for waiting, outcome in zip(batch, outcomes, strict=True)
                    if outcome.retry and waiting.since > late]  # fmt: skip
            self._journal.append([given for outcome in outcomes for given in _given(outcome)])
            self._on_batch(requests)
        except WelfareError as error:
            return [(waiting, error) for waiting in batch], []
        except Exception as error:  # noqa: BLE001 - what one request breaks must not reach the others
            log.error("settlement of %d failed: %s", len(batch), type(error).__name__)  # its text may hold input
            if len(batch) == 1:
                return [(batch[0], Unavailable("settlement_failed", kind=type(error).__name__))], []
            alone = [self._settle_all([waiting]) for waiting in batch]
            return [answer for answers, _held in alone for answer in answers], [w for _a, ws in alone for w in ws]
        waiting_still = set(map(id, held))
        return [(waiting, self._open(outcome)) for waiting, outcome in zip(batch, outcomes, strict=True)
                if id(waiting) not in waiting_still], held  # fmt: skip

    def _open(self, outcome: Outcome) -> Settled | Exception:
        try:
            return Settled(outcome, tuple(self._open_unit(unit) for unit in outcome.units))
        except WelfareError as error:
            log.error("a code could not be opened: %s", error.code)
            return error

    def _open_unit(self, unit: Unit) -> OpenCode | None:
        if unit.code_id is None or unit.sealed is None or unit.batch_id is None or self.ctx.keys is None:
            return None
        return self.ctx.keys.open_code(
            unit.sealed, product_id=unit.product_id, batch_id=unit.batch_id, code_id=unit.code_id
        )


def _given(outcome: Outcome) -> list[Given]:
    at = outcome.claimed_at or 0
    return [Given(outcome.grant_id, unit.part, unit.unit, unit.code_id, at, unit.product_id, unit.batch_id or 0,
                  unit.cost_minor, unit.sealed or b"") for unit in outcome.units
            if unit.code_id is not None]  # fmt: skip


def _reason(answer: Settled | Exception) -> str:
    if isinstance(answer, Settled):
        return answer.outcome.verdict.reason
    return answer.code if isinstance(answer, WelfareError) else "unexpected"


def _deliver(answers: list[tuple[_Waiting, Settled | Exception]]) -> None:
    for waiting, answer in answers:
        if waiting.answer.done():
            continue  # the asker went away; the claim stands and the same POST shows it
        if isinstance(answer, Exception):
            waiting.answer.set_exception(answer)
        else:
            waiting.answer.set_result(answer)
