"""What every page is: a header with a title and actions, banners, a body, and the moments the window tells it about."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDateTimeEdit,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.widgets.basic import label


class PageHeader(QWidget):
    """Title, one line below it, and actions at the right; the primary action comes last."""

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.title = label(title, "title")
        self.subtitle = label(subtitle, "muted", wrap=True)
        if not subtitle:  # never setVisible(True) without a parent: that opens a window for a moment
            self.subtitle.hide()
        self.right = QHBoxLayout()
        self.right.setSpacing(theme.px(8))
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(words, 1)
        whole.addLayout(self.right)

    def set_subtitle(self, text: str) -> None:
        """Replaces the line below the title; "" hides it."""
        self.subtitle.setText(text)
        self.subtitle.setVisible(bool(text))

    def add(self, *widgets: QWidget) -> None:
        """Adds actions at the right."""
        for widget in widgets:
            self.right.addWidget(widget)


class Page(QWidget):
    """Base of the pages. Override `refresh` (ask for the data), `show_target` (a search led here), `about`."""

    NOUNS: tuple[str, ...] = ()  # refresh when one of these is written elsewhere (Desk.changed)

    def __init__(self, desk: Desk, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.desk = desk
        self._stale = True
        self.header = PageHeader(title, subtitle)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(*(theme.px(edge) for edge in (24, 20, 24, 16)))
        self.body.setSpacing(theme.px(12))
        self.body.addWidget(self.header)
        desk.changed.connect(self._on_changed)

    def refresh(self) -> None:
        """Asks for the page's data anew (F5, first show, something changed)."""

    def show_target(self, **target: Any) -> None:
        """Shows one thing of this page, as the command palette or a link on another page asked."""

    def unsaved(self) -> str:
        """What would be lost, or not be seen to its end, if this page were closed now; "" for nothing."""
        return ""

    def showEvent(self, event: QShowEvent) -> None:
        """Loads when it comes into view and its data is old."""
        super().showEvent(event)
        dress_inner_fields(self)
        if self._stale:
            self._stale = False
            self.refresh()

    def _on_changed(self, noun: str) -> None:
        if noun not in self.NOUNS:
            return
        if self.isVisible():
            self.refresh()
        else:
            self._stale = True


NEW_HEIGHT = (QEvent.Type.LayoutRequest, QEvent.Type.ChildPolished, QEvent.Type.ChildRemoved)


class _Scroll(QScrollArea):
    """Gives wrapped text the height it needs: Qt asks what it scrolls for the least height only, and squeezes it."""

    def __init__(self) -> None:
        super().__init__()
        self._late = QTimer(self)  # what was just added is shown a turn later, and counts only then
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another height."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What it shows has changed."""
        if event.type() in NEW_HEIGHT:
            self._late.start(0)
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        inner = self.widget()
        if inner is not None and inner.hasHeightForWidth():
            inner.setMinimumHeight(inner.heightForWidth(self.viewport().width()))


def dress_inner_fields(page: QWidget) -> None:
    """Gives the line inside every number and date field the name of its field, and room at its left edge."""
    for field in page.findChildren(QAbstractSpinBox):
        popup = isinstance(field, QDateTimeEdit) and field.calendarPopup()
        for line in field.findChildren(QLineEdit):
            line.setAccessibleName(field.accessibleName())
            line.setTextMargins(0 if popup else theme.px(8), 0, 0, 0)


def scrolled(inner: QWidget) -> QScrollArea:
    """A vertical scroll area without a frame."""
    made = _Scroll()
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setWidget(inner)
    return made
