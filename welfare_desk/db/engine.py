"""Engines for SQLite and PostgreSQL that keep law 1: SQLite writes begin IMMEDIATE, in WAL, with FULL sync."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from welfare_desk.errors import Refused, Unavailable
from welfare_desk.settings import DATABASE, machine

BUSY_STEP_S = 0.002
CHECKPOINT_PAGES = 1000
BUSY_DEADLINE_S = 10.0


def sqlite_url(path: Path) -> str:
    """The address of the SQLite file at `path`."""
    return f"sqlite+pysqlite:///{path}"


def database_url(data: Path, given: str | None) -> str:
    """The database address: as given, else as this machine remembers, else the SQLite file in the data folder."""
    return given or str(machine(data)["database"]) or sqlite_url(data / DATABASE)


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite address; None for another kind of database or one in memory."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def open_engine(url: str, *, pool_size: int = 5, synchronous: str = "FULL") -> Engine:
    """An engine for `url` (sqlite+pysqlite:///… or postgresql+psycopg://…).

    `synchronous` is for benchmarks alone. Raises Refused(`database_url`) for another or a broken address.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Refused("database_url", field="database", url=url.rsplit("@", maxsplit=1)[-1]) from error
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=10,
            pool_use_lifo=True,
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite(synchronous))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        options = {"connect_timeout": 5, "application_name": "welfare-desk", "prepare_threshold": 2}
        return create_engine(  # last in, first out: the settler keeps the connection that has its plans and caches
            parsed, hide_parameters=True, pool_size=pool_size, max_overflow=10, pool_use_lifo=True, connect_args=options
        )
    raise Refused("database_url", field="database", url=parsed.render_as_string(hide_password=True))


def is_sqlite(engine: Engine | Connection) -> bool:
    """Whether this is the SQLite dialect."""
    return engine.dialect.name == "sqlite"


def _prepare_sqlite(synchronous: str) -> Any:
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves
        pragmas = ["busy_timeout=0", "foreign_keys=ON", f"synchronous={synchronous}", "cache_size=-65536",
                   "temp_store=MEMORY", "mmap_size=0", "trusted_schema=OFF"]  # fmt: skip
        if sys.platform == "darwin":
            pragmas += ["fullfsync=ON", "checkpoint_fullfsync=ON"]
        _patiently(lambda: connection.execute("PRAGMA journal_mode=WAL").fetchone())
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("write"):
        connection.exec_driver_sql("BEGIN")
        return
    pages = 0 if options.get("checkpoints_apart") else CHECKPOINT_PAGES
    connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={pages}")
    _patiently(lambda: connection.exec_driver_sql("BEGIN IMMEDIATE"))


def checkpoint(engine: Engine) -> None:
    """Copies what is in SQLite's log into the database as far as that hinders nobody; nothing elsewhere."""
    if is_sqlite(engine):
        borrowed = engine.raw_connection()
        borrowed.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        borrowed.close()


def _patiently(begin: Any) -> None:
    """Calls `begin` every 2 ms until the lock is ours: SQLite's own back-off starves claims for seconds."""
    deadline = time.monotonic() + BUSY_DEADLINE_S
    while True:
        try:
            begin()
            return
        except (OperationalError, sqlite3.OperationalError) as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(BUSY_STEP_S)


def is_busy(error: Exception) -> bool:
    """Whether SQLite said that somebody else holds the write lock."""
    message = str(getattr(error, "orig", error))
    return "database is locked" in message or "database table is locked" in message


def may_retry(error: DBAPIError) -> bool:
    """Whether the transaction may be run again: deadlock or serialization on PostgreSQL, busy on SQLite."""
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01", "55P03") or is_busy(error)


def translate(error: DBAPIError) -> Exception:
    """The WelfareError for a database that is away, full or read-only; otherwise the error itself."""
    message = str(error.orig).strip().splitlines()[0] if error.orig is not None else ""
    if "readonly database" in message or "read-only" in message:
        return Unavailable("database_readonly", reason=message)
    if "disk is full" in message or getattr(error.orig, "sqlstate", None) == "53100":
        return Unavailable("database_full", reason=message)
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Unavailable("database_away", reason=message)
    return error
