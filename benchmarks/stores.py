"""Empty databases to import into, and the yardstick of an import: the same rows, inserted as plainly as one can."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, column, func, select, table

from benchmarks.arena import DURABLE
from tests.support.postgres import PostgresServer
from welfare_desk.context import AppContext
from welfare_desk.db import migrate
from welfare_desk.db.engine import is_sqlite, open_engine, sqlite_url
from welfare_desk.db.models.people import Person
from welfare_desk.services.import_rows import PERSON_COLUMNS

NAMED = ", ".join(PERSON_COLUMNS)
MARKS = ", ".join("?" * len(PERSON_COLUMNS))


class Stores:
    """Makes databases in `folder`: SQLite as it ships, or on a PostgreSQL of its own with fsync on."""

    def __init__(self, folder: Path, *, postgres: bool) -> None:
        self._folder = folder
        self._server = PostgresServer(folder / "pg", DURABLE) if postgres else None
        self._made: list[AppContext] = []
        if self._server:
            folder.chmod(0o755)
            self._server.ensure_running()

    def new(self) -> AppContext:
        """One more database with the schema and nobody in it."""
        name = f"store{len(self._made)}"
        url = self._server.create(name) if self._server else sqlite_url(self._folder / f"{name}.db")
        ctx = AppContext(engine=open_engine(url), data=self._folder)
        migrate.upgrade(ctx.engine)
        self._made.append(ctx)
        return ctx

    def close(self) -> None:
        """Ends what was begun."""
        for ctx in self._made:
            ctx.engine.dispose()
        if self._server:
            self._server.delete()


@contextmanager
def stores(folder: Path, *, postgres: bool) -> Iterator[Stores]:
    """Databases for the length of the block."""
    made = Stores(folder, postgres=postgres)
    try:
        yield made
    finally:
        made.close()


def people(ctx: AppContext) -> int:
    """How many people there are."""
    return ctx.read(lambda session: int(session.scalar(select(func.count()).select_from(Person)) or 0))


def rows(ctx: AppContext) -> list[tuple[Any, ...]]:
    """Everybody, as an import writes them."""
    plain = [cast(column(name), String) if name == "extra" else column(name) for name in PERSON_COLUMNS]
    wanted = select(*plain).select_from(table("person")).order_by(column("id"))
    return ctx.read(lambda session: [tuple(row) for row in session.execute(wanted)])


def bare_insert(ctx: AppContext, values: list[tuple[Any, ...]]) -> float:
    """Seconds of one transaction with one executemany (SQLite) or one COPY (PostgreSQL) of these people."""
    borrowed = ctx.engine.raw_connection()
    driver: Any = borrowed.driver_connection
    began = time.perf_counter()
    if is_sqlite(ctx.engine):
        driver.execute("BEGIN IMMEDIATE")
        driver.executemany(f"INSERT INTO person ({NAMED}) VALUES ({MARKS})", values)
        driver.execute("COMMIT")
    else:
        with driver.cursor() as cursor, cursor.copy(f"COPY person ({NAMED}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        driver.commit()
    seconds = time.perf_counter() - began
    borrowed.close()
    return seconds
