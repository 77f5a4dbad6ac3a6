"""Mutated lists through the reader and the check: rows come out that add up, or a sentence; no crash, no hang.

`python -m tests.files.fuzz --seeds 20000 --seed 1` tries 20,000 seeds from 1 on; `--keep FOLDER` keeps the files of the
failing ones. Seeds run in a process of their own: where the reader itself dies, the same file is read once more as the
product does it, in a confined child, and must end in a sentence.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import openpyxl

from tests.files import formats
from welfare_desk.context import AppContext
from welfare_desk.domain.people_plan import Directory
from welfare_desk.errors import Refused
from welfare_desk.files import columns, parse, tables
from welfare_desk.files.reading import OPEN
from welfare_desk.queries import known_people
from welfare_desk.services.import_check import check_list

HANG_S = 30.0
ADDRESSES = 2 << 30
NOON = 1_795_000_000_000
LINES = [
    "工号,姓名,手机,部门,入职日期,状态,邮箱",
    '00001,"张,三",13800138000,总部/财务部,2024-01-02,在职,a@b.cc',
    "00002,李四,+86 138 0013 8001,R-D,2024/3/4,离职,",
    "00001,王五,１３８００１３８００３,总部,45292,在职,x@y.zz",
    "1.38E+10,赵六,12,总部,2024年1月1日,?,bad",
    "合计,,,,,,",
    ",,,,,,",
    '"","","","","","",""',
]
TEXT_TOKENS = [
    b'"', b",", b"\n", b"\r", b"\t", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"=1+1", b"9" * 400, b"\xe5", b"<",
    b";" * 30, b"\x1a", "工号,姓名\n".encode(), b"\x85", "\u2028".encode(), "（必填）".encode("gb18030"), b'"\n"',
    b",," * 300,
]  # fmt: skip
XML_TOKENS = [
    b"<c ", b"</row>", b'r="ZZZ99999"', b't="s"', b"<v>1e999</v>", b"<f>", b"&amp;", b"&x;", b"<!--", b'<row r="0">',
    b"]]>", b'r="XFD1048576"', b"<v>-1</v>", b"<is><t>", b't="b"', b't="e"', b't="d"', b's="99999"', b"<v>NaN</v>",
    b'table:number-columns-repeated="99"', b'table:number-rows-repeated="999"', b'office:value="1e400"',
]  # fmt: skip
VALUES = [
    "", "0", "-1", "7", "00012", "99999", "1e308", "NaN", "TRUE", "s", "str", "inlineStr", "b", "e", "d", "n", "A1",
    "ZZZ9", "XFD1048576", "合计", "13800138000", "110101199001011234", "1.38001E+10", "#REF!", "2024-02-30", "rId9",
    "名单", " ", "\u200b", "=1+1", "x" * 300, "100000", "2", "hidden",
]  # fmt: skip
BINARY_TOKENS = [b"\xff" * 4, b"\x00" * 8, b"\x7f\xff\xff\xff", b"\x80", b"\x09\x08", b"\x0a\x00\x00\x00", b"\xbd\x00"]


_VALUE_PLACES = re.compile(rb"[=>][\"]?([^<>\"=]*)(?=[\"<])")


@dataclass
class Tally:
    """What became of the seeds. `failures` are those that broke the rule, `deaths` took the reader along."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    deaths: list[int] = field(default_factory=list)

    @property
    def seeds(self) -> int:
        return sum(self.outcomes.values())


@cache
def bases() -> dict[str, bytes]:
    """Sound files to spoil, by their ending."""
    book = openpyxl.Workbook()
    for line in LINES[:5]:
        book.active.append(line.split(","))
    book.active.append([7, "钱七", 13800138009, "总部", 45292.5, True, "=1/0"])
    book.active["A6"].number_format = "00000"
    plain = io.BytesIO()
    book.save(plain)
    with tempfile.TemporaryDirectory() as folder:
        made = {ending: make(Path(folder) / ending).read_bytes() for ending, make in
                (("xlsb", formats.xlsb), ("ods", formats.ods))}  # fmt: skip
    return {"xlsx": plain.getvalue(), "xls": (formats.SAMPLES / "list.xls").read_bytes(), **made}


