"""The rows one settlement writes: claims, units, ledger lines and rollups (column order of claim_sql.TABLES)."""

from __future__ import annotations

from typing import Any

from welfare_desk.db.ids import new_ids
from welfare_desk.domain.accounts import tidy_account
from welfare_desk.domain.figures import local_day, quarter
from welfare_desk.queries.claim_scene import ClaimRequest, Outcome, Scene, Unit
from welfare_desk.security.masking import mask_account
from welfare_desk.services import rollups

Rows = dict[str, list[tuple[Any, ...]]]


def of_settlement(scene: Scene, takers: dict[int, ClaimRequest], given: dict[int, Outcome], writer: int) -> Rows:
    """Everything to write for the grants that were given something, by table."""
    rows: Rows = {"claim": [], "fulfilment": [], "ledger_entry": [], "rollup": []}
    figures: list[rollups.Row] = []
    transactions = iter(new_ids(len(given)))
    for grant_id, outcome in given.items():
        grant = scene.grants[grant_id]
        request = takers[grant_id]
        cost = sum(unit.cost_minor for unit in outcome.units)
        rows["claim"].append((grant_id, grant.campaign_id, scene.now, request.via, cost))
        rows["fulfilment"] += [_unit_row(scene, grant_id, unit, request) for unit in outcome.units]
        rows["ledger_entry"] += _ledger(scene, grant_id, outcome.units, next(transactions))
        figures += _figures(scene, grant_id)
    rows["rollup"] = [(*row[:5], writer, row[5]) for row in rollups.summed(figures)]
    return rows


def masked_account(scene: Scene, request: ClaimRequest) -> str | None:
    """How the account of a top-up is shown, None when there is none."""
    kind = scene.rules[scene.grants[request.grant_id].campaign_id].facts.account_kind
    account = tidy_account(kind, request.account) if kind else None
    return mask_account(account) if account else None


def _unit_row(scene: Scene, grant_id: int, unit: Unit, request: ClaimRequest) -> tuple[Any, ...]:
    masked = masked_account(scene, request) if unit.state == "crediting" else None
    campaign_id = scene.grants[grant_id].campaign_id
    return (grant_id, unit.part, unit.unit, campaign_id, unit.product_id, unit.code_id, unit.state, masked,
            unit.cost_minor, scene.now)  # fmt: skip


def _ledger(scene: Scene, grant_id: int, units: tuple[Unit, ...], transaction: int) -> list[tuple[Any, ...]]:
    """The campaign is charged, stock is relieved; lines sum to zero. Free codes leave no line."""
    grant = scene.grants[grant_id]
    currencies = {part.product_id: part.currency for part in scene.rules[grant.campaign_id].parts}
    costs: dict[int, int] = {}
    for unit in units:
        if unit.cost_minor:
            costs[unit.product_id] = costs.get(unit.product_id, 0) + unit.cost_minor
    lines: list[tuple[Any, ...]] = []
    subject = f"grant:{grant_id}"
    for product_id, cost in costs.items():
        for account, amount in ((f"campaign:{grant.campaign_id}", cost), (f"stock:{product_id}", -cost)):
            lines.append((transaction, len(lines), scene.now, account, subject, amount, currencies[product_id]))
    return lines


def _figures(scene: Scene, grant_id: int) -> list[rollups.Row]:
    grant = scene.grants[grant_id]
    day = local_day(scene.now, scene.rules[grant.campaign_id].timezone)
    key = (grant.campaign_id, grant.product_id, grant.department, day)
    figures: list[rollups.Row] = [(rollups.CLAIMED, *key, 1)]
    if grant.reached_at is None:
        figures.append((rollups.REACHED, *key, 1))
    figures.append((rollups.CURVE, grant.campaign_id, grant.product_id, "", quarter(scene.now), 1))
    return figures
