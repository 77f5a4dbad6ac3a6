"""Law 3: sealing to the service (HPKE) and sealing rows of stock (AES-256-GCM bound to the row)."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from welfare_desk.errors import Refused

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NONCE = 12


def seal(plain: bytes, public_key: bytes, info: bytes) -> bytes:
    """Seals `plain` to the holder of an X25519 key (RFC 9180 base mode); opens only under the same `info`."""
    return SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(public_key), info)


def unseal(sealed: bytes, private_key: bytes, info: bytes) -> bytes:
    """Opens what `seal` made. Raises Refused(`seal_broken`) when it was altered, moved or is for another key."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info)
    except (InvalidTag, ValueError) as error:
        raise Refused("seal_broken") from error


def key_pair() -> tuple[bytes, bytes]:
    """A fresh X25519 pair as (private, public) raw bytes, for one answer of the service."""
    private = X25519PrivateKey.generate()
    return private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()), public_of_key(private)


def public_of(private_key: bytes) -> bytes:
    """The public half of a raw X25519 private key."""
    return public_of_key(X25519PrivateKey.from_private_bytes(private_key))


def public_of_key(private: X25519PrivateKey) -> bytes:
    """The raw public half."""
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def seal_row(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    """Nonce + ciphertext, which opens only with the same `bound_to`."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + key.encrypt(nonce, plain, bound_to)


def open_row(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """Opens what `seal_row` made. Raises Refused(`seal_broken`) when altered or moved to another row."""
    try:
        return key.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
    except InvalidTag as error:
        raise Refused("seal_broken") from error
