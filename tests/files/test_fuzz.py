"""A bounded number of mutated lists in every run of the suite; more on demand, see `tests.files.fuzz`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.files import fuzz
from welfare_desk.services.import_check import check_list

SEEDS = int(os.environ.get("WD_FUZZ", "320"))
BATCH = 80


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_whatever_the_file_rows_that_add_up_or_a_sentence(first: int) -> None:
    tally = fuzz.campaign(first, min(BATCH, SEEDS - first))
    assert tally.failures == []
    assert tally.seeds == min(BATCH, SEEDS - first)
    assert tally.outcomes["rows"] > 0


def test_a_seed_is_the_same_file_again(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    for seed in range(12):
        one, other = fuzz.make(seed, tmp_path), fuzz.make(seed, tmp_path / "again")
        assert one.suffix == other.suffix
        if one.suffix in (".csv", ".xls"):
            assert one.read_bytes() == other.read_bytes()


def test_a_broken_rule_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(fuzz.LINES), encoding="utf-8")
    assert fuzz.judge(path) == "rows"

    def forgets(*args: object, **options: object) -> object:
        check = check_list(*args, **options)  # type: ignore[arg-type]  # passed on as they came
        check.table.rows.append(["one more"])
        return check

    monkeypatch.setattr(fuzz, "check_list", forgets)
    with pytest.raises(AssertionError, match="rows"):
        fuzz.judge(path)
