"""What the settlement sends in arrays arrives as it was, whatever people call their departments."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from welfare_desk.db import claim_sql
from welfare_desk.db.engine import open_engine

AWKWARD = ("", "总部/研发", 'the "best"', "back\\slash", '\\"', "a,b", "{x}", "NULL", "null", " blank ", "a\nb", None)


def test_texts_arrive_as_they_were(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    with engine.connect() as connection:
        asked = text("SELECT unnest(cast(:values AS text[]))")
        found = connection.execute(asked, {"values": claim_sql._array(AWKWARD, "text")}).scalars().all()
    engine.dispose()
    assert tuple(found) == AWKWARD


@pytest.mark.parametrize("numbers", [(), (1,), (None,), (-(1 << 62), None, 0, (1 << 63) - 1)])
def test_numbers_arrive_as_they_were(postgres_database: str, numbers: tuple[int | None, ...]) -> None:
    engine = open_engine(postgres_database)
    with engine.connect() as connection:
        asked = text("SELECT unnest(cast(:values AS bigint[]))")
        found = connection.execute(asked, {"values": claim_sql._array(numbers)}).scalars().all()
    engine.dispose()
    assert tuple(found) == numbers
