"""The steps of the script in the README, so that several tests can stand on them."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import openpyxl

from tests.support import claim_page
from tests.support.claim_page import ClaimPage
from tests.support.processes import Cli
from tests.support.waiting import wait_until

ZONE = "Asia/Shanghai"
DEPARTMENTS = ("总部/财务部", "总部/人力资源部", "上海分公司/销售部", "上海分公司/技术部")
CLIENTS = 16
STATES_TO_TRY_AGAIN = {"unavailable", "pending", "elsewhere"}


@dataclass(frozen=True)
class Campaign:
    """A launched campaign with its links by employee number."""

    key: str
    product: str
    links: dict[str, str]


def people_list(path: Path, count: int) -> Path:
    """An Excel list as HR has it: Chinese header, numbers with leading zeros."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["工号", "姓名", "部门", "邮箱", "手机号", "入职日期"])
    for number in range(1, count + 1):
        department = DEPARTMENTS[number % len(DEPARTMENTS)]
        row = [f"{number:05}", f"员工{number}", department, f"p{number}@example.com", f"138{number:08}", "2020-03-01"]
        sheet.append(row)
    book.save(path)
    return path


def plan(path: Path, product: str, **changes: Any) -> Path:
    """A plan file that is open now; `changes` are TOML values by key, None leaves a key out."""
    now = datetime.now(ZoneInfo(ZONE)).replace(microsecond=0, tzinfo=None)
    values: dict[str, Any] = {
        "name": "中秋福利",
        "product": product,
        "audience": "all",
        "opens": now - timedelta(hours=1),
        "closes": now + timedelta(days=10),
        "timezone": ZONE,
        "verify": "employee_no",
        "channels": [],
        "quantity": 1,
        **changes,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def stock_up(cli: Cli, units: int) -> str:
    """Connect a simulated supplier, put a card product on the shelf and order `units`; returns the product."""
    config = cli.simulator()
    cli.run("suppliers", "add", "sim", "--kind", "kasushou", "--config", config)
    cli.run("suppliers", "sync", "sim", "--wait")
    product = str(first(cli, "card_secret")["product"])
    cli.run("shelf", "on", product)
    order = cli.json("order", product, units, "--wait")
    assert order["received"] == units, order
    return product


def first(cli: Cli, kind: str) -> dict[str, Any]:
    """The first product of a kind in the shelf's list."""
    return next(row for row in cli.rows("shelf", "list") if row["kind"] == kind)


def launch(cli: Cli, product: str, people: int, *options: str, **changes: Any) -> Campaign:
    """Import `people`, launch a campaign for all of them and save its links."""
    folder = cli.data.parent
    cli.run("people", "import", people_list(folder / "list.xlsx", people))
    launched = cli.json("campaign", "launch", plan(folder / "plan.toml", product, **changes), *options)
    assert launched["grants"] == people
    key = str(launched["campaign"])
    return Campaign(key, product, save_links(cli, key))


def save_links(cli: Cli, campaign: str) -> dict[str, str]:
    """The campaign's links by employee number, from the csv that HR saves."""
    out = cli.data.parent / "links.csv"
    cli.run("links", campaign, "--out", out, "--wait")
    with out.open(encoding="utf-8-sig", newline="") as file:
        return {row["employee_no"]: row["url"] for row in csv.DictReader(file)}


def claim_until_told(client: httpx.Client, service: str, employee_no: str, url: str) -> ClaimPage:
    """Claim as a person does who tries again while the service is away; returns the first final page."""
    told: list[ClaimPage] = []

    def try_once() -> bool:
        try:
            page = claim_page.claim(client, claim_page.local(url, service), employee_no)
        except httpx.TransportError:
            return False
        told[:] = [page]
        assert page.state, f"{page.status}: {page.text[:200]!r} is no claim page"
        return page.state not in STATES_TO_TRY_AGAIN

    wait_until(try_once, 90, f"{employee_no} is told")
    return told[0]


def claim_all(service: str, links: dict[str, str], clients: int = CLIENTS) -> dict[str, ClaimPage]:
    """Everybody claims, in `clients` parallel connections."""
    shares = [list(links.items())[start::clients] for start in range(clients)]

    def claim_share(share: list[tuple[str, str]]) -> dict[str, ClaimPage]:
        with httpx.Client(timeout=30, verify=False) as client:
            return {number: claim_until_told(client, service, number, url) for number, url in share}

    pages: dict[str, ClaimPage] = {}
    with ThreadPoolExecutor(clients) as pool:
        for told in pool.map(claim_share, shares):
            pages.update(told)
    return pages
