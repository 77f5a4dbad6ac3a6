"""Differences, and which batches they concern: by the codes of a grant, the stock of a product, or a ledger subject."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up: what was expected and found (counts, or minor units), and the batch concerned.

    `batch` is the only or first of `batches`; None when no code is concerned (a top-up). `subject` names the row.
    """

    kind: str
    expected: int
    found: int
    batch: int | None = None
    batches: tuple[int, ...] = ()
    subject: str = ""
    grant_id: int | None = None
    product_id: int | None = None
    campaign_id: int | None = None


def rows_of(session: Session, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement in portable SQL."""
    return [tuple(row) for row in session.execute(text(statement), values)]


_OF_GRANT = """SELECT DISTINCT k.batch_id FROM fulfilment f JOIN code k ON k.id = f.code_id
    WHERE f.grant_id = :id ORDER BY k.batch_id"""
_OF_CAMPAIGN = """SELECT DISTINCT k.batch_id FROM fulfilment f JOIN code k ON k.id = f.code_id
    WHERE f.campaign_id = :id ORDER BY k.batch_id"""
_OF_PRODUCT = """SELECT b.id FROM batch b WHERE b.product_id = :id
    OR b.product_id IN (SELECT product_id FROM bundle_part WHERE bundle_id = :id) ORDER BY b.id"""
_OF_GRANTS_PRODUCT = """SELECT b.id FROM "grant" g JOIN batch b ON b.product_id = g.product_id
    OR b.product_id IN (SELECT product_id FROM bundle_part WHERE bundle_id = g.product_id)
    WHERE g.id = :id ORDER BY b.id"""


def with_batches(session: Session, differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The first SHOWN differences of each kind, each with the batches it concerns."""
    shown: dict[str, int] = {}
    named = []
    for difference in differences:
        shown[difference.kind] = shown.get(difference.kind, 0) + 1
        if shown[difference.kind] <= SHOWN:
            named.append(_named(session, difference))
    return tuple(named)


def _named(session: Session, difference: Difference) -> Difference:
    if difference.batch is not None:
        return dataclasses.replace(difference, batches=(difference.batch,))
    for statement, value in (
        (_OF_GRANT, difference.grant_id),
        (_OF_CAMPAIGN, difference.campaign_id),
        (_OF_PRODUCT, difference.product_id),
        (_OF_GRANTS_PRODUCT, difference.grant_id),
    ):
        if value is None:
            continue
        found = tuple(int(row[0]) for row in rows_of(session, statement, id=value))
        if found:
            return dataclasses.replace(difference, batch=found[0], batches=found)
    return difference
