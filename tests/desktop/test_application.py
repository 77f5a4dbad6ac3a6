"""The window as a whole: first run, unlock, service child, closing to the tray, demo, languages, names, keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support.waiting import wait_until
from tests.support.window import application, doors, turn, until
from welfare_desk.desktop import application as application_module
from welfare_desk.desktop import crash_log
from welfare_desk.desktop.application import Application
from welfare_desk.desktop.help import shortcuts
from welfare_desk.desktop.page_table import PAGES
from welfare_desk.desktop.pages.import_people import COLUMNS
from welfare_desk.desktop.pages.today import TodayPage
from welfare_desk.desktop.pages.unlock import Recovery
from welfare_desk.desktop.pages.welcome import WelcomePage
from welfare_desk.desktop.shell import UnlockForm
from welfare_desk.i18n import language
from welfare_desk.queries import settings as settings_queries
from welfare_desk.services import setup
from welfare_desk.settings import machine, save_machine

PASSWORD = "correct horse"
pytestmark = pytest.mark.usefixtures("qtbot")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One data folder that was set up, and its recovery key; tests copy nothing, they only read or change language."""
    folder = tmp_path_factory.mktemp("prepared")
    made = setup.prepare(data=folder, database=None, password=PASSWORD, shared={"company_name": "晨光科技"})
    save_machine(folder, window_language="en", theme="light", port=0)
    return {"folder": folder, "recovery": made.recovery_key}


@pytest.fixture
def desk(prepared: dict[str, Any]) -> Iterator[Application]:
    """An unlocked desk without a service."""
    with application(doors(prepared["folder"], with_service=False)) as app:
        unlock(app, PASSWORD)
        until(lambda: app.window)
        yield app


def unlock(app: Application, password: str) -> UnlockForm:
    form = app.shell.findChild(UnlockForm)
    assert form is not None
    form.password.setText(password)
    form.button.click()
    return form


def test_the_first_run_asks_makes_keys_and_opens(tmp_path: Path) -> None:
    save_machine(tmp_path, window_language="en", theme="light")
    with application(doors(tmp_path, with_service=False)) as app:
        page = app.shell.findChild(WelcomePage)
        assert page is not None
        page.questions.start.click()
        assert page.questions.form._rows["company_name"][1].text() == "Please fill this in."
        answers = {"company_name": "晨光科技", "hr_contact": "王芳", "password": PASSWORD, "again": "another"}
        fill(page, answers)
        page.questions.start.click()
        assert page.questions.form._rows["again"][1].text() == "The two passwords differ."
        fill(page, {"again": PASSWORD})
        page.questions.start.click()
        until(lambda: page.stack.currentWidget() is page.recovery, 60)
        key = page.recovery.key.text()
        assert len(key.replace("-", "")) >= 20
        assert not page.recovery.go_on.isEnabled()
        page.recovery._write(tmp_path / "key.txt", "\n".join(page.recovery._lines()))
        assert key in (tmp_path / "key.txt").read_text(encoding="utf-8")
        page.recovery.kept.setChecked(True)
        page.recovery.go_on.click()
        until(lambda: app.window, 30)
        assert app.desk is not None
        shared = app.desk.ctx.read(settings_queries.shared)
        assert (shared["company_name"], shared["hr_contact"]) == ("晨光科技", "王芳")
        assert key not in "".join(found.read_text(errors="replace") for found in tmp_path.glob("*.json"))


def fill(page: WelcomePage, answers: dict[str, str]) -> None:
    for name, text in answers.items():
        page.questions.form.field(name).setText(text)  # type: ignore[attr-defined]


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    save_machine(tmp_path, window_language="en")
    with application(doors(tmp_path, with_service=False)) as app:
        page = app.shell.findChild(WelcomePage)
        assert page is not None
        page.questions.shared.setChecked(True)
        page.questions.url.setText("postgresql+psycopg://nobody@127.0.0.1:1/none")
        page.questions.check.click()
        until(
            lambda: page.questions.banner.property("banner") == "bad" or page.questions.form._rows["database"][1].text()
        )
        assert not list(tmp_path.glob("*.db"))


