"""What can go wrong on purpose: a plan of faults, each for one operation and a number of times.

In one line: `buy:500-after-accept*1,info:rubbish*2,list:slow=3`; as JSON or TOML file: a list `faults` of tables
with `operation`, `kind`, and perhaps `value` and `times`. Without times a fault stays.
"""

from __future__ import annotations

import json
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AFTER = "-after-accept"
ANSWERS = frozenset(
    {"500", "502", "503", "429", "timeout", "cut", "rubbish", "html", "empty", "huge", "code", "unlisted"}
)
BEFORE = frozenset({"slow", "signature", "clock"})
REFUSED_BUYS = {
    "duplicate-key": "外部订单号已存在",
    "price-raised": "价格高于安全价",
    "no-balance": "余额不足",
    "out-of-stock": "库存不足",
    "off-sale": "商品已下架",
}
EFFECTS = frozenset(
    {
        "short", "duplicates", "blank", "spaces", "markup", "numeric", "strings",
        "delay", "status", "refund", "partial-refund", "cancel", "hidden",
    }
)  # fmt: skip
OPERATIONS = frozenset({"user", "cate", "list", "goods", "attach", "buy", "info", "order"})


class PlanError(ValueError):
    """The fault plan cannot be read; the message says where."""


@dataclass(slots=True)
class Fault:
    """One fault: `value` is seconds, a number of cards or a code, by its kind; `left` None means always."""

    operation: str
    kind: str
    value: float | None = None
    left: int | None = None

    def or_else(self, default: float) -> float:
        """Its value, or what is usual for its kind."""
        return default if self.value is None else self.value


class Faults:
    """The faults still to come, taken by requests in the order of the plan."""

    def __init__(self, planned: list[Fault]) -> None:
        self._planned = planned
        self._lock = threading.Lock()

    def take(self, operation: str) -> Fault | None:
        """The next fault for this operation, counted down; None when all is well."""
        with self._lock:
            for fault in self._planned:
                if fault.operation == operation and fault.left != 0:
                    fault.left = None if fault.left is None else fault.left - 1
                    return fault
        return None

    def take_all(self, operation: str) -> tuple[Fault, ...]:
        """One of each kind for this operation: an order can be short and slow at once."""
        taken: dict[str, Fault] = {}
        with self._lock:
            for fault in self._planned:
                if fault.operation == operation and fault.left != 0 and fault.kind not in taken:
                    fault.left = None if fault.left is None else fault.left - 1
                    taken[fault.kind] = fault
        return tuple(taken.values())


def read_plan(plan: str) -> list[Fault]:
    """A plan from a file (.json, .toml) or from the line itself; raises PlanError."""
    path = Path(plan)
    if path.suffix.lower() in {".json", ".toml"}:
        try:
            text = path.read_text(encoding="utf-8")
            document = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as problem:
            raise PlanError(f"{plan}: {problem}") from problem
        listed = document.get("faults") if isinstance(document, dict) else document
        if not isinstance(listed, list):
            raise PlanError(f"{plan}: faults")
        return [_from_table(entry) for entry in listed]
    return [_from_line(entry.strip()) for entry in plan.split(",") if entry.strip()]


def _from_line(entry: str) -> Fault:
    rest, _, times = entry.partition("*")
    rest, _, value = rest.partition("=")
    operation, _, kind = rest.partition(":")
    try:
        return _checked(Fault(operation, kind, float(value) if value else None, int(times) if times else None))
    except ValueError as problem:
        raise PlanError(entry) from problem


def _from_table(entry: Any) -> Fault:
    try:
        value, times = entry.get("value"), entry.get("times")
        return _checked(
            Fault(
                str(entry["operation"]),
                str(entry["kind"]),
                None if value is None else float(value),
                None if times is None else int(times),
            )
        )
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise PlanError(str(entry)) from problem


def _checked(fault: Fault) -> Fault:
    known = ANSWERS | BEFORE
    if fault.operation == "buy":
        known = known | REFUSED_BUYS.keys() | {kind + AFTER for kind in ANSWERS}
    if fault.operation == "order":
        known = EFFECTS
    if fault.operation not in OPERATIONS or fault.kind not in known or (fault.left or 0) < 0 or (fault.value or 0) < 0:
        raise ValueError(fault.kind)
    return fault
