"""Top-ups of a settlement: the intent to order is committed with the claim; the jobs process makes the call."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, update

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.claims import Fulfilment
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.domain.accounts import tidy_account
from welfare_desk.queries.claim_scene import ClaimRequest, Part, Scene, Unit
from welfare_desk.security.sealing import seal
from welfare_desk.services.claim_rows import masked_account


def account_info(order_id: int) -> bytes:
    """What a sealed account is bound to."""
    return b"account/%d" % order_id


def place(
    ctx: AppContext, connection: Connection, scene: Scene, requests: dict[int, ClaimRequest],
    given: Sequence[tuple[int, Sequence[Unit]]],
) -> None:  # fmt: skip
    """One purchase order, not yet sent, for every top-up unit given."""
    rows = [_order(ctx, scene, requests[grant_id], unit) for grant_id, units in given for unit in units
            if unit.state == "crediting"]  # fmt: skip
    if rows:
        connection.execute(insert(PurchaseOrder), rows)


def retry(
    ctx: AppContext, connection: Connection, scene: Scene, requests: dict[int, ClaimRequest]
) -> dict[int, tuple[Unit, ...]]:
    """Tries failed top-ups again with the account given now, under a new order key; returns all units per grant."""
    answers: dict[int, tuple[Unit, ...]] = {}
    for grant_id in sorted(requests):
        masked = masked_account(scene, requests[grant_id])
        again = [unit for unit in scene.units(grant_id) if unit.state == "failed"]
        for unit in again:
            connection.execute(
                update(Fulfilment)
                .where(Fulfilment.grant_id == grant_id, Fulfilment.part == unit.part, Fulfilment.unit == unit.unit)
                .values(state="crediting", account_masked=masked, changed_at=scene.now)
            )
        fresh = {(unit.part, unit.unit): dataclasses.replace(unit, state="crediting", account_masked=masked)
                 for unit in again}  # fmt: skip
        place(ctx, connection, scene, requests, [(grant_id, list(fresh.values()))])
        answers[grant_id] = tuple(fresh.get((unit.part, unit.unit), unit) for unit in scene.units(grant_id))
    return answers


def _order(ctx: AppContext, scene: Scene, request: ClaimRequest, unit: Unit) -> dict[str, Any]:
    rules = scene.rules[scene.grants[request.grant_id].campaign_id]
    part: Part = next(part for part in rules.parts if part.position == unit.part)
    account = tidy_account(rules.facts.account_kind or "any", request.account) or ""
    order_id = new_id()
    return {
        "id": order_id, "order_key": f"T{order_id:020d}", "product_id": unit.product_id,
        "supplier_id": part.supplier_id, "quantity": 1, "received": 0, "price_ceiling_minor": part.price_minor,
        "total_minor": None, "currency": part.currency, "state": "created", "supplier_no": None, "trouble": None,
        "attempts": 0, "next_at": scene.now, "lease_until": None, "job_id": None, "grant_id": request.grant_id,
        "part": unit.part, "unit": unit.unit,
        "account_sealed": seal(account.encode(), ctx.intake_key, account_info(order_id)),
        "operator": ctx.operator, "created_at": scene.now, "sent_at": None, "settled_at": None,
    }  # fmt: skip
