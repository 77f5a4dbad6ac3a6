"""What leaving and coming back do to a person's grants, in the same transaction (the grant row decides the winner).

A leave date that comes makes a person leave: the claim's own transaction judges by it, the sweep `leave_dates` writes
it down.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person
from welfare_desk.domain.segments import today
from welfare_desk.queries import people_imports
from welfare_desk.services import audit

AT_ONCE = 500


def close_grants(session: Session, *, person_ids: Sequence[int], revoke: bool = False) -> int:
    """The people's open grants become `left` (nobody can claim them), or `revoked` when asked; returns how many."""
    return _move(session, person_ids, "open", "revoked" if revoke else "left")


def revoke_grants(session: Session, *, person_ids: Sequence[int]) -> int:
    """Grants closed by leaving are gone for good; returns how many."""
    return _move(session, person_ids, "left", "revoked")


def open_grants(session: Session, *, person_ids: Sequence[int]) -> int:
    """Grants closed by leaving are open again; revoked ones stay revoked. Returns how many."""
    return _move(session, person_ids, "left", "open")


def leave_on_their_day(ctx: AppContext, session: Session) -> int:
    """Marks some of the people whose leave date has come as left; returns how many. Waits while an import runs."""
    if people_imports.import_running(session):
        return 0
    now = ctx.clock.now()
    due = select(Person).where(Person.status == "active", Person.leave_date <= today(now).isoformat())
    leaving = session.scalars(due.order_by(Person.id).limit(AT_ONCE).with_for_update()).all()
    for person in leaving:
        person.status, person.updated_at = "left", max(now, person.updated_at + 1)
    session.flush()
    close_grants(session, person_ids=[person.id for person in leaving])
    if leaving:
        audit.record(ctx, session, "people.left", "people:leave_date", people=len(leaving))
    return len(leaving)


def _move(session: Session, person_ids: Sequence[int], before: str, after: str) -> int:
    """Locks the grants in the order every writer uses, by id, then changes them."""
    moved = 0
    for start in range(0, len(person_ids), AT_ONCE):
        part = sorted(person_ids[start : start + AT_ONCE])
        wanted = select(Grant.id).where(Grant.person_id.in_(part), Grant.state == before).order_by(Grant.id)
        ids = session.scalars(wanted.with_for_update()).all()
        if ids:
            session.execute(update(Grant).where(Grant.id.in_(ids)).values(state=after).execution_options(
                synchronize_session=False))  # fmt: skip
            moved += len(ids)
    return moved
