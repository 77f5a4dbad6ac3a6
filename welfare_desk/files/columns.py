"""Which column is which: as remembered, by synonyms (zh, en; `resources/column_synonyms.csv`), by the values."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from welfare_desk.domain.fields import SENSITIVE
from welfare_desk.files import looks
from welfare_desk.i18n import RESOURCES

SOURCE = RESOURCES / "column_synonyms.csv"
HEADER_ROWS = 15
SCORED_CELLS = 200
ADDED = "_ignore.added"

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
_TRADITIONAL = str.maketrans(
    "員編號稱門機電話郵職離級標籤層區點證單態碼聯繫組織職務戶歷實際務備註",
    "员编号称门机电话邮职离级标签层区点证单态码联系组织职务户历实际务备注",
)
_FULL_PATH = re.compile(r"全称|全路径|路径|path")


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The data file, looked up by normalised text."""

    fields: dict[str, str]
    rank: dict[str, int]
    phrases: tuple[tuple[str, str], ...]
    statuses: dict[str, str]
    empties: frozenset[str]
    titles: frozenset[str]
    flags: frozenset[str]  # of leavers, where the values are yes and no: by themselves they may head dates or reasons


@dataclass(frozen=True, slots=True)
class Match:
    """One recognised column. `how` and `source`: remembered, exact, contained, values or chosen.

    `field` begins with `_` for columns that are not imported by themselves (`_sensitive.bank`, `_ignore.serial`) and is
    empty for one that a person left out of this list before.
    """

    field: str
    how: str

    @property
    def source(self) -> str:
        """The same as `how`."""
        return self.how


def normalise_header(header: str) -> str:
    """A header as compared: NFKC, lower case, simplified, without (必填) and its like, blanks and `* : _ - . / ()`."""
    folded = unicodedata.normalize("NFKC", header).lower().translate(_TRADITIONAL)
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
    flags: set[str] = set()
    with SOURCE.open(encoding="utf-8-sig", newline="") as source:
        for position, row in enumerate(csv.DictReader(source)):
            field, word = row["field"], row["synonym"]
            if field.startswith("_value.status."):
                statuses[normalise_value(word)] = field.rpartition(".")[2]
            elif field == "_value.empty":
                empties.add(normalise_value(word))
            elif field == "_flag.inverse":
                flags.add(normalise_header(word))
            elif field == "_title_row_hint":
                titles.add(normalise_header(word))
            elif not field.startswith("_separator"):
                fields.setdefault(normalise_header(word), field)
                rank.setdefault(normalise_header(word), position)
    return Synonyms(fields, rank, _phrases(fields), statuses, frozenset(empties), frozenset(titles), frozenset(flags))


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


