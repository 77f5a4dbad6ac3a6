"""Follows a job row that the service works on, until it is settled: once a second, never blocking."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from welfare_desk.desktop.background import Background
from welfare_desk.queries import jobs

EVERY_MS = 1000
SETTLED = ("done", "failed", "unknown", "cancelled")


class JobWatch(QObject):
    """`moved(job)` at every look, `settled(job)` once; unknown goes on being watched, it may still turn out well."""

    moved = Signal(object)
    settled = Signal(object)

    def __init__(self, background: Background, job_id: int, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self._job_id = job_id
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Asks for the job's state now."""
        self._background.read(jobs.job, self._seen, self._away, key="job", job_id=self._job_id)

    def stop(self) -> None:
        """Stops watching."""
        self._timer.stop()

    def _seen(self, job: Any) -> None:
        self.moved.emit(job)
        if job.state in ("done", "failed") and self._timer.isActive():
            self._timer.stop()
            self.settled.emit(job)

    def _away(self, _error: Exception) -> None:
        """The database is away for a moment; the next look asks again."""
