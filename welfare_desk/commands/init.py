"""`welfare-desk init`: asks nothing, changes nothing the second time."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from welfare_desk.commands.base import common, data_folder, database, emit, password
from welfare_desk.services import setup


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `init`."""
    common(parser)
    parser.add_argument(
        "--keys", type=Path, metavar="FILE", help="join a second service machine: an exported key store"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Makes folder, schema, keys and the administrator."""
    name = getattr(args, "operator", None) or "admin"
    made = setup.prepare(
        data=data_folder(args).resolve(), database=database(args), password=password(), operator=name,
        passphrase=os.environ.get("WELFARE_DESK_KEY_PASSPHRASE"), keys_from=args.keys,
    )  # fmt: skip
    lines = [f"Data folder: {made.data}", f"Database: {made.database}"]
    if made.recovery_key:
        lines += [f"Recovery key: {made.recovery_key}", "Write it down now: it is shown once and opens everything."]
    emit(args, made, lines)
    return 0
