"""Operators' passwords: Argon2id (RFC 9106), 8 signs or more, no composition rules."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from welfare_desk.errors import Refused

MINIMUM = 8
MEMORY_KIB = 19_456
ROUNDS = 2


def stretch(password: str, salt: bytes, *, length: int = 32) -> bytes:
    """`length` bytes from a password by Argon2id (19 MiB, 2 rounds: the OWASP minimum)."""
    derived = Argon2id(salt=salt, length=length, iterations=ROUNDS, lanes=1, memory_cost=MEMORY_KIB)
    return derived.derive(password.encode("utf-8"))


def hash_password(password: str) -> str:
    """The PHC string to store. Raises Refused(`password_short`)."""
    if len(password) < MINIMUM:
        raise Refused("password_short", field="password", minimum=MINIMUM)
    derived = Argon2id(salt=secrets.token_bytes(16), length=32, iterations=ROUNDS, lanes=1, memory_cost=MEMORY_KIB)
    return derived.derive_phc_encoded(password.encode("utf-8"))


def check_password(password: str, stored: str) -> bool:
    """Whether `password` is the one behind `stored`."""
    try:
        Argon2id.verify_phc_encoded(password.encode("utf-8"), stored)
    except InvalidKey:
        return False
    return True
