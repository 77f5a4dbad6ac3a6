"""Plain codes are nowhere but on the page of the person who claimed them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import script
from tests.support.postgres import PostgresServer, programs
from tests.support.processes import PASSWORD, Cli, make_cli

CODES = [f"PLANTED{number:04}QXWZ" for number in range(280)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cli]:
    """A desk with 280 planted codes in stock, a campaign for 40 people, and a running service in which 20 claimed."""
    more = {}
    if request.param == "postgres":
        more["WELFARE_DESK_DATABASE"] = request.getfixturevalue("empty_postgres_database")
    cli = make_cli(tmp_path, **more)
    cli.run("init")
    product = cli.json("shelf", "add", "--product", "咖啡券", "--price", 15)["product"]
    cli.run("shelf", "on", product)
    codes = tmp_path / "codes.txt"
    codes.write_text("\n".join(CODES) + "\n", encoding="utf-8")
    cli.run("stock", "import", product, codes, "--wait")
    codes.unlink()
    campaign = script.launch(cli, product, 40)
    _child, service = cli.service()
    half = dict(list(campaign.links.items())[:20])
    pages = script.claim_all(service, half)
    assert all(len(page.codes) == 1 and page.codes[0] in CODES for page in pages.values())
    yield cli
    cli.stop()


def found_in(files: Iterator[Path]) -> list[str]:
    """Which planted codes stand in which files, as text or as UTF-16."""
    hits = []
    for path in files:
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # of another test's database, dropped meanwhile on the server they share
            continue
        if b"PLANTED" in content or "PLANTED".encode("utf-16-le") in content:
            hits += [f"{path.name}: {code}" for code in CODES if code.encode() in content]
            hits.append(f"{path.name}: a part of a code")
    return hits


def test_planted_codes_are_in_no_file(planted: Cli, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for name in ("stock list", "people list", "reconcile", "report claims", "audit list", "orders list"):
        planted.run(*name.split(), "--json", status=None)
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") or path.suffix == ".db" for path in everything) or "postgres" in str(
        request.node.name
    )
    assert found_in(iter(everything)) == []
    if "postgres" in request.node.name:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.sql("CHECKPOINT")
        walked = os.walk(server.folder)  # passes over folders of other tests' databases that vanish meanwhile
        paths = (Path(folder, name) for folder, _folders, names in walked for name in names)
        assert found_in(path for path in paths if path.is_file()) == []  # not the server's socket
        assert (programs() / "pg_dump").exists()


def test_a_copied_folder_opens_nothing_without_the_password(planted: Cli, tmp_path: Path) -> None:
    planted.stop()
    thief = make_cli(tmp_path / "elsewhere", WELFARE_DESK_PASSWORD="guess after guess")
    thief.data.parent.mkdir()
    shutil.copytree(planted.data, thief.data)
    if database := planted.environment.get("WELFARE_DESK_DATABASE"):
        thief.environment["WELFARE_DESK_DATABASE"] = database
    for arguments in (("service", "--port", "0"), ("stock", "list"), ("links", "1", "--out", tmp_path / "stolen.csv")):
        refused = thief.run(*arguments, status=1, timeout=30)
        assert not any(code in refused.out + refused.err for code in CODES)
    assert not (tmp_path / "stolen.csv").exists()
    for path in thief.data.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path.name
