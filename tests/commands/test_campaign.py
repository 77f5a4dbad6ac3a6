"""campaign, links and why as scripts use them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest

from tests.support.script import people_list, plan
from welfare_desk import i18n
from welfare_desk.__main__ import main

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 20 people and a product with 18 codes."""
    folder = tmp_path_factory.mktemp("campaigns")
    codes = folder / "codes.txt"
    codes.write_text("".join(f"SECRET-{number:04}\n" for number in range(18)), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WELFARE_DESK_DATA", str(folder / "data"))
        patch.setenv("WELFARE_DESK_PASSWORD", "correct horse")
        assert main(["init"]) == 0
        assert main(["shelf", "add", "--product", "面包券", "--price", "12.50", "--kind", "coupon"]) == 0
        key = _first_product()
        for words in (["shelf", "on", key], ["stock", "import", key, str(codes), "--wait"],
                      ["people", "import", str(people_list(folder / "list.xlsx", 20))]):  # fmt: skip
            assert main(words) == 0
    (folder / "product").write_text(key, encoding="utf-8")
    return folder


def _first_product() -> str:
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda *words, **_options: lines.append(" ".join(map(str, words))))
        assert main(["shelf", "list", "--json"]) == 0
    return str(json.loads(lines[-1])["rows"][0]["product"])


@pytest.fixture
def folder(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(made_once, tmp_path / "copy")
    monkeypatch.setenv("WELFARE_DESK_DATA", str(copy / "data"))
    monkeypatch.setenv("WELFARE_DESK_PASSWORD", "correct horse")
    monkeypatch.setenv("WELFARE_DESK_PUBLIC_URL", "https://claim.example.com")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return copy


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object, status: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def product(folder: Path) -> str:
    return (folder / "product").read_text(encoding="utf-8")


def test_preview_says_what_launch_then_says(run: Run, folder: Path, product: str) -> None:
    written = plan(folder / "plan.toml", product, channels=["email"])
    before = run("campaign", "preview", written)
    refused = run("campaign", "launch", written, status=1)
    assert (refused["error"]["code"], refused["error"]["field"]) == ("stock_short", "quantity")
    launched = run("campaign", "launch", written, "--allow-short")
    assert list(launched) == ["campaign", "grants", "unreachable", "short", "cost_minor", "currency"]
    assert {key: before[key] for key in launched if key != "campaign"} == {
        "grants": 20, "unreachable": 0, "short": 2, "cost_minor": 25_000, "currency": "CNY",
    }  # fmt: skip
    assert {key: value for key, value in before.items() if key in launched} == {
        key: value for key, value in launched.items() if key != "campaign"
    }
    assert "20 people get 20 links, 20 of them by e-mail" in before["sentence"]
    [listed] = run("campaign", "list")["rows"]
    assert (listed["campaign"], listed["state"], listed["grants"]) == (launched["campaign"], "open", 20)


def test_the_review_is_said_in_chinese_where_people_speak_it(
    folder: Path, product: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    capsys.readouterr()
    assert main(["campaign", "preview", str(plan(folder / "plan.toml", product))]) == 0
    said = capsys.readouterr().out
    i18n.set_language("en")
    assert "将为 20 人生成 20 条链接" in said
    assert "最多花费 ¥250.00" in said
    assert "缺 2 份" in said


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"product": "nothing"}, "product"),
        ({"closes": "2020-01-01T00:00:00"}, "closes"),
        ({"timezone": "Asia/Atlantis"}, "timezone"),
        ({"audience": {"department": "没有这个部门"}}, "audience"),
        ({"audience": {"people": []}}, "audience"),
        ({"chanels": ["email"]}, "chanels"),
    ],
)
def test_a_bad_plan_names_the_field(run: Run, folder: Path, product: str, changes: dict[str, Any], field: str) -> None:
    written = plan(folder / "plan.toml", **{"product": product, **changes})
    for command in ("launch", "preview"):
        error = run("campaign", command, written, status=1)["error"]
        assert error["field"] == field
        assert "error." not in error["message"]
    assert run("campaign", "list")["rows"] == []


def test_every_bad_field_is_said(folder: Path, product: str, capsys: pytest.CaptureFixture[str]) -> None:
    written = plan(folder / "plan.toml", product, quantity=0, timezone="Mars", verify="dna")
    capsys.readouterr()
    assert main(["campaign", "launch", str(written)]) == 1
    said = capsys.readouterr().err
    assert all(f"{field}: " in said for field in ("quantity", "timezone", "verify"))


def test_a_plan_that_is_not_there_is_said(run: Run, folder: Path) -> None:
    assert run("campaign", "launch", folder / "none.toml", status=1)["error"]["field"] == "plan"


