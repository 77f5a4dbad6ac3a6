"""The transactions of a change-set: begin, write a part, finish, take a part back; strung together by `people_import`.

While a change-set is `applying`, its lease says that somebody is at it; each part extends the lease.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person, PersonChange, PersonImport
from welfare_desk.domain.people_plan import Change, Known
from welfare_desk.errors import Conflict, Refused
from welfare_desk.files.spelling import spell
from welfare_desk.security.references import new_reference
from welfare_desk.services import audit, leaving

T = TypeVar("T")

LEASE_MS = 10_000
TURN = 0x70656F70
PERSON_COLUMNS = (
    "id", "reference", "key", "employee_no", "number_key", "name", "pinyin", "department", "email", "phone",
    "hire_date", "leave_date", "status", "extra", "created_at", "updated_at",
)  # fmt: skip
CHANGE_COLUMNS = ("import_id", "person_id", "before", "after")
WRITTEN = ("key", "employee_no", "number_key", "name", "pinyin", "department", "email", "phone", "hire_date",
           "leave_date", "status", "extra", "updated_at")  # fmt: skip

_UPDATE = (
    update(Person)
    .where(Person.id == bindparam("b_id"), Person.updated_at == bindparam("b_was"))
    .values({name: bindparam(f"b_{name}") for name in WRITTEN})
)


def refuse_while_applying(session: Session) -> None:
    """Raises Refused(`import_running`) while a change-set is being applied or taken back."""
    if session.scalar(select(PersonImport.id).where(PersonImport.state == "applying").limit(1)) is not None:
        raise Refused("import_running")


def open_change_set(ctx: AppContext, session: Session, *, filename: str, file_hash: str) -> int:
    """Opens a change-set and returns its id. Raises Refused(`import_running`)."""
    bulk_sql.take_turn(session, TURN)
    refuse_while_applying(session)
    now = ctx.clock.now()
    begun = PersonImport(
        id=new_id(), at=now, operator=ctx.operator, filename=filename, file_hash=file_hash, state="applying",
        lease_until=now + LEASE_MS, report={"host": socket.gethostname(), "pid": os.getpid()},
    )  # fmt: skip
    session.add(begun)
    session.flush()
    return begun.id


def write_part(ctx: AppContext, session: Session, *, rows: Sequence[Change], import_id: int, at: int) -> None:
    """Writes some changes with their before-images. `at` is the moment of the change-set, epoch milliseconds.

    Raises Conflict(`import_stale`) when somebody changed one of these people meanwhile.
    """
    _extend_lease(ctx, session, import_id)
    images = [(import_id, change.after.id, _image(change.before), _image(change.after) if change.before else "{}")
              for change in rows]  # fmt: skip
    bulk_sql.insert_rows(session, "person_change", CHANGE_COLUMNS, images)
    unknown = [change.after for change in rows if change.before is None]
    new = [
        _person_row(person, handle, at) for person, handle in zip(unknown, _handles(session, len(unknown)), strict=True)
    ]
    changed = [_values(change.after, change.before.updated_at, at) for change in rows if change.before is not None]
    try:
        bulk_sql.insert_rows(session, "person", PERSON_COLUMNS, new)
    except IntegrityError as error:
        raise Conflict("import_stale") from error
    _update(session, changed)
    gone = [change.after.id for change in rows if change.before and _left(change.before, change.after)]
    back = [change.after.id for change in rows if change.before and _left(change.after, change.before)]
    leaving.close_grants(session, person_ids=gone)
    leaving.open_grants(session, person_ids=back)


def finish(ctx: AppContext, session: Session, *, import_id: int, report: dict[str, Any]) -> None:
    """The change-set is whole; `report` is kept with it."""
    _extend_lease(ctx, session, import_id)
    session.execute(
        update(PersonImport)
        .where(PersonImport.id == import_id)
        .values(state="applied", lease_until=None, report=report)
    )
    counts = {name: report[name] for name in ("created", "updated", "left", "rejected") if name in report}
    audit.record(ctx, session, "people.import", f"import:{import_id}", **counts)


def take_back_part(ctx: AppContext, session: Session, *, rows: Sequence[int], import_id: int) -> None:
    """Restores the before-images of some people (by id) and forgets their changes."""
    _extend_lease(ctx, session, import_id)
    mine = (PersonChange.import_id == import_id) & PersonChange.person_id.in_(rows)
    changes = session.execute(select(PersonChange.person_id, PersonChange.before, PersonChange.after).where(mine)).all()
    new = [person_id for person_id, before, _after in changes if before is None]
    old = [(before, after) for _person_id, before, after in changes if before is not None]
    session.execute(delete(Person).where(Person.id.in_(new)).execution_options(synchronize_session=False))
    _restore(session, [Known(**before) for before, _after in old])
    gone = [before["id"] for before, after in old if before["status"] == "left" and after["status"] == "active"]
    back = [before["id"] for before, after in old if before["status"] == "active" and after["status"] == "left"]
    leaving.close_grants(session, person_ids=gone)
    leaving.open_grants(session, person_ids=back)
    session.execute(delete(PersonChange).where(mine).execution_options(synchronize_session=False))


def end(ctx: AppContext, session: Session, *, import_id: int, state: str) -> None:
    """Everything was taken back: `state` is cancelled or undone."""
    values = {"state": state, "lease_until": None}
    session.execute(update(PersonImport).where(PersonImport.id == import_id).values(values))
    audit.record(ctx, session, f"people.import_{state}", f"import:{import_id}")


def reopen(ctx: AppContext, session: Session, *, import_id: int, lapsed: bool = False) -> bool:
    """Takes hold of a change-set to take it back: one that is applied, or (`lapsed`) one whose holder is gone.

    False when somebody else is at it.
    """
    bulk_sql.take_turn(session, TURN)
    found = session.get(PersonImport, import_id, with_for_update=True)
    now = ctx.clock.now()
    if found is None or (lapsed and not is_abandoned(found, now)):
        return False
    if not lapsed:
        refuse_while_applying(session)
    found.state, found.lease_until = "applying", now + LEASE_MS
    found.report = {**found.report, "host": socket.gethostname(), "pid": os.getpid()}
    return True


def is_abandoned(found: PersonImport, now: int) -> bool:
    """Whether nobody is at a change-set any more: its lease ran out, or its process on this machine is gone."""
    if found.state != "applying":
        return False
    if (found.lease_until or 0) < now:
        return True
    return found.report.get("host") == socket.gethostname() and not _lives(found.report.get("pid", 0))


def _lives(pid: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is no question but an end; the lease decides
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def granted_people(session: Session, *, ids: Sequence[int]) -> Sequence[tuple[int, int]]:
    """(person id, campaign id) of the first of these people who has a grant; empty when nobody has."""
    for part in _chunks(ids):
        found = session.execute(
            select(Grant.person_id, Grant.campaign_id).where(Grant.person_id.in_(part)).limit(1)
        ).all()  # fmt: skip
        if found:
            return found
    return ()


def _extend_lease(ctx: AppContext, session: Session, import_id: int) -> None:
    mine = (PersonImport.id == import_id) & (PersonImport.state == "applying")
    done = session.execute(update(PersonImport).where(mine).values(lease_until=ctx.clock.now() + LEASE_MS))
    if _rowcount(done) != 1:
        raise Conflict("import_stale")


def _rowcount(result: Any) -> int:
    return int(result.rowcount)


def _left(before: Known, after: Known) -> bool:
    return before.status == "active" and after.status == "left"


def _image(person: Known | None) -> str | None:
    return None if person is None else json.dumps(person._asdict(), ensure_ascii=False)


def _number(person: Known) -> str | None:
    return person.key[2:] if person.key.startswith("n:") else None


def _handles(session: Session, count: int) -> list[str]:
    """References nobody has yet."""
    found: set[str] = set()
    while len(found) < count:
        found.update(new_reference() for _ in range(count - len(found)))
        for part in _chunks(sorted(found)):
            found.difference_update(session.scalars(select(Person.reference).where(Person.reference.in_(part))))
    return list(found)


def _person_row(person: Known, reference: str, at: int) -> tuple[Any, ...]:
    return (
        person.id, reference, person.key, person.employee_no, _number(person), person.name, spell(person.name),
        person.department, person.email, person.phone, person.hire_date, person.leave_date, person.status,
        json.dumps(person.extra, ensure_ascii=False), at, at,
    )  # fmt: skip


def _values(person: Known, was: int, at: int) -> dict[str, Any]:
    values = {name: getattr(person, name) for name in WRITTEN if name not in ("number_key", "pinyin", "updated_at")}
    values.update(number_key=_number(person), pinyin=spell(person.name), updated_at=at)
    return {"b_id": person.id, "b_was": was, **{f"b_{name}": value for name, value in values.items()}}


def _update(session: Session, changed: Sequence[dict[str, Any]]) -> None:
    if changed and _rowcount(session.connection().execute(_UPDATE, changed)) != len(changed):
        raise Conflict("import_stale")


def _restore(session: Session, people: Sequence[Known]) -> None:
    for part in _chunks(people):
        current = select(Person.id, Person.updated_at).where(Person.id.in_([one.id for one in part]))
        now = {row.id: row.updated_at for row in session.execute(current)}
        session.connection().execute(_UPDATE, [_values(one, now[one.id], one.updated_at) for one in part])


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), 500):
        yield values[start : start + 500]
