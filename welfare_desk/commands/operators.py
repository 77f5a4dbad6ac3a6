"""`welfare-desk operators list | reset NAME --recovery-key-stdin`."""

from __future__ import annotations

import argparse
import sys

from welfare_desk import wiring
from welfare_desk.commands.base import data_folder, database, emit, leaf, password
from welfare_desk.security import keystore
from welfare_desk.services import operators
from welfare_desk.settings import KEYS


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `operators`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    reset = leaf(sub, "reset", "set a new password with the recovery key", reset_password)
    reset.add_argument("name")
    reset.add_argument("--recovery-key-stdin", action="store_true", required=True)


def reset_password(args: argparse.Namespace) -> int:
    """Proves the recovery key from standard input, then sets WELFARE_DESK_PASSWORD for operator and key store."""
    recovery = sys.stdin.readline().strip()
    keystore.change_passphrase(data_folder(args) / KEYS, recovery, password())
    ctx = wiring.bare(data_folder(args), database(args))
    ctx.write(operators.reset_password, name=args.name, password=password())
    emit(args, {"operator": args.name, "reset": True})
    return 0
