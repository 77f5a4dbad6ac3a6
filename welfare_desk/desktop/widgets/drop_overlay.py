"""The whole window takes files: what will happen is said while they hang above it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import label
from welfare_desk.i18n import _

TABLES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt")


class DropOverlay(QFrame):
    """Lies over `window` while a file hangs above it; emits `dropped(path)` for one table file."""

    dropped = Signal(str)
    refused = Signal(str)  # a sentence

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("dropOverlay")
        self._over = window
        self._words = label("", "section")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self).addWidget(self._words)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answers drags and drops of the window."""
        kind = event.type()
        if kind == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if kind in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self.hide()
        if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._drop(event)
            return True
        return super().eventFilter(watched, event)

    def _enter(self, event: QDragEnterEvent) -> bool:
        if not event.mimeData().hasUrls():
            return False
        reason = refusal(event.mimeData())
        self._words.setText(reason or _("Drop here to import people from {name}", name=paths(event.mimeData())[0].name))
        edge = theme.px(16)
        self.setGeometry(self._over.rect().adjusted(edge, edge, -edge, -edge))
        self.show()
        self.raise_()
        event.acceptProposedAction()
        return True

    def _drop(self, event: QDropEvent) -> None:
        reason = refusal(event.mimeData())
        if reason:
            self.refused.emit(reason)
        else:
            self.dropped.emit(str(paths(event.mimeData())[0]))
        event.acceptProposedAction()


def paths(data: QMimeData) -> list[Path]:
    """The local files of a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def refusal(data: QMimeData) -> str:
    """Why a drag cannot be taken, as a sentence; "" when it can."""
    found = paths(data)
    if len(found) != 1:
        return _("One file at a time, please")
    if found[0].suffix.lower() not in TABLES:
        return _("Only Excel and CSV lists can be imported, not {name}", name=found[0].name)
    return ""
