"""Process rows: numbers nobody shares, heartbeats, addresses, the clock that never goes back, phone tests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.world import World, open_world
from welfare_desk.db.clock import read_now
from welfare_desk.queries import service
from welfare_desk.services import processes

SECOND = 1000


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def test_processes_that_start_together_get_numbers_of_their_own(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _at: world.ctx.write(processes.register, role="web"), range(8)))
    assert {own.number for own in numbers} == set(range(1, 9))


def test_a_dead_process_is_not_waited_for_and_its_number_comes_back(world: World) -> None:
    first = world.ctx.write(processes.register, role="web", addresses=["http://10.0.0.1:8080"])
    second = world.ctx.write(processes.register, role="web")  # right after a kill
    assert second.number == first.number + 1
    world.clock.moment += 11 * SECOND
    third = world.ctx.write(processes.register, role="jobs")
    assert third.number == first.number
    assert not world.ctx.write(processes.heartbeat, number=first.number, nonce=first.nonce)
    assert world.ctx.write(processes.heartbeat, number=third.number, nonce=third.nonce)


def test_who_is_alive_and_where(world: World) -> None:
    own = world.ctx.write(processes.register, role="web", addresses=["http://10.0.0.1:8080"])
    seen = world.ctx.read(service.state, clock=world.clock)
    assert (seen.web, seen.jobs, seen.addresses) == (True, False, ("http://10.0.0.1:8080",))
    world.ctx.write(processes.stop, number=own.number, nonce=own.nonce)
    assert not world.ctx.read(service.state, clock=world.clock).processes


def test_a_silent_process_is_dead_after_ten_seconds(world: World) -> None:
    world.ctx.write(processes.register, role="jobs")
    world.clock.moment += 10 * SECOND
    assert world.ctx.read(service.state, clock=world.clock).jobs
    world.clock.moment += 1
    assert not world.ctx.read(service.state, clock=world.clock).jobs


def test_time_never_goes_back(world: World) -> None:
    own = world.ctx.write(processes.register, role="web")
    world.clock.moment += 60 * SECOND
    world.ctx.write(processes.heartbeat, number=own.number, nonce=own.nonce)
    latest = world.clock.moment
    world.clock.moment -= 3600 * SECOND
    assert world.ctx.read(lambda session: read_now(session, world.clock)) == latest
    world.ctx.write(processes.heartbeat, number=own.number, nonce=own.nonce)
    assert world.ctx.read(lambda session: read_now(session, world.clock)) == latest


def test_a_phone_test_is_marked_once(world: World) -> None:
    started = world.ctx.write(processes.start_phone_test, address="http://10.0.0.1:8080")
    assert started.url == f"HTTP://10.0.0.1:8080/T/{started.token}"
    before = world.ctx.read(service.phone_test, token=started.token)
    assert before is not None
    assert before.opened_at is None
    assert world.ctx.write(processes.open_phone_test, token=started.token, agent="Phone A" * 100)
    opened = world.clock.moment
    world.clock.moment += SECOND
    assert world.ctx.write(processes.open_phone_test, token=started.token, agent="Phone B")
    after = world.ctx.read(service.phone_test, token=started.token)
    assert after is not None
    assert after.opened_at == opened
    assert after.agent.startswith("Phone A")
    assert len(after.agent) <= 200
    assert not world.ctx.write(processes.open_phone_test, token="NOBODY", agent="")
