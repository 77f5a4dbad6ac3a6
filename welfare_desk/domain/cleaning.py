"""Cells by the thousand: what each column's cells say. Equal texts are judged once, plainly good ones all together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from welfare_desk.domain import cells, dates, departments
from welfare_desk.domain.cells import Bad, Cleaned, ReadPhone
from welfare_desk.domain.fields import ACCOUNTS, DATES, LEVELS, NAMES

REMEMBERED = 20_000
PATHS = frozenset(("department", *LEVELS))
HABITUAL = PATHS | {*DATES, "birthday"}


@dataclass(frozen=True, slots=True)
class Words:
    """What cells of status columns mean, words for "nothing", and who reads foreign phones."""

    statuses: Mapping[str, str]
    empties: frozenset[str]
    read_phone: ReadPhone
    today: date


@dataclass(frozen=True, slots=True)
class Plain:
    """Cells that are good as they stand: `one` matches such a cell, `all` a chunk of them joined by line ends."""

    one: re.Pattern[str]
    all: re.Pattern[str]
    prefix: str = ""


def _plain(pattern: str, prefix: str = "", *, blanks: bool = False) -> Plain:
    line = f"(?:{pattern})?+" if blanks else f"(?:{pattern})"
    return Plain(re.compile(pattern, re.ASCII), re.compile(rf"{line}(?:\n{line})*+", re.ASCII), prefix)


_LABELS = r"(?:[a-z0-9]++(?:-[a-z0-9]++)*+\.)+[a-z]{2,63}"
PLAIN = {
    "employee_no": _plain(r"[A-Za-z]{0,8}+[0-9]{1,40}+"),
    "name": _plain(r"(?![无暂空不未待合总小示样例])[\u4e00-\u9fa5]{2,12}+"),
    "mobile": _plain(r"1[3-9][0-9]{9}", "+86", blanks=True),
    "email": _plain(
        rf"(?=[^@\n]{{1,60}}@[^\n]{{3,60}}(?![^\n]))[a-z0-9_-]++(?:\.[a-z0-9_-]++)*+@{_LABELS}", blanks=True
    ),
}


class Cleaner(dict[Any, Cleaned]):
    """What the cells of one column say; texts met before are remembered."""

    def __init__(self, clean: Callable[[Any], Cleaned], empties: frozenset[str], plain: Plain | None) -> None:
        super().__init__()
        self._clean = clean
        self._empties = empties
        self._plain = plain

    def __missing__(self, cell: Any) -> Cleaned:
        if cell.__class__ is not str:
            return "" if cell is None else self._clean(list(cell) if cell.__class__ is tuple else cell)
        if self._plain is not None and self._plain.one.fullmatch(cell):
            return self._plain.prefix + cell
        found = "" if cells.tidy(cell).lower() in self._empties else self._clean(cell)
        if len(self) >= REMEMBERED:
            self.clear()
        self[cell] = found
        return found

    def column(self, raw: Sequence[Any]) -> Sequence[Cleaned]:
        """What each of these cells says."""
        if self._plain is not None:
            found = _all_plain(self._plain, raw)
            if found is not None:
                return found
        try:
            return list(map(self.__getitem__, raw))
        except TypeError:  # dates and damaged cells are lists and dicts, which cannot be looked up
            return [self.cell(cell) for cell in raw]

    def cell(self, cell: Any) -> Cleaned:
        """What this cell says."""
        if cell.__class__ is list:
            return self[tuple(cell)]
        return self._clean(cell) if cell.__class__ is dict else self[cell]


def _all_plain(plain: Plain, raw: Sequence[Any]) -> Sequence[str] | None:
    try:
        joined = "\n".join(raw)
    except TypeError:
        return None
    if not plain.all.fullmatch(joined) or joined.count("\n") != len(raw) - 1:
        return None
    if not plain.prefix:
        return raw
    prefix = plain.prefix
    return [prefix + cell if cell else "" for cell in raw]


class Habits:
    """How columns write: what departments are joined by, whether dates have the day first. Learnt from all cells."""

    def __init__(self, kinds: Iterable[str], words: Words) -> None:
        self._texts: dict[str, set[str]] = {kind: set() for kind in kinds if kind in HABITUAL}
        self._words, self._base = words, Cleaner(cells.text, words.empties, None)

    def copy(self) -> Habits:
        """The same habits, to be changed apart."""
        made = Habits((), self._words)
        made._texts = {kind: set(texts) for kind, texts in self._texts.items()}
        return made

    def note(self, mapping: Mapping[int, str], raw: Sequence[Sequence[Any]]) -> None:
        """Takes note of whole rows; `mapping` is column index to field."""
        for place, kind in mapping.items():
            if kind in self._texts:
                try:
                    self.learn(kind, list(map(itemgetter(place), raw)))
                except IndexError:
                    self.learn(kind, [row[place] for row in raw if place < len(row)])

    def all(self) -> dict[str, Any]:
        """The habits of all columns."""
        return {kind: self.habit(kind) for kind in self._texts}

    def learn(self, kind: str, raw: Iterable[Any]) -> None:
        """Takes note of cells of a column."""
        self._texts[kind].update([cell for cell in raw if cell.__class__ is str])

    def habit(self, kind: str) -> Any:
        """The habit of a column: a pattern that splits departments, or whether the day comes first."""
        if kind not in PATHS:
            return dates.day_first(self._texts[kind])
        said = {value for text in self._texts[kind] if isinstance(value := self._base[text], str)}
        return departments.split_rule(said)


def cleaners(habits: Mapping[str, Any], kinds: Iterable[str], words: Words, epoch_1904: bool) -> dict[str, Cleaner]:
    """A cleaner for each field of a list; `habits` as of `Habits.habit`."""
    return {
        kind: Cleaner(
            _rule(kind, habits.get(kind), words, epoch_1904),
            cells.NO_NAME if kind in NAMES else words.empties,
            PLAIN.get(kind),
        )
        for kind in kinds
    }


def _rule(kind: str, habit: Any, words: Words, epoch_1904: bool) -> Callable[[Any], Cleaned]:
    if kind in PATHS:
        return lambda cell: _path(cell, habit)
    if kind in DATES or kind == "birthday":
        read = dates.birthday if kind == "birthday" else dates.iso_date
        return lambda cell: read(cell, today=words.today, epoch_1904=epoch_1904, day_first=habit)
    if kind == "mobile":
        return lambda cell: cells.phone(cell, words.read_phone)
    if kind == "status":
        return lambda cell: cells.status(cell, words.statuses)
    if kind == "status_inverse":
        return lambda cell: cells.status_inverse(cell, words.statuses)
    if kind in NAMES:
        return cells.name
    if kind in ACCOUNTS:
        return cells.account
    return {"employee_no": cells.employee_no, "email": cells.email, "tags": cells.tags}.get(kind, cells.text)


def _path(cell: Any, rule: re.Pattern[str]) -> Cleaned:
    value = cells.text(cell)
    if isinstance(value, Bad):
        return value
    found = departments.path(value, rule)
    limit = departments.PATH_LIMIT
    return found if len(found) <= limit else Bad("row_long", {"limit": limit})
