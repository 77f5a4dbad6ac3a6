"""What can be done about one person's grant: resend, replace the link, revoke. One place for list and drawer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QWidget

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.widgets.basic import button
from welfare_desk.i18n import _
from welfare_desk.services import grants


class GrantActions(QObject):
    """The buttons of one grant and what they do; lives as long as `parent`."""

    def __init__(self, desk: Desk, parent: QWidget, grant_id: int, name: str) -> None:
        super().__init__(parent)
        self._desk = desk
        self._widget = parent
        self._grant_id = grant_id
        self._name = name

    def buttons(self, *, mail: bool, claimed: bool) -> list[QPushButton]:
        """Resend (only where there is an e-mail to send), replace the link, revoke (nothing can be revoked that
        was claimed)."""
        made = [button(_("Resend"), self.resend, icon="mail")] if mail else []
        made.append(button(_("Replace link"), self.replace, icon="link"))
        if not claimed:
            made.append(button(_("Revoke"), self.revoke, kind="danger"))
        return made

    def resend(self) -> None:
        """Sends the same link again, to the address of today."""
        self._desk.background.write(grants.resend, self._resent, grant_id=self._grant_id)

    def replace(self) -> None:
        """Makes a new link; the old one says that it was replaced."""
        text = _("{name} gets a new link. The old one stops working and says that it was replaced.", name=self._name)
        if confirm(self._widget, _("Replace the link?"), text, _("Replace link")):
            self._desk.background.write(grants.replace, self._replaced, grant_id=self._grant_id)

    def revoke(self) -> None:
        """Takes the right away."""
        text = _("{name} can no longer claim this. What was reserved becomes free again.", name=self._name)
        if confirm(self._widget, _("Revoke the grant?"), text, _("Revoke"), danger=True):
            self._desk.background.write(grants.revoke, self._revoked, grant_id=self._grant_id)

    def _resent(self, changed: Any) -> None:
        if changed.queued:
            self._told(_("The link is on its way to {name} again", name=self._name))
        else:
            self._told(_("{name} has no e-mail address", name=self._name))

    def _replaced(self, changed: Any) -> None:
        if changed.queued:
            self._told(_("{name} has a new link; it is on its way", name=self._name))
        else:
            self._told(_("{name} has a new link; export or print it to hand it over", name=self._name))

    def _revoked(self, _changed: Any) -> None:
        self._told(_("The grant of {name} is revoked", name=self._name))

    def _told(self, text: str) -> None:
        self._desk.toast(text)
        self._desk.changed.emit("grants")
