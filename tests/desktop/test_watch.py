"""What goes on while nobody looks: sleep is held off while people can claim, the tray says how many still have to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from welfare_desk.desktop import sleep_guard
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.service_child import ServiceView
from welfare_desk.desktop.sleep_guard import SleepGuard
from welfare_desk.desktop.tray import Tray, goes_on
from welfare_desk.desktop.watch import Watch
from welfare_desk.queries.today import Today

WAITS = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch(); sys.stdin.read()"


@pytest.fixture
def watch(qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    monkeypatch.setattr(Watch, "look", lambda *_words: None)
    made = Watch(desk, (sys.executable, "-c", "pass"))
    yield made
    made.shut_down()


def today(open_campaigns: int, unclaimed: int) -> Today:
    return Today((), 0, unclaimed, 0, open_campaigns, 1, 1, 1, ())


def test_sleep_is_held_off_only_while_people_can_claim_here(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    wished: list[bool] = []
    monkeypatch.setattr(watch.guard, "hold", wished.append)
    running = ServiceView("running", "", ("http://192.168.1.5:8080",), jobs=True)
    watch._seen(today(1, 312))
    assert wished[-1] is False
    watch.service.view = running
    watch._seen(today(1, 312))
    assert wished[-1] is True
    watch._seen(today(0, 0))
    assert wished[-1] is False
    watch._seen(today(1, 312))
    watch._service(ServiceView("running", own=False))
    assert wished[-1] is False


def test_the_tray_says_who_still_waits(watch: Watch) -> None:
    watch.service.view = ServiceView("running")
    watch._seen(today(2, 1312))
    assert watch.tray.icon.toolTip() == "The claim service goes on running; 1,312 people have not claimed yet"
    watch._service(ServiceView("stopped"))
    assert watch.tray.icon.toolTip() == "The claim service is stopped"


def test_nothing_is_said_of_nobody() -> None:
    assert goes_on(0) == "The claim service goes on running"


def test_the_tray_asks_for_what_was_chosen(qtbot: QtBot) -> None:
    tray = Tray()
    asked: list[str] = []
    tray.open_asked.connect(lambda: asked.append("open"))
    tray.toggle_asked.connect(lambda: asked.append("toggle"))
    tray.quit_asked.connect(lambda: asked.append("quit"))
    for action in (tray._open, tray._toggle, tray._quit):
        action.trigger()
    assert asked == ["open", "toggle", "quit"]


def test_the_helper_holds_sleep_off_and_ends_with_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sleep_guard, "helper_command", lambda: [sys.executable, "-c", WAITS, str(tmp_path / "here")])
    guard = SleepGuard()
    with qtbot.waitSignal(guard.changed, timeout=10_000) as changed:
        guard.hold(True)
    assert changed.args == [True]
    qtbot.waitUntil((tmp_path / "here").exists, timeout=10_000)
    helper = guard._helper
    assert helper is not None
    guard.hold(False)
    assert not guard.held()
    assert helper.state() == QProcess.ProcessState.NotRunning


def test_where_the_system_has_no_way_nothing_is_claimed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sleep_guard, "helper_command", list)
    guard = SleepGuard()
    guard.hold(True)
    assert not guard.held()
