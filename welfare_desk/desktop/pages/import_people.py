"""From an Excel or CSV list, or pasted cells, to the directory: columns, check, what changes, import, and undo."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from welfare_desk.desktop.background import Task
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_open, ask_save, confirm
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages import import_asks, import_work
from welfare_desk.desktop.pages.import_bench import Bench
from welfare_desk.desktop.pages.import_check import CheckStep
from welfare_desk.desktop.pages.import_columns import ColumnsStep
from welfare_desk.desktop.pages.import_diff import DiffStep
from welfare_desk.desktop.pages.import_result import ResultStep
from welfare_desk.desktop.pages.import_sources import KINDS, FileStep, copied_cells, remember
from welfare_desk.desktop.pages.imports_drawer import ImportsDrawer
from welfare_desk.desktop.widgets.basic import button
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.task_progress import TaskProgress
from welfare_desk.desktop.widgets.wizard import Step, Wizard
from welfare_desk.errors import WelfareError
from welfare_desk.files.reading import Reading
from welfare_desk.i18n import _, error_text, language, ntext

FILE, COLUMNS, CHECK, CHANGES, RESULT = range(5)
SECOND_PRESS_MS = 700
MANY_LEAVE, MANY_SHARE = 20, 10  # more than so many, and more than one in so many: the number is typed


class ImportPage(Page):
    """The steps of an import; nothing is written before the fourth is left."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Import people"), _("Nothing is changed before you have seen what will happen"))
        self.header.add(
            button(_("Earlier imports"), self._earlier, icon="undo"),
            button(_("Paste from Excel"), self._paste, icon="copy"),
        )
        self._path: Path | None = None
        self._text = ""
        self._reading = Reading()
        self._password: str | None = None
        self._opened: import_work.Opened | None = None
        self._rereading = False
        self._report: Any = None
        self._task: Task | None = None
        self._writing = False
        self._fresh = True
        self.bench = Bench(desk, self)
        self.bench.rested.connect(self._rested)
        self._leave_later = -1
        self.file = FileStep(desk, self._choose)
        self.columns = ColumnsStep()
        self.check = CheckStep(desk, self.bench, self._use_check)
        self.changes = DiffStep(desk, self.bench)
        self.result = ResultStep(desk)
        self.wizard = Wizard([
            Step(_("File"), self.file), Step(_("Columns"), self.columns), Step(_("Check"), self.check),
            Step(_("Changes"), self.changes), Step(_("Result"), self.result, _("Start a campaign for them")),
        ])  # fmt: skip
        self._second_press = QTimer(self)  # of a double click on "Import": what stands there now waits
        self._second_press.setSingleShot(True)
        self._second_press.setInterval(SECOND_PRESS_MS)
        self.progress = TaskProgress(desk.background)
        self.body.addWidget(self.wizard, 1)
        self.body.insertWidget(1, self.progress)
        self._connect()
        self._entered(FILE)

    def show_target(self, *, path: str = "", text: str = "", **_target: Any) -> None:
        """Starts with a file or with pasted cells; with neither it waits for one."""
        if self._writing:
            self.desk.toast(_("An import is running; let it end or cancel it first."))
        elif path or text:
            if not self._may_drop():
                return
            self._path, self._reading, self._password = (Path(path) if path else None), Reading(), None
            self._text = text
            self._start_over()
            self._read()
        elif self.wizard.index() == RESULT:
            self._start_over()

    def unsaved(self) -> str:
        """A list that was opened and not imported, or an import on its way."""
        if self._writing:
            return _("An import is running. Closing the program takes it back; a new look of the window only hides it.")
        open_ = self._opened is not None and self._report is None
        return _("The list on the screen has not been imported; it and its repairs are closed.") if open_ else ""

    def _connect(self) -> None:
        self.file.chosen.connect(self._recent)
        self.file.unlocked.connect(self._unlock)
        self.columns.reading.changed.connect(self._read_again)
        self.columns.changed.connect(self._columns_changed)
        self.changes.chosen.connect(self._show_forward)
        self.changes.absent_chosen.connect(self._switch)
        self.changes.save_asked.connect(self._save_refused)
        self.changes.repair_asked.connect(self._to_repair)
        self.result.save_asked.connect(self._save_refused)
        self.result.undone.connect(self.wizard.next.hide)
        self._second_press.timeout.connect(self._show_forward)
        self.wizard.leaving.connect(self._leaving)
        self.wizard.entered.connect(self._entered)
        self.wizard.cancelled.connect(self._close)
        self.desk.background.job_ended.connect(self._ended)

    # Reading ---------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        if self._path is not None:
            self._run(
                _("Reading {name}", name=self._path.name), import_work.read_list, self._was_read, path=self._path,
                reading=self._reading, password=self._password,
            )  # fmt: skip
        else:
            self._run(
                _("Reading the cells"), import_work.read_pasted, self._was_read, text=self._text, reading=self._reading
            )

    def _was_read(self, opened: import_work.Opened) -> None:
        self._rereading = False
        table = self._show_opened(opened)
        self.file.forget_password()
        if self._path is not None:
            remember(self.desk.preferences, self._path)
            self.file.refresh()
        name = " · ".join([table.name or _("Cells"), *([table.sheet] if len(table.sheets) > 1 else [])])
        self.header.set_subtitle(
            ntext(language(), "{name}: {count} row", "{name}: {count} rows", len(table.rows), name=name,
                  count=number(len(table.rows)))
        )  # fmt: skip
        if self.wizard.index() == COLUMNS:
            self.wizard.forget_from(COLUMNS)
        else:
            self.columns.reading.open_lines(shown=not opened.guessed)
            self.wizard.go(COLUMNS)

    def _show_opened(self, opened: import_work.Opened) -> Any:
        self._opened = opened
        self._drop_check()
        self.columns.reading.show_table(opened.table, pasted=self._path is None)
        self.columns.show_table(opened.table, opened.guessed, opened.samples)
        return opened.table

    def _read_again(self, reading: Reading) -> None:
        self._reading = reading
        self._rereading = True
        self._read()

    def _unlock(self, password: str) -> None:
        self._password = password
        self._read()

    def _recent(self, path: str) -> None:
        self.show_target(path=path)

    def _choose(self) -> None:
        found = ask_open(self, _("Import people"), KINDS)
        if found is not None:
            self.show_target(path=str(found))

    def _paste(self) -> None:
        text = copied_cells(self.desk)
        if text:
            self.show_target(text=text)

    def _earlier(self) -> None:
        self.desk.open_drawer(ImportsDrawer(self.desk))

    # Checking and changing -------------------------------------------------------------------------------------------

    def _columns_changed(self) -> None:
        self._drop_check()
        self.wizard.forget_from(COLUMNS)
        self.wizard.banner.say("")

    def _drop_check(self) -> None:
        self.bench.put(None)
        self._fresh = True

    def _check(self) -> None:
        if self.bench.check is not None:  # nothing was changed since: repairs are kept
            self.wizard.go(CHECK)
            return
        assert self._opened is not None
        self._run(
            _("Checking the list"), import_work.check_list, self._checked, table=self._opened.table,
            mapping=self.columns.mapping(),
        )  # fmt: skip

    def _checked(self, answer: tuple[Any, dict[str, int]]) -> None:
        self.bench.put(*answer)
        self.check.show_check()
        self.wizard.go(CHECK)

    def _to_repair(self) -> None:
        self.wizard.go(CHECK)
        self.check.next_problem()

    def _switch(self, absent: str) -> None:
        self._use_check(_("Checking the list"), import_asks.switch_absent, self._switched, absent=absent)

    def _switched(self, told: import_asks.Told) -> None:
        self.changes.settle(self.changes.absent())
        self.changes.show_told(told, fresh=False)
        self.check.renewed(told.facets)
        self._show_forward()

    def _save_refused(self) -> None:
        path = ask_save(self, _("Save the refused rows"), _("refused rows") + ".xlsx", "Excel (*.xlsx)")
        if path is not None:
            self._use_check(_("Save the refused rows"), import_work.save_rejects, self._saved, path=path)

    def _saved(self, _nothing: Any) -> None:
        self.desk.toast(_("Saved. Mend the rows there and import the file again."))

    # Importing -------------------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        if not self._may_leave():
            self.wizard.set_busy(False)
            self._show_forward()
            return
        self._writing = self._use_check(_("Importing people"), import_work.apply_check, self._applied)

    def _may_leave(self) -> bool:
        """Many who leave at once are asked about: nobody of them can claim any more."""
        leaving, employed = self.changes.leaving()
        if leaving <= MANY_LEAVE or leaving * MANY_SHARE <= employed:
            return True
        text = _("Of {employed} people {leaving} will be marked as left. Their open grants are closed.",
                 employed=number(employed), leaving=number(leaving))  # fmt: skip
        return confirm(self, _("Mark so many as left?"), text, _("Import"), danger=True, typed=str(leaving))

    def _applied(self, report: Any) -> None:
        self._report = report
        self.result.show_report(report)
        place = next((at for at, field in self.bench.check.mapping.items() if field == "employee_no"), -1)
        self.bench.ask(import_work.imported_people, self.result.show_people, column=place)
        self._second_press.start()
        self.wizard.go(RESULT)
        self.desk.changed.emit("people")

    def _give(self) -> None:
        self.wizard.set_busy(False)
        self.desk.go("campaign_wizard", people=self.result.people or None)

    # The way through -------------------------------------------------------------------------------------------------

    def _leaving(self, index: int) -> None:
        if index == FILE:
            self.wizard.go(COLUMNS)
        elif index == COLUMNS:
            missing = self.columns.missing()
            if missing:
                self.wizard.complain(missing)
            else:
                self._check()
        elif index == RESULT:
            self._give()
        else:
            self.check.finish()
            self._leave_later = index
            if not self.bench.busy():
                self._rested()

    def _rested(self) -> None:
        index, self._leave_later = self._leave_later, -1
        if index == CHECK:
            self.bench.ask(import_asks.told, self._told)
        elif index == CHANGES:
            self._apply()

    def _told(self, told: import_asks.Told) -> None:
        self.changes.show_told(told, fresh=self._fresh)
        self._fresh = False
        self.wizard.go(CHANGES)

    def _entered(self, index: int) -> None:
        if self._report is not None and index in (COLUMNS, CHECK, CHANGES):
            self.wizard.go(RESULT)
            return
        self.wizard.next.setVisible(index != FILE or self._opened is not None)
        self.wizard.back.setVisible(index in (COLUMNS, CHECK, CHANGES))
        self.wizard.cancel.setText(_("Done") if index == RESULT else _("Cancel"))
        self._show_forward()
        self._lead(index)

    def _lead(self, index: int) -> None:
        """The keys go to what comes next."""
        if index == CHECK:
            self.check.take_focus()
        elif index == CHANGES and self.changes.blocked():
            self.changes.without.setFocus()
        elif index in (COLUMNS, CHANGES):
            self.wizard.next.setFocus()
        elif index == RESULT:
            self.setFocus()

    def _show_forward(self) -> None:
        if self.wizard.index() == RESULT:
            self.wizard.next.setEnabled(not self._second_press.isActive())
        if self.wizard.index() != CHANGES:
            return
        going, leaving = self.changes.going(), self.changes.absent_leaving()
        rows = ntext(language(), "Import {count} row", "Import {count} rows", going - leaving,
                     count=number(going - leaving))  # fmt: skip
        if leaving:
            both = _("{rows}, {count} leave", rows=rows, count=number(leaving))
            rows = both if going > leaving else _("Mark {count} as left", count=number(leaving))
        self.wizard.next.setText(rows)
        self.wizard.next.setEnabled(going > 0 and not self.changes.blocked() and self._task is None)
        self.wizard.next.setToolTip(
            _("Repair the rows, or say that the others are imported without them.") if self.changes.blocked() else ""
        )

    def _run(self, title: str, work: Any, done: Any, **kw: Any) -> None:
        if self._task is not None:
            self._task.cancel()
        self.wizard.banner.say("")
        self.wizard.set_busy(True)
        self._task = self.desk.background.job(title, work, done, self._refused, **kw)
        self.progress.follow(self._task, title)

    def _use_check(self, title: str, work: Any, done: Any, **kw: Any) -> bool:
        """Starts a job that has the check to itself; False when another one has it."""
        if self._task is not None or self.bench.check is None or self.bench.held():
            return False
        self.check.lock(True)
        self.changes.lock(True)
        self.wizard.set_busy(True)
        self.bench.hold(partial(self._run, title, work, done, check=self.bench.check, **kw))
        return True

    def _ended(self, number_: int, outcome: str, _error: object) -> None:
        if self._task is None or self._task.number != number_:
            return
        self._task = None
        taken_back, self._writing = self._writing and outcome == "cancelled", False
        self.check.lock(False)
        self.changes.lock(False)
        if outcome != "done":
            self.changes.settle()
            self._put_reading_back()
        self.bench.release()
        self.wizard.set_busy(False)
        self._entered(self.wizard.index())
        if taken_back:
            self.wizard.banner.say(_("Cancelled. Nothing was changed."), "info")

    def _put_reading_back(self) -> None:
        """A reading that led nowhere: the list is shown as it was read before."""
        if self._rereading and self._opened is not None:
            self.columns.reading.show_table(self._opened.table, pasted=self._path is None)
        self._rereading = False

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, WelfareError):
            self.desk.problem.emit(error)
        elif error.code == "table_password":
            self.wizard.go(FILE)
            self.file.ask_password(self._path.name if self._path else "", wrong=bool(error.params.get("wrong")))
        else:
            self.wizard.complain(error_text(language(), error))

    def _may_drop(self) -> bool:
        """Asks before repairs are lost."""
        if self._report is not None or self.bench.check is None or not self.check.dirty():
            return True
        text = _("The repairs you made in the list on the screen are lost.")
        return confirm(self, _("Open another list?"), text, _("Open another list"))

    def _start_over(self) -> None:
        self._opened = self._report = None
        self._drop_check()
        self.header.set_subtitle(_("Nothing is changed before you have seen what will happen"))
        self.file.forget_password()
        self.wizard.go(FILE)
        self.wizard.forget_from(FILE)

    def _close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        elif not self._may_drop():
            return
        self._start_over()
        self._password = None
        self.desk.go("people")
