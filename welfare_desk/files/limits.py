"""What a parse child may use. On Linux it confines itself; everywhere its parent watches it.

Memory: 2 GiB of addresses (Linux), 1,280 MiB resident (everywhere, looked at every 50 ms). CPU: 9 s and a third of a
second per MiB of the file. Time: 13 s and a second per MiB. A text may have a million rows, a
sheet 450,000 and 384 MiB of XML. docs/importing.md says the same to people.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Self

from welfare_desk.files.archives import MIB

ADDRESS_LIMIT = 2048 * MIB
RESIDENT_LIMIT = 1280 * MIB
WATCH_S = 0.05
# Rows below the header. A text is read line by line; a workbook has to be held whole (some 1.2 KiB a row of 12 cells).
RECORD_LIMIT = 1_000_000
SHEET_ROW_LIMIT = 450_000
SHEET_LIMIT = 384 * MIB


def cpu_seconds(size: int) -> int:
    """CPU time a child may use for a file of `size` bytes: 9 s and a third of a second per MiB."""
    return 9 + size // (3 * MIB)


def wall_seconds(size: int) -> float:
    """Time a child may take for a file of `size` bytes: 13 s and a second per MiB."""
    return 13.0 + size / MIB


def confine(size: int) -> None:
    """Limits this process's address space and CPU time where the system can (Linux, macOS in part)."""
    if sys.platform == "win32":
        return
    import resource

    for limit, value in ((resource.RLIMIT_AS, ADDRESS_LIMIT), (resource.RLIMIT_CPU, cpu_seconds(size))):
        try:
            _soft, hard = resource.getrlimit(limit)
            ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (ceiling, hard))
        except (ValueError, OSError):  # macOS knows RLIMIT_AS but refuses it; the parent's watch remains
            continue


class Watch:
    """Kills a child that takes too much memory or time, or that nobody wants any more; `verdict` says why.

    `peak` is the most resident memory seen, in bytes.
    """

    def __init__(self, child: subprocess.Popen[bytes], seconds: float, unwanted: Callable[[], bool] | None) -> None:
        self.verdict = ""
        self.peak = 0
        self._child = child
        self._seconds = seconds
        self._unwanted = unwanted
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parse-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._done.set()
        self._thread.join()
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()

    def _run(self) -> None:
        import psutil

        waited = 0.0
        try:
            process = psutil.Process(self._child.pid)
            while not self._done.wait(WATCH_S):
                waited += WATCH_S
                self.peak = max(self.peak, process.memory_info().rss)
                if self.peak > RESIDENT_LIMIT:
                    self.verdict = "memory"
                elif waited > self._seconds:
                    self.verdict = "time"
                elif self._unwanted is not None and self._unwanted():
                    self.verdict = "unwanted"
                if self.verdict:
                    self._child.kill()
                    return
        except psutil.Error:
            return
