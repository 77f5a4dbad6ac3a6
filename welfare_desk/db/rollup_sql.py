"""Merging sorted sums into the rollup table, one statement on either database."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from welfare_desk.db.engine import is_sqlite

Sum = tuple[str, int, int, str, int, int]

_INTO = "INSERT INTO rollup (figure, campaign_id, product_id, department, bucket, writer, value) "
_MERGE = (
    " ON CONFLICT (figure, campaign_id, product_id, department, bucket, writer)"
    " DO UPDATE SET value = rollup.value + excluded.value"
)
_SQLITE: TextClause = text(
    f"{_INTO} SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
    " json_extract(value, '$[3]'), json_extract(value, '$[4]'), :writer, json_extract(value, '$[5]')"
    f" FROM json_each(:rows) WHERE true {_MERGE}"
)
_POSTGRES: TextClause = text(
    f"{_INTO} SELECT figure, campaign_id, product_id, department, bucket, CAST(:writer AS bigint), amount"
    " FROM unnest(CAST(:figures AS varchar[]), CAST(:campaigns AS bigint[]), CAST(:products AS bigint[]),"
    " CAST(:departments AS varchar[]), CAST(:buckets AS bigint[]), CAST(:amounts AS bigint[]))"
    f" AS sums (figure, campaign_id, product_id, department, bucket, amount) {_MERGE}"
)


def merge(session: Session, sums: Sequence[Sum], writer: int) -> None:
    """Adds sums, sorted by key and without repeats, to the rows of `writer`; one statement."""
    if is_sqlite(session.connection()):
        session.execute(_SQLITE, {"rows": json.dumps(sums, ensure_ascii=False), "writer": writer})
        return
    names = ("figures", "campaigns", "products", "departments", "buckets", "amounts")
    columns = dict(zip(names, (list(column) for column in zip(*sums, strict=True)), strict=True))
    session.execute(_POSTGRES, {**columns, "writer": writer})
