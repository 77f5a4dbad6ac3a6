"""The site's book: balance, stock and orders. An order's state follows from its age, so nothing has to tick."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from welfare_desk.integrations.simulator.faults import Fault
from welfare_desk.integrations.simulator.goods import ON_SALE, TOP_UP, Good
from welfare_desk.integrations.simulator.wire import Refusal, whole

BALANCE = Decimal("10000000.00")
ACCEPTED_SECONDS = 0.1
DELIVERED_SECONDS = 0.3
WAITING, PROCESSING, SUCCESS, CANCELLED, REFUNDED = 1, 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Order:
    """One accepted order. `root` is random: all its codes grow from it, so none appears twice anywhere."""

    ordersn: str
    external_orderno: str
    good_id: int
    quantity: int
    total: Decimal
    account: str
    placed_at: float
    root: bytes
    effects: tuple[Fault, ...] = ()

    def effect(self, kind: str, default: float) -> float | None:
        """The value of a fault planned for this order; None when it has none of that kind."""
        return next((fault.or_else(default) for fault in self.effects if fault.kind == kind), None)


class Book:
    """All orders of one account, in memory and perhaps in a file."""

    def __init__(self, goods: tuple[Good, ...], stock: int, now: Callable[[], float], state: Path | None) -> None:
        self.goods = {good.id: good for good in goods}
        self.balance = BALANCE
        self._now = now
        self._stock = dict.fromkeys(self.goods, stock)
        self._orders: dict[str, Order] = {}
        self._by_number: dict[str, Order] = {}
        self._lock = threading.Lock()
        self._state = state
        if state is not None and state.exists():
            for line in state.read_text(encoding="utf-8").splitlines():
                self._enter(_revived(json.loads(line)))

    def stock(self, good_id: int) -> int:
        """Pieces left."""
        return self._stock[good_id]

    def good(self, value: object) -> Good:
        """The good of that number; refuses one that does not exist."""
        good = self.goods.get(whole(value))
        if good is None:
            raise Refusal("商品不存在")
        return good

    def buy(self, fields: dict[str, Any], effects: tuple[Fault, ...]) -> Order:
        """Check everything the site checks, then accept the order and take its price from the balance."""
        good, quantity = self.good(fields.get("id", "")), whole(fields.get("quantity", ""))
        key = str(fields.get("external_orderno") or "")
        account = _account(good, fields.get("attach"))
        total = Decimal(good.price) * quantity
        if not key or len(key) > 64:
            raise Refusal("外部订单号错误")
        with self._lock:
            if key in self._orders:
                raise Refusal("外部订单号已存在")
            self._check(good, quantity, total, fields.get("safe_price"))
            now = self._now()
            number = f"D{int(now * 1000)}{int.from_bytes(os.urandom(3)) % 10**7:07}"
            order = Order(number, key, good.id, quantity, total, account, now, os.urandom(16), effects)
            self._enter(order)
            if self._state is not None:
                with self._state.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(_kept(order)) + "\n")
        return order

    def find(self, fields: dict[str, Any]) -> list[Order]:
        """Orders by our numbers or the caller's, several divided by commas; hidden ones are not found yet."""
        known = [(self._orders, "external_orderno"), (self._by_number, "ordersn")]
        named = [(orders, n) for orders, name in known for n in str(fields.get(name) or "").split(",") if n]
        if not named:
            raise Refusal("参数格式错误")
        found = {order.ordersn: order for orders, number in named if (order := orders.get(number.strip()))}
        return [order for order in found.values() if self._age(order) >= (order.effect("hidden", 30) or 0)]

    def row(self, order: Order) -> dict[str, Any]:
        """The order as order/info shows it now."""
        good, status = self.goods[order.good_id], self._status(order)
        back = order.total if status in {CANCELLED, REFUNDED} else Decimal(0)
        if status == SUCCESS and order.effect("partial-refund", 1) is not None:
            back = order.total / 2
        delivered = status in {SUCCESS, REFUNDED} and good.type != TOP_UP
        return {
            "ordersn": order.ordersn,
            "external_orderno": order.external_orderno,
            "status": int(order.effect("status", 7) or status) if status == SUCCESS else status,
            "goods_id": order.good_id,
            "goods_name": good.name,
            "quantity": order.quantity,
            "total_price": f"{order.total:.2f}",
            "has_back_money": f"{back:.2f}",
            "recharge_hints": {SUCCESS: "充值成功", CANCELLED: "充值失败，账号不符合要求"}.get(status, ""),
            "recharge_info": [{"n": "充值账号", "v": order.account, "k": "recharge_account"}] if order.account else [],
            "card_list": _cards(order, good) if delivered else [],
        }

    def _check(self, good: Good, quantity: int, total: Decimal, ceiling: object) -> None:
        if good.status != ON_SALE:
            raise Refusal("商品已下架")
        if not good.smallest <= quantity <= good.largest:
            raise Refusal("购买数量错误")
        if quantity > self._stock[good.id]:
            raise Refusal("库存不足")
        try:
            if ceiling is not None and Decimal(str(ceiling)) < Decimal(good.price):
                raise Refusal("价格高于安全价")
        except InvalidOperation as problem:
            raise Refusal("参数格式错误") from problem
        if total > self.balance:
            raise Refusal("余额不足")

    def _enter(self, order: Order) -> None:
        self._orders[order.external_orderno] = order
        self._by_number[order.ordersn] = order
        self._stock[order.good_id] -= order.quantity
        self.balance -= order.total

    def _age(self, order: Order) -> float:
        return self._now() - order.placed_at

    def _status(self, order: Order) -> int:
        age = self._age(order)
        ready = order.effect("delay", 10) or DELIVERED_SECONDS
        if age < ready:
            return WAITING if age < ACCEPTED_SECONDS else PROCESSING
        if order.effect("cancel", 1) is not None:
            return CANCELLED
        refund = order.effect("refund", 5)
        return REFUNDED if refund is not None and age >= ready + refund else SUCCESS


