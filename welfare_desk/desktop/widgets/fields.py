"""Form rows: a label, a field, a hint, and the error in words right below the field it is about."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import label, restyle
from welfare_desk.i18n import error_text, language


class SecretEdit(QLineEdit):
    """A password field that forgets its undo history when it loses the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaves no earlier text to be undone to."""
        super().focusOutEvent(event)
        kept = self.text()
        self.setText(kept)


class Form(QWidget):
    """Named rows. `errors` come back by the field name a WelfareError carries."""

    changed = Signal(str)  # name of the field

    def __init__(self, *, width: int = 420) -> None:
        super().__init__()
        self._rows: dict[str, tuple[QWidget, QLabel]] = {}
        self._around: dict[str, QWidget] = {}
        self._width = width
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.px(12))

    def add(self, name: str, caption: str, field: QWidget, *, hint: str = "") -> QWidget:
        """Adds a row and returns its field."""
        title = label(caption, "strong")
        title.setBuddy(field)
        wrong = label("", "error", wrap=True)
        wrong.hide()
        around = QWidget()
        lines = QVBoxLayout(around)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(theme.px(4))
        if not isinstance(field, QCheckBox):
            lines.addWidget(title)
        field.setMaximumWidth(theme.px(self._width))
        if not field.accessibleName():
            field.setAccessibleName(caption)
        lines.addWidget(field)
        if hint:
            lines.addWidget(label(hint, "caption", wrap=True))
            field.setAccessibleDescription(hint)
        lines.addWidget(wrong)
        self._layout.addWidget(around)
        self._around[name] = around
        self._rows[name] = (field, wrong)
        _watch(field, lambda: self._touched(name))
        return field

    def add_line(self, name: str, caption: str, value: str = "", *, hint: str = "", secret: bool = False) -> QLineEdit:
        """Adds a one-line text field."""
        field = SecretEdit() if secret else QLineEdit()
        field.setText(value)
        self.add(name, caption, field, hint=hint)
        return field

    def add_choice(
        self, name: str, caption: str, choices: list[tuple[Any, str]], value: Any = None, *, hint: str = ""
    ) -> QComboBox:
        """Adds a choice of (value, text) pairs."""
        field = QComboBox()
        for key, text in choices:
            field.addItem(text, key)
        found = field.findData(value)
        field.setCurrentIndex(max(0, found))
        self.add(name, caption, field, hint=hint)
        return field

    def field(self, name: str) -> QWidget:
        """The field of a row."""
        return self._rows[name][0]

    def show_row(self, name: str, *, shown: bool) -> None:
        """Shows or hides a whole row."""
        self._around[name].setVisible(shown)

    def values(self) -> dict[str, Any]:
        """What stands in every field: text (blanks cut at both ends), number, choice, bool or QDateTime."""
        return {name: read(field) for name, (field, _wrong) in self._rows.items()}

    def set_error(self, name: str, text: str) -> None:
        """Marks a field and says below it what is wrong; "" takes the mark away."""
        field, wrong = self._rows[name]
        wrong.setText(text)
        wrong.setVisible(bool(text))
        field.setProperty("invalid", "true" if text else "false")
        restyle(field)

    def clear_errors(self) -> None:
        """Takes every mark away."""
        for name in self._rows:
            self.set_error(name, "")

    def show_error(self, error: Exception) -> bool:
        """Shows a WelfareError at the field it names and puts the cursor there; False if no field here is meant."""
        name = getattr(error, "field", None)
        if not isinstance(name, str) or name not in self._rows:
            return False
        self.set_error(name, error_text(language(), error))
        self._rows[name][0].setFocus()
        return True

    def _touched(self, name: str) -> None:
        if self._rows[name][1].text():
            self.set_error(name, "")
        self.changed.emit(name)


def read(field: QWidget) -> Any:
    """What stands in one field."""
    if isinstance(field, SecretEdit):
        return field.text()
    if isinstance(field, QLineEdit):
        return field.text().strip()
    if isinstance(field, QPlainTextEdit):
        return field.toPlainText().strip()
    if isinstance(field, QComboBox):
        return field.currentText().strip() if field.isEditable() else field.currentData()
    if isinstance(field, QSpinBox):
        return field.value()
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QDateTimeEdit):
        return QDateTime(field.dateTime())
    return None


def choose(field: QWidget, value: Any) -> None:
    """Puts a value into a field."""
    if isinstance(field, QLineEdit):
        field.setText(str(value))
    elif isinstance(field, QPlainTextEdit):
        field.setPlainText(str(value))
    elif isinstance(field, QComboBox):
        field.setCurrentIndex(max(0, field.findData(value)))
    elif isinstance(field, QSpinBox):
        field.setValue(int(value))
    elif isinstance(field, QCheckBox):
        field.setChecked(bool(value))
    elif isinstance(field, QDateTimeEdit):
        field.setDateTime(value)


def _watch(field: QWidget, touched: Any) -> None:
    if isinstance(field, QLineEdit | QPlainTextEdit):
        field.textChanged.connect(touched)
    elif isinstance(field, QComboBox):
        field.currentTextChanged.connect(touched)
    elif isinstance(field, QSpinBox):
        field.valueChanged.connect(touched)
    elif isinstance(field, QCheckBox):
        field.toggled.connect(touched)
    elif isinstance(field, QDateTimeEdit):
        field.dateTimeChanged.connect(touched)
