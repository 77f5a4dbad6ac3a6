"""Law 1 on SQLite: claims go on while a list is written and taken back, and no turn holds the lock for long."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.arena import arena
from benchmarks.p15_claims_during_import import measure, pasted
from tests.support.world import open_world
from welfare_desk.services import import_steps, people_import

LONGEST_MS = 1000
HOLD_S = 0.2


def test_claims_go_on_while_a_list_is_applied_and_undone() -> None:
    with arena(people=600, postgres=False) as at:
        claimed, _seconds, correct = measure(at, rows=20_000, rate=100, claims=600)
    assert correct
    assert claimed.waits[-1] < LONGEST_MS


def _timed(monkeypatch: pytest.MonkeyPatch, name: str) -> list[float]:
    """Processor seconds of every call of a step, filled as it is called; other work on the machine does not count."""
    noted: list[float] = []
    step = getattr(import_steps, name)

    def turn(*given: Any, **kw: Any) -> None:
        began = time.thread_time()
        step(*given, **kw)
        noted.append(time.thread_time() - began)

    monkeypatch.setattr(import_steps, name, turn)
    return noted


def test_no_turn_is_longer_than_law_1_allows(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = open_world(sqlite_database, tmp_path)
    holds = {name: _timed(monkeypatch, name) for name in ("write_part", "remove_part")}
    check = people_import.check_list(world.ctx, people_import.open_pasted(pasted(50_000)))
    done = people_import.apply_import(world.ctx, check)
    people_import.undo_import(world.ctx, done.import_id or 0)
    world.ctx.engine.dispose()
    assert all(len(noted) > 2 for noted in holds.values())
    assert max(max(noted) for noted in holds.values()) < HOLD_S
