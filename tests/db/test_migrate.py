"""Migrations make exactly the models' schema, on both databases; other versions are refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from tests.support.world import open_world
from welfare_desk.db import migrate, schema_version
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.db.schema import METADATA
from welfare_desk.errors import Refused

RELEASED = Path(__file__).parent.parent / "databases"


def test_the_migrated_schema_is_the_models_schema(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    engine.dispose()
    assert found == []


@pytest.mark.parametrize(("version", "code"), [("0000", "schema_older"), ("9999", "schema_newer")])
def test_another_schema_is_refused_by_name(database_url: str, version: str, code: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    with pytest.raises(Refused) as caught:
        schema_version.check(engine)
    engine.dispose()
    assert caught.value.code == code
    assert version in caught.value.params.values()


def test_an_empty_database_is_named(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "empty.db"))
    with pytest.raises(Refused, match="schema_empty"):
        schema_version.check(engine)
    engine.dispose()


@pytest.mark.parametrize("released", sorted(RELEASED.glob("*.db")), ids=lambda path: path.stem)
def test_every_released_schema_comes_up_to_date_and_works(released: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    shutil.copyfile(released, path)
    engine = open_engine(sqlite_url(path))
    migrate.upgrade(engine)
    schema_version.check(engine)
    engine.dispose()
    world = open_world(sqlite_url(path), tmp_path)
    assert world.people(2)
    world.ctx.engine.dispose()
