"""The jobs process: leases, retries, what is left by a killed process, and an end when it is told."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support.supplier import connect, order, practice, state_of
from tests.support.waiting import wait_until
from tests.support.world import World, open_world
from welfare_desk.context import AppContext, SystemClock
from welfare_desk.db.models.jobs import Job
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.jobs import leases, registry, runner
from welfare_desk.jobs.work import Later, Work
from welfare_desk.queries import jobs as queries
from welfare_desk.queries import service
from welfare_desk.queries.jobs import JobState
from welfare_desk.services import jobs, suppliers

pytestmark = pytest.mark.logs


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    world = open_world(database_url, tmp_path)
    world.ctx = dataclasses.replace(world.ctx, clock=SystemClock())
    yield world
    world.ctx.engine.dispose()


@pytest.fixture
def running(world: World) -> Iterator[threading.Event]:
    """The jobs process in a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(world.ctx, stop), name="runner")
    thread.start()
    yield stop
    stop.set()
    thread.join(timeout=30)
    assert not thread.is_alive()


def job(world: World, job_id: int) -> JobState:
    found = world.ctx.read(queries.job, job_id=job_id)
    assert found is not None
    return found


def do(world: World, run: Any, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 20, tries: int = 3) -> JobState:
    """Requests a job of a kind made for this test and does it here."""
    monkeypatch.setitem(registry.KINDS, "test", registry.Kind(run, tries))
    monkeypatch.setattr(runner, "RETRY_MS", (10, 20, 30, 40))
    job_id = world.ctx.write(jobs.request, kind="test", params={"n": 1})
    runner.run_once(world.ctx, job_id, deadline=time.monotonic() + seconds)
    return job(world, job_id)


def test_a_job_is_done_and_keeps_its_result(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(ctx: AppContext, work: Work) -> dict[str, Any]:
        work.progress(1, 2, "half")
        return {"n": work.params["n"] + 1}

    done = do(world, run, monkeypatch)
    assert (done.state, done.result, done.error) == ("done", {"n": 2}, None)
    assert done.progress == {"done": 1, "total": 2, "item": "half"}
    assert done.finished_at is not None


def test_a_refusal_fails_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(ctx: AppContext, work: Work) -> dict[str, Any]:
        raise Refused("some_code", field="x", number=1)

    failed = do(world, run, monkeypatch)
    assert failed.state == "failed"
    assert failed.error == {"code": "some_code", "field": "x", "params": {"number": "1"}}


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("bug")])
def test_a_passing_failure_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    attempts = []

    def run(ctx: AppContext, work: Work) -> dict[str, Any]:
        attempts.append(work.attempts)
        if len(attempts) < 3:
            raise error
        return {}

    assert do(world, run, monkeypatch).state == "done"
    assert attempts == [1, 2, 3]


def test_a_lasting_failure_fails_after_its_tries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(ctx: AppContext, work: Work) -> dict[str, Any]:
        raise ValueError

    failed = do(world, run, monkeypatch, tries=2)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "unexpected"


def test_a_job_may_ask_to_be_called_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run(ctx: AppContext, work: Work) -> dict[str, Any]:
        seen.append(job(world, work.id).state)
        if len(seen) < 3:
            raise Later(20, "unknown", {"so": "far"})
        return {}

    assert do(world, run, monkeypatch).state == "done"
    assert seen == ["running"] * 3


def test_an_unknown_job_is_given_up_waiting_for_but_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(ctx: AppContext, work: Work) -> dict[str, Any]:
        raise Later(60_000, "unknown", {"so": "far"})

    left = do(world, run, monkeypatch, seconds=0.5)
    assert (left.state, left.result, left.finished) == ("unknown", {"so": "far"}, False)


def test_the_work_of_a_killed_process_is_taken_up(
    world: World, running: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.KINDS, "test", registry.Kind(lambda ctx, work: {"attempt": work.attempts}))

    def orphan(ctx: AppContext, session: Session) -> int:
        job_id = jobs.request(ctx, session, kind="test", params={})
        row = session.get_one(Job, job_id)
        row.state, row.attempts, row.lease_by, row.lease_until = "running", 1, 7, ctx.clock.now() + 300
        return job_id

    job_id = world.ctx.write(orphan)
    wait_until(lambda: job(world, job_id).state == "done", 10)
    assert job(world, job_id).result == {"attempt": 2}


def test_a_lost_lease_records_nothing(world: World) -> None:
    job_id = world.ctx.write(jobs.request, kind="check_supplier", params={})
    assert world.ctx.write(leases.lease, holder=1, kinds=["check_supplier"])[0].id == job_id
    assert world.ctx.write(leases.lease, holder=2, kinds=["check_supplier"]) == ()
    assert not world.ctx.write(leases.finish, holder=2, job_id=job_id, state="done", result={})
    assert job(world, job_id).state == "running"
    assert world.ctx.write(leases.finish, holder=1, job_id=job_id, state="done", result={})


def test_a_job_is_done_once_by_two_processes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setitem(registry.KINDS, "test", registry.Kind(lambda ctx, work: ran.append(work.id) or {}))
    stop = threading.Event()
    threads = [threading.Thread(target=runner.run, args=(world.ctx, stop)) for _process in range(2)]
    for thread in threads:
        thread.start()
    ids = [world.ctx.write(jobs.request, kind="test", params={}) for _job in range(30)]
    wait_until(lambda: all(job(world, job_id).state == "done" for job_id in ids), 20)
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(ran) == sorted(ids)


def test_the_process_shows_itself_and_says_goodbye(world: World) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(world.ctx, stop))
    thread.start()
    wait_until(lambda: world.ctx.read(service.state, clock=world.ctx.clock).jobs, 10)
    assert world.ctx.read(queries.worker_alive, now=world.ctx.clock.now())
    stop.set()
    thread.join(timeout=30)
    assert not world.ctx.read(queries.worker_alive, now=world.ctx.clock.now())


def test_a_sweep_that_fails_does_not_end_the_process(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []

    def sweep(ctx: AppContext, stop: threading.Event) -> int:
        turns.append(1)
        if len(turns) == 1:
            raise ValueError("once")
        return 0

    monkeypatch.setattr(registry, "SWEEPS", {"test": sweep})
    monkeypatch.setattr(runner, "SWEEPS", {"test": sweep})
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(world.ctx, stop))
    thread.start()
    wait_until(lambda: len(turns) >= 3, 10)
    stop.set()
    thread.join(timeout=30)


def test_orders_through_the_running_process(world: World, running: threading.Event) -> None:
    with practice("buy:500-after-accept*1") as site:
        connect(world, site.config)
        asked = order(world, quantity=20)
        wait_until(lambda: job(world, asked.job_id).finished, 20)
        assert state_of(world, asked).state == "received"
        assert job(world, asked.job_id).result["received"] == 20
        assert site.orders() == 1


def test_a_catalogue_of_a_supplier_that_is_away_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with practice() as site:
        connect(world, site.config)
    monkeypatch.setattr(runner, "RETRY_MS", (10,))
    job_id = world.ctx.write(suppliers.request_sync, supplier="sim")
    runner.run_once(world.ctx, job_id, deadline=time.monotonic() + 20)
    failed = job(world, job_id)
    assert failed.error is not None
    assert (failed.state, failed.error["code"]) == ("failed", "supplier_unreachable")
