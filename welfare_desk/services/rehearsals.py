"""Restore rehearsal: a backup is restored into a sandbox, checked, and thrown away; nothing real is touched."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import dump, migrate
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.queries import settings as facts
from welfare_desk.queries.backups import RehearsalSeen
from welfare_desk.queries.reconcile import reconcile
from welfare_desk.security import archives, journal, keystore
from welfare_desk.services import audit, jobs, journal_replay, settings

Report = Callable[[int], None]
FOLDER = "rehearsal-"
LEFT_S = 6 * 3600


def request(ctx: AppContext, session: Session) -> int:
    """Asks the service to rehearse with the newest backup; returns the job. Raises Refused(`backup_none`)."""
    last = facts.fact(session, key="last_backup")
    if not last:
        raise Refused("backup_none")
    return jobs.request(ctx, session, kind="rehearse_restore", params={"file": last["file"]})


def rehearse(ctx: AppContext, file: Path, *, report: Report | None = None) -> RehearsalSeen:
    """Restores `file` into a SQLite sandbox inside the data folder, replays the journal there and reconciles.

    `report(rows)` is called every thousand rows. Raises Refused(`backup_…`), Unavailable(`backup_unreadable`).
    """
    keys = ctx.keys
    assert isinstance(keys, keystore.OpenKeys)
    _forget_left_over(ctx.data)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=FOLDER, dir=ctx.data, ignore_cleanup_errors=True) as folder:
        engine = open_engine(sqlite_url(Path(folder) / "sandbox.db"), synchronous="OFF")
        try:
            sandbox = dataclasses.replace(ctx, engine=engine, data=Path(folder))
            head, rows = _load(sandbox, file, keys, report)
            migrate.upgrade(engine)
            given = list(journal.read_all(ctx.data, keys))
            replayed = _replay(sandbox, given)
            found = sandbox.read(reconcile, now=ctx.clock.now())
        finally:
            engine.dispose()
    made = RehearsalSeen(
        file=str(file), at=ctx.clock.now(), backup_at=int(head["at"]), rows=rows, differences=len(found.differences),
        replayed=replayed, seconds=round(time.monotonic() - began, 1),
    )  # fmt: skip
    ctx.write(_note, made=made)
    return made


def _load(
    sandbox: AppContext, file: Path, keys: keystore.OpenKeys, report: Report | None
) -> tuple[dict[str, Any], int]:
    try:
        with file.open("rb") as source:
            head, begin = archives.read_head(source), source.tell()
            key = keys.open_intake(bytes.fromhex(head["key"]), archives.INFO)
            migrate.upgrade(sandbox.engine, dump.schema_of(archives.read_lines(source, key)))
            source.seek(begin)
            return head, sandbox.write(_put, lines=_watched(archives.read_lines(source, key), report))
    except OSError as error:
        raise Unavailable("backup_unreadable", field="file", reason=error.strerror or str(error)) from error


def _put(_ctx: AppContext, session: Session, *, lines: Iterator[bytes]) -> int:
    return dump.load(session.connection(), lines)


def _watched(lines: Iterator[bytes], report: Report | None) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        if report and number % 1000 == 0:
            report(number)
        yield line


def _replay(sandbox: AppContext, given: list[journal.Given]) -> int:
    counts = journal_replay.Counts()
    for start in range(0, len(given), journal_replay.AT_ONCE):
        counts += sandbox.write(journal_replay.replay, given=given[start : start + journal_replay.AT_ONCE])
    return counts.replayed


def _note(ctx: AppContext, session: Session, *, made: RehearsalSeen) -> None:
    settings.remember(ctx, session, "last_rehearsal", dataclasses.asdict(made))
    audit.record(ctx, session, "backup.rehearsed", made.file, rows=made.rows, differences=made.differences)


def _forget_left_over(data: Path) -> None:
    """Removes sandboxes that a crash left behind."""
    for folder in data.glob(f"{FOLDER}*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > LEFT_S:
            shutil.rmtree(folder, ignore_errors=True)
