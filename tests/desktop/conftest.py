"""What the window's tests share: a look, background work without a database, a desk around both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from welfare_desk import i18n
from welfare_desk.context import SystemClock
from welfare_desk.desktop import theme
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.desk import Desk


class PlainContext:
    """A context without a database: queries get None for a session."""

    def __init__(self, data: Path) -> None:
        self.data, self.operator, self.clock = data, "admin", SystemClock()

    def read(self, query: Any, **kw: Any) -> Any:
        """Calls the query."""
        return query(None, **kw)

    def write(self, service: Any, **kw: Any) -> Any:
        """Calls the service."""
        return service(self, None, **kw)


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    """English and light, whatever the test before left."""
    i18n.set_language("en")
    theme.apply(qapp, "light", 100)
    yield
    i18n.set_language("zh_CN")


@pytest.fixture
def background(qtbot: QtBot, tmp_path: Path) -> Iterator[Background]:
    """Background work on a plain context; leaves no thread."""
    made = Background(PlainContext(tmp_path))  # type: ignore[arg-type]
    yield made
    assert made.close()


@pytest.fixture
def desk(background: Background, tmp_path: Path) -> Desk:
    """A desk without a service."""
    return Desk(background, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
