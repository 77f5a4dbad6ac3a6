"""Plan files: read exactly, and every bad field named."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from welfare_desk.domain.plans import Audience, PlanRefused, make_plan, read_plan

GOOD = """
name = "中秋福利"
product = "sim-1001"
audience = "all"
opens = 2026-11-20T09:00:00
closes = "2026-12-01T00:00:00"
timezone = "Asia/Shanghai"
verify = "employee_no"
channels = ["email"]
quantity = 1
"""


def document(**changed: Any) -> dict[str, Any]:
    made = {
        "name": "n", "product": "p", "audience": "all", "opens": "2026-11-20T09:00:00", "closes": "2026-12-01T00:00:00",
    }  # fmt: skip
    return {key: value for key, value in (made | changed).items() if value is not None}


def refusal(**changed: Any) -> PlanRefused:
    with pytest.raises(PlanRefused) as refused:
        make_plan(document(**changed))
    return refused.value


def test_the_plan_of_the_manual_is_read() -> None:
    plan = read_plan(GOOD.encode())
    assert (plan.name, plan.product, plan.audience) == ("中秋福利", "sim-1001", Audience("all"))
    assert (plan.opens_at, plan.closes_at) == (1_795_136_400_000, 1_796_054_400_000)
    assert (plan.timezone, plan.verify, plan.channels, plan.quantity) == ("Asia/Shanghai", "employee_no", ("email",), 1)


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    assert read_plan(b"\xef\xbb\xbf" + GOOD.encode()).name == "中秋福利"


def test_only_what_must_be_said_must_be_said() -> None:
    plan = make_plan(document())
    assert (plan.timezone, plan.verify, plan.channels, plan.quantity, plan.message) == (
        "Asia/Shanghai", "employee_no", (), 1, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"name": None}, "name", "plan_missing_key"),
        ({"name": "  "}, "name", "plan_needs_text"),
        ({"name": "x" * 121}, "name", "plan_name_long"),
        ({"product": None}, "product", "plan_missing_key"),
        ({"product": 5}, "product", "plan_needs_text"),
        ({"audience": "everybody"}, "audience", "plan_audience"),
        ({"audience": {"department": " / "}}, "audience", "plan_audience"),
        ({"audience": {"department": "a", "people": []}}, "audience", "plan_audience"),
        ({"audience": {"people": "00001"}}, "audience", "plan_audience"),
        ({"audience": {"people": [1]}}, "audience", "plan_audience"),
        ({"opens": "soon"}, "opens", "time_unreadable"),
        ({"closes": "2026-11-20T09:00:00"}, "closes", "closes_before_opens"),
        ({"closes": "2026-11-20T08:59:59.999"}, "closes", "closes_before_opens"),
        ({"timezone": "Asia/Atlantis"}, "timezone", "zone_unknown"),
        ({"timezone": 8}, "timezone", "plan_needs_text"),
        ({"verify": "phone"}, "verify", "plan_verify"),
        ({"channels": "email"}, "channels", "plan_channels"),
        ({"channels": ["pigeon"]}, "channels", "plan_channels"),
        ({"channels": [["email"]]}, "channels", "plan_channels"),
        ({"quantity": 0}, "quantity", "plan_quantity"),
        ({"quantity": True}, "quantity", "plan_quantity"),
        ({"quantity": 1.5}, "quantity", "plan_quantity"),
        ({"message": 3}, "message", "plan_message"),
        ({"chanels": []}, "chanels", "plan_unknown_key"),
    ],
)
def test_a_bad_field_is_named(changed: dict[str, Any], field: str, code: str) -> None:
    refused = refusal(**changed)
    assert (refused.field, refused.code, refused.others) == (field, code, ())


def test_every_bad_field_is_named_at_once() -> None:
    refused = refusal(colour="red", quantity=0, timezone="x", name=None, closes="2026-01-01T00:00:00")
    fields = [refused.field, *(other.field for other in refused.others)]
    assert fields == ["colour", "timezone", "name", "quantity", "closes"]
    assert pickle.loads(pickle.dumps(refused)).others[0].field == "timezone"


@pytest.mark.parametrize(
    ("source", "code"),
    [(b"name = ", "plan_not_toml"), (b"\xff\xfe", "plan_not_utf8"), (b"name = 'a'\nname = 'b'", "plan_not_toml"),
     (b"x = " + b"[" * 5000, "plan_not_toml")],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused(source: bytes, code: str) -> None:
    with pytest.raises(PlanRefused) as refused:
        read_plan(source)
    assert (refused.value.code, refused.value.field) == (code, "plan")


def test_departments_and_people_are_audiences() -> None:
    assert make_plan(document(audience={"department": " 总部 / 财务部/"})).audience == Audience(
        "department", department="总部/财务部"
    )
    chosen = make_plan(document(audience={"people": ["00001", "2"]})).audience
    assert chosen.document() == {"people": ["00001", "2"]}
