"""Reading the rows of a list while its file is still being read by the child: the check then finds them read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date

from welfare_desk.domain import rows
from welfare_desk.domain.ahead import CHUNK, KEPT_ROWS, Ahead
from welfare_desk.domain.cleaning import Words
from welfare_desk.domain.fields import FIELDS
from welfare_desk.domain.segments import today
from welfare_desk.files import columns
from welfare_desk.files.phones import read_phone
from welfare_desk.files.tables import Table


def words(day: date) -> Words:
    """What cells mean, on a day."""
    known = columns.synonyms()
    return Words(known.statuses, known.empties, read_phone, day)


def used(mapping: Mapping[int, str]) -> dict[int, str]:
    """The columns of a mapping that are taken."""
    return {index: name for index, name in mapping.items() if name in FIELDS}


def reader() -> Callable[[Table, int], None]:
    """To be told how many whole chunks of a table are there: reads them as they come, its columns as guessed.

    Long lists are left to the check, which does not keep their rows either. The day is this machine's; a check that
    supposes another day or other columns reads for itself.
    """
    tried = False

    def seen(table: Table, whole: int) -> None:
        nonlocal tried
        if not tried and whole:
            tried = True
            guessed = columns.map_columns(table.columns, table.rows[:CHUNK])
            mapping = used({index: match.field for index, match in guessed.items()})
            if table.height <= KEPT_ROWS and not rows.missing(set(mapping.values())):
                table.ahead = Ahead(table, mapping, words(today(int(time.time() * 1000))))
        if table.ahead is not None:
            table.ahead.take(whole)

    return seen
