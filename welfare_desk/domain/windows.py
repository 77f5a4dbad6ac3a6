"""Claim windows: local times as people write them, the moments they mean, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from welfare_desk.errors import Refused

YEARS = range(2000, 3000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone `name`. Raises Refused(`zone_unknown`, field `timezone`)."""
    if name not in _zone_names():
        raise Refused("zone_unknown", field="timezone", zone=name)
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def moment(written: object, zone: ZoneInfo, *, field: str, later: bool = False) -> int:
    """Epoch milliseconds of a TOML date-time or an ISO string; without an offset it is local in `zone`.

    A local time that happens twice (clocks go back) means its first, with `later` its second. Raises
    Refused(`time_unreadable`, `time_without_hour`, `time_year`, `time_skipped`).
    """
    read = _read(written, field)
    if read.year not in YEARS:
        raise Refused("time_year", field=field, value=str(written))
    if read.tzinfo is None:
        read = _local(read, zone, field, later=later)
    return (read - EPOCH) // timedelta(milliseconds=1)


def _read(written: object, field: str) -> datetime:
    if isinstance(written, str):
        try:
            stripped = written.strip()
            read = datetime.fromisoformat(stripped)
        except ValueError as error:
            raise Refused("time_unreadable", field=field, value=written[:40]) from error
        if len(stripped) <= len("2026-11-20"):
            raise Refused("time_without_hour", field=field, value=stripped)
        return read
    if isinstance(written, datetime):
        return written
    if isinstance(written, date):
        raise Refused("time_without_hour", field=field, value=written.isoformat())
    raise Refused("time_unreadable", field=field, value=str(written)[:40])


def _local(read: datetime, zone: ZoneInfo, field: str, *, later: bool) -> datetime:
    placed = read.replace(tzinfo=zone, fold=1 if later else 0)
    back = placed.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) != read.replace(fold=0):
        shifted = read.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
        raise Refused("time_skipped", field=field, value=read.isoformat(" "), zone=zone.key, next=f"{shifted:%H:%M}")
    # A fixed offset from here on: arithmetic between zone-aware times of one zone would be wall-clock arithmetic.
    offset = placed.utcoffset()
    return read.replace(tzinfo=timezone(offset if offset is not None else timedelta()))


def end_of(written: str, zone: ZoneInfo, *, field: str) -> int:
    """Like `moment`, and a date alone means the end of that day: people extend "to the 15th" with the 15th in it."""
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        return moment(written, zone, field=field, later=True)
    if day.year not in YEARS:
        raise Refused("time_year", field=field, value=written)
    return moment(datetime.combine(day + timedelta(days=1), datetime.min.time()), zone, field=field)


def local(at: int, zone: ZoneInfo) -> datetime:
    """The local time of a moment (epoch milliseconds), with its offset."""
    return (EPOCH + timedelta(milliseconds=at)).astimezone(zone)


def iso(at: int, zone: ZoneInfo) -> str:
    """ISO 8601 with the zone's offset, to the second."""
    return local(at, zone).isoformat(timespec="seconds")


def shown(at: int, zone: ZoneInfo) -> str:
    """As sentences show it: `2026-11-20 09:00`."""
    return f"{local(at, zone):%Y-%m-%d %H:%M}"
