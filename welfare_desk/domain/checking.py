"""The state of a checked list, row by row, kept right while cells are repaired. Pure.

What a row is depends on its own cells, on how its columns write, on the people known, and on the rows above it: the
first row that means a person is taken, later ones are duplicates. How columns write is learnt from the list as it came,
not from what is typed into it. A repair therefore touches the row and the heads of the groups it leaves and joins,
nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from welfare_desk.domain import cleaning, crowds, people_plan, rows
from welfare_desk.domain.ahead import CHUNK, KEPT_ROWS, Ahead
from welfare_desk.domain.crowds import Crowd
from welfare_desk.domain.facts import CHANGE, DUPLICATE, JOIN, KINDS, LEAVE, SHARED, STATE, Facts, judge, patterns
from welfare_desk.domain.groups import Groups
from welfare_desk.domain.people_plan import Change, Directory, Known, Manner
from welfare_desk.domain.rows import Reading, Refusal, Row

Report = Callable[[int, int], None]


class Checking:
    """One list being checked. `edits`: whole rows as repaired, by index; `ahead`: rows that were read before."""

    def __init__(
        self, listing: rows.Listing, mapping: Mapping[int, str], words: cleaning.Words, directory: Directory,
        manner: Manner,
    ) -> None:  # fmt: skip
        self.listing, self.mapping, self.words = listing, mapping, words
        self.directory, self.manner = directory, manner
        self.ahead: Ahead | None = None
        self.edits: dict[int, list[Any]] = {}
        self.states = bytearray()
        self.counts = [0] * KINDS
        self.by_field: Counter[str] = Counter()
        self._covered: Counter[int] = Counter()
        self._tokens, self._addresses = Groups(), Groups()
        self._kept: dict[int, list[Row | Refusal]] = {}
        self._touched: set[int] | None = None
        self._learnt = False
        self.reading = Reading(listing, mapping, {}, words)
        self._set_habits(self._no_habits().all())

    def raw(self, index: int) -> list[Any]:
        """The cells of a row, as repaired."""
        found = self.edits.get(index)
        return self.listing.rows[index] if found is None else found

    def read(self, report: Report) -> None:
        """Judges every row. `report(done, total)` is called every thousand rows.

        What it raises ends the work, and everything is as it was before.
        """
        was = dict(vars(self))
        try:
            self._read(report)
        except BaseException:
            vars(self).update(was)
            raise

    def _read(self, report: Report) -> None:
        if not self._learnt:
            self._learn_and_read(report)
        else:
            served = self._served()
            self._read_rows(report, served.found if served and served.supposed == self._habits else [], None)
        kinds = Counter(self.states)
        self.counts = [kinds[kind] for kind in range(KINDS)]
        report(len(self.states), len(self.states))

    def _learn_and_read(self, report: Report) -> None:
        """Reads with the habits of the first thousand rows, and once more in case all of them show others."""
        habits, early, served = self._no_habits(), [], self._served()
        if served:
            habits, early = served.habits.copy(), served.found
            self._set_habits(served.supposed)
        self._read_rows(report, early, habits)
        if self._habits != habits.all():
            self._set_habits(habits.all())
            self._read_rows(report, [], None)
        self._learnt = True

    def _served(self) -> Ahead | None:
        """What was read ahead, if it is of use here."""
        fits = self.ahead is not None and not self.edits and self.ahead.serves(self.mapping, self.words)
        return self.ahead if fits else None

    def _read_rows(
        self, report: Report, early: Sequence[tuple[list[Row | Refusal], Crowd]], habits: cleaning.Habits | None
    ) -> None:
        total = len(self.listing.rows)
        self.states, self.counts = bytearray(total), [0] * KINDS
        self._covered, self.by_field = Counter(), Counter()
        self._tokens, self._addresses = Groups(), Groups()
        self._kept = {}
        for start in range(0, total, CHUNK):
            report(start, total)
            at = start // CHUNK
            if at < len(early):
                found, crowd = list(early[at][0]), early[at][1]
            else:
                found = self._read_part(start, habits)
                crowd = crowds.gather(found, start)
            if total <= KEPT_ROWS:
                self._kept[at] = found
            self._add(start, found, crowd)

    def _read_part(self, start: int, habits: cleaning.Habits | None) -> list[Row | Refusal]:
        if habits is not None:
            habits.note(self.mapping, self.listing.rows[start : start + CHUNK])
            if start == 0:
                self._set_habits(habits.all())
        return rows.read_rows(self.reading, self._part(start), start)

    def learn_habits(self, report: Report) -> None:
        """How the columns of the list write, for `reading`."""
        habits = self._no_habits()
        for start in range(0, len(self.listing.rows), CHUNK):
            report(start, len(self.listing.rows))
            habits.note(self.mapping, self.listing.rows[start : start + CHUNK])
        self._set_habits(habits.all())
        self._learnt = True

    def _no_habits(self) -> cleaning.Habits:
        return cleaning.Habits(self.mapping.values(), self.words)

    def _set_habits(self, habits: dict[str, Any]) -> None:
        self._habits = habits
        cleaners = cleaning.cleaners(habits, self.mapping.values(), self.words, self.listing.epoch_1904)
        self.reading = Reading(self.listing, self.mapping, cleaners, self.words)

    def chunks(self) -> Iterator[tuple[int, list[list[Any]]]]:
        """The rows as repaired, a thousand at a time, each time with the index of the first."""
        for start in range(0, len(self.listing.rows), CHUNK):
            yield start, self._part(start)

    def _part(self, start: int) -> list[list[Any]]:
        raw = self.listing.rows[start : start + CHUNK]
        return [self.edits.get(start + at, row) for at, row in enumerate(raw)] if self.edits else list(raw)

    def _add(self, start: int, found: Sequence[Row | Refusal], crowd: Crowd) -> None:
        if not self._add_newcomers(crowd):
            for place in crowd.places:
                self._learn(place, judge(found[place - start], self.directory, self.manner))
        if len(crowd.places) < len(found):
            for at, row in enumerate(found):
                if row.__class__ is Refusal:
                    self._learn(start + at, judge(row, self.directory, self.manner))

    def _add_newcomers(self, crowd: Crowd) -> bool:
        """All at once, rows of strangers who share nothing with anybody; False, and nothing done, for others."""
        if not self._are_strangers(crowd) or not self._share_nothing(crowd):
            return False
        for place in crowd.places:
            self.states[place] = JOIN
        return True

    def _are_strangers(self, crowd: Crowd) -> bool:
        known = self.directory
        return not crowd.leaves and (
            not known.by_key
            or (
                known.by_key.keys().isdisjoint(crowd.keys)
                and known.by_phone.keys().isdisjoint(crowd.phones)
                and known.by_email.keys().isdisjoint(crowd.emails)
            )
        )

    def _share_nothing(self, crowd: Crowd) -> bool:
        if not self._tokens.add_new(crowd.tokens, crowd.places):
            return False
        if self._addresses.add_new(crowd.addresses, crowd.owners):
            return True
        for token, place in zip(crowd.tokens, crowd.places, strict=True):
            self._tokens.remove(token, place)
        return False

    def facts(self, index: int) -> Facts:
        """What a row is by itself."""
        return judge(self.row(index), self.directory, self.manner)

    def row(self, index: int) -> Row | Refusal:
        """What a row says."""
        kept = self._kept.get(index // CHUNK)
        return rows.read_rows(self.reading, [self.raw(index)], index)[0] if kept is None else kept[index % CHUNK]

    def _put(self, index: int, kind: int) -> None:
        self.counts[self.states[index]] -= 1
        self.counts[kind] += 1
        self.states[index] = kind
        if self._touched is not None:
            self._touched.add(index)

    def _learn(self, index: int, facts: Facts) -> None:
        for person in facts.covers:
            if person.status == "active":
                self._covered[person.id] += 1
        if not facts.token:
            self._put(index, facts.state)
            return
        head = self._tokens.head(facts.token)
        self._tokens.add(facts.token, index)
        if head is not None and head < index:
            self._put(index, DUPLICATE)
            return
        if head is not None:
            self._untake(head, self.facts(head))
            self._put(head, DUPLICATE)
        self._take(index, facts)

    def _forget(self, index: int, facts: Facts) -> None:
        for person in facts.covers:
            if person.status == "active":
                self._covered[person.id] -= 1
                if not self._covered[person.id]:
                    del self._covered[person.id]
        if not facts.token:
            return
        was_head = self._tokens.head(facts.token) == index
        self._tokens.remove(facts.token, index)
        if was_head:
            self._untake(index, facts)
            head = self._tokens.head(facts.token)
            if head is not None:
                self._take(head, self.facts(head))

    def _take(self, index: int, facts: Facts) -> None:
        shared = 0
        for address in facts.addresses:
            head = self._addresses.head(address)
            self._addresses.add(address, index)
            if head is not None and head < index:
                shared = SHARED
            elif head is not None:
                self._flag(head)
        self._put(index, facts.state | facts.flags | shared)
        self._count_fields(facts, 1)

    def _untake(self, index: int, facts: Facts) -> None:
        self._count_fields(facts, -1)
        for address in facts.addresses:
            self._addresses.remove(address, index)
            head = self._addresses.head(address)
            if head is not None and head > index:
                self._flag(head)

    def _count_fields(self, facts: Facts, by: int) -> None:
        if facts.state in (CHANGE, LEAVE) and facts.known is not None and facts.after is not None:
            for name in people_plan.changed(facts.known, facts.after):
                self.by_field[name] += by

    def _flag(self, index: int) -> None:
        facts = self.facts(index)
        shared = any(self._addresses.head(address) != index for address in facts.addresses)
        self._put(index, facts.state | facts.flags | (SHARED if shared else 0))

    def changes(self, facts: Facts) -> tuple[people_plan.FieldChange, ...]:
        """Field by field, what a row changes of the person it means."""
        if facts.known is None or facts.after is None:
            return ()
        return people_plan.differences(facts.known, facts.after)

    def head(self, facts: Facts) -> int | None:
        """The row that is taken of those that mean the same person."""
        return self._tokens.head(facts.token)

    def sharer(self, address: str) -> int | None:
        """The first row taken that has a phone or an e-mail."""
        return self._addresses.head(hash(address))

    def replace(self, edits: Mapping[int, list[Any]], report: Report) -> Collection[int]:
        """Takes rows as repaired; returns the rows that became something else, or may now say something else."""
        if len(edits) > CHUNK:
            self._read_anew(edits, report)
            return edits.keys()
        touched = self._touched = set()
        for index, cells in edits.items():
            self._forget(index, self.facts(index))
            self._revise(index, cells)
            self._learn(index, self.facts(index))
        self._touched = None
        return touched | self._companions(edits)

    def _read_anew(self, edits: Mapping[int, list[Any]], report: Report) -> None:
        was = self.edits
        self.edits = {**was, **edits}
        try:
            self.read(report)
        except BaseException:
            self.edits = was
            raise

    def _revise(self, index: int, cells: list[Any]) -> None:
        self.edits[index] = cells
        kept = self._kept.get(index // CHUNK)
        if kept is not None:
            kept[index % CHUNK] = rows.read_rows(self.reading, [cells], index)[0]

    def _companions(self, indices: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for index in indices:
            facts = self.facts(index)
            for group in (self._tokens.members(facts.token), *map(self._addresses.members, facts.addresses)):
                found.update(group[:50])
        return found

    def absent(self) -> int:
        """How many employed people the list does not name."""
        return self.directory.employed - len(self._covered)

    def absentees(self) -> Iterator[Known]:
        """Those people; the directory must be whole."""
        return (person for person in self.directory.active() if person.id not in self._covered)

    def find(self, pattern: re.Pattern[bytes], start: int = 0) -> Iterator[int]:
        """Indices of rows of a kind (see `patterns`), in order, from `start` on."""
        return (match.start() for match in pattern.finditer(self.states, start))

    def plan(self) -> Iterator[Row | Change]:
        """Everybody to write, in the list's order: a row is a new person; people absent last if they are to be left."""
        return chain(chain.from_iterable(self._parts()), self._leavers())

    def _parts(self) -> Iterator[Iterable[Row | Change]]:
        for start in range(0, len(self.states), CHUNK):
            states = bytes(self.states[start : start + CHUNK])
            if _CHANGED.search(states):
                found = self._kept.get(start // CHUNK) or rows.read_rows(self.reading, self._part(start), start)
                if states.count(JOIN) == len(found):
                    yield cast(list[Row], found)
                    continue
                pairs = ((row, kind & STATE) for row, kind in zip(found, states, strict=True) if isinstance(row, Row))
                yield [row if kind == JOIN else self._change(row) for row, kind in pairs if kind in _CHANGING]

    def _leavers(self) -> Iterator[Change]:
        if self.manner.absent == "left":
            for person in self.absentees():
                yield Change(person, people_plan.leaver(person, self.manner), None)

    def _change(self, row: Row) -> Change:
        known = self.directory.meant(row)[0]
        assert known is not None
        return Change(known, people_plan.merged(row, known, self.manner), row.number)


_CHANGING = (JOIN, CHANGE, LEAVE)
_CHANGED = patterns(_CHANGING)
