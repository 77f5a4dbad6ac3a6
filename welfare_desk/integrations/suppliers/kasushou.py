"""The connector to card sites that speak 卡速售 v2: signed JSON by POST, codes fetched by asking."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from welfare_desk.integrations.suppliers import kasushou_shapes as shapes
from welfare_desk.integrations.suppliers import transport
from welfare_desk.integrations.suppliers.base import (
    KINDS,
    Balance,
    Misconfigured,
    NotSent,
    Offer,
    OutcomeUnknown,
    Placed,
    Snapshot,
)

PREFIX = "/api/v1"
LARGEST = 3_000_000
BYTES_PER_CARD = 400
PAGE = 100
MOST_PAGES = 1_000
FIELDS = (*KINDS["kasushou"].required, *KINDS["kasushou"].optional)


def connect(config: Mapping[str, object]) -> Kasushou:
    """Make the connector; raises Misconfigured naming the field that is missing, wrong or unknown."""
    for name in config:
        if name not in FIELDS:
            raise Misconfigured("supplier_config_unknown", field=name, name=name)
    address = transport.base_address(config.get("url"), PREFIX)
    user_id, key = _word(config, "user_id"), _word(config, "key")
    seconds = config.get("timeout_seconds", transport.ANSWER_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0.1 <= seconds <= 120:
        raise Misconfigured("supplier_config_timeout", field="timeout_seconds")
    return Kasushou(address, user_id, key, float(seconds))


def encode(fields: Mapping[str, object]) -> bytes:
    """The body as the site will sign it again: top-level keys sorted, no blanks, slashes and Chinese as they are."""
    ordered = {name: _clean(fields[name]) for name in sorted(fields)}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def sign(timestamp: str, body: bytes, key: str) -> str:
    """Lower-case hex SHA-1 over timestamp, body and key."""
    return hashlib.sha1(timestamp.encode() + body + key.encode(), usedforsecurity=False).hexdigest()


class Kasushou:
    """One account at one site."""

    def __init__(
        self, address: str, user_id: str, key: str, seconds: float, now_ms: Callable[[], int] | None = None
    ) -> None:
        self._address = address
        self._user_id = user_id
        self._key = key
        self._seconds = seconds
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._client: httpx.Client = transport.open_client(address, seconds)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def check(self) -> Balance:
        """Prove that address, account and key work; gives the balance."""
        data = self._read("user/info", {})
        if not isinstance(data, dict) or "balance" not in data:
            raise OutcomeUnknown("supplier_garbled")
        return Balance(shapes.minor(data["balance"]), shapes.CURRENCY)

    def catalogue(self) -> Iterator[tuple[Offer, ...]]:
        """All codes and top-ups, page by page; one more question per good on sale for its order size and form."""
        seen: set[str] = set()
        for page in range(1, MOST_PAGES + 1):
            data = self._read("goods/list", {"limit": PAGE, "page": page})
            fresh = [row for row in shapes.rows(data) if shapes.plain(row.get("id")) not in seen]
            if not fresh:
                return
            seen.update(shapes.plain(row.get("id")) for row in fresh)
            offers = (shapes.offer(row, self._detail(row)) for row in fresh)
            yield tuple(offer for offer in offers if offer is not None)
            total = shapes.count(data.get("total")) if isinstance(data, dict) else None
            if total is not None and len(seen) >= total:
                return

    def place(
        self, order_key: str, offer_ref: str, quantity: int, price_ceiling_minor: int, account: str | None = None
    ) -> Placed:
        """Order once; the site must echo our key, or the outcome is unknown."""
        fields: dict[str, object] = {
            "id": int(offer_ref) if offer_ref.isdecimal() else offer_ref,
            "quantity": quantity,
            "external_orderno": order_key,
            "safe_price": f"{price_ceiling_minor // 100}.{price_ceiling_minor % 100:02}",
        }
        if account is not None:
            fields["attach"] = {shapes.ACCOUNT_KEY: account}
        agreed, message, data = self._ask("order/buy", fields, LARGEST)
        if not agreed:
            raise shapes.refusal(message)
        if not isinstance(data, dict) or not data.get("ordersn") or data.get("external_orderno") != order_key:
            raise OutcomeUnknown("supplier_garbled")
        total = shapes.plain(data.get("total_price"))
        return Placed(shapes.plain(data["ordersn"], 60), shapes.minor(total) if total else None)

    def query(self, order_key: str, *, quantity: int = 1) -> Snapshot:
        """What the site says about our key now; `quantity` bounds how long the answer may be."""
        largest = LARGEST + BYTES_PER_CARD * quantity
        agreed, message, data = self._ask("order/info", {"external_orderno": order_key, "day": 0}, largest)
        if not agreed:
            if any(words in message for words in shapes.NO_SUCH_ORDER):
                return Snapshot("not_found")
            raise shapes.refusal(message)
        if not isinstance(data, (list, dict)) and data is not None:
            raise OutcomeUnknown("supplier_garbled")
        found = shapes.rows(data)
        ours = [row for row in found if shapes.plain(row.get("external_orderno")) == order_key]
        if found and not ours:
            raise OutcomeUnknown("supplier_garbled")
        return shapes.snapshot(ours[0]) if ours else Snapshot("not_found")

    def _detail(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if shapes.plain(row.get("status")) != "1" or shapes.plain(row.get("goods_type")) not in shapes.GOODS_KINDS:
            return {}
        data = self._read("goods/info", {"id": row["id"]})
        return data if isinstance(data, dict) else {}

    def _read(self, operation: str, fields: Mapping[str, object]) -> Any:
        """A question without effects: asked again once, because one lost answer should not end a long catalogue."""
        try:
            agreed, message, data = self._ask(operation, fields, LARGEST)
        except (NotSent, OutcomeUnknown):
            agreed, message, data = self._ask(operation, fields, LARGEST)
        if not agreed:
            raise shapes.refusal(message)
        return data

    def _ask(self, operation: str, fields: Mapping[str, object], largest: int) -> tuple[bool, str, Any]:
        body = encode(fields)
        timestamp = str(self._now_ms())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "UserId": self._user_id,
            "Timestamp": timestamp,
            "Sign": sign(timestamp, body, self._key),
        }
        url = f"{self._address}/{operation}"
        raw = transport.post(self._client, url, headers, body, largest=largest, seconds=self._seconds)
        return shapes.envelope(raw)


def _word(config: Mapping[str, object], name: str) -> str:
    value = config.get(name)
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not text:
        raise Misconfigured("supplier_config_missing", field=name, name=name)
    if not text.isascii() or not text.isprintable() or len(text) > 200:
        raise Misconfigured("supplier_config_value", field=name, name=name)
    return text


def _clean(value: object) -> object:
    """Line and paragraph separators go: sites escape them when they sign, we do not."""
    if isinstance(value, str):
        return value.replace("\u2028", "").replace("\u2029", "")
    if isinstance(value, Mapping):
        return {str(name): _clean(inner) for name, inner in value.items()}
    return value
