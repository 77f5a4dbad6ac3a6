"""Much writing in turns: no transaction holds SQLite's lock for long, and others get theirs in between (law 1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.engine import is_sqlite

T = TypeVar("T")

AIM_S = 0.08
LEAST, MOST = 250, 20_000
REST_S = 0.02
REST_SHARE = 0.25
Report = Callable[..., None]


def silent(_done: int, _total: int = 0, _text: str = "") -> None:
    """A report for callers that show no progress."""


def in_turns(
    ctx: AppContext, service: Callable[..., object], rows: Sequence[T], *, report: Report = silent, first: int = 500,
    **kw: Any,
) -> None:  # fmt: skip
    """Calls `service(ctx, session, rows=part, **kw)` for part after part, each in a transaction of its own.

    Parts are sized so that a transaction holds the lock about 0.08 s. `report(done, total)` is called after each;
    what it raises ends the work between two parts.
    """
    done, size = 0, first
    rest = threading.Event()
    while done < len(rows):
        part = rows[done : done + size]
        held = _timed(ctx, service, part, kw)
        done += len(part)
        size = _next_size(len(part), held)
        report(done, len(rows))
        if done < len(rows) and is_sqlite(ctx.engine):
            rest.wait(max(REST_S, held * REST_SHARE))


def _timed(ctx: AppContext, service: Callable[..., object], part: Sequence[Any], kw: dict[str, Any]) -> float:
    began = [0.0]

    def turn(ctx: AppContext, session: Session) -> None:
        session.connection()  # waits for the lock; the turn begins now
        began[0] = time.monotonic()
        service(ctx, session, rows=part, **kw)

    ctx.write(turn)
    return time.monotonic() - began[0]


def _next_size(size: int, held: float) -> int:
    return max(LEAST, min(MOST, int(size * min(2.0, AIM_S / max(held, 0.001)))))
