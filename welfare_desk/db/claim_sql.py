"""The hot statements of a settlement, for PostgreSQL (arrays, SKIP LOCKED) and SQLite (json_each, one writer).

Every function takes the connection of an open write transaction and plain lists; none commits. Rows are locked in
ascending id order everywhere, so that settlements, revokes and leavings cannot deadlock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy import text as read_text

from welfare_desk.db.clock import now_expression
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.models.purchasing import NEVER_EXPIRES
from welfare_desk.domain.clock import Clock

text = lru_cache(maxsize=128)(read_text)  # a statement is read for its parameters once, not at every settlement
_GRANT_COLUMNS = """g.id, g.campaign_id, g.product_id, g.department, g.link_version, g.state, g.reached_at, g.failures,
    g.failures_since, p.number_key, p.phone, p.leave_date"""


def lock_grants(
    connection: Connection, ids: Sequence[int], clock: Clock, *, lock: bool = True
) -> tuple[int, Sequence[Row[Any]]]:
    """(now, grant rows) with the rows locked until the end; now by law 7, read in the same statement.

    `lock` False is for looking only.
    """
    sqlite = is_sqlite(connection)
    now = now_expression(sqlite, clock.real)
    source = "json_each(:ids) AS wanted CROSS JOIN" if sqlite else ""
    condition = "g.id = wanted.value" if sqlite else "g.id = ANY(cast(:ids AS bigint[]))"
    statement = f"""SELECT {now} AS now, {_GRANT_COLUMNS} FROM {source} "grant" g JOIN person p ON p.id = g.person_id
        WHERE {condition} ORDER BY g.id {"FOR UPDATE OF g" if lock and not sqlite else ""}"""
    values: dict[str, Any] = {"ids": _list(connection, sorted(set(ids)))}
    if ":clock" in now:
        values["clock"] = clock.now()
    rows = connection.execute(text(statement), values).all()
    return (int(rows[0].now) if rows else clock.now()), rows


def read_fulfilments(connection: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Claims of these grants with their units and sealed codes; one row per unit, read after the lock."""
    source, condition = _among(connection, "c.grant_id")
    return connection.execute(
        text(f"""SELECT c.grant_id, c.at, f.part, f.unit, f.product_id, f.code_id, f.state, f.account_masked,
            k.batch_id, k.sealed, k.expires_at FROM {source} claim c LEFT JOIN fulfilment f ON f.grant_id = c.grant_id
            LEFT JOIN code k ON k.id = f.code_id WHERE {condition} ORDER BY c.grant_id, f.part, f.unit"""),
        {"ids": _list(connection, list(ids))},
    ).all()


def read_campaigns(connection: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """One row per campaign and part of its product, with what is reserved of that part and what its grants need."""
    several = sorted(set(ids))
    source, condition = _among(connection, "c.id")
    values: dict[str, Any] = {"ids": _list(connection, several)}
    if len(several) == 1:  # PostgreSQL plans arrays anew each time, which takes longer than reading
        source, condition, values = "", "c.id = :id", {"id": several[0]}
    return connection.execute(
        text(f"""SELECT c.id, c.state, c.opens_at, c.closes_at, c.verify, c.quantity, c.timezone,
            c.product_id AS given_id, coalesce(b.position, 0) AS part, coalesce(b.quantity, 1) AS per_unit,
            p.id AS product_id, p.kind, p.account_kind, p.supplier_id, p.price_minor, p.currency,
            r.units AS reserved, r.needed
            FROM {source} campaign c LEFT JOIN bundle_part b ON b.bundle_id = c.product_id
            JOIN product p ON p.id = coalesce(b.product_id, c.product_id)
            LEFT JOIN reservation r ON r.campaign_id = c.id AND r.product_id = p.id
            WHERE {condition} ORDER BY c.id, part"""),
        values,
    ).all()


def lock_reservations(connection: Connection, product_id: int) -> None:
    """Makes short campaigns on one product take turns (PostgreSQL; SQLite has one writer anyway)."""
    if not is_sqlite(connection):
        connection.execute(
            text("SELECT 1 FROM reservation WHERE product_id = :product ORDER BY campaign_id FOR UPDATE"),
            {"product": product_id},
        )


def take_codes(
    connection: Connection, product_id: int, count: int, now: int, after: tuple[int, int] | None = None
) -> list[Row[Any]]:
    """Up to `count` free codes of a product, soonest expiry first, taken: (id, batch_id, sealed, cost, expires_at).

    PostgreSQL passes over codes that others hold: fewer rows do not mean that nothing is left (see `free_remain`).
    `after` (shelf order, id) starts the walk behind index entries of codes that are gone but not vacuumed yet.
    """
    statement, values = take_statement(connection, product_id, count, now, after)
    rows = connection.execute(text(statement), values).all()
    return sorted(rows, key=lambda row: (row.expires_at or NEVER_EXPIRES, row.id))


def take_statement(
    connection: Connection, product_id: int, count: int, now: int, after: tuple[int, int] | None
) -> tuple[str, dict[str, Any]]:
    """The statement of `take_codes` and its values."""
    behind = "AND (shelf_order, id) > (:order, :id)" if after else "AND shelf_order > :now"
    free = f"""SELECT id FROM code WHERE product_id = :product AND shelf_order IS NOT NULL {behind}
        ORDER BY shelf_order, id LIMIT :count"""
    chosen = f"id IN ({free})" if is_sqlite(connection) else f"id = ANY(ARRAY({free} FOR UPDATE SKIP LOCKED))"
    place: dict[str, Any] = {"order": after[0], "id": after[1]} if after else {"now": now}
    return (
        f"""UPDATE code SET shelf_order = NULL, state = 'issued' WHERE {chosen}
            RETURNING id, batch_id, product_id, sealed, cost_minor, expires_at""",
        {"product": product_id, "count": count, **place},
    )


def give_back(connection: Connection, code_ids: Sequence[int]) -> None:
    """Puts codes taken in this transaction back on the shelf, in ascending order as they were taken."""
    source = "SELECT value FROM json_each(:ids)" if is_sqlite(connection) else "SELECT unnest(cast(:ids AS bigint[]))"
    connection.execute(
        text(f"""UPDATE code SET shelf_order = coalesce(expires_at, {NEVER_EXPIRES}), state = 'stock'
            WHERE id IN ({source})"""),
        {"ids": _list(connection, sorted(code_ids))},
    )


def free_remain(connection: Connection, product_id: int, now: int) -> bool:
    """Whether unissued codes exist that somebody else holds right now."""
    found = connection.execute(
        text("SELECT 1 FROM code WHERE product_id = :product AND shelf_order > :now LIMIT 1"),
        {"product": product_id, "now": now},
    )
    return found.first() is not None


def count_free(connection: Connection, product_id: int, now: int) -> int:
    """How many codes of a product are unissued and unexpired."""
    counted = connection.execute(
        text("SELECT count(*) FROM code WHERE product_id = :product AND shelf_order > :now"),
        {"product": product_id, "now": now},
    )
    return int(counted.scalar_one())


TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "claim": (("grant_id", "bigint"), ("campaign_id", "bigint"), ("at", "bigint"), ("via", "text"),
              ("cost_minor", "bigint")),
    "fulfilment": (("grant_id", "bigint"), ("part", "bigint"), ("unit", "bigint"), ("campaign_id", "bigint"),
                   ("product_id", "bigint"), ("code_id", "bigint"), ("state", "text"), ("account_masked", "text"),
                   ("cost_minor", "bigint"), ("changed_at", "bigint")),
    "ledger_entry": (("transaction_id", "bigint"), ("line", "bigint"), ("at", "bigint"), ("account", "text"),
                     ("subject", "text"), ("amount_minor", "bigint"), ("currency", "text")),
    "rollup": (("figure", "text"), ("campaign_id", "bigint"), ("product_id", "bigint"), ("department", "text"),
               ("bucket", "bigint"), ("writer", "bigint"), ("value", "bigint")),
}  # fmt: skip

