"""Sites to test: a world over HTTP, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World, open_world
from tests.web.site import Site, serve


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A world on SQLite and on PostgreSQL."""
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    """That world, served."""
    with serve(world) as served:
        yield served


@pytest.fixture
def lite_world(sqlite_database: str, tmp_path: Path) -> Iterator[World]:
    """A world on SQLite alone."""
    made = open_world(sqlite_database, tmp_path)
    yield made
    made.ctx.engine.dispose()


@pytest.fixture
def lite_site(lite_world: World) -> Iterator[Site]:
    """That world, served."""
    with serve(lite_world) as served:
        yield served
