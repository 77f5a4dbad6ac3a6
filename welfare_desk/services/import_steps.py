"""The transactions of a change-set: begin, write a part, finish, take a part back; strung together by `import_apply`.

While a change-set is `applying`, its lease says that somebody is at it; each part extends the lease.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql
from welfare_desk.db.models.people import ImportMapping, Person, PersonChange, PersonImport
from welfare_desk.domain.people_plan import Known
from welfare_desk.errors import Conflict, Refused
from welfare_desk.services import audit, import_rows, leaving
from welfare_desk.services.import_rows import Part

LEASE_MS = 10_000
TURN = 0x70656F70
WENT, CAME_BACK = ("active", "left"), ("left", "active")


def refuse_while_applying(session: Session) -> None:
    """Raises Refused(`import_running`) while a change-set is being applied or taken back."""
    if session.scalar(select(PersonImport.id).where(PersonImport.state == "applying").limit(1)) is not None:
        raise Refused("import_running")


def open_change_set(
    ctx: AppContext, session: Session, *, import_id: int, at: int, filename: str, file_hash: str
) -> None:
    """Opens a change-set of the moment `at` (epoch milliseconds). Raises Refused(`import_running`)."""
    bulk_sql.take_turn(session, TURN)
    refuse_while_applying(session)
    session.add(PersonImport(
        id=import_id, at=at, operator=ctx.operator, filename=filename, file_hash=file_hash, state="applying",
        lease_until=ctx.clock.now() + LEASE_MS, report=_holder(),
    ))  # fmt: skip
    session.flush()


def write_part(ctx: AppContext, session: Session, *, rows: Part, import_id: int) -> None:
    """Writes some people: new ones, and changed ones with their images.

    Raises Conflict(`import_stale`) when somebody changed one of these people meanwhile.
    """
    _extend_lease(ctx, session, import_id)
    insert_new(session, rows=rows.new)
    bulk_sql.insert_rows(session, "person_change", import_rows.CHANGE_COLUMNS, rows.images)
    found = bulk_sql.update_rows(session, "person", import_rows.WRITTEN, import_rows.FOUND_BY, rows.changed)
    if found != len(rows.changed):
        raise Conflict("import_stale")
    leaving.close_grants(session, person_ids=rows.left)
    leaving.open_grants(session, person_ids=rows.back)


def insert_new(session: Session, *, rows: Iterable[tuple[Any, ...]]) -> None:
    """Writes new people as PERSON_COLUMNS. Raises Conflict(`import_stale`) when one of them is there already."""
    try:
        bulk_sql.insert_rows(session, "person", import_rows.PERSON_COLUMNS, rows)
    except IntegrityError as error:
        raise Conflict("import_stale") from error


def finish(
    ctx: AppContext, session: Session, *, import_id: int, report: dict[str, Any], fingerprint: str,
    mapping: dict[str, str],
) -> None:  # fmt: skip
    """The change-set is whole; `report` is kept with it, `mapping` for the next list whose headers are the same."""
    _extend_lease(ctx, session, import_id)
    session.execute(
        update(PersonImport)
        .where(PersonImport.id == import_id)
        .values(state="applied", lease_until=None, report=report)
    )
    kept = ImportMapping(fingerprint=fingerprint, mapping=mapping, operator=ctx.operator, at=ctx.clock.now())
    session.merge(kept)
    counts = {name: report[name] for name in ("created", "updated", "left", "rejected") if name in report}
    audit.record(ctx, session, "people.import", f"import:{import_id}", **counts)


def remove_part(ctx: AppContext, session: Session, *, rows: Sequence[int], import_id: int) -> None:
    """Removes some of the people an import brought: ids in order, none of the import's left out."""
    _keep_lease(ctx, session, import_id)
    brought = (Person.import_id == import_id) & Person.id.between(rows[0], rows[-1])
    session.execute(delete(Person).where(brought).execution_options(synchronize_session=False))


def restore_part(ctx: AppContext, session: Session, *, rows: Sequence[int], import_id: int) -> None:
    """Restores the before-images of some people (ids in order, none of the import's left out) and forgets them."""
    _keep_lease(ctx, session, import_id)
    mine = (PersonChange.import_id == import_id) & PersonChange.person_id.between(rows[0], rows[-1])
    changes = session.execute(
        select(PersonChange.before, PersonChange.after, Person.updated_at)
        .join(Person, Person.id == PersonChange.person_id)
        .where(mine)
        .order_by(PersonChange.person_id)
    ).all()
    people = [(Known(**before), now) for before, _after, now in changes]
    values = [import_rows.update_values(person, now, person.updated_at) for person, now in people]
    bulk_sql.update_rows(session, "person", import_rows.WRITTEN, import_rows.FOUND_BY, values)
    gone = [before["id"] for before, after, _now in changes if (before["status"], after["status"]) == CAME_BACK]
    back = [before["id"] for before, after, _now in changes if (before["status"], after["status"]) == WENT]
    leaving.close_grants(session, person_ids=gone)
    leaving.open_grants(session, person_ids=back)
    session.execute(delete(PersonChange).where(mine).execution_options(synchronize_session=False))


def end(ctx: AppContext, session: Session, *, import_id: int) -> bool:
    """The change-set is over if everything was taken back; False when somebody who had lost it wrote once more."""
    found = session.get_one(PersonImport, import_id, with_for_update=True)
    if brought(session, import_id=import_id, limit=1) or changed(session, import_id=import_id, limit=1):
        return False
    found.state, found.lease_until = found.report.get("ends", "cancelled"), None
    audit.record(ctx, session, f"people.import_{found.state}", f"import:{import_id}")
    return True


def touched(session: Session, *, import_id: int) -> tuple[Sequence[int], Sequence[int]]:
    """Ids, in order, of the people an import changed, and of those it brought."""
    return changed(session, import_id=import_id), brought(session, import_id=import_id)


def brought(session: Session, *, import_id: int, limit: int | None = None) -> Sequence[int]:
    """Ids, in order, of the people an import brought."""
    mine = select(Person.id).where(Person.import_id == import_id)
    return session.scalars(mine.limit(limit) if limit else mine.order_by(Person.id)).all()


def changed(session: Session, *, import_id: int, limit: int | None = None) -> Sequence[int]:
    """Ids, in order, of the people an import changed."""
    mine = select(PersonChange.person_id).where(PersonChange.import_id == import_id)
    return session.scalars(mine.order_by(PersonChange.person_id).limit(limit)).all()


def reopen(ctx: AppContext, session: Session, *, import_id: int, ends: str = "") -> bool:
    """Takes hold of a change-set to take it back: one that is applied, which `ends` undone then, or (without `ends`)
    one whose holder is gone. False when somebody else is at it.
    """
    bulk_sql.take_turn(session, TURN)
    found = session.get_one(PersonImport, import_id, with_for_update=True)
    now = ctx.clock.now()
    if not ends and not is_abandoned(found, now):
        return False
    if ends:
        refuse_while_applying(session)
        found.report = {**found.report, "ends": ends}
    found.state, found.lease_until = "applying", now + LEASE_MS
    found.report = {**found.report, **_holder()}
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


def _extend_lease(ctx: AppContext, session: Session, import_id: int) -> None:
    if not _keep_lease(ctx, session, import_id):
        raise Conflict("import_stale")


def _keep_lease(ctx: AppContext, session: Session, import_id: int) -> bool:
    mine = (PersonImport.id == import_id) & (PersonImport.state == "applying")
    done: Any = session.execute(update(PersonImport).where(mine).values(lease_until=ctx.clock.now() + LEASE_MS))
    return bool(done.rowcount)


def _holder() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid()}
