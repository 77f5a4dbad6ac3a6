"""What the page of a test send shows: the face of a campaign that runs, or of one that is only planned."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.jobs import SentTest
from welfare_desk.db.models.shelf import BundlePart, Product
from welfare_desk.domain.plans import Plan
from welfare_desk.queries.claim_page import CampaignFace, PartFace, campaign_face


def face_of_grant(session: Session, *, grant_id: int) -> CampaignFace | None:
    """The face of the campaign a grant belongs to, or None."""
    number = select(Campaign.key_number).join(Grant, Grant.campaign_id == Campaign.id).where(Grant.id == grant_id)
    key_number = session.scalar(number)
    return campaign_face(session, key_number=key_number) if key_number is not None else None


def face_of_plan(session: Session, *, plan: Plan) -> CampaignFace | None:
    """The face a planned campaign would have, or None when there is no such product."""
    given = session.scalar(select(Product).where(Product.key == plan.product))
    if given is None:
        return None
    bundled = (
        select(Product, BundlePart.quantity)
        .join(BundlePart, BundlePart.product_id == Product.id)
        .where(BundlePart.bundle_id == given.id)
        .order_by(BundlePart.position)
    )
    parts: Sequence[tuple[Product, int]] = [(row[0], row[1]) for row in session.execute(bundled)] or [(given, 1)]
    faces = tuple(
        PartFace(at, product.id, product.name, product.kind, each * plan.quantity, product.how_to)
        for at, (product, each) in enumerate(parts)
    )
    account = next((product.account_kind or "any" for product, _each in parts if product.kind == "top_up"), None)
    return CampaignFace(
        0, plan.name, "open", plan.opens_at, plan.closes_at, plan.timezone, plan.verify, False,
        given.kind == "bundle", False, account, faces,
    )  # fmt: skip


def sent_test(session: Session, *, token: str, now: int) -> CampaignFace | None:
    """What the page of that token shows, or None when there is none or it is too old."""
    found = select(SentTest.face).where(SentTest.token == token, SentTest.expires_at > now)
    kept = session.scalar(found)
    if kept is None:
        return None
    return CampaignFace(**{**kept, "parts": tuple(PartFace(**part) for part in kept["parts"])})
