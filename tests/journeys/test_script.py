"""The script of the README from an empty folder to figures that add up, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy

from tests.support import claim_page, script
from tests.support.claim_page import ClaimPage
from tests.support.processes import Child, Cli, make_cli
from tests.support.waiting import wait_until

PEOPLE, CODES = 300, 280


@pytest.fixture
def desk(tmp_path: Path, empty_database_url: str) -> Iterator[Cli]:
    """The command line before `init`, once per kind of database; SQLite lies in the data folder, as by default."""
    more = {} if empty_database_url.startswith("sqlite") else {"WELFARE_DESK_DATABASE": empty_database_url}
    cli = make_cli(tmp_path, **more)
    yield cli
    cli.stop()


def told(pages: dict[str, ClaimPage]) -> Counter[str]:
    """How many were told what."""
    return Counter(page.state for page in pages.values())


def codes_of(pages: dict[str, ClaimPage]) -> list[str]:
    """Every code on every page."""
    return [code for page in pages.values() for code in page.codes]


def assert_books_agree(desk: Cli, campaign: script.Campaign, received: int = CODES) -> None:
    """Reconcile, stock and report say the same as the pages."""
    proof = desk.json("reconcile")
    assert proof["ok"] is True, proof
    assert proof["differences"] == []
    stock = {row["product"]: row for row in desk.rows("stock", "list")}[campaign.product]
    assert (stock["issued"], stock["in_stock"], stock["free"]) == (received, 0, 0)
    rows = desk.rows("report", "claims", "--campaign", campaign.key, "--by", "department")
    assert sum(row["grants"] for row in rows) == PEOPLE
    assert sum(row["reached"] for row in rows) == PEOPLE
    assert sum(row["claimed"] for row in rows) == received
    assert all(row["rate"] == pytest.approx(row["claimed"] / row["reached"]) for row in rows)


@pytest.mark.slow
def test_the_script_from_an_empty_folder(desk: Cli) -> None:
    assert "recovery_key" in desk.json("init")
    desk.run("init")
    product = script.stock_up(desk, CODES)
    folder = desk.data.parent

    imported = desk.json("people", "import", script.people_list(folder / "list.xlsx", PEOPLE))
    assert (imported["rows"], imported["created"], imported["rejected"]) == (PEOPLE, PEOPLE, 0)
    again = desk.json("people", "import", folder / "list.xlsx")
    assert (again["created"], again["unchanged"]) == (0, PEOPLE)
    assert len(desk.rows("people", "list")) == PEOPLE

    plan = script.plan(folder / "plan.toml", product)
    refused = desk.json("campaign", "launch", plan, status=1)
    assert refused["error"]["code"]
    launched = desk.json("campaign", "launch", plan, "--allow-short")
    assert (launched["grants"], launched["unreachable"], launched["short"]) == (PEOPLE, 0, PEOPLE - CODES)
    assert desk.json("campaign", "launch", plan, "--allow-short", status=1)["error"]["code"]
    campaign = script.Campaign(launched["campaign"], product, script.save_links(desk, launched["campaign"]))
    assert sorted(campaign.links) == [f"{number:05}" for number in range(1, PEOPLE + 1)]

    _child, service = desk.service()
    pages = script.claim_all(service, campaign.links)
    assert told(pages) == {"claimed": CODES, "sold_out": PEOPLE - CODES}
    codes = codes_of(pages)
    assert (len(codes), len(set(codes))) == (CODES, CODES)
    assert {page.status for page in pages.values()} == {200}
    assert_the_same_code_again(service, campaign, pages)
    assert_books_agree(desk, campaign)
    assert_why_agrees(desk, service, campaign, pages)


def assert_the_same_code_again(service: str, campaign: script.Campaign, pages: dict[str, ClaimPage]) -> None:
    """The link shows no code by itself, and the same code to whoever passes the same check."""
    number = next(number for number, page in pages.items() if page.codes)
    url = claim_page.local(campaign.links[number], service)
    with httpx.Client() as client:
        opened = claim_page.read(client.get(url))
        assert (opened.state, opened.codes, opened.action is not None) == ("claimed", [], True)
        again = claim_page.claim(client, url, number.lstrip("0"))
        assert again.codes == pages[number].codes
        assert claim_page.claim(client, url, "99999").codes == []


def assert_why_agrees(desk: Cli, service: str, campaign: script.Campaign, pages: dict[str, ClaimPage]) -> None:
    """`why` gives the page's own state as its reason."""
    links = desk.data.parent / "links.csv"
    with links.open(encoding="utf-8-sig", newline="") as file:
        references = {row["employee_no"]: row["reference"] for row in csv.DictReader(file)}
    for state in ("claimed", "sold_out"):
        number = next(number for number, page in pages.items() if page.state == state)
        verdict = desk.json("why", references[number])
        assert (verdict["can_claim"], verdict["reason"]) == (False, state)
        assert verdict["sentence"]
        shown = claim_page.read(httpx.get(claim_page.local(campaign.links[number], service)))
        assert shown.state == state


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_the_service_is_killed(desk: Cli) -> None:
    desk.run("init")
    campaign = script.launch(desk, script.stock_up(desk, CODES), PEOPLE, "--allow-short")
    first, service, usual = started(desk)
    with ThreadPoolExecutor(1) as pool:
        everybody = pool.submit(script.claim_all, service, campaign.links)
        wait_until(lambda: claims(desk) >= CODES // 4, 60, "a quarter has claimed")
        first.kill()
        _second, _service, again = started(desk, port=int(service.rsplit(":", 1)[1]))
        pages = everybody.result()
    assert again < 2 * usual + 5, "something delayed the start"
    assert told(pages) == {"claimed": CODES, "sold_out": PEOPLE - CODES}
    codes = codes_of(pages)
    assert (len(codes), len(set(codes))) == (CODES, CODES)
    assert_books_agree(desk, campaign)


def started(desk: Cli, port: int | None = None) -> tuple[Child, str, float]:
    """A service with its address, and the seconds until it could serve."""
    began = time.monotonic()
    child, address = desk.service(port=port)
    return child, address, time.monotonic() - began


def claims(desk: Cli) -> int:
    """Claims in the database, seen from outside."""
    url = desk.environment.get("WELFARE_DESK_DATABASE") or f"sqlite+pysqlite:///{desk.data / 'welfare.db'}"
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(sqlalchemy.text("SELECT count(*) FROM claim")).scalar_one())
    except sqlite3.OperationalError:
        return 0
    finally:
        engine.dispose()


