"""The jobs tray: what runs in the background, how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.widgets.basic import ElidedLabel, button, label, row
from welfare_desk.i18n import _, language, ntext

KEPT = 6


class JobRow(QWidget):
    """One job: title, progress, cancel; afterwards how it ended."""

    def __init__(self, number: int, title: str, background: Background) -> None:
        super().__init__()
        self._number = number
        self.running = True
        self._title = ElidedLabel(title, "strong")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(title)
        self._line = ElidedLabel(_("Starting …"), "caption")
        self._cancel = button(_("Cancel"), lambda: self._stop(background), kind="quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        layout.addLayout(row(self._title, self._cancel))
        layout.addWidget(self._bar)
        layout.addWidget(self._line)

    def move_to(self, done: int, total: int, text: str) -> None:
        """Shows n of N and what is being worked on."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        count = f"{done:,} / {total:,}" if total else f"{done:,}" if done else ""
        self._line.setText(" · ".join(part for part in (count, text) if part))

    def end(self, outcome: str) -> None:
        """Shows how it ended."""
        self.running = False
        self._bar.hide()
        self._cancel.hide()
        says = {"done": _("Finished"), "failed": _("Did not work out"), "cancelled": _("Cancelled, nothing was kept")}
        self._line.setText(says[outcome])

    def _stop(self, background: Background) -> None:
        self._cancel.setEnabled(False)
        self._line.setText(_("Stopping …"))
        background.cancel_job(self._number)


class JobsTray(QPushButton):
    """The button in the top bar and the panel it opens; opens by itself when a job starts."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        self.setIcon(icons.icon("jobs"))
        self.setIconSize(QSize(theme.px(24), theme.px(18)))
        self._background = background
        self._rows: dict[int, JobRow] = {}
        self._panel = QFrame(self, Qt.WindowType.Popup)
        self._panel.setProperty("card", "true")
        self._list = QVBoxLayout(self._panel)
        self._list.setContentsMargins(*(theme.px(16),) * 4)
        self._list.setSpacing(theme.px(12))
        self._none = label(_("Nothing is running in the background."), "muted")
        self._list.addWidget(self._none)
        self._panel.setFixedWidth(theme.px(360))
        self.clicked.connect(self.open_panel)
        background.job_started.connect(self._started)
        background.job_moved.connect(self._moved)
        background.job_ended.connect(self._ended)
        for number, title in background.running():
            self._started(number, title)
        self._count()

    def open_panel(self) -> None:
        """Shows the panel below the button."""
        self._panel.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width() - self._panel.width(), self.height() + theme.px(4)))
        self._panel.move(corner)
        self._panel.show()

    def row(self, number: int) -> JobRow | None:
        """The row of a job, while it is kept."""
        return self._rows.get(number)

    def _started(self, number: int, title: str) -> None:
        self._none.hide()
        ended = [key for key, found in self._rows.items() if not found.running]
        for key in ended[: max(0, len(self._rows) - KEPT + 1)]:
            self._rows.pop(key).deleteLater()
        made = JobRow(number, title, self._background)
        self._rows[number] = made
        self._list.insertWidget(0, made)
        self._count()

    def _moved(self, number: int, done: int, total: int, text: str) -> None:
        if number in self._rows:
            self._rows[number].move_to(done, total, text)

    def _ended(self, number: int, outcome: str, _error: object) -> None:
        if number in self._rows:
            self._rows[number].end(outcome)
        self._count()

    def _count(self) -> None:
        running = sum(found.running for found in self._rows.values())
        says = ntext(language(), "{n} job", "{n} jobs", running) if running else _("Jobs")
        self.setText(says)
        self.setAccessibleName(says)
