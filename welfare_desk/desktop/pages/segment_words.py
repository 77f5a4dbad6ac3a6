"""A filter over people in words, for tool tips, forms and reviews."""

from __future__ import annotations

from welfare_desk.desktop.formats import ENGLISH_MONTHS
from welfare_desk.domain.segments import Filter
from welfare_desk.i18n import _, language, ntext


def said(wanted: Filter) -> str:
    """Everything a filter asks for, joined by a dot."""
    parts = [status_word(wanted.status)]
    if wanted.department:
        parts.append(wanted.department)
    if wanted.hired_within_days:
        parts.append(ntext(language(), "joined within the last {n} day", "joined within the last {n} days",
                           wanted.hired_within_days))  # fmt: skip
    if wanted.hired_from and wanted.hired_to:
        parts.append(_("joined {first} to {last}", first=wanted.hired_from, last=wanted.hired_to))
    elif wanted.hired_from:
        parts.append(_("joined since {first}", first=wanted.hired_from))
    elif wanted.hired_to:
        parts.append(_("joined until {last}", last=wanted.hired_to))
    if wanted.birthday_month:
        parts.append(_("birthday: {month}", month=month_word(wanted.birthday_month)))
    parts += [", ".join(values) for values in (wanted.sites, wanted.levels, wanted.tags) if values]
    return " · ".join(parts)


def status_word(status: str) -> str:
    """Whom a filter means by employment."""
    return {"active": _("Active"), "left": _("Left")}.get(status, _("Active and left"))


def month_word(month: str) -> str:
    """1 to 12, this or next in words."""
    if month == "this":
        return _("this month")
    if month == "next":
        return _("next month")
    return f"{month}月" if language() == "zh_CN" else ENGLISH_MONTHS[int(month) - 1]
