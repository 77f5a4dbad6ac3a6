"""The schema as a whole: metadata with every table known."""

from __future__ import annotations

from .models import campaigns, claims, jobs, operators, people, purchasing, shelf
from .models.base import Base

METADATA = Base.metadata
NOUNS = (campaigns, claims, jobs, operators, people, purchasing, shelf)
