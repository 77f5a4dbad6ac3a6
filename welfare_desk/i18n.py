"""One catalogue for window, claim page, messages and errors (zh_CN and en).

The catalogue is every `resources/i18n/<language>/*.po`, read as text at the first use: no compile step, nothing stale.
English source text is its own key; only `error.*` codes have an English entry.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh_CN", "en")
RESOURCES = Path(__file__).resolve().parent.parent / "resources"
if not RESOURCES.is_dir():  # installed or frozen: resources lie inside the package
    RESOURCES = Path(__file__).resolve().parent / "resources"

_current = ["zh_CN"]


def set_language(language: str) -> None:
    """Sets the language of `_()` for this process; unknown languages fall back to English."""
    _current[0] = normalise(language)


def language() -> str:
    """The language of `_()` in this process."""
    return _current[0]


def normalise(language: str) -> str:
    """`zh-CN`, `zh_TW`, `zh` give `zh_CN`; everything else `en`."""
    return "zh_CN" if language.lower().startswith("zh") else "en"


def accepted(header: str, default: str = "zh_CN") -> str:
    """The first known language of an Accept-Language header; `default` when it names none."""
    ranked = []
    for position, part in enumerate(header.split(",")[:16]):
        tag, _sep, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if tag[:2].lower() in ("zh", "en"):
            ranked.append((-weight, position, normalise(tag)))
    return min(ranked)[2] if ranked else default


def text(language: str, msgid: str, **params: Any) -> str:
    """`msgid` in `language`, its {placeholders} filled from `params`."""
    found = catalogue(language).get(msgid, msgid)
    return found.format(**params) if params else found


def ntext(language: str, one: str, many: str, n: int, **params: Any) -> str:
    """The singular or plural of `one`/`many` for `n`, which also fills {n}."""
    found = catalogue(language).get(one if n == 1 else many, one if n == 1 else many)
    return found.format(n=n, **params)


def _(msgid: str, **params: Any) -> str:
    """`msgid` in the language of this process."""
    return text(_current[0], msgid, **params)


def error_text(language: str, error: Exception) -> str:
    """One clear sentence for a WelfareError; for anything else its type, never a stack trace."""
    code = getattr(error, "code", None)
    if not isinstance(code, str):
        return text(language, "error.unexpected", kind=type(error).__name__)
    template = catalogue(language).get(f"error.{code}", f"error.{code}")
    params = getattr(error, "params", {})
    try:
        return template.format(**params)
    except (KeyError, IndexError):
        return template


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every msgid of `language` with its translation; plurals stand under both their forms."""
    entries: dict[str, str] = {}
    for path in sorted((RESOURCES / "i18n" / language).glob("*.po")):
        entries.update(read_po(path.read_text(encoding="utf-8")))
    return entries


def read_po(source: str) -> Iterator[tuple[str, str]]:
    """The (msgid, msgstr) pairs of a .po text; empty and fuzzy entries are left out."""
    for block in source.split("\n\n"):
        if "\n#, fuzzy" in "\n" + block:
            continue
        fields = _fields(block)
        single = fields.get("msgstr") or fields.get("msgstr[0]", "")
        if fields.get("msgid") and single:
            yield fields["msgid"], single
            if fields.get("msgid_plural"):
                yield fields["msgid_plural"], fields.get("msgstr[1]") or single


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    key = ""
    for line in block.splitlines():
        if line.startswith("msg"):
            key, _space, quoted = line.partition(" ")
            fields[key] = ast.literal_eval(quoted)
        elif line.startswith('"'):
            fields[key] += ast.literal_eval(line)
    return fields
