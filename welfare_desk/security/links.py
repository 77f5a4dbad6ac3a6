"""Law 4: the secret link of a grant, minted and checked by signature alone, without a database.

25 bytes = 40 signs: 3 bytes campaign key number, 5 bytes random (together the grant id), 1 byte = 2 bits master-key
generation + 6 bits link version, 16 bytes HMAC-SHA256 under HKDF(master[generation], campaign key number).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from welfare_desk.security.derive import derive
from welfare_desk.security.references import decode, encode

TOKEN_SIGNS = 40
MAX_VERSION = 63
CACHED_KEYS = 4096

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
Keyed = tuple[Any, Any]  # the two halves of an HMAC, up to the message


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link says."""

    grant_id: int
    version: int


@dataclass(slots=True)
class LinkKeys:
    """Mints and checks links. `masters` maps a generation (0..3) to 32 bytes; new links use the largest."""

    masters: dict[int, bytes]
    _campaign_keys: dict[tuple[int, int], Keyed] = field(default_factory=dict)

    def mint(self, grant_id: int, version: int) -> str:
        """The 40-sign token of a grant's link in that version (0..63)."""
        if not 0 <= version <= MAX_VERSION:
            raise ValueError("link version out of range")
        generation = max(self.masters)
        body = grant_id.to_bytes(8, "big") + bytes([generation << 6 | version])
        return encode(body + self._mac(generation, body))

    def check(self, token: str) -> Link | None:
        """The grant and version of a genuine token; None for anything else."""
        if len(token) != TOKEN_SIGNS:
            return None
        raw = decode(token)
        if raw is None or raw[8] >> 6 not in self.masters:
            return None
        body = raw[:9]
        if not hmac.compare_digest(self._mac(raw[8] >> 6, body), raw[9:]):
            return None
        return Link(int.from_bytes(body[:8], "big"), body[8] & 0x3F)

    def _mac(self, generation: int, body: bytes) -> bytes:
        number = int.from_bytes(body[:3], "big")
        keyed = self._campaign_keys.get((generation, number))
        if keyed is None:
            if len(self._campaign_keys) >= CACHED_KEYS:  # forged numbers must not fill the memory
                self._campaign_keys.clear()
            keyed = _keyed(derive(self.masters[generation], b"link", number.to_bytes(3, "big")))
            self._campaign_keys[generation, number] = keyed
        inner, outer = keyed[0].copy(), keyed[1].copy()
        inner.update(body)
        outer.update(inner.digest())
        return bytes(outer.digest()[:16])


def _keyed(key: bytes) -> Keyed:
    """HMAC-SHA256 up to the message. By hand, because `hmac.digest` lets go of the interpreter lock each time."""
    padded = key.ljust(64, b"\0")
    return hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))
