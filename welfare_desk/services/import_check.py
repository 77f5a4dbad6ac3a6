"""The check of a list of people: what importing it would do, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from welfare_desk.context import AppContext
from welfare_desk.domain import people_plan, rows
from welfare_desk.domain.fields import FIELDS
from welfare_desk.domain.people_plan import Change, Manner
from welfare_desk.domain.problems import Problem
from welfare_desk.errors import Refused
from welfare_desk.files import columns
from welfare_desk.files.pauses import no_collections
from welfare_desk.files.phones import read_phone
from welfare_desk.files.tables import Table
from welfare_desk.queries import known_people
from welfare_desk.services.turns import Report, silent


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
class Check:
    """A checked list, ready to be applied."""

    table: Table
    report: ImportReport
    changes: tuple[Change, ...] = field(repr=False)
    absent: int = 0


def guess(table: Table) -> dict[int, columns.Match]:
    """What each column is, as far as its header or its values tell; sensitive and ignored ones begin with `_`."""
    return columns.map_columns(table.columns, table.rows)


@no_collections()
def check_list(
    ctx: AppContext, table: Table, *, mapping: Mapping[int, str] | None = None, absent: str = "keep",
    report: Report = silent,
) -> Check:  # fmt: skip
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
    return Check(table, done, tuple(plan.changes), plan.absent)


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
