"""`people`: the directory and imports into it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from welfare_desk.commands import base
from welfare_desk.context import AppContext
from welfare_desk.domain.fields import SENSITIVE
from welfare_desk.domain.problems import Problem
from welfare_desk.domain.segments import EVERYBODY, today
from welfare_desk.errors import NotFound, Refused
from welfare_desk.files.rejects import problem_text, way_out
from welfare_desk.i18n import _, language
from welfare_desk.queries import people as people_queries
from welfare_desk.queries import people_imports, person_grants, segments
from welfare_desk.queries.people import PersonRow
from welfare_desk.security.masking import mask_code
from welfare_desk.services import people, people_import
from welfare_desk.services.people_import import Check, ImportReport

LISTED = ("reference", "employee_no", "name", "department", "email", "phone", "hire_date", "status", "leave_date",
          "birthday", "site", "level", "tags")  # fmt: skip
SHOWN_PROBLEMS = 50


def register(parser: argparse.ArgumentParser) -> None:
    """people import | undo | imports | list | show | add | edit."""
    sub = parser.add_subparsers(metavar="ACTION", required=True)
    _register_imports(sub)
    listing = base.leaf(sub, "list", "who is in the directory", _list)
    listing.add_argument("--query", default="", metavar="TEXT", help="name, number, pinyin, end of phone, e-mail")
    listing.add_argument("--department", default="", metavar="PATH", help="this department and all below it")
    listing.add_argument("--segment", default="", metavar="KEY", help="whom this saved filter means today")
    listing.add_argument("--status", default="", choices=("active", "left"))
    listing.add_argument("--limit", type=base.whole, metavar="N")
    showing = base.leaf(sub, "show", "one person and every grant", _show)
    showing.add_argument("reference", metavar="REF")
    adding = base.leaf(sub, "add", "add one person", _add)
    adding.add_argument("--name", required=True)
    editing = base.leaf(sub, "edit", "correct one person", _edit)
    editing.add_argument("reference", metavar="REF")
    editing.add_argument("--name")
    editing.add_argument("--revoke", action="store_true", help="with --status left: revoke open grants for good")
    for child in (adding, editing):
        for option in ("--employee-no", "--department", "--email", "--phone", "--hire-date", "--leave-date"):
            child.add_argument(option)
        child.add_argument("--birthday", metavar="DATE", help="1990-05-12, or 05-12 without the year")
        child.add_argument("--site")
        child.add_argument("--level")
        child.add_argument("--tags", metavar="A,B", help="joined by commas")
        child.add_argument("--status", choices=("active", "left"))


def _register_imports(sub: Any) -> None:
    importing = base.leaf(sub, "import", "import a list (xlsx, xlsm, xlsb, xls, ods, csv, tsv, txt)", _import)
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--sheet", metavar="S", help="which sheet (default: the first with a list)")
    importing.add_argument("--encoding", metavar="E", help="of a text: utf-8, gb18030, utf-16 … (default: judged)")
    importing.add_argument("--separator", metavar="SIGN", help="of a text: one sign, tab, comma … (default: judged)")
    importing.add_argument(
        "--header-row", type=base.whole, metavar="N", help="the row of the file with the columns' names"
    )
    importing.add_argument("--password-stdin", action="store_true", help="read the file's password from input")
    importing.add_argument(
        "--map", action="append", default=[], metavar="COLUMN=FIELD", help="what a column is; COLUMN= for nothing"
    )
    importing.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    importing.add_argument(
        "--rejects", type=Path, metavar="OUT.xlsx", help="save refused rows with problem and way out"
    )
    importing.add_argument(
        "--absent", choices=("keep", "left"), default="keep", help="people not in the list: keep, or mark as left"
    )
    undoing = base.leaf(sub, "undo", "take back an import", _undo)
    undoing.add_argument("import_id", metavar="IMPORT", type=base.whole)
    base.leaf(sub, "imports", "what was imported", _imports)


def _import(args: argparse.Namespace) -> int:
    ctx = base.desk(args)
    if args.rejects is not None and args.rejects.exists() and args.file.exists() and args.rejects.samefile(args.file):
        raise Refused("rejects_is_list", field="rejects")
    table = people_import.open_list(
        args.file, sheet=args.sheet, encoding=args.encoding, separator=args.separator, header_row=args.header_row,
        password=sys.stdin.readline().rstrip("\r\n") if args.password_stdin else None,
    )  # fmt: skip
    mapping = people_import.chosen(ctx, table, dict(_pair(entry) for entry in args.map))
    plan = people_import.check_list(ctx, table, mapping=mapping, absent=args.absent)
    if args.rejects is not None:  # before anything is applied: a place that cannot be written leaves nothing half-done
        people_import.save_rejects(plan, args.rejects)
    report = plan.report if args.dry_run else people_import.apply_import(ctx, plan)
    base.emit(args, _document(report, plan), _lines(report, plan, args))
    return 0


def _pair(entry: str) -> tuple[str, str]:
    column, sign, field = entry.rpartition("=")
    if not sign:
        raise Refused("map_form", field="map", entry=entry)
    return column, field.strip()


def _document(report: ImportReport, check: Check) -> dict[str, Any]:
    return {
        "import": None if report.import_id is None else str(report.import_id),
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "left": report.left,
        "rejected": report.rejected,
        "skipped": report.skipped,
        "duplicates": report.duplicates,
        "mapping": report.mapping,
        "ignored": report.ignored,
        "sheet": check.table.sheet,
        "skipped_rows": people_import.skipped(check),
        "encoding": report.encoding,
        "problems": [_problem(problem) for problem in report.problems],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "message": problem_text(language(), problem),
        "suggestion": way_out(language(), problem),
        "value": problem.value,
        "level": problem.level,
    }


def _lines(report: ImportReport, check: Check, args: argparse.Namespace) -> list[str]:
    lines = [
        _(
            "Rows: {rows} ({created} new, {updated} changed, {unchanged} unchanged, {rejected} refused, "
            "{duplicates} duplicate, {skipped} skipped)",
            rows=report.rows, created=report.created, updated=report.updated, unchanged=report.unchanged,
            rejected=report.rejected, duplicates=report.duplicates, skipped=report.skipped,
        ),
    ]  # fmt: skip
    if report.left:
        lines.append(_("Marked as left: {left}", left=report.left))
    if not report.created + report.updated + report.left + report.rejected + report.duplicates:
        lines.append(_("Nothing changed: everybody in this list is known as written"))
    lines.append(_("Columns: {columns}", columns=", ".join(f"{a} → {b}" for a, b in report.mapping.items())))
    lines += _passed_over(report, check)
    lines += [_said(problem) for problem in report.problems[:SHOWN_PROBLEMS]]
    if len(report.problems) > SHOWN_PROBLEMS:
        lines.append(_("… and {n} more", n=len(report.problems) - SHOWN_PROBLEMS))
    if args.rejects is not None:
        lines.append(_("Refused rows are in {file}", file=str(args.rejects)))
    if args.dry_run:
        lines.append(_("This was a trial: nothing was written"))
    return lines


def _passed_over(report: ImportReport, check: Check) -> list[str]:
    """What of the file was not taken, and is not a problem."""
    lines = []
    if report.ignored:
        lines.append(_("Columns left out: {columns}", columns=", ".join(report.ignored)))
    others = [sheet for sheet in check.table.sheets if sheet != check.table.sheet]
    if others:
        lines.append(_("Sheet: {sheet} (not read: {others})", sheet=check.table.sheet, others=", ".join(others)))
    skipped = people_import.skipped(check)
    if skipped:
        named = ", ".join(map(str, skipped[:SHOWN_PROBLEMS])) + (" …" if len(skipped) > SHOWN_PROBLEMS else "")
        lines.append(_("Rows skipped though something stands in them: {rows}", rows=named))
    return lines


def _said(problem: Problem) -> str:
    message = f"{problem_text(language(), problem)} – {way_out(language(), problem)}"
    if not problem.column:
        return _("row {row}: {message}", row=problem.row, message=message)
    return _("row {row}, {column}: {message}", row=problem.row, column=problem.column, message=message)


def _undo(args: argparse.Namespace) -> int:
    done = people_import.undo_import(base.desk(args), args.import_id)
    document = {"import": str(done.import_id), "removed": done.removed, "restored": done.restored}
    sentence = _("Import {import_id} was undone: {removed} removed, {restored} restored",
                 import_id=done.import_id, removed=done.removed, restored=done.restored)  # fmt: skip
    base.emit(args, document, [sentence])
    return 0


def _imports(args: argparse.Namespace) -> int:
    rows = [
        {"import": str(row.import_id), "at": base.iso(row.at), "operator": row.operator, "file": row.filename,
         "state": row.state, "created": row.created, "updated": row.updated, "left": row.left, "rejected": row.rejected}
        for row in base.desk(args).read(people_imports.imports)
    ]  # fmt: skip
    base.emit(args, {"rows": rows})
    return 0


def _list(args: argparse.Namespace) -> int:
    ctx = base.desk(args)
    wanted = ctx.read(segments.segment, key=args.segment).filter if args.segment else EVERYBODY
    page = ctx.read(
        people_queries.people, search=args.query, department=args.department.strip("/"), status=args.status,
        wanted=wanted, today=today(ctx.clock.now()), sort="employee_no", limit=args.limit,
    )  # fmt: skip
    rows = [_listed(row) for row in page.rows]
    base.emit(args, {"rows": rows}, base.table(row | {"tags": ", ".join(row["tags"])} for row in rows))
    return 0


def _listed(row: PersonRow) -> dict[str, Any]:
    """A person as printed; of a birthday month and day, whatever is known."""
    shown = {name: getattr(row, name) for name in LISTED}
    return shown | {"birthday": row.birthday[-5:] if row.birthday else None, "tags": list(row.tags)}


def _show(args: argparse.Namespace) -> int:
    ctx = base.desk(args)
    detail = ctx.read(person_grants.person, person_id=_meant(ctx, args.reference).id)
    assert detail is not None
    grants = [
        {"reference": grant.reference, "campaign": grant.campaign_key, "name": grant.campaign, "product": grant.product,
         "state": grant.state, "message": grant.message, "reached_at": base.iso(grant.reached_at),
         "claimed_at": base.iso(grant.claimed_at)}
        for grant in detail.grants
    ]  # fmt: skip
    extra = {name: mask_code(str(value)) if name in SENSITIVE else value for name, value in detail.extra.items()}
    person = _listed(detail.person) | {"extra": extra}
    lines = [f"{name}: {value}" for name, value in person.items() if value] + base.table(grants)
    base.emit(args, {**person, "grants": grants}, lines)
    return 0


def _meant(ctx: AppContext, reference: str) -> PersonRow:
    """The one person a REF means. Raises NotFound(`person_unknown`), Refused(`person_several`)."""
    found = ctx.read(people_queries.resolve, reference=reference)
    if not found:
        raise NotFound("person_unknown", field="REF", reference=reference)
    if len(found) > 1:
        named = ", ".join(f"{row.name} {row.reference}" for row in found)
        raise Refused("person_several", field="REF", reference=reference, people=named)
    return found[0]


def _add(args: argparse.Namespace) -> int:
    row = base.desk(args).write(
        people.add_person, **{name: getattr(args, name) for name in people.EDITABLE}
    )  # fmt: skip
    base.emit(args, _listed(row))
    return 0


def _edit(args: argparse.Namespace) -> int:
    ctx = base.desk(args)
    changes = {name: getattr(args, name) for name in people.EDITABLE if getattr(args, name) is not None}
    person = _meant(ctx, args.reference)
    row = ctx.write(people.edit_person, person_id=person.id, changes=changes, revoke=args.revoke)
    base.emit(args, _listed(row))
    return 0
