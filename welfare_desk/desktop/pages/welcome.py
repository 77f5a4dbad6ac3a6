"""The first run: language, company, where the data lives, password, recovery key; or demo data with one button."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMarginsF, Signal
from PySide6.QtGui import QGuiApplication, QPageLayout, QPainter, QPdfWriter
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.context import AppContext
from welfare_desk.desktop import theme
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.dialogs import ask_save
from welfare_desk.desktop.doors import Doors
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, card, column, holder, label, primary, row, rule
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language

LANGUAGES = [("zh_CN", "简体中文"), ("en", "English")]
LEAST_PASSWORD = 8


class WelcomePage(QFrame):
    """Emits `ready(password, database)` once everything is made and the recovery key is safe, or `demo_asked`."""

    ready = Signal(str, str)
    demo_asked = Signal()
    language_chosen = Signal(str)

    def __init__(self, doors: Doors, background: Background) -> None:
        super().__init__()
        self.setFixedWidth(theme.px(880))
        self._doors, self._background = doors, background
        self._password = ""
        self._database = ""
        self.stack = QStackedWidget()
        self.questions = Questions(doors)
        self.recovery = RecoveryCard()
        self.stack.addWidget(self.questions)
        self.stack.addWidget(self.recovery)
        QVBoxLayout(self).addWidget(self.stack)
        self.questions.language.currentIndexChanged.connect(self._language)
        self.questions.start.clicked.connect(self._start)
        self.questions.check.clicked.connect(self._check)
        self.questions.demo.clicked.connect(self.demo_asked)
        self.recovery.finished.connect(self._finish)

    def _language(self) -> None:
        self.language_chosen.emit(str(self.questions.language.currentData()))

    def _check(self) -> None:
        self._ask_server(self._connected)

    def _ask_server(self, answered: Callable[[str], object]) -> None:
        self.questions.say(_("Connecting …"), "info")
        self.questions.set_busy(True, _("Connecting …"))
        where = {"data": self._doors.data, "url": self.questions.database()}
        self._background.call(self._doors.check_database, answered, self._failed, **where)

    def _connected(self, fingerprint: str) -> None:
        self.questions.set_busy(False)
        self.questions.set_joining(fingerprint)
        if not fingerprint:
            self.questions.say(_("The server answers and can be used."), "ok")

    def _checked(self, fingerprint: str) -> None:
        if fingerprint:
            self._connected(fingerprint)
        else:
            self._make()

    def _start(self) -> None:
        if not self.questions.complete():
            return
        if self.questions.joining:
            self._join()
        elif self.questions.database():
            self._ask_server(self._checked)
        else:
            self._make()

    def _make(self) -> None:
        values = self.questions.values()
        self._password, self._database = values.pop("password"), self.questions.database()
        self.questions.set_busy(True, _("Making keys and tables …"))
        self._background.call(
            self._doors.prepare, self._prepared, self._failed,
            data=self._doors.data, database=self._database or None, password=self._password, shared=values,
        )  # fmt: skip

    def _join(self) -> None:
        self._password, self._database = self.questions.values()["password"], self.questions.database()
        self.questions.set_busy(True, _("Opening …"))
        self._background.call(
            self._doors.join, self._joined, self._failed,
            data=self._doors.data, url=self._database, operator=self._doors.operator, password=self._password,
        )  # fmt: skip

    def _joined(self, ctx: AppContext) -> None:
        ctx.engine.dispose()
        self._finish()

    def _prepared(self, made: Any) -> None:
        self.questions.set_busy(False)
        if made.recovery_key is None:
            self._finish()
            return
        self.recovery.show_key(made.recovery_key, str(made.data))
        self.stack.setCurrentWidget(self.recovery)

    def _failed(self, error: Exception) -> None:
        self.questions.set_busy(False)
        if not self.questions.form.show_error(error):
            self.questions.say(error_text(language(), error), "bad")

    def _finish(self) -> None:
        password, self._password = self._password, ""
        self.recovery.forget()
        self.ready.emit(password, self._database)


class Questions(QWidget):
    """What has to be asked, on one page, and the way around all of it."""

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self.joining = ""
        self.banner = Banner()
        self.language = QComboBox()
        for key, name in LANGUAGES:
            self.language.addItem(name, key)
        self.language.setCurrentIndex(0 if language() == "zh_CN" else 1)
        self.language.setAccessibleName("语言 / Language")
        self.form = Form(width=440)
        self.form.add_line(
            "company_name", _("Company name"), hint=_("Stands on every claim page, so people know it is real.")
        )
        self.form.add_line(
            "hr_contact",
            _("HR contact"),
            hint=_("Whom to ask, e.g. a name with phone or e-mail. Shown on claim pages."),
        )
        self._place(doors)
        self.form.add_line("password", _("Administrator password"), hint=_("8 characters or more."), secret=True)
        self.form.add_line("again", _("The same password again"), secret=True)
        self.start = primary(_("Set up"))
        self.demo = button(_("Try it with demo data"), icon="demo")
        head = row(label(_("Welcome to Welfare Desk"), "title"), None, self.language)
        left = card(self.banner, self.form, row(None, self.start), spacing=16, margin=24)
        right = card(
            label(_("Just looking?"), "section"),
            label(
                _("40 invented people, 6 products, 3 finished campaigns. Nothing leaves this computer."),
                "muted", wrap=True,
            ),
            self.demo, rule(),
            label(_("Your data stays here"), "strong"),
            label(str(doors.data), "caption", wrap=True, selectable=True),
            None, spacing=12, margin=24,
        )  # fmt: skip
        right.setFixedWidth(theme.px(300))
        self.setLayout(column(head, row(left, right, spacing=16), spacing=16))

    def _place(self, doors: Doors) -> None:
        self.here = QRadioButton(_("On this computer"))
        self.shared = QRadioButton(_("On a shared PostgreSQL server"))
        self.url = QLineEdit(doors.database or "")
        self.url.setPlaceholderText("postgresql+psycopg://user@host/database")
        self.url.setAccessibleName(_("Server address"))
        self.check = button(_("Check the connection"))
        self.server = holder(column(self.url, row(self.check, None)))
        self.here.setChecked(not doors.database)
        self.shared.setChecked(bool(doors.database))
        if not doors.database:
            self.server.hide()
        self.shared.toggled.connect(self._other_place)
        self.url.textChanged.connect(self._other_place)
        self.form.add(
            "database", _("Where the data lives"), holder(column(self.here, self.shared, self.server, spacing=4))
        )

    def set_joining(self, fingerprint: str) -> None:
        """A desk is there already: only its password is asked for; "" goes back to a first run."""
        self.joining = fingerprint
        for name in ("company_name", "hr_contact", "again"):
            self.form.show_row(name, shown=not fingerprint)
        self.set_busy(False)
        if fingerprint:
            text = _("This server already holds a Welfare Desk with the key {key}.", key=fingerprint)
            self.say(f"{text} " + _("Compare it with the one shown there, then sign in."), "info")
        else:
            self.say("", "info")

    def _other_place(self) -> None:
        self.server.setVisible(self.shared.isChecked())
        if self.joining:
            self.set_joining("")

    def database(self) -> str:
        """The address of the shared server, "" for this computer."""
        return self.url.text().strip() if self.shared.isChecked() else ""

    def values(self) -> dict[str, Any]:
        """Settings, and the password."""
        found = self.form.values()
        return {
            "company_name": found["company_name"], "hr_contact": found["hr_contact"],
            "language": self.language.currentData(), "password": found["password"],
        }  # fmt: skip

    def complete(self) -> bool:
        """Whether everything is there; says at the field what is missing."""
        self.form.clear_errors()
        found = self.form.values()
        missing = _("Please fill this in.")
        checks = {
            "password": "" if len(found["password"]) >= LEAST_PASSWORD else _("At least 8 characters, please."),
            "database": missing if self.shared.isChecked() and not self.database() else "",
        }
        if not self.joining:
            differs = found["again"] != found["password"]
            checks["again"] = _("The two passwords differ.") if differs else ""
            checks["hr_contact"] = "" if found["hr_contact"] else missing
            checks["company_name"] = "" if found["company_name"] else missing
        for name, text in checks.items():
            self.form.set_error(name, text)
            if text:
                self.form.field(name).setFocus()
        return not any(checks.values())

    def say(self, text: str, tone: str) -> None:
        """A sentence above the form."""
        self.banner.say(text, tone)

    def set_busy(self, busy: bool, text: str = "") -> None:
        """While something runs, nothing can be pressed; `text` says what."""
        self.start.setEnabled(not busy)
        self.check.setEnabled(not busy)
        self.start.setText(text if busy else _("Sign in") if self.joining else _("Set up"))


class RecoveryCard(QWidget):
    """Shows the recovery key once. Goes on only when it was saved, printed or copied and that was confirmed."""

    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._key, self._folder = "", ""
        self.key = label("", "code", selectable=True, wrap=True)
        self.note = label("", "caption", wrap=True)
        self.note.hide()
        self.kept = QCheckBox(_("I have put the recovery key in a safe place"))
        self.go_on = primary(_("Start"), self.finished.emit)
        self.go_on.setEnabled(False)
        self.kept.toggled.connect(self.go_on.setEnabled)
        why = _(
            "Without it, a forgotten password means that no code can be opened any more. "
            "It is shown only now and kept nowhere."
        )
        buttons = row(
            button(_("Save as text"), self._save, icon="export"),
            button(_("Save as PDF to print"), self._print, icon="print"),
            button(_("Copy"), self._copy, icon="copy"), None,
        )  # fmt: skip
        parts = (label(_("Your recovery key"), "title"), label(why, wrap=True), self.key, buttons, self.note, self.kept)
        self.setLayout(column(card(*parts, row(None, self.go_on), spacing=16, margin=32), None))

    def show_key(self, key: str, folder: str) -> None:
        """Shows the key."""
        self._key, self._folder = key, folder
        self.key.setText(key)
        self.key.setAccessibleName(_("Your recovery key"))

    def forget(self) -> None:
        """Drops the key."""
        self._key = ""
        self.key.clear()

    def _lines(self) -> list[str]:
        return [
            _("Welfare Desk recovery key"),
            "",
            self._key,
            "",
            _("Belongs to the data in {folder}", folder=self._folder),
        ]

    def _save(self) -> None:
        path = ask_save(self, _("Save the recovery key"), "welfare-desk-recovery-key.txt", _("Text (*.txt)"))
        if path is not None:
            self._write(path, "\n".join(self._lines()))

    def _write(self, path: Path, text: str) -> None:
        try:
            with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(text + "\n")
        except OSError as error:
            self._say(_("It could not be saved: {reason}", reason=error.strerror or str(error)))
            return
        self._say(_("Saved in {file}. Move it off this computer.", file=str(path)))

    def _print(self) -> None:
        path = ask_save(self, _("Save the recovery key"), "welfare-desk-recovery-key.pdf", "PDF (*.pdf)")
        if path is None:
            return
        writer = QPdfWriter(str(path))
        writer.setPageMargins(QMarginsF(25, 25, 25, 25), QPageLayout.Unit.Millimeter)
        painter = QPainter()
        if not painter.begin(writer):
            self._say(_("It could not be saved: {reason}", reason=str(path)))
            return
        font = theme.font(14)
        font.setPointSize(14)
        painter.setFont(font)
        for number, line in enumerate(self._lines()):
            painter.drawText(0, (number + 1) * writer.resolution() // 3, line)
        painter.end()
        self._say(_("Saved in {file}. Move it off this computer.", file=str(path)))

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._key)
        self._say(_("Copied. Paste it into your password manager."))
