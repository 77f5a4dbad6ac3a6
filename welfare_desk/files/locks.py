"""Workbooks behind a password (new xlsx, old xls), opened in memory in the parse child; nothing is written anywhere."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

from welfare_desk.errors import Refused
from welfare_desk.files.archives import FILE_LIMIT, MIB, Blob

DEFAULT_PASSWORD = "VelvetSweatshop"  # what Excel itself uses for "protected, but opens without asking"
SPIN_LIMIT = 500_000


def unlock(source: Blob, password: str | None) -> Blob:
    """What is inside. Without a password only the one every Excel knows is tried.

    Raises Refused: table_password (`wrong`: one was given and does not fit), table_lock (none opens it).
    """
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import InvalidKeyError

    opened = io.BytesIO()
    try:
        with source.open() as raw:
            office = OfficeFile(raw)
            _refuse_slow(office, source)
            office.load_key(password=password or DEFAULT_PASSWORD)
            office.decrypt(opened)
    except InvalidKeyError as error:
        raise _asks(source, wrong=bool(password)) from error
    except Refused:
        raise
    except Exception as error:
        if not password:
            raise _asks(source, wrong=False) from error
        raise Refused("table_lock", field="file", name=source.name) from error
    if opened.tell() > FILE_LIMIT:
        raise Refused("table_too_large", field="file", name=source.name, limit=FILE_LIMIT // MIB)
    return Blob(source.name, opened.tell(), data=opened.getvalue())


def _asks(source: Blob, *, wrong: bool) -> Refused:
    return Refused("table_password", field="password", name=source.name, wrong=wrong)


def _refuse_slow(office: Any, source: Blob) -> None:
    """A file may ask for as many rounds of hashing as it likes; Excel asks for 100,000."""
    with suppress(AttributeError, TypeError):
        if office.info.get("spinValue", 0) > SPIN_LIMIT:
            raise Refused("table_lock", field="file", name=source.name)