def mutated(chance: random.Random, raw: bytes, tokens: Sequence[bytes]) -> bytes:
    """`raw` with a few cuts, repeats, flipped bytes and planted tokens."""
    content = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        act = chance.randrange(5)
        if act == 0:
            content[at:at] = chance.choice(tokens)
        elif act == 1:
            del content[at : at + chance.randint(1, 40)]
        elif act == 2 and content:
            content[at % len(content)] = chance.randrange(256)
        elif act == 3:
            content[at:at] = content[at : at + chance.randint(1, 200)]
        else:
            other = chance.randrange(len(content) + 1)
            content[at:at] = content[other : other + chance.randint(1, 60)]
    return bytes(content)


def overwritten(chance: random.Random, raw: bytes, tokens: Sequence[bytes]) -> bytes:
    """`raw` of the same length and shell (its first 512 bytes) with other bytes in a few places."""
    content = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(512, len(content) - 8)
        token = chance.choice(
            [*tokens, bytes([chance.randrange(256)]), bytes([content[at] ^ 1 << chance.randrange(8)])]
        )
        content[at : at + len(token)] = token
    return bytes(content)


def revalued(chance: random.Random, raw: bytes) -> bytes:
    """Sound XML with a few attributes and texts of other values."""
    places = [found.span(1) for found in _VALUE_PLACES.finditer(raw) if not found[1].startswith((b"http", b"urn:"))]
    content = raw
    for begin, end in sorted(chance.sample(places, min(len(places), chance.randint(1, 8))), reverse=True):
        content = content[:begin] + chance.choice(VALUES).encode() + content[end:]
    return content


def make(seed: int, folder: Path) -> Path:
    """The file of a seed."""
    chance = random.Random(seed)
    ending = chance.choice(("csv", "csv", "csv", "xlsx", "xlsx", "xlsb", "ods", "xls"))
    path = folder / f"{seed}.{ending}"
    if ending == "csv":
        text = "\n".join([LINES[0], *(chance.choice(LINES[1:]) for _ in range(chance.randint(0, 20)))])
        encoding = chance.choice(["utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5hkscs"])
        if chance.random() < 0.7:
            text = mutated(chance, text.encode("utf-16-le"), [token + b"\0" for token in TEXT_TOKENS if len(token) == 1]
                           ).decode("utf-16-le", "ignore")  # fmt: skip
            path.write_bytes(text.encode(encoding, "replace"))
        else:
            path.write_bytes(mutated(chance, text.encode(encoding, "replace"), TEXT_TOKENS))
    elif ending == "xls":
        shifting = chance.random() < 0.1
        path.write_bytes((mutated if shifting else overwritten)(chance, bases()[ending], BINARY_TOKENS))
    else:
        path.write_bytes(_spoiled(chance, bases()[ending], BINARY_TOKENS if ending == "xlsb" else XML_TOKENS))
    return path


