"""The filter over people in the drawer: everything one can ask for, a live count, and saving it as a segment."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSpinBox, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.segment_chips import SEGMENT, View
from welfare_desk.desktop.pages.segment_words import month_word, status_word
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, label, primary, row, rule
from welfare_desk.desktop.widgets.checked_list import CheckedList
from welfare_desk.desktop.widgets.department_picker import DepartmentPicker
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.domain.segments import MONTHS, STATUSES, Filter, read_filter, today
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import departments, people
from welfare_desk.queries import segments as segment_queries
from welfare_desk.services import segments

REST_MS = 250
MONTH_DAYS = 30
LISTS = ("sites", "levels", "tags")


class SegmentForm(QWidget):
    """Starts with the filter of `view`. `applied(filter)` shows those people, `saved(segment)` after saving."""

    applied = Signal(object)
    saved = Signal(object)

    def __init__(self, desk: Desk, view: View, wanted: Filter) -> None:
        super().__init__()
        self.desk = desk
        self._segment = view.segment
        self._wanted = wanted
        self.setWindowTitle(_("Change {name}", name=view.name) if self._segment else _("Filter people"))
        self.form = Form(width=380)
        self.lists = {
            "sites": CheckedList(_("Work location")),
            "levels": CheckedList(_("Job level")),
            "tags": CheckedList(_("Tags")),
        }
        self.count = label("", "section")
        self.banner = Banner()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._count)
        self._build_fields()
        self._build(view.name if self._segment else "")
        self.form.changed.connect(self._edited)
        read = desk.background.read
        read(departments.departments, self._departments_known, key="departments")
        read(segment_queries.choices, self._choices_known, key="choices")
        self._edited("hired")

    def wanted(self) -> Filter:
        """What the fields ask for. Raises Refused with the field."""
        values = self.form.values()
        document: dict[str, Any] = {
            "department": self.picker.path(), "status": values["status"], "birthday_month": values["birthday_month"],
            **{name: self.lists[name].chosen() for name in LISTS},
        }  # fmt: skip
        if values["hired"] == "days":
            document["hired_within_days"] = values["hired_within_days"]
        elif values["hired"] == "between":
            document |= {"hired_from": values["hired_from"], "hired_to": values["hired_to"]}
        return read_filter(document)

    def _build_fields(self) -> None:
        wanted, form = self._wanted, self.form
        self.picker = DepartmentPicker(width=380)
        form.add("department", _("Department"), self.picker)
        form.add_choice("status", _("Employment"), [(one, status_word(one)) for one in STATUSES], wanted.status)
        hired = "days" if wanted.hired_within_days else "between" if wanted.hired_from or wanted.hired_to else ""
        ways = [("", _("Any time")), ("days", _("Within the last days")), ("between", _("Between two days"))]
        form.add_choice("hired", _("Hire date"), ways, hired)
        days = QSpinBox()
        days.setRange(1, 36_600)
        days.setValue(wanted.hired_within_days or MONTH_DAYS)
        form.add("hired_within_days", _("How many days"), days)
        form.add_line("hired_from", _("First hire date"), wanted.hired_from, hint=_("Like 2026-11-20"))
        form.add_line("hired_to", _("Last hire date"), wanted.hired_to, hint=_("Like 2026-11-20"))
        months = [("", _("Any month")), *((month, month_word(month)) for month in (*MONTHS[-2:], *MONTHS[:12]))]
        form.add_choice("birthday_month", _("Birthday"), months, wanted.birthday_month)
        for name, listed in self.lists.items():
            form.add(name, listed.accessibleName(), listed)
            form.show_row(name, shown=False)
            listed.ticked.connect(self._ticked)

    def _build(self, name: str) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        self.name = Form(width=380)
        self.name.add_line("name", _("Name of the segment"), name, hint=_("For lists and campaigns, always up to date"))
        self.save = (primary if self._segment else button)(
            _("Save") if self._segment else _("Save as segment"), self._save
        )
        self.show_them = (button if self._segment else primary)(_("Show these people"), self._apply)
        for part in (self.banner, self.form, rule(), self.count):
            layout.addWidget(part)
        if self._segment:
            layout.addWidget(self.name)
            layout.addLayout(row(self.save, self.show_them, None))
        else:
            layout.addLayout(row(self.show_them, None))
            layout.addWidget(self.name)
            layout.addLayout(row(self.save, None))
        layout.addStretch(1)

    def _departments_known(self, rows: Any) -> None:
        self.picker.show_departments(rows)
        self.picker.choose(self._wanted.department)
        self._count()

    def _choices_known(self, found: Any) -> None:
        for name in LISTS:
            values, chosen = getattr(found, name), getattr(self._wanted, name)
            self.lists[name].show_values(values, chosen)
            self.form.show_row(name, shown=bool(values or chosen))
        self._count()

    def _edited(self, name: str) -> None:
        if name == "hired":
            how = self.form.values()["hired"]
            self.form.show_row("hired_within_days", shown=how == "days")
            for field in ("hired_from", "hired_to"):
                self.form.show_row(field, shown=how == "between")
        self._timer.start()

    def _ticked(self) -> None:
        self._timer.start()

    def _count(self) -> None:
        try:
            wanted = self.wanted()
        except WelfareError:  # half a date: said when the button is pressed, not while somebody types
            self.count.setText("")
            return
        day = today(self.desk.ctx.clock.now())
        self.desk.background.read(people.count_people, self._counted, key="count", wanted=wanted, today=day)

    def _counted(self, found: int) -> None:
        self.count.setText(ntext(language(), "{count} person", "{count} people", found, count=number(found)))

    def _read(self) -> Filter | None:
        self.form.clear_errors()
        try:
            return self.wanted()
        except WelfareError as error:
            if not self.form.show_error(error):
                self.banner.say(error_text(language(), error), "bad")
            return None

    def _apply(self) -> None:
        wanted = self._read()
        if wanted is not None:
            self.desk.open_drawer(None)
            self.applied.emit(wanted)

    def _save(self) -> None:
        wanted = self._read()
        if wanted is None:
            return
        self.save.setEnabled(False)
        write, name = self.desk.background.write, self.name.values()["name"]
        if self._segment:
            write(segments.change_segment, self._kept, self._refused, key=self._segment, name=name,
                  wanted=wanted.document())  # fmt: skip
        else:
            write(segments.add_segment, self._kept, self._refused, name=name, wanted=wanted.document())

    def _kept(self, made: Any) -> None:
        self.desk.open_drawer(None)
        self.saved.emit(View(SEGMENT + made.key, made.name, made.filter))
        self.desk.changed.emit("segments")
        self.desk.toast(_("Segment {name} is saved", name=made.name))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.name.show_error(error) and not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")
