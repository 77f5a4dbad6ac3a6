"""Holds off sleep while a campaign can be claimed from this computer, where the system allows it.

Windows: an execution state of this process. macOS: `caffeinate`. Linux: `systemd-inhibit`. The helpers end by
themselves when the desk is gone, because their standard input closes or they watch its process.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

ES_CONTINUOUS = 0x80000000
ES_SYSTEM_REQUIRED = 0x00000001


class SleepGuard(QObject):
    """`hold(True)` asks, `held()` says whether the system agreed."""

    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._helper: QProcess | None = None
        self._held = False

    def held(self) -> bool:
        """Whether sleep is held off now."""
        return self._held

    def hold(self, wanted: bool) -> None:
        """Holds sleep off, or lets it be."""
        if wanted == self._held:
            return
        if sys.platform == "win32":
            self._set(_windows(wanted) and wanted)
        elif wanted:
            self._start()
        else:
            self._stop()

    def _start(self) -> None:
        command = helper_command()
        if not command:
            return
        helper = QProcess(self)
        helper.started.connect(self._started)
        helper.finished.connect(self._ended)
        helper.errorOccurred.connect(self._ended)
        self._helper = helper
        helper.start(command[0], command[1:])

    def _stop(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.closeWriteChannel()
            helper.terminate()
            if not helper.waitForFinished(500):
                helper.kill()
                helper.waitForFinished(500)
            helper.deleteLater()
        self._set(False)

    def _started(self) -> None:
        self._set(True)

    def _ended(self, *_why: object) -> None:
        self._helper = None
        self._set(False)

    def _set(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self.changed.emit(held)


def helper_command() -> list[str]:
    """The helper program of this system, [] where there is none."""
    if sys.platform == "darwin":
        return ["/usr/bin/caffeinate", "-i", "-w", str(os.getpid())]
    program, waits = shutil.which("systemd-inhibit"), shutil.which("cat")
    if sys.platform.startswith("linux") and program and waits and Path("/run/systemd/system").exists():
        what = ["--what=sleep:idle:handle-lid-switch", "--mode=block"]
        return [program, *what, "--who=Welfare Desk", "--why=A campaign can be claimed from this computer", waits]
    return []


def _windows(wanted: bool) -> bool:
    if sys.platform == "win32":
        state = ES_CONTINUOUS | (ES_SYSTEM_REQUIRED if wanted else 0)
        return bool(ctypes.windll.kernel32.SetThreadExecutionState(state))
    return False
