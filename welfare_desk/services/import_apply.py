"""Applying a checked list as one change-set, and taking it back.

`apply_import` is one transaction on PostgreSQL; on SQLite it is turns of well under 0.2 s (law 1), each with
before-images, taken back when cancelled or, after a crash, by whoever opens next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.db.models.people import Person, PersonChange, PersonImport
from welfare_desk.errors import Refused
from welfare_desk.files.pauses import no_collections
from welfare_desk.services import import_rows, import_steps, turns
from welfare_desk.services.import_check import Check, ImportReport
from welfare_desk.services.import_rows import Prepared
from welfare_desk.services.turns import Report, silent

KEPT_PROBLEMS = 1000
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking back an import did."""

    import_id: int
    removed: int
    restored: int


@no_collections()
def apply_import(ctx: AppContext, check: Check, *, report: Report = silent) -> ImportReport:
    """Writes a checked list as one change-set and returns its report with `import_id`.

    `report(done, total)` is called between parts; raising from it cancels: everything is taken back before the
    exception goes on. Raises Refused(`import_running`), Conflict(`import_stale`); then nothing was written.
    """
    recover_imports(ctx)
    import_id, at = new_id(), ctx.clock.now()
    ids = iter(new_ids(max(1, check.report.created)))
    changes = [change if change.before else change._replace(after=change.after._replace(id=next(ids)))
               for change in check.changes]  # fmt: skip
    references = ctx.read(import_rows.free_references, count=check.report.created)
    prepared = import_rows.prepare(changes, references, import_id=import_id, at=at)
    source = {"import_id": import_id, "at": at, "filename": check.table.name, "file_hash": check.table.file_hash}
    if is_sqlite(ctx.engine):
        _apply_in_turns(ctx, prepared, source, _kept(check, import_id), report)
    else:
        ctx.write(_apply_at_once, prepared=prepared, source=source, kept=_kept(check, import_id), report=report)
    return replace(check.report, import_id=import_id)


def _apply_in_turns(
    ctx: AppContext, prepared: Sequence[Prepared], source: dict[str, Any], kept: dict[str, Any], report: Report
) -> None:
    import_id: int = source["import_id"]
    ctx.write(import_steps.open_change_set, **source)
    try:
        turns.in_turns(ctx, import_steps.write_part, prepared, report=report, import_id=import_id)
        ctx.write(import_steps.finish, import_id=import_id, report=kept)
    except BaseException:
        _take_back(ctx, import_id, "cancelled", silent)
        raise


def _apply_at_once(
    ctx: AppContext, session: Session, *, prepared: Sequence[Prepared], source: dict[str, Any], kept: dict[str, Any],
    report: Report,
) -> None:  # fmt: skip
    import_id: int = source["import_id"]
    import_steps.open_change_set(ctx, session, **source)
    for start in range(0, len(prepared), AT_ONCE):
        part = prepared[start : start + AT_ONCE]
        import_steps.write_part(ctx, session, rows=part, import_id=import_id)
        report(start + len(part), len(prepared))
    import_steps.finish(ctx, session, import_id=import_id, report=kept)


def _kept(check: Check, import_id: int) -> dict[str, Any]:
    """The report as stored: no values of cells, which are personal."""
    kept = asdict(replace(check.report, import_id=import_id, problems=()))
    kept["problems"] = [
        {"row": problem.row, "column": problem.column, "code": problem.code, "level": problem.level}
        for problem in check.report.problems[:KEPT_PROBLEMS]
    ]
    return kept


def _take_back(ctx: AppContext, import_id: int, state: str, report: Report) -> None:
    ids = ctx.read(_changed_ids, import_id=import_id)
    turns.in_turns(ctx, import_steps.take_back_part, ids, report=report, first=2000, import_id=import_id)
    ctx.write(import_steps.end, import_id=import_id, state=state)


def _changed_ids(session: Session, *, import_id: int) -> Sequence[int]:
    mine = PersonChange.import_id == import_id
    return session.scalars(select(PersonChange.person_id).where(mine).order_by(PersonChange.person_id)).all()


def recover_imports(ctx: AppContext) -> int:
    """Takes back change-sets whose program ended in the middle; returns how many. Cheap when there is none."""
    done = 0
    for import_id in ctx.read(_applying):
        if ctx.write(import_steps.reopen, import_id=import_id, lapsed=True):
            _take_back(ctx, import_id, "cancelled", silent)
            done += 1
    return done


def _applying(session: Session) -> Sequence[int]:
    return session.scalars(select(PersonImport.id).where(PersonImport.state == "applying")).all()


def undo_import(ctx: AppContext, import_id: int, *, report: Report = silent) -> UndoReport:
    """Restores everybody an import touched exactly as before.

    Raises Refused: import_unknown, import_not_applied, import_has_grants and import_changed_since (naming a person),
    import_running.
    """
    recover_imports(ctx)
    removed, restored = ctx.read(_undoable, import_id=import_id)
    ctx.write(_reopen, import_id=import_id)
    _take_back(ctx, import_id, "undone", report)
    return UndoReport(import_id, removed, restored)


def _reopen(ctx: AppContext, session: Session, *, import_id: int) -> None:
    _undoable(session, import_id=import_id)
    import_steps.reopen(ctx, session, import_id=import_id)


def _undoable(session: Session, *, import_id: int) -> tuple[int, int]:
    """(people it would remove, people it would restore)."""
    found = session.get(PersonImport, import_id)
    if found is None:
        raise Refused("import_unknown", field="import", import_id=import_id)
    if found.state != "applied":
        raise Refused("import_not_applied", field="import", import_id=import_id)
    mine = PersonChange.import_id == import_id
    changes = session.execute(select(PersonChange.person_id, PersonChange.before).where(mine)).all()
    new = [person_id for person_id, before in changes if before is None]
    for person_id, campaign_id in import_steps.granted_people(session, ids=new):
        person, campaign = session.get_one(Person, person_id), session.get_one(Campaign, campaign_id)
        raise Refused(
            "import_has_grants", field="import", import_id=import_id, name=person.name, campaign=campaign.name
        )
    later = select(Person.name).join(PersonChange, PersonChange.person_id == Person.id)
    name = session.scalars(later.where(mine, Person.updated_at != found.at).limit(1)).first()
    if name is not None:
        raise Refused("import_changed_since", field="import", import_id=import_id, name=name)
    return len(new), len(changes) - len(new)


def refuse_while_applying(_ctx: AppContext, session: Session) -> None:
    """For launches and other change-sets: Refused(`import_running`) while people are half-way."""
    import_steps.refuse_while_applying(session)
