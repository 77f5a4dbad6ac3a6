"""Full disks: SQLite without another page to write (SQLITE_FULL), a journal that cannot grow (EFBIG, short writes)."""

from __future__ import annotations

import random
import resource
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, event

from tests.faults import mutants
from tests.faults.checker import History, check, check_journal
from tests.faults.ground import folder, new_world, sqlite_in
from tests.faults.result import Result
from tests.support.world import World
from welfare_desk.errors import Unavailable, WelfareError
from welfare_desk.security.journal import Journal
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.web.settler import Settled, Settler, _Waiting

GRANTS = 240
CODES = 200
BATCH = 12
MOST_PAGES = 1 << 30


def database(rounds: int, seed: int, mutant: str = "") -> Result:
    """The database may not grow beyond a random size; then it may, and everybody asks again."""
    history, found, full = History(), [], 0
    with folder() as data, mutants.living(mutant):
        world = new_world(sqlite_in(data), data)
        with _limited(world) as limit:
            for number in range(rounds):
                chance = random.Random(seed * 1000 + number)
                grants = fresh_campaign(world)
                limit[0] = world.ctx.read(_pages) + chance.randrange(4)
                refused = sum(not claim(world, history, chance.sample(grants, BATCH)) for _batch in range(12))
                full += refused > 0
                limit[0] = MOST_PAGES
                for start in range(0, GRANTS, BATCH):
                    if not claim(world, history, grants[start : start + BATCH]):
                        found.append("the database stays full")
                found += world.ctx.read(check, history=history)
                if found:
                    break
        world.ctx.engine.dispose()
    return _result("disk full: database (SQLite)", rounds, history, found, full)


def _result(name: str, rounds: int, history: History, found: list[str], full: int) -> Result:
    result = Result.of(name, rounds, history, found, full)
    result.must_leave_unknown = True
    return result


@contextmanager
def _limited(world: World) -> Iterator[list[int]]:
    limit = [MOST_PAGES]

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit[0]}")

    event.listen(world.ctx.engine, "begin", begin)
    yield limit


def _pages(session: Any) -> int:
    return int(session.connection().exec_driver_sql("PRAGMA page_count").scalar_one())


def fresh_campaign(world: World) -> list[int]:
    """The grants of a new campaign with fewer codes."""
    product = world.product()
    world.stock(product, CODES)
    return world.campaign(product, world.people(GRANTS), reserved={product: CODES}, verify="none")[1]


def claim(world: World, history: History, grants: list[int], may_say: Collection[str] = ("database_full",)) -> bool:
    """Claims a batch; false when the database had no room, which it has to say by one of these codes."""
    try:
        outcomes = world.ctx.write(claims.settle, requests=[ClaimRequest(grant) for grant in grants])
    except Unavailable as error:
        if error.code not in may_say:
            history.errors.append(error.code)
        history.unknown.update(grants)
        history.lost_answers += 1
        return False
    for outcome in outcomes:
        if outcome.units:
            history.saw(outcome.grant_id, frozenset(unit.code_id or 0 for unit in outcome.units))
        else:
            history.refused[outcome.verdict.reason] += 1
    return True


def claim_journal(rounds: int, seed: int, mutant: str = "") -> Result:
    """The journal may not grow beyond a random size within a record: nothing may be shown that is not in it."""
    history, found, full = History(), [], 0
    with folder() as data, mutants.living(mutant):
        world = new_world(sqlite_in(data), data)
        keys = world.ctx.keys
        assert isinstance(keys, OpenKeys)
        book = Journal(data, keys, "faults")
        settler = Settler(world.ctx, book, lambda _requests: None)
        for number in range(rounds):
            chance = random.Random(seed * 1000 + number)
            grants = fresh_campaign(world)[:60]
            for start in range(0, len(grants), BATCH):
                batch = grants[start : start + BATCH]
                if chance.random() < 0.5:
                    with _no_file_beyond(book.path.stat().st_size + chance.randrange(200)):
                        full += not _show(settler, history, batch)
                if chance.random() < 0.7:
                    _show(settler, history, batch)
            found += check_journal(data, keys, history=history)
            if found:
                break
        found += world.ctx.read(check, history=history)
        book.close()
        world.ctx.engine.dispose()
    return _result("disk full: claim journal", rounds, history, found, full)


def _show(settler: Settler, history: History, grants: list[int]) -> bool:
    """Settles, journals and reveals as the service does; false when the people saw "not available"."""
    waiting = [_Waiting(ClaimRequest(grant), cast(Any, None)) for grant in grants]
    answers, _held = settler._settle_all(waiting)
    for one, answer in answers:
        if isinstance(answer, Settled):
            units = frozenset(unit.code_id or 0 for unit in answer.outcome.units)
            if units:
                history.saw(one.request.grant_id, units)
        else:
            assert isinstance(answer, WelfareError)
            history.unknown.add(one.request.grant_id)
            history.lost_answers += 1
    return all(isinstance(answer, Settled) for _one, answer in answers)


@contextmanager
def _no_file_beyond(size: int) -> Iterator[None]:
    """The kernel refuses this process any byte beyond `size` of the journal. The database's log starts anew first."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    real = Journal.append

    def append(self: Journal, given: Any) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))  # the database has committed by now
        try:
            real(self, given)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))

    Journal.append = append  # type: ignore[method-assign]
    try:
        yield
    finally:
        Journal.append = real  # type: ignore[method-assign]
        signal.signal(signal.SIGXFSZ, told)
