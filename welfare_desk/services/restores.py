"""Restoring: the backup into an empty database, then the claim journal over it, so that no code is given twice.

Claims stay closed until the journal is replayed. What the journal says and the database cannot prove is quarantined.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext, SystemClock
from welfare_desk.db import dump, migrate
from welfare_desk.db.engine import database_url, is_sqlite, open_engine
from welfare_desk.db.models.operators import Operator, Setting
from welfare_desk.db.models.purchasing import Code, PurchaseOrder
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.queries.settings import fact
from welfare_desk.security import archives, journal, keystore
from welfare_desk.services import audit, epochs, journal_replay, settings
from welfare_desk.settings import KEYS, save_machine


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `at_risk`: codes in stock that may have been given since the backup, with no journal to tell.

    `replayed` claims the backup did not know; `quarantined` codes whose grant it does not know; `unknown` codes that
    arrived after it.
    """

    rows: int
    backup_at: int
    replayed: int
    quarantined: int
    unknown: int
    at_risk: int


def restore(data: Path, file: Path, *, database: str | None, passphrase: str, replace: bool = False) -> Restored:
    """Restores `file` into the configured database, which must be empty unless `replace` (SQLite: kept aside).

    A backup of an earlier program is loaded in its own schema and then brought up to date.
    Raises Refused(`backup_*`, `database_not_empty`), Denied(`keys_wrong`), Unavailable.
    """
    try:
        head = _head(file)
    except OSError as error:
        raise Unavailable("backup_unreadable", field="file", reason=error.strerror or str(error)) from error
    keys = _keys(data, head, passphrase)
    engine = open_engine(_make_room(data, database, replace=replace))
    try:
        ctx = AppContext(engine, data, SystemClock(), keys, "restore", intake_key=keys.intake_public)
        key = keys.open_intake(bytes.fromhex(head["key"]), archives.INFO)
        migrate.renew(engine, _schema(file, key))
        rows = ctx.write(_load, file=file, key=key)
        migrate.upgrade(engine)
        ctx.write(_ask_first)
        found = finish(ctx, keys)
    finally:
        engine.dispose()
    return Restored(rows, head["at"], *found)


def finish(ctx: AppContext, keys: keystore.OpenKeys) -> tuple[int, int, int, int]:
    """Replays the journal over a loaded database and opens it: (replayed, quarantined, unknown, at risk)."""
    given = list(journal.read_all(ctx.data, keys))
    counts = journal_replay.Counts()
    for start in range(0, len(given), journal_replay.AT_ONCE):
        counts += ctx.write(journal_replay.replay, given=given[start : start + journal_replay.AT_ONCE])
    at_risk = 0 if given else ctx.read(_in_stock)
    through = max((row.at for row in given), default=0)
    life = ctx.write(_open, counts=counts, at_risk=at_risk, through=through)
    save_machine(ctx.data, epoch=life)
    return counts.replayed, counts.quarantined, counts.unknown, at_risk


def _head(file: Path) -> dict[str, Any]:
    with file.open("rb") as source:
        return archives.read_head(source)


def _keys(data: Path, head: dict[str, Any], passphrase: str) -> keystore.OpenKeys:
    folder = data / KEYS
    if not keystore.exists(folder):
        if "keys" not in head:
            raise Unavailable("keys_missing", folder=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / keystore.STORE).write_text(json.dumps(head["keys"]), encoding="utf-8")
    return keystore.open_store(folder, passphrase)


def _make_room(data: Path, database: str | None, *, replace: bool) -> str:
    """The address of a database without people's rows; an old SQLite file is renamed, never deleted."""
    url = database_url(data, database)
    engine = open_engine(url)
    path = Path(engine.url.database or "")
    try:
        if is_sqlite(engine) and not path.exists():
            return url
        migrate.upgrade(engine)
        with engine.connect() as connection:
            empty = connection.execute(select(func.count()).select_from(Operator)).scalar_one() == 0
    finally:
        engine.dispose()
    if not empty and not (replace and is_sqlite(engine)):
        raise Refused("database_not_empty", field="database")
    if not empty:
        for suffix in ("", "-wal", "-shm"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                old.rename(path.with_name(f"{path.name}.before-restore{suffix}"))
    return url


def _schema(file: Path, key: bytes) -> str:
    with file.open("rb") as source:
        archives.read_head(source)
        return dump.schema_of(archives.read_lines(source, key))


def _load(ctx: AppContext, session: Session, *, file: Path, key: bytes) -> int:
    """The rows, in the schema they were written in, and the note that keeps claims closed until all is done."""
    with file.open("rb") as source:
        archives.read_head(source)
        rows = dump.load(session.connection(), archives.read_lines(source, key))
    settings.remember(ctx, session, "restoring", {"at": ctx.clock.now()})
    return rows


def _ask_first(ctx: AppContext, session: Session) -> None:
    """Orders that were not sent may have been sent since the backup: they are asked about, never sent blindly."""
    session.execute(
        update(PurchaseOrder).where(PurchaseOrder.state == "created").values(state="unknown", next_at=ctx.clock.now())
    )


def _open(ctx: AppContext, session: Session, *, counts: journal_replay.Counts, at_risk: int, through: int) -> str:
    """Opens the database for claims; `through` is the latest claim the journal knew of."""
    session.execute(delete(Setting).where(Setting.key == "restoring"))
    found = {"replayed": counts.replayed, "quarantined": counts.quarantined, "unknown": counts.unknown,
             "at_risk": at_risk, "through": through, "at": ctx.clock.now()}  # fmt: skip
    settings.remember(ctx, session, "last_restore", found)
    audit.record(ctx, session, "backup.restored", "database", **found)
    return epochs.renew(ctx, session)


def _in_stock(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Code).where(Code.state == "stock")) or 0


def last_restore(session: Session) -> dict[str, Any]:
    """What the last restore found, for the desk; empty when there was none."""
    return fact(session, key="last_restore")
