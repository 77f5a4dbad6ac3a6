"""The job that proves a supplier's address, account and key, and reads the balance."""

from __future__ import annotations

from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.integrations.suppliers.base import SupplierError
from welfare_desk.jobs.connecting import Connections
from welfare_desk.jobs.work import Work
from welfare_desk.services import suppliers


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """Asks for the balance and keeps it; what is wrong is kept too, and fails the job."""
    supplier_id = int(work.params["supplier_id"])
    with Connections(ctx) as connections:
        try:
            balance = connections.supplier(supplier_id).check()
        except SupplierError as error:
            ctx.write(suppliers.note_check, supplier_id=supplier_id, balance=None, trouble=error.code)
            raise
    ctx.write(suppliers.note_check, supplier_id=supplier_id, balance=balance, trouble=None)
    return {"balance_minor": balance.available_minor, "currency": balance.currency}
