"""Rows read while the rest of the list is still coming, supposing that its columns are what they seem to be. Pure.

A check that supposes the same takes them; any other reads for itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from welfare_desk.domain import cleaning, crowds, rows
from welfare_desk.domain.crowds import Crowd
from welfare_desk.domain.rows import Listing, Reading, Refusal, Row

CHUNK = 1000
KEPT_ROWS = 150_000


class Ahead:
    """The rows of a list as far as they were read, by chunks of a thousand, and each chunk's crowd."""

    def __init__(self, listing: Listing, mapping: Mapping[int, str], words: cleaning.Words) -> None:
        self.found: list[tuple[list[Row | Refusal], Crowd]] = []
        self.mapping, self.words = mapping, words
        self.habits = cleaning.Habits(mapping.values(), words)
        self.supposed = self.habits.all()
        self._listing = listing

    def serves(self, mapping: Mapping[int, str], words: cleaning.Words) -> bool:
        """Whether a check with this mapping on this day may take the rows."""
        return bool(self.found) and dict(mapping) == dict(self.mapping) and words.today == self.words.today

    def take(self, whole: int) -> None:
        """Reads on, up to the chunk `whole`, which has come to its end."""
        for at in range(len(self.found), whole):
            raw = list(self._listing.rows[at * CHUNK : (at + 1) * CHUNK])
            self.habits.note(self.mapping, raw)
            if at == 0:
                self.supposed = self.habits.all()
                cleaners = cleaning.cleaners(
                    self.supposed, self.mapping.values(), self.words, self._listing.epoch_1904
                )  # fmt: skip
                self._reading = Reading(self._listing, self.mapping, cleaners, self.words)
            found = rows.read_rows(self._reading, raw, at * CHUNK)
            self.found.append((found, crowds.gather(found, at * CHUNK)))
