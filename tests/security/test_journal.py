"""The claim journal: what is written is there, what is torn or altered is noticed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from welfare_desk.errors import Refused, Unavailable
from welfare_desk.security import journal
from welfare_desk.security.journal import Given, Journal
from welfare_desk.security.keystore import OpenKeys

KEYS = OpenKeys(bytes(range(32)))


def batch(start: int, count: int = 3) -> list[Given]:
    return [Given(start + at, 0, 0, 1000 + start + at, 1_795_000_000_000) for at in range(count)]


def written(folder: Path, *batches: list[Given]) -> Path:
    book = Journal(folder, KEYS, "web1")
    for entries in batches:
        book.append(entries)
    book.close()
    return book.path


def test_what_was_appended_is_read_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, batch(1), batch(10, 1), batch(20, 500))
    assert list(journal.read(path, KEYS)) == batch(1) + batch(10, 1) + batch(20, 500)
    assert list(journal.read_all(tmp_path, KEYS)) == list(journal.read(path, KEYS))


def test_it_says_nothing_to_who_has_no_keys(tmp_path: Path) -> None:
    path = written(tmp_path, batch(1))
    assert b"1795" not in path.read_bytes()
    with pytest.raises(Refused, match="journal_broken"):
        list(journal.read(path, OpenKeys(secrets.token_bytes(32))))


def test_a_torn_tail_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, batch(1), batch(10))
    whole = path.read_bytes()
    for cut in (1, 5, 40):
        path.write_bytes(whole[:-cut])
        assert list(journal.read(path, KEYS)) == batch(1)


def test_altered_moved_and_foreign_records_are_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, batch(1), batch(10))
    whole = path.read_bytes()
    length = int.from_bytes(whole[:4], "big") + 12
    altered = bytearray(whole)
    altered[30] ^= 1
    other = written(tmp_path / "other", batch(5), batch(10)).read_bytes()
    for broken in (bytes(altered), whole[length:], whole[length:] + whole[:length], other[:length] + whole[length:]):
        path.write_bytes(broken)
        with pytest.raises(Refused, match="journal_broken"):
            list(journal.read(path, KEYS))


def test_after_a_failure_the_next_record_follows_the_last_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Journal(tmp_path, KEYS, "web1")
    book.append(batch(1))
    real = os.write

    def half(file: int, data: bytes) -> int:
        return real(file, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(Unavailable, match="journal_unwritable"):
        book.append(batch(10))
    monkeypatch.setattr(os, "write", real)
    book.append(batch(20))
    book.close()
    assert list(journal.read(book.path, KEYS)) == batch(1) + batch(20)


def test_nothing_given_writes_nothing(tmp_path: Path) -> None:
    book = Journal(tmp_path, KEYS, "web1")
    book.append([])
    book.close()
    assert not book.path.exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    with pytest.raises(Unavailable, match="journal_unwritable"):
        Journal(tmp_path, KEYS, "web1")
