"""The schema as a whole: metadata with every table known."""

from __future__ import annotations

from welfare_desk.db.models import campaigns, claims, jobs, operators, people, purchasing, shelf, tickets
from welfare_desk.db.models.base import Base

METADATA = Base.metadata
NOUNS = (campaigns, claims, jobs, operators, people, purchasing, shelf, tickets)
