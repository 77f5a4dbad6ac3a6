"""What is done by hand for speed equals the library's answer."""

from __future__ import annotations

import hmac
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from welfare_desk.security.derive import derive
from welfare_desk.security.links import LinkKeys
from welfare_desk.security.references import ALPHABET, decode, encode


def test_sub_keys_are_hkdf() -> None:
    for _try in range(20):
        master, context = secrets.token_bytes(32), secrets.token_bytes(3)
        library = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"welfare-desk/link/" + context)
        assert derive(master, b"link", context) == library.derive(master)


def test_signatures_are_hmac() -> None:
    master = secrets.token_bytes(32)
    for grant_id in (1, 5 << 40 | 77, (1 << 63) - 1):
        raw = decode(LinkKeys({0: master}).mint(grant_id, 3))
        assert raw is not None
        key = derive(master, b"link", raw[:3])
        assert raw[9:] == hmac.digest(key, raw[:9], "sha256")[:16]


def test_signs_are_read_back_and_foreign_ones_refused() -> None:
    for size in (0, 5, 25, 35):
        raw = secrets.token_bytes(size)
        written = encode(raw)
        assert set(written) <= set(ALPHABET)
        assert decode(written) == decode(written.lower()) == raw
    assert encode(bytes(5)) == "AAAAAAAA"
    for foreign in (
        "AAAAAAA0",
        "AAAAAAA1",
        "IAAAAAAA",
        "OAAAAAAA",
        "AAAAAAAé",
        "AAAAAAA ",
        "_AAAAAAA",
        "+AAAAAAA",
        "AAA",
    ):
        assert decode(foreign) is None
