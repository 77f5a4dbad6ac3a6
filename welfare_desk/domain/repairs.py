"""One-click repairs: what mends many cells of a column at once, with the number of them and an example. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from welfare_desk.domain import cells
from welfare_desk.domain.cells import Bad
from welfare_desk.domain.checking import Checking, Report
from welfare_desk.domain.facts import REJECTED, patterns
from welfare_desk.domain.fields import DATES, SENSITIVE, STATES
from welfare_desk.domain.rows import Refusal, shown

# Kind of repair to msgid, in the order they are offered.
LABELS = {
    "trim": "Remove blanks around",
    "full_width": "Full width to half width",
    "pad_zeros": "Pad with leading zeros",
    "phone": "Read the phone in the cell",
    "email": "Correct the spelling of e-mails",
    "date": "Read the date in the cell",
    "day_first": "Read as day, month, year",
    "month_first": "Read as month, day, year",
    "status": "Read the word of the status",
}
TIDY = ("trim", "full_width")
NUMBER_SHARE = 3
_DATES = frozenset((*DATES, "birthday"))
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_TIDY = r"(?:[!-~\u4e00-\u9fff]++(?: [!-~\u4e00-\u9fff]++)*+)?+"
_TIDY_TEXT, _TIDY_TEXTS = re.compile(_TIDY), re.compile(rf"{_TIDY}(?:\n{_TIDY})*+")
_REFUSED = patterns((REJECTED,))
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_DATE = re.compile(r"(?<!\d)(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)")
_ORDERED = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\s*")
_HANZI_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HANZI_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]?"
)
_STOPS = str.maketrans({"，": ".", "。": ".", "、": ".", "；": ";", "·": "."})
_HOSTS = ("qq", "163", "126", "gmail", "outlook", "hotmail", "sina", "foxmail")


@dataclass(frozen=True, slots=True)
class Offer:
    """A repair for a column: how many cells it mends, and one of them before and after."""

    kind: str
    column: int
    header: str
    count: int
    before: str
    after: str


def offers(state: Checking, report: Report) -> tuple[Offer, ...]:
    """Every repair that would mend something now."""
    found: dict[tuple[str, int], list[Any]] = {}
    for kind, column, _index, before, after in _all(state, report):
        entry = found.setdefault((kind, column), [0, before, after])
        entry[0] += 1
    order = list(LABELS)
    columns = state.listing.columns
    return tuple(
        Offer(kind, column, columns[column], *found[kind, column])
        for kind, column in sorted(found, key=lambda pair: (order.index(pair[0]), pair[1]))
    )


def mended(state: Checking, kind: str, column: int, report: Report) -> dict[int, str]:
    """The repaired cells of a column, by row."""
    found = _tidied(state, report, (kind,)) if kind in TIDY else _refused(state, report)
    if kind == "pad_zeros":
        found = _padded(state, report)
    return {index: after for what, at, index, _before, after in found if (what, at) == (kind, column)}


Found = Iterator[tuple[str, int, int, str, str]]


def _all(state: Checking, report: Report) -> Found:
    yield from _tidied(state, report, TIDY)
    yield from _padded(state, report)
    yield from _refused(state, report)


def _chunks(state: Checking, report: Report) -> Iterator[tuple[int, list[list[Any]]]]:
    total = len(state.listing.rows)
    for start, raw in state.chunks():
        report(start, total)
        yield start, raw


def _tidied(state: Checking, report: Report, kinds: tuple[str, ...]) -> Found:
    """Texts with blanks around or doubled, with signs nobody sees, or in full width; in rows that are not skipped."""
    columns = [column for column, field in state.mapping.items() if field not in SENSITIVE]
    for start, raw in _chunks(state, report):
        for column in columns:
            for at, text in _strange(_column(raw, column)):
                for kind in kinds if state.states[start + at] else ():
                    after = _TIDIED[kind](text)
                    if after != text:
                        yield kind, column, start + at, text, after


def _column(raw: list[list[Any]], column: int) -> list[Any]:
    return [row[column] if column < len(row) else None for row in raw]


def _strange(column: list[Any]) -> Iterator[tuple[int, str]]:
    """Texts worth a look: with blanks where none belong, or signs that are neither ASCII nor Chinese characters."""
    texts = [cell if cell.__class__ is str else "" for cell in column]
    joined = "\n".join(texts)
    if _TIDY_TEXTS.fullmatch(joined) and joined.count("\n") == len(texts) - 1:
        return
    for at, cell in enumerate(column):
        if cell.__class__ is str and not _TIDY_TEXT.fullmatch(cell):
            yield at, cell


def _trim(text: str) -> str:
    visible = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in ("Cf", "Cc"))
    return " ".join(visible.split())


def _half_width(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", sign) if _WIDE.match(sign) else sign for sign in text)


_TIDIED: dict[str, Callable[[str], str]] = {"trim": _trim, "full_width": _half_width}


def _padded(state: Checking, report: Report) -> Found:
    """Numbers shorter than those with leading zeros: 123 among 00124 and 00125."""
    column = next((index for index, kind in state.mapping.items() if kind == "employee_no"), None)
    if column is None:
        return
    width = _usual_width(state, column, report)
    for start, raw in _chunks(state, report) if width else ():
        for at, row in enumerate(raw):
            text = shown(row, column) or ""
            if 0 < len(text) < width and text.isascii() and text.isdigit() and state.states[start + at]:
                yield "pad_zeros", column, start + at, text, text.zfill(width)


def _usual_width(state: Checking, column: int, report: Report) -> int:
    """The length most numbers with a leading zero have, in the list or else among the people known; 0: none has."""
    widths: Counter[int] = Counter()
    for _start, raw in _chunks(state, report):
        widths.update(len(cell) for cell in _column(raw, column) if _zero_led(cell))
    if not widths:
        people = state.directory.by_key.values()
        widths.update(len(person.employee_no or "") for person in people if _zero_led(person.employee_no))
    return widths.most_common(1)[0][0] if widths else 0


def _zero_led(cell: Any) -> bool:
    return isinstance(cell, str) and cell[:1] == "0" and len(cell) > 1 and cell.isascii() and cell.isdigit()


def _refused(state: Checking, report: Report) -> Found:
    """Bad cells of refused rows that a repair makes good."""
    places = {header: index for index, header in enumerate(state.listing.columns)}
    for done, index in enumerate(state.find(_REFUSED)):
        if done % 500 == 0:
            report(index, len(state.states))
        row = state.row(index)
        raw = state.raw(index)
        for problem in row.problems if isinstance(row, Refusal) else ():
            column = places.get(problem.column or "", -1)
            cell = raw[column] if 0 <= column < len(raw) else None
            if isinstance(cell, str) and column in state.mapping:
                for kind, after in _mends(state.mapping[column], cell, state):
                    if not isinstance(state.reading.cleaners[state.mapping[column]].cell(after), Bad):
                        yield kind, column, index, cell, after


def _mends(field: str, cell: str, state: Checking) -> Iterator[tuple[str, str]]:
    text = cells.tidy(cell)
    if field == "mobile":
        found = {re.sub(r"\D", "", match)[-11:] for match in _MOBILE.findall(text)}
        if len(found) == 1:
            yield "phone", found.pop()
    elif field == "email":
        yield from (("email", after) for after in [_spelled(text)] if after)
    elif field in _DATES:
        yield from _dates(text)
    elif field in STATES:
        yield from (("status", word) for word in [_word(text, state)] if word)


def _spelled(text: str) -> str:
    """An e-mail without the usual slips: Chinese stops, blanks, doubled or final dots, `qqcom`."""
    bare = re.sub(r"\s+", "", text.translate(_STOPS))
    bare = re.sub(r"[(（\[<>》《\])）]", " ", bare)
    bare = re.sub(r"(?<=@)(\w+),(?=\w)", r"\1.", bare).replace("#", "@" if "@" not in bare else "#")
    bare = re.sub(r"\.{2,}", ".", bare).replace(".@", "@").replace("@.", "@").replace("@@", "@")
    for host in _HOSTS:
        bare = re.sub(rf"@{host}com\b", f"@{host}.com", bare)
    found = set(_EMAIL.findall(bare))
    return found.pop().rstrip(".").lower() if len(found) == 1 else ""


def _dates(text: str) -> Iterator[tuple[str, str]]:
    ordered = _ORDERED.fullmatch(text)
    if ordered:
        yield "day_first", f"{ordered[3]}-{int(ordered[2]):02}-{int(ordered[1]):02}"
        yield "month_first", f"{ordered[3]}-{int(ordered[1]):02}-{int(ordered[2]):02}"
        return
    spoken = _HANZI_DATE.search(text)
    if spoken:
        yield "date", f"{spoken[1].translate(_HANZI_DIGITS)}-{_number(spoken[2]):02}-{_number(spoken[3]):02}"
        return
    found = _DATE.findall(text)
    if len(found) == 1:
        year, month, day = found[0]
        yield "date", f"{year}-{int(month):02}-{int(day):02}"


def _number(spoken: str) -> int:
    """二十一 is 21."""
    tens, ten, ones = spoken.rpartition("十")
    if not ten:
        return int(spoken.translate(_HANZI_DIGITS))
    return 10 * int(tens.translate(_HANZI_DIGITS) or 1) + int(ones.translate(_HANZI_DIGITS) or 0)


def _word(text: str, state: Checking) -> str:
    """The one known status inside a text; of several the longest decides, unless they disagree."""
    known, bare = state.words.statuses, text.replace(" ", "").lower()
    found = sorted((word for word in known if len(word) > 1 and word in bare), key=len, reverse=True)
    inner = [word for word in found if not any(word in longer and word != longer for longer in found)]
    return inner[0] if inner and len({known[word] for word in inner}) == 1 else ""
