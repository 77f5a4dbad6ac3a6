"""`welfare-desk backup FILE [--with-keys]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from welfare_desk.commands.base import common, desk, emit, iso
from welfare_desk.services import backups


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `backup`."""
    common(parser)
    parser.add_argument("file", type=Path)
    parser.add_argument("--with-keys", action="store_true", help="add the wrapped key store (opens with the password)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Writes an encrypted backup of the running database."""
    made = backups.write_backup(desk(args), args.file, with_keys=args.with_keys)
    document = {"file": made.file, "rows": made.rows, "bytes": made.bytes, "at": iso(made.at), "keys": made.with_keys}
    emit(args, document)
    return 0
