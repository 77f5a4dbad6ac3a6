"""Which column is which: header synonyms (zh, en) from `resources/column_synonyms.csv`, then the look of the values."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from welfare_desk.i18n import RESOURCES

SOURCE = RESOURCES / "column_synonyms.csv"
HEADER_ROWS = 15
SCORED_CELLS = 200
SNIFFED_CELLS = 50
SNIFFED_SHARE = 0.8

_MARKS = re.compile(r"[((\[【]?\s*(必填|选填|必选|可选|required|optional|mandatory)\s*[))\]】]?")
_NOISE = re.compile(r"[\s*:_\-./()\[\]【】‘’'\"]+")
_WORD = re.compile(r"[a-z0-9]+|[^\x00-\x7f]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SOMEBODY_ELSE = re.compile(
    r"紧急|家属|配偶|子女|负责人|经理|上级|主管|领导|推荐人|"
    r"emergency|spouse|dependent|beneficiary|father|mother|manager|supervisor|referrer"
)
_LEVEL = re.compile(
    r"(?:department|dept|部门|组织)(?:level|l)?([1-9])|第?([一二三四五六])级(?:部门|组织|机构)(?:名称|全称)?"
)
_NUMERALS = "一二三四五六"
_FULL_PATH = re.compile(r"全称|全路径|路径|path")
_PHONE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The data file, looked up by normalised text."""

    fields: dict[str, str]
    rank: dict[str, int]
    phrases: tuple[tuple[str, str], ...]
    statuses: dict[str, str]
    empties: frozenset[str]
    titles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """One recognised column. `how`: exact, contained, values or chosen."""

    field: str
    how: str


def normalise_header(header: str) -> str:
    """A header as compared: NFKC, lower case, without (必填) and its like, blanks and `* : _ - . / ()`."""
    folded = unicodedata.normalize("NFKC", header).lower()
    folded = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    bare = _NOISE.sub("", _MARKS.sub("", folded))
    return bare or folded.strip()


@cache
def synonyms() -> Synonyms:
    """The synonyms file, read once per process."""
    fields: dict[str, str] = {}
    rank: dict[str, int] = {}
    statuses: dict[str, str] = {}
    empties: set[str] = set()
    titles: set[str] = set()
    with SOURCE.open(encoding="utf-8-sig", newline="") as source:
        for position, row in enumerate(csv.DictReader(source)):
            field, word = row["field"], row["synonym"]
            if field.startswith("_value.status."):
                statuses[normalise_value(word)] = field.rpartition(".")[2]
            elif field == "_value.empty":
                empties.add(normalise_value(word))
            elif field == "_title_row_hint":
                titles.add(normalise_header(word))
            elif not field.startswith("_separator"):
                fields.setdefault(normalise_header(word), field)
                rank.setdefault(normalise_header(word), position)
    return Synonyms(fields, rank, _phrases(fields), statuses, frozenset(empties), frozenset(titles))


def _phrases(fields: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Synonyms long enough to be looked for inside a header, longest first."""
    kept = [(word, field) for word, field in fields.items() if len(word) >= (4 if word.isascii() else 2)]
    return tuple(sorted(kept, key=lambda pair: -_weight(pair[0])))


def _weight(word: str) -> int:
    return len(word) if word.isascii() else 3 * len(word)


def normalise_value(text: str) -> str:
    """A cell value as compared with status and empty words: NFKC, lower case, trimmed."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def recognise(header: str) -> Match | None:
    """The field a header names, exactly or with a known word inside it; None for a stranger."""
    known = synonyms()
    bare = normalise_header(header)
    if not bare:
        return None
    if bare in known.fields:
        return Match(known.fields[bare], "exact")
    level = _LEVEL.fullmatch(bare)
    if level:
        return Match(f"department_l{level[1] or _NUMERALS.index(level[2]) + 1}", "exact")
    if _SOMEBODY_ELSE.search(bare):
        return None
    return _inside(header, bare)


def _inside(header: str, bare: str) -> Match | None:
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", header)).lower()
    words = _WORD.findall(_MARKS.sub("", spaced))
    runs = {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    for phrase, field in synonyms().phrases:
        if phrase in runs if phrase.isascii() else phrase in bare:
            return Match(field, "contained")
    return None


def score(cells: Sequence[object]) -> int:
    """How much a row looks like a header: twice per exact synonym, once per contained, distinct fields only."""
    found: dict[str, int] = {}
    for cell in cells[:SCORED_CELLS]:
        if isinstance(cell, str) and 0 < len(cell) <= 60:
            match = recognise(cell)
            if match is not None:
                worth = 2 if match.how == "exact" else 1
                found[match.field] = max(found.get(match.field, 0), worth)
    return sum(found.values())


def find_header(rows: Sequence[Sequence[object]]) -> tuple[int, int]:
    """(index of the header among the first rows, its score); the last of several header rows counts.

    Titles, notes and samples may stand above it. (0, 0) when nothing is recognised.
    """
    scores = [score(row) for row in rows[:HEADER_ROWS]]
    best = max(scores, default=0)
    if best == 0:
        return 0, 0
    at = scores.index(best)
    while at + 1 < len(scores) and scores[at + 1] >= max(4, 0.7 * best):
        at += 1
    return at, best


def map_columns(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[int, Match]:
    """Column index to field, each field at most once: by synonym first, then by the look of up to 50 values."""
    known = synonyms()
    ranked = []
    for index, header in enumerate(columns):
        match = recognise(header)
        if match is not None:
            exact = match.how == "exact"
            bare = normalise_header(header)
            fullest = match.field == "department" and bool(_FULL_PATH.search(bare))
            ranked.append((not (exact or fullest), -1 if fullest else known.rank.get(bare, 0), index, match))
    taken: dict[str, int] = {}
    mapping: dict[int, Match] = {}
    for _guess, _rank, index, match in sorted(ranked, key=lambda item: item[:3]):
        if match.field.startswith("_") or match.field not in taken:
            taken.setdefault(match.field, index)
            mapping[index] = match
    for index in range(len(columns)):
        if index not in mapping:
            field = look_of(row[index] for row in rows if index < len(row))
            if field is not None and field not in taken and not _SOMEBODY_ELSE.search(normalise_header(columns[index])):
                taken[field] = index
                mapping[index] = Match(field, "values")
    return mapping


def look_of(cells: Iterable[object]) -> str | None:
    """`mobile` or `email` when at least 80 % of the first 50 values look like it."""
    seen: list[str] = []
    for cell in cells:
        if cell not in (None, ""):
            seen.append(re.sub(r"[\s-]", "", str(int(cell) if isinstance(cell, float) else cell)))
            if len(seen) == SNIFFED_CELLS:
                break
    for field, look in (("mobile", _PHONE), ("email", _EMAIL)):
        if seen and sum(look.fullmatch(value) is not None for value in seen) >= SNIFFED_SHARE * len(seen):
            return field
    return None
