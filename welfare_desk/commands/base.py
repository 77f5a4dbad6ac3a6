"""What every command shares: options before or after the subcommand, who acts, JSON output."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from welfare_desk import i18n, wiring
from welfare_desk.context import AppContext
from welfare_desk.domain.problems import WAYS_OUT
from welfare_desk.errors import Refused, Unavailable, WelfareError

Run = Callable[[argparse.Namespace], int]


def common(parser: argparse.ArgumentParser) -> None:
    """Adds the options that stand before or after any subcommand."""
    hidden: dict[str, Any] = {"default": argparse.SUPPRESS}
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder (WELFARE_DESK_DATA)", **hidden)
    parser.add_argument("--database", metavar="URL", help="database address (WELFARE_DESK_DATABASE)", **hidden)
    parser.add_argument("--operator", metavar="NAME", help="who acts; default: the only administrator", **hidden)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output", **hidden)


def leaf(subparsers: Any, name: str, summary: str, run: Run | None, **options: Any) -> argparse.ArgumentParser:
    """A subcommand with the common options; `run` gets the parsed arguments and returns the exit status."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=summary, description=summary, **options)
    common(parser)
    if run is not None:
        parser.set_defaults(run=run)
    return parser


def whole(text: str) -> int:
    """For `type=`: a whole number from 1 on that a database can hold."""
    number = int(text)
    if not 1 <= number < 2**63:
        raise ValueError(text)
    return number


def data_folder(args: argparse.Namespace) -> Path:
    """--data, else WELFARE_DESK_DATA, else the platform's folder."""
    given = getattr(args, "data", None) or os.environ.get("WELFARE_DESK_DATA")
    return Path(given) if given else Path(platformdirs.user_data_dir("welfare-desk", appauthor=False))


def database(args: argparse.Namespace) -> str | None:
    """--database, else WELFARE_DESK_DATABASE, else None (what the machine remembers)."""
    return getattr(args, "database", None) or os.environ.get("WELFARE_DESK_DATABASE") or None


def password() -> str:
    """WELFARE_DESK_PASSWORD, else a prompt on a terminal. Raises Refused(`password_missing`)."""
    given = os.environ.get("WELFARE_DESK_PASSWORD")
    if given:
        return given
    if sys.stdin.isatty() and sys.stderr.isatty():
        return getpass.getpass("Password: ")
    raise Refused("password_missing", field="WELFARE_DESK_PASSWORD")


def passphrase() -> str:
    """What opens the key store: WELFARE_DESK_KEY_PASSPHRASE, else the password."""
    return os.environ.get("WELFARE_DESK_KEY_PASSPHRASE") or password()


def desk(args: argparse.Namespace) -> AppContext:
    """A desk whose operator gave the password. Raises Refused, Denied, Unavailable."""
    operator = getattr(args, "operator", None)
    ctx = wiring.desk(data_folder(args), database(args), operator=operator, password=password())
    speak(ctx)
    return ctx


def service_context(args: argparse.Namespace) -> AppContext:
    """A context with the key store opened."""
    ctx = wiring.service(data_folder(args), database(args), passphrase=passphrase())
    speak(ctx)
    return ctx


def speak(_ctx: AppContext | None = None) -> None:
    """Chooses the language of sentences: LC_ALL, LC_MESSAGES or LANG; Chinese when they say so, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    i18n.set_language(named)


def emit(args: argparse.Namespace, document: Any, lines: Iterable[str] | None = None) -> None:
    """Prints one JSON document with --json, otherwise `lines` (or the document, one `key: value` a line)."""
    if getattr(args, "json", False):
        print(json.dumps(plain(document), ensure_ascii=False))
        return
    if lines is None:
        rows = document.get("rows") if isinstance(document, dict) else None
        lines = table(rows) if isinstance(rows, Sequence) else _pairs(document)
    for line in lines:
        print(line)


def plain(value: Any) -> Any:
    """Dataclasses, tuples, paths and datetimes as JSON knows them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    return str(value) if isinstance(value, (Path, datetime)) else value


def table(rows: Iterable[Any]) -> list[str]:
    """Rows as aligned text, a header first; nothing when there are none."""
    dicts = [plain(row) for row in rows]
    if not dicts:
        return []
    cells = [list(dicts[0])] + [["" if value is None else str(value) for value in row.values()] for row in dicts]
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def iso(moment_ms: int | None) -> str | None:
    """Epoch milliseconds as ISO 8601 with offset, UTC."""
    return None if moment_ms is None else datetime.fromtimestamp(moment_ms / 1000, UTC).isoformat()


def complain(args: argparse.Namespace | None, error: WelfareError) -> int:
    """Prints a refusal: with --json as {"error": …} on standard output, otherwise one sentence; returns 1."""
    speak()
    sentence = i18n.error_text(i18n.language(), error)
    if error.code in WAYS_OUT:
        sentence = f"{sentence} – {i18n._('error.' + WAYS_OUT[error.code])}"
    if args is not None and getattr(args, "json", False):
        print(
            json.dumps({"error": {"code": error.code, "message": sentence, "field": error.field}}, ensure_ascii=False)
        )
    else:
        named = f"{error.field}: " if error.field else ""
        print(f"{named}{sentence}", file=sys.stderr)
    return 1


def interrupted() -> int:
    """Ctrl-C: what was being written was taken back; returns 130."""
    speak()
    print(i18n._("Interrupted: what was not done as a whole was not done at all."), file=sys.stderr)
    return 130


def broken_pipe() -> int:
    """Standard output is gone: nothing left to say."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def unexpected(error: Exception) -> Unavailable:
    """The refusal for an error nobody expected; details go to the log."""
    return Unavailable("unexpected", kind=type(error).__name__, reason=str(error)[:200])


def _pairs(document: Any) -> list[str]:
    shown = plain(document)
    if not isinstance(shown, dict):
        return [str(shown)]
    said = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in shown.items()}
    return [f"{key}: {value}" for key, value in said.items() if value not in (None, "")]
