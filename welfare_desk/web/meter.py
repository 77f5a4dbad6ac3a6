"""What one web process counts, for /metrics. Each number has one writer, the settler thread or the loop."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Histogram:
    """Counts of values by upper bound, as Prometheus has them."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Counts one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def lines(self, name: str, label: str) -> Iterable[str]:
        """The buckets, cumulative, then sum and count."""
        reached = 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            reached += count
            yield f'{name}_bucket{{{label},le="{bound}"}} {reached}'
        yield f"{name}_sum{{{label}}} {self.sum:.6f}"
        yield f"{name}_count{{{label}}} {reached}"


@dataclass(slots=True)
class Meter:
    """The counters of this process since it started."""

    since: float = field(default_factory=time.monotonic)
    claims: Counter[str] = field(default_factory=Counter)
    forged: int = 0
    sizes: Histogram = field(default_factory=lambda: Histogram(SIZES))
    seconds: Histogram = field(default_factory=lambda: Histogram(SECONDS))

    def settled(self, size: int, seconds: float, reasons: Iterable[str]) -> None:
        """One settlement ended: how many it took, how long, and how each of the answered went."""
        self.sizes.add(size)
        self.seconds.add(seconds)
        self.claims.update(reasons)

    def text(self, process: int, queue: int) -> str:
        """Prometheus's text format; the labels name the process and the outcome, never a person."""
        label = f'process="{process}"'
        lines = _head("claims_total", "counter", "Requests answered by the settler, by outcome")
        lines += [f'welfare_desk_claims_total{{{label},reason="{reason}"}} {count}'
                  for reason, count in sorted(self.claims.copy().items())]  # fmt: skip
        lines += _head("batch_size", "histogram", "Requests settled in one transaction")
        lines += self.sizes.lines("welfare_desk_batch_size", label)
        lines += _head("settlement_seconds", "histogram", "Seconds per settlement: transaction, journal, opening")
        lines += self.seconds.lines("welfare_desk_settlement_seconds", label)
        for name, kind, about, value in (
            ("settlements_total", "counter", "Settlements done", str(sum(self.seconds.counts))),
            ("queue_length", "gauge", "Requests that wait to be settled", str(queue)),
            ("forged_links_total", "counter", "Links whose signature was wrong", str(self.forged)),
            ("uptime_seconds", "gauge", "Seconds since this process started", f"{time.monotonic() - self.since:.1f}"),
        ):
            lines += [*_head(name, kind, about), f"welfare_desk_{name}{{{label}}} {value}"]
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP welfare_desk_{name} {about}", f"# TYPE welfare_desk_{name} {kind}"]
