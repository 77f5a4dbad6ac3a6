"""`welfare-desk restore FILE [--replace]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from welfare_desk.commands.base import common, data_folder, database, emit, iso, passphrase
from welfare_desk.services import restores


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `restore`."""
    common(parser)
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="put an old SQLite file aside first")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restores a backup and replays the claim journal over it."""
    made = restores.restore(
        data_folder(args).resolve(), args.file, database=database(args), passphrase=passphrase(), replace=args.replace
    )
    emit(args, {
        "rows": made.rows, "backup_at": iso(made.backup_at), "replayed": made.replayed,
        "quarantined": made.quarantined, "unknown": made.unknown, "at_risk": made.at_risk,
    })  # fmt: skip
    return 0
