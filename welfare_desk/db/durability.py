"""What a database promises about power cuts: WAL and FULL on SQLite, three settings on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from welfare_desk.db.engine import is_sqlite

SYNCHRONOUS = {0: "off", 1: "normal", 2: "full", 3: "extra"}
WANTED = {
    "journal_mode": ("wal",),
    "synchronous": ("full", "extra"),
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
}


def promises(session: Session) -> dict[str, str]:
    """The settings that decide whether a commit survives a power cut, as they are in force."""
    connection = session.connection()
    if is_sqlite(connection):
        synchronous = int(connection.execute(text("PRAGMA synchronous")).scalar_one())
        mode = str(connection.execute(text("PRAGMA journal_mode")).scalar_one()).lower()
        return {"journal_mode": mode, "synchronous": SYNCHRONOUS.get(synchronous, str(synchronous))}
    names = ("fsync", "full_page_writes", "synchronous_commit")
    return {name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names}


def weak(session: Session) -> dict[str, str]:
    """Those of `promises` that do not hold; empty when commits are durable."""
    return {name: value for name, value in promises(session).items() if value not in WANTED[name]}
