"""Reading what card sites of the 卡速售 family answer: lenient about shapes, strict about meaning.

Sites differ in numbers against strings, lists against wrapped lists, cards against plain strings. What is still
not understood raises OutcomeUnknown, never a refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from welfare_desk.integrations.suppliers.base import (
    AccountField,
    AccountKind,
    Card,
    Misconfigured,
    Offer,
    OfferKind,
    OrderState,
    OutcomeUnknown,
    Rejected,
    Snapshot,
    SupplierError,
)

CURRENCY = "CNY"
ACCOUNT_KEY = "recharge_account"
GOODS_KINDS: dict[str, OfferKind] = {"1": "card_secret", "2": "top_up"}
STATES: dict[str, OrderState] = {
    "-1": "waiting",
    "1": "waiting",
    "2": "processing",
    "3": "success",
    "4": "cancelled",
    "5": "refunded",
}
REFUSALS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("supplier_refused_balance", ("余额不足",)),
    ("supplier_refused_stock", ("库存不足",)),
    ("supplier_refused_off_sale", ("商品不存在", "商品已下架", "商品已暂停", "商品暂停销售", "商品禁止销售")),
    ("supplier_refused_price", ("价格高于安全价", "高于安全价格", "超过安全价", "商品价格已上涨")),
    ("supplier_refused_quantity", ("购买数量错误", "购买数量不能", "低于最小购买数量", "超过最大购买数量")),
    ("supplier_refused_account", ("充值账号格式错误", "充值账号不能为空", "充值账号错误")),
)
SETTINGS_AT_FAULT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("supplier_signature", ("签名错误", "签名验证失败", "签名不正确")),
    ("supplier_clock", ("时间戳错误", "时间戳过期", "请求已过期")),
    ("supplier_account", ("用户不存在", "用户已禁用", "账号已冻结")),
)
PERHAPS_ORDERED = ("已存在", "重复", "已提交", "处理中")
NO_SUCH_ORDER = ("订单不存在", "没有找到订单", "未找到订单", "查无此订单")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_LARGEST = Decimal(10) ** 12


def envelope(raw: bytes) -> tuple[bool, str, Any]:
    """Read `{code, msg, data}`; gives whether it says yes, the message, and the data."""
    try:
        answer = json.loads(raw.decode("utf-8-sig"), parse_float=Decimal, parse_int=_whole)
    except (ValueError, RecursionError) as problem:
        raise OutcomeUnknown("supplier_garbled") from problem
    if not isinstance(answer, dict) or "code" not in answer:
        raise OutcomeUnknown("supplier_garbled")
    code, message, data = str(answer["code"]), plain(answer.get("msg")), answer.get("data")
    if code == "200" or (code in {"0", "1"} and data):
        return True, message, data
    if code == "400":
        return False, message, data
    raise OutcomeUnknown("supplier_code", answer=plain(code)[:20], message=message)


def refusal(message: str) -> SupplierError:
    """What a refused request means: only a message of the closed list is Rejected or Misconfigured."""
    if not any(words in message for words in PERHAPS_ORDERED):
        for code, phrases in SETTINGS_AT_FAULT:
            if any(phrase in message for phrase in phrases):
                return Misconfigured(code)
        for code, phrases in REFUSALS:
            if any(phrase in message for phrase in phrases):
                return Rejected(code)
    return OutcomeUnknown("supplier_unclear", message=message)


def plain(value: object, limit: int = 200) -> str:
    """One line of plain text, without control and direction characters; markup stays what it is: text."""
    return _SPACES.sub(" ", str(value)).strip()[:limit] if isinstance(value, (str, int, Decimal)) else ""


def minor(value: object, *, up: bool = False) -> int:
    """Yuan as text or number to fen; `up` rounds a price of more than two decimals up, else half up."""
    try:
        amount = Decimal(plain(value))
        if not amount.is_finite() or abs(amount) >= _LARGEST:
            raise OutcomeUnknown("supplier_garbled")
        return int((amount * 100).to_integral_value(ROUND_CEILING if up else ROUND_HALF_UP))
    except DecimalException as problem:
        raise OutcomeUnknown("supplier_garbled") from problem


def rows(data: object) -> list[dict[str, Any]]:
    """The list in `data`, be it the list itself, under `list`, or one bare row."""
    found = data.get("list", [data] if data else []) if isinstance(data, dict) else data
    return _dicts(found)


def count(value: object) -> int | None:
    """A whole number of 1 or more, or None where the site says nothing usable (0 means no limit)."""
    text = plain(value)
    return int(text) if text.isdecimal() and 0 < int(text) < 10**9 else None


def offer(item: Mapping[str, Any], detail: Mapping[str, Any]) -> Offer | None:
    """One catalogue line from goods/list and goods/info; None for goods that cannot be given: neither codes nor
    top-ups, or without number, name or readable price."""
    kind = GOODS_KINDS.get(plain(item.get("goods_type")))
    ref, name, price = plain(item.get("id"), 40), plain(item.get("goods_name")), _readable(item, "goods_price", up=True)
    if kind is None or not ref or not name or not price:
        return None
    form = _dicts(detail.get("attach"))
    # A person types one account on the claim page: goods that ask for more than that cannot be given.
    asks = [plain(field.get("key")) for field in form]
    stock = plain(item.get("stock_num"))
    return Offer(
        ref=ref,
        name=name,
        kind=kind,
        price_minor=price,
        currency=CURRENCY,
        face_value_minor=_readable(item, "face_value"),
        stock=int(stock) if stock.isdecimal() and len(stock) < 12 else None,
        min_quantity=count(detail.get("start_count")) or 1,
        max_quantity=count(detail.get("end_count")),
        on_sale=plain(item.get("status")) == "1" and asks == ([ACCOUNT_KEY] if kind == "top_up" else []),
        account_field=account_field(form[0]) if kind == "top_up" and form else None,
    )


def account_field(field: Mapping[str, Any]) -> AccountField:
    """The order form's only field; its kind is judged by its words."""
    label, tip = plain(field.get("name"), 60), plain(field.get("tip"), 60)
    words = f"{label} {tip}".lower()
    kinds: tuple[tuple[AccountKind, tuple[str, ...]], ...] = (
        ("phone", ("手机", "电话", "phone", "mobile")),
        ("email", ("邮箱", "mail")),
        ("qq", ("qq",)),
    )
    kind: AccountKind = next((kind for kind, hints in kinds if any(hint in words for hint in hints)), "text")
    return AccountField(label or tip, kind)


