"""Pictures of the desk's frame: first run, unlock, today, settings, claim service, help, banners and dialogs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QWidget

from tests.support.looks import problems
from tests.support.window import application, doors, turn, until
from welfare_desk.desktop.application import Application
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import Confirm
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages.service import ServicePage
from welfare_desk.desktop.pages.today import TodayPage
from welfare_desk.desktop.pages.welcome import WelcomePage
from welfare_desk.desktop.watch import Watch
from welfare_desk.desktop.widgets.fields import choose
from welfare_desk.i18n import _
from welfare_desk.settings import save_machine

T = TypeVar("T")
PASSWORD = "correct horse"
PAGES = ("people", "shelf", "purchasing", "campaigns", "dashboard", "settings")


class Camera:
    """Saves pictures and collects what is wrong in them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.problems: list[str] = []

    def take(self, name: str, widget: QWidget) -> None:
        """One picture, after the window has come to rest."""
        for _round in range(3):
            turn()
        widget.grab().save(str(self.out / f"{name}.png"))
        self.problems += [f"{name}: {problem}" for problem in problems(widget)]


def shoot(out: Path, language: str, theme: str) -> list[str]:
    """Every screen of the frame in one language and theme."""
    camera = Camera(out)
    save_machine(Path.cwd(), window_language=language, theme=theme)  # the demo looks as the folder it lies in
    for folder, shots in ((Path("fresh"), first_run), (Path("demo"), demo)):
        folder.mkdir()
        save_machine(folder, window_language=language, theme=theme)
        shots(camera, folder)
    return camera.problems


def first_run(camera: Camera, folder: Path) -> None:
    """Welcome, what is missing, recovery key, the empty desk, unlock, recovery."""
    with application(doors(folder.resolve())) as app:
        page = found(app.shell.findChild(WelcomePage))
        camera.take("welcome", app.shell)
        page.questions.start.click()
        page.questions.shared.setChecked(True)
        camera.take("welcome-missing", app.shell)
        page.questions.here.setChecked(True)
        answers = {"company_name": "晨光科技有限公司", "hr_contact": "王芳 010-8888 6666"}
        for name, text in {**answers, "password": PASSWORD, "again": PASSWORD}.items():
            choose(page.questions.form.field(name), text)
        page.questions.start.click()
        until(lambda: page.stack.currentWidget() is page.recovery, 60)
        camera.take("recovery-key", app.shell)
        page.recovery.kept.setChecked(True)
        page.recovery.go_on.click()
        window, _desk, watch = desk_of(app)
        camera.take("today-empty", app.shell)
        settle(app, lambda: watch.service.view.state == "running")
        window.show_page("service")
        service = window.page("service")
        assert isinstance(service, ServicePage)
        settle(app, lambda: "/T/" in service.test_url.text())
        camera.take("service", app.shell)
        watch.service.stop()
        settle(app, lambda: watch.service.view.state == "stopped")
        camera.take("service-stopped", app.shell)
        app.lock()
        camera.take("unlock", app.shell)
        app.show_recovery()
        camera.take("recovery", app.shell)


def demo(camera: Camera, folder: Path) -> None:
    """Every section on demo data, and what lies above pages."""
    with application(doors(folder.resolve(), demo=True)) as app:
        window, desk, _watch = desk_of(app)
        today = window.page("today")
        assert isinstance(today, TodayPage)
        settle(app, lambda: today.claimed.value() != "–")
        camera.take("today", app.shell)
        for name in PAGES:
            window.show_page(name)
            rest(app)
            camera.take(name, app.shell)
        window.show_page("today")
        window.show_help()
        camera.take("help", app.shell)
        window.drawer.close_drawer()
        desk.toast(_("Saved"), _("Cancel"))
        window.say_problem(OSError("x"))
        camera.take("toast", app.shell)
        text = _("The demo data folder is deleted and the window starts anew.")
        dialog = Confirm(window, _("Delete the demo data?"), text, _("Delete"), danger=True, typed="1283")
        dialog.show()
        camera.take("confirm", dialog)
        dialog.reject()
        save_machine(folder, scale=150)
        app.rebuild()
        rest(app)
        camera.take("today-150", app.shell)


def desk_of(app: Application) -> tuple[MainWindow, Desk, Watch]:
    """Waits until the desk is there."""
    until(lambda: app.window, 120, "the desk")
    rest(app)
    return found(app.window), found(app.desk), found(app.watch)


def found(value: T | None) -> T:
    """The value, which is there."""
    assert value is not None
    return value


def settle(app: Application, ready: Callable[[], object]) -> None:
    """Waits for a condition and for the data behind the page."""
    until(ready, 30)
    rest(app)


def rest(app: Application) -> None:
    """Waits until nothing is being read."""
    turn()
    background = app.background
    until(lambda: not background.pending(), 30, "background at rest")
    turn()
