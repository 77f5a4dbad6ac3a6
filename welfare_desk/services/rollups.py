"""The only writer of rollups: sums are merged sorted by key, in one statement, as the last one of a transaction.

Unsorted keys deadlock on PostgreSQL; a writer number per process keeps processes from meeting at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.orm import Session

from welfare_desk.db import rollup_sql
from welfare_desk.db.models.claims import Rollup
from welfare_desk.queries import raw_figures

GRANTS, REACHED, CLAIMED, CURVE = "grants", "reached", "claimed", "curve"
Row = tuple[str, int, int, str, int, int]


def add(session: Session, rows: Iterable[Row], writer: int) -> None:
    """Adds (figure, campaign id, product id, department, bucket, value) to the rows of `writer`.

    Figures grants, reached and claimed have a local day as bucket (`domain.figures.local_day`), curve has
    `domain.figures.quarter` and an empty department. Values may be negative.
    """
    merged = summed(rows)
    if merged:
        rollup_sql.merge(session, merged, writer)


def summed(rows: Iterable[Row]) -> list[Row]:
    """The rows with equal keys added up, sorted by key, zeros left out: the order in which every writer locks."""
    sums: Counter[tuple[str, int, int, str, int]] = Counter()
    for figure, campaign_id, product_id, department, bucket, value in rows:
        sums[figure, campaign_id, product_id, department, bucket] += value
    return [(*key, sums[key]) for key in sorted(sums) if sums[key]]


def rebuild(session: Session) -> None:
    """Replaces every rollup by what the raw rows say; all sums go to writer 0."""
    rows = [(*key, value) for key, value in raw_figures.counted(session).items()]
    session.execute(delete(Rollup))
    add(session, rows, 0)
