"""Short-lived proof that somebody passed the three checks of the start page; stands in for a link, reveals none."""

from __future__ import annotations

import hmac
import struct

from welfare_desk.security.derive import derive
from welfare_desk.security.links import Link
from welfare_desk.security.references import decode, encode

BODY = struct.Struct(">QBQ")
SIGNATURE = 18  # with the 17 bytes of the body a multiple of 5


def mint_carried(master: bytes, link: Link, until: int) -> str:
    """56 signs that stand for `link` until `until` (epoch milliseconds)."""
    body = BODY.pack(link.grant_id, link.version, until)
    return encode(body + _signature(master, body))


def check_carried(master: bytes, carried: str, now: int) -> Link | None:
    """The link a genuine one stands for, or None when it is forged or over."""
    raw = decode(carried) if len(carried) == (BODY.size + SIGNATURE) * 8 // 5 else None
    if raw is None or not hmac.compare_digest(_signature(master, raw[: BODY.size]), raw[BODY.size :]):
        return None
    grant_id, version, until = BODY.unpack(raw[: BODY.size])
    return Link(grant_id, version) if now < until else None


def _signature(master: bytes, body: bytes) -> bytes:
    return hmac.digest(derive(master, b"ticket"), body, "sha256")[:SIGNATURE]
