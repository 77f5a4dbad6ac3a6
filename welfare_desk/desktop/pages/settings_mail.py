"""The mail server: its address, sealed on the way to the service, and a test message to oneself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from PySide6.QtWidgets import QFrame, QLineEdit, QSpinBox

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.job_watch import JobWatch
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, column, label, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language
from welfare_desk.queries import messages as message_queries
from welfare_desk.services import mail_settings
from welfare_desk.services import messages as message_services

PORTS = {"smtps": 465, "smtp": 587}


class MailCard(QFrame):
    """Host, port, encryption, user, password, sender; the stored password is never shown again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.desk = desk
        self._watch: JobWatch | None = None
        self.state = label("", "muted", wrap=True)
        self.banner = Banner()
        self.form = self._form()
        self.save = button(_("Save mail server"), self._save)
        self.to = QLineEdit()
        self.to.setPlaceholderText(_("Your e-mail address"))
        self.to.setAccessibleName(_("Your e-mail address"))
        self.to.setMaximumWidth(theme.px(280))
        self.test = button(_("Send a test to me"), self._test, icon="mail")
        self.setFocusProxy(self.form.field("host"))
        parts = (label(_("Mail server"), "section"), self.state, self.banner, self.form, row(self.save, None))
        self.setLayout(column(*parts, row(self.to, self.test, None), spacing=16, margin=24))
        if desk.demo:
            self.form.setEnabled(False)
            self.save.setEnabled(False)
            self.test.setEnabled(False)
            self.state.setText(_("All of this is invented. Nothing can be sent outside."))

    def refresh(self) -> None:
        """Reads what is set, without the password."""
        if not self.desk.demo:
            self.desk.background.read(message_queries.mail_server, self._show, key="mail")

    def _form(self) -> Form:
        form = Form(width=520)
        kinds = [("smtps", _("TLS from the start (port 465)")), ("smtp", _("STARTTLS (port 587)"))]
        form.add_line("host", _("Server"), hint=_("Like smtp.example.com"))
        form.add_choice("kind", _("Encryption"), kinds, "smtps")
        port = QSpinBox()
        port.setRange(1, 65535)
        port.setValue(PORTS["smtps"])
        form.add("port", _("Port"), port)
        form.add_line("user", _("User"))
        form.add_line("password", _("Password"), secret=True)
        form.add_line("sender", _("Sender"), hint=_("Like hr@example.com; people trust a company address"))
        form.changed.connect(self._changed)
        return form

    def _changed(self, name: str) -> None:
        port = self.form.field("port")
        if name == "kind" and isinstance(port, QSpinBox):
            port.setValue(PORTS[str(self.form.values()["kind"])])

    def _show(self, found: Any) -> None:
        if not found.configured:
            self.state.setText(_("No mail server yet: messages stay in the queue."))
        else:
            self.state.setText(_("In use: {shown}", shown=found.shown))
        self.banner.say("")
        if found.trouble:
            self.banner.say(error_text(language(), WelfareError(found.trouble)), "warn")
        if found.from_environment:
            self.form.setEnabled(False)
            self.save.setEnabled(False)

    def _save(self) -> None:
        values = self.form.values()
        missing = [name for name in ("host", "sender") if not values[name]]
        for name in missing:
            self.form.set_error(name, _("Please fill this in."))
        if not missing:
            self.desk.background.write(mail_settings.save, self._saved, self._failed, address=address(values))

    def _saved(self, _result: Any) -> None:
        password = self.form.field("password")
        if isinstance(password, QLineEdit):
            password.clear()
        self.desk.toast(_("Saved"))
        self.refresh()

    def _test(self) -> None:
        to = self.to.text().strip()
        if "@" not in to:
            self.banner.say(_("Write your e-mail address first."), "warn")
            self.to.setFocus()
            return
        self.test.setEnabled(False)
        self.banner.say(_("Sending …"), "info")
        self.desk.background.write(message_services.request_test, self._asked, self._failed, to=to)

    def _asked(self, job_id: int) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._watch = JobWatch(self.desk.background, job_id, self)
        self._watch.settled.connect(self._tested)

    def _tested(self, job: Any) -> None:
        self.test.setEnabled(True)
        if job.state == "done":
            self.banner.say(_("The test message was accepted by the mail server."), "ok")
        else:
            self.banner.say(job_text(job), "bad")

    def _failed(self, error: Exception) -> None:
        self.test.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")


def address(values: dict[str, Any]) -> str:
    """smtps://user:password@host:465?from=… of what stands in the form."""
    login = ""
    if values["user"]:
        login = f"{quote(values['user'], safe='')}:{quote(values['password'], safe='')}@"
    return f"{values['kind']}://{login}{values['host']}:{values['port']}?from={quote(values['sender'], safe='@')}"


def job_text(job: Any) -> str:
    """Why a job failed, as a sentence."""
    error = job.error or {}
    code = str(error.get("code", "unexpected"))
    params = error.get("params")
    return error_text(language(), WelfareError(code, **(params if isinstance(params, dict) else {})))
