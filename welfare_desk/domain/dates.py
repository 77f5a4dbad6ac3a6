"""Dates as people and Excel write them, given back as ISO. What could be read two ways is refused, not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from welfare_desk.domain.cells import Bad, Cleaned, tidy

EARLIEST = date(1930, 1, 1)
LEEWAY = timedelta(days=366)
EARLIEST_BIRTH = date(1900, 1, 1)
LEAP_YEAR = 2000
EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = r"(?:[T ]\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}}) ?[-/.年] ?(\d{{1,2}}) ?[-/.月] ?(\d{{1,2}}) ?[日号]?{_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[- /.]([A-Za-z]{{3,9}})\.?[- /,.]+(\d{{4}}|\d{{2}}){_TIME}")
_MONTH_DAY = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TIME}")
_MONTH_AND_DAY = re.compile(r"(?:--)?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?[日号]?")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")


def iso_date(cell: Any, *, today: date, epoch_1904: bool = False, day_first: bool | None = None) -> Cleaned:
    """The date of a cell as YYYY-MM-DD; Bad(`row_date`, `row_date_order`, `row_date_range`) otherwise.

    Excel's day numbers count; `day_first` says how the column writes 03/04/2024 (None: nobody knows).
    Taken are 1930 until a year from `today`.
    """
    found = _read(cell, epoch_1904, day_first)
    if not isinstance(found, date):
        return found
    if not EARLIEST <= found <= today + LEEWAY:
        return Bad("row_date_range", {"date": found.isoformat()})
    return found.isoformat()


def birthday(cell: Any, *, today: date, epoch_1904: bool = False, day_first: bool | None = None) -> Cleaned:
    """A birthday as YYYY-MM-DD, or MM-DD where the list gives no year (05-12, 5月12日, --05-12).

    Bad(`row_birthday`, `row_date_order`, `row_date_range`) otherwise; taken are 1900 until today.
    """
    short = _MONTH_AND_DAY.fullmatch(tidy(cell)) if isinstance(cell, str) else None
    if short:
        found: date | Cleaned = _made(LEAP_YEAR, short[1], short[2])
        return Bad("row_birthday") if isinstance(found, Bad) else str(found)[5:]
    found = _read(cell, epoch_1904, day_first)
    if isinstance(found, Bad) and found.code == "row_date":
        return Bad("row_birthday")
    if not isinstance(found, date):
        return found
    return found.isoformat() if EARLIEST_BIRTH <= found <= today else Bad("row_date_range", {"date": found.isoformat()})


def day_first(cells: Iterable[Any]) -> bool | None:
    """Whether a column writes the day before the month, as its own cells prove; None when they do not."""
    proofs = set()
    for cell in cells:
        found = _YEAR_LAST.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if found and int(found[1]) > 12 >= int(found[2]):
            proofs.add(True)
        elif found and int(found[2]) > 12 >= int(found[1]):
            proofs.add(False)
    return proofs.pop() if len(proofs) == 1 else None


def _read(cell: Any, epoch_1904: bool, first: bool | None) -> date | Cleaned:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, dict):
        return Bad("row_formula")
    if isinstance(cell, list):
        found = _YEAR_FIRST.fullmatch(str(cell[0]))
        return _made(found[1], found[2], found[3]) if found else Bad("row_date")
    if isinstance(cell, bool):
        return Bad("row_date")
    if isinstance(cell, (int, float)):
        return _from_number(float(cell), epoch_1904)
    return _from_text(tidy(str(cell)), epoch_1904, first)


def _from_number(number: float, epoch_1904: bool) -> date | Bad:
    if 1 <= number < 100_000:
        return (EPOCH_1904 if epoch_1904 else EPOCH_1900) + timedelta(days=int(number))
    compact = _COMPACT.fullmatch(str(int(number))) if number.is_integer() else None
    return _made(*compact.groups()) if compact else Bad("row_date")


def _from_text(text: str, epoch_1904: bool, first: bool | None) -> date | Cleaned:
    if not text:
        return ""
    found = _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return _made(found[1], found[2], found[3])
    if _SERIAL.fullmatch(text):
        return _from_number(float(text), epoch_1904)
    named = _DAY_MONTH.fullmatch(text)
    if named:
        return _named(named[3], named[2], named[1])
    named = _MONTH_DAY.fullmatch(text)
    if named:
        return _named(named[3], named[1], named[2])
    last = _YEAR_LAST.fullmatch(text)
    return _year_last(last, first) if last else Bad("row_date")


def _year_last(found: re.Match[str], first: bool | None) -> date | Bad:
    left, right = int(found[1]), int(found[2])
    if left > 12 or left == right:
        first = True
    elif right > 12:
        first = False
    if first is None:
        return Bad("row_date_order")
    return _made(found[3], right if first else left, left if first else right)


def _named(year: str, month: str, day: str) -> date | Bad:
    short = month[:3].lower()
    if short not in MONTHS:
        return Bad("row_date")
    century = "20" if len(year) == 2 and int(year) < 70 else "19" if len(year) == 2 else ""
    return _made(century + year, MONTHS.index(short) + 1, day)


def _made(year: str | int, month: str | int, day: str | int) -> date | Bad:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return Bad("row_date")
