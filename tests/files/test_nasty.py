"""Bad files end in a sentence that names the problem, soon, and never in a crash."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.files.nasty import HEAD, NASTY, million_styled_blanks, text_row, with_part
from welfare_desk import i18n
from welfare_desk.errors import Refused
from welfare_desk.files import limits, tables
from welfare_desk.files.archives import MIB
from welfare_desk.files.tables import read_table

SECONDS = 15


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[limits.Watch]:
    """Every watch over a parse child, with the most memory it saw."""
    made: list[limits.Watch] = []

    class Kept(limits.Watch):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]  # passed on as they came
            made.append(self)

    monkeypatch.setattr(tables, "Watch", Kept)
    return made


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_is_refused_within_15_seconds_and_within_its_memory(
    name: str, tmp_path: Path, watched: list[limits.Watch], record_property: Callable[[str, object], None]
) -> None:
    make, codes = NASTY[name]
    path = make(tmp_path / name)
    own = psutil.Process().memory_info().rss
    begun = time.monotonic()
    with pytest.raises(Refused) as refusal:
        read_table(path)
    took = time.monotonic() - begun
    assert took < SECONDS
    assert refusal.value.code in codes
    peak = max((watch.peak for watch in watched), default=0)
    record_property("seconds", round(took, 2))
    record_property("child MiB", peak // MIB)
    assert peak < limits.ADDRESS_LIMIT
    assert psutil.Process().memory_info().rss - own < 100 * MIB
    for language in i18n.LANGUAGES:
        sentence = i18n.error_text(language, refusal.value)
        assert len(sentence) > 10
        assert not sentence.startswith("error.")
        assert "{" not in sentence


def test_a_million_styled_rows_below_a_list_do_not_hide_it(tmp_path: Path, watched: list[limits.Watch]) -> None:
    path = million_styled_blanks(tmp_path / "list.xlsx")
    begun = time.monotonic()
    assert read_table(path).rows == [["1", "张三"]]
    assert time.monotonic() - begun < SECONDS
    assert watched[0].peak < limits.RESIDENT_LIMIT


@pytest.mark.parametrize("announced", ["A1:XFD1048576", "B9:A1", "A1:ZZZZ99999999999"])
def test_nonsense_a_sheet_says_of_its_size_does_not_matter(announced: str, tmp_path: Path) -> None:
    rows = text_row(1, "工号", "姓名") + text_row(2, "00001", "张三")
    sheet = f'{HEAD}<dimension ref="{announced}"/><sheetData>{rows}</sheetData></worksheet>'
    assert read_table(with_part(tmp_path / "list.xlsx", sheet=sheet.encode())).rows == [["00001", "张三"]]
