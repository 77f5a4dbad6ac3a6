"""Claims at a steady rate, whoever else writes: `python -m benchmarks.steady_claims COURSE.jsonl RATE`.

They go to a settler as in a web process, each at its moment whether or not the last was answered. It prints "ready",
begins at a line on standard input, ends at the next one, and prints how long people waited.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.arena import PASSWORD
from welfare_desk import wiring
from welfare_desk.security.journal import Journal
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.services import processes
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.web.settler import Settler


async def claim(settler: Settler, lines: list[list[Any]], rate: float, over: threading.Event) -> list[float]:
    """Seconds each claim waited for its code, from the moment it was due; None of them may be refused."""
    settler.start(asyncio.get_running_loop())
    begin = time.monotonic()
    asked: list[asyncio.Task[float]] = []
    for at, (_token, identity, grant, version) in enumerate(lines):
        due = begin + at / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if over.is_set():
            break
        asked.append(asyncio.create_task(_wait(settler, ClaimRequest(grant, version, identity), due)))
    return list(await asyncio.gather(*asked))


async def _wait(settler: Settler, request: ClaimRequest, due: float) -> float:
    answer = await settler.submit(request)
    assert answer.codes, answer.outcome
    return time.monotonic() - due


def _hear(over: threading.Event) -> None:
    sys.stdin.readline()
    over.set()


def main(course: str, rate: str) -> None:
    """Claims and reports."""
    lines = [json.loads(line) for line in Path(course).read_text(encoding="utf-8").splitlines()]
    data, database = Path(os.environ["WELFARE_DESK_DATA"]), os.environ["WELFARE_DESK_DATABASE"]
    ctx = wiring.service(data, database, passphrase=PASSWORD)
    own = ctx.write(processes.register, role="bench")
    keys = ctx.keys
    assert isinstance(keys, OpenKeys)
    settler = Settler(ctx, Journal(data, keys, "bench"), lambda _requests: None)
    over = threading.Event()
    print("ready", flush=True)
    sys.stdin.readline()
    threading.Thread(target=_hear, args=(over,), daemon=True).start()
    waits = sorted(asyncio.run(claim(settler, lines, float(rate), over)))
    settler.stop()
    print(json.dumps({"claimed": len(waits), "waits_ms": [round(1000 * wait, 1) for wait in waits]}), flush=True)
    ctx.write(processes.stop, number=own.number, nonce=own.nonce)
    ctx.engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
