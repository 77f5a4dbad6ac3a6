"""Claims without HTTP: `python -m benchmarks.clients settle|eight COURSE.jsonl SHARE OF` (data folder by environment).

`settle` calls the product's `claims.settle` in batches of 64; `eight` runs the eight statements of the naive service
in one transaction per claim, on four threads. Each waits for a line on standard input before it begins.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import eight_statements
from benchmarks.arena import PASSWORD
from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.services import processes
from welfare_desk.services.claims import ClaimRequest, settle

BATCH = 64
THREADS = 4


def main(how: str, course: str, share: str, of: str) -> None:
    """Takes every `of`-th line of the course and claims it."""
    lines = [json.loads(line) for line in Path(course).read_text(encoding="utf-8").splitlines()]
    mine = lines[int(share) :: int(of)]
    data, database = Path(os.environ["WELFARE_DESK_DATA"]), os.environ["WELFARE_DESK_DATABASE"]
    ctx = wiring.service(data, database, passphrase=PASSWORD)
    own = ctx.write(processes.register, role="bench")
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.perf_counter()
    done = _settle(ctx, mine, own.number) if how == "settle" else _eight(ctx, mine, own.number)
    print(json.dumps({"seconds": time.perf_counter() - started, "claimed": done}), flush=True)
    ctx.write(processes.stop, number=own.number, nonce=own.nonce)
    ctx.engine.dispose()


def _settle(ctx: AppContext, lines: list[list[Any]], writer: int) -> int:
    context = AppContext(ctx.engine, ctx.data, ctx.clock, ctx.keys, "bench", writer, ctx.intake_key)
    done = 0
    for at in range(0, len(lines), BATCH):
        requests = [ClaimRequest(grant, version, identity)
                    for _token, identity, grant, version in lines[at : at + BATCH]]  # fmt: skip
        while requests:  # codes that the other process holds right now are asked for again, as the settler does
            outcomes = context.write(settle, requests=requests)
            done += sum(1 for outcome in outcomes if outcome.units)
            requests = [request for request, outcome in zip(requests, outcomes, strict=True) if outcome.retry]
    return done


def _eight(ctx: AppContext, lines: list[list[Any]], writer: int) -> int:
    def work(thread: int) -> int:
        done = 0
        for _token, identity, grant, _version in lines[thread::THREADS]:
            code = eight_statements.claim(ctx.engine, grant, identity, ctx.clock.now(), writer * 100 + thread)
            done += code is not None
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(work, range(THREADS)))


if __name__ == "__main__":
    main(*sys.argv[1:])
