"""The clean list goes through whole; every kind of dirt of the messy one becomes what it must."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.files.fuzz import nobody
from tests.support import lists
from welfare_desk.domain.rows import Row
from welfare_desk.files.tables import read_table
from welfare_desk.services import import_check
from welfare_desk.services.import_check import check_list


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_clean_list_is_ready_as_it_stands(ending: str, tmp_path: Path) -> None:
    table = read_table(lists.clean(tmp_path / f"list.{ending}", rows=300))
    check = check_list(nobody(), table)
    assert (check.report.created, check.report.rows, len(check.report.problems)) == (300, 300, 0)
    assert check.report.ignored == ("身份证号",)
    assert len(check.report.mapping) == 11


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_every_kind_of_dirt_becomes_what_it_must(ending: str, tmp_path: Path) -> None:
    assert len(lists.DIRT) >= 25
    made = lists.messy(tmp_path / f"list.{ending}", rows=60)
    table = read_table(made.path)
    assert (table.header_at, table.sheet) == (made.header_row, "名单" if ending == "xlsx" else None)
    check = check_list(nobody(), table)
    kinds = {kind.name: kind for kind in lists.DIRT}
    by_number = {row.number: row for row in import_check.rows(check, limit=len(table.rows))}
    wrong = [
        (name, number, by_number[number].facet, by_number[number].problems)
        for name, number in made.rows.items()
        if not _became(by_number[number].facet, kinds[name].fate)
    ]
    assert wrong == []
    assert {name: check.facets[name] for name in made.fates} == made.fates
    assert check.report.rows == made.total


def _became(facet: str, fate: str) -> bool:
    return facet in ("ready", "join", "change", "same") if fate == "ready" else facet == fate


def test_what_is_ready_was_understood(tmp_path: Path) -> None:
    made = lists.messy(tmp_path / "list.xlsx", rows=20)
    check = check_list(nobody(), read_table(made.path))
    new = {row.number: row for row in check.changes if isinstance(row, Row)}
    by_row = {name: new[number] for name, number in made.rows.items() if number in new}
    assert by_row["wide blank inside"].name == "李四"
    assert by_row["apostrophe"].name == "=张三"
    assert by_row["shown zeros"].employee_no == lists.person(made.seeds["shown zeros"])[lists.NUMBER]
    for name in ("slashes", "dots", "packed date", "chinese date", "serial", "real date"):
        assert by_row[name].hire_date == "2024-01-02", name
    for name in ("full width", "country code", "dialled code", "dashes", "number cell"):
        assert by_row[name].phone == f"+86{lists.person(made.seeds[name])[lists.PHONE]}", name
    assert by_row["capitals"].email == lists.person(made.seeds["capitals"])[lists.MAIL]
    assert by_row["word for nothing"].email is None
