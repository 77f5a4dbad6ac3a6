"""Encrypted files: pieces of AES-256-GCM under a fresh key that is sealed to the service (HPKE).

Anybody who knows the public intake key can write one; only the key store opens it. Each piece is bound to its number
and to being the last, so pieces cannot be dropped, repeated, reordered or cut off unnoticed.
"""

from __future__ import annotations

import json
import secrets
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from welfare_desk.errors import Refused
from welfare_desk.security.sealing import seal

MAGIC = b"WELFARE-DESK-1\n"
INFO = b"archive"
PIECE = 1 << 20
SIZE = struct.Struct(">I")
LARGEST_HEAD = 1 << 20


def write(file: BinaryIO, lines: Iterable[bytes], *, public_key: bytes, head: dict[str, Any]) -> int:
    """Writes `lines` compressed and encrypted behind a readable `head`; returns the plain bytes written."""
    key = secrets.token_bytes(32)
    sealed = seal(key, public_key, INFO)
    written = json.dumps(head | {"key": sealed.hex()}, ensure_ascii=False).encode()
    file.write(MAGIC + SIZE.pack(len(written)) + written)
    cipher, packer, number, total = AESGCM(key), zlib.compressobj(6), 0, 0
    waiting = bytearray()
    for line in lines:
        total += len(line)
        waiting += packer.compress(line)
        while len(waiting) >= PIECE:
            _piece(file, cipher, bytes(waiting[:PIECE]), number, last=False)
            del waiting[:PIECE]
            number += 1
    waiting += packer.flush()
    _piece(file, cipher, bytes(waiting), number, last=True)
    return total


def read_head(file: BinaryIO) -> dict[str, Any]:
    """The readable head. Raises Refused(`backup_foreign`) for another kind of file."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Refused("backup_foreign", field="file")
    (size,) = SIZE.unpack(_exactly(file, SIZE.size))
    if size > LARGEST_HEAD:
        raise Refused("backup_foreign", field="file")
    head: dict[str, Any] = json.loads(_exactly(file, size))
    return head


def read_lines(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The lines behind the head. Raises Refused(`backup_altered`) when a piece was changed, moved or is missing."""
    cipher, unpacker, number, rest = AESGCM(key), zlib.decompressobj(), 0, b""
    last = False
    while not last:
        (size,) = SIZE.unpack(_exactly(file, SIZE.size))
        last = bool(size >> 31)
        sealed = _exactly(file, size & 0x7FFFFFFF)
        try:
            packed = cipher.decrypt(number.to_bytes(12, "big"), sealed, b"last" if last else b"more")
        except InvalidTag as error:
            raise Refused("backup_altered", field="file", piece=number) from error
        *whole, rest = (rest + unpacker.decompress(packed)).split(b"\n")
        yield from whole
        number += 1


def _piece(file: BinaryIO, cipher: AESGCM, packed: bytes, number: int, *, last: bool) -> None:
    sealed = cipher.encrypt(number.to_bytes(12, "big"), packed, b"last" if last else b"more")
    file.write(SIZE.pack(len(sealed) | (1 << 31 if last else 0)) + sealed)


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise Refused("backup_altered", field="file", piece=-1)
    return found
