"""The import from file to undo: sources, columns, changes, result; nothing is lost and nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from tests.support.desk import DeskWorld, open_desk, press, shown, words, write_list
from tests.support.import_lists import messy_list
from tests.support.import_walk import cells, everybody, forward, imported, to_changes, to_check, to_columns
from welfare_desk.desktop.pages import import_people
from welfare_desk.desktop.pages.import_people import CHANGES, CHECK, COLUMNS, FILE, RESULT, ImportPage
from welfare_desk.desktop.pages.imports_drawer import ImportsDrawer
from welfare_desk.files.exports import write_xlsx
from welfare_desk.queries import people
from welfare_desk.services import people_import

HEADERS = ("工号", "姓名", "部门", "邮箱")


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        yield made


@pytest.fixture
def page(qtbot: QtBot, world: DeskWorld) -> ImportPage:
    return shown(qtbot, ImportPage(world.desk))


def test_a_clean_list_is_imported_in_three_clicks(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_changes(world, page, write_list(tmp_path / "list.csv", 30))
    assert page.changes.sentence.text() == "30 new · 0 changed · 0 the same · 0 absent"
    assert everybody(world) == 0
    assert page.wizard.next.text() == "Import 30 rows"
    forward(world, page, RESULT)
    assert everybody(world) == 30
    assert ("people",) in world.heard["changed"]


def test_of_somebody_new_is_shown_what_will_be_kept(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = '工号,姓名,部门,手机号,状态,标签\n1,王 芳,"总部 > 人力，财务",138 0013 8002,在职,新；骨干\n2,李四,,1,,\n'
    path.write_text(text, encoding="utf-8")
    to_changes(world, page, path)
    page.changes.facets.press("join")
    world.settle()
    model = page.changes.rows
    assert [model.index(0, column).data() for column in range(1, 6)] == [
        "1 王芳", "总部/人力", "+8613800138002", "在职", "新,骨干",
    ]  # fmt: skip


def test_a_list_of_which_nothing_can_be_taken_is_not_called_well(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名,邮箱\n1,王芳,bad\n2,李四,bad\n", encoding="utf-8")
    to_changes(world, page, path)
    assert page.changes.same.isHidden()
    assert "2 rows still need repair." in words(page.changes)


def test_many_who_would_leave_are_typed(
    page: ImportPage, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(world, page, write_list(tmp_path / "list.csv", 60))
    page.show_target(path=str(write_list(tmp_path / "short.csv", 10)))
    world.settle()
    forward(world, page, CHECK)
    forward(world, page, CHANGES)
    page.changes.press("left")
    world.settle()
    assert page.wizard.next.text() == "Mark 50 as left"
    asked: list[Any] = []
    monkeypatch.setattr(import_people, "confirm", lambda *words, **how: bool(asked.append((words, how))))
    page.wizard.next.click()
    world.settle()
    assert (page.wizard.index(), everybody(world), asked[0][1]["typed"]) == (CHANGES, 60, "50")
    monkeypatch.setattr(import_people, "confirm", lambda *_words, **_how: True)
    forward(world, page, RESULT)
    assert world.desk.ctx.read(people.count_people, status="left") == 50


def test_sensitive_values_are_hidden_in_the_first_lines_too(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = "工号,姓名,基本工资,身份证号,备注\n1,王芳,12345,11010519491231002X,11010519491231002X\n"
    path.write_text(text, encoding="utf-8")
    to_columns(world, page, path)
    shown_cells = [page.columns.reading.preview.item(1, at).text() for at in range(5)]
    assert shown_cells == ["1", "王芳", "••••••", "••••••", "••••••"]
    assert page.columns.reading.preview.item(0, 3).text() == "身份证号"


def test_rows_that_need_repair_stay_out_only_when_it_is_said(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    to_changes(world, page, write_list(tmp_path / "list.csv", 30, bad=2))
    assert not page.wizard.next.isEnabled()
    assert "2 rows still need repair." in words(page.changes)
    page.changes.without.setChecked(True)
    assert page.wizard.next.isEnabled()
    forward(world, page, RESULT)
    assert everybody(world) == 30


def test_people_of_the_list_go_on_to_a_campaign(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    imported(world, page, write_list(tmp_path / "list.csv", 4, bad=1))
    page.wizard.next.click()  # the second half of a double click on "Import"
    assert world.heard["went"] == []
    world.until(page.wizard.next.isEnabled, what="the button")
    page.wizard.next.click()
    name, target = world.heard["went"][-1]
    assert name == "campaign_wizard"
    assert sorted(target["people"]) == ["00001", "00002", "00003", "00004"]


def test_the_same_list_again_changes_nothing_and_says_so(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.csv", 5)
    imported(world, page, path)
    to_changes(world, page, path)
    assert page.changes.sentence.text() == "0 new · 0 changed · 5 the same · 0 absent"
    assert page.changes.same.text().startswith("This list changes nothing")
    assert not page.wizard.next.isEnabled()


def test_changes_are_shown_field_by_field(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    imported(world, page, write_list(tmp_path / "list.csv", 5))
    text = (tmp_path / "list.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "next.csv").write_text(text.replace("p00003@example.com", "new@example.com"), encoding="utf-8")
    to_changes(world, page, tmp_path / "next.csv")
    assert page.changes.sentence.text() == "0 new · 1 changed · 4 the same · 0 absent"
    model = page.changes.rows
    assert model.headerData(2, Qt.Orientation.Horizontal) == "E-mail"
    world.until(lambda: model.index(0, 2).data())
    assert model.index(0, 2).data() == "p00003@example.com → new@example.com"
    assert "00003" in model.index(0, 1).data()


def test_absent_people_are_kept_unless_it_is_chosen(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    imported(world, page, write_list(tmp_path / "list.csv", 5))
    to_changes(world, page, write_list(tmp_path / "next.csv", 3))
    assert page.changes.absent() == "keep"
    assert "2 people are not in this list" in words(page.changes)
    assert not page.wizard.next.isEnabled()
    page.changes.press("left")
    world.settle()
    assert page.changes.facets.value() == "leave"
    assert page.changes.rows.rowCount() == 2
    forward(world, page, RESULT)
    assert [one.status for one in world.desk.ctx.read(people.people).rows].count("left") == 2


def test_a_column_can_be_taken_for_something_else(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名,暗号\n1,张三,zs@example.com\n", encoding="utf-8")
    to_columns(world, page, path)
    page.columns.choose(2, "email")
    for step in (CHECK, CHANGES, RESULT):
        forward(world, page, step)
    found = world.desk.ctx.read(people.people).rows
    assert [(one.name, one.email) for one in found] == [("张三", "zs@example.com")]


def test_what_was_chosen_is_remembered_for_the_next_list(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名,暗号\n1,张三,备注甲\n", encoding="utf-8")
    to_columns(world, page, path)
    page.columns.choose(2, "department")
    for step in (CHECK, CHANGES, RESULT):
        forward(world, page, step)
    to_columns(world, page, path)
    assert page.columns.mapping()[2] == "department"
    assert words(page.columns).count("Last time") == 3


def test_a_missing_name_is_asked_for_first(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_columns(world, page, write_list(tmp_path / "list.csv", 2))
    page.columns.choose(1, "")
    page.wizard.next.click()
    assert page.wizard.index() == COLUMNS
    assert "name" in page.wizard.banner.text()
    asked = page.columns.needed.findChild(QComboBox)
    asked.setCurrentIndex(asked.findText("姓名"))
    asked.activated.emit(asked.currentIndex())
    assert page.columns.mapping()[1] == "name"
    assert page.columns.missing() == ""


def test_sensitive_columns_stay_out_unless_ticked(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_columns(world, page, messy_list(tmp_path / "list.csv"))
    assert page.columns.mapping()[7] == ""
    assert "110101199001011234" not in " ".join(words(page.columns))
    page.columns.choose(7, "id_number")
    assert page.columns.mapping()[7] == "id_number"
    forward(world, page, CHECK)
    page.check.facets.press("all")
    world.settle()
    assert cells(page, 0)[8] == "110****1234"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_list_gets_a_sentence(
    page: ImportPage, world: DeskWorld, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    page.show_target(path=str(path))
    world.settle()
    assert page.wizard.index() == FILE
    assert "list.xlsx" in page.wizard.banner.text()
    assert world.heard["problem"] == []


def test_the_encoding_can_be_switched(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("工号,姓名\n001,王芳\n".encode("gb18030"))
    to_columns(world, page, path)
    box, lines = page.columns.reading.encoding, page.columns.reading.preview
    assert (box.currentData(), box.count() > 1) == ("gb18030", True)
    assert lines.item(1, 1).text() == "王芳"
    for name in (box.itemData(1), "gb18030"):
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        world.settle()
        assert page.wizard.index() == COLUMNS
        assert lines.isVisible()
        assert (lines.item(1, 1).text() == "王芳") is (name == "gb18030")
    assert page.columns.mapping() == {0: "employee_no", 1: "name"}


def test_an_encoding_that_does_not_fit_leaves_the_list_as_it_was(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("工号,姓名\n001,王芳\n".encode())
    to_columns(world, page, path)
    reading = page.columns.reading
    reading.encoding.addItem("UTF-16", "utf-16")
    reading.encoding.setCurrentIndex(reading.encoding.count() - 1)
    reading.encoding.activated.emit(reading.encoding.count() - 1)
    world.settle()
    assert page.wizard.index() == COLUMNS
    assert page.wizard.banner.text()
    assert reading.encoding.currentData().startswith("utf-8")
    assert page.columns.mapping() == {0: "employee_no", 1: "name"}


def test_another_row_can_be_the_headings(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,称呼\n工号,姓名\n001,王芳\n", encoding="utf-8")
    to_columns(world, page, path)
    other = 3 - page.columns.reading.header.value()
    page.columns.reading.header.setValue(other)
    world.until(lambda: page.columns.reading.header.value() == other and page.bench.check is None)
    world.until(lambda: page._opened.table.header_at == other, what="read again")
    world.settle()
    assert page.wizard.index() == COLUMNS


def test_a_locked_list_asks_for_its_password(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    plain, locked = tmp_path / "plain.xlsx", tmp_path / "locked.xlsx"
    write_xlsx(plain, HEADERS, [("001", "王芳", "总部", "w@example.com")])
    with plain.open("rb") as source, locked.open("wb") as target:
        OOXMLFile(source).encrypt("秘密 123", target)
    page.show_target(path=str(locked))
    world.settle()
    assert page.wizard.index() == FILE
    assert page.file.password.isVisible()
    assert not any("was not the password" in text for text in words(page.file))
    page.file.password.setText("wrong")
    page.file.password.returnPressed.emit()
    world.settle()
    assert page.file.password.isVisible()
    assert "That was not the password. Please try again." in words(page.file)
    page.file.password.setText("秘密 123")
    page.file.password.returnPressed.emit()
    world.settle()
    assert page.wizard.index() == COLUMNS
    assert page.columns.mapping() == {0: "employee_no", 1: "name", 2: "department", 3: "email"}
    assert page.file.password.text() == ""


def test_the_last_lists_can_be_opened_again(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_columns(world, page, write_list(tmp_path / "first.csv", 2))
    to_columns(world, page, write_list(tmp_path / "second.csv", 2))
    page.wizard.cancel.click()
    world.settle()
    press(page.file, "first.csv")
    world.settle()
    assert page.wizard.index() == COLUMNS
    assert "first.csv" in page.header.subtitle.text()


def test_pasted_cells_are_a_list(page: ImportPage, world: DeskWorld) -> None:
    page.show_target(text="工号\t姓名\r\n001\t王芳\r\n002\t李强\r\n")
    world.settle()
    assert page.columns.mapping() == {0: "employee_no", 1: "name"}


def test_repairs_are_not_lost_unasked(
    page: ImportPage, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_check(world, page, write_list(tmp_path / "list.csv", 3, bad=1))
    page.check.rows.setData(page.check.rows.index(0, 4), "good@example.com")
    world.settle()
    asked: list[str] = []

    def refuse(_parent: Any, title: str, *_rest: Any, **_kw: Any) -> bool:
        asked.append(title)
        return False

    monkeypatch.setattr(import_people, "confirm", refuse)
    page.show_target(path=str(tmp_path / "list.csv"))
    world.settle()
    assert asked
    assert page.wizard.index() == CHECK
    assert page.check.dirty()


def test_cancel_leaves_nothing(
    page: ImportPage, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_changes(world, page, write_list(tmp_path / "list.csv", 400))
    original = people_import.apply_import

    def cancelled_midway(ctx: Any, check: Any, *, report: Any) -> Any:
        def told(done: int, total: int = 0) -> None:
            page._task.cancel()
            report(done, total)

        return original(ctx, check, report=told)

    monkeypatch.setattr(people_import, "apply_import", cancelled_midway)
    page.wizard.next.click()
    world.settle()
    assert page.wizard.index() == CHANGES
    assert not page.progress.isVisible()
    assert everybody(world) == 0
    monkeypatch.undo()
    forward(world, page, RESULT)
    assert everybody(world) == 400


def test_undo_takes_everybody_back(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    imported(world, page, write_list(tmp_path / "list.csv", 5))
    page.result.undo.click()
    world.settle()
    assert everybody(world) == 0
    assert "5" in page.result.banner.text()


def test_undo_names_the_person_whose_grant_prevents_it(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    imported(world, page, write_list(tmp_path / "list.csv", 2))
    found = world.desk.ctx.read(people.people).rows[0]
    world.world.campaign(world.world.product(), [found.id])
    page.result.undo.click()
    world.settle()
    assert found.name in page.result.banner.text()
    assert "中秋福利" in page.result.banner.text()
    assert page.result.undo.isEnabled()
    assert everybody(world) == 2


def test_an_earlier_import_is_undone_unless_somebody_depends_on_it(
    qtbot: QtBot, page: ImportPage, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("welfare_desk.desktop.pages.imports_drawer.confirm", lambda *_a, **_k: True)
    imported(world, page, write_list(tmp_path / "list.csv", 2))
    person_id = world.desk.ctx.read(people.people).rows[0].id
    world.world.campaign(world.world.product(), [person_id])
    drawer = shown(qtbot, ImportsDrawer(world.desk))
    world.settle()
    press(drawer, "Undo this import")
    world.settle()
    assert "中秋福利" in drawer.banner.text()
    assert everybody(world) == 2


def test_refused_rows_come_back_repaired_without_mapping(
    page: ImportPage, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_changes(world, page, write_list(tmp_path / "list.csv", 2, bad=2))
    target = tmp_path / "refused.xlsx"
    monkeypatch.setattr(import_people, "ask_save", lambda *_asked: target)
    page.changes.save.click()
    world.settle()
    page.changes.without.setChecked(True)
    forward(world, page, RESULT)
    to_check(world, page, target)
    assert page.check.facets.value() == "repair"
    for _row in range(2):
        page.check.rows.setData(page.check.rows.index(0, 4), f"good{everybody(world)}{_row}@example.com")
        world.settle()
    forward(world, page, CHANGES)
    forward(world, page, RESULT)
    assert everybody(world) == 4
