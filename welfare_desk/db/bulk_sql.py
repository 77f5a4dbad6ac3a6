"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite. No ORM, no row objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from welfare_desk.db.engine import is_sqlite


def insert_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts rows of plain values (int, text, bytes, None) in the order of `columns`."""
    connection = session.connection()
    named = ", ".join(f'"{column}"' for column in columns)
    if is_sqlite(connection):
        values = list(rows)
        if values:
            marks = ", ".join("?" * len(columns))
            connection.exec_driver_sql(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', [tuple(r) for r in values])
        return
    driver: Any = connection.connection.driver_connection
    statement = f'COPY "{table}" ({named}) FROM STDIN'
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:  # as SQLAlchemy would have raised it: retries look for that
        raise DBAPIError.instance(statement, None, error, connection.dialect.loaded_dbapi.Error) from error


def among(session: Session, column: Any, values: Iterable[int | str]) -> ColumnElement[bool]:
    """Whether `column` is one of many values, bound as one parameter: the statement stays the same for any number."""
    listed = list(values)
    if is_sqlite(session.connection()):
        each = func.json_each(json.dumps(listed)).table_valued("value")
        return cast(ColumnElement[bool], column.in_(select(each.c.value)))
    return cast(ColumnElement[bool], column == any_(bindparam(None, listed, type_=ARRAY(column.type))))


def take_turn(session: Session, number: int) -> None:
    """Lets whoever asks with the same number wait until this transaction ends; SQLite has one writer anyway."""
    connection = session.connection()
    if not is_sqlite(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (number,))
