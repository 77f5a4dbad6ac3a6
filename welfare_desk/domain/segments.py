"""Filters over people that can be saved as segments: what one can ask for, read from a document and checked.

    {"department": "总部/研发部", "hired_within_days": 30, "birthday_month": "this", "tags": ["远程"]}

Everything given must hold; of several sites, levels or tags one is enough. Relative parts (`hired_within_days`,
`birthday_month` this or next) are worked out on the day somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from welfare_desk.domain.departments import JOINT
from welfare_desk.domain.figures import day_of, local_day
from welfare_desk.domain.plans import DEFAULT_ZONE
from welfare_desk.errors import Refused

STATUSES = ("active", "left", "any")
RELATIVE_MONTHS = ("this", "next")
MONTHS = (*(str(month) for month in range(1, 13)), *RELATIVE_MONTHS)
MOST_DAYS = 36_600
MOST_TEXTS = 200
TEXT_SIGNS = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """Who is meant. `status`: active, left or any; `department` means all below it too; dates are ISO, both included.

    `birthday_month` is 1 to 12, this, next or "" for any; `hired_within_days` 0 for any.
    """

    department: str = ""
    status: str = "active"
    hired_from: str = ""
    hired_to: str = ""
    hired_within_days: int = 0
    birthday_month: str = ""
    sites: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it is stored and printed: only what was asked for."""
        shown: dict[str, Any] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            if value != part.default:
                shown[part.name] = list(value) if isinstance(value, tuple) else value
        return shown

    def hired_between(self, today: date) -> tuple[str, str]:
        """First and last hire date meant, ISO; "" where there is no limit."""
        if self.hired_within_days:
            return (today - timedelta(days=self.hired_within_days)).isoformat(), today.isoformat()
        return self.hired_from, self.hired_to

    def month(self, today: date) -> str:
        """The month of birth meant, as 01 to 12; "" for any."""
        if self.birthday_month in RELATIVE_MONTHS:
            month = today.month + (self.birthday_month == "next")
            return f"{(month - 1) % 12 + 1:02d}"
        return self.birthday_month.zfill(2) if self.birthday_month else ""


EVERYBODY = Filter(status="any")


def today(now_ms: int, zone: str = DEFAULT_ZONE) -> date:
    """The calendar day of an instant, as hire dates, leave dates and birthdays mean it."""
    return day_of(local_day(now_ms, zone))


def read_filter(document: Mapping[str, Any]) -> Filter:
    """The filter in a document. Raises Refused(`segment_…`) with the key as `field`."""
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key not in READERS:
            raise Refused("segment_key", field=str(key), key=str(key)[:40], known=", ".join(READERS))
        values[key] = READERS[key](key, value)
    made = Filter(**values)
    if made.hired_within_days and (made.hired_from or made.hired_to):
        raise Refused("segment_hired_twice", field="hired_within_days")
    if made.hired_from and made.hired_to and made.hired_from > made.hired_to:
        raise Refused("segment_hired_order", field="hired_to", first=made.hired_from, last=made.hired_to)
    return made


def _department(key: str, value: Any) -> str:
    said = _text(key, value)
    path = JOINT.join(part.strip() for part in said.split(JOINT) if part.strip())
    if said and not path:
        raise Refused("segment_department", field=key, value=said)
    return path


def _status(key: str, value: Any) -> str:
    if value not in STATUSES:
        raise Refused("segment_status", field=key, value=str(value)[:40])
    return str(value)


def _date(key: str, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    text = _text(key, value)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise Refused("segment_date", field=key, value=text[:40]) from error


def _days(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS:
        raise Refused("segment_days", field=key, value=str(value)[:40], most=MOST_DAYS)
    return value


def _month(key: str, value: Any) -> str:
    said = str(value).strip().lower()
    month = said.lstrip("0")
    if isinstance(value, bool) or (said and month not in MONTHS):
        raise Refused("segment_month", field=key, value=str(value)[:40])
    return month


def _texts(key: str, value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)) or len(listed) > MOST_TEXTS:
        raise Refused("segment_texts", field=key, key=key)
    return tuple(dict.fromkeys(text for text in (_text(key, one).strip(", ") for one in listed) if text))


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_SIGNS:
        raise Refused("segment_texts", field=key, key=key)
    return value.strip()


READERS: dict[str, Callable[[str, Any], Any]] = {
    "department": _department,
    "status": _status,
    "hired_from": _date,
    "hired_to": _date,
    "hired_within_days": _days,
    "birthday_month": _month,
    "sites": _texts,
    "levels": _texts,
    "tags": _texts,
}
