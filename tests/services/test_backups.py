"""Backup, restore, journal and epoch: what was claimed after the backup is never given out again."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, String, create_engine, delete, func, insert, select

from tests.faults.checker import History, check
from tests.support.supplier import work
from tests.support.world import World, at_desk, open_world
from welfare_desk.db import dump, migrate, schema_version
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.db.models.claims import Claim, Fulfilment
from welfare_desk.db.models.operators import Operator
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import Code
from welfare_desk.db.models.shelf import Product
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.jobs import intake_codes
from welfare_desk.jobs.work import Work
from welfare_desk.queries.jobs import job
from welfare_desk.queries.reconcile import reconcile
from welfare_desk.security import archives, keystore
from welfare_desk.security.journal import Given, Journal
from welfare_desk.services import backups, claims, epochs, journal_replay, rehearsals, restores, stock
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.settings import save_machine
from welfare_desk.web import settler

RELEASED = Path(__file__).parent.parent / "databases"
OLD_ROWS: dict[str, dict[str, Any]] = {
    "operator": {"id": 1, "name": "admin", "role": "administrator"},
    "setting": {"key": "company_name", "value": "星河科技"},
    "person": {"id": 7, "name": "王芳", "status": "active", "extra": {"work_location": "上海", "shoe": "37"}},
}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    made.clock.moment = 1_795_400_000_000

    def operator(ctx: object, session: object) -> None:
        session.add(Operator(id=1, name="admin", role="administrator", password_hash="", created_at=0))  # type: ignore[attr-defined]

    made.ctx.write(operator)
    save_machine(tmp_path, epoch=made.ctx.write(epochs.renew))
    yield made
    made.ctx.engine.dispose()


def claim(world: World, journal: Journal | None, grants: list[int], *, bare: bool = False) -> dict[int, int]:
    """Claims like the settler does: settle, journal, then reveal; returns the code of each grant.

    `bare`: as earlier programs did, whose records did not hold the code.
    """
    outcomes = world.ctx.write(claims.settle, requests=[ClaimRequest(grant) for grant in grants])
    units = [(outcome.grant_id, unit) for outcome in outcomes for unit in outcome.units]
    if journal is not None:
        given = [row for outcome in outcomes for row in settler._given(outcome)]
        journal.append([Given(row.grant_id, row.part, row.unit, row.code_id, row.at) if bare else row for row in given])
    return {grant: unit.code_id or 0 for grant, unit in units}


@pytest.fixture
def journal(world: World) -> Iterator[Journal]:
    made = Journal(world.ctx.data, world.ctx.keys, "test")  # type: ignore[arg-type]
    yield made
    made.close()


def restored_world(world: World, file: Path, tmp_path: Path) -> tuple[World, restores.Restored]:
    """The backup restored into a new SQLite database of the same data folder."""
    url = sqlite_url(tmp_path / "restored.db")
    made = restores.restore(world.ctx.data, file, database=url, passphrase="correct horse")
    return World(dataclasses.replace(world.ctx, engine=open_engine(url)), world.clock), made


def test_claims_after_the_backup_come_back_from_the_journal(world: World, journal: Journal, tmp_path: Path) -> None:
    product = world.product()
    world.stock(product, 20)
    _campaign, grants = world.campaign(product, world.people(20), reserved={product: 20}, verify="none")
    before = claim(world, journal, grants[:5])
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    after = claim(world, journal, grants[5:12])
    again, made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    assert (made.replayed, made.quarantined, made.unknown, made.at_risk) == (7, 0, 0, 0)
    later = claim(again, None, grants)
    assert {grant: later[grant] for grant in grants[:12]} == before | after
    history = History()
    for grant, code in (before | after | later).items():
        history.saw(grant, frozenset({code}))
    assert again.ctx.read(check, history=history) == []
    again.ctx.engine.dispose()


def test_mutant_restore_without_replay_gives_codes_twice(
    world: World, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = world.product()
    world.stock(product, 3)
    _campaign, grants = world.campaign(product, world.people(3), reserved={product: 3}, verify="none")
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    shown = claim(world, journal, grants[:1])
    monkeypatch.setattr(journal_replay, "replay", lambda ctx, session, given: journal_replay.Counts())
    again, _made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    history = History()
    for grant, code in shown.items():
        history.saw(grant, frozenset({code}))
    for grant, code in claim(again, None, list(reversed(grants))).items():
        history.saw(grant, frozenset({code}))
    assert again.ctx.read(check, history=history)
    again.ctx.engine.dispose()


def test_without_a_journal_the_codes_at_risk_are_counted(world: World, tmp_path: Path) -> None:
    world.stock(world.product(), 4)
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    again, made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    assert made.at_risk == 4
    again.ctx.engine.dispose()


def test_a_code_given_to_a_grant_the_backup_does_not_know_leaves_the_shelf(
    world: World, journal: Journal, tmp_path: Path
) -> None:
    product = world.product()
    world.stock(product, 2)
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    _campaign, grants = world.campaign(product, world.people(1), reserved={product: 1}, verify="none")
    [code] = claim(world, journal, grants).values()
    again, made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    assert made.quarantined == 1
    assert again.ctx.read(lambda s: s.scalar(select(Code.state).where(Code.id == code))) == "quarantined"
    epochs.check(again.ctx, keystore_of(world))
    again.ctx.engine.dispose()


def test_codes_that_arrived_after_the_backup_do_not_keep_the_restored_database_closed(
    world: World, journal: Journal, tmp_path: Path
) -> None:
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    product = world.product()
    world.stock(product, 1)
    _campaign, grants = world.campaign(product, world.people(1), reserved={product: 1}, verify="none")
    claim(world, journal, grants, bare=True)
    again, made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    assert made.unknown == 1
    epochs.check(again.ctx, keystore_of(world))
    again.ctx.engine.dispose()


def test_codes_that_arrived_after_the_backup_come_back_and_are_known_when_their_list_is_imported_again(
    world: World, journal: Journal, tmp_path: Path
) -> None:
    """Bound to who was shown them; those of a campaign nobody remembers are put aside; the rest of the list is new."""
    product = world.product()
    _campaign, grants = world.campaign(product, world.people(2), reserved={product: 2}, verify="none")
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    world.stock(product, 4)
    shown = claim(world, journal, grants)
    _campaign, others = world.campaign(product, world.people(1), reserved={product: 1}, verify="none")
    claim(world, journal, others)
    again, made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    assert (made.replayed, made.quarantined, made.unknown) == (2, 1, 0)
    assert import_list(again, product, list(world.codes)) == {"stored": 1, "duplicates": 3}
    assert claim(again, None, grants) == shown
    assert again.ctx.read(check, history=History()) == []
    assert again.ctx.read(reconcile, now=again.clock.now()).differences == ()
    again.ctx.engine.dispose()


def test_codes_of_a_product_the_backup_does_not_know_are_known_again(
    world: World, journal: Journal, tmp_path: Path
) -> None:
    backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    product = world.product()
    world.stock(product, 1)
    _campaign, grants = world.campaign(product, world.people(1), reserved={product: 1}, verify="none")
    claim(world, journal, grants)
    again, made = restored_world(world, tmp_path / "backup.wdb", tmp_path)
    assert (made.quarantined, made.unknown) == (1, 0)
    assert import_list(again, again.product(), list(world.codes)) == {"stored": 0, "duplicates": 1}
    assert again.ctx.read(reconcile, now=again.clock.now()).differences == ()
    again.ctx.engine.dispose()


def import_list(world: World, product: int, secrets: list[str]) -> dict[str, int]:
    """HR imports a list of codes; what became of them."""
    key = world.ctx.read(lambda session: session.get_one(Product, product).key)
    params = {"product": key, "codes": [("", secret) for secret in secrets], "unit_cost_minor": 900}
    job_id = at_desk(world).write(stock.request_import, **params)
    row = world.ctx.read(job, job_id=job_id)
    assert row is not None
    blank = work(row.params)
    leased = Work(job_id, row.kind, row.params, "test", None, 1, blank.progress, lambda _seconds: None)
    return intake_codes.run(world.ctx, leased)


def test_a_backup_of_an_earlier_program_is_restored_and_brought_up_to_date(world: World, tmp_path: Path) -> None:
    """Into a new SQLite file and into an empty database of this program's schema, as somebody would have made one."""
    file, keys = tmp_path / "old.wdb", keystore_of(world)
    write_old_backup(file, tmp_path, keys.intake_public)
    for url in (sqlite_url(tmp_path / "restored.db"), another_database(world, tmp_path)):
        made = restores.restore(world.ctx.data, file, database=url, passphrase="correct horse")
        engine = open_engine(url)
        schema_version.check(engine)
        again = dataclasses.replace(world.ctx, engine=engine)
        assert again.read(lambda session: session.execute(select(Person.name, Person.site, Person.extra)).all()) == [
            ("王芳", "上海", {"shoe": "37"})
        ]
        assert again.read(lambda session: session.scalar(select(func.count()).select_from(Operator))) == 1
        assert made.rows > 2
        engine.dispose()
    assert rehearsals.rehearse(world.ctx, file).rows == made.rows


