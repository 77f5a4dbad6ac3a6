"""A list of people, row by row: what each row says and what is wrong with it. Pure: no database, no clock.

Rows are read some at a time, column by column; only rows with something special are looked at one by one. Reading a
row alone gives the same as reading it among others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple, Protocol

from welfare_desk.domain import cells, departments
from welfare_desk.domain.cells import Bad, Cleaned
from welfare_desk.domain.cleaning import Cleaner, Words
from welfare_desk.domain.fields import EXTRA, KEYS, LEVELS, NAMES, SENSITIVE, STATES
from welfare_desk.domain.people import full_name, number_key, person_key
from welfare_desk.domain.problems import MISSING, Problem

LONGEST_MARK = 40
TOTAL = re.compile(
    r"(?:合计|总计|小计|共计|总人数|人数合计)(?: ?[:(\d].*)?|共 ?\d+ ?[人名位条行].*|"
    r"(?:grand total|sub-?total|totals?|sum)(?: ?[:(].*| \d.*)?"
)
NOTE = re.compile(
    r"(?:(?:制表|填表|审核|复核|批准)人?|备注|说明|注|notes?|prepared by|approved by) ?:.*|以下空白|end of list"
)
SAMPLES = frozenset(("示例", "样例", "例", "例子", "(示例)", "(样例)", "example", "sample", "(example)", "(sample)"))
_MARK = re.compile(
    r"合计|[总小共]计|总人数|共 ?\d|total|sum|示例|样例|例|example|sample|"
    r"制表|填表|审核|复核|批准|备注|说明|注|以下空白|note|prepared|approved|end of list",
    re.IGNORECASE,
)


class Listing(Protocol):
    """What is read of a table: see `files.tables.Table`."""

    columns: tuple[str, ...]
    epoch_1904: bool

    @property
    def rows(self) -> Sequence[list[Any]]: ...

    def row_number(self, index: int) -> int: ...

    def address(self, index: int, column: int) -> str: ...


class Row(NamedTuple):
    """One row that can be taken. None means that the row does not say; `key` is as in `domain.people.person_key`."""

    number: int
    key: str
    employee_no: str | None
    name: str
    department: str | None
    email: str | None
    phone: str | None
    hire_date: str | None
    leave_date: str | None
    status: str | None
    extra: dict[str, str] | None
    birthday: str | None
    site: str | None
    level: str | None
    tags: str | None


class Refusal(NamedTuple):
    """A row that cannot be taken: why, and whom it mentions all the same. Without problems it is skipped."""

    problems: tuple[Problem, ...]
    key: str
    name: str = ""
    phone: str = ""
    email: str = ""


SKIPPED = Refusal((), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one list are read. `mapping` is column index to field."""

    listing: Listing
    mapping: Mapping[int, str]
    cleaners: Mapping[str, Cleaner]
    words: Words

    @property
    def key_field(self) -> str:
        """The field that makes people unique in this list."""
        fields = set(self.mapping.values())
        return next(kind for kind in KEYS if kind in fields)

    def place(self, kind: str) -> int:
        """The column of a field."""
        return next(index for index, name in self.mapping.items() if name == kind)


def missing(fields: set[str]) -> str | None:
    """The code of the refusal when a list lacks what every list needs: a name and something unique."""
    if not fields & set(NAMES):
        return "people_no_name"
    return None if fields & set(KEYS) else "people_no_key"


def read_rows(reading: Reading, raw: Sequence[list[Any]], start: int) -> list[Row | Refusal]:
    """What rows say by themselves; `start` is the index of the first of them in the list."""
    columns = clean_columns(reading, raw)
    odd = _odd_rows(reading, raw, columns)
    found: dict[int, Row | Refusal] = {}
    for at in odd:
        said = {kind: column[at] for kind, column in columns.items()}
        found[at] = SKIPPED if _says_nothing(said, reading, raw[at]) else _judge(said, reading, raw[at], start + at)
    if len(odd) == len(raw):
        return [found[at] for at in range(len(raw))]
    for kind in columns if odd else ():
        columns[kind] = ["" if at in odd else value for at, value in enumerate(columns[kind])]
    rows: list[Row | Refusal] = _rows(columns, reading, start, len(raw))  # type: ignore[assignment]  # list of either
    for at, row in found.items():
        rows[at] = row
    return rows


