"""Times as a claim page says them: in the campaign's zone, with the weekday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from welfare_desk.i18n import ntext, text

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GLUE = "\N{NO-BREAK SPACE}"
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def local(moment_ms: int, timezone: str) -> datetime:
    """Epoch milliseconds as a wall clock in `timezone`; UTC when that zone is not known here."""
    return datetime.fromtimestamp(moment_ms / 1000, _zone(timezone))


@lru_cache(maxsize=1024)
def moment(language: str, moment_ms: int, timezone: str) -> str:
    """`11月20日 周五 09:00`, `Fri 20 Nov, 09:00`."""
    return _written(language, local(moment_ms, timezone))


def dated(moment_ms: int, timezone: str) -> str:
    """A moment with its year, for paper: `2026-11-20 09:00`."""
    return local(moment_ms, timezone).strftime("%Y-%m-%d %H:%M")


def end(language: str, moment_ms: int, timezone: str) -> str:
    """A closing time; midnight is said as the end of the day before it, `24:00`."""
    at = local(moment_ms, timezone)
    if (at.hour, at.minute, at.second) != (0, 0, 0):
        return _written(language, at)
    return _written(language, at - timedelta(days=1), clock="24:00")


def clock(moment_ms: int, timezone: str) -> str:
    """`09:20`, rounded up to the next minute so that nobody comes too early."""
    return local(moment_ms + MINUTE_MS - 1, timezone).strftime("%H:%M")


def zone_name(language: str, moment_ms: int, timezone: str) -> str:
    """`北京时间` for China's zones, otherwise the zone and its offset."""
    if timezone in ("Asia/Shanghai", "Asia/Chongqing", "PRC"):
        return text(language, "Beijing time")
    offset = local(moment_ms, timezone).strftime("%z")
    return f"{timezone.replace('_', ' ')} (UTC{offset[:3]}:{offset[3:5]})"


def remaining(language: str, milliseconds: int) -> str:
    """`1 天 3 小时`, `3 hours 20 minutes`, never less than one minute."""
    minutes = max(1, -(-milliseconds // MINUTE_MS))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        parts = [ntext(language, "{n} day", "{n} days", days), ntext(language, "{n} hour", "{n} hours", hours)]
        return " ".join(parts if hours else parts[:1])
    parts = [ntext(language, "{n} hour", "{n} hours", hours), ntext(language, "{n} minute", "{n} minutes", minutes)]
    return " ".join(parts[0 if hours else 1 : 2 if minutes else 1])


def _written(language: str, at: datetime, clock: str = "") -> str:
    said = clock or f"{at.hour:02}:{at.minute:02}"
    weekday = text(language, WEEKDAYS[at.weekday()])
    if language == "zh_CN":
        return f"{at.month}月{at.day}日{GLUE}{weekday}{GLUE}{said}"
    return f"{weekday}{GLUE}{at.day}{GLUE}{MONTHS[at.month - 1]},{GLUE}{said}"


@lru_cache(maxsize=64)
def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(str(UTC))
