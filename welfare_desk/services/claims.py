"""Law 2: the batch settler's one transaction, the only way a claim happens (page, direct issue, later API and draws).

Lock and read the grants, read claims and campaigns, judge each in pure Python, take codes per product, write claims,
ledger and rollups in one statement. Nothing is revealed here: the caller opens codes after the commit.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import claim_sql
from welfare_desk.domain.eligibility import Attempt, CampaignFacts, Verdict, failures_after, judge
from welfare_desk.queries.claim_scene import ClaimRequest, Outcome, Scene, Unit, read_scene
from welfare_desk.services import claim_rows, top_up_orders
from welfare_desk.services.claim_stock import Shelf, fill_shelf

__all__ = ["ClaimRequest", "Outcome", "Unit", "settle"]


def settle(ctx: AppContext, session: Session, *, requests: Sequence[ClaimRequest]) -> tuple[Outcome, ...]:
    """Settles a batch of claims in the caller's transaction; the answers stand in the order of the requests.

    A request for a grant that was claimed before, by an earlier request or an earlier batch, gets the same units.
    `Outcome.retry` says that units exist which others hold right now: ask again, do not say that it is sold out.
    """
    connection = session.connection()
    scene = read_scene(connection, [request.grant_id for request in requests], ctx.clock)
    verdicts = _judge_all(scene, requests)
    takers = {request.grant_id: request for request, verdict in zip(requests, verdicts, strict=True)
              if verdict.can_claim}  # fmt: skip
    shelf = fill_shelf(session, scene, list(takers))
    settled = {grant_id: _settle_one(scene, shelf, grant_id) for grant_id in takers}
    given = {grant_id: outcome for grant_id, outcome in settled.items() if outcome.units}
    shelf.give_back(connection)
    _write(ctx, connection, scene, takers, given)
    retried = _retry_top_ups(ctx, connection, scene, requests, verdicts)
    if scene.failures:
        claim_sql.record_failures(connection, [(grant, *state) for grant, state in scene.failures.items()])
    return tuple(
        settled[request.grant_id] if verdict.can_claim else _answer(scene, request, verdict, retried)
        for request, verdict in zip(requests, verdicts, strict=True)
    )


def _judge_all(scene: Scene, requests: Sequence[ClaimRequest]) -> list[Verdict]:
    verdicts = []
    for request in requests:
        grant, campaign = scene.facts(request.grant_id)
        if campaign is not None and request.trusted:
            campaign = dataclasses.replace(campaign, verify="none")
        attempt = Attempt(request.link_version, request.identity, request.account, request.confirmed)
        verdict = judge(grant, campaign, now=scene.now, attempt=attempt)
        if verdict.wrong and grant is not None:
            count, since = failures_after(grant, scene.now)
            scene.note_failure(request.grant_id, count, since)
        verdicts.append(verdict)
    return verdicts


def _settle_one(scene: Scene, shelf: Shelf, grant_id: int) -> Outcome:
    """Gives a grant everything its parts need, or nothing at all."""
    rules = scene.rules[scene.grants[grant_id].campaign_id]
    needs = [(part, unit) for part in rules.parts for unit in range(part.quantity)]
    missing = shelf.missing(rules.campaign_id, rules.code_needs())
    if missing:
        held = any(shelf.held_by_others(product_id) for product_id in missing)
        verdict = Verdict("pending") if held else _sold_out(scene, grant_id)
        return Outcome(grant_id, rules.campaign_id, verdict, retry=held)
    units = []
    for part, unit in needs:
        if part.kind == "top_up":
            units.append(Unit(part.position, unit, part.product_id, "crediting"))
            continue
        code = shelf.take(rules.campaign_id, part.product_id)
        units.append(
            Unit(part.position, unit, part.product_id, "revealed", code_id=code.id, batch_id=code.batch_id,
                 sealed=code.sealed, cost_minor=code.cost_minor, expires_at=code.expires_at)
        )  # fmt: skip
    topped_up = any(unit.state == "crediting" for unit in units)
    verdict = Verdict("pending" if topped_up else "claimed", can_claim=True)
    return Outcome(grant_id, rules.campaign_id, verdict, units=tuple(units), claimed_at=scene.now)


def _sold_out(scene: Scene, grant_id: int) -> Verdict:
    grant, campaign = scene.facts(grant_id)
    return judge(grant, _open_to_all(campaign), now=scene.now, attempt=Attempt(None), sold_out=True)


def _open_to_all(campaign: CampaignFacts | None) -> CampaignFacts | None:
    return dataclasses.replace(campaign, verify="none", account_kind=None) if campaign else None


def _answer(scene: Scene, request: ClaimRequest, verdict: Verdict, retried: dict[int, tuple[Unit, ...]]) -> Outcome:
    row = scene.grants.get(request.grant_id)
    if row is None:
        return Outcome(request.grant_id, None, verdict)
    units = retried.get(request.grant_id, scene.units(request.grant_id)) if verdict.again else ()
    return Outcome(request.grant_id, row.campaign_id, verdict, units=units,
                   claimed_at=scene.claimed_at.get(request.grant_id))  # fmt: skip


def _write(
    ctx: AppContext, connection: Connection, scene: Scene, takers: dict[int, ClaimRequest], given: dict[int, Outcome]
) -> None:
    if not given:
        return
    rows = claim_rows.of_settlement(scene, takers, given, ctx.writer)
    claim_sql.write_settlement(connection, rows, sorted(given), scene.now)
    top_up_orders.place(ctx, connection, scene, takers, [(grant_id, given[grant_id].units) for grant_id in given])


def _retry_top_ups(
    ctx: AppContext, connection: Connection, scene: Scene, requests: Sequence[ClaimRequest], verdicts: list[Verdict]
) -> dict[int, tuple[Unit, ...]]:
    again = {request.grant_id: request for request, verdict in zip(requests, verdicts, strict=True) if verdict.retry}
    return top_up_orders.retry(ctx, connection, scene, again) if again else {}


def counted(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How often each reason was answered, for metrics and tests."""
    return Counter(outcome.verdict.reason for outcome in outcomes)
