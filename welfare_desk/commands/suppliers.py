"""`welfare-desk suppliers list | add NAME --kind K --config FILE | sync NAME | check NAME`."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from welfare_desk.commands import base, job_wait
from welfare_desk.errors import Refused
from welfare_desk.i18n import _
from welfare_desk.queries import suppliers as queries
from welfare_desk.services import suppliers as services

LARGEST_CONFIG = 100_000


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `suppliers`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    base.leaf(sub, "list", "suppliers, balances and what is wrong", list_suppliers)
    add = base.leaf(sub, "add", "connect a supplier", add_supplier)
    add.add_argument("name")
    add.add_argument("--kind", required=True, help="kasushou")
    add.add_argument("--config", required=True, type=Path, metavar="FILE", help="JSON or TOML: url, user_id, key")
    for name, summary, run in (
        ("sync", "read the catalogue; every new offer becomes a product, off the shelf", sync_supplier),
        ("check", "prove address, account and key, and read the balance", check_supplier),
    ):
        leaf = base.leaf(sub, name, summary, run)
        leaf.add_argument("name")
        job_wait.waiting(leaf)


def list_suppliers(args: argparse.Namespace) -> int:
    """Prints the suppliers."""
    rows = [
        {
            "supplier": row.name, "kind": row.kind, "address": row.address, "balance_minor": row.balance_minor,
            "currency": row.currency, "offers": row.offers, "synced_at": base.iso(row.synced_at),
            "checked_at": base.iso(row.checked_at), "trouble": row.trouble,
        }
        for row in base.desk(args).read(queries.suppliers)
    ]  # fmt: skip
    base.emit(args, {"rows": rows})
    return 0


def add_supplier(args: argparse.Namespace) -> int:
    """Connects a supplier; the key in the file is sealed before it is stored."""
    added = base.desk(args).write(
        services.add_supplier, name=args.name, kind=args.kind, config=read_config(args.config)
    )
    base.emit(args, {"supplier": added.name, "kind": added.kind}, [_("Supplier {name} is connected.", name=added.name)])
    return 0


def read_config(path: Path) -> dict[str, Any]:
    """The table in a JSON or TOML file. Raises Refused(`config_unreadable`, `config_broken`)."""
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise Refused("config_broken", field="config", file=path.name)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("config_unreadable", field="config", file=str(path)) from error
    try:
        document = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except ValueError as error:
        raise Refused("config_broken", field="config", file=path.name) from error
    if not isinstance(document, dict):
        raise Refused("config_broken", field="config", file=path.name)
    return document


def sync_supplier(args: argparse.Namespace) -> int:
    """Asks for the catalogue to be read; with --wait says what it brought."""
    return _ask(args, services.request_sync)


def check_supplier(args: argparse.Namespace) -> int:
    """Asks for the connection to be proved; with --wait gives the balance."""
    return _ask(args, services.request_check)


def _ask(args: argparse.Namespace, request: Callable[..., int]) -> int:
    ctx = base.desk(args)
    state = job_wait.follow_job(args, ctx, ctx.write(request, supplier=args.name))
    job_wait.raise_if_failed(state)
    base.emit(args, {"job": str(state.id), "state": state.state, **state.result})
    return 0 if state.finished or not args.wait else 1
