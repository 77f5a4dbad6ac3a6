"""What importing will do, before it is done: numbers, field by field, the absent, and who stays out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHeaderView, QTableView, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages import import_asks
from welfare_desk.desktop.pages.import_bench import Bench
from welfare_desk.desktop.pages.import_facets import FacetBar
from welfare_desk.desktop.pages.import_words import facet_word, field_name, shown
from welfare_desk.desktop.table_model import Index
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, card, label, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.paged_model import PagedModel
from welfare_desk.i18n import _, language, ntext

FACETS = ("change", "join", "leave", "same")
ROW, WHO = 0, 1
NAMING = ("employee_no", "name", "last_name", "first_name")


class DiffModel(PagedModel):
    """A row per person; after who it is, a column per field that changes, "before → after", else the list's own."""

    def __init__(self, load: Callable[[int, int], object]) -> None:
        super().__init__(load)
        self.fields: tuple[str, ...] = ()
        self.cells: tuple[tuple[int, str], ...] = ()  # without fields: columns of the list, with their headings
        self.who: tuple[int, ...] = ()  # columns of the list that say who it is

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Row number, person, fields."""
        return 0 if parent.isValid() else 2 + len(self.fields or self.cells)

    def text(self, found: Any, column: int) -> str:
        """What a cell shows."""
        if column == ROW:
            return str(found.number or "–")
        if column == WHO:
            return person_words(found, self.who)
        if not self.fields:
            place, cells = self.cells[column - 2][0], found.stored or found.cells
            return str(cells[place]) if place < len(cells) else ""
        field = self.fields[column - 2]
        change = next((one for one in found.changes if one.field == field), None)
        return "" if change is None else f"{shown(change.before, change.field)} → {shown(change.after, change.field)}"

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell, also to be heard."""
        found = self.row(index.row()) if index.isValid() else None
        if found is None:
            return None
        text = self.text(found, index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return text if role == Qt.ItemDataRole.DisplayRole else plain_tip(text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.headerData(index.column(), Qt.Orientation.Horizontal)}: {text}"
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == ROW:
            return theme.colour("muted")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings; rows have none."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        rest = [field_name(field) for field in self.fields] or [heading for _place, heading in self.cells]
        return (_("Row"), _("Person"), *rest)[section]


class DiffStep(QWidget):
    """Says `chosen` when something that decides the import was changed here."""

    chosen = Signal()
    absent_chosen = Signal(str)
    save_asked = Signal()
    repair_asked = Signal()

    def __init__(self, desk: Desk, bench: Bench) -> None:
        super().__init__()
        self.desk, self.bench = desk, bench
        self.sentence = label("", "section", wrap=True)
        self.about = label("", "muted", wrap=True)
        self.same = Banner("ok")
        self._absent = Chips([("keep", _("Leave them as they are")), ("left", _("Mark them as left"))], "keep")
        self._absent.chosen.connect(self.absent_chosen)
        self._settled = "keep"
        self._rejected = self._going = self._left = self._absent_leaving = self._employed = 0
        self._fields: tuple[str, ...] = ()
        self._absent_words = label("", "strong")
        self.absent_row = card(row(self._absent_words, self._absent, spacing=16), margin=10)
        self._refused = label("", "strong", wrap=True)
        self.without = QCheckBox(_("Import the others without them"))
        self.without.toggled.connect(self._toggled)
        self.back = button(_("Repair them"), self.repair_asked.emit, icon="back")
        self.save = button(_("Save the refused rows …"), self.save_asked.emit, icon="export")
        self.refused = card(
            row(self._refused, None, spacing=12),
            row(self.without, None, self.save, self.back, spacing=12),
            tone="warn",
            margin=10,
        )
        self.facets = FacetBar(FACETS, ())
        self.facets.chosen.connect(self._filter)
        self.rows = DiffModel(self._load)
        self.table = _table(self.rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        for part in (self.sentence, self.about, self.same, self.refused, self.absent_row, self.facets):
            layout.addWidget(part)
        layout.addWidget(self.table, 100)
        layout.addStretch(1)
        for part in (self.about, self.refused, self.absent_row):
            part.hide()

    def absent(self) -> str:
        """What happens to people who are not in the list: keep or left."""
        return self._absent.value()

    def press(self, absent: str) -> None:
        """Chooses what happens to the absent as a person would."""
        self._absent.choose(absent)
        self.absent_chosen.emit(absent)

    def settle(self, absent: str = "") -> None:
        """Keeps what was chosen for the absent; without a word the last choice came to nothing."""
        self._settled = absent or self._settled
        self._absent.choose(self._settled)

    def blocked(self) -> bool:
        """Whether rows still need repair and nobody has said yet that they may stay out."""
        return bool(self._rejected) and not self.without.isChecked()

    def going(self) -> int:
        """How many people the import would touch."""
        return self._going

    def absent_leaving(self) -> int:
        """How many people who are not in the list would be marked as left."""
        return self._absent_leaving

    def leaving(self) -> tuple[int, int]:
        """(how many would be marked as left in all, how many are employed now)."""
        return self._left, self._employed

    def show_told(self, told: import_asks.Told, *, fresh: bool) -> None:
        """Shows what would happen now; `fresh`: it is another list."""
        report, diff = told.report, told.diff
        self._rejected = report.rejected
        self._absent_leaving = diff.absent if told.absent == "left" else 0
        self._going = diff.new + diff.changed + self._absent_leaving
        self._left, self._employed = report.left, told.employed
        self._fields = tuple(field for field, _count in diff.by_field)
        if fresh:
            self.without.setChecked(False)
            self.settle(told.absent)
        self.sentence.setText(sentence(diff))
        left = _("Marked as left: {left}", left=number(report.left))
        fields = " · ".join(f"{field_name(field)} {number(count)}" for field, count in diff.by_field)
        said = [_("Changed fields: {fields}", fields=fields)] if fields else []
        self.about.setText("\n".join([*said, *([left] if report.left else [])]))
        self.about.setVisible(bool(self.about.text()))
        self.same.say(
            _("This list changes nothing: everybody in it is already here as written.")
            if not self.going() and diff.same
            else "",
            "ok",
        )
        self.absent_row.setVisible(diff.absent > 0)
        self._absent_words.setText(
            ntext(language(), "{count} person is not in this list", "{count} people are not in this list", diff.absent,
                  count=number(diff.absent))
        )  # fmt: skip
        self.refused.setVisible(report.rejected > 0)
        self._refused.setText(
            ntext(language(), "{count} row still needs repair.", "{count} rows still need repair.", report.rejected,
                  count=number(report.rejected))
        )  # fmt: skip
        self._show_rows(told.facets)

    def lock(self, locked: bool) -> None:
        """While a job uses the list, nothing is decided here."""
        for part in (self._absent, self.without, self.save, self.back):
            part.setEnabled(not locked)

    def _show_rows(self, facets: dict[str, int]) -> None:
        self.bench.facets = facets
        by_field = {field: at for at, field in self.bench.check.mapping.items()}
        self.rows.who = tuple(by_field[field] for field in NAMING if field in by_field)
        columns = self.bench.check.table.columns
        self.rows.cells = tuple((at, columns[at]) for at in sorted(by_field.values()) if at not in self.rows.who)
        self.facets.show_counts(facets)
        counts = {facet: facets.get(facet, 0) for facet in FACETS}
        if counts["leave"] and self._settled == "left":
            self.facets.choose("leave")
        if not counts[self.facets.value()]:
            self.facets.choose(next((facet for facet in FACETS if counts[facet]), FACETS[0]))
            self.facets.show_counts(facets)
        self._filter(self.facets.value())
        self.facets.setVisible(any(counts.values()))
        self.table.setVisible(any(counts.values()))

    def _filter(self, facet: str) -> None:
        self.rows.fields = self._fields if facet == "change" else ()
        self.rows.show(self.bench.facets.get(facet, 0))
        self.table.setColumnWidth(ROW, theme.px(80))
        self.table.setColumnWidth(WHO, theme.px(240))
        for at in range(2, self.rows.columnCount()):
            self.table.setColumnWidth(at, theme.px(280 if self.rows.fields else 180))

    def _load(self, offset: int, limit: int) -> None:
        self.bench.ask(import_asks.page, self._loaded, facet=self.facets.value(), offset=offset, limit=limit)

    def _loaded(self, answer: tuple[str, int, Any]) -> None:
        facet, offset, rows = answer
        if facet == self.facets.value():
            self.rows.put(offset, rows)

    def _toggled(self, _on: bool) -> None:
        self.chosen.emit()


def sentence(diff: Any) -> str:
    """ "212 new · 37 changed · 980 same · 12 absent"."""
    parts = [
        _("{count} new", count=number(diff.new)), _("{count} changed", count=number(diff.changed)),
        _("{count} the same", count=number(diff.same)), _("{count} absent", count=number(diff.absent)),
    ]  # fmt: skip
    return " · ".join(parts)


def person_words(found: Any, who: tuple[int, ...]) -> str:
    """Number and name of a row's person."""
    cells = found.stored or found.cells
    words = [cells[at] for at in who if at < len(cells)] or [cell for cell in cells if cell][:2]
    return " ".join(str(word) for word in words if word) or facet_word(found.facet)[0]


def _table(model: DiffModel) -> QTableView:
    made = QTableView()
    made.setAccessibleName(_("What changes, person by person"))
    made.setModel(model)
    made.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    made.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
    made.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    made.setTabKeyNavigation(False)
    made.setWordWrap(False)
    made.setShowGrid(False)
    made.verticalHeader().hide()
    made.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    made.verticalHeader().setDefaultSectionSize(theme.px(32))
    made.horizontalHeader().setStretchLastSection(True)
    made.horizontalHeader().setHighlightSections(False)
    return made
