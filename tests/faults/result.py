"""What a fault campaign found, as one line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from tests.faults.checker import History

LEAST_OPEN = 0.2


@dataclass
class Result:
    """`unknown`: requests without an answer; `opened`: kills that found a settlement open."""

    name: str
    rounds: int
    acknowledged: int = 0
    unknown: int = 0
    lost: int = 0
    doubled: int = 0
    opened: int | None = None
    mutants_killed: int = 0
    mutants: int = 0
    skipped: str = ""
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, rounds: int, history: History, found: list[str], opened: int | None = None) -> Result:
        """The result of a run whose history the checker has seen."""
        lost = sum("lost" in line for line in found)
        doubled = sum("times" in line or "grants" in line or "different codes" in line for line in found)
        return cls(name, rounds, sum(map(len, history.given.values())), history.lost_answers, lost, doubled, opened,
                   problems=found)  # fmt: skip

    def counts(self) -> bool:
        """Whether enough kills hit a settlement and somebody was left without an answer; else it was no test."""
        if self.opened is None:
            return True
        return self.unknown > 0 and self.opened >= self.rounds * LEAST_OPEN

    def good(self) -> bool:
        """Nothing lost or doubled or otherwise broken, it counts as run, and every mutant was killed."""
        return bool(self.skipped) or (not self.problems and self.counts() and self.mutants_killed == self.mutants)

    def line(self) -> str:
        """One JSON line."""
        shown = asdict(self) | {"problems": self.problems[:5], "counts": self.counts(), "good": self.good()}
        return json.dumps(shown, ensure_ascii=False)
