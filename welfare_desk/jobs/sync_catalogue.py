"""The job that reads a supplier's catalogue: pages over the network, each stored in a transaction of its own."""

from __future__ import annotations

from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.integrations.suppliers.base import SupplierError
from welfare_desk.jobs.connecting import Connections
from welfare_desk.jobs.work import Work
from welfare_desk.services import suppliers


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """Brings offers and products up to date; offers that were not seen are no longer on sale."""
    supplier_id = int(work.params["supplier_id"])
    seen_at = ctx.clock.now()
    offers = products = 0
    with Connections(ctx) as connections:
        try:
            supplier = connections.supplier(supplier_id)
            for page in supplier.catalogue():
                synced = ctx.write(suppliers.store_offers, supplier_id=supplier_id, offers=page, seen_at=seen_at)
                offers, products = offers + synced.offers, products + synced.products
                work.progress(offers, 0, "")
            balance = supplier.check()
        except SupplierError as error:
            ctx.write(suppliers.note_check, supplier_id=supplier_id, balance=None, trouble=error.code)
            raise
    gone = ctx.write(suppliers.finish_sync, supplier_id=supplier_id, seen_at=seen_at, balance=balance)
    return {"offers": offers, "products": products, "gone": gone}
