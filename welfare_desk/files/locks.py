"""Workbooks behind a password (new xlsx, old xls), opened in memory in the parse child; nothing is written anywhere."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

from welfare_desk.errors import Refused
from welfare_desk.files.archives import FILE_LIMIT, Blob

DEFAULT_PASSWORD = "VelvetSweatshop"  # what Excel itself uses for "protected, but opens without asking"
SPIN_LIMIT = 500_000


def unlock(source: Blob, password: str | None) -> Blob:
    """What is inside. Without a password only the one every Excel knows is tried.

    Raises Refused: table_password (`wrong`: one was given and does not fit), table_lock (none opens it).
    """
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

    tried = [password] if password else [DEFAULT_PASSWORD]
    for word in tried:
        opened = io.BytesIO()
        try:
            with source.open() as raw:
                office = OfficeFile(raw)
                _refuse_slow(office, source)
                office.load_key(password=word)
                office.decrypt(opened)
        except InvalidKeyError:
            continue
        except (DecryptionError, FileFormatError) as error:
            raise Refused("table_lock", field="file", name=source.name) from error
        if opened.tell() <= FILE_LIMIT:
            return Blob(source.name, opened.tell(), data=opened.getvalue())
    raise Refused("table_password", field="password", name=source.name, wrong=bool(password))


def _refuse_slow(office: Any, source: Blob) -> None:
    """A file may ask for as many rounds of hashing as it likes; Excel asks for 100,000."""
    with suppress(AttributeError, TypeError):
        if office.info.get("spinValue", 0) > SPIN_LIMIT:
            raise Refused("table_lock", field="file", name=source.name)
