"""Many seeds of the simulator, in slices over worker processes, and its mutants.

`python -m tests.faults.seeds FIRST UNTIL [MUTANT]` runs one slice and prints what failed as one JSON object.
"""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.faults import simulator
from tests.support.processes import ROOT, clean_environment

SLICE = 1000
TRIAL = 60


def simulate(first: int, seeds: int, workers: int = 1) -> int:
    """Runs the simulator and its mutants; a failing seed is printed at once, a line of progress per slice to stderr.

    Gives the exit status: 0 only if no seed failed and every mutant was killed.
    """
    began, until, done = time.monotonic(), first + seeds, 0
    slices = [(start, min(start + SLICE, until)) for start in range(first, until, SLICE)]
    bad: list[int] = []
    with ThreadPoolExecutor(workers) as pool:
        for (start, end), found in zip(slices, pool.map(lambda one: _slice(*one), slices), strict=True):
            done += end - start
            bad += map(int, found)
            for seed, problems in found.items():
                print(json.dumps({"seed": int(seed), "problems": problems}, ensure_ascii=False), flush=True)
            rate = done / (time.monotonic() - began)
            print(f"seeds {first} to {end - 1}: {len(bad)} failed, {rate:.1f} a second", file=sys.stderr, flush=True)
        seconds = time.monotonic() - began
        died = pool.map(partial(_slice, 1, 1 + TRIAL), simulator.MUTANTS)  # always the same seeds: no matter of luck
        killed = {mutant: bool(found) for mutant, found in zip(simulator.MUTANTS, died, strict=True)}
    shown = {"summary": True, "first": first, "seeds": seeds, "bad": bad,
             "seeds_per_second": round(seeds / seconds, 1), "mutants": f"{sum(killed.values())}/{len(killed)}",
             "survivors": [mutant for mutant, dead in killed.items() if not dead]}  # fmt: skip
    print(json.dumps(shown, ensure_ascii=False), flush=True)
    return 0 if not bad and all(killed.values()) else 1


def _slice(first: int, until: int, mutant: str = "") -> dict[str, list[str]]:
    """What is wrong with which seeds; a process of its own, so that slices use several cores."""
    command = [sys.executable, "-m", "tests.faults.seeds", str(first), str(until), mutant]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment({}), stdout=subprocess.PIPE, text=True, check=True
    )  # fmt: skip
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def main(first: int, until: int, mutant: str) -> None:
    """Runs one slice; with a mutant only until it is noticed."""
    logging.disable(logging.CRITICAL)  # what faults do to the log is not the point
    simulator.run(0)
    gc.freeze()
    found: dict[int, list[str]] = {}
    for seed in range(first, until):
        problems = simulator.run(seed, mutant).problems
        if problems:
            found[seed] = problems[:5]
            if mutant:
                break
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
