"""What a fault campaign found, as one line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.faults.checker import History

LEAST_OPEN = 0.2


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
