"""A checked list as it stands: its numbers, its facets and what it would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, overload

from welfare_desk.domain.checking import Checking
from welfare_desk.domain.facts import (
    CHANGE,
    DUPLICATE,
    JOIN,
    LEAVE,
    OTHERS,
    REJECTED,
    RENAMED,
    SAME,
    SEVERAL,
    SHARED,
    SKIPPED,
    STATE,
    STILL_LEFT,
    STRANGER,
    patterns,
)
from welfare_desk.domain.people_plan import Change, Known
from welfare_desk.domain.problems import Problem
from welfare_desk.domain.rows import Row
from welfare_desk.files.tables import Table
from welfare_desk.services import import_shown
from welfare_desk.services.import_shown import CheckRow

STATES = {
    "all": range(16),
    "ready": (JOIN, CHANGE, SAME, LEAVE),
    "repair": (REJECTED, SEVERAL),
    "duplicate": (DUPLICATE,),
    "known": (SEVERAL,),
    "join": (JOIN,),
    "change": (CHANGE,),
    "same": (SAME,),
    "leave": (LEAVE,),
    "skipped": (SKIPPED, STRANGER),
}
FACETS = tuple(STATES)
PATTERNS = {name: patterns(states, OTHERS * (name == "known")) for name, states in STATES.items()}
_TROUBLE = patterns((REJECTED, SEVERAL, DUPLICATE), OTHERS | SHARED | STILL_LEFT | RENAMED)
STOPS = patterns((REJECTED, SEVERAL))
REFUSED = patterns((REJECTED, SEVERAL, DUPLICATE))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do (`import_id` None).

    `rows` = created + updated + unchanged + rejected + skipped + duplicates; `left` is counted besides.
    """

    import_id: int | None
    rows: int
    created: int
    updated: int
    unchanged: int
    left: int
    rejected: int
    skipped: int
    duplicates: int
    mapping: dict[str, str]
    encoding: str | None
    problems: Sequence[Problem]
    ignored: tuple[str, ...] = ()


class Diff(NamedTuple):
    """What a list changes: people new, changed (those who leave too), same, absent; how many by field."""

    new: int
    changed: int
    same: int
    absent: int
    by_field: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did: the rows that became something else (at most 200), and the check's numbers."""

    rows: tuple[CheckRow, ...]
    report: ImportReport
    facets: dict[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """A repair that can be taken back: rows before and after."""

    before: dict[int, list[Any]]
    after: dict[int, list[Any]]


@dataclass(slots=True)
class Check:
    """A checked list. `report`, `facets`, `diff` and `changes` tell the state of the moment."""

    table: Table
    mapping: dict[int, str]
    state: Checking
    sensitive: frozenset[int]
    done: list[Step] = field(default_factory=list, repr=False)
    undone: list[Step] = field(default_factory=list, repr=False)

    @property
    def absent(self) -> int:
        """How many employed people the list does not name, whatever shall become of them."""
        return self.state.absent()

    @property
    def manner(self) -> str:
        """What becomes of people who are not in the list: keep or left."""
        return self.state.manner.absent

    @property
    def report(self) -> ImportReport:
        """What importing the list would do now."""
        total = _counted(self)
        table, left = self.table, _leaving(self)
        return ImportReport(
            import_id=None, rows=len(table.rows), created=total[JOIN], updated=total[CHANGE] + total[LEAVE],
            unchanged=total[SAME], left=total[LEAVE] + left, rejected=total[REJECTED] + total[SEVERAL],
            skipped=total[SKIPPED] + total[STRANGER], duplicates=total[DUPLICATE],
            mapping={table.columns[index]: self.mapping[index] for index in sorted(self.mapping)},
            encoding=table.encoding, problems=Problems(self),
            ignored=tuple(header for index, header in enumerate(table.columns) if index not in self.mapping),
        )  # fmt: skip

    @property
    def facets(self) -> dict[str, int]:
        """How many rows each facet has; `leave` counts the people absent too if they are to be left."""
        return {facet: count(self, facet) for facet in FACETS}

    @property
    def diff(self) -> Diff:
        """The difference the list makes."""
        total = _counted(self)
        fields = sorted(
            ((name, n) for name, n in self.state.by_field.items() if n > 0),
            key=lambda pair: (-pair[1], _place(pair[0])),
        )
        return Diff(total[JOIN], total[CHANGE] + total[LEAVE], total[SAME], self.absent, tuple(fields))

    @property
    def changes(self) -> Iterator[Row | Change]:
        """Everybody to write in order, a new one as a row; made as it is asked for."""
        return self.state.plan()


class Problems(Sequence[Problem]):
    """Everything found in a list, in order; gathered when first looked at."""

    def __init__(self, check: Check) -> None:
        self._check: Check | None = check
        self._found: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Problem]:
        if self._check is None:
            return iter(self._found)
        state = self._check.state
        return (problem for index in state.find(_TROUBLE) for problem in import_shown.problems(state, index))

    def _all(self) -> tuple[Problem, ...]:
        if self._check is not None:
            self._found = tuple(iter(self))
            self._check = None
        return self._found

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, at: int) -> Problem: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Problem]: ...
    def __getitem__(self, at: int | slice) -> Problem | Sequence[Problem]:
        if isinstance(at, slice) and not at.start and at.step is None and (at.stop or 0) > 0:
            return tuple(islice(self, at.stop))
        return self._all()[at]


def _place(name: str) -> int:
    """Where a field stands among those of a person."""
    return Known._fields.index(name) if name in Known._fields else len(Known._fields)


def _counted(check: Check) -> list[int]:
    """Rows by state."""
    counts = check.state.counts
    return [sum(counts[state::16]) for state in range(9)]


def _leaving(check: Check) -> int:
    return check.absent if check.manner == "left" else 0


def count(check: Check, facet: str) -> int:
    """How many rows a facet has (see `FACETS`)."""
    flag = OTHERS * (facet == "known")
    states = STATES[facet]
    found = sum(n for kind, n in enumerate(check.state.counts) if kind & STATE in states or kind & flag)
    return found + _leaving(check) if facet == "leave" else found