def test_a_backup_of_a_later_program_says_so(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr(dump, "HEAD", "9999")
        backups.write_backup(world.ctx, tmp_path / "backup.wdb")
    with pytest.raises(Refused, match="backup_schema"):
        restored_world(world, tmp_path / "backup.wdb", tmp_path)


def write_old_backup(file: Path, tmp_path: Path, public_key: bytes) -> None:
    """What the program of schema 0001 wrote: its own tables and columns, one person, one operator."""
    path = tmp_path / "0001.db"
    shutil.copyfile(RELEASED / "0001.db", path)
    engine, old = create_engine(sqlite_url(path)), MetaData()
    old.reflect(engine)
    with engine.begin() as connection:
        for name, row in OLD_ROWS.items():
            empty = {one.name: "" if isinstance(one.type, String) else 0 for one in old.tables[name].columns
                     if not one.nullable}  # fmt: skip
            connection.execute(insert(old.tables[name]), empty | row)
        lines = [{"format": 1, "schema": "0001"}]
        for one in old.sorted_tables:
            if one.name == "alembic_version":
                continue
            lines.append({"table": one.name, "columns": [part.name for part in one.columns]})
            lines += [list(row) for row in connection.execute(select(one)).all()]  # type: ignore[misc]
        rows = sum(isinstance(line, list) for line in lines)
    engine.dispose()
    with file.open("wb") as target:
        packed = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in [*lines, {"rows": rows}]]
        archives.write(target, packed, public_key=public_key, head={"at": 1, "epoch": "old"})


