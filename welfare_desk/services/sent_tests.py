"""Pages of test sends: a planned campaign as its people would see it; claiming there gives nothing."""

from __future__ import annotations

import dataclasses
import secrets

from sqlalchemy import delete
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.jobs import SentTest
from welfare_desk.queries.claim_page import CampaignFace

KEPT_MS = 14 * 24 * 3_600_000
TOKEN_BYTES = 10


def start_sent_test(ctx: AppContext, session: Session, *, address: str, face: CampaignFace) -> str:
    """Makes the page of a test send; returns its address below `address`. Pages older than two weeks go."""
    now = read_now(session, ctx.clock)
    session.execute(delete(SentTest).where(SentTest.expires_at <= now))
    token = secrets.token_hex(TOKEN_BYTES).upper()
    shown = dataclasses.asdict(face)
    session.add(SentTest(id=new_id(), token=token, face=shown, created_at=now, expires_at=now + KEPT_MS))
    return f"{address.rstrip('/')}/S/{token}".upper()
