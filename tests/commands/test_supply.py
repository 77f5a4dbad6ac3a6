"""Suppliers, shelf, orders and stock as a script uses them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.processes import Cli
from tests.support.waiting import wait_until

CARD, TOP_UP = "sim-10001", "sim-20001"


def connected(cli: Cli, *faults: str) -> Cli:
    cli.run("suppliers", "add", "sim", "--kind", "kasushou", "--config", cli.simulator(*faults))
    synced = cli.json("suppliers", "sync", "sim", "--wait")
    assert (synced["state"], synced["offers"], synced["products"]) == ("done", 16, 16)
    return cli


def test_from_a_supplier_to_stock(cli_on_both: Cli) -> None:
    cli = connected(cli_on_both)
    supplier = cli.rows("suppliers", "list")[0]
    assert (supplier["supplier"], supplier["balance_minor"], supplier["trouble"]) == ("sim", 1_000_000_000, None)
    rows = {row["product"]: row for row in cli.rows("shelf", "list")}
    assert list(rows[CARD]) == ["product", "name", "kind", "supplier", "price_minor", "currency", "on_shelf"]
    assert not any(row["on_shelf"] for row in rows.values())
    assert cli.json("shelf", "on", CARD) == {"product": CARD, "on_shelf": True}
    order = cli.json("order", CARD, 280, "--wait")
    assert (order["state"], order["received"], order["total_minor"]) == ("received", 280, 280 * 2150)
    assert cli.rows("orders", "list")[0]["order"] == order["order"]
    stock = {row["product"]: row for row in cli.rows("stock", "list")}
    assert stock[CARD] == {"product": CARD, "in_stock": 280, "free": 280, "reserved": 0, "issued": 0, "expired": 0}
    assert set(stock[TOP_UP].values()) == {TOP_UP, None}
    refused = cli.json("order", TOP_UP, 1, "--wait", status=1)
    assert refused["error"]["code"] == "order_top_up"
    assert "error." not in refused["error"]["message"]


def test_bundles_and_codes_of_our_own(cli: Cli, tmp_path: Path) -> None:
    connected(cli)
    cli.run("shelf", "on", CARD)
    cli.run("shelf", "on", TOP_UP)
    bundle = cli.json("shelf", "add", "--bundle", "中秋礼包", "--part", f"{CARD}:2", "--part", TOP_UP)["product"]
    cli.run("shelf", "on", bundle)
    row = next(row for row in cli.rows("shelf", "list") if row["product"] == bundle)
    assert (row["kind"], row["price_minor"], row["supplier"]) == ("bundle", 2 * 2150 + 4960, None)
    own = cli.json("shelf", "add", "--product", "面包券", "--price", "12.50", "--kind", "coupon")["product"]
    listed, table = tmp_path / "codes.txt", tmp_path / "codes.csv"
    listed.write_text("AA-1\nAA-2\nAA-2\n", encoding="utf-8")
    table.write_text("卡号,卡密\n1,BB-1\n2,BB-2\n", encoding="utf-8")
    taken = cli.json("stock", "import", own, listed, "--wait")
    assert (taken["state"], taken["codes"], taken["stored"], taken["duplicates"]) == ("done", 3, 2, 1)
    assert cli.json("stock", "import", own, table, "--wait")["stored"] == 2
    assert next(row for row in cli.rows("stock", "list") if row["product"] == own)["in_stock"] == 4
    missing = cli.json("stock", "import", own, tmp_path / "none.txt", status=1)
    assert missing["error"]["code"] == "file_unreadable"


def test_unknown_is_said_and_settled_later(cli: Cli) -> None:
    connected(cli, "--faults", "buy:500-after-accept*1")
    assert cli.json("order", CARD, 5)["state"] == "created"
    child = cli.start("jobs")
    wait_until(lambda: cli.rows("orders", "list")[0]["state"] == "received", 60)
    assert cli.rows("orders", "list")[0]["received"] == 5
    assert child.process.stdin is not None
    child.process.stdin.close()
    assert child.process.wait(timeout=30) == 0, child.said()


def test_unknown_ends_with_one_when_nobody_can_say(cli: Cli) -> None:
    connected(cli, "--faults", "buy:500")
    order = cli.json("order", CARD, 5, "--wait", "--timeout", "2", status=1)
    assert (order["state"], order["received"], order["trouble"]) == ("unknown", 0, "supplier_http_status")


def test_with_a_living_jobs_process_a_command_waits_for_it(cli: Cli) -> None:
    child = cli.start("jobs", "--passphrase-stdin", WELFARE_DESK_PASSWORD="wrong")
    assert child.process.stdin is not None
    child.process.stdin.write(b"correct horse\n")
    child.process.stdin.flush()
    connected(cli)
    assert cli.json("suppliers", "check", "sim", "--wait")["balance_minor"] == 1_000_000_000
    assert cli.json("order", CARD, 3, "--wait")["state"] == "received"
    assert child.terminate() == 0, child.said()


def test_an_order_outlives_a_killed_process(cli: Cli) -> None:
    connected(cli, "--faults", "order:delay=3")
    order = cli.json("order", CARD, 4)
    assert (order["state"], order["received"]) == ("created", 0)
    first = cli.start("jobs")
    log = cli.children[0].err
    wait_until(lambda: "order/buy" in log.read_text(), 60)
    first.kill()
    cli.start("jobs")
    wait_until(lambda: cli.rows("orders", "list")[0]["state"] == "received", 60)
    assert [row["received"] for row in cli.rows("orders", "list")] == [4]
    assert log.read_text().count("order/buy") == 1


def test_a_supplier_that_is_down_is_said(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "sim.json"
    config.write_text(json.dumps({"url": "http://127.0.0.1:9", "user_id": "1", "key": "K"}), encoding="utf-8")
    cli.run("suppliers", "add", "sim", "--kind", "kasushou", "--config", config)
    refused = cli.json("suppliers", "check", "sim", "--wait", status=1)
    assert refused["error"]["code"] == "supplier_unreachable"
    assert cli.rows("suppliers", "list")[0]["trouble"] == "supplier_unreachable"


def test_a_broken_configuration_is_refused(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "sim.json"
    for text, code in (
        ("", "config_broken"),
        ("[1]", "config_broken"),
        ('{"url":"http://x"}', "supplier_config_missing"),
    ):
        config.write_text(text, encoding="utf-8")
        refused = cli.json("suppliers", "add", "sim", "--kind", "kasushou", "--config", config, status=1)
        assert refused["error"]["code"] == code
    assert (
        cli.json("suppliers", "add", "s", "--kind", "kasushou", "--config", tmp_path / "no", status=1)["error"]["code"]
        == "config_unreadable"
    )
