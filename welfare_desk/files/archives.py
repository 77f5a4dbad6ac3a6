"""What kind of file this is, by its content, and whether an archive may be opened at all: its directory is judged."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from welfare_desk.errors import Refused

MIB = 1024 * 1024
FILE_LIMIT = 200 * MIB
ENTRY_LIMIT = 2000
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


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: `name` is xlsx, xlsb, xls, ods or text."""

    name: str
    size: int


def judge(path: Path) -> Kind:
    """The kind of a table file by its first bytes and its archive directory; the file's name is not asked.

    Raises Refused: file_missing, table_empty, table_too_large, table_encrypted, table_html, table_type, table_broken,
    archive_bomb.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as source:
            head = source.read(4096)
    except OSError as error:
        raise Refused("file_unreadable", field="file", name=path.name, reason=error.strerror or "") from error
    if not head:
        raise Refused("table_empty", field="file", name=path.name)
    if size > FILE_LIMIT:
        raise Refused("table_too_large", field="file", name=path.name, limit=FILE_LIMIT // MIB)
    if head.startswith(b"PK"):
        return Kind(_zip_kind(path), size)
    if head.startswith(OLE_MAGIC):
        return Kind(_ole_kind(path), size)
    _refuse_strangers(head, path)
    return Kind("text", size)


def _refuse_strangers(head: bytes, path: Path) -> None:
    for magic, kind in STRANGERS.items():
        if head.startswith(magic):
            raise Refused("table_type", field="file", name=path.name, kind=kind)
    opening = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if opening.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta", b"mime-version:")):
        raise Refused("table_html", field="file", name=path.name)
    if opening.startswith(b"{\\rtf"):
        raise Refused("table_type", field="file", name=path.name, kind="RTF")


def _ole_kind(path: Path) -> str:
    """Old Excel, or the shell around a password-protected new one."""
    raw = path.read_bytes()
    if ENCRYPTED_STREAM in raw:
        raise Refused("table_encrypted", field="file", name=path.name)
    streams = {name: name.encode("utf-16-le") in raw for name in ("Workbook", "Book", "WordDocument", "PowerPoint")}
    if streams["Workbook"] or streams["Book"]:
        return "xls"
    raise Refused("table_type", field="file", name=path.name, kind="Word" if streams["WordDocument"] else "OLE")


def _zip_kind(path: Path) -> str:
    names = check_zip(path)
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    kind = "Word" if "word/document.xml" in names else "PowerPoint" if "ppt/presentation.xml" in names else "zip"
    raise Refused("table_type", field="file", name=path.name, kind=kind)


def check_zip(path: Path) -> frozenset[str]:
    """The names inside a zip whose directory promises nothing outrageous.

    Raises Refused: table_broken (damaged or cut), table_encrypted, archive_bomb (entries, unpacked size, ratio).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise Refused("table_broken", field="file", name=path.name) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("table_encrypted", field="file", name=path.name)
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    outrageous = unpacked > RATIO_FREE and unpacked > RATIO_LIMIT * packed
    if len(entries) > ENTRY_LIMIT or unpacked > UNPACKED_LIMIT or outrageous:
        raise Refused("archive_bomb", field="file", name=path.name, size=unpacked // MIB)
    return frozenset(entry.filename for entry in entries)
