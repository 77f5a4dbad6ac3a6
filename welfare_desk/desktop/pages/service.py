"""The claim service: on or off and why, where phones reach it, and the test that proves that they do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit

from welfare_desk.desktop import formats, theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.service_options import ServiceOptions
from welfare_desk.desktop.service_child import ServiceView
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import badge, button, card, column, holder, label, restyle, row, set_badge
from welfare_desk.desktop.widgets.page import Page, scrolled
from welfare_desk.desktop.widgets.qr import QrWidget
from welfare_desk.files import qr
from welfare_desk.i18n import _
from welfare_desk.queries import service as service_queries
from welfare_desk.queries import settings as settings_queries
from welfare_desk.services import processes
from welfare_desk.services.addresses import is_local, lan_address

LOOK_MS = 1000


class ServicePage(Page):
    """Start, stop, address, phone test."""

    NOUNS = ("settings",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Claim service"), _("What phones open when people claim."))
        self._token = ""
        self._address = ""
        self._public = ""
        self._view = ServiceView()
        self.switch = button("", self._toggle)
        self.header.add(self.switch)
        self.banner = Banner()
        self.body.addWidget(self.banner)
        self.body.addWidget(scrolled(holder(column(row(self._state_card(), self._test_card(), spacing=16), None))), 1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        if desk.service is not None:
            desk.service.changed.connect(self.show_view)
        self.show_view(desk.service.view if desk.service is not None else ServiceView())

    def refresh(self) -> None:
        """Reads which address stands in links."""
        self.desk.background.read(settings_queries.shared, self._settings, key="settings")

    def showEvent(self, event: QShowEvent) -> None:
        """Looks for the phone while the page is seen."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops looking."""
        super().hideEvent(event)
        self._timer.stop()

    def _state_card(self) -> Any:
        self.state = badge("", "plain")
        self.why = label("", "error", wrap=True)
        self.address = label("–", "mono", wrap=True, selectable=True)
        self.jobs = label("", "muted")
        self.awake = label("", "muted", wrap=True)
        self.awake.hide()
        self.options = ServiceOptions(self.desk)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setFont(theme.font(12, mono=True))
        self.log.setFixedHeight(theme.px(140))
        self.log.setAccessibleName(_("Last lines of the service"))
        self.log.hide()
        details = button(_("Details"), self._details, kind="quiet")
        self.copy = button(_("Copy address"), self._copy, icon="copy")
        lid = label(_("Claims stop when this computer sleeps or its lid closes."), "caption", wrap=True)
        parts = (
            row(label(_("State"), "section"), self.state, None), self.why,
            label(_("Address on this network"), "strong"), self.address, row(self.copy, None),
            self.jobs, self.awake, lid, self.options, row(details, None), self.log,
        )  # fmt: skip
        return card(*parts, None, spacing=12, margin=24)

    def _test_card(self) -> Any:
        self.code = QrWidget(220)
        self.verdict = label("", "strong", wrap=True)
        self.test_url = label("", "mono", wrap=True, selectable=True)
        explain = label(
            _(
                "Scan this with a phone on the same network and press the button there. "
                "It turns green when the phone came through."
            ),
            "muted", wrap=True,
        )  # fmt: skip
        self.again = button(_("Test again"), self._start_test, icon="refresh")
        parts = (label(_("Phone test"), "section"), explain, row(None, self.code, None), self.verdict, self.test_url)
        return card(*parts, row(self.again, None), None, spacing=12, margin=24)

    def show_view(self, view: ServiceView) -> None:
        """Shows how the service stands."""
        self._view = view
        words = {
            "running": (_("running"), "ok"), "starting": (_("starting"), "warn"), "stopping": (_("stopping"), "warn"),
            "failing": (_("fails, tried again"), "bad"), "away": (_("no answer"), "bad"),
            "stopped": (_("stopped"), "plain"),
        }  # fmt: skip
        set_badge(self.state, *words[view.state])
        self.why.setText(view.why)
        self.why.setVisible(bool(view.why))
        self.options.show_failing(failing=view.state == "failing")
        on = view.state in ("running", "starting", "failing", "away")
        self.switch.setText(_("Stop the claim service") if on else _("Start the claim service"))
        self.switch.setProperty("kind", "" if on else "primary")
        restyle(self.switch)
        self.switch.setEnabled(view.own and view.state != "stopping")
        self.switch.setToolTip("" if view.own else _("Another computer runs it."))
        self.address.setText("\n".join(view.addresses) or "–")
        self.jobs.setText(_("Background work: running") if view.jobs else _("Background work: not running"))
        address = _best(view.addresses, self._public)
        if address and address != self._address:
            self._address = address
            self._start_test()
        elif not address:
            self._address = ""
            self.code.hide()
            starting = view.state == "starting"
            self.verdict.setText(_("Starting …") if starting else _("Start the service first."))
            self.test_url.clear()
        self.again.setEnabled(bool(address))
        self.copy.setEnabled(bool(address))
        self._warn()

    def _settings(self, found: dict[str, Any]) -> None:
        self._public = str(found["public_url"])
        self.show_view(self._view)

    def _warn(self) -> None:
        here = f"http://{lan_address()}"
        if self._public and is_local(self._public) and not self._public.lower().startswith(here):
            text = _(
                "Links begin with {public}, but this computer is now {address}.", public=self._public, address=here
            )
            self.banner.say(text, "bad", _("Set a public address"), self._to_settings)
        elif not self._public and self._address and is_local(self._address):
            self.banner.say(
                _("Links carry an address of this network: they work only inside it and die when it changes."),
                "warn", _("Set a public address"), self._to_settings,
            )  # fmt: skip
        else:
            self.banner.say("")

    def _to_settings(self) -> None:
        self.desk.go("settings", field="public_url")

    def _start_test(self) -> None:
        if self._address:
            address = self._public or self._address
            self.desk.background.write(processes.start_phone_test, self._started, address=address)

    def _started(self, test: processes.PhoneTestStarted) -> None:
        self._token = test.token
        self.code.show_matrix(qr.matrix(test.url), test.url)
        self.code.show()
        self.code.set_tone("")
        self.test_url.setText(test.url)
        self.verdict.setText(_("Waiting for a phone …"))

    def _look(self) -> None:
        if self._token:
            self.desk.background.read(
                service_queries.phone_test, self._seen, self._quiet, key="test", token=self._token
            )
        held = self.desk.awake
        self.awake.setText(_("This computer is kept awake.") if held else "")
        self.awake.setVisible(held)

    def _seen(self, test: service_queries.PhoneTestState | None) -> None:
        if test is not None and test.opened_at is not None:
            self._token = ""
            self.code.set_tone("success")
            self.verdict.setText(
                _("A phone came through at {when}.", when=formats.moment(test.opened_at, seconds=True))
            )

    def _quiet(self, _error: Exception) -> None:
        """The next look asks again."""

    def _toggle(self) -> None:
        service = self.desk.service
        if service is None:
            return
        if service.view.state == "stopped":
            service.start()
        else:
            service.stop()

    def _details(self) -> None:
        self.log.setVisible(not self.log.isVisible())
        self.log.setPlainText(self.desk.service.log() if self.desk.service is not None else "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address.text())
        self.desk.toast(_("Copied"))


def _best(addresses: tuple[str, ...], public: str) -> str:
    """The address phones should use: the public one, else the first that is not this computer's own loop."""
    if public and addresses:
        return public
    outward = [address for address in addresses if urlsplit(address).hostname not in ("127.0.0.1", "::1", "localhost")]
    return (outward or list(addresses) or [""])[0]
