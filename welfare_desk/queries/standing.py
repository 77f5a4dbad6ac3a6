"""How a grant stands right now: what its page, "why can this person not claim" and the desk all show."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from welfare_desk.db import claim_sql
from welfare_desk.domain.clock import Clock
from welfare_desk.domain.eligibility import Attempt, Verdict, judge
from welfare_desk.queries import reservations
from welfare_desk.queries.claim_scene import Scene, Unit, read_scene


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict on looking, and what was given so far (units without their sealed codes)."""

    grant_id: int
    campaign_id: int | None
    verdict: Verdict
    now: int
    claimed_at: int | None = None
    units: tuple[Unit, ...] = ()


def standing(
    session: Session, *, grant_id: int, clock: Clock, link_version: int | None = None, at: int | None = None
) -> Standing:
    """The standing of one grant, of a link's version if given, now or at another time (epoch milliseconds).

    Reads only; a look never shows a code.
    """
    return standings(session, wanted=[(grant_id, link_version)], clock=clock, at=at)[0]


def standings(
    session: Session, *, wanted: Sequence[tuple[int, int | None]], clock: Clock, at: int | None = None
) -> tuple[Standing, ...]:
    """The same of several grants (id, link version), in their order, with the statements of one."""
    scene = read_scene(session.connection(), [grant_id for grant_id, _version in wanted], clock, lock=False)
    now = scene.now if at is None else at
    sold_out: dict[int, bool] = {}
    return tuple(_standing(session, scene, grant_id, version, now, sold_out) for grant_id, version in wanted)


def _standing(
    session: Session, scene: Scene, grant_id: int, link_version: int | None, now: int, sold_out: dict[int, bool]
) -> Standing:
    grant, campaign = scene.facts(grant_id, now)
    row = scene.grants.get(grant_id)
    if row is None or grant is None:
        return Standing(grant_id, None, judge(None, None, now=now), now)
    if link_version is not None and link_version != grant.link_version:
        return Standing(grant_id, row.campaign_id, judge(grant, campaign, now=now, attempt=Attempt(link_version)), now)
    verdict = judge(grant, campaign, now=now)
    if verdict.reason == "ready":
        if row.campaign_id not in sold_out:
            sold_out[row.campaign_id] = _nothing_left(session, scene, grant_id)
        if sold_out[row.campaign_id]:
            verdict = judge(grant, campaign, now=now, sold_out=True)
    units = tuple(dataclasses.replace(unit, sealed=None) for unit in scene.units(grant_id))
    return Standing(grant_id, row.campaign_id, verdict, now, scene.claimed_at.get(grant_id), units)


def _nothing_left(session: Session, scene: Scene, grant_id: int) -> bool:
    rules = scene.rules[scene.grants[grant_id].campaign_id]
    for product_id, count in rules.code_needs().items():
        if not claim_sql.free_remain(session.connection(), product_id, scene.now):
            return True
        if not rules.is_short(product_id):
            continue
        if not reservations.others_keep(session, rules.campaign_id, product_id, now=scene.now):
            continue
        if reservations.left_for(session, rules.campaign_id, product_id, now=scene.now) < count:
            return True
    return False
