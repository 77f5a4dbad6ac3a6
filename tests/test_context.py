"""The only place that begins, retries and commits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.world import World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.people import Person
from welfare_desk.errors import Unavailable
from welfare_desk.queries import settings


@pytest.fixture
def on_postgres(postgres_database: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(postgres_database, tmp_path)
    yield made
    made.ctx.engine.dispose()


def end_connections(world: World) -> None:
    """Every pooled connection is ended by the server, as a restart does."""
    with world.ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""))  # fmt: skip
        connection.detach()


@pytest.mark.postgres
def test_connections_that_died_in_the_pool_are_replaced(on_postgres: World) -> None:
    on_postgres.ctx.read(settings.shared)
    end_connections(on_postgres)
    on_postgres.ctx.read(settings.shared)
    end_connections(on_postgres)
    assert len(on_postgres.people(2)) == 2
    assert on_postgres.ctx.read(lambda session: session.query(Person).count()) == 2


@pytest.mark.postgres
def test_a_transaction_that_died_before_its_commit_is_run_again_once(on_postgres: World) -> None:
    runs: list[int] = []

    def dies_once(_ctx: AppContext, session: Session) -> int:
        runs.append(1)
        if len(runs) == 1:
            own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with on_postgres.ctx.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
        return int(session.execute(text("SELECT 7")).scalar_one())

    assert on_postgres.ctx.write(dies_once) == 7
    assert len(runs) == 2


@pytest.mark.postgres
def test_a_commit_whose_answer_is_lost_is_unknown_and_never_repeated(
    on_postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    real = Session.commit

    def dies(self: Session) -> None:
        own = self.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with on_postgres.ctx.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
        real(self)

    def counts(_ctx: Any, session: Session) -> None:
        session.execute(text("SELECT 1"))
        runs.append(1)

    monkeypatch.setattr(Session, "commit", dies)
    with pytest.raises(Unavailable, match="database_away"):
        on_postgres.ctx.write(counts)
    assert len(runs) == 1
