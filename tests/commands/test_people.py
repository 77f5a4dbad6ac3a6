"""People as a script uses them: verdicts of imports, bad files, one person, and a kill in the middle."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl

from tests.files.nasty import encrypted, truncated, workbook
from tests.support.processes import Cli
from tests.support.waiting import wait_until

LISTED = ["reference", "employee_no", "name", "department", "email", "phone", "hire_date", "status", "leave_date",
          "birthday", "site", "level", "tags"]  # fmt: skip
REPORTED = {"import", "rows", "created", "updated", "unchanged", "left", "rejected", "skipped", "duplicates", "mapping",
            "encoding", "problems"}  # fmt: skip


def roster(path: Path) -> Path:
    """A list with a title, dirt and every verdict."""
    rows: list[list[object]] = [
        ["2026 年员工花名册"],
        ["序号", "工号", "姓名", "部门", "手机号", "邮箱", "入职日期", "状态"],
        [1, "00001", "张三", "总部/财务部", 13800138000, "Zhang@Example.com", "2024/1/5", "在职"],
        [2, "00002", "李　四", "总部 > 研发部", "+86 138-0013-8001", "", 45296, "在职"],
        [],
        [3, "1", "王五", "总部", "13800138002", "", "", "在职"],
        [4, "00004", "赵六", "总部", "138", "zhao@", "明天", "在职"],
        [5, "00005", "孙七", "总部", "13800138000", "", "", "在职"],
        [6, "00006", "周八", "总部", "13800138006", "", "", "离职"],
        ["合计", "", "", "", "", "", "", ""],
    ]
    return workbook(path, rows)


def test_a_list_goes_in_and_the_same_list_again_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    path = roster(tmp_path / "list.xlsx")
    rejects = tmp_path / "rejects.xlsx"
    report = cli.json("people", "import", path, "--rejects", rejects)
    assert set(report) >= REPORTED
    counted = [report[name] for name in ("rows", "created", "rejected", "skipped", "duplicates", "left")]
    assert counted == [8, 3, 1, 3, 1, 0]
    assert report["mapping"]["手机号"] == "mobile"
    found = {(problem["row"], problem["column"], problem["code"]) for problem in report["problems"]}
    assert found == {
        (6, "工号", "row_duplicate"), (7, "手机号", "row_phone"), (7, "邮箱", "row_email"), (7, "入职日期", "row_date"),
        (8, "手机号", "row_phone_shared"),
    }  # fmt: skip
    assert openpyxl.load_workbook(rejects).active.max_row == 3
    rows = cli.rows("people", "list")
    assert list(rows[0]) == LISTED
    assert [(row["employee_no"], row["name"], row["department"]) for row in rows] == [
        ("00001", "张三", "总部/财务部"), ("00002", "李四", "总部/研发部"), ("00005", "孙七", "总部"),
    ]  # fmt: skip
    again = cli.json("people", "import", path)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert cli.rows("people", "list") == rows
    assert cli.json("people", "undo", report["import"])["removed"] == 3
    assert cli.rows("people", "list") == []


def test_files_that_are_none_leave_a_sentence_and_nothing_else(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("姓名\n张三\n", encoding="utf-8")
    for path, code in (
        (truncated(tmp_path / "cut.xlsx"), "table_broken"),
        (encrypted(tmp_path / "locked.xlsx"), "table_password"),
        (tmp_path / "one.csv", "table_one_column"),
        (tmp_path / "missing.xlsx", "file_unreadable"),
    ):
        error = cli.json("people", "import", path, status=1)["error"]
        assert error["code"] == code
        assert len(error["message"]) > 20
    assert cli.rows("people", "list") == []
    assert cli.rows("people", "imports") == []


def test_one_person_by_hand(cli: Cli) -> None:
    added = cli.json("people", "add", "--name", "王小明", "--employee-no", "00077", "--phone", "139 0000 0000")
    assert added["phone"] == "+8613900000000"
    edited = cli.json("people", "edit", "77", "--email", "WXM@example.com", "--status", "left")
    assert (edited["email"], edited["status"]) == ("wxm@example.com", "left")
    assert cli.json("people", "show", added["reference"])["grants"] == []
    refused = cli.json("people", "add", "--name", "李四", "--employee-no", "77", status=1)["error"]
    assert (refused["code"], refused["field"]) == ("person_exists", "employee_no")
    assert cli.json("people", "show", "nobody", status=1)["error"]["code"] == "person_unknown"


def test_segments_of_scripts(cli: Cli) -> None:
    for number, tags in ((1, "远程,新员工"), (2, "远程"), (3, "")):
        added = cli.json("people", "add", "--name", f"员工{number}", "--employee-no", str(number), "--tags", tags,
                         "--birthday", "1990-05-12", "--site", "上海", "--department", "总部/财务部")  # fmt: skip
    assert (added["birthday"], added["tags"], added["site"]) == ("05-12", [], "上海")
    made = cli.json("segments", "add", "远程员工", "--tag", "远程", "--department", "总部", "--birthday-month", "5")
    wanted = {"department": "总部", "birthday_month": "5", "tags": ["远程"]}
    assert made == {"segment": "yuanchengyuangong", "name": "远程员工", "filter": wanted, "people": 2}
    assert cli.rows("segments", "list") == [made]
    rows = cli.rows("people", "list", "--segment", "yuanchengyuangong", "--query", "2")
    assert [(row["employee_no"], row["tags"]) for row in rows] == [("2", ["远程"])]
    cli.json("people", "edit", "3", "--tags", "远程")
    assert cli.rows("segments", "list")[0]["people"] == 3
    assert cli.json("segments", "add", "远程员工", status=1)["error"]["field"] == "name"
    for month in ("13", "0"):
        error = cli.json("segments", "add", "x", "--birthday-month", month, status=1)["error"]
        assert error["code"] == "segment_month"
    cli.run("segments", "add", "x", "--hired-within-days", "0", status=2)
    assert cli.json("people", "list", "--segment", "none", status=1)["error"]["code"] == "segment_unknown"
    assert cli.json("segments", "remove", "yuanchengyuangong") == {"segment": "yuanchengyuangong", "name": "远程员工"}
    assert cli.rows("segments", "list") == []


def test_killed_in_the_middle_of_applying_nothing_is_half_done(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    people = (f"{number:06},员工{number},总部/{number % 9}组\n" for number in range(30_000))
    path.write_text("工号,姓名,部门\n" + "".join(people), encoding="utf-8")
    child = cli.start("people", "import", path)

    def begun() -> bool:
        with closing(sqlite3.connect(cli.data / "welfare.db")) as database:
            return bool(database.execute("SELECT count(*) FROM person").fetchone()[0])

    wait_until(begun, timeout=60, what="the first people are written")
    child.kill()
    assert cli.rows("people", "list") == []
    assert [row["state"] for row in cli.rows("people", "imports")] == ["cancelled"]


def test_refused_rows_never_go_over_the_list_and_a_place_that_takes_none_changes_nothing(
    cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名,手机号\n1,张三,13800138000\n2,李四,1\n", encoding="utf-8")
    before = path.read_bytes()
    assert cli.json("people", "import", path, "--rejects", path, status=1)["error"]["code"] == "rejects_is_list"
    nowhere = tmp_path / "nowhere" / "out.xlsx"
    assert cli.json("people", "import", path, "--rejects", nowhere, status=1)["error"]["code"] == "file_unwritable"
    assert cli.json("people", "import", path, "--encoding", "utf-16", status=1)["error"]["field"] == "encoding"
    assert path.read_bytes() == before
    assert cli.rows("people", "list") == []
    assert cli.json("segments", "add", "谁", "--department", "/", status=1)["error"]["code"] == "segment_department"


def test_a_backup_says_in_lines_what_it_holds(cli: Cli, tmp_path: Path) -> None:
    lines = cli.run("backup", tmp_path / "a.wdb").out
    assert "rows: " in lines