def test_links_are_saved_in_three_forms_and_reach_their_people(run: Run, folder: Path, product: str) -> None:
    launched = run("campaign", "launch", plan(folder / "plan.toml", product), "--allow-short")["campaign"]
    comma, excel, paper = (folder / f"links.{kind}" for kind in ("csv", "xlsx", "pdf"))
    saved = run("links", launched, "--out", comma, "--wait")
    assert (saved["links"], saved["public_url"], saved["local"]) == (20, "https://claim.example.com", False)
    with comma.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["employee_no", "name", "department", "reference", "url"]
    assert {row["employee_no"] for row in rows} == {f"{number:05}" for number in range(1, 21)}
    assert all(row["url"].startswith("HTTPS://CLAIM.EXAMPLE.COM/C/") for row in rows)
    assert run("campaign", "show", launched)["reached"] == 20
    run("links", launched, "--out", excel)
    sheet = openpyxl.load_workbook(excel).active
    assert sheet is not None
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)][1:] == [
        list(row.values()) for row in rows
    ]
    run("links", launched, "--out", paper)
    document = pypdfium2.PdfDocument(paper)
    try:
        assert len(document) == 2
    finally:
        document.close()
    error = run("links", launched, "--out", folder / "links.docx", status=1)["error"]
    assert (error["code"], error["field"]) == ("links_format", "out")
    assert run("links", launched, "--out", folder / "no" / "links.csv", status=1)["error"]["code"] == "file_unwritable"
    assert run("links", "nothing", "--out", comma, status=1)["error"]["code"] == "campaign_unknown"
    assert list(folder.glob(".links*")) == []


def test_a_local_address_is_warned_of(
    folder: Path, product: str, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELFARE_DESK_PUBLIC_URL", "http://192.168.1.5:8080")
    launched = run("campaign", "launch", plan(folder / "plan.toml", product), "--allow-short")["campaign"]
    assert main(["links", launched, "--out", str(folder / "links.csv")]) == 0
    assert "192.168.1.5" in capsys.readouterr().err


def test_why_answers_by_reference_and_number_now_and_at_another_time(run: Run, folder: Path, product: str) -> None:
    written = plan(folder / "plan.toml", product, opens="2031-03-01T09:00:00", closes="2031-04-01T00:00:00")
    run("campaign", "launch", written, "--allow-short")
    now = run("why", "3")
    assert (now["can_claim"], now["reason"], now["next_at"]) == (False, "too_early", "2031-03-01T09:00:00+08:00")
    assert run("why", now["reference"].lower(), "--at", "2031-03-01T09:00:00")["reason"] == "ready"
    assert run("why", "00003", "--at", "2031-03-31T23:59:59.999+08:00")["reason"] == "ready"
    assert run("why", "00003", "--at", "2031-04-01T00:00:00+08:00")["reason"] == "expired"
    assert run("why", "99", status=1)["error"]["code"] == "grant_unknown"
    assert run("why", "3", "--at", "later", status=1)["error"]["field"] == "at"
    run("campaign", "launch", written, "--allow-short", "--again")
    unclear = run("why", "3", status=1)["error"]
    assert unclear["code"] == "grant_unclear"
    assert now["reference"] in unclear["message"]


def test_a_campaign_is_paused_resumed_extended_and_closed(run: Run, folder: Path, product: str) -> None:
    launched = run("campaign", "launch", plan(folder / "plan.toml", product), "--allow-short")["campaign"]
    assert run("campaign", "pause", launched)["state"] == "paused"
    assert run("why", "1")["reason"] == "unavailable"
    assert run("campaign", "resume", "中秋福利")["state"] == "open"
    assert run("campaign", "extend", launched, "2031-01-15")["closes"] == "2031-01-16T00:00:00+08:00"
    error = run("campaign", "extend", launched, "2020-01-15", status=1)["error"]
    assert (error["code"], error["field"]) == ("extend_earlier", "closes")
    assert run("campaign", "close", launched)["state"] == "closed"
    assert run("why", "1")["reason"] == "expired"
    assert run("campaign", "resume", launched, status=1)["error"]["code"] == "campaign_closed"
    assert run("stock", "list")["rows"][0]["free"] == 18


def test_one_right_is_revoked_replaced_and_sent_again(run: Run, folder: Path, product: str) -> None:
    written = plan(folder / "plan.toml", product, channels=["email"])
    run("campaign", "launch", written, "--allow-short")
    assert run("campaign", "revoke", "4")["state"] == "revoked"
    assert run("why", "4")["reason"] == "revoked"
    replaced = run("campaign", "replace", "5")
    assert (replaced["link_version"], replaced["queued"]) == (1, True)
    assert run("campaign", "resend", "6")["queued"]
    assert run("campaign", "revoke", "4")["state"] == "revoked"
    assert run("campaign", "replace", "4", status=1)["error"]["code"] == "grant_not_open"
