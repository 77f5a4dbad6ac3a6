"""What goes wrong around the program is said clearly, and mended without a restart where that can be."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
import sqlalchemy

from tests.support import claim_page, script
from tests.support.postgres import PostgresServer
from tests.support.processes import Cli, free_port, healthy, make_cli
from tests.support.waiting import wait_until


def test_a_taken_port_is_named(cli: Cli) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = cli.run("service", "--host", "127.0.0.1", "--port", port, status=1, timeout=60)
    assert str(port) in refused.err.strip().splitlines()[-1]


@pytest.mark.parametrize(("version", "word"), [("0000", "older"), ("9999", "newer")])
def test_a_schema_of_another_program_is_refused_by_name(cli: Cli, version: str, word: str) -> None:
    engine = sqlalchemy.create_engine(f"sqlite+pysqlite:///{cli.data / 'welfare.db'}")
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()
    for command in (("people", "list"), ("service",)):
        refused = cli.run(*command, "--json", status=1)
        said = refused.out + refused.err
        assert f"schema_{word}" in said or word in said, said


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    cli = make_cli(tmp_path / "file")
    cli.data = tmp_path / "file" / "data"
    refused = Cli(tmp_path / "x", cli.environment).run("init", "--json", status=1)
    assert refused.json()["error"]["code"] == "data_readonly"
    assert str(tmp_path / "file") in refused.json()["error"]["message"]


def test_without_keys_the_service_refuses_and_says_so(cli: Cli) -> None:
    (cli.data / "keys" / "store.json").rename(cli.data.parent / "store.json")
    refused = cli.run("service", "--port", free_port(), status=1, timeout=30)
    assert str(cli.data / "keys") in refused.err


@pytest.mark.postgres
@pytest.mark.slow
def test_the_service_outlives_an_absence_of_postgresql(own_postgres: PostgresServer, tmp_path: Path) -> None:
    cli = make_cli(tmp_path, WELFARE_DESK_DATABASE=own_postgres.create("desk"))
    try:
        cli.run("init")
        campaign = script.launch(cli, script.stock_up(cli, 5), 5)
        child, service = cli.service()
        number, url = next(iter(campaign.links.items()))
        own_postgres.stop()
        with httpx.Client(timeout=60) as client:
            page = claim_page.claim(client, claim_page.local(url, service), number)
            assert (page.state, page.status, page.codes) == ("unavailable", 503, [])
            assert not healthy(service)
            refused = cli.json("people", "list", status=1)
            assert refused["error"]["code"] == "database_away"
            own_postgres.start()
            wait_until(lambda: healthy(service), 60, "the service is back by itself")
            assert child.process.poll() is None
            again = claim_page.claim(client, claim_page.local(url, service), number)
            assert (again.state, len(again.codes)) == ("claimed", 1)
        assert cli.json("reconcile")["ok"] is True
    finally:
        cli.stop()