def sensitive_places(header: Sequence[str]) -> frozenset[int]:
    """Which of these headings name something sensitive."""
    found = ((at, recognise(text)) for at, text in enumerate(header))
    return frozenset(at for at, match in found if match is not None and match.field.startswith("_sensitive"))


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

    Titles, notes and samples may stand above it; a lone cell is no header where rows of several cells follow. Score 0:
    nothing is recognised, and the first row nearly as wide as the widest is taken.
    """
    filled = [sum(cell not in (None, "") for cell in row) for row in rows[:HEADER_ROWS]]
    widest = max(filled, default=0)
    scores = [score(row) if cells > 1 or widest < 2 else 0 for row, cells in zip(rows, filled, strict=False)]
    best = max(scores, default=0)
    if best == 0:
        return next((at for at, cells in enumerate(filled) if cells >= 0.6 * widest), 0), 0
    at = scores.index(best)
    while at + 1 < len(scores) and scores[at + 1] >= max(4, 0.7 * best):
        at += 1
    return at, best


def map_columns(
    columns: Sequence[str], rows: Iterable[Sequence[object]], kept: Mapping[str, str] | None = None
) -> dict[int, Match]:
    """Column index to field, each field at most once: as remembered, by synonym, then by the look of the values.

    `kept` is what `to_keep` made when a list with this header was last imported.
    """
    if kept is not None:
        return _as_kept(columns, kept)
    mapping = _by_name(columns)
    sample = list(islice(rows, looks.SNIFFED_ROWS))
    _by_values(columns, sample, mapping)
    return mapping


def _as_kept(columns: Sequence[str], kept: Mapping[str, str]) -> dict[int, Match]:
    """What was left out stays known as sensitive or as a serial number where it is that."""
    mapping = {}
    for at, key in enumerate(_keys(columns)):
        if key in kept:
            match = None if kept[key] else recognise(columns[at])
            aside = match.field if match is not None and match.field.startswith("_") else ""
            mapping[at] = Match(kept[key] or aside, "remembered")
    return mapping


def _by_name(columns: Sequence[str]) -> dict[int, Match]:
    known = synonyms()
    ranked = []
    for index, header in enumerate(columns):
        match = recognise(header)
        if match is not None:
            exact = match.how == "exact"
            bare = normalise_header(header)
            fullest = match.field == "department" and bool(_FULL_PATH.search(bare))
            ranked.append((not (exact or fullest), -1 if fullest else known.rank.get(bare, 0), index, match))
    taken: set[str] = set()
    mapping: dict[int, Match] = {}
    for _guess, _rank, index, match in sorted(ranked, key=lambda item: item[:3]):
        if match.field.startswith("_") or match.field not in taken:
            taken.add(match.field)
            mapping[index] = match
    return mapping


def _by_values(columns: Sequence[str], rows: Sequence[Sequence[object]], mapping: dict[int, Match]) -> None:
    """Adds columns whose header is a stranger; an identity number under whatever header is sensitive."""
    taken = {match.field for match in mapping.values()}
    strangers: dict[int, list[str]] = {}
    for index, header in enumerate(columns):
        cells = looks.values(rows, index)
        field = looks.look_of(cells)
        if index in mapping:
            if field == "_sensitive.id_number" and mapping[index].field in ("employee_no", "login_name"):
                taken.discard(mapping[index].field)
                mapping[index] = Match(field, "values")
        elif not _SOMEBODY_ELSE.search(normalise_header(header)):
            if field is None and looks.is_flag(cells) and normalise_header(header) in synonyms().flags:
                field = "status_inverse"
            if field is None:
                strangers[index] = cells
            elif field.startswith("_") or field not in taken:
                taken.add(field)
                mapping[index] = Match(field, "values")
    for field in _missing(taken):
        found = next((at for at, cells in strangers.items() if looks.look_of_missing(cells, field)), None)
        if found is not None:
            mapping[found] = Match(field, "values")
            del strangers[found]


def _missing(taken: set[str]) -> list[str]:
    """The fields a list cannot do without and no column has: a name, a key; a department is worth looking for."""
    wanted = [] if taken & {"name", "last_name", "first_name"} else ["name"]
    if not any(field.startswith("department") for field in taken):
        wanted.append("department")
    return wanted if taken & {"employee_no", "mobile", "email"} else [*wanted, "employee_no"]


def fingerprint(headers: Sequence[str]) -> str:
    """What makes two lists "the same list": their headers, in whatever order, (必填) and blanks left aside.

    A file of refused rows has the fingerprint of the list it came from: what was added to it does not count.
    """
    ours = [key for key in _keys(headers) if synonyms().fields.get(key) != ADDED]
    return hashlib.sha256("\n".join(sorted(ours)).encode()).hexdigest()


def to_keep(headers: Sequence[str], mapping: Mapping[int, str]) -> dict[str, str]:
    """A mapping as remembered: normalised header to field, `""` for a column that is left out.

    Sensitive columns are ticked anew for every list.
    """
    kept = {at: field for at, field in mapping.items() if field not in SENSITIVE}
    return {key: kept.get(at, "") for at, key in enumerate(_keys(headers))}


def _keys(headers: Sequence[str]) -> list[str]:
    """The normalised headers, each once."""
    seen: Counter[str] = Counter()
    keys = []
    for header in headers:
        bare = normalise_header(header)
        seen[bare] += 1
        keys.append(bare if seen[bare] == 1 else f"{bare}#{seen[bare]}")
    return keys
