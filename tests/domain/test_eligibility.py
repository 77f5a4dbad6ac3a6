"""The one evaluator, state by state."""

from __future__ import annotations

import dataclasses

import pytest

from welfare_desk.domain.accounts import tidy_account
from welfare_desk.domain.eligibility import (
    FAILURES_ALLOWED,
    FAILURES_FORGOTTEN_MS,
    Attempt,
    CampaignFacts,
    GrantFacts,
    failures_after,
    judge,
)

OPENS, CLOSES = 1_000_000, 2_000_000
GRANT = GrantFacts("open", 3, "123")
CAMPAIGN = CampaignFacts("open", OPENS, CLOSES, "employee_no")
RIGHT = Attempt(3, " ００123 ")


def reason(now: int = OPENS, grant: GrantFacts = GRANT, campaign: CampaignFacts = CAMPAIGN, **more: object) -> str:
    return judge(grant, campaign, now=now, **more).reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "expected"),
    [(OPENS - 1, "too_early"), (OPENS, "ready"), (CLOSES - 1, "ready"), (CLOSES, "expired"), (CLOSES + 1, "expired")],
)
def test_windows_are_half_open(now: int, expected: str) -> None:
    assert reason(now) == expected


def test_too_early_says_when() -> None:
    assert judge(GRANT, CAMPAIGN, now=OPENS - 1).next_at == OPENS


@pytest.mark.parametrize("typed", ["123", "00123", " 1 2 3 ", "１２３", "０0123"])
def test_numbers_are_compared_as_people_mean_them(typed: str) -> None:
    assert reason(attempt=Attempt(3, typed)) == "claimed"


@pytest.mark.parametrize("typed", ["", "124", "1230", "0", "12 4"])
def test_another_number_is_a_mismatch_and_counts(typed: str) -> None:
    verdict = judge(GRANT, CAMPAIGN, now=OPENS, attempt=Attempt(3, typed))
    assert (verdict.reason, verdict.wrong, verdict.can_claim) == ("mismatch", True, False)


def test_somebody_without_a_number_never_matches_an_empty_one() -> None:
    assert reason(grant=dataclasses.replace(GRANT, number_key=None), attempt=Attempt(3, "")) == "mismatch"


def test_old_links_revoked_grants_and_people_who_left_look_alike() -> None:
    assert reason(attempt=Attempt(2, "123")) == "revoked"
    for state in ("revoked", "left"):
        assert reason(grant=dataclasses.replace(GRANT, state=state), attempt=RIGHT) == "revoked"


def test_closed_is_over_paused_is_not_now_and_launching_does_not_exist() -> None:
    for state, expected in (("closed", "expired"), ("paused", "unavailable"), ("launching", "unknown")):
        assert reason(campaign=dataclasses.replace(CAMPAIGN, state=state)) == expected


def test_ten_wrong_numbers_lock_for_fifteen_minutes() -> None:
    grant = GRANT
    for _try in range(FAILURES_ALLOWED):
        assert judge(grant, CAMPAIGN, now=OPENS, attempt=Attempt(3, "9")).reason == "mismatch"
        count, since = failures_after(grant, OPENS)
        grant = dataclasses.replace(grant, failures=count, failures_since=since)
    locked = judge(grant, CAMPAIGN, now=OPENS + 1, attempt=RIGHT)
    assert (locked.reason, locked.next_at) == ("rate_limited", OPENS + FAILURES_FORGOTTEN_MS)
    assert judge(grant, CAMPAIGN, now=OPENS + FAILURES_FORGOTTEN_MS, attempt=RIGHT).reason == "claimed"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("revealed",), "claimed"), (("credited",), "credited"), (("crediting",), "pending"), (("unknown",), "pending"),
        (("failed",), "failed"), (("revealed", "crediting"), "pending"), (("revealed", "credited"), "claimed"),
    ],
)  # fmt: skip
def test_what_was_claimed_is_shown_as_it_stands_even_after_closing(states: tuple[str, ...], expected: str) -> None:
    grant = dataclasses.replace(GRANT, claimed_at=OPENS, fulfilments=states)
    assert reason(CLOSES + 5, grant) == expected
    again = judge(grant, CAMPAIGN, now=CLOSES + 5, attempt=RIGHT)
    assert (again.reason, again.again, again.can_claim) == (expected, True, False)
    assert judge(grant, CAMPAIGN, now=OPENS, attempt=Attempt(3, "9")).reason == "mismatch"


def test_a_top_up_wants_an_account_it_can_use() -> None:
    campaign = dataclasses.replace(CAMPAIGN, account_kind="phone")
    assert reason(campaign=campaign, attempt=RIGHT) == "account"
    assert reason(campaign=campaign, attempt=dataclasses.replace(RIGHT, account="+86 138 0013 8000")) == "claimed"
    failed = dataclasses.replace(GRANT, claimed_at=OPENS, fulfilments=("failed",))
    unconfirmed = dataclasses.replace(RIGHT, account="13800138000", confirmed=False)
    assert reason(campaign=campaign, attempt=unconfirmed) == "confirm"
    assert not judge(failed, campaign, now=OPENS, attempt=unconfirmed).retry
    again = judge(failed, campaign, now=OPENS, attempt=dataclasses.replace(RIGHT, account="13900139000"))
    assert (again.reason, again.retry) == ("pending", True)


def test_nothing_left_is_said_only_to_who_may_ask() -> None:
    assert reason(sold_out=True) == "sold_out"
    assert reason(sold_out=True, attempt=Attempt(3, "9")) == "mismatch"


def test_nobody_and_nothing_is_unknown() -> None:
    assert judge(None, CAMPAIGN, now=OPENS).reason == judge(GRANT, None, now=OPENS).reason == "unknown"


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("phone", "138 0013-8000", "13800138000"), ("phone", "008613800138000", "13800138000"),
        ("phone", "１３８００１３８０００", "13800138000"), ("phone", "12345", None), ("qq", " 10001 ", "10001"),
        ("qq", "012345", None), ("email", "A@B.cn", "a@b.cn"), ("email", "a.b.cn", None), ("any", "id 42", "id42"),
        ("any", "x" * 65, None), ("any", "", None),
    ],
)  # fmt: skip
def test_accounts(kind: str, typed: str, expected: str | None) -> None:
    assert tidy_account(kind, typed) == expected
