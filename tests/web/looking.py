"""Looking changes nothing: GET, HEAD and OPTIONS of live links in every state, and the hash of all tables after.

`python -m tests.web.looking --requests 10000` (SQLite; `--database URL` for another, empty and at the newest schema).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.support.databases import migrate
from tests.support.world import open_world
from tests.web.scenes import all_scenes
from tests.web.site import Site, serve
from tests.web.tables import content_hash
from welfare_desk.db.engine import sqlite_url

QUERIES = ("", "", "?lang=en", "?lang=zh", "?utm_source=chat&identity=00001", "?account=13800138000&confirm=1",
           "?show=report&send=1&problem=used", "?show=receipt&identity=00001")  # fmt: skip
SCANNERS = ("Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; MSIE 9.0; SafeLinks)", "facebookexternalhit/1.1",
            "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50", "BarracudaCentral", "python-httpx")  # fmt: skip
METHODS = ("GET", "GET", "HEAD", "OPTIONS")
EXPECTED = (200, 204, 404, 429, 503)


def look_around(site: Site, requests: int, *, seed: int = 7) -> tuple[Counter[str], list[str]]:
    """(answers by method and status, what went wrong) of so many looks at links in every state."""
    urls = sorted({scene.url for scene in all_scenes(site).values()})
    before = content_hash(site.world)
    dice, seen, wrong = random.Random(seed), Counter[str](), []
    for _look in range(requests):
        method, url = dice.choice(METHODS), dice.choice(urls) + dice.choice(QUERIES)
        answer = site.client.request(method, url, headers={"user-agent": dice.choice(SCANNERS)})
        seen[f"{method} {answer.status_code}"] += 1
        if answer.status_code not in EXPECTED or b'class="code' in answer.content:
            wrong.append(f"{method} {url[-60:]}: {answer.status_code}")
    if content_hash(site.world) != before:
        wrong.append("rows changed")
    return seen, wrong


def main(arguments: list[str]) -> int:
    """Prints what was asked and whether anything changed; 0 when nothing did."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.looking")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database", help="address of an empty database at the newest schema (default: SQLite)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or sqlite_url(Path(folder) / "looking.db")
        if not asked.database:
            migrate(url)
        world = open_world(url, Path(folder))
        began = time.monotonic()
        with serve(world) as site:
            seen, wrong = look_around(site, asked.requests, seed=asked.seed)
        world.ctx.engine.dispose()
    kinds = ", ".join(f"{name}: {count}" for name, count in sorted(seen.items()))
    print(f"{asked.requests} looks in {time.monotonic() - began:.0f} s, seed {asked.seed}: {kinds}")
    print("nothing changed, no code shown" if not wrong else "\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
