"""Codes that arrived after a backup and were given away: the claim journal holds them sealed, a restore adds them.

Without them the same list, imported once more, would be new stock and be given a second time.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.purchasing import NEVER_EXPIRES, Batch, Code
from welfare_desk.db.models.shelf import Product
from welfare_desk.errors import Refused
from welfare_desk.security.journal import Given
from welfare_desk.services.order_steps import book

LABEL = "claim journal"
CURRENCY = "CNY"  # of a product that the backup does not know


def bring_back(ctx: AppContext, session: Session, row: Given) -> Code | None:
    """The code of a journal record as it lay in stock, with its money; None when the record does not hold it.

    Such codes have a batch of their own per product: the one they arrived in may still be on its way.
    """
    if not row.sealed or ctx.keys is None:
        return None
    try:
        number, secret = ctx.keys.open_code(
            row.sealed, product_id=row.product_id, batch_id=row.batch_id, code_id=row.code_id
        )
    except Refused:
        return None
    batch = _batch(session, row)
    sealed, blind = ctx.keys.seal_code(
        number, secret, product_id=row.product_id, batch_id=batch.id, code_id=row.code_id
    )  # fmt: skip
    batch.received += 1
    batch.total_minor += row.cost_minor
    code = Code(id=row.code_id, product_id=row.product_id, batch_id=batch.id, shelf_order=NEVER_EXPIRES,
                expires_at=None, state="stock", cost_minor=row.cost_minor, blind=blind, sealed=sealed)  # fmt: skip
    session.add(code)
    if row.cost_minor:
        lines = ((f"stock:{row.product_id}", row.cost_minor), (f"import:{batch.id}", -row.cost_minor))
        book(session, row.at, f"batch:{batch.id}", batch.currency, *lines)
    session.flush()
    return code


def _batch(session: Session, row: Given) -> Batch:
    mine = select(Batch).where(Batch.product_id == row.product_id, Batch.label == LABEL, Batch.order_id.is_(None))
    found = session.scalars(mine.limit(1)).first()
    if found is None:
        product = session.get(Product, row.product_id) or _forgotten(session, row)
        found = Batch(id=new_id(), product_id=product.id, order_id=None, label=LABEL, received=0, total_minor=0,
                      currency=product.currency, expires_at=None, at=row.at)  # fmt: skip
        session.add(found)
        session.flush()
    return found


def _forgotten(session: Session, row: Given) -> Product:
    """A product that was made after the backup: off the shelf, to be named by HR."""
    key = f"restored-{row.product_id:x}"
    made = Product(id=row.product_id, key=key, name=key, kind="card_secret", offer_id=None, supplier_id=None,
                   price_minor=row.cost_minor, currency=CURRENCY, account_kind=None, how_to="", on_shelf=False,
                   created_at=row.at, changed_at=row.at)  # fmt: skip
    session.add(made)
    session.flush()
    return made
