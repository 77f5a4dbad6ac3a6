"""A desk to test in: a prepared data folder, a service's world to fill it, and the window's Desk without a window."""

from __future__ import annotations

import csv
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.support.waiting import wait_until
from tests.support.world import MovedClock, World
from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.desk import Desk
from welfare_desk.services import setup

PASSWORD = "correct horse"


@dataclass
class DeskWorld:
    """`world` writes as the service does (it holds the keys); `desk` is what pages are given."""

    world: World
    desk: Desk
    heard: dict[str, list[Any]] = field(default_factory=dict)

    def settle(self, seconds: float = 20.0) -> None:
        """Waits until nothing is being read, written or done in the background, and all of it was delivered."""
        background = self.desk.background

        def idle() -> bool:
            turn_events()
            return not background._tasks

        wait_until(idle, seconds, "background at rest")
        for _turn in range(5):  # what is shown a turn later, and the timers that wait for it
            turn_events()

    def until(self, condition: Any, seconds: float = 20.0, what: str = "") -> Any:
        """Waits for a condition while the window goes on working."""

        def asked() -> Any:
            turn_events()
            return condition()

        return wait_until(asked, seconds, what)


def turn_events() -> None:
    """Lets the window do what is waiting, deletions included."""
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@contextmanager
def open_desk(folder: Path, *, real_clock: bool = False) -> Iterator[DeskWorld]:
    """A fresh data folder with a desk at it; everything ends with the block. The clock stands unless `real_clock`."""
    shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
    clock = None if real_clock else MovedClock()
    service = wiring.service(folder, passphrase=PASSWORD, clock=clock)
    ctx = wiring.desk(folder, password=PASSWORD, clock=clock)
    world = World(dataclasses.replace(service, writer=1), clock or service.clock)  # type: ignore[arg-type]
    with desk_on(ctx, folder) as desk:
        made = DeskWorld(world, desk)
        for name in ("went", "toasted", "drawer_asked", "problem", "changed"):
            heard = made.heard.setdefault(name, [])
            getattr(desk, name).connect(lambda *values, heard=heard: heard.append(values))
        yield made
        made.settle()
    service.engine.dispose()
    ctx.engine.dispose()


@cache
def _prepared() -> Path:
    """A data folder after the first run, made once per process; it goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="welfare-desk-tests-")
    _KEPT.append(folder)
    data = Path(folder.name) / "data"
    setup.prepare(data=data, database=None, password=PASSWORD, shared={"company_name": "测试公司"})
    return data


_KEPT: list[Any] = []


@contextmanager
def desk_on(ctx: AppContext, folder: Path) -> Iterator[Desk]:
    """The window's Desk at a context."""
    background = Background()
    background.attach(ctx)
    preferences = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    desk = Desk(background, preferences)
    try:
        yield desk
    finally:
        assert background.close()
        desk.deleteLater()
        background.deleteLater()
        turn_events()


def write_list(path: Path, count: int, *, bad: int = 0) -> Path:
    """A list of people in Chinese headings: `count` good rows, then `bad` rows with a broken e-mail."""
    departments = ("总部/财务部", "总部/人力资源部", "总部/信息技术部/研发一组", "华东/上海/销售一部", "华东/杭州")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["工号", "姓名", "部门", "邮箱", "手机号", "入职日期"])
        for number in range(1, count + bad + 1):
            mail = f"p{number:05d}@example.com" if number <= count else "不是邮箱"
            phone = f"138{number:08d}"
            writer.writerow([f"{number:05d}", name_of(number), departments[number % 5], mail, phone, "2021-03-01"])
    return path


def name_of(number: int) -> str:
    """A Chinese name, the same for the same number."""
    family = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
    given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    return family[number % 20] + given[number // 20 % 20] + (given[number // 7 % 20] if number % 3 else "")


def shown(qtbot: QtBot, page: Any) -> Any:
    """A page as the window shows it, on no screen; it goes with the test."""
    qtbot.addWidget(page)
    page.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    page.resize(1178, 680)
    page.show()
    return page


def words(widget: QWidget) -> list[str]:
    """The texts of all labels that are not hidden."""
    turn_events()
    return [one.text() for one in widget.findChildren(QLabel) if not one.isHidden()]


def find_button(widget: QWidget, text: str) -> QAbstractButton:
    """The visible button that begins with `text`, the shortest of several."""
    turn_events()
    found = [one for one in widget.findChildren(QAbstractButton) if one.isVisible() and one.text().startswith(text)]
    assert found, f"no button {text!r}"
    return min(found, key=lambda one: len(one.text()))


def press(widget: QWidget, text: str) -> None:
    """Presses the visible button that begins with `text`."""
    find_button(widget, text).click()
