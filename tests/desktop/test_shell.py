"""The first window loads next to nothing, is painted before the rest is imported, and hands over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from welfare_desk.desktop.shell import Shell, UnlockForm

ALLOWED = {
    "welfare_desk", "welfare_desk.desktop", "welfare_desk.desktop.shell", "welfare_desk.desktop.theme",
    "welfare_desk.i18n", "welfare_desk.settings",
}  # fmt: skip
PROBE = """
import json, sys
from welfare_desk.desktop import shell
print(json.dumps([name for name in sys.modules if name.split(".")[0] in ("welfare_desk", "PySide6", "sqlalchemy")]))
"""
OPEN = """
import json, sys, pathlib
from welfare_desk.desktop import shell
from PySide6.QtWidgets import QApplication
seen = []

def load():
    loaded = sorted(name for name in sys.modules if name.startswith("welfare_desk.desktop."))
    def start(window):
        seen.append((window.isVisible(), loaded))
        QApplication.exit(7)
        return "desk"
    return start

openings = []
status = shell.run([], data=pathlib.Path(sys.argv[1]), prepared=True, load=load, opened=openings.append)
print(json.dumps([status, seen, openings[0].painted_s > 0, openings[0].ready_s > 0, openings[0].desk]))
"""


def run(code: str, *arguments: str) -> object:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment,
    )
    return json.loads(done.stdout)


def test_the_shell_loads_only_what_it_may() -> None:
    loaded = run(PROBE)
    assert isinstance(loaded, list)
    ours = {name for name in loaded if name.startswith("welfare_desk")}
    assert ours <= ALLOWED
    assert {name for name in loaded if name.startswith("PySide6.Qt")} <= {
        "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"
    }  # fmt: skip
    assert "sqlalchemy" not in loaded


def test_it_paints_then_loads_then_hands_over(tmp_path: Path) -> None:
    status, seen, painted, ready, desk = run(OPEN, str(tmp_path))  # type: ignore[misc]
    assert status == 7
    assert seen == [[True, ["welfare_desk.desktop.shell", "welfare_desk.desktop.theme"]]]
    assert painted
    assert ready
    assert desk == "desk"


def test_a_password_typed_early_is_used_when_the_program_is_there(qtbot: QtBot) -> None:
    form = UnlockForm()
    qtbot.addWidget(form)
    given: list[str] = []
    form.given.connect(given.append)
    form.password.setText("correct horse")
    form.button.click()
    assert given == []
    assert not form.password.isEnabled()
    form.set_ready()
    assert given == ["correct horse"]
    form.complain("Wrong password.")
    assert form.password.isEnabled()
    assert form.wrong.text() == "Wrong password."


def test_an_empty_password_is_not_tried(qtbot: QtBot) -> None:
    form = UnlockForm()
    qtbot.addWidget(form)
    form.set_ready()
    with qtbot.assertNotEmitted(form.given):
        form.button.click()


def test_the_window_remembers_where_it_stood(qtbot: QtBot, tmp_path: Path) -> None:
    preferences = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    shell = Shell(preferences)
    qtbot.addWidget(shell)
    shell.resize(1100, 700)
    shell.close()
    again = Shell(preferences)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (1100, 700)


TERMINATED = """
import os, signal, sys, pathlib
from PySide6.QtCore import QTimer
from welfare_desk.desktop import shell

def load():
    def start(window):
        window.guarded = True
        window.closing.connect(lambda event: event.ignore())
        QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))
    return start

print(shell.run([], data=pathlib.Path(sys.argv[1]), prepared=True, load=load))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_termination_is_not_asked_about(tmp_path: Path) -> None:
    assert run(TERMINATED, str(tmp_path)) == 0
