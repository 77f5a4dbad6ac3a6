"""What goes on while no page looks: the service child, the tray, sleep held off, and how many still have to claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.notify import notify
from welfare_desk.desktop.service_child import ServiceChild, ServiceView
from welfare_desk.desktop.sleep_guard import SleepGuard
from welfare_desk.desktop.tray import Tray
from welfare_desk.i18n import _
from welfare_desk.queries import today as today_queries

EVERY_MS = 15_000


class Watch(QObject):
    """Looks every 15 s; holds off sleep while the service runs here and a campaign is open."""

    open_asked = Signal()
    quit_asked = Signal()

    def __init__(
        self, desk: Desk, command: Sequence[str], database: str | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.waiting = 0
        self._open = 0
        self.service = ServiceChild(desk.background, command, database, parent=self)
        self.guard = SleepGuard(self)
        self.tray = Tray(self)
        desk.service = self.service
        self.service.changed.connect(self._service)
        self.guard.changed.connect(self._awake)
        self.tray.open_asked.connect(self._open_asked)
        self.tray.quit_asked.connect(self.quit_asked)
        self.tray.toggle_asked.connect(self._toggle)
        desk.changed.connect(self.look)
        desk.background.job_ended.connect(self._job_ended)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(EVERY_MS)
        self.look()

    def look(self, _noun: str = "") -> None:
        """Counts open campaigns and people who have not claimed."""
        now = self.desk.ctx.clock.now()
        self.desk.background.read(today_queries.today, self._seen, self._quiet, key="watch", now=now, since=now)

    def to_tray(self, sentence: str) -> bool:
        """Shows the tray icon and says what goes on; False where there is no tray."""
        if not self.tray.available():
            return False
        self.tray.show()
        self.tray.icon.showMessage("Welfare Desk", sentence, self.tray.icon.icon())
        return True

    def shut_down(self) -> None:
        """Stops service and guard and takes the icon away."""
        self._timer.stop()
        self.guard.hold(False)
        self.tray.hide()
        self.service.shut_down()
        self.desk.service = None

    def _seen(self, found: today_queries.Today) -> None:
        self.waiting, self._open = found.unclaimed, found.open_campaigns
        self.desk.counted.emit("today", sum(todo.count for todo in found.todos if todo.kind.startswith("tickets")))
        self._decide(self.service.view)

    def _quiet(self, _error: Exception) -> None:
        """The database is away for a moment; the next look asks again."""

    def _service(self, view: ServiceView) -> None:
        self._decide(view)
        if view.state == "failing":
            notify(self.tray.icon, _("The claim service fails"), view.why)

    def _decide(self, view: ServiceView) -> None:
        running = view.state == "running"
        self.guard.hold(running and view.own and self._open > 0)
        self.tray.say(running=running, waiting=self.waiting)

    def _awake(self, held: bool) -> None:
        self.desk.awake = held

    def _toggle(self) -> None:
        if self.service.view.state == "stopped":
            self.service.start()
        else:
            self.service.stop()

    def _open_asked(self) -> None:
        self.tray.hide()
        self.open_asked.emit()

    def _job_ended(self, _number: int, outcome: str, _error: Any) -> None:
        said = {"done": _("Finished"), "failed": _("Did not work out")}
        if outcome in said:
            notify(self.tray.icon, "Welfare Desk", said[outcome])
