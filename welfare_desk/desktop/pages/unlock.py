"""Unlocking: a password opens the desk, wrong ones are counted, the recovery key sets a new one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from welfare_desk.context import AppContext
from welfare_desk.desktop import theme
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.doors import Doors
from welfare_desk.desktop.shell import UnlockForm
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language, ntext

OFFER_RECOVERY_AFTER = 3


class Unlock(QObject):
    """Drives the form the shell painted. Emits `opened(ctx, password)`."""

    opened = Signal(object, str)
    recovery_asked = Signal()
    unprepared = Signal()

    def __init__(self, form: UnlockForm, doors: Doors, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._form, self._doors, self._background = form, doors, background
        self._wrong = 0
        self._password = ""
        form.wrong.setTextFormat(Qt.TextFormat.PlainText)
        form.note.setText(_("Data in {folder}", folder=str(doors.database or doors.data).split("@")[-1]))
        form.note.show()
        form.given.connect(self._try)
        form.recovery_asked.connect(self.recovery_asked)

    def _try(self, password: str) -> None:
        self._password = password
        self._background.call(self._open, self._done, self._failed)

    def _open(self) -> AppContext:
        doors = self._doors
        return doors.open_desk(doors.data, doors.database, doors.operator, self._password)

    def _done(self, ctx: AppContext) -> None:
        password, self._password = self._password, ""
        self._form.password.clear()
        self.opened.emit(ctx, password)

    def _failed(self, error: Exception) -> None:
        self._password = ""
        if getattr(error, "code", "") in ("not_prepared", "schema_empty"):
            self.unprepared.emit()
            return
        text = error_text(language(), error)
        if getattr(error, "code", "") == "sign_in":
            self._wrong += 1
            text += " " + ntext(language(), "{n} wrong try", "{n} wrong tries", self._wrong)
            self._form.forgot.setVisible(self._wrong >= OFFER_RECOVERY_AFTER)
        self._form.complain(text)


class Recovery(QFrame):
    """Recovery key and a new password. Emits `done` when the new password counts, `cancelled` to go back."""

    done = Signal()
    cancelled = Signal()

    def __init__(self, doors: Doors, background: Background) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.setFixedWidth(theme.px(460))
        self._doors, self._background = doors, background
        self.banner = Banner()
        self.form = Form(width=396)
        self.form.add_line(
            "recovery_key", _("Recovery key"), hint=_("It was shown once, when Welfare Desk was set up.")
        )
        self.form.add_line("password", _("New administrator password"), secret=True)
        self.button = primary(_("Set the new password"), self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(32),) * 4)
        layout.setSpacing(theme.px(16))
        layout.addWidget(label(_("Use the recovery key"), "title"))
        layout.addWidget(self.banner)
        layout.addWidget(self.form)
        layout.addLayout(row(button(_("Back"), self.cancelled.emit), None, self.button))

    def _go(self) -> None:
        values = self.form.values()
        self.button.setEnabled(False)
        self._background.call(
            self._doors.reset_password, self._worked, self._failed,
            data=self._doors.data, database=self._doors.database, recovery_key=values["recovery_key"],
            password=values["password"],
        )  # fmt: skip

    def _worked(self, _result: Any) -> None:
        self.done.emit()

    def _failed(self, error: Exception) -> None:
        self.button.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")
