"""Leases jobs and does them: in the jobs process for ever, or one job here and now for `--wait`."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.errors import WelfareError
from welfare_desk.jobs import leases
from welfare_desk.jobs.registry import KINDS, SWEEPS, Sweep
from welfare_desk.jobs.work import Later, Work
from welfare_desk.services import processes

log = logging.getLogger(__name__)

WORKERS = 4
POLL_S = 0.2
REST_S = 0.2
RENEW_S = 4.0
DATABASE_AWAY_S = 1.0
RETRY_MS = (1_000, 3_000, 10_000, 30_000)
PASSING = 500


@dataclass(slots=True)
class Turn:
    """One process's turn at the jobs: who holds the leases, which, and when to stop."""

    holder: int = field(default_factory=new_id)
    stop: threading.Event = field(default_factory=threading.Event)
    active: set[int] = field(default_factory=set)


def run(ctx: AppContext, stop: threading.Event) -> None:
    """Does jobs and sweeps until `stop` is set. A database that goes away is waited for."""
    me = _register(ctx, stop)
    if me is None:
        return
    ctx = dataclasses.replace(ctx, writer=me.number)
    turn = Turn(stop=stop)
    sweeping = [
        threading.Thread(target=_sweep_loop, args=(ctx, name, sweep, stop), name=f"sweep-{name}", daemon=True)
        for name, sweep in SWEEPS.items()
    ]
    with _present(ctx, me, stop), _renewing(ctx, turn), ThreadPoolExecutor(WORKERS, "job") as pool:
        for thread in sweeping:
            thread.start()
        while not stop.wait(POLL_S):
            _patiently(stop, lambda: _hand_out(ctx, turn, pool))
    for thread in sweeping:
        thread.join(timeout=30)


def run_once(ctx: AppContext, job_id: int, *, deadline: float) -> None:
    """Does one job in this process until it is finished or `deadline` (time.monotonic) passed; at least one turn."""
    turn = Turn()
    with _renewing(ctx, turn):
        while True:
            taken = ctx.write(leases.lease, holder=turn.holder, kinds=tuple(KINDS), job_id=job_id)
            if taken and _do(ctx, turn, taken[0]):
                return
            if time.monotonic() > deadline:
                return
            turn.stop.wait(POLL_S)


def _hand_out(ctx: AppContext, turn: Turn, pool: ThreadPoolExecutor) -> None:
    room = WORKERS - len(turn.active)
    kinds = tuple(KINDS)
    if room <= 0 or not ctx.read(leases.anything_due, clock=ctx.clock, kinds=kinds):
        return
    for leased in ctx.write(leases.lease, holder=turn.holder, kinds=kinds, limit=room):
        turn.active.add(leased.id)
        pool.submit(_do, ctx, turn, leased).add_done_callback(_complain)


def _complain(done: Future[bool]) -> None:
    problem = done.exception()
    if problem is not None:
        log.error("a job's end could not be recorded; its lease runs out: %s", problem)


def _do(ctx: AppContext, turn: Turn, leased: leases.Leased) -> bool:
    """Does a leased job and records how it ended; whether it ended for good."""
    turn.active.add(leased.id)
    try:
        ending = _ending(ctx, turn, leased)
        ctx.write(leases.finish, holder=turn.holder, job_id=leased.id, **ending)
    finally:
        turn.active.discard(leased.id)
    return ending["state"] in ("done", "failed")


def _ending(ctx: AppContext, turn: Turn, leased: leases.Leased) -> dict[str, Any]:
    try:
        return {"state": "done", "result": KINDS[leased.kind].run(ctx, _work(ctx, turn, leased))}
    except Later as later:
        return {"state": later.state, "after_ms": later.after_ms, "result": later.result}
    except WelfareError as error:
        log.warning("job %d %s: %s", leased.id, leased.kind, error)
        params = {name: str(value) for name, value in error.params.items()}
        record = {"code": error.code, "field": error.field, "params": params}
        return _failure(leased, record, passing=error.http_status >= PASSING)
    except Exception as error:  # whatever a job meets, its row must say so
        log.exception("job %d %s", leased.id, leased.kind)
        params = {"kind": type(error).__name__}
        return _failure(leased, {"code": "unexpected", "field": None, "params": params}, passing=True)


def _failure(leased: leases.Leased, record: dict[str, Any], *, passing: bool) -> dict[str, Any]:
    if passing and leased.attempts < KINDS[leased.kind].tries:
        after = RETRY_MS[min(leased.attempts, len(RETRY_MS)) - 1]
        return {"state": "queued", "error": record, "after_ms": after}
    return {"state": "failed", "error": record}


def _work(ctx: AppContext, turn: Turn, leased: leases.Leased) -> Work:
    def progress(done: int, total: int, item: str) -> None:
        shown = {"done": done, "total": total, "item": item}
        ctx.write(leases.report, holder=turn.holder, job_id=leased.id, progress=shown)

    def pause(seconds: float) -> None:
        if turn.stop.wait(seconds):
            raise Later(0)

    return Work(
        leased.id, leased.kind, leased.params, leased.operator, leased.public_key, leased.attempts, progress, pause
    )


def _sweep_loop(ctx: AppContext, name: str, sweep: Sweep, stop: threading.Event) -> None:
    while not stop.is_set():
        did = 0

        def turn() -> None:
            nonlocal did
            did = sweep(ctx, stop)

        _patiently(stop, turn, name)
        stop.wait(0 if did else REST_S)


def _patiently(stop: threading.Event, step: Callable[[], None], name: str = "jobs") -> None:
    """One step; what it raises is logged, never the end of the process."""
    try:
        step()
    except WelfareError as error:
        log.warning("%s: %s", name, error)
        stop.wait(DATABASE_AWAY_S)
    except Exception:
        log.exception("%s", name)
        stop.wait(DATABASE_AWAY_S)


@contextmanager
def _renewing(ctx: AppContext, turn: Turn) -> Iterator[None]:
    """Prolongs our leases while jobs run, whatever they are busy with."""
    ended = threading.Event()

    def renew() -> None:
        if turn.active:
            ctx.write(leases.renew, holder=turn.holder, job_ids=tuple(turn.active))

    with _beside(ended, renew, RENEW_S, "leases"):
        yield


def _register(ctx: AppContext, stop: threading.Event) -> processes.ProcessNumber | None:
    """Takes a process number, waiting for the database if it must; None when told to stop before that."""
    taken: list[processes.ProcessNumber] = []
    while not taken and not stop.is_set():
        _patiently(stop, lambda: taken.append(ctx.write(processes.register, role="jobs")))
    return taken[0] if taken else None


@contextmanager
def _present(ctx: AppContext, me: processes.ProcessNumber, stop: threading.Event) -> Iterator[None]:
    """Shows that this process lives; says goodbye at the end."""
    known = [me]

    def beat() -> None:
        if not ctx.write(processes.heartbeat, number=known[-1].number, nonce=known[-1].nonce):
            known.append(ctx.write(processes.register, role="jobs"))

    with _beside(threading.Event(), beat, processes.HEARTBEAT_S, "heartbeat"):
        yield
    _patiently(stop, lambda: _goodbye(ctx, known[-1]))


def _goodbye(ctx: AppContext, process: processes.ProcessNumber) -> None:
    ctx.write(processes.stop, number=process.number, nonce=process.nonce)


@contextmanager
def _beside(ended: threading.Event, step: Callable[[], None], seconds: float, name: str) -> Iterator[None]:
    def loop() -> None:
        while not ended.wait(seconds):
            _patiently(ended, step, name)

    thread = threading.Thread(target=loop, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=10)
