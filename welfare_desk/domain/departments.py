"""Department paths: joined by `/`, whatever the source joins them by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

JOINT = "/"
PATH_LIMIT = 200
_SURE = re.compile(r"\s*(?:->|→|::|[/\\>|])\s*")
_SEVERAL = re.compile(r"[;；,，\n]")
_DASH = re.compile(r"\s*[-_—]\s*")
_SPACED_DASH = re.compile(r"\s+[-—]\s+")
LEAST_CELLS = 3


def split_rule(values: Iterable[str]) -> re.Pattern[str]:
    """How this column joins its levels: `/ \\ > | :: ->` always; `-` and `_` only when every cell begins alike.

    A dash inside a name (R-D) never splits unless the whole column shows the same first level and different rests.
    """
    distinct = {value for value in values if value}
    if len(distinct) >= LEAST_CELLS and not any(_SURE.search(value) for value in distinct):
        for rule in (_SPACED_DASH, _DASH):
            split = [rule.split(value) for value in distinct]
            if all(len(parts) > 1 for parts in split) and len({parts[0] for parts in split}) == 1:
                return rule
    return _SURE


def path(text: str, rule: re.Pattern[str] = _SURE) -> str:
    """One department as a path; of several (`A;B`) the first, which is the main one."""
    first = next((part for part in _SEVERAL.split(text) if part.strip()), "")
    return JOINT.join(part.strip() for part in rule.split(first) if part.strip())


def join_levels(levels: Sequence[str], department: str = "") -> str:
    """The path of columns 一级部门, 二级部门 …; `department` is added unless already there."""
    joined = JOINT.join(level for level in levels if level)
    if not department or not joined:
        return joined or department
    if department == joined or department.startswith(joined + JOINT):
        return department
    last = joined.rpartition(JOINT)[2]
    return joined if department == last else f"{joined}{JOINT}{department}"


def is_within(department: str, above: str) -> bool:
    """Whether `department` is `above` or below it; everything is within the empty path."""
    return not above or department == above or department.startswith(above + JOINT)
