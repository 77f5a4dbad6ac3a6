"""Adding and correcting one person by hand, with the same rules as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.people import Person
from welfare_desk.domain import cells, dates, departments
from welfare_desk.domain.cells import Bad, Cleaned
from welfare_desk.domain.people import number_key, person_key
from welfare_desk.domain.segments import today
from welfare_desk.errors import NotFound, Refused
from welfare_desk.files.phones import read_phone
from welfare_desk.files.spelling import spell
from welfare_desk.queries import people
from welfare_desk.queries.people import PersonRow
from welfare_desk.security.references import new_reference
from welfare_desk.services import audit, import_steps, leaving

EDITABLE = (
    "name", "employee_no", "department", "email", "phone", "hire_date", "leave_date", "birthday", "site", "level",
    "tags", "status",
)  # fmt: skip
STATUSES = {"active": "active", "left": "resigned", "在职": "active", "离职": "resigned"}
NEVER_NULL = ("department", "tags")


def add_person(
    ctx: AppContext, session: Session, *, name: str, employee_no: str | None = None, department: str | None = None,
    email: str | None = None, phone: str | None = None, hire_date: str | None = None, leave_date: str | None = None,
    birthday: str | None = None, site: str | None = None, level: str | None = None, tags: str | None = None,
    status: str | None = None,
) -> PersonRow:  # fmt: skip
    """A new person. Phone in any spelling, dates too; a birthday may lack its year, tags are joined by commas.

    Raises Refused with `field` set: what `row_*` codes say, person_incomplete, person_exists (whom),
    person_leave_date.
    """
    given = {"name": name, "employee_no": employee_no, "department": department, "email": email, "phone": phone,
             "hire_date": hire_date, "leave_date": leave_date, "birthday": birthday, "site": site, "level": level,
             "tags": tags}  # fmt: skip
    values = _checked(ctx, given if status is None else given | {"status": status})
    import_steps.refuse_while_applying(session)
    now = ctx.clock.now()
    person = Person(
        id=new_id(), reference=_free_reference(session), key="", number_key=None, pinyin="", extra={}, created_at=now,
        updated_at=now, **({"status": "active"} | values),
    )  # fmt: skip
    _keep_leave_date(ctx, person, values)
    _identify(session, person)
    session.add(person)
    session.flush()
    audit.record(ctx, session, "person.added", f"person:{person.id}")
    return _shown(session, person.id)


def edit_person(
    ctx: AppContext, session: Session, *, person_id: int, changes: Mapping[str, str | None], revoke: bool = False
) -> PersonRow:
    """Corrects a person; None or "" empties a field. Leaving closes open grants (`revoke`: for good), returning
    opens them again, in this transaction; of somebody who has left already `revoke` takes what was kept. A leave date
    that has come is leaving, one to come is kept until its day.

    Raises NotFound(`person_unknown`) and Refused as `add_person`, and revoke_active.
    """
    values = _checked(ctx, changes)
    import_steps.refuse_while_applying(session)
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("person_unknown", field="person", reference=person_id)
    before = person.status
    for name, value in values.items():
        setattr(person, name, value)
    _keep_leave_date(ctx, person, values)
    if person.status != before:
        _move(ctx, session, person, revoke, "leave_date" in values)
    elif revoke and person.status == "left":
        leaving.revoke_grants(session, person_ids=[person.id])
    elif revoke:
        raise Refused("revoke_active", field="revoke", name=person.name)
    _identify(session, person)
    person.updated_at = max(ctx.clock.now(), person.updated_at + 1)
    session.flush()
    audit.record(ctx, session, "person.edited", f"person:{person.id}", fields=sorted(values))
    return _shown(session, person.id)


def _checked(ctx: AppContext, given: Mapping[str, str | None]) -> dict[str, Any]:
    """The values by the rules of lists; raises Refused naming the field."""
    day = today(ctx.clock.now())
    rules: dict[str, Any] = {
        "name": cells.name,
        "employee_no": cells.employee_no,
        "department": lambda value: departments.path(str(cells.plain(value))),
        "email": cells.email,
        "phone": lambda value: cells.phone(value, read_phone),
        "hire_date": lambda value: dates.iso_date(value, today=day),
        "leave_date": lambda value: dates.iso_date(value, today=day),
        "birthday": lambda value: dates.birthday(value, today=day),
        "site": cells.text,
        "level": cells.text,
        "tags": cells.tags,
        "status": lambda value: cells.status(value, STATUSES),
    }
    values: dict[str, Any] = {}
    for field, written in given.items():
        if field not in rules:
            raise Refused("field_unknown", field=field, field_name=field, fields=", ".join(EDITABLE))
        value: Cleaned = rules[field](written or "")
        if isinstance(value, Bad):
            raise Refused(value.code, field=field, **{"cell": written, **value.params})
        values[field] = value if field in NEVER_NULL else value or None
    if "name" in values and values["name"] is None:
        raise Refused("row_no_name", field="name")
    if "status" in values and values["status"] is None:
        raise Refused("row_status", field="status", cell="")
    return values


def _keep_leave_date(ctx: AppContext, person: Person, said: Mapping[str, Any]) -> None:
    """Nobody works here beyond the leave date: who does not say otherwise has left, who does has no such date."""
    if person.status != "active" or not person.leave_date or person.leave_date > today(ctx.clock.now()).isoformat():
        return
    if "status" not in said:
        person.status = "left"
    elif "leave_date" in said:
        raise Refused("person_leave_date", field="leave_date", date=person.leave_date)
    else:
        person.leave_date = None


def _move(ctx: AppContext, session: Session, person: Person, revoke: bool, dated: bool) -> None:
    """What leaving or coming back brings with it."""
    if person.status == "left":
        day = today(ctx.clock.now()).isoformat()
        if not dated:
            person.leave_date = min(person.leave_date or day, day)
        leaving.close_grants(session, person_ids=[person.id], revoke=revoke)
    else:
        if not dated:
            person.leave_date = None
        leaving.open_grants(session, person_ids=[person.id])


def _identify(session: Session, person: Person) -> None:
    """Sets what follows from the other fields; raises Refused when somebody else is this person already."""
    person.number_key = number_key(person.employee_no) or None
    person.pinyin = spell(person.name)
    key = person_key(employee_no=person.employee_no, mobile=person.phone, email=person.email)
    if not key:
        raise Refused("person_incomplete", field="employee_no")
    with session.no_autoflush:
        other = session.scalars(select(Person).where(Person.key == key, Person.id != person.id)).first()
    if other is not None:
        field, value = {
            "n": ("employee_no", person.employee_no),
            "p": ("phone", person.phone),
            "e": ("email", person.email),
        }[key[0]]
        raise Refused("person_exists", field=field, name=other.name, department=other.department, value=value)
    person.key = key


def _free_reference(session: Session) -> str:
    while True:
        reference = new_reference()
        if session.scalar(select(Person.id).where(Person.reference == reference)) is None:
            return reference


def _shown(session: Session, person_id: int) -> PersonRow:
    shown = people.by_id(session, person_id=person_id)
    assert shown is not None
    return shown