def _account(good: Good, attach: object) -> str:
    given = str(attach.get("recharge_account") or "") if isinstance(attach, dict) else ""
    if good.type == TOP_UP and not given:
        raise Refusal("充值账号不能为空")
    if good.rule and not re.fullmatch(good.rule, given):
        raise Refusal("充值账号格式错误")
    return given


def _cards(order: Order, good: Good) -> list[Any]:
    wanted = order.quantity - int(order.effect("short", 1) or 0)
    twice = int(order.effect("duplicates", 1) or 0)
    blank = int(order.effect("blank", 1) or 0)
    form = next((form for form in ("numeric", "strings") if order.effect(form, 1) is not None), good.cards)
    cards: list[Any] = []
    for place in range(max(wanted, 0)):
        number, secret = _card(order.root, 0 if place >= wanted - twice else place)
        if place < blank:
            number, secret = "", " "
        if order.effect("markup", 1) is not None:
            secret = f"<b>{secret}</b>&"
        if order.effect("spaces", 1) is not None:
            secret = f" {secret} \n"
        if form == "strings":
            cards.append(secret)
        elif form == "numeric":
            cards.append({"card_no": "", "card_password": int.from_bytes(_digest(order.root, place)[:7]) + 10**17})
        else:
            cards.append({"card_no": number, "card_password": secret})
    return cards


def _digest(root: bytes, place: int) -> bytes:
    return hashlib.blake2b(place.to_bytes(4), key=root, digest_size=18).digest()


def _card(root: bytes, place: int) -> tuple[str, str]:
    grown = _digest(root, place)
    return f"{int.from_bytes(grown[10:]) % 10**16:016}", base64.b32encode(grown[:10]).decode()


def _kept(order: Order) -> dict[str, Any]:
    kept = {name: getattr(order, name) for name in Order.__slots__ if name != "effects"}
    return {**kept, "total": str(order.total), "root": order.root.hex()}


def _revived(kept: dict[str, Any]) -> Order:
    return Order(**{**kept, "total": Decimal(kept["total"]), "root": bytes.fromhex(kept["root"])})
