"""Lists of invented people as files, for the benchmarks of imports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell

from benchmarks.directory import DIVISIONS, FAMILY, GIVEN, SITES

HEADER = ("工号", "姓名", "部门", "手机", "邮箱", "入职日期", "状态", "职级", "工作地点", "生日", "标签", "备注")
PADDED = "0000000"
TAGS = ("", "新员工", "远程、骨干")


def write_list(path: Path, count: int, *, padded: bool = False) -> None:
    """A clean list of `count` people in 12 columns, as xlsx or csv by the ending.

    With `padded` the employee numbers of an xlsx are numbers whose format shows leading zeros.
    """
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(HEADER)
            writer.writerows(_people(count))
        return
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for number, *others in _people(count):
        sheet.append([_padded(sheet, number) if padded else number, *others])
    book.save(path)


def _padded(sheet: Any, number: str) -> Any:
    cell = WriteOnlyCell(sheet, int(number))
    cell.number_format = PADDED
    return cell


def _people(count: int) -> Iterator[tuple[str, ...]]:
    for at in range(1, count + 1):
        name = FAMILY[at % 20] + GIVEN[at // 20 % 20] + GIVEN[at // 400 % 20]
        yield (
            f"{at:07}", name, f"{DIVISIONS[at % 5]}/第{at % 37}组", str(13_000_000_000 + at), f"p{at:07}@example.com",
            f"20{at % 20 + 5:02}-{at % 12 + 1:02}-{at % 28 + 1:02}", "在职", f"P{at % 9}", SITES[at % 6],
            f"19{at % 40 + 60}-{at % 12 + 1:02}-{at % 28 + 1:02}", TAGS[at % 3], f"备注{at % 100}",
        )  # fmt: skip
