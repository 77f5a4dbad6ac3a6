"""Law 1 on SQLite, as a phone sees it: claims go on while a list is written and taken back."""

from __future__ import annotations

from benchmarks.arena import arena
from benchmarks.p15_claims_during_import import measure

LONGEST_MS = 1000


def test_claims_go_on_while_a_list_is_applied_and_undone() -> None:
    with arena(people=600, postgres=False) as at:
        claimed, _seconds, correct = measure(at, rows=20_000, rate=100, claims=600)
    assert correct
    assert claimed.waits[-1] < LONGEST_MS
