"""Walking through the import as a person does: from the file to the step one wants to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.desk import DeskWorld
from welfare_desk.desktop.pages.import_people import CHANGES, CHECK, COLUMNS, RESULT, ImportPage
from welfare_desk.queries import people

MICE = {
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.Wheel,
}


def to_columns(world: DeskWorld, page: ImportPage, path: Path) -> None:
    """Opens a file; its columns are shown."""
    page.show_target(path=str(path))
    world.settle()
    assert page.wizard.index() == COLUMNS, page.wizard.banner.text()


def to_check(world: DeskWorld, page: ImportPage, path: Path) -> None:
    """Opens a file and has it checked with the columns as they were recognised."""
    to_columns(world, page, path)
    forward(world, page, CHECK)


def to_changes(world: DeskWorld, page: ImportPage, path: Path) -> None:
    """Goes on until what would change is shown."""
    to_check(world, page, path)
    forward(world, page, CHANGES)


def imported(world: DeskWorld, page: ImportPage, path: Path) -> None:
    """Imports a list; rows that need repair stay out."""
    to_changes(world, page, path)
    page.changes.without.setChecked(True)
    forward(world, page, RESULT)


def forward(world: DeskWorld, page: ImportPage, step: int) -> None:
    """Presses the button that leads on."""
    page.wizard.next.click()
    world.settle()
    assert page.wizard.index() == step, page.wizard.banner.text()


def everybody(world: DeskWorld) -> int:
    """How many people are in the directory."""
    count: int = world.desk.ctx.read(people.count_people)
    return count


def cells(page: ImportPage, at: int) -> list[str]:
    """What the grid shows in a row, the state first."""
    model = page.check.rows
    return [str(model.index(at, column).data() or "") for column in range(model.columnCount())]


def type_in(widget: Any, text: str, *, enter: bool = True) -> None:
    """Keys as from a keyboard, to whatever has the focus within a window."""
    if not text.isascii():
        compose(widget, text)
    else:
        for sign in text:  # the first one opens the cell, the others go to its field
            QTest.keyClicks(focus(widget), sign)
    if enter:
        QTest.keyClick(focus(widget), Qt.Key.Key_Return)


def compose(widget: Any, text: str) -> None:
    """Writes as an input method does: what is being composed first, then the text."""
    QApplication.sendEvent(focus(widget), QInputMethodEvent("pin yin", []))
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(focus(widget), event)


def key(widget: Any, code: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One key to whatever has the focus within a window."""
    QTest.keyClick(focus(widget), code, modifiers)


def focus(widget: Any) -> Any:
    """The widget that keys go to."""
    return QApplication.focusWidget() or widget.window().focusWidget() or widget


class NoMouse(QObject):
    """Remembers every touch of the mouse while it is installed on the application."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: list[str] = []

    def __enter__(self) -> Self:
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one in every test
        return self

    def __exit__(self, *_exc: object) -> None:
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]  # there is one in every test

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes a mouse event and lets it pass."""
        if event.type() in MICE:
            self.touched.append(f"{event.type().name} on {type(watched).__name__}")
        return False
