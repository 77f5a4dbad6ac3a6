"""How a list is read, as a script says it: sheet, encoding, separator, header row, columns, and a password."""

from __future__ import annotations

from pathlib import Path

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
