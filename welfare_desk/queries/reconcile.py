"""`reconcile`: the proof that no code and no cent went astray, on one snapshot of the database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from welfare_desk.queries import reconcile_claims, reconcile_money, reconcile_stock
from welfare_desk.queries.reconcile_batches import Difference, with_batches
from welfare_desk.queries.reconcile_money import BudgetLine
from welfare_desk.queries.reconcile_stock import BatchLine


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`ok` says that nothing differs; batches and budgets are the numbers that were compared."""

    ok: bool
    batches: tuple[BatchLine, ...]
    budgets: tuple[BudgetLine, ...]
    differences: tuple[Difference, ...]


def reconcile(session: Session, *, now: int) -> Reconciliation:
    """Compares stock, claims, ledger and figures; `now` (epoch milliseconds) tells expired stock from good."""
    _one_snapshot(session)
    batches = reconcile_stock.batches(session, now=now)
    budgets, wrong_budgets = reconcile_money.budgets(session)
    found = [
        *reconcile_stock.differences(session, batches, now=now),
        *reconcile_claims.differences(session),
        *reconcile_money.differences(session),
        *wrong_budgets,
    ]
    return Reconciliation(not found, batches, tuple(budgets.values()), with_batches(session, found))


def _one_snapshot(session: Session) -> None:
    """Claims go on meanwhile: PostgreSQL must be asked for one snapshot, SQLite's read transactions are one."""
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