def clean_columns(reading: Reading, raw: Sequence[list[Any]]) -> dict[str, Sequence[Cleaned]]:
    """What the mapped cells of rows say, by field."""
    width = max(reading.mapping) + 1
    if min(map(len, raw)) < width:
        raw = [row + [None] * (width - len(row)) for row in raw]
    places = list(zip(*raw, strict=False))
    return {kind: reading.cleaners[kind].column(places[index]) for index, kind in reading.mapping.items()}


def _odd_rows(reading: Reading, raw: Sequence[list[Any]], columns: dict[str, Sequence[Cleaned]]) -> set[int]:
    """Rows with a bad cell, without key or name, or that may be no person at all."""
    odd: set[int] = set()
    for column in columns.values():
        if set(map(type, column)) != {str}:
            odd.update(at for at, value in enumerate(column) if value.__class__ is Bad)
    for column in (columns[reading.key_field], _names(columns)):
        if "" in column:
            odd.update(at for at, value in enumerate(column) if value == "")
    odd.update(_marked(reading.listing.columns, [row[0] if row else None for row in raw]))
    return odd


def _names(columns: Mapping[str, Sequence[Cleaned]]) -> Sequence[Cleaned]:
    said = columns.get("name")
    if said is not None and "" not in said:
        return said
    parts = zip(*(columns.get(kind, repeat("")) for kind in NAMES), strict=False)
    return [_name(dict(zip(NAMES, values, strict=True))) for values in parts]


def _marked(header: tuple[str, ...], first: Sequence[Any]) -> Sequence[int]:
    """Rows whose first cell may be a mark such as 合计 or 示例, the header's, or blank."""
    if set(map(type, first)) == {str}:
        joined = "".join(first)
        strange = not (joined.isascii() or (unicodedata.is_normalized("NFKC", joined) and joined.isprintable()))
        if not strange and "" not in first and not _MARK.search(joined) and set(header).isdisjoint(first):
            return ()
    return [at for at, cell in enumerate(first) if cell is None or (isinstance(cell, str) and _may_mark(cell, header))]


def _may_mark(cell: str, header: tuple[str, ...]) -> bool:
    if not cell or cell in header:
        return True
    return len(cell) <= LONGEST_MARK and (_MARK.search(cell) is not None or _MARK.search(cells.tidy(cell)) is not None)


def _says_nothing(said: Mapping[str, Cleaned], reading: Reading, row: Sequence[Any]) -> bool:
    """Blank in every column that counts, a total, a note, a sample, or the header again."""
    if not any(said.values()):
        return True
    first = next((cell for cell in row if cell not in (None, "")), "")
    if not isinstance(first, str):
        return False
    if len(first) <= LONGEST_MARK:
        word = cells.tidy(first).lower()
        if word in SAMPLES or word.startswith(("示例:", "例:", "example:")):
            return True
        if TOTAL.fullmatch(word) and not _somebody(said, reading, cells.tidy(first)):
            return True
        if (TOTAL.fullmatch(word) or NOTE.fullmatch(word)) and sum(cell not in (None, "") for cell in row) == 1:
            return True
    header = reading.listing.columns
    return first in header and all(row[at] == header[at] for at in reading.mapping if at < min(len(row), len(header)))


def _somebody(said: Mapping[str, Cleaned], reading: Reading, mark: str) -> bool:
    """Whether a row that begins with a word for totals has a key and a name besides."""
    key, name = said[reading.key_field], said.get("name") or said.get("last_name") or ""
    return isinstance(key, str) and key not in ("", mark) and name != mark and any(sign.isalpha() for sign in str(name))


def _judge(said: Mapping[str, Cleaned], reading: Reading, row: Sequence[Any], index: int) -> Row | Refusal:
    listing, key_field = reading.listing, reading.key_field
    number = listing.row_number(index)
    problems = [
        Problem(number, _label(listing, at), value.code, None if kind in SENSITIVE else shown(row, at),
                {**value.params, "cell": listing.address(index, at)})
        for at, kind in reading.mapping.items() if isinstance(value := said[kind], Bad)
    ]  # fmt: skip
    name = _name(said)
    if name == "":
        kind = next(kind for kind in NAMES if kind in said)
        problems.append(Problem(number, _label(listing, reading.place(kind)), "row_no_name"))
    if said[key_field] == "":
        problems.append(Problem(number, _label(listing, reading.place(key_field)), MISSING[key_field]))
    if problems:
        mentions = (value if isinstance(value, str) else "" for value in (name, said.get("mobile"), said.get("email")))
        return Refusal(tuple(problems), _key(said[key_field], key_field), *mentions)
    return _rows({kind: (value,) for kind, value in said.items()}, reading, index, 1)[0]


