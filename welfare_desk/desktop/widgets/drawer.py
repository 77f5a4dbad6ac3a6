"""A panel that lies over the right edge: details of one thing, while the list behind it stays."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import ElidedLabel, icon_button
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.i18n import _


class Drawer(QFrame):
    """Shows one widget at a time; its `windowTitle()` is the heading. Esc closes and gives the focus back."""

    closed = Signal()

    def __init__(self, parent: QWidget, *, width: int = 440) -> None:
        super().__init__(parent)
        self.setObjectName("drawer")
        self._over = parent
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(_("Details"))
        self._width = width
        self._inner: QWidget | None = None
        self._before: QWidget | None = None
        self._title = ElidedLabel("", "section")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(icon_button("close", _("Close"), self.close_drawer))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(*(theme.px(edge) for edge in (24, 16, 16, 16)))
        self._layout.addLayout(head)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.close_drawer)
        parent.installEventFilter(self)
        self.hide()

    def show_widget(self, widget: QWidget) -> None:
        """Takes the widget over (it is deleted when the drawer closes) and slides in."""
        if self._inner is None:  # one that replaces another keeps the place the first one came from
            self._before = self.window().focusWidget()
        self._drop()
        self._title.setText(widget.windowTitle())
        self._inner = scrolled(widget)
        self._layout.addWidget(self._inner, 1)
        self._place()
        self.show()
        self.raise_()
        inside = [one for one in (widget, *widget.findChildren(QWidget)) if _takes_keys(one)]
        (inside[0] if inside else self).setFocus()

    def close_drawer(self) -> None:
        """Hides and deletes what it showed."""
        self.hide()
        self._drop()
        before, self._before = self._before, None
        if before is not None and isValid(before):
            before.setFocus()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the size of its parent."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self._over
        wide = min(theme.px(self._width), parent.width() - theme.px(80))
        self.setGeometry(parent.width() - wide, 0, wide, parent.height())

    def _drop(self) -> None:
        if self._inner is not None:
            self._layout.removeWidget(self._inner)
            self._inner.hide()
            self._inner.deleteLater()
            self._inner = None


def _takes_keys(widget: QWidget) -> bool:
    policy = widget.focusPolicy()
    return bool(policy.value & Qt.FocusPolicy.TabFocus.value) and widget.isVisible() and widget.isEnabled()
