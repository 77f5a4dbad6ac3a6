"""From the first window to the desk and back: unlock, welcome, demo, lock, close to the tray, quit."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from welfare_desk.context import AppContext
from welfare_desk.desktop import crash_log, qt_words, theme
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.doors import DEMO_FOLDER, DEMO_PASSWORD, Doors
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages.unlock import Recovery, Unlock
from welfare_desk.desktop.pages.welcome import WelcomePage
from welfare_desk.desktop.self_check import SelfCheck
from welfare_desk.desktop.service_child import ServiceView
from welfare_desk.desktop.shell import Shell, UnlockForm
from welfare_desk.desktop.tray import goes_on
from welfare_desk.desktop.watch import Watch
from welfare_desk.desktop.widgets.basic import button, card, label, row
from welfare_desk.i18n import _, error_text, language, set_language
from welfare_desk.settings import KEYS, machine, save_machine

SYSTEM_LOOK = "window/theme"


class Application(QObject):
    """Owns everything that outlives a page: background work, the service child, tray and sleep guard."""

    def __init__(self, shell: Shell, doors: Doors) -> None:
        super().__init__(shell)
        self.shell, self.doors = shell, doors
        self.background = Background(parent=self)
        self.desk: Desk | None = None
        self.window: MainWindow | None = None
        self.watch: Watch | None = None
        self._quitting = False
        self._locked: MainWindow | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setQuitOnLastWindowClosed(False)
            app.aboutToQuit.connect(self.shut_down)
            app.commitDataRequest.connect(self._session_ends)
            app.styleHints().colorSchemeChanged.connect(self._system_look)
        shell.guarded = True
        shell.closing.connect(self._close)
        self._apply_look()

    def begin(self) -> None:
        """Shows what comes first: demo, unlock or welcome."""
        doors = self.doors
        if doors.demo:
            self.open_demo()
        elif doors.is_prepared(doors.data, doors.database):
            self.show_unlock()
        else:
            self.show_welcome()

    def show_unlock(self) -> None:
        """Asks for the password, in the form the shell already painted if there is one."""
        form = self.shell.property("unlock")
        if not isinstance(form, UnlockForm):
            form = UnlockForm()
            self.shell.show_centred(form)
        self.shell.setProperty("unlock", None)
        unlock = Unlock(form, self.doors, self.background, form)
        unlock.opened.connect(self.open_desk)
        unlock.recovery_asked.connect(self.show_recovery)
        unlock.unprepared.connect(self.show_welcome)
        form.set_ready()
        form.password.setFocus()
        if self.doors.self_check:
            SelfCheck(self.doors.self_check, self._self_look, self.end, self)
            form.password.setText(os.environ.get("WELFARE_DESK_PASSWORD", ""))
            form.button.click()

    def show_recovery(self) -> None:
        """Recovery key and new password."""
        page = Recovery(self.doors, self.background)
        page.done.connect(self.show_unlock)
        page.cancelled.connect(self.show_unlock)
        self.shell.show_centred(page)

    def show_welcome(self) -> None:
        """The first run."""
        page = WelcomePage(self.doors, self.background)
        page.ready.connect(self._set_up)
        page.demo_asked.connect(self._start_demo)
        page.language_chosen.connect(self._welcome_language)
        self.shell.show_centred(page)

    def open_demo(self) -> None:
        """Makes the demo data if it is missing and opens it without asking anything."""
        self.shell.show_centred(label(_("Preparing the demo data …"), "section"))
        self.background.call(self._demo_context, self._demo_opened, self._failed)

    def open_desk(self, ctx: AppContext, password: str) -> None:
        """The desk is unlocked: starts service and watch, shows the window."""
        self.background.attach(ctx)
        self.desk = Desk(self.background, self.shell.preferences, demo=self.doors.demo, parent=self)
        self.watch = Watch(self.desk, self.doors.service_command(self.doors.data), self.doors.database, self)
        self.watch.open_asked.connect(self._open_window)
        self.watch.quit_asked.connect(self.quit)
        self.desk.look_changed.connect(self._look_changed)
        self.desk.demo_dropped.connect(self._drop_demo)
        if self.doors.with_service and (self.doors.data / KEYS).exists():
            self.watch.service.start(password)
        self.rebuild()

    def rebuild(self) -> None:
        """Builds the window anew in the language, theme and scale in force."""
        if self.desk is None:
            return
        self._apply_look()
        before = self.window.current if self.window is not None else "today"
        window = MainWindow(self.desk)
        window.look_asked.connect(self._look)
        window.lock_asked.connect(self.lock)
        window.quit_asked.connect(self.quit)
        self.window = window
        self.shell.setCentralWidget(window)
        window.show_page(before)

    def lock(self) -> None:
        """Asks for the password again; the service goes on."""
        if self.desk is None or self.doors.demo:
            return
        self._locked, self.window = self.window, None
        self.shell.takeCentralWidget()  # what was being done there goes on, unseen
        form = UnlockForm()
        self.shell.show_centred(form)
        unlock = Unlock(form, self.doors, self.background, form)
        unlock.opened.connect(self._unlocked)
        form.set_ready()
        form.password.setFocus()

    def quit(self) -> None:
        """Asks when people still want to claim or work would be lost, then ends everything."""
        if not self._may_close(_("Quit Welfare Desk?"), _("Quit")):
            return
        waiting = self.watch.waiting if self.watch is not None else 0
        running = self.watch is not None and self.watch.service.pid() != 0
        text = _("The claim service stops with it; {n} people have not claimed yet.", n=f"{waiting:,}")
        if running and waiting and not confirm(self.shell, _("Quit Welfare Desk?"), text, _("Quit"), danger=True):
            return
        self.end()

    def _may_close(self, title: str, act: str) -> bool:
        """Whether nothing would be lost with the window, or somebody said that it may."""
        window = self.window or self._locked
        unsaved = window.unsaved() if window is not None else ""
        return not unsaved or confirm(self.shell, title, unsaved, act)

    def end(self, status: int = 0) -> None:
        """Ends without asking."""
        self._quitting = True
        QApplication.exit(status)

    def shut_down(self) -> None:
        """Stops the service, the guard and every thread."""
        self.shell.guarded = False
        if self.watch is not None:
            self.watch.shut_down()
        self.background.close()
        if self.desk is not None:
            self.desk.ctx.engine.dispose()

    def _session_ends(self, *_manager: object) -> None:
        self._quitting = True  # the person logs off: no tray, no question

    def _self_look(self) -> dict[str, object]:
        view = self.watch.service.view if self.watch is not None else ServiceView()
        address = view.addresses[0] if view.state == "running" and view.addresses else None
        window = self.window is not None and self.window.isVisible()
        return {"window": window, "service": address, "why": view.why}

    def _close(self, event: QCloseEvent) -> None:
        if self._quitting or self.watch is None or not self.watch.service.pid():
            if not self._quitting and not self._may_close(_("Quit Welfare Desk?"), _("Quit")):
                event.ignore()
                return
            event.accept()
            QApplication.exit(0)
            return
        event.ignore()
        if self.watch.to_tray(goes_on(self.watch.waiting)):
            self.shell.hide()
        else:
            self.quit()

    def _open_window(self) -> None:
        self.shell.showNormal()
        self.shell.raise_()
        self.shell.activateWindow()

    def _unlocked(self, ctx: AppContext, _password: str) -> None:
        before = self.background.ctx
        self.background.attach(ctx)
        before.engine.dispose()
        self.window, self._locked = self._locked, None
        if self.window is not None and ctx.operator == before.operator:  # nobody sees what another one was doing
            self.shell.setCentralWidget(self.window)
            self.window.show()
            self.window.refresh()
        else:
            self.rebuild()

    def _set_up(self, password: str, database: str) -> None:
        self.doors = replace(self.doors, database=database or self.doors.database)
        doors = self.doors
        self.background.call(
            lambda: (doors.open_desk(doors.data, doors.database, doors.operator, password), password),
            self._set_up_done, self._failed,
        )  # fmt: skip

    def _set_up_done(self, opened: tuple[AppContext, str]) -> None:
        self.open_desk(*opened)

    def _start_demo(self) -> None:
        self.doors = replace(self.doors, data=self.doors.data / DEMO_FOLDER, database=None, demo=True)
        self.open_demo()

    def _demo_context(self) -> AppContext:
        doors = self.doors
        fresh = not doors.is_prepared(doors.data, None)
        if fresh:
            shared = {"demo": True, "language": language()}
            known = machine(doors.data.parent)
            doors.prepare(data=doors.data, database=None, password=DEMO_PASSWORD, shared=shared)
            save_machine(doors.data, window_language=language(), theme=known["theme"], scale=known["scale"])
        ctx = doors.open_desk(doors.data, None, None, DEMO_PASSWORD)
        if fresh:
            doors.fill_demo(ctx, DEMO_PASSWORD)
        return ctx

    def _demo_opened(self, ctx: AppContext) -> None:
        self.open_desk(ctx, DEMO_PASSWORD)

    def _drop_demo(self) -> None:
        if self.desk is None or self.watch is None or not self.doors.demo:
            return
        self.watch.shut_down()
        self.watch.deleteLater()
        self.watch = None
        self.desk.ctx.engine.dispose()
        self.desk, self.window = None, None
        shutil.rmtree(self.doors.data, ignore_errors=True)
        if self.doors.data.name == DEMO_FOLDER:
            self.doors = replace(self.doors, data=self.doors.data.parent, demo=False)
        self.begin()

    def tell(self, error: Exception) -> None:
        """Shows an error where there is a place for it."""
        if self.window is not None:
            self.window.say_problem(error)
        else:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        words = label(error_text(language(), error), "section", wrap=True)
        words.setMinimumWidth(theme.px(480))
        self.shell.show_centred(card(words, row(None, button(_("Back"), self._begin_again)), spacing=24, margin=32))

    def _begin_again(self) -> None:
        if self.doors.demo and self.doors.data.name == DEMO_FOLDER:
            self.doors = replace(self.doors, data=self.doors.data.parent, demo=False)
        self.begin()

    def _look(self, setting: str, value: object) -> None:
        if self._may_close(_("Show the window anew?"), _("Show it anew")):
            save_machine(self.doors.data, **{setting: value})
            self.rebuild()

    def _look_changed(self) -> None:
        if self._may_close(_("Show the window anew?"), _("Show it anew")):
            self.rebuild()

    def _welcome_language(self, chosen: str) -> None:
        set_language(chosen)
        with suppress(OSError):  # a folder that cannot be written is said when it is set up
            self.doors.data.mkdir(parents=True, exist_ok=True)
            save_machine(self.doors.data, window_language=chosen)
        self.show_welcome()

    def _system_look(self) -> None:
        if self.window is not None and self.window.unsaved():  # it follows the system again with the next switch
            return
        before = theme.tokens()
        self._apply_look()
        if theme.tokens() is not before:
            self.rebuild()

    def _apply_look(self) -> None:
        app = QApplication.instance()
        known = machine(self.doors.data)
        if str(known["window_language"]):
            set_language(str(known["window_language"]))
        if isinstance(app, QApplication):
            qt_words.speak(app, language())
            found = theme.apply(app, str(known["theme"]), int(known["scale"]))
            self.shell.preferences.setValue(SYSTEM_LOOK, found.name)


def start(shell: Shell, doors: Doors) -> Application:
    """Takes over from the shell."""
    made = Application(shell, doors)
    crash_log.write_to(doors.data)
    crash_log.install(made.tell)
    made.begin()
    return made
