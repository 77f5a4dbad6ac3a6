"""The small parts of every page: labels by role, buttons by rank, badges, cards, rows and columns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import icons, theme


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A plain-text label; roles: title, section, hero, caption, muted, strong, error, link, mono, code."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


class ElidedLabel(QLabel):
    """One line that ends in … when it does not fit; the whole text is its tool tip and accessible name."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(theme.px(40))
        self.setProperty("elides", True)
        if role:
            self.setProperty("role", role)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Replaces the text."""
        super().setText(text)
        self.setToolTip(text)
        self.setAccessibleName(text)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the layout needs."""
        return QSize(theme.px(40), super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws the text, cut at the right."""
        painter = QPainter(self)
        rect = self.contentsRect()
        line = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(rect, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draws anew at the new width."""
        super().resizeEvent(event)
        self.update()


def badge(text: str, tone: str = "plain") -> QLabel:
    """A small word with a background; tones: ok, warn, bad, info, plain."""
    made = label(text)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    set_badge(made, text, tone)
    return made


def set_badge(found: QLabel, text: str, tone: str) -> None:
    """Gives a badge another text and tone."""
    found.setText(text)
    found.setProperty("badge", tone)
    restyle(found)


def button(text: str, clicked: Callable[[], object] | None = None, *, kind: str = "", icon: str = "") -> QPushButton:
    """A button; kinds: primary (one on a screen), danger, quiet, chip, card; secondary by default."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        made.setIcon(
            icons.icon(icon, {"primary": "on_primary", "quiet": "primary", "danger": "danger"}.get(kind, "text"))
        )
        made.setIconSize(QSize(theme.px(24), theme.px(18)))  # wider than high: room before the text
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
    return made


def primary(text: str, clicked: Callable[[], object] | None = None, *, icon: str = "") -> QPushButton:
    """The one primary button of a screen."""
    return button(text, clicked, kind="primary", icon=icon)


def icon_button(name: str, says: str, clicked: Callable[[], object] | None = None) -> QToolButton:
    """A button that shows only an icon; `says` is its tool tip and accessible name."""
    made = QToolButton()
    made.setIcon(icons.icon(name))
    made.setIconSize(QSize(theme.px(20), theme.px(20)))
    made.setToolTip(says)
    made.setAccessibleName(says)
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
    return made


def icon_label(name: str, token: str = "text", size: int = 20) -> QLabel:
    """An icon that is only looked at."""
    made = QLabel()
    made.setPixmap(icons.pixmap(name, token, size))
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def card(*parts: QWidget | QLayout | int | None, tone: str = "", spacing: int = 8, margin: int = 16) -> QFrame:
    """A framed surface with its parts below each other; tones mark the left edge: info, ok, warn, bad."""
    made = QFrame()
    made.setProperty("card", "true")
    if tone:
        made.setProperty("tone", tone)
    made.setLayout(column(*parts, spacing=spacing, margin=margin))
    return made


def rule() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("rule", "true")
    made.setFixedHeight(1)
    return made


def row(*parts: QWidget | QLayout | int | None, spacing: int = 8, margin: int = 0) -> QHBoxLayout:
    """Parts side by side; None is a stretch, a number a gap in px."""
    made = QHBoxLayout()
    _fill(made, parts, spacing, margin)
    return made


def column(*parts: QWidget | QLayout | int | None, spacing: int = 8, margin: int = 0) -> QVBoxLayout:
    """Parts below each other; None is a stretch, a number a gap in px."""
    made = QVBoxLayout()
    _fill(made, parts, spacing, margin)
    return made


def holder(layout: QLayout) -> QWidget:
    """A bare widget around a layout."""
    made = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    made.setLayout(layout)
    return made


def clear(layout: QLayout) -> None:
    """Empties a layout and deletes what was in it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def restyle(widget: QWidget) -> None:
    """Lets the style sheet look again after a property changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def _fill(layout: QBoxLayout, parts: tuple[QWidget | QLayout | int | None, ...], spacing: int, margin: int) -> None:
    layout.setSpacing(theme.px(spacing))
    edge = theme.px(margin) if margin else 0
    layout.setContentsMargins(edge, edge, edge, edge)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(theme.px(part))
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
