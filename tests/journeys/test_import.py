"""A month's list in the real window: dropped, read, repaired by keys alone, imported, taken back; then a clean one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from tests.support import lists, looks
from tests.support.import_walk import NoMouse, key, type_in
from tests.support.processes import PASSWORD
from tests.support.window import application, doors, turn, until
from welfare_desk.desktop.application import Application
from welfare_desk.desktop.pages.import_people import CHANGES, CHECK, COLUMNS, RESULT
from welfare_desk.desktop.shell import UnlockForm
from welfare_desk.queries import people
from welfare_desk.services import setup
from welfare_desk.settings import save_machine

CTRL = Qt.KeyboardModifier.ControlModifier
FIXES = {"手机": "13900139000", "邮": "mended{n}@example.com", "时间": "2021-03-01", "出生": "1990-03-01",
         "号": "9{n:05d}", "姓": "补名", "状态": "在职"}  # fmt: skip
MOST_REPAIRS = 120


@pytest.fixture(params=["zh_CN", "en"])
def app(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest, empty_database_url: str) -> Iterator[Application]:
    """The unlocked window on an empty database."""
    data = tmp_path / "data"
    setup.prepare(data=data, database=empty_database_url, password=PASSWORD, shared={"company_name": "晨光科技"})
    save_machine(data, window_language=request.param, theme="dark")
    with application(doors(data, database=empty_database_url)) as made:
        form = until(lambda: made.shell.findChild(UnlockForm))
        form.password.setText(PASSWORD)
        form.button.click()
        until(lambda: made.window, 60)
        yield made


def test_a_messy_list_then_a_clean_one(app: Application, tmp_path: Path) -> None:
    messy = lists.messy(tmp_path / "花名册.xlsx")
    page = drop(app, messy.path)
    with NoMouse() as mouse:
        walk(page, CHECK)
        assert {facet: page.bench.facets[facet] for facet in messy.fates} == messy.fates
        repair_all(page)
        walk(page, CHANGES)
        walk(page, RESULT)
    assert mouse.touched == []
    imported = app.desk.ctx.read(people.count_people)
    assert imported >= messy.fates["ready"]
    assert page.bench.facets["ready"] >= messy.fates["ready"] + messy.fates["repair"]
    clean_list(app, tmp_path)


def clean_list(app: Application, tmp_path: Path) -> None:
    before = app.desk.ctx.read(people.count_people)
    page = drop(app, lists.clean(tmp_path / "clean.csv", 300))
    for step in (CHECK, CHANGES, RESULT):
        walk(page, step)
    after = app.desk.ctx.read(people.count_people)
    page.result.undo.click()
    until(lambda: page.result.banner.text() and not page.result.undo.isVisible(), 30, "taken back")
    assert app.desk.ctx.read(people.count_people) == before <= after


def drop(app: Application, path: Path) -> Any:
    """A file falls on the window; its columns are shown."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    window: Any = app.window
    assert window.drop.eventFilter(window, event)  # Qt delivers drops to the target of a real drag only
    page: Any = window.page("import_people")
    until(lambda: page.wizard.index() == COLUMNS or page.wizard.banner.text(), 60, "the list is read")
    assert page.wizard.index() == COLUMNS, page.wizard.banner.text()
    until(lambda: path.name in page.header.subtitle.text(), 60, "this list is read")
    fine(page)
    return page


def walk(page: Any, step: int) -> None:
    """Ctrl+Enter, and the next step is there."""
    until(page.wizard.next.isEnabled, 30, "the way on is open")
    key(page, Qt.Key.Key_Return, CTRL)
    until(lambda: page.wizard.index() == step, 60, page.wizard.banner.text())
    until(lambda: not page.bench.busy())
    fine(page)


def repair_all(page: Any) -> None:
    """From problem to problem until none is left, each cell repaired by typing."""
    page.check.take_focus()
    for n in range(MOST_REPAIRS):
        until(lambda: not page.bench.busy())
        turn()
        if not page.bench.facets.get("repair"):
            return
        place, column = page.check.grid.place()
        header = page.check.rows.headers[column]
        text = next((fix for word, fix in FIXES.items() if word in header), "补全")
        before = (page.bench.facets["repair"], place, column)
        type_in(page, text.format(n=n + 1))
        until(lambda: not page.check.rows.waiting() and not page.bench.busy())
        turn()
        if (page.bench.facets.get("repair"), *page.check.grid.place()) == before:
            key(page, Qt.Key.Key_F8)
    raise AssertionError(f"still to repair: {page.check.rows.row(0)}")


def fine(page: Any) -> None:
    """Nothing is cut off, no sign is missing."""
    turn()
    assert looks.problems(page) == []
