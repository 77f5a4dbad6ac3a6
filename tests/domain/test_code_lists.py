"""Lists of codes in the shapes suppliers send them."""

from __future__ import annotations

from typing import Any

import pytest

from welfare_desk.domain import code_lists
from welfare_desk.errors import Refused


def test_one_code_a_line_with_or_without_number() -> None:
    text = "\ufeffA1----S1\r\n\n  S2  \nA3\tS3\nA4----\n"
    assert code_lists.from_lines(text) == [("A1", "S1"), ("", "S2"), ("A3", "S3")]


@pytest.mark.parametrize(
    ("columns", "row", "pair"),
    [
        (("卡号", "卡密"), ["001", " S "], ("001", "S")),
        (("序号", "兑换码"), [1, "S"], ("", "S")),
        (("Card number", "PIN"), ["7", 1234], ("7", "1234")),
        (("卡号",), ["only"], ("", "only")),
        (("Gift code", "x"), [12.0, None], ("", "12")),
    ],
)
def test_tables(columns: tuple[str, ...], row: list[Any], pair: tuple[str, str]) -> None:
    assert code_lists.from_table(columns, [row, []], 2) == [pair]


def test_a_table_without_codes_is_refused() -> None:
    with pytest.raises(Refused, match="code_columns"):
        code_lists.from_table(("姓名", "部门"), [["a", "b"]], 2)


@pytest.mark.parametrize("cell", [1234567890123456, 1.5, {"damaged": "digits"}, ["2026-01-01"], True])
def test_a_cell_that_lost_digits_is_named(cell: object) -> None:
    with pytest.raises(Refused, match="code_cell") as caught:
        code_lists.from_table(("卡密",), [["fine"], [cell]], 2)
    assert caught.value.params["row"] == 3
