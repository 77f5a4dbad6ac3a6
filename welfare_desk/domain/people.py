"""What makes a person the same person: numbers, keys, names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def number_key(text: str | None) -> str:
    """The employee number as compared: NFKC, upper case, without blanks, invisible signs and leading zeros.

    `00123`, `123` and full-width `１２３` are equal; nothing gives `""`, zeros alone give `"0"`.
    """
    if not text:
        return ""
    if not (text.isascii() and text.isalnum()):
        text = _folded(text)
        if not text:
            return ""
    return text.upper().lstrip("0") or "0"


def _folded(text: str) -> str:
    """NFKC, upper case and without invisible signs. Taking one away or writing large can join what is left anew."""
    again = "".join(sign for sign in unicodedata.normalize("NFKC", text) if not _invisible(sign)).upper()
    return text if again == text else _folded(again)


def _invisible(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cf", "Cc")


def person_key(*, employee_no: str | None, mobile: str | None, email: str | None) -> str:
    """What makes a person unique: the number, else the phone, else the e-mail; `""` when there is none of them."""
    number = number_key(employee_no)
    if number:
        return f"n:{number}"
    if mobile:
        return f"p:{mobile}"
    return f"e:{email}" if email else ""


def full_name(last: str, first: str) -> str:
    """One name of its two parts: 张 + 三 is 张三, Smith + Ann is Ann Smith."""
    if not last or not first:
        return last or first
    return last + first if is_hanzi(last) and is_hanzi(first) else f"{first} {last}"


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in blanks, dots, width or capitals at most: `李 强` is 李强, `ann lee` Ann Lee."""
    return one == other or _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(sign for sign in _folded(name) if sign not in "·•・.")


def is_hanzi(text: str) -> bool:
    """Whether every sign is a Chinese character or the dot inside a name (·)."""
    return bool(text) and all(_hanzi(sign) for sign in text)


def _hanzi(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff" or "\U00020000" <= sign <= "\U0003ffff" or sign in "·•〇"


def search_text(syllables: Iterable[str]) -> str:
    """How a name is found by typing: initials, then the full spelling (`zs zhangsan`), lower case."""
    spoken = [syllable.lower() for syllable in syllables if syllable.strip()]
    initials = "".join(syllable[0] for syllable in spoken)
    return f"{initials} {''.join(spoken)}" if spoken else ""
