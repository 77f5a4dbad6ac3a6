"""`segments`: saved filters over people, for lists and for the audience of campaigns."""

from __future__ import annotations

import argparse
from typing import Any

from welfare_desk.commands import base
from welfare_desk.domain.segments import STATUSES, today
from welfare_desk.queries import segments as queries
from welfare_desk.queries.segments import SegmentRow
from welfare_desk.services import segments


def register(parser: argparse.ArgumentParser) -> None:
    """segments list | add | remove."""
    sub = parser.add_subparsers(metavar="ACTION", required=True)
    base.leaf(sub, "list", "segments and how many people each means today", _list)
    adding = base.leaf(sub, "add", "save a filter; everything given must hold", _add)
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("--key", default="", metavar="KEY", help="what scripts and plans call it (made of the name)")
    adding.add_argument("--department", metavar="PATH", help="this department and all below it")
    adding.add_argument("--hired-from", metavar="DATE", help="first hire date")
    adding.add_argument("--hired-to", metavar="DATE", help="last hire date")
    adding.add_argument("--hired-within-days", metavar="N", type=base.whole, help="joined within the last N days")
    adding.add_argument("--birthday-month", metavar="M", help="1 to 12, this or next")
    for name in ("site", "level", "tag"):
        adding.add_argument(f"--{name}", metavar=name.upper(), action="append", dest=f"{name}s", default=[],
                            help=f"{name}; several mean any of them")  # fmt: skip
    adding.add_argument("--status", choices=STATUSES, help="default: active")
    removing = base.leaf(sub, "remove", "remove a segment; campaigns keep who they were for", _remove)
    removing.add_argument("key", metavar="KEY")


PARTS = ("department", "hired_from", "hired_to", "hired_within_days", "birthday_month", "sites", "levels", "tags",
         "status")  # fmt: skip


def _list(args: argparse.Namespace) -> int:
    ctx = base.desk(args)
    rows = [_document(row) for row in ctx.read(queries.segments, today=today(ctx.clock.now()))]
    base.emit(args, {"rows": rows}, base.table(row | {"filter": _said(row["filter"])} for row in rows))
    return 0


def _add(args: argparse.Namespace) -> int:
    ctx = base.desk(args)
    wanted = {name: getattr(args, name) for name in PARTS if getattr(args, name) not in (None, [])}
    made = ctx.write(segments.add_segment, name=args.name, wanted=wanted, key=args.key)
    [counted] = [row for row in ctx.read(queries.segments, today=today(ctx.clock.now())) if row.key == made.key]
    base.emit(args, _document(counted))
    return 0


def _remove(args: argparse.Namespace) -> int:
    gone = base.desk(args).write(segments.remove_segment, key=args.key)
    base.emit(args, {"segment": gone.key, "name": gone.name})
    return 0


def _document(row: SegmentRow) -> dict[str, Any]:
    return {"segment": row.key, "name": row.name, "filter": row.filter.document(), "people": row.people}


def _said(document: dict[str, Any]) -> str:
    """A filter on one line."""
    parts = ((name, ",".join(value) if isinstance(value, list) else value) for name, value in document.items())
    return " ".join(f"{name}={value}" for name, value in parts)
