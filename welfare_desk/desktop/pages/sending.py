"""How far the messages of a campaign are: waiting, sent, failed, with the way to send the failed ones again."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.widgets.basic import button, label, row
from welfare_desk.i18n import _, language, ntext
from welfare_desk.services import messages


class Sending(QFrame):
    """Shown while something waits or has failed; otherwise the figures above say enough."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._desk = desk
        self._campaign_id = 0
        self.words = label("", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Messages sent"))
        self.again = button(_("Send the failed ones again"), self._again, icon="refresh")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(edge) for edge in (16, 10, 16, 10)))
        line = row(self.words, self.again)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        self.hide()

    def show_counts(self, campaign_id: int, counts: Any) -> None:
        """Shows the counts of a campaign's outbox."""
        self._campaign_id = campaign_id
        waiting = counts.queued + counts.sending
        whole = waiting + counts.sent + counts.failed
        self.setVisible(bool(waiting or counts.failed))
        self.bar.setVisible(bool(waiting))
        self.bar.setRange(0, whole)
        self.bar.setValue(counts.sent + counts.failed)
        self.again.setVisible(bool(counts.failed))
        self.words.setText(
            _("Messages: {sent} sent, {waiting} waiting, {failed} failed", sent=number(counts.sent),
              waiting=number(waiting), failed=number(counts.failed))
        )  # fmt: skip

    def _again(self) -> None:
        self._desk.background.write(messages.retry_failed, self._queued, campaign_id=self._campaign_id)

    def _queued(self, count: int) -> None:
        text = ntext(language(), "{n} message is on its way again", "{n} messages are on their way again", count)
        self._desk.toast(text)
        self._desk.changed.emit("messages")