def test_a_second_desk_joins_the_shared_data(prepared: dict[str, Any], tmp_path: Path) -> None:
    save_machine(tmp_path, window_language="en")
    url = f"sqlite+pysqlite:///{prepared['folder'] / 'welfare.db'}"
    pinned = machine(prepared["folder"])["pinned_intake_key"]
    with application(doors(tmp_path)) as app:
        page = app.shell.findChild(WelcomePage)
        assert page is not None
        page.questions.shared.setChecked(True)
        page.questions.url.setText(url)
        page.questions.check.click()
        until(lambda: page.questions.joining)
        assert pinned in page.questions.banner.text()
        assert not page.questions.form.field("company_name").isVisible()
        fill(page, {"password": PASSWORD})
        page.questions.start.click()
        until(lambda: app.window, 30)
        assert app.watch is not None
        assert app.watch.service.pid() == 0
        assert not (tmp_path / "keys").exists()
    assert machine(tmp_path)["database"] == url
    assert machine(tmp_path)["pinned_intake_key"] == pinned


def test_a_wrong_password_is_counted_and_the_recovery_key_offered(prepared: dict[str, Any]) -> None:
    with application(doors(prepared["folder"], with_service=False)) as app:
        form = unlock(app, "wrong")
        until(lambda: "1 wrong try" in form.wrong.text())
        assert not form.forgot.isVisible()
        for tries in (2, 3):
            unlock(app, "wrong")
            until(lambda tries=tries: f"{tries} wrong tries" in form.wrong.text())
        assert form.forgot.isVisible()
        form.forgot.click()
        turn()
        assert app.shell.findChild(Recovery) is not None
        assert app.window is None


def test_the_recovery_key_sets_a_new_password(tmp_path: Path) -> None:
    made = setup.prepare(data=tmp_path, database=None, password=PASSWORD)
    save_machine(tmp_path, window_language="en")
    with application(doors(tmp_path, with_service=False)) as app:
        app.show_recovery()
        page = app.shell.findChild(Recovery)
        assert page is not None
        page.form.field("recovery_key").setText(made.recovery_key)  # type: ignore[attr-defined]
        page.form.field("password").setText("another horse")  # type: ignore[attr-defined]
        page.button.click()
        until(lambda: app.shell.findChild(UnlockForm), 30)
        unlock(app, "another horse")
        until(lambda: app.window, 30)


def test_the_service_runs_as_a_child_and_ends_with_the_desk(prepared: dict[str, Any]) -> None:
    with application(doors(prepared["folder"])) as app:
        unlock(app, PASSWORD)
        until(lambda: app.watch is not None and app.watch.service.view.state == "running", 30, "service running")
        assert app.window is not None
        assert app.window.bar.pill.property("pill") == "ok"
        pid = app.watch.service.pid() if app.watch is not None else 0
        assert pid
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), what="the child is gone")


