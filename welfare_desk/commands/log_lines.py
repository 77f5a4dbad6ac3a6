"""What the service writes to standard error: one line or one JSON object an event, without anything secret.

Links, passwords in addresses and the values inside unexpected errors never reach a line; a trace shows code alone.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType

SECRETS = (
    (re.compile(r"(?i)(/[ct]/)[0-9a-z]{8,}"), r"\1…"),
    (re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@"), r"\1:…@"),
    (re.compile(r"(?i)(bearer\s+)\S+"), r"\1…"),
)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def register(parser: argparse.ArgumentParser) -> None:
    """Adds --log-format."""
    parser.add_argument("--log-format", choices=("text", "json"), default="text", help="how log lines look (text)")


def begin(role: str, kind: str) -> None:
    """Sends every log line of this process to standard error; `role` is service or jobs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json(role) if kind == "json" else Text(role))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they would log addresses


def clean(line: str) -> str:
    """The line without links, passwords in addresses and tokens."""
    for pattern, left in SECRETS:
        line = pattern.sub(left, line)
    return line


class Text(logging.Formatter):
    """One line an event; a trace follows it."""

    def __init__(self, role: str) -> None:
        super().__init__(f"%(asctime)s {role} %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry."""
        return clean(super().format(record))

    def formatException(self, ei: ExcInfo) -> str:
        """Where it happened and what kind it was; its text may hold what a person typed."""
        return trace(ei)


class Json(logging.Formatter):
    """One JSON object an event: at, level, role, logger, message and, where something broke, trace."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, on one line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {"at": at, "level": record.levelname.lower(), "role": self._role, "process": record.process,
                 "logger": record.name, "message": clean(record.getMessage())}  # fmt: skip
        if record.exc_info:
            entry["trace"] = clean(trace(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def trace(ei: ExcInfo) -> str:
    """Files, lines and the kind of an error, without its text."""
    lines = "".join(traceback.format_tb(ei[2])) if ei[2] else ""
    return f"{lines}{ei[0].__name__ if ei[0] else ''}"