def _spoiled(chance: random.Random, raw: bytes, tokens: Sequence[bytes]) -> bytes:
    """An archive with one or two of its parts, sometimes the archive itself, mutated."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(target, "w") as written:
        names = source.namelist()
        data = [name for name in names if "sheet" in name.lower() or name == "content.xml"]
        hit = {chance.choice(data), *([chance.choice(names)] if chance.random() < 0.4 else [])}
        gently = tokens is XML_TOKENS and chance.random() < 0.75
        for name in names:
            content = source.read(name)
            if name in hit:
                content = revalued(chance, content) if gently else mutated(chance, content, tokens)
            written.writestr(name, content)
    whole = target.getvalue()
    return mutated(chance, whole, BINARY_TOKENS) if chance.random() < 0.15 else whole


def nobody() -> AppContext:
    """A context whose directory is empty and remembers nothing."""

    def read(query: object, **_asked: object) -> Directory | None:
        return Directory() if query is known_people.directory else None

    return cast("AppContext", SimpleNamespace(read=read, clock=SimpleNamespace(now=lambda: NOON)))


def judge(path: Path) -> str:
    """What became of a file: `rows`, or the code of its refusal. Raises AssertionError where the rule is broken."""
    out = io.StringIO()
    status = parse.answer(path, OPEN, out)
    lines = [line.encode() for line in out.getvalue().split("\n") if line]
    table, refusal = tables.collect(lines, path.name)
    if refusal is not None:
        assert status == 1
        assert refusal.code.startswith(("table_", "archive_")), refusal.code
        return refusal.code
    assert table is not None, "neither a table nor a refusal"
    assert table.columns, "no columns"
    assert len(list(table.rows)) == len(table.rows), "rows told and rows given differ"
    return _checked(table)


def _checked(table: tables.Table) -> str:
    """The check of a table that could be read: its counts add up."""
    columns.fingerprint(table.columns)
    try:
        report = check_list(nobody(), table).report
    except Refused as refusal:
        if not refusal.code.startswith(("table_", "people_", "field_")):
            raise
        return refusal.code
    accepted = report.created + report.updated + report.unchanged
    parts = (accepted, report.rejected, report.skipped, report.duplicates)
    assert report.rows == len(table.rows) == sum(parts), f"{len(table.rows)} rows, {parts}"
    return "rows"


def _inside(first: int, last: int) -> None:
    """Judges seeds one after another in this process and says so line by line."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            print(json.dumps({"seed": seed}), flush=True)
            path = make(seed, Path(folder))
            try:
                said = {"seed": seed, "outcome": judge(path)}
            except Exception as error:  # noqa: BLE001 - whatever it is, it breaks the rule
                said = {"seed": seed, "outcome": "failed", "why": f"{type(error).__name__}: {error}"}
            path.unlink()
            print(json.dumps(said), flush=True)


def campaign(first: int, count: int) -> Tally:
    """Judges `count` seeds from `first` on."""
    tally = Tally()
    at, last = first, first + count
    while at < last:
        at = _batch(at, last, tally)
    return tally


def _batch(first: int, last: int, tally: Tally) -> int:
    """Runs one process until it has done its seeds, dies or hangs; returns the seed to go on with."""
    command = [sys.executable, "-m", "tests.files.fuzz", "--inside", str(first), str(last)]
    begun = first
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        for said in _heard(child):
            begun = int(said["seed"])
            if "outcome" in said:
                tally.outcomes[str(said["outcome"])] += 1
                if "why" in said:
                    tally.failures.append((begun, str(said["why"])))
                begun += 1
    if begun < last:
        outcome = _as_the_product(begun, hung=child.returncode == -9)
        tally.outcomes[outcome] += 1
        tally.deaths.append(begun)
        if outcome in ("hung", "crashed"):
            tally.failures.append((begun, outcome))
        begun += 1
    return begun


def _heard(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """What the process says; it is ended when it says nothing for long."""
    assert child.stdout is not None
    while True:
        timer = threading.Timer(HANG_S, child.kill)
        timer.start()
        try:
            line = child.stdout.readline()
        finally:
            timer.cancel()
            timer.join()
        if not line.endswith(b"\n"):
            return
        yield json.loads(line)


def _as_the_product(seed: int, *, hung: bool) -> str:
    """A file on which the reader died or hung, read in the confined child: its refusal."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            tables.read_table(make(seed, Path(folder)))
        except Refused as refusal:
            return f"reader died, {refusal.code}"
    return "hung" if hung else "crashed"


def main() -> int:
    """Runs a campaign and prints what became of the seeds; 1 when any broke the rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1, help="the first")
    parser.add_argument("--keep", type=Path, help="where the files of failing seeds go")
    parser.add_argument("--inside", nargs=2, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        _inside(*args.inside)
        return 0
    tally = campaign(args.seed, args.seeds)
    for seed, why in tally.failures:
        print(f"seed {seed}: {why}", file=sys.stderr)
        if args.keep is not None:
            make(seed, args.keep)
    print(f"the reader died at {tally.deaths}", file=sys.stderr)
    print(json.dumps({"seeds": tally.seeds, "failures": len(tally.failures), **tally.outcomes}, ensure_ascii=False))
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
