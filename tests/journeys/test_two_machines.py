"""Two desks and two services, each with a data folder of its own, on one PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import script
from tests.support.processes import make_cli

pytestmark = pytest.mark.postgres


def test_two_desks_and_two_services_share_one_database(tmp_path: Path, empty_postgres_database: str) -> None:
    """The second machine joins with the exported keys; links of one service are claimed at the other."""
    folders = tmp_path / "first", tmp_path / "second"
    for folder in folders:
        folder.mkdir()
    first, second = (make_cli(folder, WELFARE_DESK_DATABASE=empty_postgres_database) for folder in folders)
    try:
        first.run("init")
        first.run("keys", "export", tmp_path / "keys.json")
        second.run("init", "--keys", tmp_path / "keys.json")
        product = script.stock_up(first, 20)
        campaign = script.launch(second, product, 24, "--allow-short")
        _one, here = first.service()
        _other, there = second.service()
        links = list(campaign.links.items())
        with ThreadPoolExecutor(2) as both:
            halves = both.map(script.claim_all, (here, there), (dict(links[:16]), dict(links[8:])), (4, 4))
        pages = [page for half in halves for page in half.values()]
        given = {code for page in pages for code in page.codes}
        assert len(given) == 20
        assert {page.state for page in pages} == {"claimed", "sold_out"}
        for cli in (first, second):
            [row] = cli.rows("report", "claims", "--campaign", campaign.key, "--by", "campaign")
            assert row["claimed"] == 20
            assert cli.json("reconcile")["ok"]
    finally:
        first.stop()
        second.stop()
