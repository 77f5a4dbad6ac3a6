"""The card-site connector: the vendor's vectors, lenient reading, and what each failure means for the money."""

from __future__ import annotations

import json
import socket
from decimal import Decimal
from typing import Any

import pytest

from tests.support.supplier import practice
from welfare_desk.errors import Refused
from welfare_desk.integrations.suppliers import kasushou, registry
from welfare_desk.integrations.suppliers import kasushou_shapes as shapes
from welfare_desk.integrations.suppliers.base import (
    Card,
    Misconfigured,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Supplier,
)

KEY = "ORDER0000000000000001"
CONFIG = {"url": "http://127.0.0.1:1", "user_id": "1", "key": "K"}


def made(config: dict[str, Any], **changes: Any) -> Supplier:
    return registry.connect("kasushou", {**config, **changes})


def test_signs_as_the_vendor_does() -> None:
    body = kasushou.encode({"ordersn": "D100759082558859640832", "external_orderno": "", "day": 10})
    assert body == b'{"day":10,"external_orderno":"","ordersn":"D100759082558859640832"}'
    signed = kasushou.sign("1696645385740", body, "H0YnuPpcVtx7rQdMTbjN6932s5oDOqFa")
    assert signed == "15b8f541eb10e3fbb33efd92c8d52d50ddca0784"


def test_body_keeps_chinese_and_slashes_and_drops_line_separators() -> None:
    assert kasushou.encode({"b": "卡/密\u2028", "a": {"z": 1, "y": "\u2029"}}) == (
        '{"a":{"z":1,"y":""},"b":"卡/密"}'.encode()
    )
    assert kasushou.encode({}) == b"{}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://user:word@x"}, "url"),
        ({"url": "http://[bad"}, "url"),
        ({"key": None}, "key"),
        ({"key": "中"}, "key"),
        ({"user_id": " "}, "user_id"),
        ({"secret": "x"}, "secret"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_wrong_configuration_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        made(CONFIG, **changes)
    assert caught.value.field == field


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(Refused, match="supplier_kind_unknown"):
        registry.connect("nobody", {})


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'{"msg":1}', b"\xff\xfe", b"<html>", b"[" * 100_000])
def test_rubbish_is_unknown(raw: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        shapes.envelope(raw)


@pytest.mark.parametrize(
    ("answer", "agreed"),
    [
        ({"code": 200, "data": []}, True),
        ({"code": "200", "msg": None}, True),
        ({"code": 0, "data": {"x": 1}}, True),
        ({"code": "1", "data": [1]}, True),
        ({"code": 400, "msg": "余额不足"}, False),
        ({"code": "400"}, False),
    ],
)
def test_envelopes_of_several_sites(answer: dict[str, Any], agreed: bool) -> None:
    assert shapes.envelope(json.dumps(answer).encode())[0] is agreed


@pytest.mark.parametrize("code", [0, 1, 201, 500, 401, "x", None, 7])
def test_unlisted_codes_are_unknown(code: object) -> None:
    with pytest.raises(OutcomeUnknown):
        shapes.envelope(json.dumps({"code": code, "msg": "余额不足"}).encode())


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("余额不足，请充值", Rejected),
        ("库存不足", Rejected),
        ("价格高于安全价", Rejected),
        ("签名错误", Misconfigured),
        ("外部订单号已存在", OutcomeUnknown),
        ("订单重复提交，余额不足", OutcomeUnknown),
        ("系统繁忙", OutcomeUnknown),
        ("", OutcomeUnknown),
    ],
)
def test_only_the_closed_list_is_a_refusal(message: str, kind: type[Exception]) -> None:
    assert type(shapes.refusal(message)) is kind


@pytest.mark.parametrize(
    ("value", "fen"),
    [("3.05", 305), (Decimal("3.050"), 305), (3, 300), ("0.1", 10), ("1.005", 101), ("0.004", 0), ("-2", -200)],
)
def test_money_is_exact(value: object, fen: int) -> None:
    assert shapes.minor(value) == fen


def test_prices_round_up() -> None:
    assert shapes.minor("7.3333", up=True) == 734


@pytest.mark.parametrize("value", [None, "", "NaN", "Infinity", "1e99", "9" * 40, [], {}, "三", True and "x"])
def test_unreadable_money_is_unknown(value: object) -> None:
    with pytest.raises(OutcomeUnknown):
        shapes.minor(value)


def test_cards_in_every_shape() -> None:
    listed = [
        {"card_no": "00123", "card_password": " S-1 \n"},
        {"card_no": "", "card_password": 100000000000000017},
        {"card_no": "only-number", "card_password": ""},
        {"card_no": "", "card_password": "  "},
        "plain----text",
        " ",
        None,
        7,
    ]
    assert shapes.cards(listed) == (
        Card("00123", "S-1"),
        Card("", "100000000000000017"),
        Card("", "only-number"),
        Card("", "plain----text"),
        Card("", "7"),
    )
    assert shapes.cards({"not": "a list"}) == ()


def test_a_card_does_not_tell_its_secret() -> None:
    assert "S-1" not in repr(Card("1", "S-1"))


@pytest.mark.parametrize("status", [7, "7", 0, None, "success", 3.5])
def test_unknown_states_are_unknown(status: object) -> None:
    with pytest.raises(OutcomeUnknown):
        shapes.snapshot({"status": status})


@pytest.mark.parametrize(
    ("status", "state"),
    [(-1, "waiting"), (1, "waiting"), ("2", "processing"), (3, "success"), ("4", "cancelled"), (5, "refunded")],
)
def test_known_states(status: object, state: str) -> None:
    assert shapes.snapshot({"status": status}).state == state


