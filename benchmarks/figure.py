"""One figure as one JSON line: medians of paired runs, with the goal and whether everything was correct."""

from __future__ import annotations

import json
from statistics import median
from typing import Any


def show(
    name: str, goal: float, above: list[float], below: list[float], *, correct: bool, at_most: bool = False,
    **details: Any,
) -> int:  # fmt: skip
    """Prints the figure `above` ÷ `below` (run by run, the median) and returns the exit status: 1 if not correct."""
    ratios = [high / low for high, low in zip(above, below, strict=True)]
    ratio = median(ratios)
    reached = ratio <= goal if at_most else ratio >= goal
    line = {"name": name, "ratio": round(ratio, 3), "goal": goal, "reached": reached, "correct": correct,
            "runs": [round(entry, 3) for entry in ratios], **details}  # fmt: skip
    print(json.dumps(line), flush=True)
    return 0 if correct else 1


def rate(claims: int, seconds: float) -> float:
    """Claims per second."""
    return claims / seconds
