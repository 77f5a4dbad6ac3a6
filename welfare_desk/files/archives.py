"""What kind of file this is, by its content, and whether an archive may be opened at all: its directory is judged."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from welfare_desk.errors import Refused

MIB = 1024 * 1024
FILE_LIMIT = 200 * MIB
ENTRY_LIMIT = 2000
DIRECTORY_LIMIT = 2 * MIB
UNPACKED_LIMIT = 1536 * MIB
RATIO_LIMIT = 250
RATIO_FREE = 40 * MIB

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
STRANGERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"SQLite format 3": "SQLite",
    b"MZ": "EXE",
    b"\x7fELF": "ELF",
}
_MARKUP = re.compile(r"<[a-z!?]")
_XML_TABLE = "urn:schemas-microsoft-com:office:spreadsheet"
_DIRECTORY_END = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Blob:
    """A file, or what a password opened of it (`data`; then there is no `path`)."""

    name: str
    size: int
    path: Path | None = None
    data: bytes = b""

    def open(self) -> BinaryIO:
        """Its bytes from the beginning."""
        return io.BytesIO(self.data) if self.path is None else self.path.open("rb")

    @contextmanager
    def archive(self) -> Iterator[zipfile.ZipFile]:
        """Its parts, for a zip."""
        with self.open() as raw, zipfile.ZipFile(raw) as archive:
            yield archive


def blob(path: Path) -> Blob:
    """A file that is there, is not empty and is not too large.

    Raises Refused: file_unreadable, file_no_file, table_empty, table_too_large.
    """
    if path.exists() and not path.is_file():  # a pipe would wait for somebody to write into it
        raise Refused("file_no_file", field="file", name=path.name)
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise Refused("file_unreadable", field="file", name=path.name, reason=error.strerror or "") from error
    if not size:
        raise Refused("table_empty", field="file", name=path.name)
    if size > FILE_LIMIT:
        raise Refused("table_too_large", field="file", name=path.name, limit=FILE_LIMIT // MIB)
    return Blob(path.name, size, path)


def judge(source: Blob) -> str:
    """What a table file is by its bytes and its directory: xlsx, xlsb, xls, ods, text, or locked (by a password).

    The file's name is not asked. Raises Refused: file_unreadable, table_encrypted, table_html, table_xml, table_type,
    table_broken, archive_bomb.
    """
    try:
        with source.open() as raw:
            head = raw.read(4096)
    except OSError as error:
        raise Refused("file_unreadable", field="file", name=source.name, reason=error.strerror or "") from error
    if head.startswith(b"PK"):
        return _zip_kind(source)
    if head.startswith(OLE_MAGIC):
        return _ole_kind(source)
    _refuse_strangers(head, source.name)
    return "text"


def _refuse_strangers(head: bytes, name: str) -> None:
    for magic, kind in STRANGERS.items():
        if head.startswith(magic):
            raise Refused("table_type", field="file", name=name, kind=kind)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    opening = head.decode("utf-16" if wide else "utf-8-sig", errors="replace").lstrip().lower()
    if _MARKUP.match(opening) or opening.startswith("mime-version:"):
        code = "table_xml" if opening.startswith("<?xml") and _XML_TABLE in opening else "table_html"
        raise Refused(code, field="file", name=name)
    if opening.startswith("{\\rtf"):
        raise Refused("table_type", field="file", name=name, kind="RTF")


def _ole_kind(source: Blob) -> str:
    """Old Excel, or the shell around a password-protected new one."""
    with source.open() as stream:
        raw = stream.read()
    if ENCRYPTED_STREAM in raw:
        return "locked"
    streams = {name: name.encode("utf-16-le") in raw for name in ("Workbook", "Book", "WordDocument", "PowerPoint")}
    if streams["Workbook"] or streams["Book"]:
        return "xls"
    raise Refused("table_type", field="file", name=source.name, kind="Word" if streams["WordDocument"] else "OLE")


def _zip_kind(source: Blob) -> str:
    names = check_zip(source)
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    kind = "Word" if "word/document.xml" in names else "PowerPoint" if "ppt/presentation.xml" in names else "zip"
    raise Refused("table_type", field="file", name=source.name, kind=kind)


def check_zip(source: Blob) -> frozenset[str]:
    """The names inside a zip whose directory promises nothing outrageous.

    Raises Refused: table_broken (damaged or cut), table_encrypted, archive_bomb (entries, unpacked size, ratio).
    """
    if _directory_size(source) > DIRECTORY_LIMIT:
        raise Refused("archive_bomb", field="file", name=source.name, size=source.size // MIB)
    try:
        with source.archive() as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise Refused("table_broken", field="file", name=source.name) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("table_encrypted", field="file", name=source.name)
    unpacked = sum(entry.file_size for entry in entries)
    outrageous = unpacked > RATIO_FREE and unpacked > RATIO_LIMIT * source.size
    if len(entries) > ENTRY_LIMIT or unpacked > UNPACKED_LIMIT or outrageous:
        raise Refused("archive_bomb", field="file", name=source.name, size=unpacked // MIB)
    return frozenset(entry.filename for entry in entries)


def _directory_size(source: Blob) -> int:
    """How long the list of parts says it is, before anybody reads it into memory; 0 when it cannot be found."""
    with source.open() as raw:
        raw.seek(max(0, source.size - 66_000))
        tail = raw.read()
    at = tail.rfind(_DIRECTORY_END)
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 and len(tail) >= at + 16 else 0