def test_reads_a_whole_catalogue_the_awkward_goods_included() -> None:
    with practice(awkward=True) as site:
        supplier = made(site.config)
        offers = {offer.ref: offer for page in supplier.catalogue() for offer in page}
        supplier.close()
    assert offers["10001"].price_minor == 2150
    assert offers["10001"].max_quantity == 100_000
    assert offers["20001"].kind == "top_up"
    field = offers["20001"].account_field
    assert field is not None
    assert field.kind == "phone"
    assert not offers["30001"].on_sale
    assert not offers["30002"].on_sale
    assert offers["30003"].name == "<b>特价</b> 影院通兑券 <script>alert(1)</script>"
    assert offers["30004"].name == "名称 带 空白 与'引号'\"和/斜杠\\"
    assert offers["30004"].price_minor == 734
    assert offers["30007"].min_quantity == 10
    assert "30008" not in offers
    assert not offers["30009"].on_sale
    assert (offers["30010"].face_value_minor, offers["30010"].stock) == (None, None)


def test_places_and_asks() -> None:
    with practice() as site:
        supplier = made(site.config)
        placed = supplier.place(KEY, "10001", 2, 2150)
        assert placed.total_minor == 4300
        assert supplier.query(KEY, quantity=2).supplier_no == placed.supplier_no
        assert supplier.query("ANOTHER00000000000001").state == "not_found"
        assert supplier.check().available_minor == 1_000_000_000 - 4300
        supplier.close()


@pytest.mark.parametrize(
    "fault",
    ["500", "502", "503", "429", "timeout=2", "cut", "rubbish", "html", "empty", "huge", "code", "unlisted", "slow=2",
     "duplicate-key"],
)  # fmt: skip
def test_a_failure_before_the_order_was_taken_is_unknown(fault: str) -> None:
    with practice(f"buy:{fault}*1") as site:
        supplier = made(site.config)
        with pytest.raises(OutcomeUnknown):
            supplier.place(KEY, "10001", 2, 2150)
        supplier.close()
        if not fault.startswith("slow"):
            assert site.orders() == 0


@pytest.mark.parametrize("fault", ["500", "502", "timeout=2", "cut", "rubbish", "html", "empty", "huge", "code=7"])
def test_a_failure_after_the_order_was_taken_is_unknown(fault: str) -> None:
    kind, _, value = fault.partition("=")
    with practice(f"buy:{kind}-after-accept{'=' + value if value else ''}*1") as site:
        supplier = made(site.config)
        with pytest.raises(OutcomeUnknown):
            supplier.place(KEY, "10001", 2, 2150)
        assert supplier.query(KEY, quantity=2).state in ("waiting", "processing", "success")
        supplier.close()
        assert site.orders() == 1


@pytest.mark.parametrize("fault", ["price-raised", "no-balance", "out-of-stock", "off-sale"])
def test_refusals_of_the_closed_list(fault: str) -> None:
    with practice(f"buy:{fault}*1") as site:
        supplier = made(site.config)
        with pytest.raises(Rejected):
            supplier.place(KEY, "10001", 2, 2150)
        supplier.close()


@pytest.mark.parametrize(
    ("ref", "quantity", "ceiling", "account", "code"),
    [
        ("10001", 1, 2149, None, "supplier_refused_price"),
        ("10001", 100_001, 2150, None, "supplier_refused_quantity"),
        ("99999", 1, 2150, None, "supplier_refused_off_sale"),
        ("20001", 1, 4960, "12", "supplier_refused_account"),
        ("20001", 1, 4960, None, "supplier_refused_account"),
        ("10010", 100_000, 4979, None, "supplier_refused_price"),
    ],
)
def test_refusals_of_the_site_itself(ref: str, quantity: int, ceiling: int, account: str | None, code: str) -> None:
    with practice() as site:
        supplier = made(site.config)
        with pytest.raises(Rejected, match=code):
            supplier.place(KEY, ref, quantity, ceiling, account)
        supplier.close()
        assert site.orders() == 0


@pytest.mark.parametrize(
    ("changes", "code"), [({"key": "X"}, "supplier_signature"), ({"user_id": "9"}, "supplier_account")]
)
def test_wrong_credentials(changes: dict[str, Any], code: str) -> None:
    with practice() as site:
        supplier = made(site.config, **changes)
        with pytest.raises(Misconfigured, match=code):
            supplier.check()
        supplier.close()


def test_a_wrong_clock() -> None:
    with practice("user:clock*1") as site:
        supplier = made(site.config)
        with pytest.raises(Misconfigured, match="supplier_clock"):
            supplier.check()
        supplier.close()


def test_nobody_there_means_nothing_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    supplier = made(CONFIG, url=f"http://127.0.0.1:{port}")
    with pytest.raises(NotSent):
        supplier.place(KEY, "10001", 1, 2150)
    supplier.close()


def test_one_lost_answer_does_not_end_a_catalogue() -> None:
    with practice("goods:rubbish*1,list:500*1") as site:
        supplier = made(site.config)
        assert sum(len(page) for page in supplier.catalogue()) == 16
        supplier.close()


def test_a_long_list_of_cards_passes_where_it_was_ordered() -> None:
    with practice("order:delay=0.05") as site:
        supplier = made({**site.config, "timeout_seconds": 20})
        supplier.place(KEY, "10001", 60_000, 2150)
        found = supplier.query(KEY, quantity=60_000)
        while found.state != "success":
            found = supplier.query(KEY, quantity=60_000)
        assert len({card.secret for card in found.cards}) == 60_000
        with pytest.raises(OutcomeUnknown, match="supplier_too_large"):
            supplier.query(KEY, quantity=1)
        supplier.close()
