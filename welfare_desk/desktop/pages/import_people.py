"""From an Excel or CSV list, or pasted cells, to the directory: columns, check, import, and undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from welfare_desk.desktop.background import Task
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_open
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.import_check import CheckStep
from welfare_desk.desktop.pages.import_columns import ColumnsStep
from welfare_desk.desktop.pages.import_result import ResultStep
from welfare_desk.desktop.pages.import_sources import KINDS, ask_template, copied_cells
from welfare_desk.desktop.pages.import_work import apply_plan, check_list, named_people, read_list, read_pasted
from welfare_desk.desktop.pages.imports_drawer import ImportsDrawer
from welfare_desk.desktop.widgets.basic import button
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.task_progress import TaskProgress
from welfare_desk.desktop.widgets.wizard import Step, Wizard
from welfare_desk.domain.plans import Audience
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import recipients
from welfare_desk.services import people_import

FILE, COLUMNS, CHECK, RESULT = range(4)


class ImportPage(Page):
    """The four steps of an import; nothing is written before the third is left."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Import people"), _("Nothing is changed before you have seen what will happen"))
        self.header.add(
            button(_("Earlier imports"), self._earlier, icon="undo"),
            button(_("Paste from Excel"), self._paste, icon="copy"),
        )
        self._table: Any = None
        self._plan: Any = None
        self._imported = False
        self._task: Task | None = None
        self.columns = ColumnsStep()
        self.columns.sheet_chosen.connect(self._other_sheet)
        self.columns.changed.connect(self._columns_changed)
        self.check = CheckStep(desk)
        self.check.absent_chosen.connect(self._check_again)
        self.result = ResultStep(desk)
        self.wizard = Wizard([
            Step(_("File"), self._file_step()),
            Step(_("Columns"), self.columns),
            Step(_("Check"), self.check),
            Step(_("Result"), self.result, _("Start a campaign for them")),
        ])  # fmt: skip
        self.wizard.leaving.connect(self._leaving)
        self.wizard.entered.connect(self._entered)
        self.wizard.cancelled.connect(self._close)
        self.progress = TaskProgress(desk.background)
        desk.background.job_ended.connect(self._ended)
        self.body.addWidget(self.wizard, 1)
        self.body.insertWidget(1, self.progress)
        self._path: Path | None = None
        self._entered(FILE)

    def show_target(self, *, path: str = "", text: str = "", **_target: Any) -> None:
        """Starts with a file or with pasted cells; with neither it waits for one."""
        if self._writing():
            self.desk.toast(_("An import is running; let it end or cancel it first."))
            return
        if path:
            self.open_path(Path(path))
        elif text:
            self._open(_("Reading the cells"), read_pasted, text=text)
        elif self.wizard.index() == RESULT:
            self._start_over()

    def open_path(self, path: Path, sheet: str | None = None) -> None:
        """Reads a file, then shows its columns."""
        self._path = path
        self._open(_("Reading {name}", name=path.name), read_list, path=path, sheet=sheet)

    def _file_step(self) -> Any:
        self.drop = EmptyState(
            "file", _("Drop an Excel or CSV list anywhere on this window, or paste the cells with Ctrl+V."),
            _("Choose a file …"), self._choose, button(_("Save a template"), self._template, icon="table"),
        )  # fmt: skip
        return self.drop

    def _template(self) -> None:
        ask_template(self, self.desk)

    def _choose(self) -> None:
        found = ask_open(self, _("Import people"), KINDS)
        if found is not None:
            self.open_path(found)

    def _earlier(self) -> None:
        self.desk.open_drawer(ImportsDrawer(self.desk))

    def _paste(self) -> None:
        text = copied_cells(self.desk)
        if text:
            self.show_target(text=text)

    def _writing(self) -> bool:
        return self._task is not None and self.wizard.index() == CHECK and self._plan is not None

    def _start_over(self) -> None:
        self._table = self._plan = None
        self._imported = False
        self.wizard.go(FILE)
        self.wizard.forget_from(FILE)

    def _open(self, title: str, work: Any, **kw: Any) -> None:
        self._start_over()
        self._run(title, work, self._opened, **kw)

    def _run(self, title: str, work: Any, done: Any, **kw: Any) -> None:
        if self._task is not None:
            self._task.cancel()
        self.wizard.banner.say("")
        self.wizard.set_busy(True)
        self._task = self.desk.background.job(title, work, done, self._refused, **kw)
        self.progress.follow(self._task, title)

    def _ended(self, number_: int, _outcome: str, _error: object) -> None:
        if self._task is not None and self._task.number == number_:
            self._task = None
            self.wizard.set_busy(False)
            self._entered(self.wizard.index())

    def _opened(self, table: Any) -> None:
        self._table = table
        self.columns.show_table(table, people_import.guess(table))
        self.header.set_subtitle(
            ntext(
                language(),
                "{name}: {count} row",
                "{name}: {count} rows",
                len(table.rows),
                name=table.name or _("Cells"),
                count=number(len(table.rows)),
            )
        )
        self.wizard.go(COLUMNS)

    def _other_sheet(self, sheet: str) -> None:
        if self._path is not None:
            self.open_path(self._path, sheet)

    def _columns_changed(self) -> None:
        self._plan = None
        self.wizard.forget_from(COLUMNS)
        self.wizard.banner.say("")

    def _leaving(self, index: int) -> None:
        if index == COLUMNS:
            missing = self.columns.missing()
            if missing:
                self.wizard.complain(missing)
            else:
                self._check()
        elif index == CHECK:
            self._apply()
        elif index == RESULT:
            self._give()
        else:
            self.wizard.go(COLUMNS)

    def _check_again(self, _absent: str) -> None:
        self._check()

    def _check(self) -> None:
        self._plan = None
        self._run(
            _("Checking the list"), check_list, self._checked, table=self._table, mapping=self.columns.mapping(),
            absent=self.check.absent(),
        )  # fmt: skip

    def _checked(self, plan: Any) -> None:
        self._plan = plan
        self.check.show_plan(plan)
        self.wizard.go(CHECK)

    def _apply(self) -> None:
        self._run(_("Importing people"), apply_plan, self._applied, plan=self._plan)

    def _applied(self, report: Any) -> None:
        self.result.show_report(report, self._table)
        numbers = named_people(self._table, self.columns.mapping(), report.problems)
        audience = Audience("people", people=numbers)
        self.desk.background.read(recipients.recipients, self.result.show_people, key="people", audience=audience)
        self._imported = True
        self.wizard.go(RESULT)
        self.desk.changed.emit("people")

    def _refused(self, error: Exception) -> None:
        if isinstance(error, WelfareError):
            self.wizard.complain(error_text(language(), error))
        else:
            self.desk.problem.emit(error)

    def _entered(self, index: int) -> None:
        if self._imported and index in (COLUMNS, CHECK):
            self.wizard.go(RESULT)
            return
        self.wizard.next.setVisible(index != FILE or self._table is not None)
        self.wizard.back.setVisible(index in (COLUMNS, CHECK))
        self.wizard.cancel.setText(_("Done") if index == RESULT else _("Cancel"))
        if index == CHECK and self._plan is None:
            self.wizard.next.setEnabled(False)
        elif index == CHECK:
            going = self._plan.report.created + self._plan.report.updated + self._plan.report.left
            self.wizard.next.setText(
                ntext(language(), "Import {count} row", "Import {count} rows", going, count=number(going))
            )
            self.wizard.next.setEnabled(going > 0)

    def _give(self) -> None:
        self.wizard.set_busy(False)
        self.desk.go("campaign_wizard", people=self.result.people or None)

    def _close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._start_over()
        self.header.set_subtitle(_("Nothing is changed before you have seen what will happen"))
        self.desk.go("people")
