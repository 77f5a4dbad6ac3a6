"""Law 9: one evaluator. One mutant in it (closing off by one) breaks page, why and review alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import HOUR, World, open_world
from tests.web.site import serve
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain import eligibility
from welfare_desk.domain.eligibility import CampaignFacts, Verdict
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.queries import campaign_reviews
from welfare_desk.queries.why import why


@pytest.fixture
def world(sqlite_database: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(sqlite_database, tmp_path)
    yield made
    made.ctx.engine.dispose()


def at_closing(world: World) -> dict[str, bool]:
    """Who says at the very moment of closing that it is over: the page on a look, on a claim, why, the review."""
    product = world.product()
    world.stock(product, 1)
    closes = world.clock.moment + HOUR
    _campaign, [grant] = world.campaign(product, world.people(1), reserved={product: 1}, closes_at=closes)
    key = world.ctx.read(lambda session: session.get_one(Product, product).key)
    plan = Plan("活动", key, Audience("all"), closes - HOUR, closes)
    world.clock.moment = closes
    with serve(world) as site:
        looked = site.look(site.link(grant)).state
        claimed = site.post(site.link(grant), identity="1").state
    return {
        "look": looked == "expired",
        "claim": claimed == "expired",
        "why": world.ctx.read(why, grant_id=grant, clock=world.clock).reason == "expired",
        "review": world.ctx.read(campaign_reviews.review, plan=plan, now=closes).over,
    }


def test_all_say_that_it_is_over(world: World) -> None:
    assert at_closing(world) == dict.fromkeys(("look", "claim", "why", "review"), True)


def test_mutant_that_closes_one_too_late_breaks_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = eligibility.outside

    def late(campaign: CampaignFacts, now: int) -> Verdict | None:
        return real(campaign, now - 1)

    monkeypatch.setattr(eligibility, "outside", late)
    monkeypatch.setattr(campaign_reviews, "outside", late)
    assert at_closing(world) == dict.fromkeys(("look", "claim", "why", "review"), False)
