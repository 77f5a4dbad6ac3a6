"""A background job shown where it was started: how far it is, and a cancel button that answers at once."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout

from welfare_desk.desktop import theme
from welfare_desk.desktop.background import Background, Task
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.widgets.basic import button, label, row
from welfare_desk.i18n import _


class TaskProgress(QFrame):
    """Hidden until `follow(task, title)`; hides again when the job has ended, however it ended."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._background = background
        self._number = 0
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
        self._title.setText(title)
        self._bar.setAccessibleName(title)
        self._bar.setRange(0, 0)
        self._line.setText(_("Starting …"))
        self.cancel.setEnabled(True)
        self.show()

    def _moved(self, number_: int, done: int, total: int, text: str) -> None:
        if number_ != self._number or not self.cancel.isEnabled():
            return
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        count = f"{number(done)} / {number(total)}" if total else number(done) if done else ""
        self._line.setText(" · ".join(part for part in (count, text) if part))

    def _ended(self, number_: int, _outcome: str, _error: object) -> None:
        if number_ == self._number:
            self._number = 0
            self.hide()

    def _stop(self) -> None:
        self.cancel.setEnabled(False)
        self._line.setText(_("Stopping …"))
        self._background.cancel_job(self._number)
