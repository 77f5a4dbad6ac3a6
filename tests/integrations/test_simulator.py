"""The practice supplier: strict about signatures, faithful to the vendor, and broken only where it was told to be."""

from __future__ import annotations

import ast
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

import welfare_desk
from tests.support.processes import Cli
from tests.support.supplier import Practice, practice
from tests.support.waiting import wait_until
from welfare_desk.errors import Refused
from welfare_desk.integrations.simulator import faults, wire
from welfare_desk.integrations.simulator.server import Options, credentials, make_site

KEY = "H0YnuPpcVtx7rQdMTbjN6932s5oDOqFa"


def ask(site: Practice, path: str, body: str = "{}", *, stamp: str | None = None, **changed: str) -> dict[str, Any]:
    """A request signed by hand."""
    timestamp = stamp or str(time.time_ns() // 1_000_000)
    key = site.config["key"]
    headers = {
        "UserId": site.config["user_id"],
        "Timestamp": timestamp,
        "Sign": hashlib.sha1((timestamp + body + key).encode()).hexdigest(),
        **changed,
    }
    answer = httpx.post(f"{site.config['url']}/api/v1/{path}", content=body.encode(), headers=headers, timeout=10)
    document: dict[str, Any] = answer.json()
    return document


def buy(site: Practice, key: str, quantity: int = 2, good: int = 10001, more: str = "") -> dict[str, Any]:
    fields = f'{more}"external_orderno":"{key}","id":{good},"quantity":{quantity}'
    return ask(site, "order/buy", "{" + fields + "}")


def delivered(site: Practice, key: str) -> dict[str, Any]:
    """The order once it is delivered."""
    row: list[dict[str, Any]] = []

    def done() -> bool:
        row[:] = ask(site, "order/info", json.dumps({"external_orderno": key}, separators=(",", ":")))["data"]
        return bool(row) and row[0]["status"] not in (1, 2)

    wait_until(done, 5)
    return row[0]


def test_meets_the_vendors_vector() -> None:
    body = b'{"day":10,"external_orderno":"","ordersn":"D100759082558859640832"}'
    signed = wire.expected_sign("1696645385740", wire.parse(body), KEY)
    assert signed == "15b8f541eb10e3fbb33efd92c8d52d50ddca0784"


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        ("", "{}"),
        ('{ "b" : 1.50, "a" : "卡/密" }', '{"a":"卡/密","b":1.50}'),
        ('{"a":{"z":1,"y":[true,null]},"B":"x"}', '{"B":"x","a":{"z":1,"y":[true,null]}}'),
        ('{"attach":{}}', '{"attach":[]}'),
        ('{"a":"\u2028"}', '{"a":"\\u2028"}'),
    ],
)
def test_writes_requests_again_as_the_site_does(body: str, canonical: str) -> None:
    assert wire.canonical(wire.parse(body.encode())) == canonical


def test_shares_no_code_with_the_connector() -> None:
    folder = Path(welfare_desk.__file__).parent / "integrations" / "simulator"
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert "suppliers" not in (node.module or ""), path


