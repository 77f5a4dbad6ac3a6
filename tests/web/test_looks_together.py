"""Looking together: one reading for everybody who asks meanwhile, and nobody's trouble is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.world import World
from welfare_desk.errors import Unavailable
from welfare_desk.queries.standing import Standing
from welfare_desk.security.links import Link
from welfare_desk.web import looks as looking
from welfare_desk.web.looks import Looks

Ask = Callable[[Sequence[Link]], list[Standing | BaseException]]


@pytest.fixture
def batches() -> list[int]:
    """How many were read at once, reading by reading."""
    return []


@pytest.fixture
def ask(lite_world: World, batches: list[int]) -> Iterator[Ask]:
    """Asks for all at once and waits for every answer."""
    pool = ThreadPoolExecutor(2)
    looks = Looks(lite_world.ctx, pool, lambda links: batches.append(len(links)))

    def asking(links: Sequence[Link]) -> list[Standing | BaseException]:
        async def together() -> list[Standing | BaseException]:
            return await asyncio.gather(*map(looks.ask, links), return_exceptions=True)

        return asyncio.run(together())

    yield asking
    pool.shutdown()


def ready(world: World, count: int) -> list[Link]:
    product = world.product()
    world.stock(product, count)
    _campaign, grants = world.campaign(product, world.people(count), reserved={product: count})
    return [Link(grant, 0) for grant in grants]


def test_who_asks_meanwhile_is_in_the_next_reading(lite_world: World, ask: Ask, batches: list[int]) -> None:
    links = ready(lite_world, 300)
    seen = [found for found in ask(links) if isinstance(found, Standing)]
    assert [found.grant_id for found in seen] == [link.grant_id for link in links]
    assert {found.verdict.reason for found in seen} == {"ready"}
    assert batches == [1, looking.CAP, 300 - 1 - looking.CAP]


def test_each_gets_the_verdict_of_its_own_link(lite_world: World, ask: Ask) -> None:
    first, second = ready(lite_world, 2)
    seen = ask([first, Link(second.grant_id, 1), Link(1, 0), second])
    assert [found.verdict.reason for found in seen if isinstance(found, Standing)] == [
        "ready", "revoked", "unknown", "ready",
    ]  # fmt: skip


def test_what_one_grant_breaks_does_not_reach_the_others(
    lite_world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    links = ready(lite_world, 3)
    standings = looking.standings

    def fragile(session: Any, *, wanted: Sequence[tuple[int, int | None]], clock: Any) -> tuple[Standing, ...]:
        if (1, 0) in wanted:
            raise ValueError("poison")
        return standings(session, wanted=wanted, clock=clock)

    monkeypatch.setattr(looking, "standings", fragile)
    seen = ask([links[0], Link(1, 0), *links[1:]])
    assert isinstance(seen[1], ValueError)
    assert [found.grant_id for found in (seen[0], *seen[2:]) if isinstance(found, Standing)] == [
        link.grant_id for link in links
    ]
    assert "poison" not in caplog.text


def test_without_a_database_everybody_hears_it_and_the_next_are_read(
    lite_world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = ready(lite_world, 3)

    def away(_session: Any, **_asked: Any) -> tuple[Standing, ...]:
        raise Unavailable("database_away", reason="gone")

    with monkeypatch.context() as broken:
        broken.setattr(looking, "standings", away)
        assert all(isinstance(found, Unavailable) for found in ask(links))
    assert all(isinstance(found, Standing) for found in ask(links))
