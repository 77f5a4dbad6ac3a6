"""The transactions of a change-set: begin, write a part, finish, take a part back; strung together by `people_import`.

While a change-set is `applying`, its lease says that somebody is at it; each part extends the lease.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, null, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person, PersonChange, PersonImport
from welfare_desk.domain.people_plan import Known
from welfare_desk.errors import Conflict, Refused
from welfare_desk.services import audit, import_rows, leaving
from welfare_desk.services.import_rows import Prepared

LEASE_MS = 10_000
TURN = 0x70656F70


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


def write_part(ctx: AppContext, session: Session, *, rows: Sequence[Prepared], import_id: int) -> None:
    """Writes some changes with their before-images.

    Raises Conflict(`import_stale`) when somebody changed one of these people meanwhile.
    """
    _extend_lease(ctx, session, import_id)
    bulk_sql.insert_rows(session, "person_change", import_rows.CHANGE_COLUMNS, [row.image for row in rows])
    new = [row.new for row in rows if row.new is not None]
    try:
        bulk_sql.insert_rows(session, "person", import_rows.PERSON_COLUMNS, new)
    except IntegrityError as error:
        raise Conflict("import_stale") from error
    _update(session, [row.changed for row in rows if row.changed is not None])
    leaving.close_grants(session, person_ids=[row.image[1] for row in rows if row.moved < 0])
    leaving.open_grants(session, person_ids=[row.image[1] for row in rows if row.moved > 0])


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
    """Restores the before-images of some people (ids in order, none of the import's left out) and forgets them."""
    _extend_lease(ctx, session, import_id)
    mine = (PersonChange.import_id == import_id) & PersonChange.person_id.between(rows[0], rows[-1])
    was_there = PersonChange.before.is_not(null())
    old = session.execute(select(PersonChange.before, PersonChange.after).where(mine, was_there)).all()
    created = select(PersonChange.person_id).where(mine, PersonChange.before.is_(null()))
    session.execute(delete(Person).where(Person.id.in_(created)).execution_options(synchronize_session=False))
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


def granted_people(session: Session, *, ids: Sequence[int]) -> Sequence[tuple[int, int]]:
    """(person id, campaign id) of the first of these people who has a grant; empty when nobody has."""
    for part in import_rows.parts(ids):
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


def _holder() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid()}


def _update(session: Session, changed: Sequence[dict[str, Any]]) -> None:
    if changed and _rowcount(session.connection().execute(import_rows.UPDATE, changed)) != len(changed):
        raise Conflict("import_stale")


def _restore(session: Session, people: Sequence[Known]) -> None:
    for part in import_rows.parts(people):
        current = select(Person.id, Person.updated_at).where(Person.id.in_([one.id for one in part]))
        now = {row.id: row.updated_at for row in session.execute(current)}
        values = [import_rows.update_values(one, now[one.id], one.updated_at) for one in part]
        session.connection().execute(import_rows.UPDATE, values)
