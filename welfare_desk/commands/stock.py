"""`welfare-desk stock list | import PRODUCT FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from welfare_desk.commands import base, job_wait
from welfare_desk.domain import code_lists
from welfare_desk.errors import Refused
from welfare_desk.files import tables, texts
from welfare_desk.queries import stock as queries
from welfare_desk.services import stock as services

LARGEST_LIST = 50_000_000


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `stock`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    base.leaf(sub, "list", "units of every product", list_stock)
    leaf = base.leaf(sub, "import", "take codes from a file into stock", import_codes)
    leaf.add_argument("product")
    leaf.add_argument("file", type=Path, help=".txt with one code a line, or .csv or .xlsx with a column of codes")
    leaf.add_argument("--label", default="", help="what to call the batch")
    job_wait.waiting(leaf)


def list_stock(args: argparse.Namespace) -> int:
    """Prints the stock."""
    rows = [
        {
            "product": row.product, "in_stock": row.in_stock, "free": row.free, "reserved": row.reserved,
            "issued": row.issued, "expired": row.expired,
        }
        for row in base.desk(args).read(queries.stock)
    ]  # fmt: skip
    base.emit(args, {"rows": rows})
    return 0


def import_codes(args: argparse.Namespace) -> int:
    """Seals the codes of a file to the service and asks it to take them in."""
    ctx = base.desk(args)
    codes = read_codes(args.file)
    label = args.label or args.file.name
    state = job_wait.follow_job(
        args, ctx, ctx.write(services.request_import, product=args.product, codes=codes, label=label)
    )
    job_wait.raise_if_failed(state)
    base.emit(args, {"job": str(state.id), "state": state.state, "codes": len(codes), **state.result})
    return 0 if state.finished or not args.wait else 1


def read_codes(path: Path) -> list[tuple[str, str]]:
    """(number, secret) pairs of a file. Raises Refused naming what cannot be read."""
    if path.suffix.lower() != ".txt":
        table = tables.read_table(path)
        return code_lists.from_table(table.columns, table.rows, table.header_row + 1)
    try:
        if path.stat().st_size > LARGEST_LIST:
            raise Refused("code_file_large", field="file", name=path.name, most=LARGEST_LIST // 1_000_000)
        raw = path.read_bytes()
    except OSError as error:
        raise Refused("file_unreadable", field="file", name=path.name, reason=error.strerror or str(error)) from error
    return code_lists.from_lines(texts.decode(raw, path.name)[0])
