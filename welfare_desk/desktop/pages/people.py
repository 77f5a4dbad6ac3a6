"""The directory: who can be given something. Search, departments, segments, import, add and correct."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_open
from welfare_desk.desktop.formats import month_day, number
from welfare_desk.desktop.pages.import_sources import KINDS, ask_template, copied_cells
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.desktop.pages.segment_actions import SegmentActions
from welfare_desk.desktop.pages.segment_chips import OWN, SegmentChips
from welfare_desk.desktop.pages.words import person_status, word_text, word_tone
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, column, holder, label, primary, row
from welfare_desk.desktop.widgets.column_chooser import column_chooser
from welfare_desk.desktop.widgets.department_tree import DepartmentTree
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.domain.segments import Filter, today
from welfare_desk.i18n import _, language, ntext
from welfare_desk.queries import departments, people, people_imports, segments

PAGE = 200
STALE_DAYS = 90
DAY_MS = 86_400_000
HIDDEN = ("email", "hire_date", "birthday", "leave_date")


def columns() -> tuple[Column, ...]:
    """What the list can show of a person."""
    return (
        Column("employee_no", _("Employee number"), 136, mono=True, sortable=True),
        Column("name", _("Name"), 100, sortable=True),
        Column("department", _("Department"), 160, sortable=True),
        Column("phone", _("Phone"), 140),
        Column("email", _("E-mail"), 200, sortable=True),
        Column("hire_date", _("Hire date"), 100, sortable=True),
        Column("site", _("Work location"), 116, sortable=True),
        Column("level", _("Job level"), 86, sortable=True),
        Column("tags", _("Tags"), 90, show=", ".join),
        Column("birthday", _("Birthday"), 90, show=month_day),
        Column("leave_date", _("Leave date"), 100),
        Column("status", _("Status"), 70, show=word_text, tone=word_tone),
    )


class PeoplePage(Page):
    """The list of everybody, with filters; a person opens in the drawer."""

    NOUNS = ("people", "segments")

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
        self._all = 0
        self._found = 0
        self._everybody = False  # whether all results are meant, not only the rows that were selected
        self.banner = Banner()
        self._build_filters()
        self._build_views()
        self.body.addWidget(self.banner)
        self.body.addWidget(self._filters)
        self.body.addWidget(holder(row(self.departments, self.views, spacing=12)), 1)
        self.body.addWidget(self._build_foot())
        find = QShortcut(QKeySequence.StandardKey.Find, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def refresh(self) -> None:
        """Loads the first page, the tree and every count again."""
        run, day = self.desk.background.read, self._today()
        self._load()
        run(segments.overview, self._numbered, key="numbers", today=day)
        run(departments.departments, self._tree_known, key="departments", status=self._tree_status())
        run(people_imports.last_import, self._imported, key="imported")

    def show_target(self, *, person_id: int | None = None, reference: str = "", **_target: Any) -> None:
        """Opens one person, as the search asked."""
        if person_id is not None:
            self.desk.open_drawer(PersonDrawer(self.desk, person_id))
        elif reference:
            self.desk.background.read(people.find, self._person_found, key="find", text=reference, limit=1)

    def ask_import(self) -> None:
        """Asks for a list to import."""
        found = ask_open(self, _("Import people"), KINDS)
        if found is not None:
            self.desk.go("import_people", path=str(found))

    def add_person(self) -> None:
        """Adds one person by hand."""
        self.desk.open_drawer(PersonForm(self.desk))

    def present(self) -> Filter:
        """The filter in force without the search: the view, narrowed to the department of the tree."""
        wanted = self.chips.view().wanted
        return dataclasses.replace(wanted, department=self.departments.path() or wanted.department)

    def _build_filters(self) -> None:
        self.search = SearchBox(_("Name, number, e-mail or phone"))
        self.search.searched.connect(self._narrowed)
        self.departments = DepartmentTree()
        self.departments.picked.connect(self._narrowed)
        self.chips = SegmentChips()
        self.chips.chosen.connect(self._looked)
        self.segments = SegmentActions(self.desk, self.chips, self.present, self)
        self.segments.viewed.connect(self._viewed)
        self.total = label("", "muted")
        self.columns = column_chooser(self.table, columns(), "people", self.desk.preferences, hidden=HIDDEN)
        above = row(self.search, None, self.total, self.columns, spacing=12)
        self._filters = holder(column(above, self.chips, spacing=8))
        self._filters.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _build_views(self) -> None:
        self._nobody = EmptyState(
            "people", _("Drop an Excel or CSV list anywhere on this window, and everybody is here in a minute."),
            _("Import people"), self.ask_import, button(_("Add person"), self.add_person),
            button(_("Save a template"), self._template),
        )  # fmt: skip
        self._nothing = EmptyState("search", _("Nobody matches this search."), _("Clear the filter"), self._clear)
        self.views = QStackedWidget()
        for view in (self.table, self._nobody, self._nothing):
            self.views.addWidget(view)

    def _build_foot(self) -> QWidget:
        self.selection = label("", "strong")
        self.everybody = button("", self._select_all, kind="quiet")
        self.give = button(_("Start a campaign for them"), self._give, icon="campaign")
        self.foot = holder(row(self.selection, self.everybody, self.give, None, spacing=12))
        self.foot.hide()
        return self.foot

    def _today(self) -> Any:
        return today(self.desk.ctx.clock.now())

    def _filter(self) -> dict[str, Any]:
        return {
            "search": self.search.text().strip(), "department": self.departments.path(),
            "wanted": self.chips.view().wanted, "today": self._today(),
        }  # fmt: skip

    def _tree_status(self) -> str:
        status = self.chips.view().wanted.status
        return "" if status == "any" else status

    def _load(self) -> None:
        run, filters = self.desk.background.read, self._filter()
        run(people.people, self._show, key="list", limit=PAGE, **filters, **self._order)
        if not filters["search"]:  # a search counts its hits itself
            run(people.count_people, self._counted, key="count", **filters)

    def _narrowed(self, _value: str) -> None:
        self._load()

    def _looked(self, _view: Any) -> None:
        self.desk.background.read(
            departments.departments, self._tree_known, key="departments", status=self._tree_status()
        )
        self._load()

    def _clear(self) -> None:
        self.search.clear()
        self.departments.choose("")
        self.chips.choose("any")
        self.refresh()

    def _sort(self, key: str, descending: bool) -> None:
        if key in people.SORTS:
            self._order = {"sort": key, "descending": descending}
            self._load()

    def _more(self) -> None:
        self.desk.background.read(
            people.people, self._add, key="more", after=self._next, limit=PAGE, **self._filter(), **self._order
        )

    def _show(self, found: Any) -> None:
        self._next = found.next
        self.model.replace([_row(person) for person in found.rows], more=found.next is not None)
        if found.total is not None:
            self._counted(found.total)
        self._selected([])  # new rows are not selected, and nobody says so
        self._pick_view()

    def _add(self, found: Any) -> None:
        self._next = found.next
        self.model.extend([_row(person) for person in found.rows], more=found.next is not None)

    def _counted(self, count: int) -> None:
        self._found = count
        if self.chips.view().key == OWN and not self.search.text() and not self.departments.path():
            self.chips.set_count(OWN, count)
        self.total.setText(ntext(language(), "{count} person", "{count} people", count, count=number(count)))

    def _numbered(self, found: Any) -> None:
        counts = {"active": found.active, "left": found.left, "any": found.active + found.left}
        self._all = counts["any"]
        for part in (self._filters, self.departments, self.add, self.import_):
            part.setVisible(self._all > 0)
        for key, people_ in counts.items():
            self.chips.set_count(key, people_)
        self.chips.show_segments(found.segments)
        self.departments.set_total(counts[self.chips.view().wanted.status])
        self._pick_view()

    def _tree_known(self, rows: Any) -> None:
        self.departments.show_departments(rows)

    def _imported(self, at: int | None) -> None:
        days = (self.desk.ctx.clock.now() - at) // DAY_MS if at is not None else 0
        old = _(
            "The last list was imported {days} days ago. Import the present one so that nobody is missed.", days=days
        )
        self.banner.say(old if days > STALE_DAYS and self._all else "", "warn")

    def _pick_view(self) -> None:
        view = self.table if self.model.rows else self._nothing if self._all else self._nobody
        self.views.setCurrentWidget(view)

    def _selected(self, rows: list[Any]) -> None:
        self._everybody = False
        self.foot.setVisible(bool(rows))
        self.everybody.setVisible(len(rows) < self._found)
        self.everybody.setText(_("Select all {count} results", count=number(self._found)))
        self.selection.setText(ntext(language(), "{n} person selected", "{n} people selected", len(rows)))

    def _select_all(self) -> None:
        self._everybody = True
        self.everybody.hide()
        self.selection.setText(_("All {count} results selected", count=number(self._found)))

    def _opened(self, found: Any) -> None:
        self.desk.open_drawer(PersonDrawer(self.desk, found[-1]))

    def _person_found(self, rows: Any) -> None:
        if rows:
            self.desk.open_drawer(PersonDrawer(self.desk, rows[0].id))

    def _give(self) -> None:
        if self._everybody:
            self.desk.background.read(people.references, self._give_to, key="everybody", **self._filter())
        else:
            self._give_to([found[-2] for found in self.table.selected()])

    def _give_to(self, named: Any) -> None:
        self.desk.go("campaign_wizard", people=list(named))

    def _viewed(self) -> None:
        self.departments.choose("")
        self._looked(None)

    def _template(self) -> None:
        ask_template(self, self.desk)

    def _paste(self) -> None:
        text = copied_cells(self.desk)
        if text:
            self.desk.go("import_people", text=text)


def _row(person: Any) -> tuple[Any, ...]:
    return (
        person.employee_no, person.name, person.department, person.phone, person.email, person.hire_date, person.site,
        person.level, person.tags, person.birthday, person.leave_date, person_status(person.status), person.reference,
        person.id,
    )  # fmt: skip
