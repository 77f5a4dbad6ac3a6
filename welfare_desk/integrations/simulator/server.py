"""Runs the simulated site as a process and says where it is."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from welfare_desk.errors import Refused, Unavailable
from welfare_desk.integrations.simulator.app import Credentials, Site, make_app
from welfare_desk.integrations.simulator.book import Book
from welfare_desk.integrations.simulator.faults import Faults, PlanError, read_plan
from welfare_desk.integrations.simulator.goods import AWKWARD, FAULTLESS, STOCK

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: port 0 takes a free one; the same seed gives the same account and key."""

    port: int = 0
    seed: str | None = None
    faults: str = ""
    awkward: bool = False
    state: Path | None = None


def credentials(seed: str | None) -> Credentials:
    """Account and key for a seed; random without one. They open nothing but this simulator."""
    source = os.urandom(16).hex() if seed is None else seed
    grown = hashlib.sha256(b"welfare-desk simulator " + source.encode()).digest()
    return Credentials(str(100_000 + int.from_bytes(grown[:4]) % 900_000), base64.b32encode(grown[4:24]).decode())


def make_site(options: Options) -> Site:
    """Compose the site; raises Refused when the fault plan cannot be read."""
    try:
        faults = Faults(read_plan(options.faults))
    except PlanError as problem:
        raise Refused("simulator_faults", field="faults", entry=str(problem)) from problem
    book = Book(FAULTLESS + (AWKWARD if options.awkward else ()), STOCK, time.time, options.state)
    return Site(credentials(options.seed), book, faults, time.time)


def run(options: Options) -> int:
    """Listen, print one line with address, account and key, and serve until told to stop."""
    site = make_site(options)
    listener = _listen(options.port)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    server = uvicorn.Server(
        uvicorn.Config(make_app(site), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )
    where = {
        "url": f"http://{HOST}:{listener.getsockname()[1]}",
        "user_id": site.credentials.user_id,
        "key": site.credentials.key,
    }
    sys.stdout.write(json.dumps(where) + "\n")
    sys.stdout.flush()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    finally:
        site.stopping.set()
    return 0


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except (OSError, OverflowError) as problem:
        listener.close()
        raise Unavailable("simulator_port", field="port", port=port) from problem
    return listener
