"""`python3 dev.py faults`: every fault campaign and its mutants, one JSON line each, a summary as the last line.

N rounds are N kills of the service; the other campaigns are scaled from it. The exit status is 0 only if nothing was
lost or doubled, every campaign counts as run, and every mutant was killed.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import (
    bad_networks,
    clocks,
    contests,
    disk_full,
    kills,
    last_code,
    outbox,
    postgres_disks,
    postgres_kills,
    power_cuts,
    restore_points,
)
from tests.faults.result import Result
from tests.faults.seeds import simulate

ROUNDS = 300
MUTANT_SEED = 7_000


@dataclass(frozen=True)
class Campaign:
    """`share`: rounds per service kill; at least `least`. `trial`: how many rounds each mutant has to show itself."""

    name: str
    run: Callable[[int, int, str], Result]
    share: float
    least: int
    mutants: tuple[str, ...]
    trial: int

    def rounds(self, kills_wanted: int) -> int:
        """How many rounds belong to so many service kills."""
        return max(self.least, round(kills_wanted * self.share))


RESTORE = ("restore without replay", "restore without epoch", "later codes forgotten")
CAMPAIGNS = (
    Campaign("service", kills.kill_service, 1, 10, ("acknowledge before commit",), 12),
    Campaign("postgres", postgres_kills.kill_postgres, 0.03, 5, ("asynchronous commit",), 3),
    Campaign("power", postgres_disks.cut, 0.03, 3, ("fsync off",), 3),
    Campaign("power-sqlite", power_cuts.cut, 0.1, 5, ("NORMAL",), 8),
    Campaign("last-code", last_code.over_http, 0.05, 3, ("no lock + no UNIQUE", "choose, then take + no UNIQUE"), 24),
    Campaign("last-code-sqlite", last_code.in_process, 0.1, 5, ("default transactions", "no transactions"), 20),
    Campaign("networks", bad_networks.unreliable, 0.3, 5, ("GET claims", "claims forgotten"), 5),
    Campaign("contests", contests.on_postgres, 1, 48, ("no lock",), 96),
    Campaign("contests-sqlite", contests.on_sqlite, 1, 48, ("no transactions",), 96),
    Campaign("restore", restore_points.on_postgres, 0.03, 3, RESTORE, 6),
    Campaign("restore-sqlite", restore_points.on_sqlite, 0.1, 5, RESTORE, 5),
    Campaign("clock", clocks.on_postgres, 0.1, 5, ("no high-water mark",), 10),
    Campaign("clock-sqlite", clocks.on_sqlite, 0.3, 10, ("no high-water mark",), 10),
    Campaign("disk", postgres_disks.full, 0.02, 3, ("a failed write is overlooked",), 4),
    Campaign("disk-sqlite", disk_full.database, 0.05, 4, ("a failed write is overlooked",), 4),
    Campaign("disk-journal", disk_full.claim_journal, 0.1, 10, ("a failed journal is overlooked",), 10),
    Campaign("outbox", outbox.restarted, 0.1, 8, ("recorded before it is sent",), 20),
)


def carry_out(campaign: Campaign, rounds: int, seed: int) -> Result:
    """The campaign on the product, then on each of its mutants."""
    begun = time.monotonic()
    result = campaign.run(rounds, seed, "")
    if not result.skipped:
        for mutant in campaign.mutants:
            result.mutants[mutant] = bool(campaign.run(campaign.trial, MUTANT_SEED + seed, mutant).problems)
    result.seconds = time.monotonic() - begun
    return result


def summary(results: list[Result], seed: int) -> dict[str, object]:
    """All campaigns together."""
    mutants = [killed for result in results for killed in result.mutants.values()]
    return {
        "summary": True, "seed": seed, "campaigns": len(results), "rounds": sum(result.rounds for result in results),
        "acknowledged": sum(result.acknowledged for result in results),
        "unknown": sum(result.unknown for result in results), "lost": sum(result.lost for result in results),
        "doubled": sum(result.doubled for result in results), "mutants": f"{sum(mutants)}/{len(mutants)}",
        "skipped": [result.name for result in results if result.skipped],
        "bad": [result.name for result in results if not result.good()],
        "good": all(result.good() for result in results), "seconds": round(sum(r.seconds for r in results), 1),
    }  # fmt: skip


def main(arguments: list[str]) -> int:
    """Runs what is asked for; gives the exit status."""
    parser = argparse.ArgumentParser(prog="dev.py faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="kills of the service (300)")
    parser.add_argument("--seed", type=int, default=1, help="chance of all campaigns (1)")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in CAMPAIGNS], help="these campaigns alone")
    parser.add_argument("--rounds-of", nargs="+", type=_named, default=[], metavar="CAMPAIGN=N",
                        help="so many rounds of these, whatever --rounds says")  # fmt: skip
    parser.add_argument("--seeds", type=int, help="instead: so many runs of the simulator, from --seed on")
    parser.add_argument("--workers", type=int, default=1, help="processes for --seeds (1)")
    asked = parser.parse_args(arguments)
    asked.rounds_of = dict(asked.rounds_of)
    logging.disable(logging.CRITICAL)  # what a fault does to the log is not the point here
    try:
        return simulate(asked.seed, asked.seeds, asked.workers) if asked.seeds else campaigns(asked)
    finally:
        logging.disable(logging.NOTSET)


def _named(given: str) -> tuple[str, int]:
    """`power=40` as a campaign and its rounds."""
    name, _equals, rounds = given.partition("=")
    if name not in {one.name for one in CAMPAIGNS} or not rounds.isdigit():
        raise argparse.ArgumentTypeError(given)
    return name, int(rounds)


def campaigns(asked: argparse.Namespace) -> int:
    """Runs the campaigns; gives the exit status."""
    results = []
    for campaign in CAMPAIGNS:
        if not asked.only or campaign.name in asked.only:
            rounds = asked.rounds_of.get(campaign.name) or campaign.rounds(asked.rounds)
            results.append(carry_out(campaign, rounds, asked.seed))
            print(results[-1].line(), flush=True)
    print(json.dumps(summary(results, asked.seed), ensure_ascii=False), flush=True)
    return 0 if all(result.good() for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
