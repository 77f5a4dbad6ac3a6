"""The window that shooters picture: opened on a desk of its own, closed afterwards, with one way to take a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.support import looks
from tests.support.desk import DeskWorld, open_desk, turn_events
from welfare_desk.desktop import theme as themes
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.i18n import set_language

SIZE = (1366, 728)
Shot = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """`shot(name)` saves what the window shows and adds to `problems` what cannot be read."""

    desk: DeskWorld
    window: MainWindow
    shot: Shot
    problems: list[str]


@contextmanager
def stage(
    out: Path, language: str, theme: str, *, size: tuple[int, int] = SIZE, patience_s: float = 60
) -> Iterator[Stage]:
    """A window on an empty desk. `patience_s`: how long it may take to come to rest before a picture."""
    app = QApplication.instance() or QApplication(["shots"])
    assert isinstance(app, QApplication)
    set_language(language)
    themes.apply(app, theme)
    problems: list[str] = []
    with open_desk(Path("data"), real_clock=True) as desk:
        window = MainWindow(desk.desk)
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.resize(*size)
        window.show()
        desk.desk.problem.connect(lambda error: problems.append(f"error on screen: {error!r}"))

        def shot(name: str) -> None:
            desk.settle(patience_s)
            window.grab().save(str(out / f"{name}.png"))
            problems.extend(f"{name}: {problem}" for problem in looks.problems(window))

        yield Stage(desk, window, shot, problems)
        window.close()
        window.deleteLater()
        turn_events()