def snapshot(row: Mapping[str, Any]) -> Snapshot:
    """One row of order/info; a status outside the closed set raises OutcomeUnknown."""
    status = plain(row.get("status"))
    state = STATES.get(status)
    if state is None:
        raise OutcomeUnknown("supplier_state", status=status[:20])
    total, refunded = plain(row.get("total_price")), plain(row.get("has_back_money"))
    return Snapshot(
        state=state,
        supplier_no=plain(row.get("ordersn"), 60),
        total_minor=minor(total) if total else None,
        refunded_minor=minor(refunded) if refunded else 0,
        cards=cards(row.get("card_list")),
        hint=plain(row.get("recharge_hints")),
    )


def cards(listed: object) -> tuple[Card, ...]:
    """The delivered codes; blank ones are left out, a number without a password is the secret itself."""
    found = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict):
            number, secret = plain(entry.get("card_no"), 500), plain(entry.get("card_password"), 500)
        else:
            number, secret = "", plain(entry, 500)
        if secret or number:
            found.append(Card(number, secret) if secret else Card("", number))
    return tuple(found)


def _whole(digits: str) -> int | str:
    """Codes of many digits stay text: no number is worth reading a thousand digits for."""
    return int(digits) if len(digits) <= 18 else digits


def _readable(item: Mapping[str, Any], name: str, *, up: bool = False) -> int | None:
    """An amount of a catalogue line, or None where the site masks it or says nothing."""
    try:
        return max(minor(item.get(name), up=up), 0) or None
    except OutcomeUnknown:
        return None


def _dicts(listed: object) -> list[dict[str, Any]]:
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
