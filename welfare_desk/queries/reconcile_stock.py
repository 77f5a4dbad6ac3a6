"""Proof of stock: every code that arrived is somewhere, once, and bound exactly when it was issued."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from welfare_desk.db.models.shelf import Product
from welfare_desk.queries import reservations
from welfare_desk.queries.reconcile_batches import Difference, rows_of


@dataclass(frozen=True, slots=True)
class BatchLine:
    """received = in_stock + issued + expired + returned + quarantined; money in minor units of `currency`."""

    batch: int
    label: str
    product: str
    received: int
    in_stock: int
    issued: int
    expired: int
    returned: int
    quarantined: int
    total_minor: int
    codes_minor: int
    currency: str

    @property
    def found(self) -> int:
        """How many codes of the batch there are, wherever they are."""
        return self.in_stock + self.issued + self.expired + self.returned + self.quarantined


_BATCHES = """SELECT b.id, b.label, p.key, b.received,
    coalesce(sum(CASE WHEN k.state = 'stock' AND (k.expires_at IS NULL OR k.expires_at > :now) THEN 1 END), 0),
    coalesce(sum(CASE WHEN k.state = 'issued' THEN 1 END), 0),
    coalesce(sum(CASE WHEN k.state = 'stock' AND k.expires_at <= :now THEN 1 END), 0),
    coalesce(sum(CASE WHEN k.state = 'returned' THEN 1 END), 0),
    coalesce(sum(CASE WHEN k.state = 'quarantined' THEN 1 END), 0),
    b.total_minor, coalesce(sum(k.cost_minor), 0), b.currency
    FROM batch b JOIN product p ON p.id = b.product_id LEFT JOIN code k ON k.batch_id = b.id
    GROUP BY b.id, b.label, p.key, b.received, b.total_minor, b.currency ORDER BY b.id"""

# kind → (batch, expected, found), one row per batch with something wrong
_CODES = {
    "code_unbound": """SELECT k.batch_id, 0, count(*) FROM code k LEFT JOIN fulfilment f ON f.code_id = k.id
        WHERE k.state = 'issued' AND f.code_id IS NULL GROUP BY k.batch_id""",
    "code_not_issued": """SELECT k.batch_id, 0, count(*) FROM fulfilment f JOIN code k ON k.id = f.code_id
        WHERE k.state <> 'issued' GROUP BY k.batch_id""",
    "code_twice": """SELECT k.batch_id, 1, max(t.times) FROM code k JOIN
        (SELECT code_id, count(*) AS times FROM fulfilment WHERE code_id IS NOT NULL GROUP BY code_id
         HAVING count(*) > 1) t ON t.code_id = k.id GROUP BY k.batch_id""",
    "code_of_other_product": """SELECT k.batch_id, 0, count(*) FROM code k JOIN batch b ON b.id = k.batch_id
        LEFT JOIN fulfilment f ON f.code_id = k.id
        WHERE k.product_id <> b.product_id OR f.product_id <> k.product_id GROUP BY k.batch_id""",
    "code_without_batch": """SELECT k.batch_id, 0, count(*) FROM code k LEFT JOIN batch b ON b.id = k.batch_id
        WHERE b.id IS NULL GROUP BY k.batch_id""",
}

_SHELF = """SELECT product_id, count(*) FROM code
    WHERE shelf_order IS NOT NULL AND shelf_order > :now GROUP BY product_id"""


def batches(session: Session, *, now: int) -> tuple[BatchLine, ...]:
    """Every batch with where its codes are."""
    found = rows_of(session, _BATCHES, now=now)
    return tuple(
        BatchLine(
            batch=int(row[0]), label=row[1], product=row[2], received=int(row[3]), in_stock=int(row[4]),
            issued=int(row[5]), expired=int(row[6]), returned=int(row[7]), quarantined=int(row[8]),
            total_minor=int(row[9]), codes_minor=int(row[10]), currency=row[11],
        )
        for row in found
    )  # fmt: skip


def differences(session: Session, lines: tuple[BatchLine, ...], *, now: int) -> list[Difference]:
    """What does not add up in stock."""
    found = [Difference("batch_count", line.received, line.found, batch=line.batch)
             for line in lines if line.received != line.found]  # fmt: skip
    found += [Difference("batch_cost", line.total_minor, line.codes_minor, batch=line.batch)
              for line in lines if line.total_minor != line.codes_minor]  # fmt: skip
    for kind, statement in _CODES.items():
        found += [Difference(kind, int(row[1]), int(row[2]), batch=int(row[0])) for row in rows_of(session, statement)]
    return found + _over_reserved(session, now)


def _over_reserved(session: Session, now: int) -> list[Difference]:
    """Products that promised more than there is."""
    reserved: Counter[int] = Counter()
    for (_campaign, product_id), units in reservations.outstanding(session, now=now).items():
        reserved[product_id] += units
    there = {int(product_id): int(count) for product_id, count in session.execute(text(_SHELF), {"now": now})}
    keys = dict(session.execute(select(Product.id, Product.key)).all())
    return [Difference("reserved_over_stock", there.get(product_id, 0), units, subject=f"product:{keys[product_id]}",
                       product_id=product_id)
            for product_id, units in sorted(reserved.items()) if units > there.get(product_id, 0)]  # fmt: skip
