"""The settler's transaction on both databases: never twice, never more than there is, all or nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.world import HOUR, World, open_world
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry, Rollup
from welfare_desk.db.models.purchasing import Code, PurchaseOrder
from welfare_desk.queries.standing import standing
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest, Outcome


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def settle(world: World, *requests: ClaimRequest) -> tuple[Outcome, ...]:
    return world.ctx.write(claims.settle, requests=requests)


def secret_of(world: World, outcome: Outcome) -> list[str]:
    assert world.ctx.keys is not None
    opened = []
    for unit in outcome.units:
        assert unit.sealed is not None
        assert unit.batch_id is not None
        assert unit.code_id is not None
        ids = {"product_id": unit.product_id, "batch_id": unit.batch_id, "code_id": unit.code_id}
        opened.append(world.ctx.keys.open_code(unit.sealed, **ids)[1])
    return opened


def test_a_claim_gives_one_code_and_the_same_again(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    campaign, [grant] = world.campaign(product, world.people(1), reserved={product: 1})
    [first] = settle(world, ClaimRequest(grant, 0, " ００００1 "))
    [again] = settle(world, ClaimRequest(grant, 0, "1"))
    assert first.verdict.reason == again.verdict.reason == "claimed"
    assert first.verdict.can_claim
    assert again.verdict.again
    assert secret_of(world, first) == secret_of(world, again)
    assert world.ctx.read(lambda s: s.scalar(select(func.count()).select_from(Code).where(Code.state == "issued"))) == 1
    entries = world.ctx.read(lambda s: s.execute(select(LedgerEntry.account, LedgerEntry.amount_minor)
                                                 .where(LedgerEntry.subject == f"grant:{grant}")).all())  # fmt: skip
    assert sorted(entries) == [(f"campaign:{campaign}", 900), (f"stock:{product}", -900)]
    figures = dict(world.ctx.read(lambda s: s.execute(select(Rollup.figure, func.sum(Rollup.value))
                                                      .group_by(Rollup.figure)).all()))  # fmt: skip
    assert figures == {"grants": 1, "reached": 1, "claimed": 1, "curve": 1}


def test_the_same_grant_twice_in_one_batch_is_one_claim(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    _campaign, [grant] = world.campaign(product, world.people(1), reserved={product: 1})
    outcomes = settle(world, *[ClaimRequest(grant, 0, "1")] * 4)
    assert len({secret for outcome in outcomes for secret in secret_of(world, outcome)}) == 1


def test_280_codes_for_300_people_from_16_clients(world: World) -> None:
    product = world.product()
    world.stock(product, 280)
    _campaign, grants = world.campaign(product, world.people(300), reserved={product: 280})
    answers: dict[int, Outcome] = {}
    failures: list[BaseException] = []

    def claim(mine: list[tuple[int, int]]) -> None:
        try:
            for number, grant in mine:
                request = ClaimRequest(grant, 0, str(number))
                [outcome] = settle(world, request)
                while outcome.retry:
                    [outcome] = settle(world, request)
                answers[grant] = outcome
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    numbered = list(enumerate(grants, start=1))
    threads = [threading.Thread(target=claim, args=(numbered[at::16],)) for at in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert Counter(outcome.verdict.reason for outcome in answers.values()) == {"claimed": 280, "sold_out": 20}
    assert len({secret for outcome in answers.values() for secret in secret_of(world, outcome)}) == 280


def test_wrong_number_gives_nothing_and_locks_after_ten(world: World) -> None:
    product = world.product()
    world.stock(product, 1)
    _campaign, [grant] = world.campaign(product, world.people(1), reserved={product: 1})
    wrong = [settle(world, ClaimRequest(grant, 0, "2"))[0].verdict.reason for _try in range(11)]
    assert wrong == ["mismatch"] * 10 + ["rate_limited"]
    [locked] = settle(world, ClaimRequest(grant, 0, "1"))
    assert locked.verdict.reason == "rate_limited"
    assert locked.verdict.next_at == world.clock.now() + HOUR // 4
    world.clock.moment += HOUR // 4
    assert settle(world, ClaimRequest(grant, 0, "1"))[0].verdict.reason == "claimed"


def test_a_bundle_is_all_or_nothing(world: World) -> None:
    one, other = world.product(), world.product()
    world.stock(one, 5)
    world.stock(other, 3)
    bundle = world.bundle([(one, 1), (other, 2)])
    _campaign, grants = world.campaign(bundle, world.people(2), reserved={one: 2, other: 3})
    outcomes = settle(world, *[ClaimRequest(grant, 0, str(at)) for at, grant in enumerate(grants, start=1)])
    assert [outcome.verdict.reason for outcome in outcomes] == ["claimed", "sold_out"]
    assert len(secret_of(world, outcomes[0])) == 3
    states = world.ctx.read(lambda s: s.execute(select(Code.product_id, Code.state, func.count())
                                                .group_by(Code.product_id, Code.state)).all())  # fmt: skip
    assert sorted(map(tuple, states)) == sorted(
        [(one, "issued", 1), (one, "stock", 4), (other, "issued", 2), (other, "stock", 1)]
    )


def test_a_short_campaign_never_takes_what_another_reserved(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    world.campaign(product, world.people(2), reserved={product: 2})
    _short, grants = world.campaign(product, world.people(2), reserved={product: 1})
    outcomes = settle(world, *[ClaimRequest(grant, 0, str(at)) for at, grant in enumerate(grants, start=4)])
    assert [outcome.verdict.reason for outcome in outcomes] == ["claimed", "sold_out"]
    left = world.ctx.read(standing, grant_id=grants[1], clock=world.clock)
    assert left.verdict.reason == "sold_out"


def test_expired_codes_are_never_given(world: World) -> None:
    product = world.product()
    world.stock(product, 1, expires_at=world.clock.now() - 1)
    world.stock(product, 1, expires_at=world.clock.now() + HOUR)
    _campaign, grants = world.campaign(product, world.people(2), reserved={product: 2})
    outcomes = settle(world, *[ClaimRequest(grant, 0, str(at)) for at, grant in enumerate(grants, start=1)])
    assert [outcome.verdict.reason for outcome in outcomes] == ["claimed", "sold_out"]


def test_a_top_up_commits_its_order_with_the_claim_and_a_failed_one_can_be_tried_again(world: World) -> None:
    product = world.product("top_up", account="phone")
    _campaign, [grant] = world.campaign(product, world.people(1))
    [bad] = settle(world, ClaimRequest(grant, 0, "1", account="12"))
    assert bad.verdict.reason == "account"
    [outcome] = settle(world, ClaimRequest(grant, 0, "1", account="+86 138-0013-8000"))
    assert outcome.verdict.reason == "pending"
    orders = world.ctx.read(lambda s: s.scalars(select(PurchaseOrder)).all())
    assert [(order.state, order.grant_id, order.quantity) for order in orders] == [("created", grant, 1)]
    world.ctx.write(lambda _ctx, s: s.get(Fulfilment, (grant, 0, 0)).__setattr__("state", "failed"))
    assert world.ctx.read(standing, grant_id=grant, clock=world.clock).verdict.reason == "failed"
    [retried] = settle(world, ClaimRequest(grant, 0, "1", account="13900139000"))
    assert retried.verdict.reason == "pending"
    assert [unit.account_masked for unit in retried.units] == ["139****9000"]
    keys = world.ctx.read(lambda s: s.scalars(select(PurchaseOrder.order_key)).all())
    assert len(set(keys)) == 2
    assert world.ctx.read(lambda s: s.scalar(select(func.count()).select_from(Claim))) == 1


def test_windows_are_half_open_and_old_links_are_refused(world: World) -> None:
    product = world.product()
    world.stock(product, 1)
    opens, closes = world.clock.now(), world.clock.now() + HOUR
    _campaign, [grant] = world.campaign(
        product, world.people(1), reserved={product: 1}, opens_at=opens, closes_at=closes
    )
    request = ClaimRequest(grant, 0, "1")
    world.clock.moment = opens - 1
    assert settle(world, request)[0].verdict.reason == "too_early"
    world.clock.moment = closes
    assert settle(world, request)[0].verdict.reason == "expired"
    world.clock.moment = closes - 1
    assert settle(world, ClaimRequest(grant, 1, "1"))[0].verdict.reason == "revoked"
    assert settle(world, request)[0].verdict.reason == "claimed"
