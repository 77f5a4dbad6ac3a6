"""The people pages: import in steps, cancel leaves nothing, refused rows come back, one person by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.support.desk import DeskWorld, open_desk, press, shown, words, write_list
from welfare_desk.desktop.pages.import_people import CHECK, COLUMNS, FILE, RESULT, ImportPage
from welfare_desk.desktop.pages.imports_drawer import ImportsDrawer
from welfare_desk.desktop.pages.people import PeoplePage
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.files.tables import read_table
from welfare_desk.queries import people
from welfare_desk.queries.person_grants import person
from welfare_desk.services import people_import


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        yield made


def walked_to_check(world: DeskWorld, page: ImportPage, path: Path) -> None:
    page.show_target(path=str(path))
    world.settle()
    assert page.wizard.index() == COLUMNS
    page.wizard.next.click()
    world.settle()
    assert page.wizard.index() == CHECK


def count(world: DeskWorld) -> int:
    return world.desk.ctx.read(people.count_people)


def test_a_list_is_imported_in_three_clicks(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 30, bad=2))
    assert page.check.counts["created"].value() == "30"
    assert page.check.counts["rejected"].value() == "2"
    assert count(world) == 0
    assert page.wizard.next.text() == "Import 30 rows"
    page.wizard.next.click()
    world.settle()
    assert page.wizard.index() == RESULT
    assert count(world) == 30
    assert ("people",) in world.heard["changed"]


def test_problems_name_row_column_and_way_out(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 3, bad=1))
    row, column, value, message = page.check.problems.model().rows[0]
    assert (row, column, value) == (5, "邮箱", "不是邮箱")
    assert "name@company.com" in message


def test_people_of_the_list_go_on_to_a_campaign(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 4, bad=1))
    page.wizard.next.click()
    world.settle()
    page.wizard.next.click()
    name, target = world.heard["went"][-1]
    assert name == "campaign_wizard"
    assert sorted(target["people"]) == ["00001", "00002", "00003", "00004"]


def test_a_column_can_be_taken_for_something_else(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名,暗号\n1,张三,zs@example.com\n", encoding="utf-8")
    page = shown(qtbot, ImportPage(world.desk))
    page.show_target(path=str(path))
    world.settle()
    page.columns.choose(2, "email")
    page.wizard.next.click()
    world.settle()
    page.wizard.next.click()
    world.settle()
    found = world.desk.ctx.read(people.people).rows
    assert [(one.name, one.email) for one in found] == [("张三", "zs@example.com")]


def test_a_missing_name_is_asked_for(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    page.show_target(path=str(write_list(tmp_path / "list.csv", 2)))
    world.settle()
    page.columns.choose(1, "")
    page.wizard.next.click()
    assert page.wizard.index() == COLUMNS
    assert "name" in page.wizard.banner.text()
    assert page.wizard.next.isEnabled()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_list_gets_a_sentence(qtbot: QtBot, world: DeskWorld, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    page = shown(qtbot, ImportPage(world.desk))
    page.show_target(path=str(path))
    world.settle()
    assert page.wizard.index() == FILE
    assert "list.xlsx" in page.wizard.banner.text()
    assert world.heard["problem"] == []


def test_cancel_leaves_nothing(qtbot: QtBot, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 400))
    original = people_import.apply_import

    def cancelled_midway(ctx: Any, plan: Any, *, report: Any) -> Any:
        def told(done: int, total: int = 0) -> None:
            page._task.cancel()
            report(done, total)

        return original(ctx, plan, report=told)

    monkeypatch.setattr(people_import, "apply_import", cancelled_midway)
    page.wizard.next.click()
    world.settle()
    assert page.wizard.index() == CHECK
    assert not page.progress.isVisible()
    assert count(world) == 0
    monkeypatch.undo()
    page.wizard.next.click()
    world.settle()
    assert count(world) == 400


def test_undo_takes_everybody_back(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 5))
    page.wizard.next.click()
    world.settle()
    page.result.undo.click()
    world.settle()
    assert count(world) == 0
    assert "5" in page.result.banner.text()


def test_an_earlier_import_is_undone_unless_somebody_depends_on_it(
    qtbot: QtBot, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("welfare_desk.desktop.pages.imports_drawer.confirm", lambda *_a, **_k: True)
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 2))
    page.wizard.next.click()
    world.settle()
    person_id = world.desk.ctx.read(people.people).rows[0].id
    world.world.campaign(world.world.product(), [person_id])
    drawer = shown(qtbot, ImportsDrawer(world.desk))
    world.settle()
    press(drawer, "Undo this import")
    world.settle()
    assert "中秋福利" in drawer.banner.text()
    assert count(world) == 2


def test_refused_rows_are_saved_to_be_mended(
    qtbot: QtBot, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    walked_to_check(world, page, write_list(tmp_path / "list.csv", 2, bad=2))
    page.wizard.next.click()
    world.settle()
    target = tmp_path / "refused.xlsx"
    monkeypatch.setattr("welfare_desk.desktop.pages.import_result.ask_save", lambda *_asked: target)
    page.result.save.click()
    world.settle()
    table = read_table(target)
    assert len(table.rows) == 2
    assert table.columns[:6] == ("工号", "姓名", "部门", "邮箱", "手机号", "入职日期")


def test_pasted_cells_are_a_list(qtbot: QtBot, world: DeskWorld) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    page.show_target(text="工号\t姓名\r\n001\t王芳\r\n002\t李强\r\n")
    world.settle()
    assert page.columns.mapping() == {0: "employee_no", 1: "name"}


def test_the_empty_list_offers_one_way_in(qtbot: QtBot, world: DeskWorld) -> None:
    page = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    assert page.views.currentWidget().action.text() == "Import people"
    assert not page.import_.isVisible()


def test_search_and_filters_ask_the_database(qtbot: QtBot, world: DeskWorld) -> None:
    world.world.people(3, department="总部/财务部")
    world.world.people(2, department="华东")
    page = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    assert page.total.text() == "5 people"
    page.departments.choose("总部")
    page.departments.picked.emit("总部")
    world.settle()
    assert page.total.text() == "3 people"
    page.search.setText("00002")
    page.search.returnPressed.emit()
    world.settle()
    assert [row[0] for row in page.model.rows] == ["00002"]
    page.search.setText("nobody at all")
    page.search.returnPressed.emit()
    world.settle()
    assert page.views.currentWidget().action.text() == "Clear the filter"


def test_the_list_loads_page_by_page(qtbot: QtBot, world: DeskWorld) -> None:
    world.world.people(450)
    page = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    assert len(page.model.rows) == 200
    page.table.scrollToBottom()
    world.settle()
    assert len(page.model.rows) > 200
    assert len({row[-1] for row in page.model.rows}) == len(page.model.rows)


def test_somebody_is_added_by_hand(qtbot: QtBot, world: DeskWorld) -> None:
    form = shown(qtbot, PersonForm(world.desk))
    form.form.field("name").setText("赵敏")
    form.form.field("employee_no").setText("777")
    form.form.field("email").setText("not an address")
    form.save.click()
    world.settle()
    assert form.form._rows["email"][1].text()
    form.form.field("email").setText("zm@example.com")
    form.save.click()
    world.settle()
    assert [one.name for one in world.desk.ctx.read(people.people).rows] == ["赵敏"]


def test_an_address_is_corrected(qtbot: QtBot, world: DeskWorld) -> None:
    person_id = world.world.people(1)[0]
    found = world.desk.ctx.read(person, person_id=person_id)
    form = shown(qtbot, PersonForm(world.desk, found.person))
    form.form.field("email").setText("right@example.com")
    form.save.click()
    world.settle()
    assert world.desk.ctx.read(person, person_id=person_id).person.email == "right@example.com"


def test_the_drawer_shows_what_was_granted(qtbot: QtBot, world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = world.world.people(1)[0]
    world.world.campaign(world.world.product(), [person_id])
    drawer = shown(qtbot, PersonDrawer(world.desk, person_id))
    world.settle()
    assert "中秋福利" in words(drawer)
    monkeypatch.setattr("welfare_desk.desktop.pages.grant_actions.confirm", lambda *_a, **_k: True)
    press(drawer, "Revoke")
    world.settle()
    assert "Revoked" in words(drawer)
    assert world.desk.ctx.read(person, person_id=person_id).grants[0].state == "revoked"
