"""The whole window on a data folder, as `__main__` composes it, driven without a person."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication

from welfare_desk import wiring
from welfare_desk.commands import window
from welfare_desk.desktop import shell
from welfare_desk.desktop.application import Application
from welfare_desk.desktop.doors import Doors
from welfare_desk.services import setup

T = TypeVar("T")


def doors(data: Path, **changed: Any) -> Doors:
    """What the window is handed for `data`."""
    known: dict[str, Any] = {
        "data": data, "database": None, "operator": None, "demo": False, "is_prepared": wiring.is_prepared,
        "prepare": setup.prepare, "open_desk": window.open_desk, "join": window.join,
        "check_database": window.check_database, "fill_demo": window.fill_demo,
        "reset_password": window.reset_password, "service_command": window.service_command,
    }  # fmt: skip
    return Doors(**{**known, **changed})


@contextmanager
def application(found: Doors) -> Iterator[Application]:
    """The window on `found`, begun; ended and cleared away afterwards."""
    shell.application([], found.data)
    frame = shell.Shell(shell.preferences(found.data))
    frame.resize(1366, 768)
    made = Application(frame, found)
    frame.show()
    made.begin()
    try:
        yield made
    finally:
        made.shut_down()
        frame.guarded = False
        frame.close()
        frame.deleteLater()
        turn()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setStyleSheet("")


def turn() -> None:
    """Lets the window do what is waiting, deletions included."""
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def until(condition: Callable[[], T], seconds: float = 20.0, what: str = "") -> T:
    """Waits for a condition while the window goes on working."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while True:
        turn()
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or condition}"
        pause.wait(0.01)
