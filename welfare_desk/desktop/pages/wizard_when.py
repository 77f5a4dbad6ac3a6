"""Step 3 of a campaign: from when to when, in which time zone, and whether the employee number is asked for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.widgets.basic import button, column, holder, label, row
from welfare_desk.domain.plans import DEFAULT_ZONE
from welfare_desk.domain.windows import zone_of
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext

SHAPE = "yyyy-MM-dd HH:mm"
ISO = "yyyy-MM-ddTHH:mm:ss"
ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Kolkata", "Europe/London",
    "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Australia/Sydney", "UTC",
)  # fmt: skip
DAYS = 14


class WhenStep(QWidget):
    """The window is half open: at the closing minute it is over."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.opens = _edit(_("Opens"))
        self.closes = _edit(_("Closes"))
        self.zone = QComboBox()
        self.zone.setEditable(True)
        self.zone.addItems(ZONES)
        self.zone.setCurrentText(DEFAULT_ZONE)
        typed = self.zone.lineEdit()
        for part in (self.zone, typed) if typed is not None else (self.zone,):
            part.setAccessibleName(_("Time zone"))
        self.zone.setFixedWidth(theme.px(240))
        self.verify = QCheckBox(_("Ask for the employee number before anything is shown"))
        self.verify.setChecked(True)
        self.length = label("", "muted")
        for edit in (self.opens, self.closes):
            edit.dateTimeChanged.connect(self._edited)
        self.zone.editTextChanged.connect(self._edited)
        self.verify.toggled.connect(self._edited)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(16))
        fields = [(_("Opens"), self.opens), (_("Closes"), self.closes), (_("Time zone"), self.zone)]
        layout.addLayout(row(*(column(label(name, "strong"), field, spacing=4) for name, field in fields), None,
                             spacing=16))  # fmt: skip
        layout.addWidget(self.length)
        layout.addLayout(row(label(_("Often used"), "muted"), *self._presets(), None))
        layout.addWidget(holder(row(self.verify, None)))
        layout.addWidget(label(_("The link alone is then not enough: whoever finds a printed card sees nothing."),
                               "caption", wrap=True))  # fmt: skip
        layout.addStretch(1)
        self.preset_days(DAYS)

    def _presets(self) -> list[QWidget]:
        return [
            button(_("7 days"), self._week, kind="chip"),
            button(_("14 days"), self._fortnight, kind="chip"),
            button(_("30 days"), self._month, kind="chip"),
            button(_("To the end of this month"), self._this_month, kind="chip"),
        ]

    def preset_days(self, days: int) -> None:
        """Opens now and closes at the midnight that begins the day `days` days later."""
        now = self._now()
        self._set(now, datetime.combine(now.date() + timedelta(days=days), time()))

    def document(self) -> dict[str, Any]:
        """This step's part of the plan; times are local in the zone."""
        return {
            "opens": self.opens.dateTime().toString(ISO), "closes": self.closes.dateTime().toString(ISO),
            "timezone": self.zone.currentText().strip(), "verify": "employee_no" if self.verify.isChecked() else "none",
        }  # fmt: skip

    def trouble(self) -> str:
        """What is wrong, as a sentence; "" when nothing is."""
        try:
            zone_of(self.zone.currentText().strip())
        except WelfareError as error:
            return error_text(language(), error)
        if self.closes.dateTime() <= self.opens.dateTime():
            return _("The closing has to be after the opening.")
        return _("The closing is already over.") if self.closes.dateTime() <= shown(self._now()) else ""

    def _now(self) -> datetime:
        """The present minute on a clock in the chosen zone."""
        try:
            zone = zone_of(self.zone.currentText().strip())
        except WelfareError:
            zone = ZoneInfo(DEFAULT_ZONE)
        at = datetime.fromtimestamp(self._desk.ctx.clock.now() / 1000, zone)
        return at.replace(second=0, microsecond=0, tzinfo=None)

    def _set(self, opens: datetime, closes: datetime) -> None:
        self.opens.setDateTime(shown(opens))
        self.closes.setDateTime(shown(closes))

    def _week(self) -> None:
        self.preset_days(7)

    def _fortnight(self) -> None:
        self.preset_days(14)

    def _month(self) -> None:
        self.preset_days(30)

    def _this_month(self) -> None:
        now = self._now()
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        self._set(now, datetime.combine(first.date(), time()))

    def _edited(self, *_values: object) -> None:
        trouble = self.trouble()
        days = self.opens.dateTime().daysTo(self.closes.dateTime())
        self.length.setText(trouble or ntext(language(), "Open for {n} day", "Open for {n} days", days))
        self.changed.emit()


def shown(at: datetime) -> QDateTime:
    """A local time, to the minute, as an edit field takes it."""
    return QDateTime(at.year, at.month, at.day, at.hour, at.minute, 0)


def _edit(says: str) -> QDateTimeEdit:
    made = QDateTimeEdit()
    made.setDisplayFormat(SHAPE)
    made.setCalendarPopup(True)
    made.setAccessibleName(says)
    made.setFixedWidth(theme.px(200))
    return made
