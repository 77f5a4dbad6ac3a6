"""A million forged links: none accepted, no database statement. `python -m benchmarks.forged_million [--links N]`.

Half of them are made up, half are a genuine link with one sign changed. The service is the product's, its statements
counted; it prints how many it refused per second. The genuine link still opens afterwards, and nothing was claimed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

from sqlalchemy import func, select

from benchmarks.arena import Arena, arena, free_port
from benchmarks.load import drive, post, state_of
from benchmarks.p6_forged import CONNECTIONS, statements
from welfare_desk.db.models.claims import Claim
from welfare_desk.security.references import ALPHABET, encode

LINKS = 1_000_000
AT_ONCE = 20_000


def altered(token: str) -> str:
    """A genuine token with one sign changed."""
    at = random.randrange(len(token))
    sign = random.choice(ALPHABET.replace(token[at], ""))
    return token[:at] + sign + token[at + 1 :]


def refused(address: str, genuine: str, links: int) -> tuple[Counter[str], float]:
    """(how many answers were in which state, seconds) of that many forged links."""
    target, states, seconds, left = urlsplit(address), Counter[str](), 0.0, links
    while left:
        count = min(left, AT_ONCE)
        tokens = [encode(secrets.token_bytes(25)) if at % 2 else altered(genuine) for at in range(count)]
        requests = [post(target.netloc, token, "1") for token in tokens]
        taken, answers = asyncio.run(drive(target.hostname or "", target.port or 0, requests, CONNECTIONS))
        states.update(map(state_of, answers))
        seconds += taken
        left -= count
    return states, seconds


def _look(address: str, token: str) -> str:
    target = urlsplit(address)
    request = post(target.netloc, token, "").replace(b"POST", b"GET", 1)
    _seconds, [answer] = asyncio.run(drive(target.hostname or "", target.port or 0, [request], 1))
    return state_of(answer)


def _claims(at: Arena) -> int:
    return at.ctx.read(lambda session: int(session.scalar(select(func.count()).select_from(Claim)) or 0))


def main() -> int:
    """Runs and prints one JSON line; 1 unless all were refused without the database."""
    parser = argparse.ArgumentParser(description="A million forged links.")
    parser.add_argument("--links", type=int, default=LINKS)
    links, port, began = parser.parse_args().links, free_port(), time.monotonic()
    with arena(people=1, postgres=False) as at:
        [token, *_rest] = json.loads(at.course(1).file.read_text(encoding="utf-8"))
        with at.program("benchmarks.counted_service", str(port), port=port) as address:
            refused(address, token, 1_000)  # until every page was made once
            before = statements(address)
            states, seconds = refused(address, token, links)
            sent = statements(address) - before
            opened = _look(address, token)
            counts = statements(address) > before + sent  # a genuine link is looked up, so the counter does count
        claimed = _claims(at)
    correct = states == Counter({"unknown": links}) and sent == 0 and claimed == 0 and opened == "ready" and counts
    print(json.dumps({"name": "FORGED", "links": links, "accepted": links - states["unknown"], "statements": sent,
                      "claims": claimed, "refused_per_s": round(links / seconds), "correct": correct,
                      "genuine_opens": opened == "ready", "seconds": round(time.monotonic() - began)}))  # fmt: skip
    return 0 if correct else 1


if __name__ == "__main__":
    sys.exit(main())
