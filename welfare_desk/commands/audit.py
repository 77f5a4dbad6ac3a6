"""`welfare-desk audit list`: who did what."""

from __future__ import annotations

import argparse

from welfare_desk.commands import base
from welfare_desk.queries import audit as queries


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `audit`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    leaf = base.leaf(sub, "list", "the latest entries", list_entries)
    leaf.add_argument("--action", default="", help="only actions that begin so, such as campaign.")
    leaf.add_argument("--limit", type=int, default=200, metavar="N")


def list_entries(args: argparse.Namespace) -> int:
    """Prints audit entries, newest first."""
    found = base.desk(args).read(queries.entries, action=args.action, limit=args.limit)
    rows = [
        {"at": base.iso(entry.at), "operator": entry.operator, "action": entry.action, "subject": entry.subject,
         "detail": entry.detail}
        for entry in found
    ]  # fmt: skip
    base.emit(args, {"rows": rows})
    return 0
