"""`welfare-desk links C --out FILE.csv|.xlsx|.pdf`: a campaign's links, minted by the service for the asker alone."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from welfare_desk import i18n
from welfare_desk.commands import base, job_wait
from welfare_desk.commands.campaign import warn_local
from welfare_desk.context import AppContext
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.files import exports
from welfare_desk.queries import campaigns, settings
from welfare_desk.services import addresses, links

Draw = Callable[..., object]
FORMATS = (".csv", ".xlsx", ".pdf")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `links`."""
    base.common(parser)
    parser.set_defaults(run=save_links)
    parser.add_argument("campaign", metavar="C")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="ends in .csv, .xlsx or .pdf")
    job_wait.waiting(parser)


def save_links(args: argparse.Namespace) -> int:
    """Asks for the sheet, waits, saves it and notes that its people were reached."""
    if args.out.suffix.lower() not in FORMATS:
        raise Refused("links_format", field="out", file=args.out.name, known=" ".join(FORMATS))
    ctx = base.desk(args)
    campaign_id, private_key = ctx.read(campaigns.find, ref=args.campaign), links.new_key()
    job_id = ctx.write(links.ask_sheet, campaign_id=campaign_id, private_key=private_key)
    state = job_wait.follow_job(args, ctx, job_id, wait=True)
    job_wait.raise_if_failed(state)
    if not state.finished:
        raise Unavailable("links_not_ready", job=job_id, state=state.state)
    sheet = links.open_sheet(ctx, job_id=job_id, private_key=private_key)
    printed = save(args.out, sheet, draw=getattr(args, "draw_sheet", None), company=_company(ctx))
    links.finish_sheet(ctx, job_id=job_id, sheet=sheet, by="printed" if printed else "exported")
    document = {
        "file": str(args.out), "campaign": sheet.campaign, "links": len(sheet.rows), "public_url": sheet.public_url,
        "local": addresses.is_local(sheet.public_url),
    }  # fmt: skip
    base.emit(args, document, [i18n._("{n} links are in {file}.", n=len(sheet.rows), file=str(args.out))])
    warn_local(sheet.public_url)
    return 0


def save(path: Path, sheet: links.Sheet, *, draw: Draw | None, company: dict[str, Any]) -> bool:
    """Writes the sheet in the format of the name; whether it is one to print. The file appears when it is complete."""
    kind = path.suffix.lower()
    fresh = path.with_name(f".{path.stem}.new{path.suffix}")
    try:
        fresh.touch(mode=0o600)
        if kind == ".pdf":
            if draw is None:
                raise Refused("links_format", field="out", file=path.name, known=".csv .xlsx")
            draw(fresh, sheet, company=company["company_name"], language=company["language"])
        elif kind == ".xlsx":
            exports.write_xlsx(fresh, links.COLUMNS, (row.cells() for row in sheet.rows), sheet=sheet.name)
        else:  # scripts read this one: no byte order mark
            text = exports.csv_text(links.COLUMNS, (row.cells() for row in sheet.rows))
            fresh.write_text(text, encoding="utf-8", newline="")
        fresh.replace(path)
    except OSError as error:
        raise Unavailable("file_unwritable", field="out", name=str(path), reason=error.strerror or "") from error
    finally:
        fresh.unlink(missing_ok=True)
    return kind == ".pdf"


def _company(ctx: AppContext) -> dict[str, Any]:
    return ctx.read(settings.shared)