def _rows(columns: Mapping[str, Sequence[Cleaned]], reading: Reading, start: int, count: int) -> list[Row]:
    """Rows of columns without bad cells."""

    def values(kind: str) -> Any:
        column = columns.get(kind)
        return repeat(None) if column is None else [value or None for value in column]

    number = reading.listing.row_number(start)
    return list(map(_row, zip(
        range(number, number + count), _keys(columns[reading.key_field], reading.key_field), values("employee_no"),
        _names(columns), _departments(columns), values("email"), values("mobile"), values("hire_date"),
        values("leave_date"), _states(columns, reading.words.today.isoformat(), count), _extras(columns),
        values("birthday"), values("site"), values("level"), values("tags"), strict=False,
    )))  # fmt: skip


# As Row._make, at a third of its price.
_row: Callable[[Iterable[Any]], Row] = partial(tuple.__new__, Row)


def _keys(column: Sequence[Cleaned], key_field: str) -> list[str]:
    if key_field == "employee_no":
        numbers = [str(value) for value in column]
        joined = "".join(numbers)
        if joined.isascii() and joined.isalnum():
            return ["n:" + (number.upper().lstrip("0") or "0") for number in numbers]
        return ["n:" + number_key(number) for number in numbers]
    return [_key(value, key_field) for value in column]


def _key(value: Cleaned, key_field: str) -> str:
    """The key of a row by the one field that makes people unique in this list; `""` when that cannot be read."""
    if isinstance(value, Bad):
        return ""
    if key_field == "employee_no":
        return person_key(employee_no=value, mobile=None, email=None)
    return person_key(employee_no=None, mobile=value if key_field == "mobile" else None, email=value)


def _name(said: Mapping[str, Cleaned]) -> Cleaned:
    name = said.get("name", "")
    if name != "":
        return name
    last, first = said.get("last_name", ""), said.get("first_name", "")
    if isinstance(last, Bad) or isinstance(first, Bad):
        return last if isinstance(last, Bad) else first
    return full_name(last, first)


def _departments(columns: Mapping[str, Sequence[Cleaned]]) -> Any:
    deep = [columns.get(level, repeat("")) for level in LEVELS]
    plain = columns.get("department", repeat(""))
    if not any(level in columns for level in LEVELS):
        return [value or None for value in plain] if "department" in columns else repeat(None)
    rows = zip(zip(*deep, strict=False), plain, strict=False)
    return [departments.join_levels([str(level) for level in levels], str(said)) or None for levels, said in rows]


def _states(columns: Mapping[str, Sequence[Cleaned]], today: str, count: int) -> Any:
    """What rows say of staying: either status column saying left wins; without any, a past leave date."""
    said = [columns[kind] for kind in STATES if kind in columns]
    dates = columns.get("leave_date", [""] * count)
    if len(said) == 1 and not any(dates):
        return [value or None for value in said[0]]
    return [
        ("left" if "left" in states else "active") if any(states) else "left" if date and str(date) <= today else None
        for *states, date in zip(*said, dates, strict=True)
    ]


def _extras(columns: Mapping[str, Sequence[Cleaned]]) -> Any:
    kinds = [kind for kind in EXTRA if kind in columns]
    if not kinds:
        return repeat(None)
    rows = zip(*(columns[kind] for kind in kinds), strict=True)
    return [{kind: value for kind, value in zip(kinds, values, strict=True) if value} or None for values in rows]


def _label(listing: Listing, column: int) -> str:
    return listing.columns[column] if column < len(listing.columns) else ""


def shown(row: Sequence[Any], column: int) -> str | None:
    """A cell as it stood in the file, shortened; None for one whose value was lost."""
    value = cells.plain(row[column] if column < len(row) else None)
    return value[:100] if isinstance(value, str) else None
