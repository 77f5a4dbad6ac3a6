"""Base32 as people can read it aloud: 32 signs, none of 0, O, 1, I."""

from __future__ import annotations

import base64
import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_OURS = str.maketrans(_STANDARD, ALPHABET)
_TO_STANDARD = str.maketrans(ALPHABET, _STANDARD)


def encode(raw: bytes) -> str:
    """`raw` (a multiple of 5 bytes) as upper-case signs of ALPHABET, 8 for every 5 bytes."""
    return base64.b32encode(raw).decode("ascii").translate(_TO_OURS)


def decode(written: str) -> bytes | None:
    """The bytes behind `written`, or None when it has a foreign sign or an odd length."""
    signs = written.upper()
    if len(signs) % 8 or any(sign not in ALPHABET for sign in signs):
        return None
    return base64.b32decode(signs.translate(_TO_STANDARD))


def grant_reference(grant_id: int) -> str:
    """The non-secret 8-sign handle of a grant: its 40 random bits."""
    return encode((grant_id & ((1 << 40) - 1)).to_bytes(5, "big"))


def new_reference() -> str:
    """A random 8-sign handle, for people and campaigns."""
    return encode(secrets.token_bytes(5))


def tidy(written: str) -> str:
    """A typed reference without blanks and dashes, upper case; full-width signs are folded."""
    folded = "".join(chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) <= 0xFF5E else sign for sign in written)
    return "".join(sign for sign in folded.upper() if sign.isalnum())


def show(reference: str) -> str:
    """As printed: `A7K2-9QXM`."""
    return f"{reference[:4]}-{reference[4:]}"