def test_closing_keeps_the_service_and_says_who_still_waits(
    prepared: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with application(doors(prepared["folder"])) as app:
        unlock(app, PASSWORD)
        until(lambda: app.watch is not None and app.watch.service.view.state == "running", 30, "service running")
        watch = app.watch
        assert watch is not None
        watch.waiting = 312
        monkeypatch.setattr(watch, "to_tray", lambda sentence: said.append(sentence) or True)
        app.shell.close()
        assert said == ["The claim service goes on running; 312 people have not claimed yet"]
        assert not app.shell.isVisible()
        assert watch.service.pid()
        watch.tray.open_asked.emit()
        assert app.shell.isVisible()
        asked: list[str] = []
        monkeypatch.setattr(application_module, "confirm", lambda *words, **_kw: asked.append(words[2]))
        app.quit()
        assert asked == ["The claim service stops with it; 312 people have not claimed yet."]
        assert watch.service.pid()


def test_today_begins_with_three_steps(desk: Application, qtbot: QtBot) -> None:
    assert desk.window is not None
    page = desk.window.page("today")
    assert isinstance(page, TodayPage)
    until(lambda: page.claimed.value() == "0")
    primary = until(lambda: [one for one in page.findChildren(QAbstractButton) if is_primary(one)])
    assert [one.text() for one in primary] == ["Import people"]
    primary[0].click()
    assert desk.window.current == "import_people"


def test_language_and_theme_change_at_once(desk: Application, prepared: dict[str, Any]) -> None:
    assert desk.window is not None
    desk.window.show_page("settings")
    desk.window.bar.look_asked.emit("window_language", "zh_CN")
    turn()
    assert language() == "zh_CN"
    assert desk.window.current == "settings"
    assert desk.window.page("settings").header.title.text() == "设置"
    assert QCoreApplication.translate("QWidgetTextControl", "&Paste").startswith("粘贴")
    desk.window.bar.look_asked.emit("window_language", "en")
    assert QCoreApplication.translate("QWidgetTextControl", "&Paste") == "&Paste"
    desk.window.bar.look_asked.emit("theme", "dark")
    turn()
    assert machine(prepared["folder"])["theme"] == "dark"
    desk.window.bar.look_asked.emit("theme", "light")
    turn()


def test_company_settings_are_saved(desk: Application) -> None:
    assert desk.window is not None
    desk.window.show_page("settings")
    page: Any = desk.window.page("settings")
    until(lambda: page.company.values()["company_name"])
    page.company.field("public_url").setText("welfare.example.com")
    page.save.click()
    assert page.company._rows["public_url"][1].text() == "It begins with https:// or http://"
    page.company.field("public_url").setText("https://welfare.example.com")
    page.save.click()
    until(lambda: desk.desk is not None and desk.desk.ctx.read(settings_queries.shared)["public_url"] != "")


def test_files_and_cells_lead_to_the_import(desk: Application, tmp_path: Path, qapp: Any) -> None:
    window = desk.window
    assert window is not None
    window.drop.dropped.emit(str(tmp_path / "missing.xlsx"))
    assert window.current == "import_people"
    window.show_page("today")
    qapp.clipboard().setText("工号\t姓名\r\n1\t张三\r\n")
    window.paste()
    assert window.current == "import_people"
    window.show_page("today")
    qapp.clipboard().setText("just words")
    window.paste()
    assert window.current == "today"


def test_every_documented_key_is_there_and_fires_twice(desk: Application, qtbot: QtBot) -> None:
    window = desk.window
    assert window is not None
    registered = {one.key().toString() for one in window.findChildren(QShortcut)}
    wanted = {"Ctrl+K", "F1", "F5", "Ctrl+I", "Ctrl+N", "Ctrl+V", *(f"Ctrl+{n}" for n in range(1, 8))}
    assert wanted <= registered
    documented = {QKeySequence(key).toString() for key, _text in shortcuts()}
    assert {"Ctrl+K", "F1", "F5", "Ctrl+I", "Ctrl+N", "Ctrl+V", "Ctrl+1"} <= documented
    desk.shell.activateWindow()
    for number, name in ((2, "people"), (7, "settings"), (2, "people"), (7, "settings")):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0.value + number), Qt.KeyboardModifier.ControlModifier)
        assert window.current == name
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    until(lambda: window.page("people").isVisible())
    find = next(one for one in window.page("people").findChildren(QShortcut) if one.key() == QKeySequence("Ctrl+F"))
    with qtbot.waitSignal(find.activated):
        qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)


class Windows(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.objectName()} {watched.accessibleName()}")
        return False


def test_no_part_of_a_page_flashes_up_as_a_window(desk: Application, qapp: QApplication) -> None:
    windows = Windows()
    qapp.installEventFilter(windows)
    try:
        desk.rebuild()
        assert desk.window is not None
        for entry in PAGES:
            desk.window.show_page(entry.name)
            turn()
    finally:
        qapp.removeEventFilter(windows)
    assert windows.shown == []


@pytest.mark.parametrize("name", [entry.name for entry in PAGES])
def test_everything_that_takes_keys_has_a_name(desk: Application, name: str) -> None:
    assert desk.window is not None
    desk.window.show_page(name)
    turn()
    silent = [
        f"{type(one).__name__} {one.objectName()}"
        for one in desk.window.findChildren(QWidget)
        if one.isVisible() and one.focusPolicy().value & Qt.FocusPolicy.TabFocus.value and not spoken(one)
    ]
    assert silent == []


def is_primary(one: QAbstractButton) -> bool:
    return one.isVisible() and one.property("kind") == "primary"


