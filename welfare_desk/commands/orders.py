"""`welfare-desk orders list`."""

from __future__ import annotations

import argparse

from welfare_desk.commands import base
from welfare_desk.queries import purchasing as queries


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `orders`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    leaf = base.leaf(sub, "list", "orders for stock, newest first", list_orders)
    leaf.add_argument("--open", action="store_true", help="only those that are not settled")
    leaf.add_argument("--product", default="", help="only those of one product")


def list_orders(args: argparse.Namespace) -> int:
    """Prints the orders."""
    found = base.desk(args).read(queries.orders, product=args.product, open_only=args.open, limit=10_000)
    rows = [
        {
            "order": row.order, "product": row.product, "supplier": row.supplier, "quantity": row.quantity,
            "received": row.received, "state": row.state, "total_minor": row.total_minor, "currency": row.currency,
            "trouble": row.trouble, "created_at": base.iso(row.created_at), "settled_at": base.iso(row.settled_at),
        }
        for row in found
    ]  # fmt: skip
    base.emit(args, {"rows": rows})
    return 0
