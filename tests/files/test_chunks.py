"""Rows kept as lines are the rows they were, however they came and wherever they are asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welfare_desk.files import chunks
from welfare_desk.files.chunks import Chunks


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 4)
    monkeypatch.setattr(chunks, "PLAIN_BYTES", 60)


PARTS = st.lists(
    st.lists(st.lists(st.one_of(st.text(max_size=5), st.none(), st.integers()), max_size=3), max_size=9), max_size=6
)


@settings(max_examples=100, deadline=None)
@given(PARTS, st.integers(-40, 40), st.integers(-40, 40))
def test_they_are_a_list(parts: list[list[list[Any]]], start: int, stop: int) -> None:
    expected: list[list[Any]] = []
    kept = Chunks()
    for part in parts:
        kept.extend(part)
        expected += part
    assert len(kept) == len(expected)
    assert list(kept) == expected
    assert kept == expected
    assert kept[start:stop] == expected[start:stop]
    assert [kept[index] for index in range(-len(expected), len(expected))] == expected * 2
    with pytest.raises(IndexError):
        kept[len(expected)]


def test_lines_are_taken_unread_and_the_last_may_be_short() -> None:
    rows = [[str(n)] for n in range(10)]
    kept = Chunks()
    for start in (0, 4, 8):
        kept.append_line(json.dumps(rows[start : start + 4]).encode())
    kept.end(10)
    assert list(kept) == rows
    for wrong in (13, 8):
        with pytest.raises(ValueError, match=str(wrong)):
            kept.end(wrong)


def test_a_line_of_another_length_is_noticed() -> None:
    kept = Chunks()
    kept.append_line(b"[[1],[2],[3]]")
    kept.append_line(b"[[4]]")
    kept.end(5)
    with pytest.raises(ValueError, match="has 3 rows"):
        list(kept)
