"""The settler: batches, what is revealed when, who waits for whom. Broken on purpose where it matters."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.support.world import World
from welfare_desk.context import AppContext
from welfare_desk.domain.eligibility import Verdict
from welfare_desk.errors import Unavailable
from welfare_desk.security.journal import Given, Journal, read_all
from welfare_desk.services.claims import ClaimRequest, Outcome
from welfare_desk.web import settler as settling
from welfare_desk.web.settler import Settled, Settler


class Bench:
    """A settler on a loop of its own."""

    def __init__(self, world: World) -> None:
        assert world.ctx.keys is not None
        self.world = world
        self.journal = Journal(world.ctx.data, world.ctx.keys, "test")  # type: ignore[arg-type]
        self.batches: list[int] = []
        self.settler = Settler(world.ctx, self.journal, lambda requests: self.batches.append(len(requests)))
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="bench-loop")
        self._thread.start()
        self.settler.start(self.loop)

    def ask(self, *requests: ClaimRequest) -> list[Settled | BaseException]:
        """Submits all at once and waits for every answer."""

        async def together() -> list[Settled | BaseException]:
            return await asyncio.gather(*map(self.settler.submit, requests), return_exceptions=True)

        return asyncio.run_coroutine_threadsafe(together(), self.loop).result(30)

    def given(self) -> set[Given]:
        """What the journals of this folder hold."""
        return set(read_all(self.world.ctx.data, self.world.ctx.keys))  # type: ignore[arg-type]

    def close(self) -> None:
        self.settler.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        self.journal.close()


@pytest.fixture
def bench(lite_world: World) -> Iterator[Bench]:
    made = Bench(lite_world)
    yield made
    made.close()


def ready(world: World, count: int, stock: int | None = None) -> list[ClaimRequest]:
    """Requests of people who may claim."""
    product = world.product()
    world.stock(product, count if stock is None else stock)
    first = world.number + 1
    people = world.people(count)
    _campaign, grants = world.campaign(product, people, reserved={product: count if stock is None else stock})
    return [ClaimRequest(grant, 0, str(first + at)) for at, grant in enumerate(grants)]


def codes(answers: Sequence[Settled | BaseException]) -> list[str]:
    found = []
    for answer in answers:
        assert isinstance(answer, Settled), answer
        found += [code[1] for code in answer.codes if code]
    return found


def test_what_queued_is_one_batch_and_everybody_gets_an_own_code(bench: Bench) -> None:
    requests = ready(bench.world, 300)
    found = codes(bench.ask(*requests))
    assert len(set(found)) == 300
    assert set(found) <= set(bench.world.codes)
    assert len(bench.batches) <= 8
    assert {entry.code_id for entry in bench.given()} == {bench.world.codes[code] for code in found}


def test_the_same_grant_twice_in_a_batch_gets_one_code(bench: Bench) -> None:
    request = ready(bench.world, 1, stock=5)[0]
    found = codes(bench.ask(*[request] * 20))
    assert len(found) == 20
    assert len(set(found)) == 1


def test_nothing_is_revealed_before_it_is_journaled(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ready(bench.world, 1)[0]
    append = Journal.append

    def full(_journal: Journal, given: Sequence[Given]) -> None:
        if given:
            raise Unavailable("journal_unwritable", reason="disk full")

    monkeypatch.setattr(Journal, "append", full)
    for _attempt in range(2):  # also not when asked again for what is committed already
        answer = bench.ask(request)[0]
        assert isinstance(answer, Unavailable)
    monkeypatch.setattr(Journal, "append", append)
    assert len(codes(bench.ask(request))) == 1
    assert len(bench.given()) == 1


def test_the_journal_test_has_teeth(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settler that reveals without a journal is seen by what the journal lacks."""
    monkeypatch.setattr(Journal, "append", lambda _journal, _given: None)
    assert codes(bench.ask(ready(bench.world, 1)[0]))
    assert not bench.given()


def test_what_one_request_breaks_does_not_reach_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    requests = ready(bench.world, 3)
    settle = settling.settle

    def fragile(ctx: AppContext, session: Any, *, requests: Sequence[ClaimRequest]) -> tuple[Outcome, ...]:
        if any(request.identity == "poison" for request in requests):
            raise ValueError("poison")
        return settle(ctx, session, requests=requests)

    monkeypatch.setattr(settling, "settle", fragile)
    answers = bench.ask(requests[0], ClaimRequest(1, 0, "poison"), *requests[1:])
    assert isinstance(answers[1], Unavailable)
    assert len(set(codes([answers[0], *answers[2:]]))) == 3
    assert "ValueError" in caplog.text
    assert "poison" not in caplog.text


def test_units_that_others_hold_are_asked_for_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ready(bench.world, 1)[0]
    settle = settling.settle
    tries: list[int] = []

    def held_twice(ctx: AppContext, session: Any, *, requests: Sequence[ClaimRequest]) -> tuple[Outcome, ...]:
        tries.append(len(requests))
        if len(tries) < 3:
            return tuple(Outcome(one.grant_id, 1, Verdict("pending"), retry=True) for one in requests)
        return settle(ctx, session, requests=requests)

    monkeypatch.setattr(settling, "settle", held_twice)
    assert len(codes(bench.ask(request))) == 1
    assert len(tries) == 3


def test_after_a_second_it_is_pending_and_never_sold_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(_ctx: AppContext, _session: Any, *, requests: Sequence[ClaimRequest]) -> tuple[Outcome, ...]:
        return tuple(Outcome(one.grant_id, 1, Verdict("pending"), retry=True) for one in requests)

    monkeypatch.setattr(settling, "settle", held)
    began = time.monotonic()
    answer = bench.ask(ready(bench.world, 1)[0])[0]
    assert isinstance(answer, Settled)
    assert answer.outcome.verdict.reason == "pending"
    assert settling.PATIENCE_S <= time.monotonic() - began < settling.PATIENCE_S + 5


def test_stopping_settles_what_was_accepted(lite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(lite_world)
    requests = ready(lite_world, 50)
    settle = settling.settle
    entered, gate = threading.Event(), threading.Event()

    def slow(ctx: AppContext, session: Any, *, requests: Sequence[ClaimRequest]) -> tuple[Outcome, ...]:
        entered.set()
        gate.wait(10)
        return settle(ctx, session, requests=requests)

    monkeypatch.setattr(settling, "settle", slow)
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.extend(bench.ask(*requests)))
    asking.start()
    assert entered.wait(10)
    stopping = threading.Thread(target=bench.settler.stop)
    stopping.start()
    gate.set()
    stopping.join(30)
    asking.join(30)
    assert len(set(codes(answers))) == 50
    with pytest.raises(Unavailable):
        bench.ask(requests[0])
    bench.close()