def test_a_top_up_cannot_be_ordered(bare_cli: Cli) -> None:
    bare_cli.run("init")
    config = bare_cli.simulator()
    bare_cli.run("suppliers", "add", "sim", "--kind", "kasushou", "--config", config)
    bare_cli.run("suppliers", "sync", "sim", "--wait")
    kinds = Counter(row["kind"] for row in bare_cli.rows("shelf", "list"))
    assert kinds["card_secret"] + kinds["coupon"] >= 8
    assert kinds["top_up"] >= 4
    top_up = script.first(bare_cli, "top_up")["product"]
    refused = bare_cli.json("order", top_up, 5, "--wait", status=1)
    assert refused["error"]["message"]
    stock = {row["product"]: row for row in bare_cli.rows("stock", "list")}
    assert top_up not in stock or stock[top_up]["in_stock"] is None


BAD_PLANS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown product": ({"product": "no-such-product"}, "product"),
    "closed before it opens": ({"closes": "2001-01-01T00:00:00"}, "closes"),
    "an unknown zone": ({"timezone": "Asia/Nowhere"}, "timezone"),
    "nobody": ({"audience": {"department": "没有这个部门"}}, "audience"),
    "a key nobody knows": ({"colour": "red"}, "colour"),
}


def test_a_bad_plan_names_its_field(bare_cli: Cli) -> None:
    bare_cli.run("init")
    product = script.stock_up(bare_cli, 10)
    folder = bare_cli.data.parent
    bare_cli.run("people", "import", script.people_list(folder / "list.xlsx", 5))
    for name, (change, field) in BAD_PLANS.items():
        plan = script.plan(folder / "plan.toml", **{"product": product, **change})
        error = bare_cli.json("campaign", "launch", plan, status=1)["error"]
        assert error["field"] == field, name
        assert error["message"], name
    assert bare_cli.rows("campaign", "list") == []


def test_a_command_without_password_names_the_variable(bare_cli: Cli) -> None:
    bare_cli.run("init")
    del bare_cli.environment["WELFARE_DESK_PASSWORD"]
    done = bare_cli.run("people", "list", status=1)
    assert "WELFARE_DESK_PASSWORD" in done.err
    assert done.out == ""
