"""report, reconcile and audit as scripts use them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.demo_desk import PASSWORD, make_demo
from welfare_desk.__main__ import main

RATE_KEYS = ["grants", "reached", "claimed", "rate"]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo(tmp_path_factory.mktemp("demo") / "data")


@pytest.fixture
def folder(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(made_once, tmp_path / "data")
    monkeypatch.setenv("WELFARE_DESK_DATA", str(copy))
    monkeypatch.setenv("WELFARE_DESK_PASSWORD", PASSWORD)
    return copy


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert main([*words, "--json"]) == status
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("by", ["department", "product", "channel", "day", "campaign"])
def test_claims_by_anything(folder: Path, capsys: pytest.CaptureFixture[str], by: str) -> None:
    rows = run(capsys, "report", "claims", "--by", by)["rows"]
    assert {tuple(row) for row in rows} <= {(by, *RATE_KEYS), (by, "name", *RATE_KEYS)}
    assert sum(row["grants"] for row in rows) == 160
    if by != "day":
        assert all(row["rate"] == (row["claimed"] / row["reached"] if row["reached"] else None) for row in rows)


def test_one_campaign_by_key_or_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    campaigns = run(capsys, "report", "claims")["rows"]
    for row in campaigns:
        for ref in (row["campaign"], row["name"]):
            found = run(capsys, "report", "claims", "--campaign", ref, "--by", "department")["rows"]
            assert sum(one["claimed"] for one in found) == row["claimed"]
    assert run(capsys, "report", "claims", "--campaign", "nobody", status=1)["error"]["field"] == "campaign"


def test_other_reports(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    products = run(capsys, "report", "products")["rows"]
    assert {row["product"]: row["free"] for row in products}["coffee"] == 4
    channels = {row["channel"]: row for row in run(capsys, "report", "channels")["rows"]}
    assert (channels["email"]["sent"], channels["email"]["failed"]) == (147, 1)
    budget = run(capsys, "report", "budget")["rows"]
    assert all(row["left_minor"] == row["committed_minor"] - row["used_minor"] > 0 for row in budget)


def test_files(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending in ("xlsx", "csv", "pdf", "json"):
        out = tmp_path / f"claims.{ending}"
        assert run(capsys, "report", "claims", "--by", "department", "--out", str(out)) == {
            "file": str(out),
            "count": 6,
        }
        assert out.stat().st_size > 100
    book = load_workbook(tmp_path / "claims.xlsx")
    assert [cell.value for cell in book.active[1]] == ["department", *RATE_KEYS]
    book.close()
    assert len(json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))["rows"]) == 6
    assert main(["report", "claims", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "campaign,name,grants,reached,claimed,rate"
    assert run(capsys, "report", "claims", "--format", "pdf", status=1)["error"]["code"] == "report_needs_file"
    assert run(capsys, "report", "claims", "--out", "claims.doc", status=1)["error"]["code"] == "report_format"


def test_reconcile_says_ok_and_what_is_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "reconcile")
    assert (found["ok"], found["differences"], len(found["batches"]), len(found["budgets"])) == (True, [], 4, 4)
    batch = found["batches"][1]
    assert batch["received"] == batch["in_stock"] + batch["issued"] == 44
    with closing(sqlite3.connect(next(folder.glob("*.db")))) as connection, connection:
        connection.execute(
            "DELETE FROM code WHERE id = (SELECT min(id) FROM code WHERE state = 'stock' AND batch_id = ?)",
            [int(batch["batch"])],
        )
    found = run(capsys, "reconcile", status=1)
    assert not found["ok"]
    wrong = {one["kind"]: one for one in found["differences"]}
    assert wrong["batch_count"]["batch"] == batch["batch"]
    assert (wrong["batch_count"]["expected"], wrong["batch_count"]["found"]) == (44, 43)
    assert batch["batch"] in wrong["stock_account"]["message"]
    assert main(["reconcile"]) == 1
    assert batch["batch"] in capsys.readouterr().out


def test_audit_lists_what_was_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = run(capsys, "audit", "list", "--action", "campaign.", "--limit", "3")["rows"]
    assert [row["action"] for row in rows] == ["campaign.launched"] * 3
    assert list(rows[0]) == ["at", "operator", "action", "subject", "detail"]
