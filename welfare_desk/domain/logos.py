"""A company's logo as it stands inside a page: a small picture as a data URI, checked before it is stored."""

from __future__ import annotations

import base64
import binascii

from welfare_desk.errors import Refused

MOST_BYTES = 4096
SIGNS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def data_uri(picture: bytes) -> str:
    """The picture as it is stored. Raises Refused(`logo_size`, `logo_type`)."""
    if len(picture) > MOST_BYTES:
        raise Refused("logo_size", field="logo", bytes=len(picture), most=MOST_BYTES)
    kind = _kind(picture)
    if not kind:
        raise Refused("logo_type", field="logo")
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"


def check(logo: str) -> str:
    """A stored logo, "" for none, made anew from its bytes. Raises Refused as `data_uri` does."""
    if not logo:
        return ""
    try:
        picture = base64.b64decode(logo.partition(";base64,")[2], validate=True)
    except binascii.Error:
        picture = b""
    return data_uri(picture)


def _kind(picture: bytes) -> str:
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in SIGNS if picture.startswith(sign)), "")
