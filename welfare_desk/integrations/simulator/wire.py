"""The protocol as the site sees it: signatures are checked over the request as the site would write it again.

Written against the vendor's description and vectors alone; the connector's code is not used here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

LARGEST_REQUEST = 1_000_000
CLOCK_SECONDS = 300


class Number(str):
    """A number exactly as it stood in the request: writing it again must not change a digit."""

    __slots__ = ()


class Refusal(Exception):
    """A business refusal: the site answers code 400 with this message."""


def parse(body: bytes) -> dict[str, Any]:
    """Read a request body; an empty one is an empty object."""
    try:
        fields = json.loads(body or b"{}", parse_int=Number, parse_float=Number)
    except ValueError as problem:
        raise Refusal("参数格式错误") from problem
    if not isinstance(fields, dict):
        raise Refusal("参数格式错误")
    return fields


def canonical(fields: dict[str, Any]) -> str:
    """The text that is signed: top-level keys in ASCII order, written as the site's language writes JSON."""
    if not fields:
        return "{}"
    ordered = sorted(fields.items(), key=lambda item: item[0].encode())
    return "{" + ",".join(f"{_text(name)}:{_write(value)}" for name, value in ordered) + "}"


def expected_sign(timestamp: str, fields: dict[str, Any], key: str) -> str:
    """Lower-case hex SHA-1 over timestamp, canonical body and key, one after another."""
    digest = hashlib.sha1(usedforsecurity=False)
    for part in (timestamp, canonical(fields), key):
        digest.update(part.encode())
    return digest.hexdigest()


def check_request(
    *, user_id: str, key: str, given_user: str, timestamp: str, sign: str, fields: dict[str, Any], now: float
) -> None:
    """Refuse an unknown account, a stale timestamp (300 s either way) and a wrong signature."""
    if given_user != user_id:
        raise Refusal("用户不存在")
    if len(timestamp) != 13 or not timestamp.isdecimal() or abs(int(timestamp) / 1000 - now) > CLOCK_SECONDS:
        raise Refusal("时间戳过期")
    if not hmac.compare_digest(expected_sign(timestamp, fields, key).encode(), sign.encode()):
        raise Refusal("签名错误")


def answer(code: object, message: str, data: object) -> bytes:
    """One envelope as bytes."""
    return json.dumps({"code": code, "msg": message, "data": data}, ensure_ascii=False).encode()


def whole(value: object) -> int:
    """A field that must be a whole number, as number or text; refuses anything else."""
    text = str(value)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Refusal("参数格式错误")
    return int(text)


def _write(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return "[" + ",".join(_write(item) for item in value) + "]"
    if isinstance(value, dict):
        # An empty object comes back as an empty list: the site's language has one type for both.
        return "{" + ",".join(f"{_text(k)}:{_write(v)}" for k, v in value.items()) + "}" if value else "[]"
    return {True: "true", False: "false", None: "null"}[value]


def _text(value: str) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return written.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
