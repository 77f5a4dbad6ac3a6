"""How a list is read, as a script says it: sheet, encoding, separator, header row, columns, and a password."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl

from tests.files.test_reading import locked
from tests.support import lists
from tests.support.processes import Cli


def test_a_list_behind_a_password_takes_it_from_standard_input(cli: Cli, tmp_path: Path) -> None:
    path = locked(tmp_path / "list.xlsx", "秘密 pass")
    error = cli.json("people", "import", path, "--dry-run", status=1)["error"]
    assert (error["code"], error["field"]) == ("table_password", "password")
    asked = ("--json", "people", "import", path, "--dry-run", "--password-stdin")
    assert cli.run(*asked, status=1, stdin="wrong\n").json()["error"]["code"] == "table_password"
    assert cli.run(*asked, stdin="秘密 pass\n").json()["created"] == 1


def test_encoding_separator_header_row_and_columns_can_be_said(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("员工名单;;\n甲;乙;丙\n7;张三;x\n8;李四;y\n".encode("gb18030"))
    found = cli.json("people", "import", path, "--dry-run", "--encoding", "gbk", "--separator", ";",
                     "--header-row", 2, "--map", "甲=employee_no", "--map", "乙=name", "--map", "丙=tags")  # fmt: skip
    assert (found["created"], found["encoding"]) == (2, "gb18030")
    assert found["mapping"] == {"甲": "employee_no", "乙": "name", "丙": "tags"}
    error = cli.json("people", "import", path, "--encoding", "utf-8", status=1)["error"]
    assert (error["code"], error["field"]) == ("table_encoding_chosen", "encoding")


def test_a_messy_list_goes_in_and_its_refused_rows_come_back_repaired(cli: Cli, tmp_path: Path) -> None:
    made = lists.messy(tmp_path / "list.xlsx", rows=40)
    rejects = tmp_path / "rejects.xlsx"
    found = cli.json("people", "import", made.path, "--rejects", rejects)
    counts = (found["created"], found["rejected"], found["duplicates"], found["skipped"])
    assert counts == tuple(made.fates[fate] for fate in ("ready", "repair", "duplicate", "skipped"))
    again = cli.json("people", "import", rejects, "--dry-run")
    assert again["mapping"] == found["mapping"]
    assert again["rejected"] == found["rejected"]


def test_what_was_read_what_was_not_and_the_way_out_are_said(cli: Cli, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "北京"
    for row in (
        ["工号", "姓名", "手机", "备注"],
        ["1", "张三", "138", "x"],
        ["合计", "1人", "", ""],
        [],
        ["2", "李四", "", ""],
    ):
        book.active.append(row)
    book.create_sheet("上海").append(["工号", "姓名"])
    path = tmp_path / "list.xlsx"
    book.save(path)
    found = cli.json("people", "import", path, "--dry-run")
    assert (found["sheet"], found["skipped_rows"], found["skipped"]) == ("北京", [3], 2)
    (problem,) = found["problems"]
    assert problem["suggestion"].startswith("Check the digits")
    said = cli.run("people", "import", path, "--dry-run").out
    assert "Sheet: 北京 (not read: 上海)" in said
    assert "Columns left out: 备注" in said
    assert "Rows skipped though something stands in them: 3\n" in said
    assert "row 2, 手机: This is not a phone number – Check the digits" in said


def test_a_column_is_one_field_and_a_field_one_column(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("No,Name,Nick,Tel\n1,Ann,A,13800138000\n", encoding="utf-8")
    twice = ("--map", "Name=name", "--map", "Nick=name")
    assert cli.json("people", "import", path, *twice, status=1)["error"]["code"] == "field_twice"
    found = cli.json("people", "import", path, "--map", "No=employee_no", "--map", "Tel=phone")
    assert (found["created"], found["mapping"]["Tel"]) == (1, "mobile")


def test_what_is_no_file_or_no_number_is_refused_at_once(cli: Cli, tmp_path: Path) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert cli.json("people", "import", tmp_path / "pipe", status=1)["error"]["code"] == "file_no_file"
    assert cli.json("people", "import", tmp_path, status=1)["error"]["code"] == "file_no_file"
    for words in (
        ("undo", "9" * 23),
        ("list", "--limit", "0"),
        ("list", "--limit", "-1"),
        ("list", "--limit", "9" * 20),
    ):
        assert "Traceback" not in cli.run("people", *words, status=2).err
