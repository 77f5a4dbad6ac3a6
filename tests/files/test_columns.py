"""Headers as vendors document them and as people write them are understood by themselves."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from welfare_desk.files.columns import (
    Match,
    find_header,
    fingerprint,
    map_columns,
    normalise_header,
    recognise,
    to_keep,
)

LISTS: list[dict[str, str]] = tomllib.loads(Path(__file__).with_name("headers.toml").read_text(encoding="utf-8"))[
    "list"
]
REQUIRED = {"employee_no", "name", "last_name", "first_name", "mobile", "email", "department"}


VENDORS = ("WeCom", "DingTalk", "Feishu", "北森", "SuccessFactors", "Workday", "BambooHR")


def pairs(entry: dict[str, str]) -> list[tuple[str, str]]:
    """(header, field) of every column of a list."""
    return list(zip(entry["headers"].split("|"), entry["fields"].split(), strict=True))


@pytest.mark.parametrize("entry", LISTS, ids=[entry["source"] for entry in LISTS])
def test_no_required_column_is_taken_for_another(entry: dict[str, str]) -> None:
    mapping = map_columns([header for header, _field in pairs(entry)], [])
    for index, (header, field) in enumerate(pairs(entry)):
        found = mapping[index].field if index in mapping else "-"
        if found in REQUIRED and header != "Preferred Name":
            assert found == field, header


def test_the_lists_are_many_and_say_where_they_come_from() -> None:
    assert len(LISTS) >= 40
    assert all(entry["url"].startswith("http") if "url" in entry else entry["made_up"] for entry in LISTS)
    assert sum("url" in entry for entry in LISTS) >= 20
    for vendor in VENDORS:
        assert any(entry["source"].startswith(vendor) for entry in LISTS), vendor


def test_95_percent_of_required_columns_map_by_themselves(record_property: Callable[[str, object], None]) -> None:
    rates = {}
    for kind, wanted in (("required", REQUIRED), ("all", None)):
        missed = []
        total = 0
        for entry in LISTS:
            mapping = map_columns([header for header, _field in pairs(entry)], [])
            for index, (header, field) in enumerate(pairs(entry)):
                if field != "-" and (wanted is None or field in wanted):
                    total += 1
                    if index not in mapping or mapping[index].field != field:
                        missed.append((entry["source"], header, mapping.get(index)))
        rates[kind] = 1 - len(missed) / total
        record_property(f"{kind} columns mapped", f"{total - len(missed)} of {total}")
        assert rates[kind] >= 0.95, missed


def test_headers_of_other_people_are_left_alone() -> None:
    for header in ("紧急联系人电话", "配偶姓名", "部门负责人", "Emergency Contact Phone", "上级邮箱", "Manager Email"):
        match = recognise(header)
        assert match is None or match.field not in REQUIRED, header


def test_the_header_row_is_found_among_titles() -> None:
    rows = [
        ["员工花名册"],
        ["制表：人力资源部", "", "2026-11"],
        ["序号", "工号", "姓名", "部门"],
        ["1", "001", "张三", "总部"],
    ]
    assert find_header(rows)[0] == 2
    assert find_header([["甲", "乙"], ["丙", "丁"]]) == (0, 0)


def test_a_field_is_taken_by_one_column_only() -> None:
    mapping = map_columns(["手机", "联系电话", "姓名", "名称"], [])
    assert {index: match.field for index, match in mapping.items()} == {0: "mobile", 2: "name"}


def test_strange_headers_are_judged_by_their_values() -> None:
    rows = [["E001", "张伟", "总部/财务部", "13800138001", "6222021234567890128", "11010519491231002X"],
            ["E002", "李娜", "总部/研发部", "13800138002", "6222021234567890128", "11010519491231002X"],
            ["E003", "王芳", "上海/市场部", "13800138003", "6222021234567890128", "11010519491231002X"]]  # fmt: skip
    mapping = map_columns(["甲", "乙", "丙", "丁", "戊", "己"], rows)
    assert {at: match.field for at, match in mapping.items()} == {
        1: "name", 2: "department", 3: "mobile", 4: "_sensitive.bank", 5: "_sensitive.id_number",
    }  # fmt: skip
    assert {match.how for match in mapping.values()} == {"values"}
    without_phone = map_columns(["甲", "乙"], [row[:2] for row in rows])
    assert {at: match.field for at, match in without_phone.items()} == {0: "employee_no", 1: "name"}


def test_identity_numbers_under_the_name_of_an_employee_number_are_sensitive() -> None:
    mapping = map_columns(["编号", "姓名", "手机"], [["11010519491231002X", "张三", "13800138001"]] * 3)
    assert mapping[0].field == "_sensitive.id_number"


def test_dates_and_plain_numbers_are_not_taken_for_what_a_list_needs() -> None:
    rows = [["2024/1/2", 5, "3"], ["2024/1/3", 7, "4"], ["2024/1/4", 9, "5"]]
    assert map_columns(["甲", "乙", "丙"], rows) == {}


def test_sensitive_columns_and_inverted_flags_are_known() -> None:
    expected = {"身份证号": "_sensitive.id_number", "银行卡号": "_sensitive.bank", "基本工资": "_sensitive.salary",
                "IBAN": "_sensitive.bank", "禁用状态": "status_inverse", "是否离职": "status_inverse",
                "Is Terminated": "status_inverse"}  # fmt: skip
    for header, field in expected.items():
        match = recognise(header)
        assert match is not None, header
        assert match.field == field, header


@pytest.mark.parametrize("header", ["禁用", "离职", "已离职", "Disabled", "Terminated"])
def test_a_bare_word_for_leaving_is_a_flag_only_where_the_values_are_yes_and_no(header: str) -> None:
    columns = ["工号", "姓名", header]
    assert (
        map_columns(columns, [["1", "张三", "是"], ["2", "李四", ""], ["3", "王五", "否"]])[2].field == "status_inverse"
    )
    for other in ("2024-01-05", "合同到期", "maybe"):
        assert 2 not in map_columns(columns, [["1", "张三", "是"], ["2", "李四", other]])


def test_of_two_flags_the_one_that_says_left_counts() -> None:
    columns = ["工号", "姓名", "禁用状态", "是否离职"]
    mapping = map_columns(columns, [["1", "张三", "启用", "是"]])
    assert {columns[at]: match.field for at, match in mapping.items()}["是否离职"] == "status_inverse"


def test_sensitive_columns_are_ticked_anew_for_every_list() -> None:
    headers = ["工号", "姓名", "身份证号"]
    kept = to_keep(headers, {0: "employee_no", 1: "name", 2: "id_number"})
    assert map_columns(headers, [], kept)[2].field == "_sensitive.id_number"


def test_a_lone_title_is_no_header_where_rows_of_cells_follow() -> None:
    assert find_header([["部门员工名单"], ["甲", "乙", "丙"], ["1", "2", "3"]])[0] == 1
    assert find_header([["", "员工姓名"], ["工号", "姓名"], ["1", "张三"]])[0] == 1


def test_a_remembered_header_wins_in_whatever_order_its_columns_stand() -> None:
    headers = ["工号（必填）", "姓名", "代号", "身份证号", "备注"]
    kept = to_keep(headers, {0: "employee_no", 1: "name", 2: "tags"})
    shuffled = headers[:]
    random.Random(1).shuffle(shuffled)
    assert fingerprint(shuffled) == fingerprint(headers) == fingerprint([*headers, "问题", "建议"])
    assert fingerprint(headers) != fingerprint(headers[:-1])
    mapping = map_columns(shuffled, [], kept)
    assert {shuffled[at]: match for at, match in mapping.items()} == {
        "工号（必填）": Match("employee_no", "remembered"),
        "姓名": Match("name", "remembered"),
        "代号": Match("tags", "remembered"),
        "身份证号": Match("_sensitive.id_number", "remembered"),
        "备注": Match("", "remembered"),
    }


def test_two_columns_of_one_name_are_remembered_apart() -> None:
    kept = to_keep(["电话", "电话 (2)", "电话(2)"], {0: "mobile"})
    assert len(kept) == 3


def test_traditional_headers_are_the_same_words() -> None:
    assert normalise_header("員工編號") == "员工编号"
