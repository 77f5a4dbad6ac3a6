"""The list before anything is written: what happens to each row, what is wrong with which cell, repaired in place.

All of it without a mouse: F8 and Shift+F8 lead from problem to problem, typing or F2 writes, Enter checks and goes on
to the next problem, Ctrl+Z and Ctrl+Y take repairs back and do them again, Ctrl+Enter goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages import import_asks
from welfare_desk.desktop.pages.import_bench import Bench
from welfare_desk.desktop.pages.import_facets import FacetBar
from welfare_desk.desktop.pages.import_grid import Grid, GridModel
from welfare_desk.desktop.pages.import_inspector import Inspector
from welfare_desk.desktop.pages.import_words import repair_name
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, icon_button, icon_label, label, row
from welfare_desk.i18n import _, error_text, language

Run = Callable[..., object]  # run(title, work, done, **kw): a job that uses the check
OFFERS_AFTER = 250  # ms without a repair, then the repairs of many cells are counted anew


class CheckStep(QWidget):
    """Facets, grid and inspector over one checked list; `run` starts a job that takes the list from the bench."""

    def __init__(self, desk: Desk, bench: Bench, run: Run) -> None:
        super().__init__()
        self.desk, self.bench, self._run = desk, bench, run
        self.facets = FacetBar()
        self.facets.chosen.connect(self._filter)
        self.rows = GridModel(self._load)
        self.rows.repaired.connect(self._repair)
        self.rows.dataChanged.connect(self._look)
        self.grid = Grid(self.rows)
        self.grid.moved.connect(self._look)
        self.grid.pasted.connect(self._paste)
        self.inspector = Inspector()
        self.inspector.offer_taken.connect(self._repair_all)
        self.banner = Banner()
        self.undo = icon_button("undo", _("Undo the last repair (Ctrl+Z)"), self.undo_repair)
        self.redo = icon_button("redo", _("Do it again (Ctrl+Y)"), self.redo_repair)
        self.next = button(_("Next problem") + "  F8", self.next_problem)
        self._done: list[tuple[int, int]] = []
        self._undone: list[tuple[int, int]] = []
        self._column = 0
        self._offers = QTimer(self)
        self._offers.setSingleShot(True)
        self._offers.setInterval(OFFERS_AFTER)
        self._offers.timeout.connect(self._ask_offers)
        self._lay_out()
        self._keys()

    def _lay_out(self) -> None:
        self._views = QStackedWidget()
        self._views.addWidget(self.grid)
        self._empty = label("", "section", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        calm = QWidget()
        inside = QVBoxLayout(calm)
        inside.addStretch(1)
        inside.addWidget(icon_label("ok", "success", 40), 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(self._empty)
        inside.addStretch(2)
        self._views.addWidget(calm)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        tools = row(self.undo, self.redo, self.next, spacing=4)
        tools.setAlignment(Qt.AlignmentFlag.AlignTop)
        top = row(spacing=12)
        top.addWidget(self.facets, 1)
        top.addLayout(tools)
        layout.addLayout(top)
        layout.addWidget(self.banner)
        self._views.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        layout.addLayout(row(self._views, self.inspector, spacing=12), 1)

    def _keys(self) -> None:
        around = Qt.ShortcutContext.WidgetWithChildrenShortcut
        keys = {
            "F8": self.next_problem, "Shift+F8": self.previous_problem, "Ctrl+Z": self.undo_repair,
            "Ctrl+Y": self.redo_repair, "Ctrl+Shift+Z": self.redo_repair,
        }  # fmt: skip
        for key, run in keys.items():
            QShortcut(QKeySequence(key), self, context=around).activated.connect(run)

    def show_check(self) -> None:
        """Shows the list that was just put on the bench, beginning with what needs repair."""
        self._done, self._undone = [], []
        self.rows.locked = False
        self.banner.say("")
        self.inspector.show_offers(())
        self._counted()
        self._show_facet("repair" if self.bench.facets.get("repair") else "all")
        self.bench.ask(import_asks.opening, self._opened, facet=self.facets.value())
        self._offers.start()  # not at once: counting would take turns with the first painting

    def take_focus(self) -> None:
        """The keys go to the grid."""
        self.grid.setFocus()

    def dirty(self) -> bool:
        """Whether repairs would be lost with this list."""
        return bool(self._done)

    def finish(self) -> None:
        """Takes what stands in an open cell."""
        self.grid.finish_writing()

    def lock(self, locked: bool) -> None:
        """While a job uses the list, nothing is written."""
        self.rows.locked = locked
        self.inspector.set_locked(locked)
        self._show_history()

    def renewed(self, facets: dict[str, int]) -> None:
        """The list was changed as a whole: its rows are read again."""
        self.bench.facets = facets
        self._counted()
        self.rows.checked()
        self._renew()

    def next_problem(self) -> None:
        """Goes to the next cell that needs repair: in this row, then in the next row."""
        self._to_problem(1)

    def previous_problem(self) -> None:
        """Goes to the cell before this one that needs repair."""
        self._to_problem(-1)

    def undo_repair(self) -> None:
        """Takes the last repair back."""
        if self._done and not self.rows.locked:
            self._undone.append(self._done.pop())
            index, self._column = self._undone[-1]
            self.bench.ask(import_asks.undo, self._led, self._failed, index=index, facet=self.facets.value())
            self._show_history()

    def redo_repair(self) -> None:
        """Does the repair again that was taken back last."""
        if self._undone and not self.rows.locked:
            self._done.append(self._undone.pop())
            index, self._column = self._done[-1]
            self.bench.ask(import_asks.redo, self._led, self._failed, index=index, facet=self.facets.value())
            self._show_history()

    def _opened(self, answer: tuple[tuple[Any, ...], tuple[Any, ...]]) -> None:
        first, here = answer
        self.grid.horizontalScrollBar().setValue(0)
        self.grid.size_columns([row.cells for row in (*first, *here)], self.bench.facets.get("all", 0))
        problem = min(import_asks.errors(self.rows.headers, here[0]), default=0) if here else 0
        self.grid.go(0, problem)

    def _load(self, offset: int, limit: int) -> None:
        self.bench.ask(import_asks.page, self._loaded, facet=self.facets.value(), offset=offset, limit=limit)

    def _loaded(self, answer: tuple[str, int, Any]) -> None:
        facet, offset, rows = answer
        if facet == self.facets.value():
            self.rows.put(offset, rows)

    def _filter(self, facet: str) -> None:
        self._show_facet(facet)
        self.grid.go(0, 0)

    def _show_facet(self, facet: str) -> None:
        self.facets.choose(facet)
        self.rows.open(self.bench.check.table.columns, self.bench.facets.get(facet, 0))
        self._show_view()
        self._look()

    def _renew(self) -> None:
        self.rows.renew(self.bench.facets.get(self.facets.value(), 0))
        self._show_view()
        self._look()

    def _show_view(self) -> None:
        filled = self.rows.rowCount() > 0
        self._views.setCurrentIndex(0 if filled else 1)
        ready = not self.bench.facets.get("repair")
        self._empty.setText(_("Every row can be imported.") if ready else _("No row is in here."))

    def _counted(self) -> None:
        self.facets.show_counts(self.bench.facets)
        self.next.setEnabled(self.bench.facets.get("repair", 0) > 0)
        self._show_history()

    def _show_history(self) -> None:
        self.undo.setEnabled(bool(self._done) and not self.rows.locked)
        self.redo.setEnabled(bool(self._undone) and not self.rows.locked)

    def _look(self, *_changed: QModelIndex) -> None:
        at, column = self.grid.place()
        found = self.rows.row(at) if 0 <= at < self.rows.rowCount() else None
        self.inspector.show_row(found, self.rows.headers, column)

    def _repair(self, found: Any, column: int, text: str) -> None:
        flows = column in import_asks.errors(self.rows.headers, found)
        self._done.append((found.index, column))
        self._undone.clear()
        self._column = column
        self.bench.ask(
            import_asks.mend, self._mended, self._repair_failed, index=found.index, column=column, value=text,
            facet=self.facets.value(), flows=flows,
        )  # fmt: skip

    def _mended(self, answer: import_asks.Mended) -> None:
        self._after(answer)
        if not self.bench.facets.get("repair"):
            self.banner.say(_("Nothing is left to repair. Ctrl+Enter goes on."), "ok")

    def _led(self, answer: import_asks.Mended) -> None:
        self.banner.say("")
        self._after(answer)

    def _after(self, answer: import_asks.Mended) -> None:
        self.bench.facets = answer.facets
        self.rows.checked()
        self._counted()
        self._renew()
        self._offers.start()
        self._land(answer.landing)

    def _land(self, landing: import_asks.Landing | None) -> None:
        if landing is None:
            return
        if landing.facet != self.facets.value():
            self._show_facet(landing.facet)
        self.rows.replace_row(landing.place, landing.row)
        self.grid.go(landing.place, self._column if landing.column is None else landing.column)
        self._look()

    def _to_problem(self, way: int) -> None:
        self.grid.finish_writing()
        if self.rows.waiting():  # what was just written leads on by itself
            return
        place, column = self.grid.place()
        self.bench.ask(
            import_asks.to_problem, self._land, facet=self.facets.value(), place=place, column=column, way=way
        )

    def _paste(self, place: int, column: int, text: str) -> None:
        self._column = column
        facet = self.facets.value()
        self._run(
            _("Pasting cells"), import_asks.paste, self._pasted, facet=facet, place=place, column=column, text=text
        )

    def _pasted(self, answer: import_asks.Mended) -> None:
        self._done.append((-1, self._column))
        self._undone.clear()
        self.banner.say("")
        self._mended(answer)
        self.take_focus()

    def _repair_all(self, offer: Any) -> None:
        self._column = offer.column
        self._run(repair_name(offer.kind), import_asks.repair_all, self._all_repaired, offer=offer)

    def _all_repaired(self, answer: tuple[dict[str, int], bool]) -> None:
        facets, mended = answer
        if mended:
            self._done.append((-1, self._column))
            self._undone.clear()
        self.renewed(facets)
        self._offers.start()
        if self.bench.facets.get("repair"):
            self.next_problem()
        else:
            self.banner.say(_("Nothing is left to repair. Ctrl+Enter goes on."), "ok")
        self.take_focus()

    def _repair_failed(self, error: Exception) -> None:
        if self._done:
            self._done.pop()
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.rows.checked()
        self._renew()
        self._show_history()
        self.banner.say(error_text(language(), error), "bad")

    def _ask_offers(self) -> None:
        self.bench.ask(import_asks.offers, self._offered, pressed=self.bench.pressed)

    def _offered(self, found: tuple[Any, ...] | None) -> None:
        if found is None:
            self._offers.start()
        else:
            self.inspector.show_offers(found)
