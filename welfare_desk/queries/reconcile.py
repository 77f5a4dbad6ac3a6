"""`reconcile`: the proof that no code and no cent went astray, on one snapshot of the database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from welfare_desk.queries import reconcile_claims, reconcile_money, reconcile_stock
from welfare_desk.queries.reconcile_batches import Difference, with_batches
from welfare_desk.queries.reconcile_money import BudgetLine
from welfare_desk.queries.reconcile_stock import BatchLine, Uncovered


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`ok` says that nothing differs; batches and budgets are the numbers that were compared.

    `uncovered` promises are no difference: every code is accounted for, but campaigns will lack some.
    """

    ok: bool
    batches: tuple[BatchLine, ...]
    budgets: tuple[BudgetLine, ...]
    differences: tuple[Difference, ...]
    uncovered: tuple[Uncovered, ...] = ()


def reconcile(session: Session, *, now: int) -> Reconciliation:
    """Compares stock, claims, ledger and figures; `now` (epoch milliseconds) tells expired stock from good.

    Claims go on meanwhile: the context reads on one snapshot.
    """
    batches = reconcile_stock.batches(session, now=now)
    budgets, wrong_budgets = reconcile_money.budgets(session)
    unexplained, uncovered = reconcile_stock.promised(session, now=now)
    found = [
        *reconcile_stock.differences(session, batches),
        *unexplained,
        *reconcile_claims.differences(session),
        *reconcile_money.differences(session),
        *wrong_budgets,
    ]
    return Reconciliation(not found, batches, tuple(budgets.values()), with_batches(session, found), uncovered)
