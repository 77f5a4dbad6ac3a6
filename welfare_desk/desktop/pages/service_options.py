"""Where the claim service listens, and the passphrase of its keys when that is not the administrator's password."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.widgets.basic import button, column, label, row
from welfare_desk.desktop.widgets.fields import SecretEdit
from welfare_desk.i18n import _
from welfare_desk.settings import machine, save_machine

LEAST_PORT = 1024


class ServiceOptions(QWidget):
    """Changes are kept on this computer and the service starts anew with them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.port = QSpinBox()
        self.port.setRange(LEAST_PORT, 65535)
        self.port.setValue(int(machine(desk.ctx.data)["port"]))
        self.port.setGroupSeparatorShown(False)
        self.port.setAccessibleName(_("Port"))
        self.port.setFixedWidth(theme.px(110))
        self.use = button(_("Use this port"), self._use_port)
        self.passphrase = SecretEdit()
        self.passphrase.setPlaceholderText(_("Key passphrase"))
        self.passphrase.setAccessibleName(_("Key passphrase"))
        self.passphrase.setMaximumWidth(theme.px(220))
        self.try_it = button(_("Start with it"), self._use_passphrase)
        self.secret = QWidget()
        self.secret.setLayout(row(self.passphrase, self.try_it, None))
        hint = label(_("Printed links carry the port: change it only before links are out."), "caption", wrap=True)
        self.setLayout(column(label(_("Port"), "strong"), row(self.port, self.use, None), hint, self.secret))
        self.show_failing(failing=False)

    def show_failing(self, *, failing: bool) -> None:
        """The passphrase is asked for only while the service cannot start."""
        self.secret.setVisible(failing)

    def _use_port(self) -> None:
        save_machine(self._desk.ctx.data, port=self.port.value())
        if self._desk.service is not None:
            self._desk.service.restart()

    def _use_passphrase(self) -> None:
        given = self.passphrase.text()
        self.passphrase.clear()
        if given and self._desk.service is not None:
            self._desk.service.stop()
            self._desk.service.start(given)
