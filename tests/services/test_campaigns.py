"""Launching, extending and ending campaigns, on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.world import HOUR, World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Campaign, Grant, Message, Reservation
from welfare_desk.db.models.claims import Rollup
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Audience, Plan, PlanRefused
from welfare_desk.errors import Refused
from welfare_desk.queries import campaign_reviews, raw_figures, reservations
from welfare_desk.queries.stock import stock
from welfare_desk.security.references import grant_reference
from welfare_desk.services import campaigns, launching
from welfare_desk.services.claims import ClaimRequest, settle


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def rows(world: World, model: Any) -> list[Any]:
    return list(world.ctx.read(lambda session: session.scalars(select(model)).all()))


def key_of(world: World, product_id: int) -> str:
    return world.ctx.read(lambda session: session.get_one(Product, product_id).key)


def plan(world: World, product_id: int, **changed: Any) -> Plan:
    now = world.clock.now()
    made = Plan("中秋福利", key_of(world, product_id), Audience("all"), now - HOUR, now + HOUR, channels=("email",))
    return dataclasses.replace(made, **changed)


def change_person(world: World, person_id: int, **values: Any) -> None:
    world.ctx.write(
        lambda _ctx, session: session.execute(update(Person).where(Person.id == person_id).values(**values))
    )


def figures_agree(world: World) -> bool:
    def both(session: Session) -> bool:
        summed: dict[Any, int] = {}
        for row in session.scalars(select(Rollup)):
            key = (row.figure, row.campaign_id, row.product_id, row.department, row.bucket)
            summed[key] = summed.get(key, 0) + row.value
        return {key: value for key, value in summed.items() if value} == dict(raw_figures.counted(session))

    return world.ctx.read(both)


def test_a_launch_makes_grants_messages_and_a_reservation(world: World) -> None:
    product = world.product(price=1250)
    world.stock(product, 5)
    people = world.people(3) + world.people(1, department="总部/研发部")
    change_person(world, people[1], email=None)
    launched = launching.launch(world.ctx, plan=plan(world, product))
    assert (launched.grants, launched.unreachable, launched.short, launched.cost_minor) == (4, 1, 0, 5000)
    grants = rows(world, Grant)
    assert {grant.person_id for grant in grants} == set(people)
    assert all(grant.reference == grant_reference(grant.id) for grant in grants)
    [campaign] = rows(world, Campaign)
    assert {grant.id >> 40 for grant in grants} == {campaign.key_number}
    assert (campaign.state, campaign.key, campaign.cost_minor) == ("open", launched.campaign, 5000)
    assert sorted(message.address for message in rows(world, Message)) == [
        "p1@example.com", "p3@example.com", "p4@example.com",
    ]  # fmt: skip
    [reserved] = rows(world, Reservation)
    assert (reserved.units, reserved.needed) == (4, 4)
    [shelf] = world.ctx.read(stock, now=world.clock.now())
    assert (shelf.in_stock, shelf.reserved, shelf.free) == (5, 4, 1)
    assert figures_agree(world)


def test_the_review_says_what_the_launch_then_does(world: World) -> None:
    product = world.product(price=700)
    world.stock(product, 3)
    people = world.people(4)
    change_person(world, people[0], email=None)
    change_person(world, people[3], status="left")
    chosen = plan(world, product, quantity=2)
    review = world.ctx.read(campaign_reviews.review, plan=chosen, now=world.clock.now())
    launched = launching.launch(world.ctx, plan=chosen, allow_short=True)
    assert (review.people, review.unreachable, review.short, review.cost_minor, review.currency) == (
        launched.grants, launched.unreachable, launched.short, launched.cost_minor, launched.currency,
    )  # fmt: skip
    assert (launched.grants, launched.short, launched.cost_minor) == (3, 3, 4200)


@pytest.mark.parametrize(("before_end", "over"), [(1, False), (0, True)])
def test_the_review_ends_at_the_very_moment_the_page_does(world: World, before_end: int, over: bool) -> None:
    world.people(1)
    chosen = plan(world, world.product("top_up"))
    review = world.ctx.read(campaign_reviews.review, plan=chosen, now=chosen.closes_at - before_end)
    assert (review.over, "window_over" in review.warnings) == (over, over)


def test_too_little_stock_is_refused_unless_allowed(world: World) -> None:
    product = world.product()
    world.stock(product, 2)
    world.people(3)
    with pytest.raises(PlanRefused) as refused:
        launching.launch(world.ctx, plan=plan(world, product))
    assert (refused.value.code, refused.value.params["free"]) == ("stock_short", 2)
    assert rows(world, Campaign) == []
    assert launching.launch(world.ctx, plan=plan(world, product), allow_short=True).short == 1
    assert rows(world, Reservation)[0].units == 2


def test_what_one_campaign_keeps_back_is_not_free_for_the_next(world: World) -> None:
    product = world.product()
    world.stock(product, 5)
    world.people(3)
    launching.launch(world.ctx, plan=plan(world, product))
    with pytest.raises(PlanRefused):
        launching.launch(world.ctx, plan=plan(world, product, name="second"))


def test_a_name_is_open_once_unless_again(world: World) -> None:
    product = world.product("top_up")
    world.people(1)
    first = launching.launch(world.ctx, plan=plan(world, product))
    with pytest.raises(PlanRefused) as refused:
        launching.launch(world.ctx, plan=plan(world, product))
    assert (refused.value.code, refused.value.field) == ("campaign_name_open", "name")
    launching.launch(world.ctx, plan=plan(world, product), again=True)
    for row in rows(world, Campaign):
        world.ctx.write(campaigns.close, campaign_id=row.id)
    assert launching.launch(world.ctx, plan=plan(world, product)).campaign != first.campaign


def test_top_ups_need_no_stock_and_bundles_need_their_parts(world: World) -> None:
    card, credit = world.product(price=100), world.product("top_up", price=3000)
    bundle = world.bundle([(card, 2), (credit, 1)])
    world.stock(card, 8)
    world.people(2)
    launched = launching.launch(world.ctx, plan=plan(world, bundle, quantity=2))
    assert (launched.cost_minor, launched.short) == (2 * 2 * (2 * 100 + 3000), 0)
    assert [(row.product_id, row.units, row.needed) for row in rows(world, Reservation)] == [(card, 8, 8)]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"product": "nothing"}, "product", "plan_product_unknown"),
        ({"audience": Audience("department", department="无")}, "audience", "plan_audience_empty"),
        ({"audience": Audience("people", people=("1", "99999"))}, "audience", "plan_people_unknown"),
        ({"audience": Audience("people")}, "audience", "plan_audience_empty"),
    ],
)
def test_a_plan_that_does_not_fit_the_data_is_refused(
    world: World, changed: dict[str, Any], field: str, code: str
) -> None:
    product = world.product("top_up")
    world.people(2)
    with pytest.raises(PlanRefused) as refused:
        launching.launch(world.ctx, plan=plan(world, product, **changed))
    assert (refused.value.field, refused.value.code) == (field, code)
    assert rows(world, Campaign) == []


def test_a_product_off_the_shelf_is_refused(world: World) -> None:
    product = world.product("top_up")
    world.people(1)
    world.ctx.write(lambda _ctx, session: setattr(session.get_one(Product, product), "on_shelf", False))
    with pytest.raises(PlanRefused) as refused:
        launching.launch(world.ctx, plan=plan(world, product))
    assert refused.value.code == "plan_product_off_shelf"


def test_a_department_means_all_below_it_and_nothing_beside_it(world: World) -> None:
    product = world.product("top_up")
    world.people(1, department="总部")
    inside = world.people(1, department="总部/财务部/a%b")
    world.people(1, department="总部2")
    upper = world.people(1, department="HQ")
    world.people(1, department="hq")
    both = Audience("department", department="总部")
    assert launching.launch(world.ctx, plan=plan(world, product, audience=both)).grants == 2
    exact = plan(world, product, name="b", audience=Audience("department", department="总部/财务部/a%b"))
    launched = launching.launch(world.ctx, plan=exact)
    assert [g.person_id for g in rows(world, Grant) if g.campaign_id == launched.campaign_id] == inside
    case = plan(world, product, name="c", audience=Audience("department", department="HQ"))
    launched = launching.launch(world.ctx, plan=case)
    assert [g.person_id for g in rows(world, Grant) if g.campaign_id == launched.campaign_id] == upper


def test_people_are_named_by_number_or_reference_and_counted_once(world: World) -> None:
    product = world.product("top_up")
    people = world.people(3)
    change_person(world, people[2], status="left")
    reference = world.ctx.read(lambda session: session.get_one(Person, people[1]).reference)
    named = Audience("people", people=("1", "００００１", f"{reference[:4]}-{reference[4:].lower()}", "3"))
    chosen = plan(world, product, audience=named, channels=())
    review = world.ctx.read(campaign_reviews.review, plan=chosen, now=world.clock.now())
    assert (review.people, review.left, review.not_found) == (2, 1, ())
    launched = launching.launch(world.ctx, plan=chosen)
    assert (launched.grants, launched.unreachable) == (2, 0)
    assert rows(world, Message) == []


def test_many_people_are_launched_in_turns_and_seen_only_at_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "AT_ONCE", 50)
    product = world.product()
    world.stock(product, 700)
    world.people(650)
    seen: list[tuple[str, int]] = []

    def report(done: int, _total: int = 0, _text: str = "") -> None:
        [campaign] = rows(world, Campaign)
        [shelf] = world.ctx.read(stock, now=world.clock.now())
        seen.append((campaign.state, shelf.free or 0))
        assert figures_agree(world)

    launched = launching.launch(world.ctx, report, plan=plan(world, product))
    assert set(seen) == {("launching", 50)}
    assert len(seen) > 1
    assert (launched.grants, len(rows(world, Grant)), len(rows(world, Message))) == (650, 650, 650)
    assert rows(world, Campaign)[0].state == "open"


class Stopped(Exception):
    """A person pressed cancel."""


def test_a_cancelled_or_killed_launch_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "AT_ONCE", 50)
    product = world.product("top_up")
    world.people(600)

    def stop(_done: int, _total: int = 0, _text: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        launching.launch(world.ctx, stop, plan=plan(world, product))
    assert (rows(world, Campaign), rows(world, Grant), rows(world, Message)) == ([], [], [])

    with monkeypatch.context() as killed:
        killed.setattr(launching, "remove", lambda _ctx, _campaign_id: None)
        with pytest.raises(Stopped):
            launching.launch(world.ctx, stop, plan=plan(world, product))
    assert rows(world, Campaign)[0].state == "launching"
    assert launching.sweep(world.ctx) == 0  # somebody may still be at it
    world.clock.moment += launching.GIVEN_UP_MS + 1
    assert launching.sweep(world.ctx) == 1
    assert (rows(world, Campaign), rows(world, Grant), rows(world, Message)) == ([], [], [])
    assert figures_agree(world)


def test_who_leaves_while_a_launch_runs_gets_nothing(world: World) -> None:
    product = world.product(price=100)
    world.stock(product, 3)
    people = world.people(3)
    chosen = plan(world, product)
    found = world.ctx.read(campaign_reviews.review, plan=chosen, now=world.clock.now())
    started = world.ctx.write(campaigns.start, plan=chosen, found=found, allow_short=False, again=False)
    change_person(world, people[0], status="left")
    world.ctx.write(campaigns.add_grants, rows=found.audience, started=started)
    launched = world.ctx.write(campaigns.finish, started=started)
    assert (launched.grants, launched.cost_minor) == (2, 200)
    assert rows(world, Reservation)[0].units == 2


def test_closing_gives_back_what_was_kept(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    world.people(3)
    launched = launching.launch(world.ctx, plan=plan(world, product))
    grant = rows(world, Grant)[0]
    [outcome] = world.ctx.write(settle, requests=[ClaimRequest(grant.id, trusted=True, via="operator")])
    assert outcome.verdict.reason == "claimed"
    kept = world.ctx.read(reservations.outstanding, now=world.clock.now())
    assert kept == {(launched.campaign_id, product): 2}
    world.ctx.write(campaigns.close, campaign_id=launched.campaign_id)
    assert world.ctx.read(reservations.outstanding, now=world.clock.now()) == {}
    with pytest.raises(Refused) as refused:
        world.ctx.write(campaigns.resume, campaign_id=launched.campaign_id)
    assert refused.value.code == "campaign_closed"


def test_pausing_keeps_the_units_and_resuming_goes_on(world: World) -> None:
    product = world.product()
    world.stock(product, 1)
    world.people(1)
    launched = launching.launch(world.ctx, plan=plan(world, product))
    assert world.ctx.write(campaigns.pause, campaign_id=launched.campaign_id).state == "paused"
    assert sum(world.ctx.read(reservations.outstanding, now=world.clock.now()).values()) == 1
    assert world.ctx.write(campaigns.resume, campaign_id=launched.campaign_id).state == "open"


def test_extending_moves_the_end_and_never_promises_units_twice(world: World) -> None:
    product = world.product()
    world.stock(product, 2)
    world.people(2)
    launched = launching.launch(world.ctx, plan=plan(world, product))
    before = rows(world, Campaign)[0].closes_at
    with pytest.raises(Refused) as refused:
        world.ctx.write(campaigns.extend, campaign_id=launched.campaign_id, closes=before)
    assert refused.value.code == "extend_earlier"
    longer = world.ctx.write(campaigns.extend, campaign_id=launched.campaign_id, closes=before + HOUR)
    assert longer.closes_at == before + HOUR
    world.clock.moment = longer.closes_at
    taken = launching.launch(world.ctx, plan=plan(world, product, name="second"))
    assert taken.grants == 2
    with pytest.raises(Refused) as refused:
        world.ctx.write(campaigns.extend, campaign_id=launched.campaign_id, closes=longer.closes_at + HOUR)
    assert refused.value.code == "stock_short"
    world.ctx.write(campaigns.close, campaign_id=taken.campaign_id)
    world.ctx.write(campaigns.extend, campaign_id=launched.campaign_id, closes=longer.closes_at + HOUR)


def test_two_desks_cannot_promise_the_same_units(world: World) -> None:
    """The second launch counts after the first has committed: its first turn waits for it."""
    product = world.product()
    world.stock(product, 1)
    world.people(1)
    chosen = plan(world, product)
    now = world.clock.now()
    found = world.ctx.read(campaign_reviews.review, plan=chosen, now=now)
    other = dataclasses.replace(chosen, name="other")
    reviewed = world.ctx.read(campaign_reviews.review, plan=other, now=now)
    world.ctx.write(campaigns.start, plan=chosen, found=found, allow_short=False, again=False)

    def second(ctx: AppContext, session: Session) -> None:
        campaigns.start(ctx, session, plan=other, found=reviewed, allow_short=False, again=False)

    with pytest.raises(PlanRefused) as refused:
        world.ctx.write(second)
    assert refused.value.code == "stock_short"


def test_desks_that_launch_at_the_same_moment_take_turns(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    world.people(1)
    plans = [plan(world, product, name=f"{number}") for number in range(8)]

    def attempt(chosen: Plan) -> str:
        try:
            return launching.launch(world.ctx, plan=chosen).campaign
        except PlanRefused as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, plans))
    assert answers.count("stock_short") == 5
    assert sum(world.ctx.read(reservations.outstanding, now=world.clock.now()).values()) == 3
    assert figures_agree(world)
