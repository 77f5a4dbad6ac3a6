"""One line across a page that says what is wrong and offers the way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.widgets.basic import button, icon_label, label, restyle

ICONS = {"info": "info", "ok": "ok", "warn": "warn", "bad": "bad"}


class Banner(QFrame):
    """Tones: info, ok, warn, bad. Hidden until `say`; `say("")` hides it again."""

    def __init__(self, tone: str = "info") -> None:
        super().__init__()
        self._run: Callable[[], object] | None = None
        self._icon = icon_label("info", "info_fg")
        self._words = label("", wrap=True)
        self._button = button("", self._pressed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(theme.px(edge) for edge in (12, 8, 8, 8)))
        layout.setSpacing(theme.px(12))
        layout.addWidget(self._icon)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._button)
        self._tone(tone)
        self.hide()

    @property
    def action(self) -> QPushButton:
        """The button; hidden when there is nothing to press."""
        return self._button

    def text(self) -> str:
        """What it says now."""
        return self._words.text()

    def say(self, text: str, tone: str = "info", action: str = "", run: Callable[[], object] | None = None) -> None:
        """Shows a sentence, with one button if `action` is given."""
        self._words.setText(text)
        self.setAccessibleName(text)
        self._run = run
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._tone(tone)
        self.setVisible(bool(text))

    def _tone(self, tone: str) -> None:
        self.setProperty("banner", tone)
        self._icon.setPixmap(icons.pixmap(ICONS[tone], f"{tone}_fg"))
        restyle(self)
        restyle(self._words)

    def _pressed(self) -> None:
        if self._run is not None:
            self._run()
