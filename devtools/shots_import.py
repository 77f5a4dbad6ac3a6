"""The import, step by step: a list with dirt of many kinds, a locked one, one in another encoding, a big one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devtools.stage import Shot, stage
from tests.support.desk import DeskWorld, write_list
from tests.support.import_lists import messy_list
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages.import_people import CHANGES, CHECK, COLUMNS, FILE, RESULT

SIZE = (1366, 768)
SMALL = (1100, 700)
BIG = 20_000


def shoot(out: Path, language: str, theme: str) -> list[str]:
    """Pictures every step of the import; returns the problems it saw."""
    with stage(out, language, theme, size=SIZE, patience_s=120) as on:
        desk, window, shot = on.desk, on.window, on.shot
        _messy(desk, window, shot)
        _again(desk, window, shot)
        _big(desk, window, shot)
    return on.problems


def _open(desk: DeskWorld, window: MainWindow, path: Path) -> Any:
    desk.desk.go("import_people", path=str(path))
    desk.settle(60)
    return window.page("import_people")


def _messy(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    window.show_page("import_people")
    shot("1-file-empty")
    page = _open(desk, window, messy_list(Path("十一月员工名单.csv").resolve()))
    assert page.wizard.index() == COLUMNS, page.wizard.banner.text()
    shot("2-columns")
    page.columns.reading.lines.click()
    shot("2-columns-lines")
    page.columns.choose(1, "")
    shot("2-columns-needed")
    page.columns.choose(1, "name")
    page.wizard.next.click()
    desk.settle(60)
    assert page.wizard.index() == CHECK, page.wizard.banner.text()
    desk.until(page.check.inspector.offered, 20, "offers")
    shot("3-check")
    page.check.facets.press("all")
    shot("3-check-all")
    window.resize(*SMALL)
    shot("3-check-small")
    window.resize(*SIZE)
    page.wizard.next.click()
    desk.settle(60)
    assert page.wizard.index() == CHANGES
    shot("4-changes")
    page.changes.without.setChecked(True)
    page.wizard.next.click()
    desk.settle(60)
    assert page.wizard.index() == RESULT
    shot("5-result")


def _again(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    page = _open(desk, window, write_list(Path("员工名单.csv").resolve(), 5))
    for _step in range(3):
        page.wizard.next.click()
        desk.settle(60)
    _open(desk, window, write_list(Path("员工名单.csv").resolve(), 5))
    for _step in range(2):
        page.wizard.next.click()
        desk.settle(60)
    shot("6-same-again")
    page.changes.press("left")
    desk.settle(60)
    shot("6-absent-left")
    page.wizard.cancel.click()
    window.show_page("import_people")
    assert page.wizard.index() == FILE
    shot("7-file-recent")
    page.file.ask_password("工资.xlsx", wrong=True)
    shot("7-file-locked")
    page.file.forget_password()


def _big(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    page = _open(desk, window, write_list(Path("集团名单.csv").resolve(), BIG, bad=12))
    page.wizard.next.click()
    desk.settle(60)
    page.check.facets.press("all")
    page.check.grid.go(BIG // 2, 3)
    shot("8-big")
    page.wizard.next.click()
    desk.settle(60)
    shot("8-big-changes")
