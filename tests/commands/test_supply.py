"""Suppliers, shelf, orders and stock as a script uses them: every command is a process, so there are few of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.processes import Cli
from tests.support.waiting import wait_until
from welfare_desk.commands.suppliers import read_config
from welfare_desk.errors import Refused

CARD, TOP_UP = "sim-10001", "sim-20001"


def connected(cli: Cli, *faults: str) -> Cli:
    cli.run("suppliers", "add", "sim", "--kind", "kasushou", "--config", cli.simulator(*faults))
    synced = cli.json("suppliers", "sync", "sim", "--wait")
    assert (synced["state"], synced["offers"], synced["products"]) == ("done", 16, 16)
    return cli


def order_state(cli: Cli) -> str:
    """The state of the only order, without another process."""
    with closing(sqlite3.connect(cli.data / "welfare.db")) as database:
        found = database.execute("SELECT state FROM purchase_order").fetchone()
    return str(found[0]) if found else ""


def test_codes_bundles_and_what_cannot_be_ordered(cli: Cli, tmp_path: Path) -> None:
    connected(cli)
    rows = {row["product"]: row for row in cli.rows("shelf", "list")}
    assert list(rows[CARD]) == ["product", "name", "kind", "supplier", "price_minor", "currency", "on_shelf"]
    assert not any(row["on_shelf"] for row in rows.values())
    assert cli.json("shelf", "on", CARD) == {"product": CARD, "on_shelf": True}
    order = cli.json("order", CARD, 28, "--wait")
    assert (order["state"], order["received"], order["total_minor"]) == ("received", 28, 28 * 2150)
    assert cli.rows("orders", "list")[0]["order"] == order["order"]
    refused = cli.json("order", TOP_UP, 1, "--wait", status=1)
    assert refused["error"]["code"] == "order_top_up"
    assert "error." not in refused["error"]["message"]
    bundle = cli.json("shelf", "add", "--bundle", "中秋礼包", "--part", f"{CARD}:2", "--part", TOP_UP)["product"]
    own = cli.json("shelf", "add", "--product", "面包券", "--price", "12.50", "--kind", "coupon")["product"]
    codes = tmp_path / "codes.csv"
    codes.write_text("卡号,卡密\n1,BB-1\n2,BB-2\n1,BB-1\n", encoding="utf-8")
    taken = cli.json("stock", "import", own, codes, "--wait")
    assert (taken["state"], taken["codes"], taken["stored"], taken["duplicates"]) == ("done", 3, 2, 1)
    stock = {row["product"]: row for row in cli.rows("stock", "list")}
    assert stock[CARD] == {"product": CARD, "in_stock": 28, "free": 28, "reserved": 0, "issued": 0, "expired": 0}
    assert set(stock[TOP_UP].values()) == {TOP_UP, None}
    assert set(stock[bundle].values()) == {bundle, None}
    assert stock[own]["in_stock"] == 2


def test_an_order_outlives_a_killed_process_and_is_placed_once(cli: Cli) -> None:
    connected(cli, "--faults", "buy:500-after-accept*1,order:delay=2")
    order = cli.json("order", CARD, 5)
    assert (order["state"], order["received"]) == ("created", 0)
    site = cli.children[0].err
    first = cli.start("jobs")
    wait_until(lambda: "order/buy" in site.read_text(), 60)
    first.kill()
    second = cli.start("jobs")
    wait_until(lambda: order_state(cli) == "received", 90)
    assert site.read_text().count("order/buy") == 1
    assert second.process.stdin is not None
    second.process.stdin.close()
    assert second.process.wait(timeout=30) == 0, second.said()


def test_with_a_living_jobs_process_a_command_waits_for_it(cli: Cli) -> None:
    child = cli.start("jobs", "--passphrase-stdin", WELFARE_DESK_PASSWORD="wrong")
    assert child.process.stdin is not None
    child.process.stdin.write(b"correct horse\n")
    child.process.stdin.flush()
    connected(cli)
    assert cli.json("suppliers", "check", "sim", "--wait")["balance_minor"] == 1_000_000_000
    assert child.terminate() == 0, child.said()


def test_unknown_ends_with_one_when_nobody_can_say(cli: Cli) -> None:
    connected(cli, "--faults", "buy:500")
    order = cli.json("order", CARD, 5, "--wait", "--timeout", "5", status=1)
    assert (order["state"], order["received"]) == ("unknown", 0)
    assert order["trouble"].startswith("supplier_")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("a.json", "", "config_broken"), ("a.json", "[1]", "config_broken"), ("a.toml", "=", "config_broken")],
)
def test_a_broken_configuration_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=code):
        read_config(tmp_path / name)
    with pytest.raises(Refused, match="config_unreadable"):
        read_config(tmp_path / "none.json")


def test_configurations_as_json_and_toml(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('\ufeff{"url": "x"}\n', encoding="utf-8")
    (tmp_path / "a.toml").write_text('url = "x"\n', encoding="utf-8")
    assert read_config(tmp_path / "a.json") == read_config(tmp_path / "a.toml") == {"url": "x"}
