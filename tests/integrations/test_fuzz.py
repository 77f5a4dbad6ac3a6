"""Whatever a supplier answers, reading it ends in a value or in `unknown`, never in a crash or a refusal."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from welfare_desk.integrations.suppliers import kasushou_shapes as shapes
from welfare_desk.integrations.suppliers.base import OutcomeUnknown

leaves = some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20)
names = some.sampled_from(
    ["code", "msg", "data", "list", "total", "id", "goods_name", "goods_type", "goods_price", "status", "stock_num",
     "face_value", "attach", "key", "name", "tip", "start_count", "end_count", "ordersn", "external_orderno",
     "total_price", "has_back_money", "card_list", "card_no", "card_password", "recharge_hints"]
)  # fmt: skip
values = some.recursive(
    leaves, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(names, inner), max_leaves=20
)
tables = some.dictionaries(names, values)
known = some.fixed_dictionaries(
    {
        "goods_type": some.sampled_from([1, "1", 2, "2"]),
        "id": some.just(7) | leaves,
        "goods_name": some.just("券") | leaves,
        "goods_price": some.just("1.50") | leaves,
    }
)


@settings(max_examples=300, deadline=None)
@given(some.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()))
def test_envelopes(raw: bytes) -> None:
    with suppress(OutcomeUnknown):
        _agreed, message, data = shapes.envelope(raw)
        assert isinstance(message, str)
        assert all(isinstance(row, dict) for row in shapes.rows(data))


@settings(max_examples=300, deadline=None)
@given(
    tables,
    some.fixed_dictionaries(
        {"attach": values | some.integers(1, 9) | some.text(min_size=1) | some.lists(tables, max_size=2)},
        optional={"start_count": leaves, "end_count": leaves},
    ),
    known,
)
def test_offers(item: dict[str, Any], detail: dict[str, Any], more: dict[str, Any]) -> None:
    made = shapes.offer({**item, **more}, detail)
    if made is not None:
        assert made.price_minor > 0
        assert made.name == made.name.strip()
        assert made.min_quantity >= 1
        assert made.kind == "card_secret" or not made.on_sale or made.account_field is not None


@settings(max_examples=300, deadline=None)
@given(tables, some.sampled_from([-1, 1, 2, 3, 4, 5, "3", 7]))
def test_orders(row: dict[str, Any], status: object) -> None:
    with suppress(OutcomeUnknown):
        seen = shapes.snapshot({**row, "status": status})
        assert all(card.secret for card in seen.cards)
