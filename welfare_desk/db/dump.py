"""The whole database as lines of JSON, the same on SQLite and PostgreSQL, and back again.

First a head with the schema version, then per table a line naming its columns and one line a row, last a foot with
the number of rows. Bytes are base64 in {"b": …}. Tables stand in the order that foreign keys allow.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    LargeBinary,
    MetaData,
    Table,
    TableClause,
    column,
    insert,
    select,
    table,
)
from sqlalchemy.orm import Session

from welfare_desk.db.schema import METADATA
from welfare_desk.db.schema_version import HEAD
from welfare_desk.errors import Refused

ROWS_AT_ONCE = 1000
FORMAT = 1


def lines(session: Session) -> Iterator[bytes]:
    """The database of a snapshot, line by line, streamed."""
    yield _line({"format": FORMAT, "schema": HEAD})
    count = 0
    for one in METADATA.sorted_tables:
        yield _line({"table": one.name, "columns": [part.name for part in one.columns]})
        binary = [at for at, part in enumerate(one.columns) if isinstance(part.type, LargeBinary)]
        rows = session.connection().execution_options(stream_results=True).execute(select(one))
        for row in rows.yield_per(ROWS_AT_ONCE):
            values = list(row)
            for at in binary:
                values[at] = None if values[at] is None else {"b": base64.b64encode(values[at]).decode()}
            yield _line(values)
            count += 1
    yield _line({"rows": count})


def schema_of(source: Iterable[bytes]) -> str:
    """The schema version of dumped lines. Raises Refused(`backup_broken`, `backup_schema`) for a later program's."""
    head = json.loads(next(iter(source), b"{}"))
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Refused("backup_broken", field="file", found=0, expected=None)
    schema = str(head["schema"])
    if schema > HEAD:
        raise Refused("backup_schema", field="file", found=schema, expected=HEAD)
    return schema


def load(connection: Connection, source: Iterable[bytes]) -> int:
    """Puts dumped lines into an empty database of their own schema (`schema_of`); returns the number of rows.

    Raises Refused(`backup_broken`): nothing may be kept then, the caller rolls back.
    """
    filled: Insert | None = None
    columns: list[str] = []
    waiting: list[dict[str, Any]] = []
    count, promised = 0, None
    for line in source:
        entry = json.loads(line)
        if isinstance(entry, list):
            waiting.append(dict(zip(columns, map(_value, entry), strict=True)))
            count += 1
            if len(waiting) < ROWS_AT_ONCE:
                continue
        if waiting and filled is not None:
            connection.execute(filled, waiting)
            waiting = []
        if isinstance(entry, dict):
            promised = entry.get("rows", promised)
            if "table" in entry:
                columns = entry["columns"]
                filled = insert(_table(connection, entry["table"], columns))
    if promised != count:
        raise Refused("backup_broken", field="file", found=count, expected=promised)
    return count


def _table(connection: Connection, name: str, columns: list[str]) -> TableClause:
    """A table with these columns and nothing else, as an earlier schema may not have all that models have."""
    known = METADATA.tables.get(name)
    if known is None or not set(columns) <= set(known.c.keys()):
        known = Table(name, MetaData(), autoload_with=connection)
    return table(name, *(column(one, known.c[one].type) for one in columns))


def _line(entry: Any) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _value(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"b"}:
        return base64.b64decode(value["b"])
    return value
