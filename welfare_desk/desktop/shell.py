"""The first window: unlock, or a quiet skeleton, painted before anything else of the product is loaded.

Imports only PySide6, i18n, settings and theme, and does without the namespace `Qt`, which alone takes 13 ms. `run`
shows the window, calls `load` in a thread (it imports the rest) and hands what `load` returned over to the GUI thread;
the window stays the same one from the first pixel to the last.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QLocale, QObject, QSettings, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from welfare_desk import i18n
from welfare_desk.desktop import theme
from welfare_desk.i18n import _
from welfare_desk.settings import machine

MINIMUM = (1100, 640)
Start = Callable[["Shell"], Any]


class UnlockForm(QFrame):
    """The password, and what was wrong with it. It can be typed while the program still loads."""

    given = Signal(str)
    recovery_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.setFixedWidth(theme.px(380))
        self._ready, self._pressed = False, False
        title = _plain(_("Unlock Welfare Desk"), "title")
        self.note = _plain("", "muted")
        self.note.hide()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(_("Administrator password"))
        self.password.setAccessibleName(_("Administrator password"))
        self.wrong = _plain("", "error")
        self.wrong.hide()
        self.button = QPushButton(_("Unlock"))
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        self.forgot = QPushButton(_("Forgotten? Use the recovery key"))
        self.forgot.setProperty("kind", "quiet")
        self.forgot.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(32),) * 4)
        layout.setSpacing(theme.px(12))
        for part in (title, self.note, self.password, self.wrong, self.button, self.forgot):
            layout.addWidget(part)
        self.button.clicked.connect(self._press)
        self.password.returnPressed.connect(self._press)
        self.forgot.clicked.connect(self.recovery_asked)

    def set_ready(self) -> None:
        """The program is loaded; a password given meanwhile is used now."""
        self._ready = True
        if self._pressed:
            self._press()

    def set_busy(self, text: str = "") -> None:
        """While the desk opens, the form waits and says so; "" lets it be used again."""
        self.password.setEnabled(not text)
        self.button.setEnabled(not text)
        self.button.setText(text or _("Unlock"))

    def complain(self, text: str) -> None:
        """Says what was wrong and takes another password."""
        self.set_busy()
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))
        self.password.selectAll()
        self.password.setFocus()

    def _press(self) -> None:
        if not self.password.text():
            self.password.setFocus()
            return
        self.wrong.hide()
        self._pressed = True
        self.set_busy(_("Opening …"))
        if self._ready:
            self._pressed = False
            self.given.emit(self.password.text())


class Shell(QMainWindow):
    """The one top-level window. Its content changes: skeleton, unlock, welcome, then the desk itself."""

    closing = Signal(QCloseEvent)  # the desk decides; nobody listening means: close

    def __init__(self, preferences: QSettings) -> None:
        super().__init__()
        self.preferences = preferences
        self.guarded = False  # True once the desk listens to `closing`
        self.setWindowTitle("Welfare Desk")
        self.setMinimumSize(min(MINIMUM[0], theme.px(1100)), MINIMUM[1])
        self.resize(1280, 728)
        saved = preferences.value("window/geometry")
        if isinstance(saved, QByteArray):
            self.restoreGeometry(saved)

    def show_centred(self, inner: QWidget) -> None:
        """Shows one card in the middle of the empty window."""
        ground = QFrame()
        ground.setObjectName("backdrop")
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inner)
        across.addStretch(1)
        down = QVBoxLayout(ground)
        down.addStretch(2)
        down.addLayout(across)
        down.addStretch(3)
        around = QScrollArea()
        around.setFrameShape(QFrame.Shape.NoFrame)
        around.setWidgetResizable(True)
        around.setWidget(ground)
        self.setCentralWidget(around)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remembers where it stood; the desk may keep it open."""
        self.preferences.setValue("window/geometry", self.saveGeometry())
        if self.guarded:
            self.closing.emit(event)
        else:
            event.accept()


class Loader(QObject):
    """Loads the rest of the program in a thread and tells the GUI thread."""

    loaded = Signal(object)
    failed = Signal(object)

    def __init__(self, load: Callable[[], Start]) -> None:
        super().__init__()
        self._load = load
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)

    def start(self) -> None:
        """Begins loading."""
        self._thread.start()

    def _run(self) -> None:
        try:
            self.loaded.emit(self._load())
        except Exception as error:  # noqa: BLE001 - shown in the window, there is no other place yet
            self.failed.emit(error)


