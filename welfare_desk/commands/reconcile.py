"""`welfare-desk reconcile`: prove stock and money to the cent; exit 1 when anything differs."""

from __future__ import annotations

import argparse
from typing import Any

from welfare_desk.commands import base
from welfare_desk.i18n import _
from welfare_desk.queries import reconcile as queries
from welfare_desk.queries.reconcile import Reconciliation
from welfare_desk.queries.reconcile_batches import Difference
from welfare_desk.queries.reconcile_stock import Uncovered


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
    uncovered = [{**base.plain(one), "product_id": str(one.product_id), "missing": one.missing,
                  "message": promise(one)} for one in found.uncovered]  # fmt: skip
    return {"ok": found.ok, "batches": batches, "budgets": base.plain(found.budgets), "differences": differences,
            "uncovered": uncovered}  # fmt: skip


def promise(one: Uncovered) -> str:
    """A promise that is not covered any more, and what can be done about it."""
    return _("{campaigns}: {missing} codes of {product} are missing ({expired} expired, {put_aside} put aside since "
             "the launch). Buy or import {missing} codes, or close the campaign before people find it sold out.",
             campaigns=", ".join(one.campaigns), missing=one.missing, product=one.product, expired=one.expired,
             put_aside=one.put_aside)  # fmt: skip


def sentence(one: Difference) -> str:
    """One difference for people."""
    about = one.subject or _("stock")
    named = ", ".join(str(batch) for batch in one.batches) or "–"
    kind = kinds().get(one.kind, one.kind)
    return _("{kind}: batch {batch}, {subject}: expected {expected}, found {found}",
             kind=kind, batch=named, subject=about, expected=one.expected, found=one.found)  # fmt: skip


def kinds() -> dict[str, str]:
    """What each kind of difference is about, in words."""
    return {
        "batch_count": _("codes of the batch"),
        "batch_cost": _("cost of the batch"),
        "code_unbound": _("codes given to nobody"),
        "code_not_issued": _("codes bound but not marked as given"),
        "code_twice": _("code bound more than once"),
        "code_of_other_product": _("codes of another product"),
        "code_without_batch": _("codes without a batch"),
        "reserved_over_stock": _("more reserved than in stock"),
        "claim_missing": _("units whose claim is gone"),
        "claim_without_units": _("claim without anything given"),
        "claim_of_no_grant": _("claim without a grant"),
        "claim_of_other_campaign": _("claim booked to another campaign"),
        "claim_not_reached": _("claimed but never reached"),
        "unit_without_code": _("units whose code is gone"),
        "top_up_without_order": _("top-ups without an order"),
        "order_without_claim": _("orders without a claim"),
        "top_up_credited_differs": _("top-ups credited against orders received"),
        "rollup": _("figure on the dashboard"),
        "ledger_unbalanced": _("ledger transaction that does not sum to zero"),
        "ledger_line": _("ledger against what happened"),
        "stock_account": _("stock account against the cost of free codes"),
        "unit_cost": _("cost of a claimed code"),
        "top_up_cost": _("cost of a top-up"),
        "claim_cost": _("cost of a claim"),
        "campaign_account": _("campaign account against its claims"),
    }  # fmt: skip


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _lines(found: Reconciliation) -> list[str]:
    received = sum(line.received for line in found.batches)
    issued = sum(line.issued for line in found.batches)
    head = _("{batches} batches, {received} codes received, {issued} issued; {budgets} campaigns",
             batches=len(found.batches), received=received, issued=issued, budgets=len(found.budgets))  # fmt: skip
    promises = [promise(one) for one in found.uncovered]
    if found.ok:
        return [head, _("Everything adds up: every code and every cent is accounted for."), *promises]
    return [
        head,
        *promises,
        _("{n} differences:", n=len(found.differences)),
        *(sentence(one) for one in found.differences),
    ]
