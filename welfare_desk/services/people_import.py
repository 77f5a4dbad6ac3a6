"""Importing a list of people: open, check, apply as one change-set, take back. Window and command line call the same.

`open_list` and `check_list` write nothing. `apply_import` is one transaction on PostgreSQL; on SQLite it is turns of
well under 0.2 s (law 1), each with before-images, taken back when cancelled or, after a crash, by whoever opens next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.db.models.people import Person, PersonChange, PersonImport
from welfare_desk.domain import people_plan, rows
from welfare_desk.domain.fields import FIELDS
from welfare_desk.domain.people_plan import Change, Manner
from welfare_desk.domain.problems import Problem
from welfare_desk.errors import Refused
from welfare_desk.files import columns, tables
from welfare_desk.files.pauses import no_collections
from welfare_desk.files.phones import read_phone
from welfare_desk.files.tables import Table
from welfare_desk.queries import known_people
from welfare_desk.services import import_rows, import_steps, turns
from welfare_desk.services.import_rows import Prepared
from welfare_desk.services.turns import Report, silent

KEPT_PROBLEMS = 1000
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do (`import_id` None).

    `rows` = created + updated + unchanged + rejected + skipped + duplicates; `left` is counted besides.
    """

    import_id: int | None
    rows: int
    created: int
    updated: int
    unchanged: int
    left: int
    rejected: int
    skipped: int
    duplicates: int
    mapping: dict[str, str]
    encoding: str | None
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A checked list, ready to be applied."""

    table: Table
    report: ImportReport
    changes: tuple[Change, ...] = field(repr=False)
    absent: int = 0


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What taking back an import did."""

    import_id: int
    removed: int
    restored: int


def open_list(path: Path, *, sheet: str | None = None, unwanted: Callable[[], bool] | None = None) -> Table:
    """The table in a file, read in a child process. Raises Refused with codes `table_*` and `archive_bomb`."""
    table = tables.read_table(path, sheet=sheet, unwanted=unwanted)
    with suppress(OSError), path.open("rb") as source:
        table.file_hash = hashlib.file_digest(source, "sha256").hexdigest()
    return table


def open_pasted(text: str) -> Table:
    """The table in pasted cells. Raises Refused with codes `table_*`."""
    table = tables.read_pasted(text)
    table.file_hash = hashlib.sha256(text.encode()).hexdigest()
    return table


def guess(table: Table) -> dict[int, columns.Match]:
    """What each column is, as far as its header or its values tell; sensitive and ignored ones begin with `_`."""
    return columns.map_columns(table.columns, table.rows)


def chosen(table: Table, named: Mapping[str, str]) -> dict[int, str]:
    """The guessed mapping with some columns set by hand: header to field, `""` for none.

    Raises Refused: column_unknown, field_unknown.
    """
    mapping = {index: match.field for index, match in guess(table).items()}
    for header, name in named.items():
        if header not in table.columns:
            raise Refused("column_unknown", field="map", column=header, columns="、".join(table.columns))
        if name and name not in FIELDS:
            raise Refused("field_unknown", field="map", field_name=name, fields=", ".join(FIELDS))
        mapping = {index: kind for index, kind in mapping.items() if kind != name}
        mapping[table.columns.index(header)] = name
    return mapping


@no_collections()
def check_list(
    ctx: AppContext, table: Table, *, mapping: Mapping[int, str] | None = None, absent: str = "keep",
    report: Report = silent,
) -> ImportPlan:  # fmt: skip
    """What importing the table would do. `mapping` is column index to field (None: as guessed); writes nothing.

    `report(done, total)` is called at least every 100 ms of work; what it raises ends the check.
    Raises Refused: table_no_rows, table_one_column, people_no_name, people_no_key, field_twice.
    """
    given = {index: match.field for index, match in guess(table).items()} if mapping is None else mapping
    used = {index: name for index, name in given.items() if name in FIELDS}
    _refuse_unusable(table, used)
    today = datetime.fromtimestamp(ctx.clock.now() / 1000, UTC).date()
    known = columns.synonyms()
    checked = rows.check_rows(table, used, rows.Words(known.statuses, known.empties, read_phone, today), report)
    headers = {name: table.columns[index] for index, name in used.items()}
    headers.setdefault("name", headers.get("last_name", headers.get("first_name", "")))
    directory = ctx.read(known_people.directory, rows=checked.rows, absent=absent)
    manner = Manner(absent, today.isoformat(), headers)
    plan = people_plan.plan_import(checked.rows, directory, manner, checked.mentioned, report)
    problems = sorted([*checked.problems, *plan.problems], key=lambda problem: problem.row)
    done = ImportReport(
        import_id=None, rows=checked.total, created=plan.created, updated=plan.updated, unchanged=plan.unchanged,
        left=plan.left, rejected=checked.rejected + plan.rejected, skipped=checked.skipped + plan.skipped,
        duplicates=checked.duplicates, mapping={table.columns[index]: used[index] for index in sorted(used)},
        encoding=table.encoding, problems=tuple(problems),
        ignored=tuple(header for index, header in enumerate(table.columns) if index not in used),
    )  # fmt: skip
    return ImportPlan(table, done, tuple(plan.changes), plan.absent)


def _refuse_unusable(table: Table, used: Mapping[int, str]) -> None:
    names = "、".join(table.columns[:20])
    if len(table.columns) < 2:
        raise Refused("table_one_column", field="file", name=table.name, column=names[:40])
    for name in set(used.values()):
        if list(used.values()).count(name) > 1:
            raise Refused("field_twice", field="map", field_name=name)
    missing = rows.missing(set(used.values()))
    if missing == "people_no_name":
        raise Refused("people_no_name", field="name", name=table.name, columns=names)
    if missing == "people_no_key":
        raise Refused("people_no_key", field="employee_no", name=table.name, columns=names)
    if not table.rows:
        raise Refused("table_no_rows", field="file", name=table.name)


@no_collections()
def apply_import(ctx: AppContext, plan: ImportPlan, *, report: Report = silent) -> ImportReport:
    """Writes a checked list as one change-set and returns its report with `import_id`.

    `report(done, total)` is called between parts; raising from it cancels: everything is taken back before the
    exception goes on. Raises Refused(`import_running`), Conflict(`import_stale`); then nothing was written.
    """
    recover_imports(ctx)
    import_id, at = new_id(), ctx.clock.now()
    ids = iter(new_ids(max(1, plan.report.created)))
    changes = [change if change.before else change._replace(after=change.after._replace(id=next(ids)))
               for change in plan.changes]  # fmt: skip
    references = ctx.read(import_rows.free_references, count=plan.report.created)
    prepared = import_rows.prepare(changes, references, import_id=import_id, at=at)
    source = {"import_id": import_id, "at": at, "filename": plan.table.name, "file_hash": plan.table.file_hash}
    if is_sqlite(ctx.engine):
        _apply_in_turns(ctx, prepared, source, _kept(plan, import_id), report)
    else:
        ctx.write(_apply_at_once, prepared=prepared, source=source, kept=_kept(plan, import_id), report=report)
    return replace(plan.report, import_id=import_id)


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


def _kept(plan: ImportPlan, import_id: int) -> dict[str, Any]:
    """The report as stored: no values of cells, which are personal."""
    kept = asdict(replace(plan.report, import_id=import_id, problems=()))
    kept["problems"] = [
        {"row": problem.row, "column": problem.column, "code": problem.code, "level": problem.level}
        for problem in plan.report.problems[:KEPT_PROBLEMS]
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