def spoken(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return str(found.text(QAccessible.Text.Name)) if found is not None else "no interface"


def test_a_bug_is_told_and_written_down(desk: Application, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = sys.excepthook
    crash_log.write_to(tmp_path)
    try:
        crash_log.install(desk.tell)
        error = ZeroDivisionError("a bug")
        sys.excepthook(type(error), error, None)
    finally:
        sys.excepthook = before
        while crash_log.log.handlers:
            handler = crash_log.log.handlers[0]
            crash_log.log.removeHandler(handler)
            handler.close()
    assert desk.window is not None
    assert "ZeroDivisionError" in desk.window.banner.text()
    assert "a bug" in (tmp_path / "window.log").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with application(doors(tmp_path / "file" / "data", with_service=False)) as app:
        app._welcome_language("en")
        turn()
        page = app.shell.findChild(WelcomePage)
        assert page is not None
        fill(page, {"company_name": "a", "hr_contact": "b", "password": PASSWORD, "again": PASSWORD})
        page.questions.start.click()
        until(lambda: page.questions.banner.property("banner") == "bad")
        assert str(tmp_path / "file") in page.questions.banner.text()


def test_locking_keeps_everything_but_the_view(desk: Application) -> None:
    desk.lock()
    turn()
    assert desk.window is None
    unlock(desk, PASSWORD)
    until(lambda: desk.window)


def test_a_list_on_the_screen_is_not_lost_by_lock_look_or_quitting(
    desk: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名,邮箱\n1,王芳,bad\n", encoding="utf-8")
    assert desk.window is not None
    desk.window.import_from(str(path))
    page: Any = desk.window.page("import_people")
    until(lambda: page.wizard.index() == COLUMNS)
    asked: list[str] = []
    monkeypatch.setattr(application_module, "confirm", lambda _parent, title, *_text, **_how: bool(asked.append(title)))
    desk.window.bar.look_asked.emit("theme", "dark")
    desk.quit()
    assert asked == ["Show the window anew?", "Quit Welfare Desk?"]
    desk._system_look()
    desk.lock()
    turn()
    assert desk.window is None
    unlock(desk, PASSWORD)
    until(lambda: desk.window)
    assert desk.window.page("import_people") is page
    assert page.wizard.index() == COLUMNS
    assert page.isVisible()


@pytest.mark.slow
def test_demo_data_opens_without_questions_and_goes_with_one_press(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_machine(tmp_path, window_language="en")
    with application(doors(tmp_path, with_service=False)) as app:
        page = app.shell.findChild(WelcomePage)
        assert page is not None
        page.questions.demo.click()
        until(lambda: app.window, 120, "the demo desk")
        assert app.window is not None
        assert app.window.bar.mode.text() == "Demo"
        today: Any = app.window.page("today")
        until(lambda: today.waiting.value() not in ("–", "0"))
        monkeypatch.setattr("welfare_desk.desktop.pages.settings.confirm", lambda *_words, **_kw: True)
        settings: Any = app.window.page("settings")
        settings._clear_demo()
        until(lambda: app.shell.findChild(WelcomePage), 30)
        assert not (tmp_path / "demo").exists()


@pytest.mark.postgres
def test_a_first_run_and_a_second_desk_on_postgresql(empty_postgres_database: str, tmp_path: Path) -> None:
    url = empty_postgres_database
    for number, name in enumerate(("first", "second")):
        folder = tmp_path / name
        folder.mkdir()
        save_machine(folder, window_language="en")
        with application(doors(folder, with_service=False)) as app:
            page = app.shell.findChild(WelcomePage)
            assert page is not None
            page.questions.shared.setChecked(True)
            page.questions.url.setText(url)
            if number == 0:
                fill(page, {"company_name": "晨光科技", "hr_contact": "王芳", "again": PASSWORD})
            fill(page, {"password": PASSWORD})
            page.questions.check.click()
            until(lambda page=page: page.questions.banner.text() and page.questions.check.isEnabled(), 30)
            assert bool(page.questions.joining) == bool(number)
            page.questions.start.click()
            if number == 0:
                until(lambda page=page: page.stack.currentWidget() is page.recovery, 60)
                page.recovery.kept.setChecked(True)
                page.recovery.go_on.click()
            until(lambda app=app: app.window, 30)
            assert app.desk is not None
            assert app.desk.ctx.read(settings_queries.shared)["company_name"] == "晨光科技"
