"""Mutated files: rows come out, or a sentence; never a crash of the reader, never anything else.

`WD_FUZZ=5000` tries more seeds; `python -m tests.files.test_fuzz SEED FOLDER` replays one.
"""

from __future__ import annotations

import io
import json
import os
import random
import sys
import zipfile
from pathlib import Path

import pytest

from tests.files.nasty import SHEET, workbook
from welfare_desk.files import parse
from welfare_desk.files.reading import OPEN

SEEDS = int(os.environ.get("WD_FUZZ", "120"))
LINES = ["工号,姓名,手机,部门", '00001,"张,三",13800138000,总部/财务部', "00002,李四,+86 138,R-D", ",,,", '"","","",""']
TOKENS = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\t",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"=1+1",
    b"9" * 400,
    b"\xe5",
    b"<",
    b";" * 30,
]
XML = [
    b"<c ",
    b"</row>",
    b'r="ZZZ99999"',
    b't="s"',
    b"<v>1e999</v>",
    b"<f>",
    b"&amp;",
    b"&x;",
    b"<!--",
    b'<row r="0">',
    b"]]>",
]


def mutated(chance: random.Random, raw: bytes, tokens: list[bytes]) -> bytes:
    """`raw` with a few cuts, repeats, flipped bytes and planted tokens."""
    content = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        act = chance.randrange(4)
        if act == 0:
            content[at:at] = chance.choice(tokens)
        elif act == 1:
            del content[at : at + chance.randint(1, 40)]
        elif act == 2 and content:
            content[at % len(content)] = chance.randrange(256)
        else:
            content[at:at] = content[at : at + chance.randint(1, 200)]
    return bytes(content)


def make(seed: int, folder: Path) -> Path:
    """The file of a seed."""
    chance = random.Random(seed)
    if seed % 2:
        text = "\n".join([LINES[0], *(chance.choice(LINES[1:]) for _ in range(chance.randint(0, 20)))])
        path = folder / f"{seed}.csv"
        path.write_bytes(mutated(chance, text.encode(chance.choice(["utf-8", "gb18030", "utf-16"])), TOKENS))
        return path
    plain = workbook(folder / "plain.xlsx", [line.split(",") for line in LINES])
    path = folder / f"{seed}.xlsx"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            raw = source.read(name)
            hit = name == SHEET or chance.random() < 0.1
            target.writestr(name, mutated(chance, raw, XML) if hit else raw)
    if chance.random() < 0.2:
        path.write_bytes(mutated(chance, path.read_bytes(), TOKENS))
    return path


def said(path: Path) -> tuple[int, list[object]]:
    """What the parse child would print, without a process (and without its limits)."""
    out = io.StringIO()
    status = parse.answer(path, OPEN, out)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def unconfined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "confine", lambda _size: None)


@pytest.mark.parametrize("start", range(0, SEEDS, 20))
def test_whatever_the_file_rows_or_a_sentence(start: int, tmp_path: Path) -> None:
    for seed in range(start, min(start + 20, SEEDS)):
        status, lines = said(make(seed, tmp_path))
        last = lines[-1]
        assert isinstance(last, dict), seed
        if status == 0:
            rows = [row for line in lines if isinstance(line, list) for row in line]
            assert last == {"end": len(rows)}, seed
            assert isinstance(lines[0], dict), seed
            assert lines[0]["columns"], seed
        else:
            assert last["error"]["code"].startswith(("table_", "archive_")), seed


if __name__ == "__main__":
    print(said(make(int(sys.argv[1]), Path(sys.argv[2]))))
