"""`welfare-desk jobs`: the process that does background work; the service starts it and holds its standard input."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType

from welfare_desk import wiring
from welfare_desk.commands import base, log_lines
from welfare_desk.jobs import runner


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `jobs`."""
    base.common(parser)
    parser.add_argument(
        "--passphrase-stdin", action="store_true", help="read the key passphrase from the first line of standard input"
    )
    log_lines.register(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Does jobs until standard input closes or it is told to stop."""
    log_lines.begin("jobs", args.log_format)
    passphrase = sys.stdin.readline().rstrip("\r\n") or None if args.passphrase_stdin else base.passphrase()
    ctx = wiring.service(base.data_folder(args), base.database(args), passphrase=passphrase, pool_size=12)
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    threading.Thread(target=_watch_input, args=(stop,), name="stdin", daemon=True).start()
    try:
        runner.run(ctx, stop)
    finally:
        ctx.engine.dispose()
    return 0


def _watch_input(stop: threading.Event) -> None:
    """Whoever started us holds the other end: when it closes, they are gone.

    Reads below Python's buffers, whose lock a waiting thread would hold at the end of the process.
    """
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    stop.set()
