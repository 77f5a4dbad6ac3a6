"""Lists of codes as suppliers send them: one a line, or a table with columns for card number and code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from welfare_desk.errors import Refused

SECRETS = ("卡密", "密码", "券码", "兑换码", "激活码", "链接", "secret", "code", "pin", "password", "link", "url")
NUMBERS = ("卡号", "序列号", "编号", "card number", "number", "card no", "serial")
DIVIDERS = ("----", "\t")

Codes = list[tuple[str, str]]


def from_lines(text: str) -> Codes:
    """(number, secret) pairs: one code a line, `number----secret` or divided by a tab where both are given."""
    codes = []
    for line in text.replace("\ufeff", "").splitlines():
        tidy = line.strip()
        divider = next((divider for divider in DIVIDERS if divider in tidy), None)
        number, _, secret = tidy.partition(divider) if divider else ("", "", tidy)
        if secret.strip():
            codes.append((number.strip(), secret.strip()))
    return codes


def from_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], first_row: int) -> Codes:
    """(number, secret) pairs of a table; `first_row` is the number of its first row as people see it.

    Raises Refused(`code_columns`) when no column holds codes, Refused(`code_cell`) for a cell that lost digits.
    """
    names = [column.strip().lower() for column in columns]
    secret_at, number_at = _column(names, SECRETS), _column(names, NUMBERS)
    if secret_at is None:
        secret_at, number_at = number_at, None
    if secret_at is None:
        raise Refused("code_columns", field="file", columns=", ".join(columns)[:200])
    codes = []
    for place, row in enumerate(rows):
        secret = _cell(row, secret_at, first_row + place)
        number = _cell(row, number_at, first_row + place) if number_at is not None else ""
        if secret:
            codes.append((number, secret))
    return codes


def _column(names: Sequence[str], words: Sequence[str]) -> int | None:
    exact = next((at for at, name in enumerate(names) if name in words), None)
    inside = next((at for at, name in enumerate(names) if any(word in name for word in words)), None)
    return exact if exact is not None else inside


def _cell(row: Sequence[Any], at: int, number: int) -> str:
    value = row[at] if at < len(row) else None
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    raise Refused("code_cell", field="file", row=number)
