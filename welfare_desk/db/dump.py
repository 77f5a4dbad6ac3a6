"""The whole database as lines of JSON, the same on SQLite and PostgreSQL, and back again.

First a head with the schema version, then per table a line naming its columns and one line a row, last a foot with
the number of rows. Bytes are base64 in {"b": …}. Tables stand in the order that foreign keys allow.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, insert, select
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
    for table in METADATA.sorted_tables:
        yield _line({"table": table.name, "columns": [column.name for column in table.columns]})
        binary = [at for at, column in enumerate(table.columns) if isinstance(column.type, LargeBinary)]
        rows = session.connection().execution_options(stream_results=True).execute(select(table))
        for row in rows.yield_per(ROWS_AT_ONCE):
            values = list(row)
            for at in binary:
                values[at] = None if values[at] is None else {"b": base64.b64encode(values[at]).decode()}
            yield _line(values)
            count += 1
    yield _line({"rows": count})


def load(connection: Connection, source: Iterable[bytes]) -> int:
    """Puts dumped lines into an empty database of the same schema; returns the number of rows.

    Raises Refused(`backup_broken`, `backup_schema`): nothing may be kept then, the caller rolls back.
    """
    tables = {table.name: table for table in METADATA.sorted_tables}
    table: Table | None = None
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
        if waiting and table is not None:
            connection.execute(insert(table), waiting)
            waiting = []
        if isinstance(entry, dict):
            _check_head(entry)
            promised = entry.get("rows", promised)
            if "table" in entry:
                table, columns = tables[entry["table"]], entry["columns"]
    if promised != count:
        raise Refused("backup_broken", field="file", found=count, expected=promised)
    return count


def _check_head(entry: dict[str, Any]) -> None:
    if "format" in entry and (entry["format"], entry["schema"]) != (FORMAT, HEAD):
        raise Refused("backup_schema", field="file", found=entry["schema"], expected=HEAD)


def _line(entry: Any) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _value(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"b"}:
        return base64.b64decode(value["b"])
    return value
