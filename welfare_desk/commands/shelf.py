"""`welfare-desk shelf list | add … | on PRODUCT | off PRODUCT`."""

from __future__ import annotations

import argparse
from decimal import Decimal, DecimalException

from welfare_desk.commands import base
from welfare_desk.errors import Refused
from welfare_desk.i18n import _
from welfare_desk.queries import shelf as queries
from welfare_desk.services import shelf as services


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `shelf`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    base.leaf(sub, "list", "products, on the shelf or off it", list_products)
    for name, summary, run in (
        ("on", "put a product on the shelf", put_on),
        ("off", "take a product off the shelf", take_off),
    ):
        base.leaf(sub, name, summary, run).add_argument("product")
    add = base.leaf(sub, "add", "a bundle of products, or a product whose codes are imported", add_product)
    what = add.add_mutually_exclusive_group(required=True)
    what.add_argument("--bundle", metavar="NAME", help="a bundle with fixed parts")
    what.add_argument("--product", metavar="NAME", help="a product without supplier")
    add.add_argument("--part", action="append", default=[], metavar="PRODUCT[:QTY]", help="a part of the bundle")
    add.add_argument("--kind", default="card_secret", choices=services.OWN_KINDS, help="kind of the product")
    add.add_argument("--price", default="0", metavar="YUAN", help="price of one unit of the product")
    add.add_argument("--key", help="what the command line calls it")


def list_products(args: argparse.Namespace) -> int:
    """Prints the products."""
    rows = [
        {
            "product": row.product, "name": row.name, "kind": row.kind, "supplier": row.supplier,
            "price_minor": row.price_minor, "currency": row.currency, "on_shelf": row.on_shelf,
        }
        for row in base.desk(args).read(queries.products, limit=100_000)
    ]  # fmt: skip
    base.emit(args, {"rows": rows})
    return 0


def put_on(args: argparse.Namespace) -> int:
    """Puts a product on the shelf."""
    return _switch(args, on=True)


def take_off(args: argparse.Namespace) -> int:
    """Takes a product off the shelf."""
    return _switch(args, on=False)


def add_product(args: argparse.Namespace) -> int:
    """Makes a bundle, or a product of our own; both start off the shelf."""
    ctx = base.desk(args)
    if args.bundle:
        made = ctx.write(services.add_bundle, name=args.bundle, parts=[_part(text) for text in args.part], key=args.key)
    else:
        made = ctx.write(
            services.add_product, name=args.product, kind=args.kind, price_minor=_fen(args.price), key=args.key
        )
    document = {"product": made.product, "name": made.name, "on_shelf": made.on_shelf}
    base.emit(args, document, [_("{product} is made; it is off the shelf.", product=made.product)])
    return 0


def _switch(args: argparse.Namespace, *, on: bool) -> int:
    changed = base.desk(args).write(services.set_on_shelf, product=args.product, on=on)
    said = _("{product} is on the shelf.", product=changed.product)
    gone = _("{product} is off the shelf.", product=changed.product)
    base.emit(args, {"product": changed.product, "on_shelf": changed.on_shelf}, [said if on else gone])
    return 0


def _part(text: str) -> tuple[str, int]:
    """`PRODUCT` or `PRODUCT:QTY`."""
    product, colon, quantity = text.rpartition(":")
    if not colon:
        return text, 1
    if not quantity.isdecimal():
        raise Refused("bundle_quantity", field="part", product=product)
    return product, int(quantity)


def _fen(text: str) -> int:
    try:
        amount = Decimal(text) * 100
    except DecimalException as error:
        raise Refused("product_price", field="price") from error
    if not amount.is_finite() or amount != int(amount) or not 0 <= amount < 10**12:
        raise Refused("product_price", field="price")
    return int(amount)
