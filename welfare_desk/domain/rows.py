"""A list of people, row by row: what each row says and what is wrong with it. Pure: no database, no clock.

Every row below the header is counted once: accepted, rejected, skipped (blank, total, sample, repeated header) or the
later of two with the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from welfare_desk.domain import cells, dates, departments
from welfare_desk.domain.cells import Bad, Cleaned, ReadPhone
from welfare_desk.domain.fields import DATES, EXTRA, KEYS, LEVELS, NAMES, STATES
from welfare_desk.domain.people import full_name, person_key
from welfare_desk.domain.problems import MISSING, Problem

TICK = 5000
LONGEST_MARK = 40
TOTALS = frozenset(("合计", "总计", "小计", "total", "totals", "grand total", "subtotal", "sum"))
SAMPLES = frozenset(("示例", "样例", "例", "例子", "(示例)", "(样例)", "example", "sample", "(example)", "(sample)"))


class Listing(Protocol):
    """What is read of a table: see `files.tables.Table`."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    epoch_1904: bool

    def row_number(self, index: int) -> int: ...

    def address(self, index: int, column: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Words:
    """What cells of status columns mean, words for "nothing", and who reads foreign phones."""

    statuses: Mapping[str, str]
    empties: frozenset[str]
    read_phone: ReadPhone
    today: date


@dataclass(slots=True)
class Row:
    """One accepted row. None means that the row does not say; `key` is as in `domain.people.person_key`."""

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


@dataclass(frozen=True, slots=True)
class Checked:
    """`total` = accepted rows + rejected + skipped + duplicates. `mentioned`: keys of rejected rows."""

    rows: list[Row]
    problems: list[Problem]
    total: int
    rejected: int
    skipped: int
    duplicates: int
    mentioned: frozenset[str] = frozenset()


def missing(fields: set[str]) -> str | None:
    """The code of the refusal when a list lacks what every list needs: a name and something unique."""
    if not fields & set(NAMES):
        return "people_no_name"
    return None if fields & set(KEYS) else "people_no_key"


def check_rows(
    listing: Listing, mapping: Mapping[int, str], words: Words, report: Callable[[int, int], None] | None = None
) -> Checked:
    """Every row judged by itself and against the rows above it. `mapping` is column index to field.

    `report(done, total)` is called between columns and every 1,000 rows; what it raises ends the check.
    """
    columns = _clean_columns(listing, mapping, words, report)
    kinds = list(columns)
    key_field = next(kind for kind in KEYS if kind in columns)
    places = {kind: index for index, kind in mapping.items()}
    checked = Checked([], [], len(listing.rows), 0, 0, 0)
    seen: dict[str, int] = {}
    mentioned: set[str] = set()
    counts = {"rejected": 0, "skipped": 0, "duplicates": 0}
    for index, values in enumerate(zip(*columns.values(), strict=True)):
        if report is not None and index % 1000 == 0:
            report(index, checked.total)
        said = dict(zip(kinds, values, strict=True))
        if _says_nothing(said, listing, index, mapping):
            counts["skipped"] += 1
            continue
        row, problems = _judge(said, listing, index, places, key_field, words.today)
        if row is not None and row.key in seen:
            problems = [_duplicate(row, listing, places[key_field], seen[row.key])]
            counts["duplicates"] += 1
        elif row is None:
            counts["rejected"] += 1
            mentioned.add(_key(said, key_field))
        else:
            seen[row.key] = row.number
            checked.rows.append(row)
        checked.problems.extend(problems)
    return Checked(checked.rows, checked.problems, checked.total, mentioned=frozenset(mentioned), **counts)


def _duplicate(row: Row, listing: Listing, column: int, first: int) -> Problem:
    value = row.key.partition(":")[2] if row.employee_no is None else row.employee_no
    return Problem(row.number, listing.columns[column], "row_duplicate", value, {"first": first})


def _clean_columns(
    listing: Listing, mapping: Mapping[int, str], words: Words, report: Callable[[int, int], None] | None
) -> dict[str, list[Cleaned]]:
    columns: dict[str, list[Cleaned]] = {}
    for index, kind in mapping.items():
        raw = [row[index] if index < len(row) else None for row in listing.rows]
        if report is not None:
            report(0, len(raw))
        columns[kind] = []
        for cell in _cleaned(kind, raw, listing, words):
            columns[kind].append(cell)
            if report is not None and len(columns[kind]) % TICK == 0:
                report(0, len(raw))
    for kind in set(columns) & {"department", *LEVELS}:
        said = columns[kind]
        rule = departments.split_rule(value for value in said if isinstance(value, str))
        paths = {value: _path(value, rule) for value in {one for one in said if isinstance(one, str)}}
        columns[kind] = [paths[value] if isinstance(value, str) else value for value in said]
    return columns


def _path(value: str, rule: Any) -> Cleaned:
    found = departments.path(value, rule)
    limit = departments.PATH_LIMIT
    return found if len(found) <= limit else Bad("row_long", {"limit": limit})


def _cleaned(kind: str, raw: Sequence[Any], listing: Listing, words: Words) -> Iterator[Cleaned]:
    """Each cell by the rule of its field; equal texts are cleaned once."""
    clean = _rule(kind, raw, listing, words)
    empties = words.empties if kind not in NAMES else cells.NO_NAME
    known: dict[str, Cleaned] = {}
    for cell in raw:
        if isinstance(cell, str):
            found = known.get(cell)
            if found is None:
                found = "" if cells.tidy(cell).lower() in empties else clean(cell)
                known[cell] = found
            yield found
        else:
            yield "" if cell is None else clean(cell)


def _rule(kind: str, raw: Sequence[Any], listing: Listing, words: Words) -> Callable[[Any], Cleaned]:
    if kind in DATES:
        first = dates.day_first(raw)
        return lambda cell: dates.iso_date(cell, today=words.today, epoch_1904=listing.epoch_1904, day_first=first)
    if kind == "mobile":
        return lambda cell: cells.phone(cell, words.read_phone)
    if kind == "status":
        return lambda cell: cells.status(cell, words.statuses)
    if kind == "status_inverse":
        return lambda cell: cells.status_inverse(cell, words.statuses)
    if kind in NAMES:
        return cells.name
    return {"employee_no": cells.employee_no, "email": cells.email}.get(kind, cells.text)


def _says_nothing(said: dict[str, Cleaned], listing: Listing, index: int, mapping: Mapping[int, str]) -> bool:
    """Blank in every column that counts, a total, a sample, or the header again."""
    if not any(said.values()):
        return True
    row = listing.rows[index]
    first = next((cell for cell in row if cell not in (None, "")), "")
    if not isinstance(first, str):
        return False
    if len(first) <= LONGEST_MARK:
        word = cells.tidy(first).lower()
        if word in SAMPLES or word.startswith(("示例:", "例:", "example:")):
            return True
        name = said.get("name") or said.get("last_name")
        if word in TOTALS and (not name or name == cells.tidy(first)):
            return True
    header = listing.columns
    return first in header and all(row[at] == header[at] for at in mapping if at < min(len(row), len(header)))


def _judge(
    said: dict[str, Cleaned], listing: Listing, index: int, places: Mapping[str, int], key_field: str, today: date
) -> tuple[Row | None, list[Problem]]:
    number = listing.row_number(index)
    problems = [
        Problem(number, _label(listing, places[kind]), value.code, _shown(listing, index, places[kind]),
                {**value.params, "cell": listing.address(index, places[kind])})
        for kind, value in said.items() if isinstance(value, Bad)
    ]  # fmt: skip
    name = _name(said)
    if name == "":
        place = next(places[kind] for kind in NAMES if kind in places)
        problems.append(Problem(number, _label(listing, place), "row_no_name"))
    if said[key_field] == "":
        problems.append(Problem(number, _label(listing, places[key_field]), MISSING[key_field]))
    if problems or not isinstance(name, str):
        return None, problems
    return _row(number, name, said, key_field, today), []


def _row(number: int, name: str, said: dict[str, Cleaned], key_field: str, today: date) -> Row:
    def value(kind: str) -> str | None:
        return str(said.get(kind, "")) or None

    extra = {kind: str(said[kind]) for kind in EXTRA if said.get(kind)}
    levels = [str(said.get(level, "")) for level in LEVELS]
    return Row(
        number=number, key=_key(said, key_field), employee_no=value("employee_no"), name=name,
        department=departments.join_levels(levels, value("department") or "") or None,
        email=value("email"), phone=value("mobile"), hire_date=value("hire_date"), leave_date=value("leave_date"),
        status=_status(said, value("leave_date"), today), extra=extra or None,
    )  # fmt: skip


def _key(said: dict[str, Cleaned], key_field: str) -> str:
    """The key of a row by the one field that makes people unique in this list; `""` when that cannot be read."""
    value = said[key_field]
    if isinstance(value, Bad):
        return ""
    if key_field == "employee_no":
        return person_key(employee_no=value, mobile=None, email=None)
    return person_key(employee_no=None, mobile=value if key_field == "mobile" else None, email=value)


def _name(said: dict[str, Cleaned]) -> Cleaned:
    name = said.get("name", "")
    if name != "":
        return name
    last, first = said.get("last_name", ""), said.get("first_name", "")
    if isinstance(last, Bad) or isinstance(first, Bad):
        return last if isinstance(last, Bad) else first
    return full_name(last, first)


def _status(said: dict[str, Cleaned], leave_date: str | None, today: date) -> str | None:
    """What the row says of staying: either status column saying left wins; without any, a past leave date."""
    states = {str(said[kind]) for kind in STATES if said.get(kind)}
    if states:
        return "left" if "left" in states else "active"
    return "left" if leave_date and leave_date <= today.isoformat() else None


def _label(listing: Listing, column: int) -> str:
    return listing.columns[column] if column < len(listing.columns) else ""


def _shown(listing: Listing, index: int, column: int) -> str | None:
    """The cell as it stood in the file, shortened."""
    row = listing.rows[index]
    cell = row[column] if column < len(row) else None
    if isinstance(cell, dict):
        return None
    value = cells.plain(cell)
    return value[:100] if isinstance(value, str) else None
