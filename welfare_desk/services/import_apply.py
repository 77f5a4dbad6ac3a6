"""Applying a checked list as one change-set; giving up what a program that ended left half-way.

`apply_import` is one transaction on PostgreSQL; on SQLite it is turns of well under 0.2 s (law 1), taken back when
cancelled or, after a crash, by whoever opens next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.people import PersonImport
from welfare_desk.domain.people_plan import Change
from welfare_desk.domain.rows import Row
from welfare_desk.errors import Conflict
from welfare_desk.files import columns
from welfare_desk.files.pauses import no_collections
from welfare_desk.services import import_rows, import_steps, turns
from welfare_desk.services.import_check import Check, ImportReport
from welfare_desk.services.import_rows import Maker
from welfare_desk.services.turns import Report, silent

KEPT_PROBLEMS = 1000
AT_ONCE = 1000
FIRST_TURN = 2000


class _Source:
    """What a change-set is made of."""

    def __init__(self, ctx: AppContext, check: Check) -> None:
        self.import_id, at = new_id(), ctx.clock.now()
        self.report = replace(check.report, import_id=self.import_id)
        created = self.report.created
        references = ctx.read(import_rows.free_references, count=created)
        self.changes = check.changes
        self.begun = False
        self.total = created + self.report.updated + (check.absent if check.manner == "left" else 0)
        self.maker = Maker(import_id=self.import_id, at=at, ids=new_ids(max(1, created)), references=references)
        self.opening: dict[str, Any] = {"import_id": self.import_id, "at": at, "filename": check.table.name,
                        "file_hash": check.table.file_hash}  # fmt: skip
        headers = check.table.columns
        self.closing: dict[str, Any] = {"import_id": self.import_id, "report": _kept(self.report),
                                        "fingerprint": columns.fingerprint(headers),
                                        "mapping": columns.to_keep(headers, check.mapping)}  # fmt: skip


@no_collections()
def apply_import(ctx: AppContext, check: Check, *, report: Report = silent) -> ImportReport:
    """Writes a checked list as one change-set and returns its report with `import_id`.

    `report(done, total)` is called between parts; raising from it cancels: everything is taken back before the
    exception goes on. Raises Refused(`import_running`), Conflict(`import_stale`); then nothing was written.
    """
    recover_imports(ctx)
    source = _Source(ctx, check)
    if is_sqlite(ctx.engine):
        _apply_in_turns(ctx, source, report)
    else:
        ctx.write(_apply_at_once, source=source, report=report)
    return source.report


def _apply_in_turns(ctx: AppContext, source: _Source, report: Report) -> None:
    import_id = source.import_id
    ctx.write(import_steps.open_change_set, **source.opening)
    try:
        turns.in_turns(ctx, import_steps.write_part, source.changes, total=source.total, prepare=source.maker.part,
                       report=report, first=FIRST_TURN, import_id=import_id)  # fmt: skip
        ctx.write(import_steps.finish, **source.closing)
    except BaseException:
        take_back(ctx, import_id, silent)
        raise


def _apply_at_once(ctx: AppContext, session: Session, *, source: _Source, report: Report) -> None:
    """New people go through one COPY while the next are made; changed ones follow in the order of their ids."""
    if source.begun:  # the changes can be asked for once
        raise Conflict("import_stale")
    source.begun = True
    import_steps.open_change_set(ctx, session, **source.opening)
    changed: list[Change] = []
    import_steps.insert_new(session, rows=_new_rows(source, changed, report))
    changed.sort(key=lambda change: change.after.id)
    done = source.total - len(changed)
    for start in range(0, len(changed), AT_ONCE):
        part = changed[start : start + AT_ONCE]
        import_steps.write_part(ctx, session, rows=source.maker.part(part), import_id=source.import_id)
        report(done + start + len(part), source.total)
    import_steps.finish(ctx, session, **source.closing)


def _new_rows(source: _Source, changed: list[Change], report: Report) -> Iterator[tuple[Any, ...]]:
    """The rows of new people; the others are put into `changed`."""
    changes, done = iter(source.changes), 0
    while part := list(islice(changes, AT_ONCE)):
        new = [row for row in part if isinstance(row, Row)]
        changed.extend(change for change in part if isinstance(change, Change))
        yield from source.maker.new(new)
        done += len(new)
        report(done, source.total)


def _kept(report: ImportReport) -> dict[str, Any]:
    """The report as stored: no values of cells, which are personal."""
    kept = asdict(replace(report, problems=()))
    kept["problems"] = [
        {"row": problem.row, "column": problem.column, "code": problem.code, "level": problem.level}
        for problem in report.problems[:KEPT_PROBLEMS]
    ]
    return kept


def take_back(ctx: AppContext, import_id: int, report: Report) -> None:
    """Everybody as before a change-set that is held open, in turns, until nothing of it is left."""
    over = False
    while not over:
        restored, removed = ctx.read(import_steps.touched, import_id=import_id)
        progress = _Progress(report, len(restored) + len(removed))
        turns.in_turns(ctx, import_steps.restore_part, restored, report=progress.one, import_id=import_id)
        progress.before = len(restored)
        turns.in_turns(ctx, import_steps.remove_part, removed, report=progress.one, first=2 * FIRST_TURN,
                       import_id=import_id)  # fmt: skip
        over = ctx.write(import_steps.end, import_id=import_id)


class _Progress:
    """One progress of two works."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total, self.before = report, total, 0

    def one(self, done: int, _of: int) -> None:
        """`done` of the present work."""
        self._report(self.before + done, self._total)


def recover_imports(ctx: AppContext) -> int:
    """Takes back change-sets whose program ended in the middle; returns how many. Cheap when there is none."""
    done = 0
    for import_id in ctx.read(_applying):
        if ctx.write(import_steps.reopen, import_id=import_id):
            take_back(ctx, import_id, silent)
            done += 1
    return done


def _applying(session: Session) -> Sequence[int]:
    return session.scalars(select(PersonImport.id).where(PersonImport.state == "applying")).all()


def refuse_while_applying(_ctx: AppContext, session: Session) -> None:
    """For launches and other change-sets: Refused(`import_running`) while people are half-way."""
    import_steps.refuse_while_applying(session)
