"""Rows of a list that share something: a person, a phone, an address. The first of them counts, wherever it stands."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence


class Groups:
    """Row indices by what they share, which is told by a number (a hash of 64 bits, never 0)."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._all: dict[int, list[int]] = {}

    def head(self, what: int) -> int | None:
        """The first row of a group."""
        return self._first.get(what)

    def members(self, what: int) -> Sequence[int]:
        """All rows of a group, in order."""
        found = self._all.get(what)
        if found is not None:
            return found
        first = self._first.get(what)
        return () if first is None else (first,)

    def add_new(self, whats: Sequence[int], rows: Sequence[int]) -> bool:
        """Adds rows of which each shares its own thing with nobody; False, and nothing added, if that is not so."""
        new = dict(zip(whats, rows, strict=True))
        if len(new) != len(whats) or not self._first.keys().isdisjoint(new):
            return False
        self._first.update(new)
        return True

    def add(self, what: int, row: int) -> None:
        """Adds a row to a group."""
        first = self._first.get(what)
        if first is None:
            self._first[what] = row
            return
        members = self._all.setdefault(what, [first])
        insort(members, row)
        self._first[what] = members[0]

    def remove(self, what: int, row: int) -> None:
        """Takes a row out of a group."""
        members = self._all.get(what)
        if members is None:
            del self._first[what]
            return
        del members[bisect_left(members, row)]
        self._first[what] = members[0]
        if len(members) == 1:
            del self._all[what]
