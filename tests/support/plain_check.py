"""A list checked the slow and plain way, cell by cell. What the product must come to, however it does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from welfare_desk.domain import cells, dates, departments
from welfare_desk.domain.cells import Bad, Cleaned
from welfare_desk.domain.cleaning import Words
from welfare_desk.domain.fields import DATES, EXTRA, KEYS, LEVELS, NAMES, STATES
from welfare_desk.domain.people import full_name, person_key
from welfare_desk.domain.people_plan import Change, Directory, Known, Manner, leaver, merged
from welfare_desk.domain.problems import MISSING
from welfare_desk.domain.rows import NOTE, SAMPLES, TOTAL, Row


@dataclass
class Plain:
    """What became of each row, which problems it has, and the changes."""

    kinds: list[str] = field(default_factory=list)
    problems: list[tuple[int, str, str | None]] = field(default_factory=list)
    changes: list[Row | Change] = field(default_factory=list)
    absent: int = 0
    known: int = 0


def plain_check(
    sheet: Any, mapping: Mapping[int, str], words: Words, directory: Directory, manner: Manner
) -> Plain:  # fmt: skip
    """Every row judged in order, with nothing remembered but the rows above."""
    rules = {kind: _habit(sheet, index, kind, words) for index, kind in mapping.items()}
    key_field = next(kind for kind in KEYS if kind in mapping.values())
    found = Plain()
    seen: dict[Any, int] = {}
    owners: dict[str, tuple[int, str]] = {}
    met: set[int] = set()
    for index, cells_ in enumerate(sheet.rows):
        said = {
            kind: _clean(kind, cells_[at] if at < len(cells_) else None, words, rules[kind], sheet.epoch_1904)
            for at, kind in mapping.items()
        }
        if _nothing(said, cells_, sheet, mapping):
            found.kinds.append("skipped")
            continue
        row = _row(said, key_field, index, words, found.problems)
        if isinstance(row, dict):
            found.kinds.append("repair")
            met.update(person.id for person in directory.by_key.values() if _mentions(row, person))
            continue
        _judge(row, index, found, directory, manner, seen, owners, met)
    absent = [person for person in directory.active() if person.id not in met]
    found.absent = len(absent)
    if manner.absent == "left":
        found.changes += [Change(person, leaver(person, manner), None) for person in absent]
    return found


def _mentions(said: dict[str, Any], person: Known) -> bool:
    """Whether a refused row may mean a person."""
    if said["key"]:
        return bool(person.key == said["key"])
    pairs = (("name", person.name), ("mobile", person.phone), ("email", person.email))
    return any(value and said[kind] == value for kind, value in pairs)


def _judge(
    row: Row, index: int, found: Plain, directory: Directory, manner: Manner, seen: dict[Any, int],
    owners: dict[str, tuple[int, str]], met: set[int],
) -> None:  # fmt: skip
    known, several = directory.meant(row)
    met.update(person.id for person in ((known,) if known else several))
    token: Any = known.id if known else row.key
    if token in seen:
        found.kinds.append("duplicate")
        found.problems.append((index, "row_duplicate", None))
        return
    seen[token] = index
    if several:
        found.kinds.append("repair")
        found.known += 1
        found.problems.append((index, "row_several", None))
    elif known is None and row.status == "left":
        found.kinds.append("skipped")
    else:
        _take(row, index, known, found, manner)
        _share(row, index, known, found, directory, owners)


def _take(row: Row, index: int, known: Known | None, found: Plain, manner: Manner) -> None:
    if known is None:
        found.kinds.append("join")
        found.changes.append(row)
        return
    after = merged(row, known, manner)
    found.kinds.append(_kind(known, after))
    if after != known:
        found.changes.append(Change(known, after, row.number))
    if after.status == "left" and row.status is None:
        found.problems.append((index, "row_still_left", None))
    if _bare(row.name) != _bare(known.name):
        found.problems.append((index, "row_renamed", known.name))


def _bare(name: str) -> str:
    return name.replace(" ", "").lower()


def _kind(known: Known, after: Known) -> str:
    if after == known:
        return "same"
    return "leave" if known.status == "active" and after.status == "left" else "change"


def _share(
    row: Row, index: int, known: Known | None, found: Plain, directory: Directory, owners: dict[str, tuple[int, str]]
) -> None:
    others = directory.others(row, known)
    found.known += any(others)
    for value, other, code in zip(
        (row.phone, row.email), others, ("row_phone_shared", "row_email_shared"), strict=True
    ):
        if value is None:
            continue
        first, name = owners.setdefault(value, (index, row.name))
        if first != index:
            found.problems.append((index, code, name))
        elif other is not None:
            found.problems.append((index, code, other.name))


def _habit(sheet: Any, index: int, kind: str, words: Words) -> Any:
    texts = [row[index] for row in sheet.rows if index < len(row) and isinstance(row[index], str)]
    if kind in DATES or kind == "birthday":
        return dates.day_first(texts)
    if kind == "department" or kind in LEVELS:
        said = [cells.text(text) for text in texts if cells.tidy(text).lower() not in words.empties]
        return departments.split_rule(text for text in said if isinstance(text, str))
    return None


def _clean(kind: str, cell: Any, words: Words, habit: Any, epoch_1904: bool) -> Cleaned:
    empties = cells.NO_NAME if kind in NAMES else words.empties
    if cell is None or (isinstance(cell, str) and cells.tidy(cell).lower() in empties):
        return ""
    if kind in DATES:
        return dates.iso_date(cell, today=words.today, epoch_1904=epoch_1904, day_first=habit)
    if kind == "birthday":
        return dates.birthday(cell, today=words.today, epoch_1904=epoch_1904, day_first=habit)
    if kind == "department" or kind in LEVELS:
        value = cells.text(cell)
        return value if isinstance(value, Bad) else departments.path(value, habit)  # short enough here
    plain: dict[str, Any] = {
        "employee_no": cells.employee_no, "email": cells.email, "tags": cells.tags, **dict.fromkeys(NAMES, cells.name),
        "mobile": lambda cell: cells.phone(cell, words.read_phone),
        "status": lambda cell: cells.status(cell, words.statuses),
        "status_inverse": lambda cell: cells.status_inverse(cell, words.statuses),
    }  # fmt: skip
    return plain.get(kind, cells.text)(cell)  # type: ignore[no-any-return]  # all of them clean


def _nothing(said: dict[str, Cleaned], row: list[Any], sheet: Any, mapping: Mapping[int, str]) -> bool:
    if not any(said.values()):
        return True
    first = next((cell for cell in row if cell not in (None, "")), "")
    if not isinstance(first, str):
        return False
    word = cells.tidy(first).lower() if len(first) <= 40 else ""
    if word in SAMPLES or word.startswith(("示例:", "例:", "example:")):
        return True
    name = said.get("name") or said.get("last_name") or ""
    key = said[next(kind for kind in KEYS if kind in mapping.values())]
    read = isinstance(key, str) and key not in ("", cells.tidy(first))
    somebody = read and name != cells.tidy(first) and any(map(str.isalpha, str(name)))
    alone = sum(cell not in (None, "") for cell in row) == 1
    if TOTAL.fullmatch(word) and (alone or not somebody):
        return True
    if NOTE.fullmatch(word) and alone:
        return True
    header = sheet.columns
    return first in header and all(row[at] == header[at] for at in mapping if at < min(len(row), len(header)))


def _row(
    said: dict[str, Cleaned], key_field: str, index: int, words: Words, problems: list[tuple[int, str, str | None]]
) -> Row | dict[str, Any]:
    """The row, or what a refused one mentions."""
    bad = [(index, value.code, None) for value in said.values() if isinstance(value, Bad)]
    name = said.get("name", "") or said.get("last_name", "")
    if said.get("name", "") == "" and not isinstance(said.get("last_name", ""), Bad):
        first = said.get("first_name", "")
        name = first if isinstance(first, Bad) else full_name(str(said.get("last_name", "")), first)
    if name == "":
        bad.append((index, "row_no_name", None))
    key = said[key_field]
    if key == "":
        bad.append((index, MISSING[key_field], None))
    whole = "" if isinstance(key, Bad) else person_key(
        employee_no=key if key_field == "employee_no" else None, mobile=key if key_field == "mobile" else None,
        email=key if key_field == "email" else None,
    )  # fmt: skip
    if bad:
        problems.extend(bad)
        return {"key": whole, "name": name, "mobile": said.get("mobile"), "email": said.get("email")}
    text = {kind: str(value) or None for kind, value in said.items()}
    states = [text[kind] for kind in STATES if text.get(kind)]
    past = "left" if text.get("leave_date") and str(text["leave_date"]) <= words.today.isoformat() else None
    levels = [text.get(level) or "" for level in LEVELS]
    return Row(
        index + 2, whole, text.get("employee_no"), str(name),
        departments.join_levels(levels, text.get("department") or "") or None, text.get("email"), text.get("mobile"),
        text.get("hire_date"), text.get("leave_date"),
        ("left" if "left" in states else "active") if states else past,
        {kind: value for kind in EXTRA if (value := text.get(kind))} or None, text.get("birthday"), text.get("site"),
        text.get("level"), text.get("tags"),
    )  # fmt: skip
