"""Backups by themselves, how they are shown, and the rehearsal that proves one."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.test_backups import claim
from tests.support.world import HOUR, World, at_desk, open_world
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.jobs import scheduled_backups
from welfare_desk.queries import backups as queries
from welfare_desk.queries.settings import fact
from welfare_desk.security.journal import Journal
from welfare_desk.services import backup_schedule, backups, rehearsals

DAY = 24 * HOUR


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def seen(world: World) -> queries.BackupState:
    return world.ctx.read(queries.state, now=world.clock.now())


def test_a_schedule_writes_keeps_and_forgets(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "welfare-desk-ANOTHER--20200101-000000.wdb").write_bytes(b"of another installation")
    assert backup_schedule.run_if_due(world.ctx) is None
    assert seen(world).overdue(world.clock.now())
    world.ctx.write(backup_schedule.set_schedule, every="day", folder=str(folder), keep=2)
    made = []
    for _day in range(4):
        done = backup_schedule.run_if_due(world.ctx)
        assert done is not None
        assert backup_schedule.run_if_due(world.ctx) is None
        made.append(Path(done.file).name)
        assert seen(world).last == queries.LastBackup(done.file, done.rows, done.bytes, world.clock.now())
        world.clock.moment += DAY
    assert files(folder) == sorted([*made[-2:], "welfare-desk-ANOTHER--20200101-000000.wdb"])
    assert not seen(world).overdue(world.clock.now())
    world.clock.moment += 7 * DAY
    assert seen(world).overdue(world.clock.now())


def test_a_folder_that_is_away_is_said_and_tried_again(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    world.ctx.write(backup_schedule.set_schedule, every="week", folder=str(folder), keep=1)
    stop = threading.Event()
    stop.set()
    assert scheduled_backups.sweep(world.ctx, stop) == 0
    trouble = seen(world).trouble
    assert trouble is not None
    assert (trouble["code"], trouble["params"]["reason"]) == ("backup_unwritable", str(folder))
    folder.mkdir()
    assert backup_schedule.run_if_due(world.ctx) is None
    world.clock.moment += backup_schedule.AGAIN_MS
    assert backup_schedule.run_if_due(world.ctx) is not None
    assert seen(world).trouble is None


def test_an_ending_process_gives_the_backup_up(world: World, tmp_path: Path) -> None:
    world.people(1200)
    world.ctx.write(backup_schedule.set_schedule, every="day", folder=str(tmp_path), keep=1)
    stop = threading.Event()
    stop.set()
    assert scheduled_backups.sweep(world.ctx, stop) == 0
    assert list(tmp_path.glob("*.wdb*")) == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"every": "hour", "folder": "/x", "keep": 1}, "schedule_every"),
        ({"every": "day", "folder": "backups", "keep": 1}, "schedule_folder"),
        ({"every": "day", "folder": "/x", "keep": 0}, "schedule_keep"),
    ],
)
def test_wrong_schedules_are_refused(world: World, values: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        world.ctx.write(backup_schedule.set_schedule, **values)  # type: ignore[arg-type]


def test_a_rehearsal_restores_checks_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    product = world.product()
    world.stock(product, 20)
    _campaign, grants = world.campaign(product, world.people(20), reserved={product: 20}, verify="none")
    journal = Journal(world.ctx.data, world.ctx.keys, "test")  # type: ignore[arg-type]
    claim(world, journal, grants[:5])
    with pytest.raises(Refused, match="backup_none"):
        at_desk(world).write(rehearsals.request)
    made = backups.write_backup(world.ctx, tmp_path / "b.wdb")
    claim(world, journal, grants[5:9])
    journal.close()
    assert at_desk(world).write(rehearsals.request)
    before = world.ctx.read(fact, key="epoch")
    reported: list[int] = []
    found = rehearsals.rehearse(world.ctx, Path(made.file), report=reported.append)
    assert (found.ok, found.rows, found.replayed) == (True, made.rows, 4)
    assert reported
    assert world.ctx.read(fact, key="epoch") == before
    assert list(tmp_path.glob("rehearsal-*")) == []
    assert seen(world).rehearsal == found


def test_a_rehearsal_says_that_a_backup_is_broken(world: World, tmp_path: Path) -> None:
    made = backups.write_backup(world.ctx, tmp_path / "b.wdb")
    file = Path(made.file)
    content = file.read_bytes()
    file.write_bytes(content[:-20] + bytes(20))
    with pytest.raises(Refused, match="backup_altered"):
        rehearsals.rehearse(world.ctx, file)
    file.unlink()
    with pytest.raises(Unavailable, match="backup_unreadable"):
        rehearsals.rehearse(world.ctx, file)
    assert list(tmp_path.glob("rehearsal-*")) == []


def test_a_demo_needs_no_backup() -> None:
    nothing = queries.BackupState(None, queries.Schedule(), None, None, due=False, needed=True)
    assert nothing.overdue(0)
    assert not dataclasses.replace(nothing, needed=False).overdue(0)
