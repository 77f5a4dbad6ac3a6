"""`welfare-desk reconcile`: prove stock and money to the cent; exit 1 when anything differs."""

from __future__ import annotations

import argparse
from typing import Any

from welfare_desk.commands import base
from welfare_desk.i18n import _
from welfare_desk.queries import reconcile as queries
from welfare_desk.queries.reconcile import Reconciliation
from welfare_desk.queries.reconcile_batches import Difference


def register(parser: argparse.ArgumentParser) -> None:
    """`reconcile` has no subcommands."""
    base.common(parser)
    parser.set_defaults(run=reconcile)


def reconcile(args: argparse.Namespace) -> int:
    """Prints batches, budgets and differences; 0 when there are none."""
    ctx = base.desk(args)
    found = ctx.read(queries.reconcile, now=ctx.clock.now())
    base.emit(args, document(found), _lines(found))
    return 0 if found.ok else 1


def document(found: Reconciliation) -> dict[str, Any]:
    """The proof as JSON; ids of batches are texts, as other programs cannot hold 63 bits in a number."""
    batches = [{**base.plain(line), "batch": str(line.batch)} for line in found.batches]
    differences = [
        {
            "kind": one.kind, "batch": _id(one.batch), "batches": [str(batch) for batch in one.batches],
            "subject": one.subject, "expected": one.expected, "found": one.found, "message": sentence(one),
        }
        for one in found.differences
    ]  # fmt: skip
    return {"ok": found.ok, "batches": batches, "budgets": base.plain(found.budgets), "differences": differences}


def sentence(one: Difference) -> str:
    """One difference for people."""
    about = one.subject or _("stock")
    named = ", ".join(str(batch) for batch in one.batches) or "–"
    return _("{kind}: batch {batch}, {subject}: expected {expected}, found {found}",
             kind=one.kind, batch=named, subject=about, expected=one.expected, found=one.found)  # fmt: skip


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _lines(found: Reconciliation) -> list[str]:
    received = sum(line.received for line in found.batches)
    issued = sum(line.issued for line in found.batches)
    head = _("{batches} batches, {received} codes received, {issued} issued; {budgets} campaigns",
             batches=len(found.batches), received=received, issued=issued, budgets=len(found.budgets))  # fmt: skip
    if found.ok:
        return [head, _("Everything adds up: every code and every cent is accounted for.")]
    return [head, _("{n} differences:", n=len(found.differences)), *(sentence(one) for one in found.differences)]
