"""What an import would do: how many are new, changed or refused, and every problem with its cell and reason."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.import_problems import problems_table, show_problems
from welfare_desk.desktop.widgets.basic import holder, label, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.kpi import Kpi
from welfare_desk.i18n import _, language, ntext

COUNTS = ("created", "updated", "unchanged", "rejected", "duplicates", "skipped")


class CheckStep(QWidget):
    """Six counts and the list of problems; nothing has been written yet."""

    absent_chosen = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        names = {
            "created": _("New"), "updated": _("Changed"), "unchanged": _("Same"), "rejected": _("Refused"),
            "duplicates": _("Duplicates"), "skipped": _("Blank rows"),
        }  # fmt: skip
        self.counts = {name: Kpi(names[name]) for name in COUNTS}
        cards = QHBoxLayout()
        cards.setSpacing(theme.px(12))
        for name in COUNTS:
            cards.addWidget(self.counts[name], 1)
        self._absent = Chips([("keep", _("Leave them as they are")), ("left", _("Mark them as left"))], "keep")
        self._absent.chosen.connect(self.absent_chosen)
        self._absent_words = label("", "strong")
        self._absent_row = holder(row(self._absent_words, self._absent, None))
        self.problems = problems_table(desk, _("Problems"))
        self.heading = label("", "section")
        self.calm = label(_("Every row can be imported."), "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(cards)
        layout.addWidget(self._absent_row)
        layout.addWidget(self.heading)
        layout.addWidget(self.calm)
        layout.addWidget(self.problems, 1)
        layout.addStretch(0)

    def absent(self) -> str:
        """What happens to people who are not in the list: keep or left."""
        return self._absent.value()

    def show_plan(self, plan: Any) -> None:
        """Shows what was found."""
        self._absent_row.setVisible(plan.absent > 0)
        self._absent_words.setText(
            ntext(language(), "{count} person is not in this list", "{count} people are not in this list", plan.absent,
                  count=number(plan.absent))
        )  # fmt: skip
        report = plan.report
        for name in COUNTS:
            self.counts[name].show_value(number(getattr(report, name)), _notes(report).get(name, " "))
        count = len(report.problems)
        self.heading.setText(ntext(language(), "{n} thing to look at", "{n} things to look at", count))
        self.heading.setVisible(count > 0)
        self.problems.setVisible(count > 0)
        self.calm.setVisible(count == 0)
        show_problems(self.problems, report.problems)


def _notes(report: Any) -> dict[str, str]:
    notes = {"rejected": _("can be saved as a file") if report.rejected else " "}
    if report.left:
        notes["updated"] = ntext(language(), "and {n} marked as left", "and {n} marked as left", report.left)
    return notes
