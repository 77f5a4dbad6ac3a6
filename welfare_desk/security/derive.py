"""Sub-keys from the master key: HKDF-SHA256, one label per purpose."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(master: bytes, label: bytes, context: bytes = b"") -> bytes:
    """32 bytes for the purpose `label`, different for every `context`."""
    info = b"welfare-desk/" + label + b"/" + context
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(master)
