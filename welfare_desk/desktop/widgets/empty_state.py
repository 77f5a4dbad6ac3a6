"""What a list says when it is empty: one sentence of benefit and one primary button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import icon_label, label, primary, row


class EmptyState(QWidget):
    """Never used (with an action) and nothing found (with "clear the filter" as action) use the same shape."""

    def __init__(
        self, icon: str, sentence: str, action: str = "", run: Callable[[], object] | None = None, *others: QPushButton
    ) -> None:
        super().__init__()
        words = label(sentence, "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setFixedWidth(theme.px(420))
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(16))
        layout.addStretch(2)
        layout.addWidget(icon_label(icon, "muted", 40), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(row(None, words, None))  # a row, so that the height follows the wrapped text
        self.words = words
        self.action = primary(action, run) if action else None
        if self.action is not None:
            layout.addLayout(row(None, self.action, *others, None))
        layout.addStretch(3)
