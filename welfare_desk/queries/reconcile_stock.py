"""Proof of stock: every code that arrived is somewhere, once, and bound exactly when it was issued."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign
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


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A product that campaigns promised more of than is left, because codes expired or were put aside since.

    Nothing is lost in the books: `reserved` by `campaigns` (keys) = `in_stock` + `missing`; more codes must come, or
    the campaigns give first come, first served. `expired` and `put_aside` (quarantined, returned) say where they went.
    """

    product: str
    product_id: int
    campaigns: tuple[str, ...]
    reserved: int
    in_stock: int
    expired: int
    put_aside: int

    @property
    def missing(self) -> int:
        """How many codes the campaigns will lack."""
        return self.reserved - self.in_stock


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

# product → codes that expired, and that were put aside, since the first of its living campaigns was launched
_GONE = """SELECT k.product_id, sum(CASE WHEN k.state = 'stock' THEN 1 ELSE 0 END),
    sum(CASE WHEN k.state IN ('quarantined', 'returned') THEN 1 ELSE 0 END) FROM code k
    WHERE k.state IN ('quarantined', 'returned') OR (k.state = 'stock' AND k.expires_at <= :now AND k.expires_at >
        (SELECT min(c.created_at) FROM reservation r JOIN campaign c ON c.id = r.campaign_id
         WHERE r.product_id = k.product_id AND c.state IN ('launching', 'open', 'paused')))
    GROUP BY k.product_id"""
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


def differences(session: Session, lines: tuple[BatchLine, ...]) -> list[Difference]:
    """What does not add up in stock."""
    found = [Difference("batch_count", line.received, line.found, batch=line.batch)
             for line in lines if line.received != line.found]  # fmt: skip
    found += [Difference("batch_cost", line.total_minor, line.codes_minor, batch=line.batch)
              for line in lines if line.total_minor != line.codes_minor]  # fmt: skip
    for kind, statement in _CODES.items():
        found += [Difference(kind, int(row[1]), int(row[2]), batch=int(row[0])) for row in rows_of(session, statement)]
    return found


def promised(session: Session, *, now: int) -> tuple[list[Difference], tuple[Uncovered, ...]]:
    """Products that campaigns promised more of than there is: differences and uncovered promises."""
    promises = _promises(session, now)
    there = {int(product_id): int(count) for product_id, count in rows_of(session, _SHELF, now=now)}
    short = {product_id: sum(units.values()) for product_id, units in promises.items()
             if sum(units.values()) > there.get(product_id, 0)}  # fmt: skip
    if not short:
        return [], ()
    gone = {int(row[0]): (int(row[1]), int(row[2])) for row in rows_of(session, _GONE, now=now)}
    products = dict(session.execute(select(Product.id, Product.key).where(Product.id.in_(short))).all())
    wrong, uncovered = [], []
    for product_id, units in sorted(short.items()):
        free, (expired, aside) = there.get(product_id, 0), gone.get(product_id, (0, 0))
        if units > free + expired + aside:
            wrong.append(Difference("reserved_over_stock", free, units, subject=f"product:{products[product_id]}",
                                    product_id=product_id))  # fmt: skip
        else:
            named = tuple(sorted(promises[product_id]))
            uncovered.append(Uncovered(products[product_id], product_id, named, units, free, expired, aside))
    return wrong, tuple(uncovered)


def _promises(session: Session, now: int) -> dict[int, Counter[str]]:
    """Product → campaign (key) → units still set aside."""
    kept = reservations.outstanding(session, now=now)
    numbers = {campaign_id for campaign_id, _product in kept}
    keys = dict(session.execute(select(Campaign.id, Campaign.key).where(Campaign.id.in_(numbers))).all())
    promises: dict[int, Counter[str]] = {}
    for (campaign_id, product_id), units in kept.items():
        if units:
            promises.setdefault(product_id, Counter())[keys[campaign_id]] += units
    return promises
