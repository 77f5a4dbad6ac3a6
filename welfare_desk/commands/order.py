"""`welfare-desk order PRODUCT QUANTITY [--supplier NAME]`."""

from __future__ import annotations

import argparse
import sys

from welfare_desk.commands import base, job_wait
from welfare_desk.i18n import _
from welfare_desk.queries import purchasing as queries
from welfare_desk.services import purchasing as services


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `order`."""
    base.common(parser)
    parser.add_argument("product")
    parser.add_argument("quantity", type=int)
    parser.add_argument("--supplier", metavar="NAME", help="refuse unless this supplier sells it")
    job_wait.waiting(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Orders; with --wait follows the order until it is settled. 0: received or asked for, 1: anything else."""
    ctx = base.desk(args)
    asked = ctx.write(services.request_order, product=args.product, quantity=args.quantity, supplier=args.supplier)
    job_wait.follow_job(args, ctx, asked.job_id)
    order = ctx.read(queries.order_by_id, order_id=asked.order_id)
    assert order is not None
    document = {
        "order": order.order, "state": order.state, "received": order.received, "job": str(asked.job_id),
        "product": order.product, "quantity": order.quantity, "cost_minor": asked.cost_minor,
        "total_minor": order.total_minor, "currency": order.currency, "trouble": order.trouble,
    }  # fmt: skip
    lines = [
        _("Order {order}: {state}, {received} of {quantity} received.", order=order.order, state=order.state,
          received=order.received, quantity=order.quantity)
    ]  # fmt: skip
    base.emit(args, document, lines)
    if order.trouble:
        print(_("error." + order.trouble), file=sys.stderr)
    return 0 if order.state == "received" or not args.wait else 1
