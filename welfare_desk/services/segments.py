"""Saving filters over people as segments, changing, removing and putting them back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.people import Segment
from welfare_desk.domain.cells import tidy
from welfare_desk.domain.segments import read_filter
from welfare_desk.errors import NotFound, Refused
from welfare_desk.files.spelling import spell
from welfare_desk.queries.segments import SegmentRow
from welfare_desk.services import audit

NAME_SIGNS = 60
KEY_SIGNS = 40
_KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def add_segment(
    ctx: AppContext, session: Session, *, name: str, wanted: Mapping[str, Any], key: str = ""
) -> SegmentRow:
    """A new segment. `key` is what scripts call it (default: made of the name).

    Raises Refused: `segment_name`, `segment_exists` (field `name` or `key`), `segment_key_form`, and for the filter
    what `domain.segments.read_filter` says.
    """
    read = read_filter(wanted)
    said = _name(session, name)
    called = key.strip() or _free_key(session, said)
    if len(called) > KEY_SIGNS or not _KEY.fullmatch(called):
        raise Refused("segment_key_form", field="key", key=called[:KEY_SIGNS])
    if session.scalar(select(Segment.id).where(Segment.key == called)) is not None:
        raise Refused("segment_exists", field="key", name=called)
    now = ctx.clock.now()
    session.add(Segment(id=new_id(), key=called, name=said, filter=read.document(), operator=ctx.operator,
                        created_at=now, changed_at=now))  # fmt: skip
    session.flush()
    audit.record(ctx, session, "segment.added", f"segment:{called}", name=said)
    return SegmentRow(called, said, read)


def change_segment(
    ctx: AppContext, session: Session, *, key: str, name: str | None = None, wanted: Mapping[str, Any] | None = None
) -> SegmentRow:
    """Another name, another filter, or both. Raises NotFound(`segment_unknown`) and Refused as `add_segment`."""
    row = _locked(session, key)
    if name is not None:
        row.name = _name(session, name, besides=key)
    if wanted is not None:
        row.filter = read_filter(wanted).document()
    row.changed_at = ctx.clock.now()
    session.flush()
    audit.record(ctx, session, "segment.changed", f"segment:{key}", name=row.name)
    return SegmentRow(row.key, row.name, read_filter(row.filter))


def remove_segment(ctx: AppContext, session: Session, *, key: str) -> SegmentRow:
    """Removes a segment; returns it as it was, for `add_segment` to put it back. Campaigns keep who they were for.

    Raises NotFound(`segment_unknown`).
    """
    row = _locked(session, key)
    gone = SegmentRow(row.key, row.name, read_filter(row.filter))
    session.delete(row)
    audit.record(ctx, session, "segment.removed", f"segment:{key}", name=gone.name)
    return gone


def _locked(session: Session, key: str) -> Segment:
    row = session.scalars(select(Segment).where(Segment.key == key).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("segment_unknown", field="segment", segment=key[:80])
    return row


def _name(session: Session, name: str, besides: str = "") -> str:
    said = tidy(name)
    if not said or len(said) > NAME_SIGNS:
        raise Refused("segment_name", field="name", most=NAME_SIGNS)
    if session.scalar(select(Segment.id).where(Segment.name == said, Segment.key != besides)) is not None:
        raise Refused("segment_exists", field="name", name=said)
    return said


def _free_key(session: Session, name: str) -> str:
    """The name in Latin letters, with a number behind it where that is taken."""
    words = re.findall(r"[a-z0-9]+", name.lower()) if name.isascii() else spell(name).split()[-1:]
    base = "-".join(words)[: KEY_SIGNS - 4].strip("-") or "segment"
    taken = set(session.scalars(select(Segment.key).where(Segment.key.startswith(base, autoescape=True))))
    return next(key for key in (base, *(f"{base}-{at}" for at in range(2, 1000))) if key not in taken)
