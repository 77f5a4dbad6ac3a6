"""Several web processes on one port: they share the work, end together, and nothing of them delays the next start."""

from __future__ import annotations

import os
import signal
import sys

import httpx
import psutil
import pytest

from tests.support import script
from tests.support.processes import Cli
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not share a port")


def answering(address: str) -> int:
    """Which process answers a fresh connection."""
    return int(httpx.get(f"{address}/health", timeout=5).json()["process"])


def test_two_processes_share_a_port_and_a_killed_service_is_back_at_once(cli_on_both: Cli) -> None:
    cli = cli_on_both
    campaign = script.launch(cli, script.stock_up(cli, 12), 14, "--allow-short")
    first, address = cli.service("--workers", "2")
    seen: set[int] = set()
    wait_until(lambda: seen.add(answering(address)) or len(seen) == 2, 60, "both processes answer")  # type: ignore[func-returns-value]
    half = dict(list(campaign.links.items())[:6])
    pages = script.claim_all(address, half, clients=6)
    family = psutil.Process(first.process.pid).children(recursive=True)
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    _second, again = cli.service("--workers", "2", port=int(address.rsplit(":", 1)[1]))
    assert again == address
    pages |= script.claim_all(address, dict(list(campaign.links.items())[6:]), clients=6)
    states = sorted(page.state for page in pages.values())
    assert states == ["claimed"] * 12 + ["sold_out"] * 2
    assert len({code for page in pages.values() for code in page.codes}) == 12
    wait_until(lambda: not any(process.is_running() for process in family), 20, "the orphans end")
    assert cli.json("reconcile")["ok"]
