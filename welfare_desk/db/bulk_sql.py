"""Many rows at once: COPY on PostgreSQL, a few prepared statements on SQLite. No ORM, no row objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, Connection, any_, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.schema import METADATA

PARAMETERS = 999  # of a statement: what every SQLite takes


def insert_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts rows of plain values (int, text, bytes, None) in the order of `columns`."""
    connection = session.connection()
    named = ", ".join(f'"{column}"' for column in columns)
    if is_sqlite(connection):
        _insert_many(connection, f'INSERT INTO "{table}" ({named}) VALUES ', len(columns), list(rows))
        return
    driver: Any = connection.connection.driver_connection
    statement = f'COPY "{table}" ({named}) FROM STDIN'
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:  # as SQLAlchemy would have raised it: retries look for that
        raise DBAPIError.instance(statement, None, error, connection.dialect.loaded_dbapi.Error) from error


def _insert_many(connection: Connection, insert: str, width: int, rows: list[Sequence[Any]]) -> None:
    """As many rows in a statement as it takes values: a fifth quicker than row by row."""
    marks = f"({', '.join('?' * width)})"
    whole = len(rows) - len(rows) % (size := PARAMETERS // width)
    many = [tuple(chain.from_iterable(rows[at : at + size])) for at in range(0, whole, size)]
    if many:
        connection.exec_driver_sql(insert + ", ".join([marks] * size), many)
    if rest := [tuple(row) for row in rows[whole:]]:
        connection.exec_driver_sql(insert + marks, rest)


def update_rows(
    session: Session, table: str, columns: Sequence[str], keys: Sequence[str], rows: list[tuple[Any, ...]]
) -> int:
    """Sets `columns` where `keys` are equal, for rows of plain values in the order of both; returns how many it found.

    The rows of a list must differ in their keys.
    """
    if not rows:
        return 0
    connection = session.connection()
    if is_sqlite(connection):
        named = ", ".join(f'"{column}" = ?' for column in columns)
        meant = " AND ".join(f'"{key}" = ?' for key in keys)
        return connection.exec_driver_sql(f'UPDATE "{table}" SET {named} WHERE {meant}', rows).rowcount
    types = METADATA.tables[table].c
    every = [*columns, *keys]
    arrays = ", ".join(f"%s::{types[name].type.compile(connection.dialect)}[]" for name in every)
    given = ", ".join(f"v{at}" for at in range(len(every)))
    named = ", ".join(f'"{column}" = n.v{at}' for at, column in enumerate(columns))
    meant = " AND ".join(f't."{key}" = n.v{len(columns) + at}' for at, key in enumerate(keys))
    statement = f'UPDATE "{table}" t SET {named} FROM unnest({arrays}) AS n ({given}) WHERE {meant}'
    return connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True)))).rowcount


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
