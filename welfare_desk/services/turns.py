"""Much writing in turns: no transaction holds SQLite's lock for long, and others get theirs in between (law 1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.engine import checkpoint, is_sqlite

T = TypeVar("T")

AIM_S = 0.1
LEAST, MOST = 250, 20_000
GROWTH = 3.0
REST_S = 0.02
REST_SHARE = 0.25
Report = Callable[..., None]


def silent(_done: int, _total: int = 0, _text: str = "") -> None:
    """A report for callers that show no progress."""


def in_turns(
    ctx: AppContext, service: Callable[..., object], rows: Iterable[T], *, report: Report = silent, first: int = 500,
    total: int | None = None, prepare: Callable[[list[T]], object] | None = None, **kw: Any,
) -> None:  # fmt: skip
    """Calls `service(ctx, session, rows=part, **kw)` for part after part, each in a transaction of its own.

    Parts are sized so that a transaction holds the lock about 0.1 s. `report(done, total)` is called before and after
    each; what it raises ends the work between two parts. `prepare` makes of a part what the service takes, while others
    have the lock. `total` is how many rows there are where they cannot tell themselves. On SQLite the log is copied
    into the database beside the rests, not by the commits.
    """
    source, count = iter(rows), len(cast(Sized, rows)) if total is None else total
    done, size = 0, first
    part, ready = _next_part(source, size, prepare)
    rest = threading.Event()
    bulk = replace(ctx, engine=ctx.engine.execution_options(checkpoints_apart=True))
    with ThreadPoolExecutor(1, "checkpoints") as apart:
        while part:
            held = _timed(bulk, service, ready, kw)
            free_from = time.monotonic()
            apart.submit(checkpoint, ctx.engine)
            done += len(part)
            size = _next_size(len(part), held)
            report(done, count)
            part, ready = _next_part(source, size, prepare)
            if part and is_sqlite(ctx.engine):
                rest.wait(max(0.0, max(REST_S, held * REST_SHARE) - (time.monotonic() - free_from)))
                report(done, count)  # whoever pressed cancel meanwhile does not wait for one more turn


def _next_part(source: Any, size: int, prepare: Callable[[list[T]], object] | None) -> tuple[list[T], object]:
    part = list(islice(source, size))
    return part, prepare(part) if prepare is not None and part else part


def _timed(ctx: AppContext, service: Callable[..., object], part: object, kw: dict[str, Any]) -> float:
    began = [0.0]

    def turn(ctx: AppContext, session: Session) -> None:
        session.connection()  # waits for the lock; the turn begins now
        began[0] = time.monotonic()
        service(ctx, session, rows=part, **kw)

    ctx.write(turn)
    return time.monotonic() - began[0]


def _next_size(size: int, held: float) -> int:
    return max(LEAST, min(MOST, int(size * min(GROWTH, AIM_S / max(held, 0.001)))))
