"""How numbers, money, dates and shares are written in the window, in the language in force."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from welfare_desk.i18n import _, language

ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "HKD": "HK$", "GBP": "£"}


def number(value: int | None) -> str:
    """1234567 as 1,234,567; None as a dash."""
    return "–" if value is None else f"{value:,}"


def money(minor: int | None, currency: str = "CNY") -> str:
    """Integer minor units as ¥1,234.50."""
    if minor is None:
        return "–"
    sign = "−" if minor < 0 else ""
    whole, cents = divmod(abs(minor), 100)
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{whole:,}.{cents:02d}"


def share(part: int | None, whole: int | None) -> str:
    """A rate with its denominator in mind: per cent, one decimal from 200 on; a dash when nobody is counted."""
    if part is None or not whole:
        return "–"
    return f"{100 * part / whole:.1f} %" if whole >= 200 else f"{100 * part / whole:.0f} %"


def moment(at_ms: int | None, zone: str = "", *, seconds: bool = False) -> str:
    """Epoch milliseconds as 2026-11-20 09:00 in `zone` (default: this computer's)."""
    if at_ms is None:
        return "–"
    return _local(at_ms, zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def day(at_ms: int | None, zone: str = "") -> str:
    """Epoch milliseconds as 2026-11-20 (周五), 2026-11-20 (Fri)."""
    if at_ms is None:
        return "–"
    local = _local(at_ms, zone)
    names = "一二三四五六日" if language() == "zh_CN" else ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    word = names[local.weekday()]
    return f"{local:%Y-%m-%d} ({'周' + word if language() == 'zh_CN' else word})"


def month_day(birthday: str | None) -> str:
    """Month and day of 1990-05-12 or 05-12, never the year: 5月12日, 12 May."""
    if not birthday:
        return ""
    month, date = int(birthday[-5:-3]), int(birthday[-2:])
    if language() == "zh_CN":
        return f"{month}月{date}日"
    return f"{date} {ENGLISH_MONTHS[month - 1][:3]}"


def ago(at_ms: int, now_ms: int) -> str:
    """How long ago something was: just now, 5 min, 3 h, 2 d."""
    seconds = max(0, now_ms - at_ms) // 1000
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("{n} min ago", n=seconds // 60)
    if seconds < 86_400:
        return _("{n} h ago", n=seconds // 3600)
    return _("{n} d ago", n=seconds // 86_400)


def _local(at_ms: int, zone: str) -> datetime:
    found = datetime.fromtimestamp(at_ms / 1000, UTC)
    return found.astimezone(ZoneInfo(zone)) if zone else found.astimezone()
