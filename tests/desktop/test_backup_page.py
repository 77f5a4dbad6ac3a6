"""The backup page: what was saved, saving now, by schedule, and the rehearsal that the service does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests.support import looks
from tests.support.desk import DeskWorld, open_desk
from welfare_desk.desktop import theme
from welfare_desk.desktop.pages.backup import BackupPage
from welfare_desk.desktop.pages.today import TodayPage
from welfare_desk.i18n import set_language
from welfare_desk.jobs import runner
from welfare_desk.queries import backups, jobs

DAY_MS = 24 * 3_600_000


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path) as made:
        yield made


def page_of(world: DeskWorld, qtbot: QtBot) -> BackupPage:
    page = BackupPage(world.desk)
    qtbot.addWidget(page)
    world.desk.changed.connect(page.refresh)
    page.resize(1080, 720)
    page.show()
    world.settle()
    return page


def test_backing_up_now(world: DeskWorld, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.world.people(30)
    page = page_of(world, qtbot)
    assert page.banner.text() == "There has been no backup yet."
    assert not page.rehearse.isEnabled()
    file = tmp_path / "here.wdb"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(file), ""))
    page.now.click()
    assert not page.now.isEnabled()
    world.until(lambda: page.file.text() == str(file), what="the new backup is shown")
    assert file.stat().st_size > 100
    assert page.banner.text() == ""
    assert page.rehearse.isEnabled()
    world.world.clock.moment += 8 * DAY_MS
    page.refresh()
    world.until(lambda: page.banner.text() == "The last backup is from 8 d ago.")


def test_a_folder_that_cannot_be_written_is_said(
    world: DeskWorld, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(world, qtbot)
    file = tmp_path / "nowhere" / "x.wdb"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(file), ""))
    page.now.click()
    world.until(page.now.isEnabled)
    assert "backup" in page.banner.text()


def test_the_schedule_is_kept_and_wrong_ones_are_marked(world: DeskWorld, qtbot: QtBot, tmp_path: Path) -> None:
    page = page_of(world, qtbot)
    page.form.field("every").setCurrentIndex(1)  # type: ignore[attr-defined]
    page.form.field("folder").setText("backups")  # type: ignore[attr-defined]
    page.save.click()
    world.settle()
    assert page.form.field("folder").property("invalid") == "true"
    page.form.field("folder").setText(str(tmp_path))  # type: ignore[attr-defined]
    page.save.click()
    world.settle()
    kept = world.desk.ctx.read(backups.state, now=0).schedule
    assert kept == backups.Schedule("day", str(tmp_path), 7)


@pytest.mark.logs  # the job says why it failed
def test_the_rehearsal_is_done_by_the_service(
    world: DeskWorld, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.world.people(5)
    page = page_of(world, qtbot)
    file = tmp_path / "here.wdb"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(file), ""))
    page.now.click()
    world.until(page.rehearse.isEnabled)
    page.rehearse.click()
    [job] = world.until(lambda: [job for job in world.desk.ctx.read(jobs.recent) if job.kind == "rehearse_restore"])
    runner.run_once(world.world.ctx, job.id, deadline=time.monotonic() + 30)
    world.until(lambda: page.verdict.text() == "adds up", what="the verdict")
    assert "was restored in" in page.result.text()
    file.unlink()
    page.rehearse.click()
    job_ids = {job.id}
    fresh = world.until(
        lambda: [job for job in world.desk.ctx.read(jobs.recent) if job.kind == "rehearse_restore"
                 and job.id not in job_ids]
    )  # fmt: skip
    runner.run_once(world.world.ctx, fresh[0].id, deadline=time.monotonic() + 30)
    world.until(lambda: page.verdict.text() == "failed")
    assert page.rehearse.isEnabled()


def test_today_reminds_of_a_backup(world: DeskWorld, qtbot: QtBot) -> None:
    product = world.world.product()
    world.world.campaign(product, world.world.people(1))
    page = TodayPage(world.desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    world.until(lambda: page.backup_banner.text() == "There has been no backup yet.")
    page.backup_banner.action.click()
    assert world.heard["went"][-1][0] == "backup"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_is_clipped(world: DeskWorld, qtbot: QtBot, qapp: QApplication, language: str, look: str) -> None:
    set_language(language)
    theme.apply(qapp, look, 100)
    page = page_of(world, qtbot)
    assert looks.problems(page) == []
    set_language("en")
