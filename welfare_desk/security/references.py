"""Base32 as people can read it aloud: 32 signs, none of 0, O, 1, I."""

from __future__ import annotations

import secrets
import sys
from array import array
from collections.abc import Iterator

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_DIGITS = b"0123456789abcdefghijklmnopqrstuv"
_VALUES = dict(zip(ALPHABET + ALPHABET.lower(), _DIGITS + _DIGITS, strict=True))
_TO_DIGITS = bytes(_VALUES.get(chr(byte), ord("!")) for byte in range(256))
_SIGNS = (ALPHABET * 8).encode()  # every byte is one of the 32 signs
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def encode(raw: bytes) -> str:
    """`raw` (a multiple of 5 bytes) as upper-case signs of ALPHABET, 8 for every 5 bytes."""
    number = int.from_bytes(raw, "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(len(raw) * 8 - 10, -1, -10)])


def decode(written: str) -> bytes | None:
    """The bytes behind `written`, in either case, or None when it has a foreign sign or an odd length."""
    if len(written) % 8:
        return None
    digits = written.encode("ascii", "replace").translate(_TO_DIGITS)
    if b"!" in digits:
        return None
    return int(digits or b"0", 32).to_bytes(len(written) // 8 * 5, "big")


def grant_reference(grant_id: int) -> str:
    """The non-secret 8-sign handle of a grant: its 40 random bits."""
    return encode((grant_id & ((1 << 40) - 1)).to_bytes(5, "big"))


def new_reference() -> str:
    """A random 8-sign handle, for people and campaigns."""
    return encode(secrets.token_bytes(5))


def new_references(count: int) -> str:
    """Different random handles, joined, in order: rows written in this order change an index at neighbouring places."""
    found: set[int] = set()
    while len(found) < count:
        found.update(_words(secrets.token_bytes(8 * (count - len(found))).translate(_SIGNS)))
    words = array("Q", sorted(found))
    if sys.byteorder == "little":
        words.byteswap()
    return words.tobytes().decode("ascii")


def each_reference(joined: str) -> Iterator[str]:
    """The handles of `new_references`."""
    return (joined[at : at + 8] for at in range(0, len(joined), 8))


def _words(signs: bytes) -> array[int]:
    """Eight signs as one number that is ordered as they are."""
    words = array("Q", signs)
    if sys.byteorder == "little":
        words.byteswap()
    return words


def tidy(written: str) -> str:
    """A typed reference without blanks and dashes, upper case; full-width signs are folded."""
    folded = "".join(chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) <= 0xFF5E else sign for sign in written)
    return "".join(sign for sign in folded.upper() if sign.isalnum())


def show(reference: str) -> str:
    """As printed: `A7K2-9QXM`."""
    return f"{reference[:4]}-{reference[4:]}"