_MERGE = """ON CONFLICT (figure, campaign_id, product_id, department, bucket, writer)
    DO UPDATE SET value = rollup.value + excluded.value"""


def write_settlement(
    connection: Connection, rows: dict[str, list[tuple[Any, ...]]], reached: Sequence[int], at: int
) -> None:
    """Writes a settlement's rows (TABLES order of columns) and marks grants reached.

    PostgreSQL does all of it in one data-modifying statement; foreign keys are checked at its end.
    """
    if is_sqlite(connection):
        for table in ("claim", "fulfilment", "ledger_entry", "rollup"):
            if rows[table]:
                connection.exec_driver_sql(_insert_values(table), rows[table])
        if reached:
            connection.execute(text(_REACH.format(ids="SELECT value FROM json_each(:ids)")),
                               {"ids": json.dumps(list(reached)), "at": at})  # fmt: skip
        return
    statement, values = _one_statement(rows)
    connection.execute(text(statement), values | {"ids": _array(reached), "at": at})


def record_failures(connection: Connection, failures: Iterable[tuple[int, int, int]]) -> None:
    """Stores (grant id, failures, since) of wrong identities; the grants are locked already."""
    connection.execute(
        text('UPDATE "grant" SET failures = :failures, failures_since = :since WHERE id = :id'),
        [{"id": grant, "failures": count, "since": since} for grant, count, since in sorted(failures)],
    )


_REACH = """UPDATE "grant" SET reached_at = :at, reached_by = 'claim'
    WHERE id IN ({ids}) AND reached_at IS NULL"""


def _insert_values(table: str) -> str:
    names = [name for name, _kind in TABLES[table]]
    marks = ", ".join("?" for _ in names)
    merge = _MERGE if table == "rollup" else ""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) {merge}"


def _one_statement(rows: dict[str, list[tuple[Any, ...]]]) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {}
    inserts = {}
    for table, columns in TABLES.items():
        casts = []
        filled = zip(*rows[table], strict=True) if rows[table] else ((),) * len(columns)
        for (name, kind), column in zip(columns, filled, strict=True):
            values[f"{table}_{name}"] = _array(column, kind)
            casts.append(f"cast(:{table}_{name} AS {kind}[])")
        names = ", ".join(name for name, _kind in columns)
        inserts[table] = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({', '.join(casts)})"
    reach = _REACH.format(ids="SELECT unnest(cast(:ids AS bigint[]))")
    statement = f"""WITH c AS ({inserts["claim"]}), f AS ({inserts["fulfilment"]}), l AS ({inserts["ledger_entry"]}),
        g AS ({reach}) {inserts["rollup"]} {_MERGE}"""
    return statement, values


def _among(connection: Connection, column: str) -> tuple[str, str]:
    if is_sqlite(connection):
        return "json_each(:ids) AS wanted CROSS JOIN", f"{column} = wanted.value"
    return "", f"{column} = ANY(cast(:ids AS bigint[]))"


def _list(connection: Connection, ids: Sequence[int]) -> str:
    return json.dumps(list(ids)) if is_sqlite(connection) else _array(ids)


def _array(values: Sequence[Any], kind: str = "bigint") -> str:
    """A PostgreSQL array literal; the driver's own dumping of lists costs more than the settlement's logic."""
    if kind == "bigint":  # as Python itself writes a list of numbers: one call for all of them
        return "{" + repr(list(values))[1:-1].replace("None", "NULL") + "}"
    return "{" + ",".join([_quoted(value) for value in values]) + "}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
