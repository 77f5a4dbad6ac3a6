"""Bringing a database to this program's schema, and refusing one that is older or newer by name."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from welfare_desk.db.engine import translate
from welfare_desk.errors import Refused

HEAD = "0001"
SCRIPTS = Path(__file__).parent / "migrations"


def version(engine: Engine) -> str | None:
    """The schema version of a database, None for an empty one. Raises Unavailable when it is away."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        raise translate(error) from error


def check(engine: Engine) -> None:
    """Raises Refused(`schema_empty`, `schema_older`, `schema_newer`) unless the schema is this program's."""
    found = version(engine)
    if found is None:
        raise Refused("schema_empty", field="database")
    if found < HEAD:
        raise Refused("schema_older", field="database", found=found, expected=HEAD)
    if found > HEAD:
        raise Refused("schema_newer", field="database", found=found, expected=HEAD)


def upgrade(engine: Engine) -> None:
    """Brings the schema to HEAD. Raises Refused(`schema_newer`) for one of a later program."""
    found = version(engine)
    if found is not None and found > HEAD:
        raise Refused("schema_newer", field="database", found=found, expected=HEAD)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    try:
        with engine.execution_options(write=True).connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, HEAD)
    except DBAPIError as error:
        raise translate(error) from error
