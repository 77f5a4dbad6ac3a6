"""`welfare-desk report claims | products | channels | budget`: figures as text, JSON, csv, xlsx or pdf."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from welfare_desk.commands import base
from welfare_desk.context import AppContext
from welfare_desk.errors import Refused
from welfare_desk.files import exports
from welfare_desk.queries import budgets, campaigns, reports, stock
from welfare_desk.queries.reports import DIMENSIONS, ClaimRow, Scope

Row = dict[str, Any]
FORMATS = ("json", "csv", "xlsx", "pdf")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the reports."""
    sub = parser.add_subparsers(required=True, metavar="REPORT")
    for name, summary, rows in (
        ("claims", "claim rate: claimed ÷ reached", claim_rows),
        ("products", "claims and stock per product", product_rows),
        ("channels", "messages and claims per channel", channel_rows),
        ("budget", "committed and used per campaign", budget_rows),
    ):
        leaf = base.leaf(sub, name, summary, _printer(name, rows))
        leaf.add_argument("--campaign", metavar="C", help="one campaign: its key or name")
        leaf.add_argument("--format", choices=FORMATS, help="json or csv on standard output, xlsx and pdf with --out")
        leaf.add_argument("--out", type=Path, metavar="FILE", help="where to save; its ending chooses the format")
        if name == "claims":
            leaf.add_argument("--by", choices=DIMENSIONS, default="campaign")


def claim_rows(args: argparse.Namespace, ctx: AppContext, scope: Scope) -> list[Row]:
    """The key (named as --by), grants, reached, claimed, rate. By day the rate is that of everything so far."""
    return [_claims(args.by, row) for row in ctx.read(reports.claim_rates, by=args.by, scope=scope).rows]


def product_rows(_args: argparse.Namespace, ctx: AppContext, scope: Scope) -> list[Row]:
    """Claims of every product that was given, with its stock."""
    units = {row.product: row for row in ctx.read(stock.stock, now=ctx.clock.now())}
    rows = []
    for row in ctx.read(reports.claim_rates, by="product", scope=scope).rows:
        there = units[row.key]
        rows.append({**_claims("product", row), "in_stock": there.in_stock, "free": there.free, "issued": there.issued})
    return rows


def channel_rows(_args: argparse.Namespace, ctx: AppContext, scope: Scope) -> list[Row]:
    """How grants were first reached, and the messages of each channel by state."""
    messages = ctx.read(reports.messages, scope=scope)
    rows = [_claims("channel", row) for row in ctx.read(reports.claim_rates, by="channel", scope=scope).rows]
    none = dict.fromkeys(reports.MESSAGE_STATES, 0)
    return [{**row, **messages.get(row["channel"], none)} for row in rows]


def budget_rows(_args: argparse.Namespace, ctx: AppContext, scope: Scope) -> list[Row]:
    """Committed, used and left, in minor units."""
    return [base.plain(row) for row in ctx.read(budgets.budgets, campaign_id=scope.campaign_id)]


def _claims(by: str, row: ClaimRow) -> Row:
    named = {by: row.key} if row.name == row.key else {by: row.key, "name": row.name}
    return {**named, "grants": row.grants, "reached": row.reached, "claimed": row.claimed, "rate": row.rate}


def _printer(
    name: str, read: Callable[[argparse.Namespace, AppContext, Scope], list[Row]]
) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        ctx = base.desk(args)
        campaign = ctx.read(campaigns.find, ref=args.campaign) if args.campaign else None
        chosen = _format(args)
        _deliver(args, chosen, name, read(args, ctx, Scope(campaign_id=campaign)))
        return 0

    return run


def _format(args: argparse.Namespace) -> str:
    """--format, else the ending of --out, else --json, else text. Raises Refused where a file is needed."""
    ending = args.out.suffix.lower().lstrip(".") if args.out else ""
    chosen: str = args.format or ending or ("json" if getattr(args, "json", False) else "")
    if args.out and chosen not in FORMATS:
        raise Refused("report_format", field="out", name=args.out.name)
    if chosen in ("xlsx", "pdf") and args.out is None:
        raise Refused("report_needs_file", field="out", format=chosen)
    return chosen


def _deliver(args: argparse.Namespace, chosen: str, name: str, rows: list[Row]) -> None:
    headers = list(rows[0]) if rows else []
    cells = [list(row.values()) for row in rows]
    if chosen == "pdf":
        args.draw_table(args.out, name, headers, cells)
    elif chosen == "xlsx":
        exports.write_xlsx(args.out, headers, cells, sheet=name)
    elif chosen == "csv" and args.out:
        exports.write_csv(args.out, headers, cells)
    elif chosen == "csv":
        sys.stdout.write(exports.csv_text(headers, cells))
    elif args.out:
        args.out.write_text(json.dumps(base.plain({"rows": rows}), ensure_ascii=False), encoding="utf-8")
    else:
        args.json = chosen == "json"
        base.emit(args, {"rows": rows})
        return
    if args.out:
        base.emit(args, {"file": str(args.out), "count": len(rows)})
