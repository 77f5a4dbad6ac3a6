"""Departments side by side: one level of the tree at a time, groups too small to show merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from welfare_desk.domain.figures import SMALL_GROUP, rate


@dataclass(frozen=True, slots=True)
class Group:
    """One department with all below it; `deeper`: there are departments below.

    `path` is "" for people without a department (`merged` 0) and for the rest, which stands for `merged` groups.
    """

    path: str
    name: str
    grants: int
    reached: int
    claimed: int
    deeper: bool = False
    merged: int = 1

    @property
    def rate(self) -> float | None:
        """Claimed ÷ reached, None when nobody was reached."""
        return rate(self.claimed, self.reached)


Counts = tuple[str, int, int, int]  # department path, grants, reached, claimed


def common_root(paths: Iterable[str]) -> str:
    """The department above all of these, "" when there is none; never one of them itself."""
    split = [path.split("/") for path in paths]
    if not split:
        return ""
    root: list[str] = []
    for names in zip(*split, strict=False):
        if len(set(names)) > 1 or any(len(parts) == len(root) + 1 for parts in split):
            break
        root.append(names[0])
    return "/".join(root)


def group(rows: Iterable[Counts], below: str = "") -> list[Group]:
    """Figures per department one level below `below` (default: below what all share), the best rate first.

    Groups of fewer than five grants are merged into one; when that would be one group alone, the next smallest joins
    it, so that nobody's figure follows from the others by subtraction.
    """
    found = list(rows)
    root = below or common_root(path for path, *_counts in found)
    groups: dict[str, Group] = {}
    for path, grants, reached, claimed in found:
        top, deeper = _top(path, root)
        had = groups.get(top)
        sums = (grants, reached, claimed) if had is None else (
            had.grants + grants, had.reached + reached, had.claimed + claimed)  # fmt: skip
        name = top.rsplit("/", 1)[-1]
        below_it = deeper or (had is not None and had.deeper)
        groups[top] = Group(top, name, *sums, deeper=below_it, merged=1 if top else 0)
    shown, small = _split(list(groups.values()))
    ordered = sorted(shown, key=lambda one: (-(one.rate if one.rate is not None else -1.0), one.name))
    return [*ordered, *_merged(small)]


def _top(path: str, root: str) -> tuple[str, bool]:
    """The department one level below `root` that `path` belongs to, and whether `path` lies deeper."""
    prefix = root + "/" if root else ""
    if not path.startswith(prefix):
        return path, False
    name, slash, _rest = path[len(prefix) :].partition("/")
    return prefix + name, bool(slash)


def _split(groups: list[Group]) -> tuple[list[Group], list[Group]]:
    by_size = sorted(groups, key=lambda one: (one.grants, one.path))
    small = [one for one in by_size if one.grants < SMALL_GROUP]
    if len(small) == 1 and len(by_size) > 1:
        small = by_size[:2]
    return [one for one in groups if one not in small], small


def _merged(small: list[Group]) -> list[Group]:
    if not small:
        return []
    sums = (sum(one.grants for one in small), sum(one.reached for one in small), sum(one.claimed for one in small))
    return [Group("", "", *sums, merged=len(small))]
