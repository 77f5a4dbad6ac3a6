"""A word from the system's notification area when something ended while the window was not in front."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QSystemTrayIcon

SHOWN_MS = 8000


def notify(tray: QSystemTrayIcon | None, title: str, text: str) -> bool:
    """Shows a notification unless the window is in front or the system has no place for it; True if it was shown."""
    in_front = QApplication.activeWindow() is not None
    if tray is None or in_front or not tray.isVisible() or not tray.supportsMessages():
        return False
    tray.showMessage(title, text, tray.icon(), SHOWN_MS)
    return True