def test_refuses_wrong_signature_stale_time_and_strangers() -> None:
    with practice() as site:
        now = time.time_ns() // 1_000_000
        assert ask(site, "user/info")["code"] == 200
        assert ask(site, "user/info", Sign="0" * 40)["msg"] == "签名错误"
        assert ask(site, "user/info", stamp=str(now - 301_000))["msg"] == "时间戳过期"
        assert ask(site, "user/info", stamp=str(now + 330_000))["msg"] == "时间戳过期"
        assert ask(site, "user/info", stamp=str(now // 1000))["msg"] == "时间戳过期"
        assert ask(site, "user/info", stamp=f"{now // 1000}123")["code"] == 200
        assert ask(site, "user/info", UserId="1")["msg"] == "用户不存在"
        assert ask(site, "goods/list", '{"page":1,"limit":5}')["msg"] == "签名错误"  # keys are not sorted
        assert ask(site, "goods/list", '{"limit":5,"page":1}')["data"]["total"] == 16


def test_sells_only_sound_goods_without_awkward() -> None:
    with practice() as site:
        goods = ask(site, "goods/list")["data"]["list"]
    assert sum(good["goods_type"] == 1 for good in goods) >= 8
    assert sum(good["goods_type"] == 2 for good in goods) >= 4
    assert all(good["status"] == 1 and good["stock_num"] == 1_000_000 for good in goods)


def test_codes_are_new_in_every_order_and_every_start() -> None:
    codes: list[str] = []
    for _start in range(2):
        with practice() as site:
            for key in ("A", "B"):
                assert buy(site, key, 50)["code"] == 200
                codes += [card["card_password"] for card in delivered(site, key)["card_list"]]
    assert len(set(codes)) == len(codes) == 200


def test_orders_outlive_a_restart_with_a_state_file(tmp_path: Path) -> None:
    with practice(state=tmp_path / "book") as site:
        buy(site, "A")
        before = delivered(site, "A")
    with practice(state=tmp_path / "book") as site:
        assert delivered(site, "A") == before
        assert buy(site, "A")["msg"] == "外部订单号已存在"
        assert ask(site, "user/info")["data"]["balance"] == "9999957.00"


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("short=2", lambda row: len(row["card_list"]) == 3),
        ("duplicates=2", lambda row: len({card["card_password"] for card in row["card_list"]}) == 3),
        ("blank", lambda row: row["card_list"][0]["card_password"] == " "),
        ("markup", lambda row: row["card_list"][0]["card_password"].startswith("<b>")),
        ("spaces", lambda row: row["card_list"][0]["card_password"].endswith(" \n")),
        ("numeric", lambda row: isinstance(row["card_list"][0]["card_password"], int)),
        ("strings", lambda row: isinstance(row["card_list"][0], str)),
        ("status=7", lambda row: row["status"] == 7),
        ("cancel", lambda row: row["status"] == 4 and row["has_back_money"] == "107.50"),
        ("partial-refund", lambda row: row["status"] == 3 and row["has_back_money"] == "53.75"),
        ("refund=0", lambda row: row["status"] == 5 and len(row["card_list"]) == 5),
    ],
)
def test_orders_go_wrong_as_planned(fault: str, check: Any) -> None:
    with practice(f"order:{fault}*1") as site:
        buy(site, "A", 5)
        assert check(delivered(site, "A"))
        buy(site, "B", 5)
        row = delivered(site, "B")
        assert (row["status"], len({card["card_password"] for card in row["card_list"]})) == (3, 5)


def test_a_hidden_order_is_not_found_at_first() -> None:
    with practice("order:hidden=0.4*1") as site:
        buy(site, "A")
        assert ask(site, "order/info", '{"external_orderno":"A"}')["data"] == []
        assert delivered(site, "A")["status"] == 3


@pytest.mark.parametrize(
    "plan", ["buy", "buy:", "buy:nothing", "sell:500", "list:500-after-accept", "buy:500*x", "buy:500*-1", "order:500",
             "missing.json"],
)  # fmt: skip
def test_a_plan_that_cannot_be_read_is_refused(plan: str) -> None:
    with pytest.raises(Refused, match="simulator_faults"):
        make_site(Options(faults=plan))


def test_plans_from_files(tmp_path: Path) -> None:
    as_json, as_toml = tmp_path / "plan.json", tmp_path / "plan.toml"
    as_json.write_text('[{"operation":"buy","kind":"500","times":2}]', encoding="utf-8")
    as_toml.write_text('[[faults]]\noperation = "buy"\nkind = "500"\ntimes = 2\n', encoding="utf-8")
    assert faults.read_plan(str(as_json)) == faults.read_plan(str(as_toml)) == faults.read_plan("buy:500*2")


def test_a_seed_gives_the_same_account() -> None:
    assert credentials("1") == credentials("1") != credentials("2")
    assert credentials(None) != credentials(None)


def test_the_command_says_where_it_is_in_one_line(bare_cli: Cli) -> None:
    said = bare_cli.simulator().read_text()
    assert said.count("\n") == 1
    config = json.loads(said)
    assert set(config) == {"url", "user_id", "key"}
    assert config["url"].startswith("http://127.0.0.1:")
    assert bare_cli.children[0].terminate() in (0, -15)


def test_the_command_says_that_a_port_is_taken(bare_cli: Cli) -> None:
    config = json.loads(bare_cli.simulator().read_text())
    done = bare_cli.run("simulator", "--port", config["url"].rsplit(":", 1)[1], status=1)
    assert "Port" in done.err
    assert done.out == ""
