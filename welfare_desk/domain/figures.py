"""What figures mean: buckets of time, rates that admit when nothing is known, and honest words for small numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER_MS = 15 * 60 * 1000
SMALL_GROUP = 5
PERCENT_FROM = 10
DECIMALS_FROM = 200

_zone = lru_cache(maxsize=64)(ZoneInfo)


def local_day(moment_ms: int, zone: str) -> int:
    """The calendar day of an instant in an IANA zone, as yyyymmdd."""
    local = datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(_zone(zone))
    return local.year * 10_000 + local.month * 100 + local.day


def quarter(moment_ms: int) -> int:
    """The beginning of the UTC quarter of an hour an instant falls in, epoch milliseconds."""
    return moment_ms - moment_ms % QUARTER_MS


def day_of(bucket: int) -> date:
    """The date a day bucket stands for."""
    return date(bucket // 10_000, bucket // 100 % 100, bucket % 100)


def rate(claimed: int, reached: int) -> float | None:
    """Claimed ÷ reached, None when nobody was reached."""
    return claimed / reached if reached else None


def percent_digits(total: int) -> int | None:
    """Decimals a percentage of `total` deserves: None below 10 (say "3 of 4"), 0 below 200, then 1."""
    if total < PERCENT_FROM:
        return None
    return 0 if total < DECIMALS_FROM else 1


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true rate lies with 95 % confidence."""

    low: float
    high: float


def wilson(claimed: int, reached: int) -> Interval | None:
    """The 95 % Wilson interval of a rate, None when nobody was reached."""
    if reached <= 0:
        return None
    z = 1.959963984540054
    share, square = min(claimed, reached) / reached, z * z / reached
    middle = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / reached + square / (4 * reached)) / (1 + square)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
