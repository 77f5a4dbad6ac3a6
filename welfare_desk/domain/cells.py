"""One cell: what it says, or why it cannot be trusted. Identifiers are never damaged and never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

DIGITS_LIMIT = 10**15
TEXT_LIMIT = 200
NUMBER_LIMIT = 64
EMAIL_LIMIT = 254

LOST = "#?"  # stands in files of refused rows where the value was lost before anybody could read it

_POINT_ZERO = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+|\d\.\d+[eE]\d+")
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?")
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_PHONE_SIGNS = re.compile(r"[\s().\-‐‑–—]+")
_PHONE_FORM = re.compile(r"\+?\d{5,16}")
_QUOTED = re.compile(r'="([^"]*)"')  # how text files keep Excel from reading a number
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_INNER = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
NO_NAME = frozenset(("-", "--", "/", "n/a", "#n/a", "#ref!", "#value!", "无", "暂无", "空", "不详", "未填写", "待补"))


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be taken: `error.<code>` with `params`."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


Cleaned = str | Bad
ReadPhone = Callable[[str], str | None]


def tidy(text: str) -> str:
    """NFKC, no invisible signs, blanks trimmed and single."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        if not text.isprintable():
            text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign.isspace())
    elif not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    return " ".join(text.split())


def plain(cell: Any) -> Cleaned:
    """Any cell as text: whole numbers without a point, dates as ISO; a formula without a value is Bad.

    The apostrophe that an export put before `=`, `+`, `-` or `@` goes again, and so does the `="…"` around a text.
    """
    if isinstance(cell, str):
        return _written(tidy(cell))
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return str(int(cell)) if float(cell).is_integer() and abs(cell) < DIGITS_LIMIT else repr(cell)
    if isinstance(cell, list):
        return str(cell[0]).removesuffix("T00:00:00")
    return Bad("row_formula")


def _written(value: str) -> Cleaned:
    if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@"):
        return value[1:]
    if value == LOST:
        return Bad("row_formula")
    quoted = _QUOTED.fullmatch(value) if value[:1] == "=" else None
    return quoted[1].strip() if quoted else value


def text(cell: Any) -> Cleaned:
    """A free text of at most 200 signs."""
    value = plain(cell)
    return Bad("row_long", {"limit": TEXT_LIMIT}) if isinstance(value, str) and len(value) > TEXT_LIMIT else value


def name(cell: Any) -> Cleaned:
    """A person's name: blanks between Chinese characters go, those of Latin names stay; 无 and the like are none."""
    value = text(cell)
    if isinstance(value, Bad):
        return value
    if value.lower() in NO_NAME:
        return ""
    return _INNER.sub("", value)


def employee_no(cell: Any) -> Cleaned:
    """An employee number as text. Numbers of 16 digits or more, fractions, dates and 1.2E+10 are Bad."""
    value = account(cell)
    if isinstance(value, Bad):
        return value
    if _MOMENT.fullmatch(value):
        return Bad("row_number_date")
    if value.upper() in ("TRUE", "FALSE"):
        return Bad("row_number_form")
    return Bad("row_long", {"limit": NUMBER_LIMIT}) if len(value) > NUMBER_LIMIT else value


def account(cell: Any) -> Cleaned:
    """What names somebody or something elsewhere (identity document, bank account, chat account), never damaged."""
    value = _identifier(cell)
    if isinstance(value, Bad):
        return value
    if _SCIENTIFIC.fullmatch(value):
        return Bad("row_scientific")
    return Bad("row_long", {"limit": TEXT_LIMIT}) if len(value) > TEXT_LIMIT else value


def _identifier(cell: Any) -> Cleaned:
    if isinstance(cell, str):
        value = plain(cell)
        if isinstance(value, Bad):
            return value
        value = value[1:] if value[:1] == "'" and value[1:2].isalnum() else value
        whole = _POINT_ZERO.fullmatch(value)
        return whole[1] if whole else value
    if isinstance(cell, (list, bool)):
        return Bad("row_number_date" if isinstance(cell, list) else "row_number_form")
    if isinstance(cell, (int, float)):
        if abs(cell) >= DIGITS_LIMIT:
            return Bad("row_digits")
        return str(int(cell)) if cell >= 0 and float(cell).is_integer() else Bad("row_number_form")
    return plain(cell)


def phone(cell: Any, read_phone: ReadPhone) -> Cleaned:
    """A phone in E.164, Chinese unless it says otherwise. `read_phone` judges what is no Chinese mobile."""
    value = _identifier(cell)
    if isinstance(value, Bad):
        return Bad("row_phone") if value.code in ("row_number_date", "row_number_form") else value
    if not value:
        return ""
    bare = _PHONE_SIGNS.sub("", value)
    mobile = _CHINESE_MOBILE.fullmatch(bare)
    if mobile:
        return f"+86{mobile[1]}"
    if re.search(r"\d[eE]\+?\d", bare):
        return Bad("row_scientific")
    found = read_phone(value) if _PHONE_FORM.match(bare) else None
    return found or Bad("row_phone")


def email(cell: Any) -> Cleaned:
    """An e-mail address by form, in lower case."""
    value = plain(cell)
    if isinstance(value, Bad) or not value:
        return value
    value = value.lower().removeprefix("mailto:").strip()
    local, _at, host = value.rpartition("@")
    formed = len(value) <= EMAIL_LIMIT and len(local) <= 64 and _LOCAL.fullmatch(local) and _HOST.fullmatch(host)
    return value if formed else Bad("row_email")


_TAG_MARKS = re.compile(r"[,，、;；|/\n]")


def tags(cell: Any) -> Cleaned:
    """Tags as stored: each once, between commas (`,new,remote,`)."""
    value = text(cell)
    if isinstance(value, Bad):
        return value
    found = dict.fromkeys(tag.strip() for tag in _TAG_MARKS.split(value) if tag.strip())
    return f",{','.join(found)}," if found else ""


BOOLEAN = {"是": True, "yes": True, "y": True, "true": True, "1": True,
           "否": False, "no": False, "n": False, "false": False, "0": False}  # fmt: skip


def status(cell: Any, words: Mapping[str, str]) -> Cleaned:
    """`active` or `left` by the words of the synonyms file (people on leave or not yet active are active)."""
    value = plain(cell)
    if isinstance(value, Bad) or not value:
        return value
    meaning = words.get(value.lower())
    if meaning is None:
        return Bad("row_status")
    return "left" if meaning == "resigned" else "active"


def status_inverse(cell: Any, words: Mapping[str, str]) -> Cleaned:
    """The same for columns such as 是否离职 and 禁用状态: yes means left, but 启用 and 禁用 mean themselves."""
    value = plain(cell)
    if isinstance(value, str) and value.lower() in BOOLEAN:
        return "left" if BOOLEAN[value.lower()] else "active"
    return status(cell, words)
