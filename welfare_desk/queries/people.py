"""People: the list with its search, one person, and who is meant by a reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person
from welfare_desk.domain.cells import tidy
from welfare_desk.domain.people import number_key
from welfare_desk.domain.segments import EVERYBODY, Filter
from welfare_desk.queries.segments import conditions, within

LIMIT = 200
PHONE_TAIL = 3
REFERENCE = 8
_PHONE = re.compile(r"(?=.*[ +()-])\+?[\d(][\d ()-]{6,}\d")  # written with blanks or signs
_SIGNS = re.compile(r"[ ()-]")
A_DAY = date(2000, 1, 1)  # for filters without relative parts

SORTS = {
    "name": Person.pinyin,
    "employee_no": func.coalesce(Person.employee_no, ""),
    "department": Person.department,
    "hire_date": func.coalesce(Person.hire_date, ""),
    "status": Person.status,
    "email": func.coalesce(Person.email, ""),
    "phone": func.coalesce(Person.phone, ""),
    "site": func.coalesce(Person.site, ""),
    "level": func.coalesce(Person.level, ""),
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as listed. `phone` is E.164, `department` a path joined by `/`, `status` active or left, dates ISO.

    `birthday` may lack its year (`MM-DD`).
    """

    id: int
    reference: str
    employee_no: str | None
    name: str
    department: str
    email: str | None
    phone: str | None
    hire_date: str | None
    leave_date: str | None
    status: str
    birthday: str | None
    site: str | None
    level: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people in order; `next` is what to pass as `after` for the following page, None at the end.

    `total` is how many there are in all where that cost nothing (the first page of a search), otherwise None.
    """

    rows: tuple[PersonRow, ...]
    next: tuple[str, int] | None
    total: int | None = None


COLUMNS = (
    Person.id, Person.reference, Person.employee_no, Person.name, Person.department, Person.email, Person.phone,
    Person.hire_date, Person.leave_date, Person.status, Person.birthday, Person.site, Person.level, Person.tags,
)  # fmt: skip


def people(
    session: Session, *, search: str = "", department: str = "", status: str = "", wanted: Filter = EVERYBODY,
    today: date = A_DAY, sort: str = "name", descending: bool = False, after: tuple[str, int] | None = None,
    limit: int | None = LIMIT,
) -> PeoplePage:  # fmt: skip
    """A page of people who are all that is asked for, continued by key. `limit` None gives all.

    `search` finds numbers (leading zeros or not), names, pinyin (initials or full), phone tails, e-mails, references;
    `department` includes all below it; `today` is the day that relative parts of the filter `wanted` start from.
    """
    if search and after is None and limit is not None:
        return _searched(session, search, department, status, wanted, today, SORTS[sort], descending, limit)
    # Rare hits are found faster by reading people as they lie and sorting the hits than along the index.
    column = func.coalesce(SORTS[sort], "") if search else SORTS[sort]
    statement = _filtered(select(*COLUMNS, column), search, department, status, wanted, today)
    if after is not None:
        here = tuple_(column, Person.id)
        statement = statement.where(here < after if descending else here > after)
    found = session.execute(statement.order_by(*_order(column, descending)).limit(limit and limit + 1)).all()
    return _page(found, limit)


def _searched(
    session: Session, search: str, department: str, status: str, wanted: Filter, today: date, sort: Any,
    descending: bool, limit: int,
) -> PeoplePage:  # fmt: skip
    """The first hits and how many there are, in one look at everybody: only their ids are carried through the sort."""
    column = func.coalesce(sort, "")
    hits = _filtered(select(Person.id, func.count().over().label("total")), search, department, status, wanted, today)
    first = hits.order_by(*_order(column, descending)).limit(limit + 1).subquery()
    statement = select(*COLUMNS, column, first.c.total).join(first, first.c.id == Person.id)
    found = session.execute(statement.order_by(*_order(column, descending))).all()
    page = _page([row[:-1] for row in found], limit)
    return PeoplePage(page.rows, page.next, int(found[0].total) if found else 0)


def _order(column: Any, descending: bool) -> tuple[Any, Any]:
    return (column.desc(), Person.id.desc()) if descending else (column, Person.id)


def _page(found: Sequence[Any], limit: int | None) -> PeoplePage:
    shown = found if limit is None else found[:limit]
    more = len(found) > len(shown)
    return PeoplePage(tuple(_person(row) for row in shown), (str(shown[-1][-1]), shown[-1][0]) if more else None)


def count_people(
    session: Session, *, search: str = "", department: str = "", status: str = "", wanted: Filter = EVERYBODY,
    today: date = A_DAY,
) -> int:  # fmt: skip
    """How many people `people` would list in all."""
    counted = select(func.count()).select_from(Person)
    return int(session.scalar(_filtered(counted, search, department, status, wanted, today)) or 0)


def references(
    session: Session, *, search: str = "", department: str = "", status: str = "", wanted: Filter = EVERYBODY,
    today: date = A_DAY,
) -> tuple[str, ...]:  # fmt: skip
    """The reference code of everybody `people` would list."""
    listed = _filtered(select(Person.reference), search, department, status, wanted, today)
    return tuple(session.scalars(listed))


def find(session: Session, *, text: str, limit: int = 8) -> tuple[PersonRow, ...]:
    """The best hits for a search box: an exact number or reference first, then as `people` lists them."""
    if not text.strip():
        return ()
    exact = resolve(session, reference=text)
    others = people(session, search=text, limit=limit).rows
    known = {row.id for row in exact}
    return (*exact, *(row for row in others if row.id not in known))[:limit]


def resolve(session: Session, *, reference: str) -> tuple[PersonRow, ...]:
    """Everybody a REF means: a person's or a grant's reference code, or an employee number."""
    handle = tidy_reference(reference)
    number = number_key(reference)
    if not number:
        return ()
    granted = select(Grant.person_id).where(Grant.reference == handle)
    meant = or_(Person.reference == handle, Person.key == f"n:{number}", Person.id.in_(granted))
    found = session.execute(select(*COLUMNS).where(meant).order_by(Person.id).limit(20))
    return tuple(_person(row) for row in found)


def by_id(session: Session, *, person_id: int) -> PersonRow | None:
    """One person, or None."""
    found = session.execute(select(*COLUMNS).where(Person.id == person_id)).first()
    return _person(found) if found else None


def leaves_by(session: Session, *, day: date) -> bool:
    """Whether anybody is still listed as working here whose leave date has come on `day`."""
    due = select(Person.id).where(Person.status == "active", Person.leave_date <= day.isoformat())
    return session.execute(due.limit(1)).first() is not None


def tidy_reference(text: str) -> str:
    """A typed reference as stored: upper case, without blanks and dashes, full-width signs folded."""
    return number_key(text).replace("-", "")


def _person(row: Any) -> PersonRow:
    *plain, tags = row[: len(COLUMNS)]
    return PersonRow(*(*plain, tuple(filter(None, tags.split(",")))))


def _filtered(statement: Any, search: str, department: str, status: str, wanted: Filter, today: date) -> Any:
    if department:
        statement = statement.where(within(department))
    if status:
        statement = statement.where(Person.status == status)
    statement = statement.where(*conditions(wanted, today))
    said = tidy(search)
    if not said:
        return statement
    every_word = and_(*map(_holds, said.split()[:5]))
    phone = _SIGNS.sub("", said).removeprefix("+86") if _PHONE.fullmatch(said) else ""
    return statement.where(or_(every_word, Person.phone.endswith(phone)) if phone else every_word)


def _holds(word: str) -> ColumnElement[bool]:
    """Everybody is looked at for each way: only those that can hit at all are asked."""
    low, number = word.lower(), number_key(word)
    handle = tidy_reference(word)
    ways: list[ColumnElement[bool]] = [func.lower(Person.name).contains(low, autoescape=True)]
    if low.isascii():
        ways.append(Person.email.startswith(low, autoescape=True))
    else:  # SQLite lowers Latin letters without marks only
        ways.append(Person.name.contains(word, autoescape=True))
    if len(handle) == REFERENCE:
        ways.append(Person.reference == handle)
    if number:
        ways.append(Person.number_key.startswith(number, autoescape=True))
    if low.isascii() and low.isalpha():
        ways.append(Person.pinyin.startswith(low, autoescape=True))
        ways.append(Person.pinyin.contains(" " + low, autoescape=True))
    digits = "".join(sign for sign in word if sign.isdigit())
    if len(digits) >= PHONE_TAIL and len(digits) >= len(word) - 3 and not any(map(str.isalpha, word)):
        ways.append(Person.phone.endswith(digits, autoescape=True))
        ways.append(Person.phone.startswith("+86" + digits, autoescape=True))
    return or_(*ways)
