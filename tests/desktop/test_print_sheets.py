"""Every printed code can be read by a phone, carries the whole link, and nothing half-made is left on the disk."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PySide6.QtWidgets import QApplication

from welfare_desk.desktop import print_sheets
from welfare_desk.desktop.background import Cancelled
from welfare_desk.errors import Unavailable

COMPANY = "晨光科技有限公司"


@dataclass(frozen=True)
class Row:
    grant_id: int
    employee_no: str | None
    name: str
    department: str
    reference: str
    url: str


@dataclass(frozen=True)
class Sheet:
    rows: tuple[Row, ...]
    name: str = "中秋福利"
    product: str = "视频会员月卡"
    public_url: str = "https://welfare.example.com"
    opens_at: int = 1_795_136_400_000
    closes_at: int = 1_796_054_400_000
    timezone: str = "Asia/Shanghai"


def sheet(count: int) -> Sheet:
    token = "ABCDEFGHJKLMNPQRSTUVWXYZ234567ABCDEF"
    rows = tuple(
        Row(n, f"{n:05d}", "欧阳娜娜", "总部/财务部", f"A7K2{n:04d}", f"https://welfare.example.com/c/{token}{n:04d}")
        for n in range(count)
    )
    return Sheet(rows)


def pages(path: Path) -> list[tuple[list[str], str]]:
    """The decoded codes and the text of every page."""
    document = pypdfium2.PdfDocument(path)
    found = []
    for page in document:
        picture = page.render(scale=200 / 72).to_pil()
        codes = [code.text for code in zxingcpp.read_barcodes(picture)]
        words = unicodedata.normalize("NFKC", page.get_textpage().get_text_bounded())
        found.append((codes, words))
        page.close()
    document.close()
    return found


@pytest.mark.parametrize(("layout", "counts"), [("2x5", [10, 10, 3]), ("3x8", [23])])
def test_every_code_is_read_back(qapp: QApplication, tmp_path: Path, layout: str, counts: list[int]) -> None:
    path, made = tmp_path / "cards.pdf", sheet(23)
    drawn = print_sheets.save_pdf(path, made, company=COMPANY, language="zh_CN", layout=layout)
    found = pages(path)
    assert drawn == len(found)
    assert [len(codes) for codes, _text in found] == counts
    assert {code for codes, _text in found for code in codes} == {row.url.upper() for row in made.rows}
    for _codes, words in found:
        for expected in ("欧阳娜娜", "财务部", "视频会员月卡", "11-20 09:00", "参考码", "welfare.example.com"):
            assert expected in words
    assert [entry.name for entry in tmp_path.iterdir()] == ["cards.pdf"]


def test_cards_stand_in_the_order_they_are_handed_out(qapp: QApplication, tmp_path: Path) -> None:
    rows = (Row(1, "2", "B", "Z", "R1", "HTTPS://A/1"), Row(2, "1", "A", "Z", "R2", "HTTPS://A/2"),
            Row(3, "9", "C", "A", "R3", "HTTPS://A/3"))  # fmt: skip
    print_sheets.save_pdf(tmp_path / "x.pdf", Sheet(rows), company=COMPANY, language="en")
    text = pages(tmp_path / "x.pdf")[0][1]
    assert text.index("R3") < text.index("R2") < text.index("R1")


def test_cancelling_leaves_nothing(qapp: QApplication, tmp_path: Path) -> None:
    def report(done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        print_sheets.save_pdf(tmp_path / "x.pdf", sheet(50), company=COMPANY, language="en", report=report)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        print_sheets.save_pdf(tmp_path / "no" / "x.pdf", sheet(1), company=COMPANY, language="en")
    assert refused.value.code == "file_unwritable"


def test_an_empty_sheet_is_one_page(qapp: QApplication, tmp_path: Path) -> None:
    assert print_sheets.save_pdf(tmp_path / "x.pdf", sheet(0), company=COMPANY, language="en") == 1
