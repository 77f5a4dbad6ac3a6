"""Which schema a database has, and refusing one that is older or newer than this program by name."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from welfare_desk.db.engine import translate
from welfare_desk.errors import Refused

HEAD = "0003"


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