def another_database(world: World, tmp_path: Path) -> str:
    """An empty one of this program's schema, on the kind of database the test runs on."""
    url = sqlite_url(tmp_path / "made.db")
    if world.ctx.engine.dialect.name == "postgresql":
        found, name = world.ctx.engine.url, f"again_{tmp_path.name}"[:50].lower()
        with world.ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}"')
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        url = found.set(database=name).render_as_string(hide_password=False)
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    return url


def keystore_of(world: World) -> keystore.OpenKeys:
    keys = world.ctx.keys
    assert isinstance(keys, keystore.OpenKeys)
    return keys


def test_a_rolled_back_or_copied_database_is_refused(world: World, journal: Journal) -> None:
    keys = world.ctx.keys
    assert isinstance(keys, keystore.OpenKeys)
    product = world.product()
    world.stock(product, 1)
    _campaign, grants = world.campaign(product, world.people(1), reserved={product: 1}, verify="none")
    claim(world, journal, grants)
    epochs.check(world.ctx, keys)
    for table in (Fulfilment, Claim):
        world.ctx.write(lambda _ctx, session, table=table: session.execute(delete(table)))
    with pytest.raises(Unavailable, match="database_rolled_back"):
        epochs.check(world.ctx, keys)
    world.ctx.write(epochs.renew)
    with pytest.raises(Unavailable, match="epoch_differs"):
        epochs.check(world.ctx, keys)


def test_a_backup_holds_nothing_in_the_open_and_no_altered_byte_passes(world: World, tmp_path: Path) -> None:
    world.stock(world.product(), 50)
    world.people(50)
    file = tmp_path / "backup.wdb"
    backups.write_backup(world.ctx, file)
    content = file.read_bytes()
    assert "员工".encode() not in content
    assert b"example.com" not in content
    for at in (len(content) - 3, len(content) // 2):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(Refused):
            restored_world(world, file, tmp_path)
    file.write_bytes(content[:-40])
    with pytest.raises(Refused):
        restored_world(world, file, tmp_path)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(Refused, match="backup_foreign"):
        restored_world(world, file, tmp_path)


def test_a_database_with_data_is_not_overwritten(world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup.wdb"
    backups.write_backup(world.ctx, file)
    again, _made = restored_world(world, file, tmp_path)
    assert again.ctx.read(lambda s: s.scalar(select(func.count()).select_from(Operator))) == 1
    again.ctx.engine.dispose()
    with pytest.raises(Refused, match="database_not_empty"):
        restored_world(world, file, tmp_path)
    restores.restore(
        world.ctx.data, file, database=sqlite_url(tmp_path / "restored.db"), passphrase="correct horse", replace=True
    )
    assert (tmp_path / "restored.db.before-restore").exists()
