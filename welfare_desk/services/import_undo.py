"""Undoing an import: everybody as before, unless somebody granted something to, or corrected, one of its people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.people import Person, PersonChange, PersonImport
from welfare_desk.errors import Refused
from welfare_desk.services import import_steps
from welfare_desk.services.import_apply import recover_imports, take_back
from welfare_desk.services.turns import Report, silent


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking back an import did."""

    import_id: int
    removed: int
    restored: int


def undo_import(ctx: AppContext, import_id: int, *, report: Report = silent) -> UndoReport:
    """Restores everybody an import touched exactly as before.

    Raises Refused: import_unknown, import_not_applied, import_has_grants, import_changed_since and
    import_changed_by_import (naming a person),
    import_running, import_launching.
    """
    recover_imports(ctx)
    newest = ctx.read(_refuse, import_id=import_id)
    restored, removed = ctx.read(import_steps.touched, import_id=import_id)
    ctx.write(_reopen, import_id=import_id, newest=newest)
    take_back(ctx, import_id, report)
    return UndoReport(import_id, len(removed), len(restored))


def _refuse(session: Session, *, import_id: int) -> int:
    """Refuses what cannot be undone; the newest campaign's id otherwise."""
    _refuse_changed(session, import_id=import_id)
    newest = _newest_campaign(session)
    granted = (
        select(Person.name, Person.employee_no, Campaign.name)
        .join(Grant, Grant.person_id == Person.id)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .where(Person.import_id == import_id)
    )
    for name, number, campaign in session.execute(granted.limit(1)):
        people = granted.with_only_columns(func.count(Person.id.distinct()))
        raise Refused("import_has_grants", field="import", name=_named(name, number), campaign=campaign,
                      file=_file(session, import_id), people=session.scalar(people))  # fmt: skip
    return newest


def _named(name: str, number: str | None) -> str:
    return f"{name} {number}" if number else name


def _file(session: Session, import_id: int) -> str:
    found = session.get(PersonImport, import_id)
    return found.filename or str(import_id) if found is not None else str(import_id)


def _reopen(ctx: AppContext, session: Session, *, import_id: int, newest: int) -> None:
    """Nothing must have come between looking and taking hold; from here on nobody launches."""
    _refuse_changed(session, import_id=import_id)
    if _newest_campaign(session) != newest:
        raise Refused("import_launching")
    import_steps.reopen(ctx, session, import_id=import_id, ends="undone")


def _newest_campaign(session: Session) -> int:
    """The newest campaign's id, 0 for none; refuses while one is being launched, for it may grant at any moment."""
    if session.scalar(select(Campaign.id).where(Campaign.state == "launching").limit(1)) is not None:
        raise Refused("import_launching")
    return session.scalar(select(func.max(Campaign.id))) or 0


def _refuse_changed(session: Session, *, import_id: int) -> None:
    found = session.get(PersonImport, import_id)
    if found is None:
        raise Refused("import_unknown", field="import", import_id=import_id)
    if found.state != "applied":
        raise Refused("import_not_applied", field="import", import_id=import_id)
    changed = select(PersonChange.person_id).where(PersonChange.import_id == import_id)
    for whose in (Person.import_id == import_id, Person.id.in_(changed)):
        since = select(Person.id, Person.name, Person.employee_no).where(whose, Person.updated_at != found.at).limit(1)
        for person_id, name, number in session.execute(since):
            said = {"name": _named(name, number), "file": _file(session, import_id)}
            later = _later_import(session, person_id, found.at)
            if later is not None:
                raise Refused("import_changed_by_import", field="import", later=_file(session, later), later_id=later,
                              **said)  # fmt: skip
            raise Refused("import_changed_since", field="import", **said)


def _later_import(session: Session, person_id: int, at: int) -> int | None:
    """The newest import after a moment that changed a person and was not taken back."""
    changed = select(PersonImport.id).join(PersonChange, PersonChange.import_id == PersonImport.id).where(
        PersonChange.person_id == person_id, PersonImport.state == "applied", PersonImport.at > at
    )  # fmt: skip
    return session.scalar(changed.order_by(PersonImport.at.desc()).limit(1))
