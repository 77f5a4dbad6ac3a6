"""Lost, repeated and reordered requests: phones on bad networks, and scanners that only look."""

from __future__ import annotations

import http.client
import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.faults.checker import History, check
from tests.faults.ground import PATIENT_S, folder, fork_server, links, new_world, note, post, serves, sqlite_in
from tests.faults.result import Result
from tests.support.world import World
from welfare_desk.db.models.claims import Claim

PHONES = 8
GRANTS = 12
CODES = 8
LOOKS = ("GET", "HEAD", "OPTIONS")


def unreliable(rounds: int, seed: int, mutant: str = "") -> Result:
    """Every right is claimed several times, answers and requests get lost, some links are only looked at."""
    history, found = History(), []
    with folder() as data:
        world = new_world(sqlite_in(data), data)
        with fork_server(data, str(world.ctx.engine.url), mutant=mutant) as forks, ThreadPoolExecutor(PHONES) as phones:
            forks.start()
            assert serves(forks.port)
            for number in range(rounds):
                chance = random.Random(seed * 1000 + number)
                network = _Network(forks.port, chance, history, world.codes)
                found += _round(world, network, phones)
                if found:
                    break
        found += world.ctx.read(check, history=history)
        world.ctx.engine.dispose()
    result = Result.of("requests lost, repeated, reordered (SQLite, HTTP)", rounds, history, found)
    result.must_leave_unknown = True
    return result


@dataclass
class _Network:
    """What can happen to a request under way."""

    port: int
    chance: random.Random
    history: History
    codes: dict[str, int]
    lock: Lock = field(default_factory=Lock)

    def claim(self, grant: int, token: str) -> None:
        """A POST whose answer arrives."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENT_S)) as connection:
                page = post(connection, token)
        except (OSError, http.client.HTTPException):
            self._lost(grant)
            return
        with self.lock:
            note(self.history, self.codes, grant, page)
            if page.state == "unavailable":
                self.history.errors.append("unavailable")

    def answer_lost(self, grant: int, token: str) -> None:
        """A whole POST; the phone is gone before the answer comes."""
        self._send(_request("POST", token))
        self._lost(grant)

    def request_lost(self, grant: int, token: str) -> None:
        """The connection breaks within the request: it never happened."""
        whole = _request("POST", token)
        self._send(whole[: self.chance.randrange(1, len(whole) - 1)])
        self._lost(grant)

    def twice_in_one_go(self, grant: int, token: str) -> None:
        """Two POSTs behind each other on one connection, then nothing is read."""
        self._send(_request("POST", token) * 2)
        self._lost(grant)

    def look(self, _grant: int, token: str) -> None:
        """A scanner or a chat preview opens the link."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENT_S)) as connection:
                connection.request(self.chance.choice(LOOKS), f"/C/{token}")
                page = connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return
        if b"SECRET-" in page:
            with self.lock:
                self.history.errors.append("a look showed a code")

    def _send(self, content: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENT_S) as raw:
            raw.sendall(content)

    def _lost(self, grant: int) -> None:
        with self.lock:
            self.history.unknown.add(grant)
            self.history.lost_answers += 1


def _request(method: str, token: str) -> bytes:
    return (f"{method} /C/{token} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: 10\r\n\r\nidentity=1").encode()  # fmt: skip


def _round(world: World, network: _Network, phones: ThreadPoolExecutor) -> list[str]:
    product = world.product()
    world.stock(product, CODES)
    reserved = {product: CODES}
    _campaign, grants = world.campaign(product, world.people(GRANTS), reserved=reserved, verify="none")
    tokens = links(world, grants)
    looked_at = set(grants[: GRANTS // 4])
    work: list[tuple[Callable[[int, str], None], int]] = []
    for grant in grants:
        if grant in looked_at:
            work += [(network.look, grant)] * 2 + [(network.request_lost, grant)]
            continue
        tricks = [network.claim, network.claim, network.answer_lost, network.request_lost, network.twice_in_one_go]
        work += [(trick, grant) for trick in network.chance.choices(tricks, k=4)] + [(network.look, grant)]
    network.chance.shuffle(work)
    list(phones.map(lambda item: item[0](item[1], tokens[item[1]]), work))
    list(phones.map(lambda grant: network.claim(grant, tokens[grant]), grants[GRANTS // 4 :]))  # once more, in peace

    def claimed(session: Session) -> set[int]:
        return set(session.scalars(select(Claim.grant_id).where(Claim.grant_id.in_(looked_at))))

    found = [f"grant {grant} was only looked at and is claimed" for grant in world.ctx.read(claimed)]
    given = sum(grant in network.history.given for grant in grants)
    return found if given == CODES else [*found, f"{given} people got something, there were {CODES} codes"]
