"""A fresh database per test, copied from a template that is migrated once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import fasteners
import pytest

from tests.support.postgres import PostgresServer, run_folder
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.db.migrate import upgrade

SERVER_FOLDER = "WD_TEST_POSTGRES"  # set by the process that started the tests, inherited by its workers
TEMPLATE = "wd_template"


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """The run's own PostgreSQL server, shared by all workers; started by the first test that needs it."""
    server = PostgresServer(Path(os.environ[SERVER_FOLDER]))
    server.ensure_running()
    return server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the test's own, which it may stop and start."""
    server = PostgresServer(run_folder(f"-{uuid4().hex[:8]}"))
    server.ensure_running()
    yield server
    server.delete()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """Name of a PostgreSQL database that has the newest schema and nothing in it."""
    with fasteners.InterProcessLock(postgres.folder.with_suffix(".lock")):
        if not postgres.has(TEMPLATE):
            unfinished = f"{TEMPLATE}_unfinished"
            postgres.drop(unfinished)
            migrate(postgres.create(unfinished))
            postgres.sql(f"ALTER DATABASE {unfinished} RENAME TO {TEMPLATE}")
    return TEMPLATE


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has the newest schema and nothing in it."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of a fresh SQLite database with the newest schema."""
    path = tmp_path / "desk.db"
    shutil.copyfile(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture
def postgres_database(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """Address of a fresh PostgreSQL database with the newest schema."""
    name = f"test_{uuid4().hex}"
    yield postgres.create(name, postgres_template)
    postgres.drop(name)


@pytest.fixture
def empty_sqlite_database(tmp_path: Path) -> str:
    """Address of a SQLite file that is not there yet."""
    return sqlite_url(tmp_path / "empty.db")


@pytest.fixture
def empty_postgres_database(postgres: PostgresServer) -> Iterator[str]:
    """Address of a fresh PostgreSQL database without any table."""
    name = f"test_{uuid4().hex}"
    yield postgres.create(name)
    postgres.drop(name)


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh database with the newest schema; the test runs once on each kind."""
    address: str = request.getfixturevalue(f"{request.param}_database")
    return address


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh database without any table; the test runs once on each kind."""
    address: str = request.getfixturevalue(f"empty_{request.param}_database")
    return address


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema and leave no connection behind."""
    engine = open_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
