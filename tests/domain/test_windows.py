"""Local times as people write them, and the moments they mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from welfare_desk.domain.windows import end_of, iso, moment, shown, zone_of
from welfare_desk.errors import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    "written",
    [
        datetime(2026, 11, 20, 9, 0, 0),  # noqa: DTZ001 - as TOML gives a local time
        "2026-11-20T09:00:00",
        " 2026-11-20 09:00 ",
        "2026-11-20T01:00:00Z",
        "2026-11-20T01:00:00+00:00",
        datetime(2026, 11, 19, 20, 0, 0, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_a_time_is_local_in_its_zone_unless_it_says_otherwise(written: object) -> None:
    assert moment(written, SHANGHAI, field="opens") == utc(2026, 11, 20, 1)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("tomorrow", "time_unreadable"),
        ("", "time_unreadable"),
        (20261120, "time_unreadable"),
        ("2026-11-20", "time_without_hour"),
        (date(2026, 11, 20), "time_without_hour"),
        ("2026-13-01T00:00:00", "time_unreadable"),
        ("0001-01-01T00:00:00+14:00", "time_year"),
        ("9999-12-31T23:59:59", "time_year"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(written: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        moment(written, SHANGHAI, field="closes")
    assert (refused.value.code, refused.value.field) == (code, "closes")


def test_an_hour_that_happens_twice_opens_at_the_first_and_closes_at_the_second() -> None:
    written = "2026-10-25T02:30:00"
    assert moment(written, BERLIN, field="opens") == utc(2026, 10, 25, 0, 30)
    assert moment(written, BERLIN, field="closes", later=True) == utc(2026, 10, 25, 1, 30)


def test_an_hour_that_never_happens_is_refused_with_the_next_one_that_does() -> None:
    with pytest.raises(Refused) as refused:
        moment("2026-03-29T02:30:00", BERLIN, field="opens")
    assert refused.value.code == "time_skipped"
    assert refused.value.params["next"] == "03:30"


def test_a_date_alone_extends_to_the_end_of_that_day() -> None:
    assert end_of("2026-12-15", SHANGHAI, field="closes") == utc(2026, 12, 15, 16)
    assert end_of("2026-12-15T18:00", SHANGHAI, field="closes") == utc(2026, 12, 15, 10)


@pytest.mark.parametrize("name", ["Asia/Beijing", "", "../etc/passwd", "asia/shanghai", "UTC+8"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(Refused) as refused:
        zone_of(name)
    assert (refused.value.code, refused.value.field) == ("zone_unknown", "timezone")


def test_moments_are_shown_in_their_zone() -> None:
    assert iso(utc(2026, 11, 20, 1), SHANGHAI) == "2026-11-20T09:00:00+08:00"
    assert shown(utc(2026, 11, 20, 1), SHANGHAI) == "2026-11-20 09:00"
