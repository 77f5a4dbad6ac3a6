"""Step 4 of a campaign: how the links reach people, and what the message says."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPlainTextEdit, QRadioButton, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.job_watch import JobWatch
from welfare_desk.desktop.pages.service_jobs import job_error
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, holder, label, row
from welfare_desk.domain.plans import MESSAGE_SIGNS
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language
from welfare_desk.queries import messages as message_queries
from welfare_desk.services import messages


class HowStep(QWidget):
    """E-mail to everybody who has an address, or links to export and cards to print after the launch."""

    changed = Signal()
    test_asked = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.banner = Banner()
        self.email = QRadioButton(_("Send every link by e-mail"))
        self.paper = QRadioButton(_("Send nothing: I export the links or print cards afterwards"))
        self.email.setChecked(True)
        self.group = QButtonGroup(self)
        self.group.addButton(self.email)
        self.group.addButton(self.paper)
        self.email.toggled.connect(self._toggled)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(
            _("A few words of your own, for example why and from whom. What it is, the button, the window and whom to "
              "ask are there by themselves.")
        )  # fmt: skip
        self.text.setAccessibleName(_("Message"))
        self.text.setMaximumHeight(theme.px(160))
        self.text.textChanged.connect(self._edited)
        self.address = QLineEdit()
        self.address.setPlaceholderText("name@example.com")
        self.address.setAccessibleName(_("Address for the test"))
        self.address.setFixedWidth(theme.px(260))
        self.test = button(_("Send a test to me"), self._test, icon="mail")
        self._test_row = holder(row(self.address, self.test, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        for part in (self.banner, self.email, self.paper):
            layout.addWidget(part)
        self._words = label(_("Message"), "strong")
        layout.addSpacing(theme.px(8))
        layout.addWidget(self._words)
        layout.addWidget(self.text)
        layout.addWidget(self._test_row)
        layout.addStretch(1)
        self.server: Any = None

    def load(self) -> None:
        """Asks whether mail can leave."""
        self.desk.background.read(message_queries.mail_server, self._show_server, key="mail")

    def document(self) -> dict[str, Any]:
        """This step's part of the plan."""
        sending = self.email.isChecked()
        return {"channels": ["email"] if sending else [], "message": self.text.toPlainText().strip()}

    def trouble(self) -> str:
        """What is wrong, as a sentence; "" when nothing is."""
        if len(self.text.toPlainText()) > MESSAGE_SIGNS:
            return _("The message has more than {most} signs.", most=MESSAGE_SIGNS)
        return ""

    def send_test(self, plan: Any) -> None:
        """Asks the service to send a test of this plan."""
        self.test.setEnabled(False)
        self.desk.background.write(
            messages.request_test, self._requested, self._refused, to=self.address.text().strip(), plan=plan
        )

    def _show_server(self, server: Any) -> None:
        self.server = server
        self._warn()

    def _warn(self) -> None:
        if not self.email.isChecked() or self.server is None:
            self.banner.say("")
        elif self.desk.demo:
            self.banner.say(_("All of this is invented. Nothing can be sent outside."), "info")
        elif not self.server.configured:
            self.banner.say(_("No mail server is set up yet; the mails wait until one is."), "warn",
                            _("Set it up"), self._settings)  # fmt: skip
        elif self.server.trouble:
            trouble = error_text(language(), WelfareError(self.server.trouble))
            self.banner.say(_("The last mail could not be sent: {trouble}", trouble=trouble), "warn",
                            _("Settings"), self._settings)  # fmt: skip
        else:
            self.banner.say("")

    def _settings(self) -> None:
        self.desk.go("settings")

    def _toggled(self, sending: bool) -> None:
        for part in (self._words, self.text, self._test_row):
            part.setVisible(sending)
        self._warn()
        self.changed.emit()

    def _edited(self) -> None:
        self.changed.emit()

    def _test(self) -> None:
        if self.address.text().strip():
            self.test_asked.emit(self.address.text().strip())
        else:
            self.address.setFocus()

    def _requested(self, job_id: int) -> None:
        watch = JobWatch(self.desk.background, job_id, self)
        watch.settled.connect(self._tested)
        self.banner.say(_("The test is on its way …"), "info")

    def _tested(self, job: Any) -> None:
        self.test.setEnabled(True)
        if job.state == "done":
            self.banner.say(_("The test was sent to {address}.", address=self.address.text().strip()), "ok")
        else:
            self._refused(job_error(job))

    def _refused(self, error: Exception) -> None:
        self.test.setEnabled(True)
        self.banner.say(error_text(language(), error), "bad")
