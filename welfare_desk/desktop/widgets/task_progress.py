"""A background job shown where it was started: how far it is, how fast, how long still, and a cancel button."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout

from welfare_desk.desktop import theme
from welfare_desk.desktop.background import Background, Task
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.widgets.basic import button, label, row
from welfare_desk.i18n import _, language, ntext

SURE_AFTER = 1.0  # seconds; before that a rate says nothing


class TaskProgress(QFrame):
    """Hidden until `follow(task, title)`; hides again when the job has ended, however it ended."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._background = background
        self._number = 0
        self._since = self._from = 0.0
        self._title = label("", "strong")
        self._line = label("", "caption")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.cancel = button(_("Cancel"), self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(edge) for edge in (16, 12, 16, 12)))
        layout.setSpacing(theme.px(8))
        layout.addLayout(row(self._title, None, self.cancel))
        layout.addWidget(self._bar)
        layout.addWidget(self._line)
        background.job_moved.connect(self._moved)
        background.job_ended.connect(self._ended)
        self.hide()

    def follow(self, task: Task, title: str) -> None:
        """Shows this job."""
        self._number = task.number
        self._since = 0.0
        self._title.setText(title)
        self._bar.setAccessibleName(title)
        self._bar.setRange(0, 0)
        self._line.setText(_("Starting …"))
        self.cancel.setEnabled(True)
        self.show()

    def line(self) -> str:
        """What is said below the bar."""
        return self._line.text()

    def _moved(self, number_: int, done: int, total: int, text: str) -> None:
        if number_ != self._number or not self.cancel.isEnabled():
            return
        now = time.monotonic()
        if not self._since or done < self._from:
            self._since, self._from = now, done
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        count = f"{number(done)} / {number(total)}" if total else number(done) if done else ""
        pace = pace_words(done - self._from, now - self._since, total - done) if total else ()
        self._line.setText(" · ".join(part for part in (count, *pace, text) if part))

    def _ended(self, number_: int, _outcome: str, _error: object) -> None:
        if number_ == self._number:
            self._number = 0
            self.hide()

    def _stop(self) -> None:
        self.cancel.setEnabled(False)
        self._line.setText(_("Stopping …"))
        self._background.cancel_job(self._number)


def pace_words(done: float, seconds: float, left: float) -> tuple[str, ...]:
    """How fast and how long still, once that can be told."""
    if seconds < SURE_AFTER or done <= 0:
        return ()
    rate = done / seconds
    ahead = round(left / rate)
    minutes = round(ahead / 60)
    still = (
        ntext(language(), "about {n} second left", "about {n} seconds left", max(1, ahead))
        if ahead < 90
        else ntext(language(), "about {n} minute left", "about {n} minutes left", minutes)
    )
    return (_("{rate} per second", rate=number(round(rate))), still)