class Opening(QObject):
    """From the first paint to the moment the desk takes over."""

    ready = Signal()  # everything is loaded and the form can be used

    def __init__(self, shell: Shell, load: Callable[[], Start], form: UnlockForm | None, begun: float) -> None:
        super().__init__(shell)
        self.shell, self.form, self.begun = shell, form, begun
        self.desk: Any = None
        self.painted_s = 0.0
        self.ready_s = 0.0
        self._loader = Loader(load)
        self._loader.loaded.connect(self._take_over)
        self._loader.failed.connect(self._complain)
        shell.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begins to load right after the first paint."""
        if event.type() == QEvent.Type.Paint and not self.painted_s:
            self.painted_s = time.perf_counter() - self.begun
            self.shell.removeEventFilter(self)
            QTimer.singleShot(0, self._begin)
        return super().eventFilter(watched, event)

    @Slot()
    def _begin(self) -> None:
        self._loader.start()
        self.shell.setWindowIcon(QIcon(str(i18n.RESOURCES / "icons" / "app.svg")))

    @Slot(object)
    def _take_over(self, start: Start) -> None:
        self.desk = start(self.shell)
        self.ready_s = time.perf_counter() - self.begun
        if self.form is not None:
            self.form.set_ready()
        self.ready.emit()

    @Slot(object)
    def _complain(self, error: Exception) -> None:
        words = _plain(i18n.error_text(i18n.language(), error), "section")
        words.setWordWrap(True)
        words.setFixedWidth(theme.px(520))
        self.shell.show_centred(words)


def run(
    argv: list[str],
    *,
    data: Path,
    prepared: bool,
    load: Callable[[], Start],
    opened: Callable[[Opening], object] | None = None,
) -> int:
    """Shows the window and runs until it is quit; returns the exit status.

    `load` runs in a thread and returns `start(shell)`. `opened` gets the Opening before the loop runs (benchmarks).
    """
    begun = time.perf_counter()
    app = application(argv, data)
    shell = Shell(preferences(data))
    form = UnlockForm() if prepared else None
    if form is not None:
        shell.show_centred(form)
        shell.setProperty("unlock", form)
    else:
        shell.show_centred(_plain(_("Welcome to Welfare Desk"), "title"))
    opening = Opening(shell, load, form, begun)
    shell.show()
    if form is not None:
        form.password.setFocus()
    if opened is not None:
        opened(opening)
    _end_on_signals(app)
    return int(app.exec())


def application(argv: list[str], data: Path) -> QApplication:
    """The QApplication in the language, theme and scale this computer remembers."""
    known = machine(data)
    i18n.set_language(str(known["window_language"]) or QLocale.system().name())
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([sys.argv[0], *argv])
    app.setApplicationName("welfare-desk")
    app.setApplicationDisplayName("Welfare Desk")
    app.setDesktopFileName("welfare-desk")
    app.setQuitOnLastWindowClosed(True)
    # What "as the system" means takes 13 ms to ask: the first picture uses what it meant last time.
    mode = str(known["theme"])
    last = str(preferences(data).value("window/theme", "light"))
    theme.apply(app, last if mode == "system" else mode, int(known["scale"]))
    return app


def looks_prepared(data: Path) -> bool:
    """Whether a first run seems to have happened here; what is loaded later looks closer."""
    return (data / "keys").exists() or bool(machine(data)["database"])


def preferences(data: Path) -> QSettings:
    """What only this window remembers (sizes, column widths), in the data folder."""
    return QSettings(str(data / "window.ini"), QSettings.Format.IniFormat)


def _end_on_signals(app: QApplication) -> None:
    """Ctrl+C and a service manager's SIGTERM end the window properly."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        # exit, not quit: quit would ask the window first, and the window would ask the person
        signal.signal(number, lambda *_args: app.exit(0))
    ticking = QTimer(app)
    ticking.start(500)
    ticking.timeout.connect(lambda: None)  # lets Python see a signal while Qt waits


def _plain(text: str, role: str) -> QLabel:
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(role in ("error", "muted"))
    return made
