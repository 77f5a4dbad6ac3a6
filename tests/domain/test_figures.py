"""Buckets, rates and groups that say no more than they know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from welfare_desk.domain.department_groups import common_root, group
from welfare_desk.domain.figures import day_of, local_day, percent_digits, quarter, rate, wilson

PATHS = ("a", "a/b", "a/c", "d/e", "d/e/f", "g", "")
ZONES = ("Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")
MIDNIGHT = 1_795_017_600_000  # 2026-11-19 00:00 in Shanghai


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (MIDNIGHT, "Asia/Shanghai", 20261119),
        (MIDNIGHT - 1, "Asia/Shanghai", 20261118),
        (MIDNIGHT, "America/New_York", 20261118),
        (MIDNIGHT, "Asia/Kathmandu", 20261118),
        (0, "UTC", 19700101),
    ],
)
def test_the_day_is_local(moment: int, zone: str, day: int) -> None:
    assert local_day(moment, zone) == day
    assert int(day_of(day).strftime("%Y%m%d")) == day


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(ZONES))
def test_no_day_begins_inside_a_quarter_of_an_hour(moment: int, zone: str) -> None:
    start = quarter(moment)
    assert local_day(start, zone) == local_day(start + 15 * 60_000 - 1, zone)


def test_rates_admit_when_nothing_is_known() -> None:
    assert rate(0, 0) is None
    assert wilson(0, 0) is None
    assert rate(3, 4) == 0.75
    assert [percent_digits(n) for n in (9, 10, 199, 200)] == [None, 0, 0, 1]


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate(counts: tuple[int, int]) -> None:
    between = wilson(*counts)
    assert between is not None
    assert 0 <= between.low <= counts[0] / counts[1] + 1e-9
    assert counts[0] / counts[1] - 1e-9 <= between.high <= 1


def test_three_of_four_is_anywhere_between_30_and_95_per_cent() -> None:
    between = wilson(3, 4)
    assert between is not None
    assert (round(between.low, 2), round(between.high, 2)) == (0.30, 0.95)


def test_departments_are_grouped_one_level_below_what_all_share() -> None:
    rows = [("总部/财务部", 10, 10, 5), ("总部/研发部/平台组", 8, 8, 8), ("总部/研发部/产品组", 6, 6, 2)]
    assert [(one.path, one.grants, one.claimed, one.deeper) for one in group(rows)] == [
        ("总部/研发部", 14, 10, True), ("总部/财务部", 10, 5, False),
    ]  # fmt: skip
    assert [one.name for one in group(rows[1:], "总部/研发部")] == ["平台组", "产品组"]
    assert common_root(["a/b", "a"]) == common_root([]) == common_root(["a"]) == ""


def test_small_departments_hide_among_others_and_never_alone() -> None:
    shown = group([("a", 40, 40, 20), ("b", 9, 9, 9), ("c", 4, 4, 1)])
    assert [(one.path, one.grants, one.merged) for one in shown] == [("a", 40, 1), ("", 13, 2)]
    both = group([("a", 40, 40, 20), ("b", 2, 2, 1), ("c", 4, 0, 0)])
    assert [(one.path, one.merged, one.rate) for one in both] == [("a", 1, 0.5), ("", 2, 0.5)]
    nowhere = group([("a", 40, 40, 20), ("", 8, 8, 8)])
    assert [(one.path, one.merged) for one in nowhere] == [("", 0), ("a", 1)]


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.integers(0, 9)), max_size=12))
def test_grouping_loses_nobody(rows: list[tuple[str, int]]) -> None:
    shown = group([(path, count, count, 0) for path, count in rows])
    assert sum(one.grants for one in shown) == sum(count for _path, count in rows)
