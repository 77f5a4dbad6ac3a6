"""Another closing time for a campaign; links stay the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment
from welfare_desk.desktop.pages.wizard_when import ISO, SHAPE, shown
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.domain.windows import zone_of
from welfare_desk.i18n import _, error_text, language
from welfare_desk.services import campaigns


class ExtendForm(QWidget):
    """In the drawer; the time is local in the campaign's zone."""

    def __init__(self, desk: Desk, campaign: Any) -> None:
        super().__init__()
        self.desk = desk
        self._campaign = campaign
        self.setWindowTitle(_("Extend {name}", name=campaign.name))
        self.closes = QDateTimeEdit()
        self.closes.setDisplayFormat(SHAPE)
        self.closes.setCalendarPopup(True)
        at = datetime.fromtimestamp(campaign.closes_at / 1000, zone_of(campaign.timezone)).replace(tzinfo=None)
        self.closes.setDateTime(shown(at).addDays(7))
        self.form = Form()
        self.form.add("closes", _("Closes"), self.closes, hint=campaign.timezone)
        self.short = QCheckBox(_("Also when stock is short by then"))
        self.short.hide()
        self.banner = Banner()
        self.save = primary(_("Extend"), self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(label(_("It closes now on {at}. Links that were sent stay valid.",
                                 at=moment(campaign.closes_at, campaign.timezone)), "muted", wrap=True))  # fmt: skip
        layout.addWidget(self.form)
        layout.addWidget(self.short)
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)

    def _save(self) -> None:
        self.save.setEnabled(False)
        self.desk.background.write(
            campaigns.extend, self._saved, self._refused, campaign_id=self._campaign.id,
            closes=self.closes.dateTime().toString(ISO), allow_short=self.short.isChecked(),
        )  # fmt: skip

    def _saved(self, changed: Any) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("campaigns")
        self.desk.toast(_("It now closes on {at}", at=moment(changed.closes_at, self._campaign.timezone)))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self.short.setVisible(getattr(error, "code", "") == "stock_short")
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)
