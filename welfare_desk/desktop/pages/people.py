"""The directory: who can be given something. Search, filter, import, add and correct."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_open
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.import_sources import KINDS, ask_template, copied_cells
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.desktop.pages.words import person_status, word_text, word_tone
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.basic import button, column, holder, label, primary, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.department_picker import DepartmentPicker
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.i18n import _, language, ntext
from welfare_desk.queries import departments, people

PAGE = 200
LARGE = 125  # per cent; from here on filters take two lines


def columns() -> tuple[Column, ...]:
    """What the list shows of a person."""
    return (
        Column("employee_no", _("Employee number"), 150, mono=True, sortable=True),
        Column("name", _("Name"), 140, sortable=True),
        Column("department", _("Department"), 240, sortable=True),
        Column("email", _("E-mail"), 230, sortable=True),
        Column("phone", _("Phone"), 150),
        Column("hire_date", _("Hire date"), 110, sortable=True),
        Column("status", _("Status"), 90, show=word_text, tone=word_tone),
    )


class PeoplePage(Page):
    """The list of everybody, with filters; a person opens in the drawer."""

    NOUNS = ("people",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Employees"), _("Who can be given something"))
        self.add = button(_("Add person"), self.add_person, icon="plus")
        self.import_ = primary(_("Import people"), self.ask_import, icon="import")
        self.header.add(button(_("Paste from Excel"), self._paste, icon="copy"), self.add, self.import_)
        self.add.hide()  # until it is known that there is a list; the empty page has its own
        self.import_.hide()
        self.model = TableModel(columns(), more=self._more, sort=self._sort)
        self.table = RecordTable(self.model, "people", _("Employees"), desk.preferences)
        self.table.opened.connect(self._opened)
        self.table.chosen.connect(self._selected)
        self._next: Any = None
        self._order: dict[str, Any] = {"sort": "name", "descending": False}
        self._searching = False
        self._build_filters()
        self._nobody = EmptyState(
            "people", _("Drop an Excel or CSV list anywhere on this window, and everybody is here in a minute."),
            _("Import people"), self.ask_import, button(_("Add person"), self.add_person),
            button(_("Save a template"), self._template),
        )  # fmt: skip
        self._nothing = EmptyState("search", _("Nobody matches this search."), _("Clear the filter"), self._clear)
        self.views = QStackedWidget()
        for view in (self.table, self._nobody, self._nothing):
            self.views.addWidget(view)
        self.body.addWidget(self._filters)
        self.body.addWidget(self.views, 1)
        self.body.addWidget(self._build_foot())
        find = QShortcut(QKeySequence.StandardKey.Find, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def refresh(self) -> None:
        """Loads the first page and the counts again."""
        run = self.desk.background.read
        filters = self._filter()
        run(people.people, self._show, key="list", limit=PAGE, **filters, **self._order)
        run(people.count_people, self._counted, key="count", **filters)
        run(people.count_people, self._counted_all, key="all", search="", department="", status="")
        run(departments.departments, self.departments.show_departments, key="departments")

    def show_target(self, *, person_id: int | None = None, reference: str = "", **_target: Any) -> None:
        """Opens one person, as the search asked."""
        if person_id is not None:
            self.desk.open_drawer(PersonDrawer(self.desk, person_id))
        elif reference:
            self.desk.background.read(people.find, self._found, key="find", text=reference, limit=1)

    def ask_import(self) -> None:
        """Asks for a list to import."""
        found = ask_open(self, _("Import people"), KINDS)
        if found is not None:
            self.desk.go("import_people", path=str(found))

    def add_person(self) -> None:
        """Adds one person by hand."""
        self.desk.open_drawer(PersonForm(self.desk))

    def _build_filters(self) -> None:
        self.search = SearchBox(_("Name, number, e-mail or phone"))
        self.search.searched.connect(self._filtered)
        self.departments = DepartmentPicker()
        self.departments.picked.connect(self._filtered)
        self.status = Chips([("", _("All")), ("active", _("Active")), ("left", _("Left"))], "active")
        self.status.chosen.connect(self._filtered)
        self.total = label("", "muted")
        above = row(self.search, self.departments, spacing=12)
        if theme.scale() >= LARGE:
            self._filters = holder(column(row(above, None), row(self.status, None, self.total), spacing=8))
        else:
            self._filters = holder(row(above, self.status, None, self.total, spacing=12))

    def _build_foot(self) -> QWidget:
        self.selection = label("", "strong")
        self.give = button(_("Start a campaign for them"), self._give, icon="campaign")
        self.foot = holder(row(self.selection, self.give, None, spacing=12))
        self.foot.hide()
        return self.foot

    def _filter(self) -> dict[str, str]:
        return {
            "search": self.search.text().strip(),
            "department": self.departments.path(),
            "status": self.status.value(),
        }

    def _filtered(self, _value: str) -> None:
        self.refresh()

    def _clear(self) -> None:
        self.search.clear()
        self.departments.choose("")
        self.status.choose("")
        self.refresh()

    def _sort(self, key: str, descending: bool) -> None:
        self._order = {"sort": key, "descending": descending}
        self.refresh()

    def _more(self) -> None:
        self.desk.background.read(
            people.people, self._add, key="more", after=self._next, limit=PAGE, **self._filter(), **self._order
        )

    def _show(self, found: Any) -> None:
        self._next = found.next
        self.model.replace([_row(person) for person in found.rows], more=found.next is not None)
        self._pick_view()

    def _add(self, found: Any) -> None:
        self._next = found.next
        self.model.extend([_row(person) for person in found.rows], more=found.next is not None)

    def _counted(self, count: int) -> None:
        self.total.setText(ntext(language(), "{count} person", "{count} people", count, count=number(count)))

    def _counted_all(self, count: int) -> None:
        self._searching = count > 0
        for part in (self._filters, self.add, self.import_):
            part.setVisible(count > 0)
        self._pick_view()

    def _pick_view(self) -> None:
        view = self.table if self.model.rows else self._nothing if self._searching else self._nobody
        self.views.setCurrentWidget(view)

    def _selected(self, rows: list[Any]) -> None:
        self.foot.setVisible(bool(rows))
        self.selection.setText(ntext(language(), "{n} person selected", "{n} people selected", len(rows)))

    def _opened(self, found: Any) -> None:
        self.desk.open_drawer(PersonDrawer(self.desk, found[-1]))

    def _found(self, rows: Any) -> None:
        if rows:
            self.desk.open_drawer(PersonDrawer(self.desk, rows[0].id))

    def _give(self) -> None:
        self.desk.go("campaign_wizard", people=[found[-2] for found in self.table.selected()])

    def _template(self) -> None:
        ask_template(self, self.desk)

    def _paste(self) -> None:
        text = copied_cells(self.desk)
        if text:
            self.desk.go("import_people", text=text)


def _row(person: Any) -> tuple[Any, ...]:
    return (
        person.employee_no, person.name, person.department, person.email, person.phone, person.hire_date,
        person_status(person.status), person.reference, person.id,
    )  # fmt: skip
