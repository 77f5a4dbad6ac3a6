"""Online backups: one snapshot of the database, encrypted to the service, without private keys unless asked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import dump
from welfare_desk.errors import Unavailable
from welfare_desk.queries import settings as shared_settings
from welfare_desk.security import archives
from welfare_desk.services import audit, settings
from welfare_desk.settings import KEYS

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup. `rows` in the database, `bytes` in the file; `at` is epoch milliseconds."""

    file: str
    rows: int
    bytes: int
    at: int
    with_keys: bool


def write_backup(ctx: AppContext, path: Path, *, with_keys: bool = False, report: Report | None = None) -> Backup:
    """Writes an encrypted backup to `path`, whole or not at all; claims go on meanwhile.

    `report(rows)` is called every thousand rows and may raise to cancel. `with_keys` adds the wrapped key store, which
    still opens only with passphrase or recovery key. Raises Unavailable(`backup_unwritable`).
    """
    fresh = path.with_name(path.name + ".part")
    at = ctx.clock.now()
    try:
        rows = ctx.read(_write_snapshot, ctx=ctx, path=fresh, with_keys=with_keys, at=at, report=report)
        size = fresh.stat().st_size
        fresh.replace(path)
    except OSError as error:
        raise Unavailable("backup_unwritable", field="file", reason=error.strerror or str(error)) from error
    finally:
        fresh.unlink(missing_ok=True)
    made = Backup(str(path), rows, size, at, with_keys)
    ctx.write(_note, made=made)
    return made


def _write_snapshot(
    session: Session, *, ctx: AppContext, path: Path, with_keys: bool, at: int, report: Report | None
) -> int:
    head = {"at": at, "epoch": shared_settings.epoch(session)}
    if with_keys:
        head["keys"] = json.loads((ctx.data / KEYS / "store.json").read_text(encoding="utf-8"))
    counted = 0

    def watched() -> Iterator[bytes]:
        nonlocal counted
        for line in dump.lines(session):
            counted += line.startswith(b"[")
            if report and counted % 1000 == 0:
                report(counted)
            yield line

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        archives.write(file, watched(), public_key=ctx.intake_key, head=head)
        file.flush()
        os.fsync(file.fileno())
    return counted


def _note(ctx: AppContext, session: Session, *, made: Backup) -> None:
    found = {"file": str(Path(made.file).absolute()), "rows": made.rows, "bytes": made.bytes, "at": made.at}
    settings.remember(ctx, session, "last_backup", found)
    audit.record(ctx, session, "backup.written", made.file, rows=made.rows, with_keys=made.with_keys)
