"""Bringing a database to this program's schema. Only a first run and an upgrade load alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData
from sqlalchemy.exc import DBAPIError

from welfare_desk.db.engine import translate
from welfare_desk.db.schema_version import HEAD, version
from welfare_desk.errors import Refused

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, target: str = HEAD) -> None:
    """Brings the schema to HEAD, or to an earlier one. Raises Refused(`schema_newer`) for one of a later program."""
    found = version(engine)
    if found is not None and found > HEAD:
        raise Refused("schema_newer", field="database", found=found, expected=HEAD)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    try:
        with engine.execution_options(write=True).connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, target)
    except DBAPIError as error:
        raise translate(error) from error


def renew(engine: Engine, target: str) -> None:
    """Makes an empty database one of schema `target`, whatever tables it has: for a backup of an earlier program."""
    if version(engine) not in (None, target):
        with engine.execution_options(write=True).begin() as connection:
            found = MetaData()
            found.reflect(connection)
            found.drop_all(connection)
    upgrade(engine, target)
