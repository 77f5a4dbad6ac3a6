"""A QR code as a picture inside the page: a small PNG, because long presses in chat apps read nothing else."""

from __future__ import annotations

import base64
import struct
import zlib

from welfare_desk.files.qr import QUIET_MODULES, matrix

MOST_SIGNS = 300
PIXELS_PER_MODULE = 6


def qr_picture(text: str) -> str:
    """`data:image/png;base64,…` of the QR code of `text` with its quiet zone; "" when `text` is too long for a card."""
    if len(text) > MOST_SIGNS:
        return ""
    rows = matrix(text)
    side = (len(rows) + 2 * QUIET_MODULES) * PIXELS_PER_MODULE
    blank = b"\x00" + b"\xff" * ((side + 7) // 8)
    lines = [blank] * (QUIET_MODULES * PIXELS_PER_MODULE)
    for row in rows:
        lines += [_line(row, side)] * PIXELS_PER_MODULE
    lines += [blank] * (QUIET_MODULES * PIXELS_PER_MODULE)
    return f"data:image/png;base64,{base64.b64encode(_png(side, b''.join(lines))).decode()}"


def _line(row: tuple[bool, ...], side: int) -> bytes:
    """One line of pixels, a bit each, 1 for white, behind the byte that says how it is filtered (not)."""
    quiet = "1" * (QUIET_MODULES * PIXELS_PER_MODULE)
    bits = quiet + "".join(("0" if dark else "1") * PIXELS_PER_MODULE for dark in row) + quiet
    padded = bits.ljust((side + 7) // 8 * 8, "1")
    return b"\x00" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _png(side: int, pixels: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)  # one bit per pixel, grey
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(pixels, 9)) + _chunk(b"IEND")


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
