"""Backups: the last good one and how old it is, one now, a schedule, and the rehearsal that proves a restore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QSpinBox, QWidget

from welfare_desk.desktop import formats, theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_save
from welfare_desk.desktop.pages.service_jobs import wait_for
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import badge, button, card, column, holder, label, primary, row, set_badge
from welfare_desk.desktop.widgets.fields import Form, choose
from welfare_desk.desktop.widgets.page import Page, scrolled
from welfare_desk.desktop.widgets.task_progress import TaskProgress
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import backups as backup_queries
from welfare_desk.queries.backups import BackupState, LastBackup, RehearsalSeen, Schedule
from welfare_desk.services import backup_schedule, backups, rehearsals

KILOBYTE, MEGABYTE = 1_000, 1_000_000


class BackupPage(Page):
    """What was saved last, saving now, saving by itself, and trying whether it could be restored."""

    NOUNS = ("settings", "backups")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Backup and restore"), _("Encrypted; only this installation's keys open it."))
        self.now = primary(_("Back up now"), self._back_up)
        self.header.add(self.now)
        self.banner = Banner()
        self.progress = TaskProgress(desk.background)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.progress)
        left = column(self._last_card(), self._rehearsal_card(), self._keys_card(), None, spacing=16)
        right = column(self._schedule_card(), None, spacing=16)
        side = holder(right)
        side.setFixedWidth(theme.px(400))
        self.body.addWidget(scrolled(holder(row(holder(left), side, spacing=16))), 1)

    def refresh(self) -> None:
        """Reads how backups stand."""
        now = self.desk.ctx.clock.now()
        self.desk.background.read(backup_queries.state, self._show, key="backups", now=now)

    def _last_card(self) -> QWidget:
        self.age = label("–", "hero")
        self.when = label("", "muted", wrap=True)
        self.file = label("", "mono", wrap=True, selectable=True)
        return card(label(_("Last good backup"), "section"), self.age, self.when, self.file, spacing=8, margin=24)

    def _rehearsal_card(self) -> QWidget:
        self.verdict = badge("", "plain")
        self.verdict.hide()
        self.result = label(_("Never rehearsed. A backup that was never restored is only a hope."), "muted", wrap=True)
        explain = label(
            _(
                "The service restores the newest backup into a sandbox, compares every code and every cent there, "
                "and throws it away. Nothing real is touched."
            ),
            wrap=True,
        )
        self.rehearse = button(_("Rehearse a restore"), self._rehearse, icon="refresh")
        title = row(label(_("Restore rehearsal"), "section"), self.verdict, None)
        return card(title, explain, self.result, row(self.rehearse, None), spacing=12, margin=24)

    def _schedule_card(self) -> QWidget:
        form = Form(width=340)
        often = [("", _("Not by itself")), ("day", _("Every day")), ("week", _("Every week"))]
        form.add_choice("every", _("How often"), often, "")
        hint = _("On the machine that runs the service; best on another disk.")
        form.add_line("folder", _("Folder"), hint=hint)
        keep = QSpinBox()
        keep.setRange(1, backup_schedule.MOST_KEPT)
        form.add("keep", _("Backups to keep"), keep, hint=_("Older ones of the schedule are deleted."))
        self.form = form
        self.choose_folder = button(_("Choose folder …"), self._choose, kind="quiet", icon="file")
        self.save = button(_("Save schedule"), self._save)
        parts = (label(_("Schedule"), "section"), form, row(self.save, self.choose_folder, None))
        return card(*parts, spacing=12, margin=24)

    def _keys_card(self) -> QWidget:
        text = label(
            _(
                "A backup holds no keys. Keep the recovery key, and copies of the folders keys and journal, "
                "somewhere else: without keys nobody can open it."
            ),
            "muted", wrap=True,
        )  # fmt: skip
        restore = label("welfare-desk restore FILE", "mono", selectable=True)
        how = label(_("To restore for real, stop the service and run:"), "muted", wrap=True)
        return card(label(_("Keys and restoring"), "section"), text, how, restore, spacing=8, margin=24)

    def _show(self, found: BackupState) -> None:
        now = self.desk.ctx.clock.now()
        self._show_last(found.last, now)
        self._show_schedule(found.schedule)
        self._show_rehearsal(found.rehearsal, now)
        self.rehearse.setEnabled(found.last is not None)
        if found.trouble:
            error = WelfareError(str(found.trouble["code"]), **found.trouble.get("params", {}))
            said = error_text(language(), error)
            self.banner.say(_("The last scheduled backup failed: {reason}", reason=said), "bad")
        elif found.overdue(now):
            self.banner.say(overdue_text(found.last, now), "warn")
        else:
            self.banner.say("")

    def _show_last(self, last: LastBackup | None, now: int) -> None:
        if last is None:
            self.age.setText(_("None yet"))
            self.when.setText(_("If this disk fails today, everything on it is lost."))
            self.file.hide()
            return
        self.age.setText(formats.ago(last.at, now))
        large = last.bytes >= MEGABYTE
        size = f"{last.bytes / MEGABYTE:,.1f} MB" if large else f"{last.bytes / KILOBYTE:,.0f} kB"
        rows = ntext(language(), "{n} row", "{n} rows", last.rows)
        self.when.setText(" · ".join((formats.moment(last.at), size, rows)))
        self.file.setText(last.file)
        self.file.show()

    def _show_schedule(self, schedule: Schedule) -> None:
        for name in ("every", "folder", "keep"):
            field = self.form.field(name)
            if not field.hasFocus():
                field.blockSignals(True)
                choose(field, getattr(schedule, name))
                field.blockSignals(False)

    def _show_rehearsal(self, seen: RehearsalSeen | None, now: int) -> None:
        if seen is None:
            return
        set_badge(self.verdict, _("adds up") if seen.ok else _("differs"), "ok" if seen.ok else "bad")
        self.verdict.show()
        shown = {"when": formats.ago(seen.at, now), "rows": formats.number(seen.rows), "seconds": seen.seconds,
                 "of": formats.moment(seen.backup_at)}  # fmt: skip
        said = _("{when}: the backup of {of} was restored in {seconds} s, {rows} rows.", **shown)
        after = ntext(
            language(), "{n} claim made after it came from the journal.",
            "{n} claims made after it came from the journal.", seen.replayed,
        )  # fmt: skip
        wrong = ntext(language(), "{n} difference was found.", "{n} differences were found.", seen.differences)
        self.result.setText(" ".join([said] + [after] * bool(seen.replayed) + [wrong] * (not seen.ok)))

    def _back_up(self) -> None:
        stamp = formats.moment(self.desk.ctx.clock.now()).replace(":", "").replace(" ", "-")
        kinds = _("Welfare Desk backup") + " (*.wdb)"
        path = ask_save(self, _("Back up to"), f"welfare-desk-{stamp}.wdb", kinds)
        if path is None:
            return
        self.now.setEnabled(False)
        title = _("Backing up")
        task = self.desk.background.job(title, back_up, self._backed_up, self._not_backed_up, path=path)
        self.progress.follow(task, title)

    def _backed_up(self, made: backups.Backup) -> None:
        self.now.setEnabled(True)
        self.desk.toast(_("Backed up: {file}", file=Path(made.file).name))
        self.desk.changed.emit("backups")

    def _not_backed_up(self, error: Exception) -> None:
        self.now.setEnabled(True)
        self.banner.say(error_text(language(), error), "bad")

    def _choose(self) -> None:
        found = QFileDialog.getExistingDirectory(self, _("Folder for backups"))
        if found:
            choose(self.form.field("folder"), found)

    def _save(self) -> None:
        self.form.clear_errors()
        values = self.form.values()
        self.desk.background.write(backup_schedule.set_schedule, self._saved, self._refused, **values)

    def _saved(self, _result: Schedule) -> None:
        self.desk.toast(_("Saved"))
        self.desk.changed.emit("backups")

    def _refused(self, error: Exception) -> None:
        if not self.form.show_error(error):
            self.desk.toast(error_text(language(), error))

    def _rehearse(self) -> None:
        self.rehearse.setEnabled(False)
        title = _("Rehearsing a restore")
        task = self.desk.background.job(title, rehearse, self._rehearsed, self._not_rehearsed)
        self.progress.follow(task, title)

    def _rehearsed(self, _job: Any) -> None:
        self.desk.changed.emit("backups")

    def _not_rehearsed(self, error: Exception) -> None:
        self.rehearse.setEnabled(True)
        set_badge(self.verdict, _("failed"), "bad")
        self.verdict.show()
        self.result.setText(error_text(language(), error))


def back_up(ctx: Any, report: Any, *, path: Path) -> backups.Backup:
    """The job behind Back up now; cancelled, it leaves no file."""
    return backups.write_backup(ctx, path, report=report)


def rehearse(ctx: Any, report: Any) -> Any:
    """The job behind the rehearsal: asks the service, which has the keys, and waits for it."""
    return wait_for(ctx, report, ctx.write(rehearsals.request))


def overdue_text(last: LastBackup | None, now: int) -> str:
    """Why a backup is due."""
    if last is None:
        return _("There has been no backup yet.")
    return _("The last backup is from {when}.", when=formats.ago(last.at, now))
