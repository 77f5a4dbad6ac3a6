"""Repairing a list in the grid: keys alone, problem after problem, undo, repairs of many cells, 100,000 rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support import looks
from tests.support.desk import DeskWorld, open_desk, shown, words
from tests.support.import_lists import list_with_bad_mails, messy_list
from tests.support.import_walk import NoMouse, cells, everybody, forward, key, to_check, type_in
from welfare_desk.desktop import theme
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages import import_inspector
from welfare_desk.desktop.pages.import_bench import Bench
from welfare_desk.desktop.pages.import_grid import GridModel
from welfare_desk.desktop.pages.import_people import CHANGES, CHECK, RESULT, ImportPage
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.paged_model import PAGE, PagedModel
from welfare_desk.i18n import set_language
from welfare_desk.services import import_check

BAD = (7, 123, 124, 300, 301, 450, 666, 777, 999, 1000)
MAIL = 4  # column of the grid


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        yield made


@pytest.fixture
def page(qtbot: QtBot, world: DeskWorld) -> ImportPage:
    made = ImportPage(world.desk)
    qtbot.addWidget(made)
    made.resize(1178, 716)
    with qtbot.waitActive(made):  # shortcuts are heard by an active window only
        made.show()
        made.activateWindow()
    return made


def rows_to_repair(page: ImportPage) -> int:
    return int(page.bench.facets["repair"])


def test_ten_bad_rows_of_a_thousand_are_repaired_without_touching_the_mouse(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 1000, BAD))
    assert rows_to_repair(page) == len(BAD)
    with NoMouse() as mouse:
        page.check.take_focus()
        for number in BAD:
            assert cells(page, page.check.grid.place()[0])[1] == f"{number:05d}"
            type_in(page, f"right{number}@example.com")
            world.settle()
        assert rows_to_repair(page) == 0
        assert page.check.banner.text() == "Nothing is left to repair. Ctrl+Enter goes on."
        key(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        world.settle()
        assert page.wizard.index() == CHANGES
        key(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        world.settle()
    assert mouse.touched == []
    assert page.wizard.index() == RESULT
    assert everybody(world) == 1000


def test_f8_leads_from_problem_to_problem_and_round(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 300, (5, 150, 250)))
    page.check.facets.press("all")
    world.settle()
    page.check.take_focus()
    page.check.grid.go(149, 0)
    seen = []
    for _step in range(4):
        key(page, Qt.Key.Key_F8)
        world.settle()
        seen.append(page.check.grid.place())
    assert seen == [(149, MAIL - 1), (249, MAIL - 1), (4, MAIL - 1), (149, MAIL - 1)]
    for expected in (4, 249, 149):
        key(page, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
        world.settle()
        assert page.check.grid.place() == (expected, MAIL - 1)


def test_f8_visits_every_bad_cell_of_a_row(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = ("工号,姓名,邮箱,手机号", "1,,bad,12", "2,李强,l@example.com,13800138000", "3,张敏,bad,")
    path.write_text("\n".join(rows), encoding="utf-8")
    to_check(world, page, path)
    page.check.take_focus()
    seen = [page.check.grid.place()]
    for _step in range(4):
        key(page, Qt.Key.Key_F8)
        world.settle()
        seen.append(page.check.grid.place())
    assert seen == [(0, 1), (0, 2), (0, 3), (1, 2), (0, 1)]


def test_a_repair_is_taken_back_and_done_again_by_keys(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 20, (3, 9)))
    page.check.take_focus()
    type_in(page, "right@example.com")
    world.settle()
    assert rows_to_repair(page) == 1
    key(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert rows_to_repair(page) == 2
    assert cells(page, page.check.grid.place()[0])[MAIL] == "p00003(at)example"
    key(page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert rows_to_repair(page) == 1
    page.check.facets.press("all")
    world.settle()
    assert cells(page, 2)[MAIL] == "right@example.com"


def test_escape_leaves_the_cell_as_it_was(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 20, (3,)))
    page.check.take_focus()
    type_in(page, "half", enter=False)
    assert page.check.grid.writing()
    key(page, Qt.Key.Key_Escape)
    world.settle()
    assert not page.check.grid.writing()
    assert rows_to_repair(page) == 1
    assert cells(page, 0)[MAIL] == "p00003(at)example"


def test_a_repair_that_is_still_wrong_stays_in_its_cell(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 20, (3, 9)))
    page.check.take_focus()
    type_in(page, "still wrong")
    world.settle()
    assert rows_to_repair(page) == 2
    assert page.check.grid.place() == (0, MAIL - 1)
    assert cells(page, 0)[MAIL] == "still wrong"


def test_an_open_cell_is_taken_before_the_step_is_left(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 20, (3,)))
    page.check.take_focus()
    type_in(page, "right@example.com", enter=False)
    key(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert page.wizard.index() == CHANGES
    assert page.changes.sentence.text().startswith("20 new")


def test_many_cells_are_repaired_at_once_and_taken_back_at_once(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    lines = [f"{at:05d},王{at},w{at}@example.com,2021年3月{at}日 入职" for at in range(1, 21)]
    path.write_text("\n".join(["工号,姓名,邮箱,入职日期", *lines]), encoding="utf-8")
    to_check(world, page, path)
    world.until(page.check.inspector.offered, what="offers")
    before = rows_to_repair(page)
    assert before == 20
    offer = next(one for one in page.check.inspector.offers if one.kind == "date")
    page.check.inspector.offer_taken.emit(offer)
    world.settle()
    assert rows_to_repair(page) == 0
    page.check.undo.click()
    world.settle()
    assert rows_to_repair(page) == before


def test_the_chips_count_and_filter(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, messy_list(tmp_path / "list.csv"))
    counts = page.bench.facets
    for facet in ("all", "ready", "repair", "duplicate", "join", "skipped"):
        page.check.facets.press(facet)
        world.settle()
        assert page.check.rows.rowCount() == counts[facet] > 0
        states = {cells(page, at)[0] for at in range(counts[facet])}
        assert facet in ("all", "ready") or len(states) == 1


def test_a_problem_is_named_with_its_row_in_excel_and_the_way_out(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    to_check(world, page, messy_list(tmp_path / "list.csv"))
    said = words(page.check.inspector)
    assert "Row 8" in said  # the headings are in row 3, this is the fifth below them
    assert "This is not an e-mail address" in said
    assert any("name@company.com" in text for text in said)
    model = page.check.rows
    heard = model.index(0, MAIL).data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "邮箱: chenjing@example. This is not an e-mail address"
    assert model.headerData(0, Qt.Orientation.Vertical) == "8"


def test_a_pasted_cell_is_a_repair(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 20, (3,)))
    page.check.take_focus()
    QApplication.clipboard().setText("right@example.com")
    key(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert rows_to_repair(page) == 0


def test_copied_cells_are_pasted_as_one_step(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = ("工号,姓名,邮箱,手机号", "1,王芳,bad,12", "2,李强,l@example.com,13800138000", "3,张敏,worse,138")
    path.write_text("\n".join(rows), encoding="utf-8")
    to_check(world, page, path)
    page.check.take_focus()
    page.check.grid.go(0, 2)
    QApplication.clipboard().setText("wang@example.com\t13800138001\r\nzhang@example.com\t13800138003\r\n")
    key(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert rows_to_repair(page) == 0
    world.until(lambda: all(cells(page, at)[3] for at in range(3)), what="the rows")
    assert [cells(page, at)[3:] for at in range(3)] == [  # the rows in sight when it was pasted: 1 and 3
        ["wang@example.com", "13800138001"], ["l@example.com", "13800138000"], ["zhang@example.com", "13800138003"],
    ]  # fmt: skip
    assert page.check.banner.text() == "Nothing is left to repair. Ctrl+Enter goes on."
    key(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert rows_to_repair(page) == 2
    assert page.check.grid.place()[0] == 0


def test_what_is_pasted_into_the_grid_is_no_new_list(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    window = MainWindow(world.desk)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.show_page("import_people", {"path": str(list_with_bad_mails(tmp_path / "list.csv", 20, (3, 9)))})
    page: Any = window.page("import_people")
    world.settle()
    forward(world, page, CHECK)
    world.settle()
    for cell, left in (("right@example.com", 1), ("x\ty", 1)):  # the second reaches beyond the columns or is no mail
        page.check.take_focus()
        QApplication.clipboard().setText(cell)
        key(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        world.settle()
        assert page.wizard.index() == CHECK
        assert rows_to_repair(page) == left
        assert page.bench.check.table.name == "list.csv"


def test_a_tip_shows_what_stands_in_a_cell_and_fetches_nothing(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text('工号,姓名\n1,"<img src=""/tmp/x.png"">"\n', encoding="utf-8")
    to_check(world, page, path)
    page.check.facets.press("all")
    world.settle()
    tip = page.check.rows.index(0, 2).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert "&lt;img" in tip
    assert plain_tip("张三 & Co") == "张三 & Co"


def test_a_bulk_repair_that_finds_nothing_is_no_step(page: ImportPage, world: DeskWorld, tmp_path: Path) -> None:
    to_check(world, page, messy_list(tmp_path / "list.csv"))
    world.until(page.check.inspector.offered, what="offers")
    (offer, *_others) = import_check.offers(page.bench.check)
    for _press in range(2):
        page.check.inspector.offer_taken.emit(offer)
        world.settle()
    assert len(page.check._done) == len(page.bench.check.done) == 1


def test_copied_cells_that_reach_beyond_the_list_change_nothing(
    page: ImportPage, world: DeskWorld, tmp_path: Path
) -> None:
    to_check(world, page, list_with_bad_mails(tmp_path / "list.csv", 20, (3,)))
    page.check.take_focus()
    QApplication.clipboard().setText("a@example.com\nb@example.com")
    key(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    world.settle()
    assert "2 × 1 cells were copied" in page.wizard.banner.text()
    assert rows_to_repair(page) == 1
    assert not page.check.dirty()


def test_a_hundred_thousand_rows_ask_for_those_in_sight_only(qtbot: QtBot) -> None:
    asked: list[tuple[int, int]] = []
    model = GridModel(lambda offset, limit: asked.append((offset, limit)))
    model.open(("工号", "姓名"), 100_000)
    model.index(99_950, 1).data()
    for at in range(20):
        model.index(at, 1).data()
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert sorted(asked) == [(0, PAGE), (99_900, PAGE)]
    row = SimpleNamespace(index=0, number=2, cells=("1", "王芳"), facet="join", problems=(), changes=())
    model.put(0, [row] * PAGE)
    assert model.index(3, 2).data() == "王芳"
    assert len(asked) == 2


def test_pages_are_forgotten_but_what_is_in_sight_stays_while_it_is_read_again(qtbot: QtBot) -> None:
    asked: list[int] = []
    model = Plain(lambda offset, _limit: asked.append(offset))
    model.show(1000)
    model.row(0)
    qtbot.waitUntil(lambda: asked == [0])
    model.put(0, ["old"] * PAGE)
    model.renew(999)
    assert (model.row(0), model.known(0), model.rowCount()) == ("old", None, 999)
    qtbot.waitUntil(lambda: asked == [0, 0])
    with qtbot.waitSignal(model.headerDataChanged) as told:  # the numbers beside the rows change with them
        model.put(0, ["new"] * PAGE)
    assert told.args == [Qt.Orientation.Vertical, 0, PAGE - 1]
    assert (model.row(0), model.known(0)) == ("new", "new")


class Plain(PagedModel):
    """One column of rows as they are."""

    def columnCount(self, parent: Any = None) -> int:
        """One."""
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: Any, _role: int = 0) -> Any:
        """The row."""
        return self.row(index.row())


@pytest.mark.parametrize("look", [("en", "light", 100), ("zh_CN", "dark", 100), ("en", "dark", 125)], ids=str)
def test_the_check_looks_right_and_can_be_heard(
    qtbot: QtBot, world: DeskWorld, tmp_path: Path, qapp: QApplication, look: tuple[str, str, int]
) -> None:
    set_language(look[0])
    theme.apply(qapp, look[1], look[2])
    page = shown(qtbot, ImportPage(world.desk))
    to_check(world, page, messy_list(tmp_path / "list.csv"))
    world.until(page.check.inspector.offered, what="offers")
    world.settle()
    assert page.minimumSizeHint().height() <= 716, "higher than a window of 1366 × 768"
    assert looks.problems(page) == []
    nameless = [widget for widget in page.findChildren(QWidget) if widget.isVisible() and _reachable(widget)]
    assert [looks.name(widget) for widget in nameless if not _name(widget)] == []
    forward(world, page, CHANGES)
    assert looks.problems(page) == []


def _reachable(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _name(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found else ""


def test_a_job_waits_for_the_answer_that_is_on_its_way(world: DeskWorld) -> None:
    going, let_go = threading.Event(), threading.Event()
    trail: list[str] = []

    def slow(_ctx: Any, _check: Any) -> None:
        going.set()
        assert let_go.wait(10)
        trail.append("answered")

    owner = QObject()
    bench = Bench(world.desk, owner)
    bench.put(object())
    bench.ask(slow, lambda _nothing: None)
    assert going.wait(10)
    bench.hold(lambda: trail.append("job"))
    bench.ask(lambda _ctx, _check: None, lambda _nothing: trail.append("asked meanwhile"))
    assert bench.pressed()
    assert trail == []
    let_go.set()
    world.settle()
    assert trail == ["answered", "job"]
    bench.release()
    world.settle()
    assert trail == ["answered", "job", "asked meanwhile"]


def test_an_example_of_a_repair_shows_what_it_changes() -> None:
    for before, after in (("\u3000陈静\u3000", " 陈静 "), (" 陈静", "陈静"), ("\u3000陈静", "陈静")):
        shown = import_inspector._example(before, after).split(" → ")
        assert shown[0] != shown[1]
