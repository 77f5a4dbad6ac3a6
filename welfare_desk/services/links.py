"""Links: what they begin with, and sheets of them, which only the service can mint and only the asker can open.

The asker makes a one-time X25519 key, keeps the private half in memory and puts the public half into the job row; the
sheet comes back in sealed rows, which are deleted after fetching or an hour.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.models.jobs import JobRow
from welfare_desk.errors import NotFound, Refused, Unavailable
from welfare_desk.queries import campaigns, grants, service, settings
from welfare_desk.queries import jobs as job_queries
from welfare_desk.security.sealing import key_pair, public_of, seal, unseal
from welfare_desk.services import audit, jobs, messages, rollups
from welfare_desk.services.addresses import link_address
from welfare_desk.services.turns import Report, in_turns, silent
from welfare_desk.settings import machine

ROWS_PER_CHUNK = 500
KEPT_MS = 3_600_000
COLUMNS = ("employee_no", "name", "department", "reference", "url")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One person's line; `url` is a secret."""

    grant_id: int
    employee_no: str | None
    name: str
    department: str
    reference: str
    url: str = field(repr=False)

    def cells(self) -> tuple[str, ...]:
        """The cells in the order of COLUMNS."""
        return (self.employee_no or "", self.name, self.department, self.reference, self.url)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The links of a campaign, opened by whoever asked for them. `public_url` is what they begin with."""

    campaign_id: int
    campaign: str
    name: str
    product: str
    opens_at: int
    closes_at: int
    timezone: str
    public_url: str
    rows: tuple[SheetRow, ...] = field(repr=False)


def link_base(ctx: AppContext) -> str:
    """What links begin with: `public_url`, else where a living service answers, else what this machine would use."""
    public_url = str(ctx.read(settings.shared)["public_url"])
    living = () if public_url else ctx.read(service.state, clock=ctx.clock).addresses
    here = machine(ctx.data)
    return link_address(public_url or next(iter(living), ""), here["host"], int(here["port"]))


def link_url(ctx: AppContext, base: str, grant_id: int, version: int) -> str:
    """The whole link, in upper case so that QR codes stay small. Raises Unavailable(`keys_missing`) at a desk."""
    if ctx.keys is None:
        raise Unavailable("keys_missing", folder=str(ctx.data))
    return f"{base}/C/{ctx.keys.mint_link(grant_id, version)}".upper()


def new_key() -> bytes:
    """A private key for one sheet; keep it in memory and nowhere else."""
    return key_pair()[0]


def ask_sheet(ctx: AppContext, session: Session, *, campaign_id: int, private_key: bytes) -> int:
    """Asks the service for a campaign's links; returns the job id."""
    params = {"campaign_id": campaign_id}
    return jobs.request(ctx, session, kind="mint_sheet", params=params, public_key=public_of(private_key))


def mint_rows(ctx: AppContext, *, campaign_id: int, base: str) -> list[list[Any]]:
    """The lines of a sheet in the order of SheetRow: every open grant of the campaign. For the service alone."""
    return [
        [row.grant_id, row.employee_no, row.name, row.department, row.reference,
         link_url(ctx, base, row.grant_id, row.link_version)]
        for row in ctx.read(grants.sheet, campaign_id=campaign_id)
    ]  # fmt: skip


def seal_rows(rows: Sequence[Sequence[Any]], *, job_id: int, public_key: bytes) -> list[bytes]:
    """The lines in sealed chunks, each bound to its job and place."""
    chunks = [rows[start : start + ROWS_PER_CHUNK] for start in range(0, len(rows), ROWS_PER_CHUNK)]
    return [
        seal(json.dumps(chunk, ensure_ascii=False).encode(), public_key, _info(job_id, number, len(chunks)))
        for number, chunk in enumerate(chunks)
    ]


def store_rows(
    ctx: AppContext, session: Session, *, rows: Sequence[tuple[int, bytes]], job_id: int, fresh: bool = False
) -> None:
    """Writes sealed chunks (number, bytes) beside the job; `fresh` forgets those of an earlier attempt."""
    if fresh:
        session.execute(delete(JobRow).where(JobRow.job_id == job_id))
    now = read_now(session, ctx.clock)
    session.add_all(JobRow(job_id=job_id, chunk=number, sealed=sealed, created_at=now) for number, sealed in rows)


def open_sheet(ctx: AppContext, *, job_id: int, private_key: bytes) -> Sheet:
    """Opens the sheet of a finished job. Raises Refused(`sheet_gone`) when its rows were fetched or are too old."""
    job = ctx.read(job_queries.job, job_id=job_id)
    if job is None or job.state != "done":
        raise NotFound("sheet_not_ready", job=job_id)
    sealed = ctx.read(_sealed, job_id=job_id)
    if len(sealed) != job.result["chunks"]:
        raise Refused("sheet_gone")
    rows = [
        SheetRow(*line)
        for number, chunk in enumerate(sealed)
        for line in json.loads(unseal(chunk, private_key, _info(job_id, number, len(sealed))))
    ]
    of = ctx.read(campaigns.head, campaign_id=int(job.result["campaign_id"]))
    return Sheet(
        of.id, of.campaign, of.name, of.product, of.opens_at, of.closes_at, of.timezone, str(job.result["base"]),
        tuple(rows),
    )  # fmt: skip


def finish_sheet(
    ctx: AppContext, report: Report = silent, *, job_id: int, sheet: Sheet, by: Literal["exported", "printed"]
) -> None:
    """After the sheet was saved: its people count as reached, the sealed rows go, and it is in the audit log."""
    in_turns(ctx, _reach, [row.grant_id for row in sheet.rows], report=report, by=by)
    ctx.write(_close_sheet, job_id=job_id, sheet=sheet, by=by)


def forget_old(ctx: AppContext, session: Session) -> int:
    """Deletes sealed rows that nobody fetched within an hour; returns how many."""
    old = JobRow.created_at < read_now(session, ctx.clock) - KEPT_MS
    return len(session.execute(delete(JobRow).where(old).returning(JobRow.job_id)).all())


def anything_old(session: Session, *, now: int) -> bool:
    """Whether sealed rows are older than an hour."""
    return session.execute(select(JobRow.job_id).where(JobRow.created_at < now - KEPT_MS).limit(1)).first() is not None


def _info(job_id: int, number: int, count: int) -> bytes:
    return b"sheet/%d/%d/%d" % (job_id, number, count)


def _sealed(session: Session, *, job_id: int) -> Sequence[bytes]:
    return session.scalars(select(JobRow.sealed).where(JobRow.job_id == job_id).order_by(JobRow.chunk)).all()


def _reach(ctx: AppContext, session: Session, *, rows: Sequence[int], by: str) -> None:
    figures = messages.mark_reached(session, rows, by=by, now=read_now(session, ctx.clock))
    rollups.add(session, figures, ctx.writer)


def _close_sheet(ctx: AppContext, session: Session, *, job_id: int, sheet: Sheet, by: str) -> None:
    session.execute(delete(JobRow).where(JobRow.job_id == job_id))
    audit.record(
        ctx, session, f"links.{by}", f"campaign:{sheet.campaign_id}", links=len(sheet.rows), name=sheet.name
    )  # fmt: skip
