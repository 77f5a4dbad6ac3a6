"""The icon that stays when the window is closed: the claim service goes on, and this is the way back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from welfare_desk.i18n import RESOURCES, _


class Tray(QObject):
    """Emits what was asked for: the window, a stop or start of the service, the end of the program."""

    open_asked = Signal()
    toggle_asked = Signal()
    quit_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.icon = QSystemTrayIcon(QIcon(str(RESOURCES / "icons" / "app.svg")), self)
        self._menu = QMenu()
        self._open = self._menu.addAction("", self.open_asked.emit)
        self._toggle = self._menu.addAction("", self.toggle_asked.emit)
        self._menu.addSeparator()
        self._quit = self._menu.addAction("", self.quit_asked.emit)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        self.say(running=False, waiting=0)

    @staticmethod
    def available() -> bool:
        """Whether this system has a notification area."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        """Puts the icon there, if there is a place."""
        if self.available():
            self.icon.show()

    def hide(self) -> None:
        """Takes the icon away."""
        self.icon.hide()

    def say(self, *, running: bool, waiting: int) -> None:
        """Writes menu and tool tip anew."""
        self._open.setText(_("Open Welfare Desk"))
        self._toggle.setText(_("Stop the claim service") if running else _("Start the claim service"))
        self._quit.setText(_("Quit"))
        self.icon.setToolTip(goes_on(waiting) if running else _("The claim service is stopped"))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_asked.emit()


def goes_on(waiting: int) -> str:
    """The sentence said when the window closes while the service runs."""
    if not waiting:
        return _("The claim service goes on running")
    return _("The claim service goes on running; {n} people have not claimed yet", n=f"{waiting:,}")
