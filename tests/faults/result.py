"""What a fault campaign found, as one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.faults.checker import History

LEAST_OPEN = 0.2
OTHER_SLICE = 1_000_000
Run = Callable[[int, int, str], "Result"]


@dataclass
class Result:
    """`unknown`: requests without an answer; `opened`: faults that found work open (None: every one does by design).

    `must_leave_unknown`: a run in which nobody was left without an answer was no test.
    """

    name: str
    rounds: int
    acknowledged: int = 0
    unknown: int = 0
    lost: int = 0
    doubled: int = 0
    opened: int | None = None
    must_leave_unknown: bool = False
    mutants: dict[str, bool] = field(default_factory=dict)
    skipped: str = ""
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def of(cls, name: str, rounds: int, history: History, found: list[str], opened: int | None = None) -> Result:
        """The result of a run whose history the checker has seen."""
        lost = sum("lost" in line for line in found)
        doubled = sum("times" in line or "grants" in line or "different codes" in line for line in found)
        return cls(name, rounds, sum(map(len, history.given.values())), history.lost_answers, lost, doubled, opened,
                   must_leave_unknown=opened is not None, problems=found)  # fmt: skip

    def counts(self) -> bool:
        """Whether enough faults hit open work and somebody was left without an answer; else it was no test."""
        if self.must_leave_unknown and not self.unknown:
            return False
        return self.opened is None or self.opened >= self.rounds * LEAST_OPEN

    def good(self) -> bool:
        """Nothing lost or doubled or otherwise broken, it counts as run, and every mutant was killed."""
        return bool(self.skipped) or (not self.problems and self.counts() and all(self.mutants.values()))

    def line(self) -> str:
        """One JSON line."""
        shown = {
            "name": self.name, "rounds": self.rounds, "acknowledged": self.acknowledged, "unknown": self.unknown,
            "lost": self.lost, "doubled": self.doubled, "opened": self.opened,
            "mutants": f"{sum(self.mutants.values())}/{len(self.mutants)}", "counts": self.counts(),
            "good": self.good(), "seconds": round(self.seconds, 1),
        }  # fmt: skip
        survivors = [name for name, killed in self.mutants.items() if not killed]
        more = {"survivors": survivors, "problems": self.problems[:5], "skipped": self.skipped}
        return json.dumps(shown | {name: value for name, value in more.items() if value}, ensure_ascii=False)


def sliced(run: Run, most: int) -> Run:
    """The same campaign in slices of at most `most` rounds, each in a world of its own, so that there is always
    something left to claim; the first slice has the seed given. A line per slice goes to stderr.
    """

    def campaign(rounds: int, seed: int, mutant: str = "") -> Result:
        whole: Result | None = None
        for start in range(0, rounds, most):
            part = run(min(most, rounds - start), seed + OTHER_SLICE * (start // most), mutant)
            whole = part if whole is None else _together(whole, part)
            if rounds > most:
                print(f"{whole.name}: {whole.rounds} of {rounds} rounds, {whole.opened} open, {whole.acknowledged} "
                      f"acknowledged, {whole.unknown} unknown, {len(whole.problems)} problems",
                      file=sys.stderr, flush=True)  # fmt: skip
            if part.problems or part.skipped:
                break
        assert whole is not None
        return whole

    return campaign


def _together(one: Result, other: Result) -> Result:
    opened = None if one.opened is None or other.opened is None else one.opened + other.opened
    return replace(
        one, rounds=one.rounds + other.rounds, acknowledged=one.acknowledged + other.acknowledged,
        unknown=one.unknown + other.unknown, lost=one.lost + other.lost, doubled=one.doubled + other.doubled,
        opened=opened, problems=one.problems + other.problems, skipped=one.skipped or other.skipped,
    )  # fmt: skip
