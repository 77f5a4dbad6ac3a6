"""`welfare-desk keys export FILE`: for a second service machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from welfare_desk.commands.base import data_folder, desk, emit, leaf
from welfare_desk.security import keystore
from welfare_desk.settings import KEYS


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `keys`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    leaf(sub, "export", "copy the wrapped key store for `init --keys`", export).add_argument("file", type=Path)


def export(args: argparse.Namespace) -> int:
    """Writes the wrapped store; it opens with the same passphrase or recovery key."""
    desk(args)
    keystore.export(data_folder(args) / KEYS, args.file)
    emit(args, {"file": args.file})
    return 0
