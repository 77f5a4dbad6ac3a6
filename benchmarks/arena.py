"""A fresh database with a data folder, campaigns in it, and the programs that run against it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tests.support.postgres import PostgresServer
from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_ids
from welfare_desk.db.models.campaigns import Campaign, Grant, Reservation
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import NEVER_EXPIRES, Batch, Code
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.figures import local_day
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.security.references import grant_reference, new_reference
from welfare_desk.services import rollups, setup

PASSWORD = "benchmark password"
ROOT = Path(__file__).resolve().parent.parent
DURABLE = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200",
    "shared_buffers": "256MB", "max_wal_size": "2GB", "checkpoint_timeout": "30min",
}  # fmt: skip
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DAY = 86_400_000
START_SECONDS = 60


@dataclass(frozen=True)
class Course:
    """One campaign to claim from: a file with a line `[token, identity, grant id, version]` per grant."""

    campaign_id: int
    file: Path
    claims: int


@dataclass
class Arena:
    """A data folder and database of its own; everything started here is ended with it."""

    folder: Path
    database: str
    ctx: AppContext
    people: list[int]

    @property
    def environment(self) -> dict[str, str]:
        """What programs need to find this arena."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WELFARE_DESK_")}
        mine = {"WELFARE_DESK_DATA": str(self.folder / "data"), "WELFARE_DESK_DATABASE": self.database,
                "WELFARE_DESK_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT)}  # fmt: skip
        return {**kept, **mine}

    def course(self, claims: int) -> Course:
        """A new campaign with as many grants and sealed codes as `claims`."""
        campaign_id, grants = self.ctx.write(_fill, people=self.people[:claims])
        keys = self.ctx.keys
        assert isinstance(keys, OpenKeys)
        file = self.folder / f"course-{campaign_id}.jsonl"
        lines = [json.dumps([keys.mint_link(grant, 0), str(at + 1), grant, 0]) for at, grant in enumerate(grants)]
        file.write_text("\n".join(lines), encoding="utf-8")
        return Course(campaign_id, file, claims)

    def given(self, course: Course) -> tuple[int, int]:
        """(claims, distinct codes) of a course, counted in the database."""

        def count(session: Session) -> tuple[int, int]:
            claims = session.scalar(select(func.count()).where(Claim.campaign_id == course.campaign_id))
            codes = session.scalar(
                select(func.count(Fulfilment.code_id.distinct())).where(Fulfilment.campaign_id == course.campaign_id)
            )
            return int(claims or 0), int(codes or 0)

        return self.ctx.read(count)

    @contextmanager
    def program(self, *command: str, port: int, hold_input: bool = False) -> Iterator[str]:
        """Runs `python -m command …` until the block ends; yields its address once it answers."""
        address = f"http://127.0.0.1:{port}"
        with (self.folder / "programs.log").open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", *command], env=self.environment, stdout=log, stderr=log,
                                       stdin=subprocess.PIPE if hold_input else subprocess.DEVNULL)  # fmt: skip
            try:
                _wait_for(address, process)
                yield address
            finally:
                process.terminate()
                process.wait(30)

    @contextmanager
    def service(self, workers: int) -> Iterator[str]:
        """The product's service as it ships."""
        port = free_port()
        command = ["welfare_desk", "service", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
        with self.program(*command, port=port) as address:
            yield address

    def run(self, *command: str) -> dict[str, Any]:
        """Runs `python -m command …` to its end and returns the JSON it printed."""
        done = subprocess.run([sys.executable, "-m", *command], env=self.environment, check=True, text=True,
                              stdout=subprocess.PIPE)  # fmt: skip
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def run_together(self, commands: list[list[str]]) -> list[dict[str, Any]]:
        """Runs several at once; each waits at the gate until all are ready."""
        processes = [
            subprocess.Popen([sys.executable, "-m", *command], env=self.environment, text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for command in commands
        ]  # fmt: skip
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready", "a client did not start"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{process.args} did not start")


@contextmanager
def arena(*, people: int, postgres: bool = True, durable: bool = True) -> Iterator[Arena]:
    """An arena on a PostgreSQL of its own, fsync on unless not `durable`, or on SQLite in WAL with FULL sync."""
    folder = Path(tempfile.mkdtemp(prefix="wd-bench-"))
    folder.chmod(0o755)
    server = (
        PostgresServer(Path(tempfile.mkdtemp(prefix="wd-bench-pg-")), DURABLE | ({} if durable else CARELESS))
        if postgres
        else None
    )
    try:
        if server:
            server.ensure_running()
        database = server.create("bench") if server else f"sqlite+pysqlite:///{folder / 'bench.db'}"
        setup.prepare(data=folder / "data", database=database, password=PASSWORD)
        ctx = wiring.service(folder / "data", database, passphrase=PASSWORD)
        try:
            yield Arena(folder, database, ctx, ctx.write(_people, count=people))
        finally:
            ctx.engine.dispose()
    finally:
        if server:
            server.delete()
        shutil.rmtree(folder, ignore_errors=True)


def _people(_ctx: AppContext, session: Session, *, count: int) -> list[int]:
    ids = list(new_ids(count))
    rows = [
        {"id": person, "reference": new_reference(), "key": f"n:{at}", "employee_no": f"{at:06d}",
         "number_key": str(at), "name": f"员工{at}", "pinyin": "", "department": f"总部/部门{at % 40}", "email": None,
         "phone": None, "hire_date": None, "leave_date": None, "status": "active", "extra": {}, "created_at": 0,
         "updated_at": 0}
        for at, person in enumerate(ids, start=1)
    ]  # fmt: skip
    session.execute(insert(Person), rows)
    return ids


def _fill(ctx: AppContext, session: Session, *, people: list[int]) -> tuple[int, list[int]]:
    assert ctx.keys is not None
    product, batch, campaign = new_ids(3)
    key_number = secrets.randbelow(1 << 22) + 1
    now = ctx.clock.now()
    session.execute(insert(Product).values(
        id=product, key=new_reference(), name="视频会员月卡", kind="card_secret", offer_id=None, supplier_id=None,
        price_minor=1000, currency="CNY", account_kind=None, how_to="", on_shelf=True, created_at=now, changed_at=now,
    ))  # fmt: skip
    session.execute(insert(Batch).values(
        id=batch, product_id=product, order_id=None, label="", received=len(people), total_minor=900 * len(people),
        currency="CNY", expires_at=None, at=now,
    ))  # fmt: skip
    session.execute(insert(Campaign).values(
        id=campaign, key=new_reference(), key_number=key_number, name="中秋福利", product_id=product, quantity=1,
        audience={"all": True}, state="open", opens_at=now - DAY, closes_at=now + DAY, timezone="Asia/Shanghai",
        verify="employee_no", channels=[], message="", cost_minor=0, currency="CNY", demo=False, operator="bench",
        created_at=now, changed_at=now,
    ))  # fmt: skip
    session.execute(insert(Reservation).values(campaign_id=campaign, product_id=product, units=len(people),
                                               needed=len(people)))  # fmt: skip
    session.execute(insert(Code), list(_codes(ctx, product, batch, len(people))))
    session.execute(insert(LedgerEntry), [
        {"transaction_id": batch, "line": line, "at": now, "account": account, "subject": f"batch:{batch}",
         "amount_minor": amount * 900 * len(people), "currency": "CNY"}
        for line, (account, amount) in enumerate([(f"stock:{product}", 1), (f"import:{batch}", -1)])
    ])  # fmt: skip
    grants = [key_number << 40 | secrets.randbits(40) for _person in people]
    rows = [
        {"id": grant, "reference": grant_reference(grant), "campaign_id": campaign, "person_id": person,
         "department": f"总部/部门{at % 40}", "product_id": product, "link_version": 0, "state": "open",
         "reached_at": None, "reached_by": None, "failures": 0, "failures_since": None, "created_at": now}
        for at, (grant, person) in enumerate(zip(grants, people, strict=True), start=1)
    ]  # fmt: skip
    session.execute(insert(Grant), rows)
    day = local_day(now, "Asia/Shanghai")
    rollups.add(session, [(rollups.GRANTS, campaign, product, row["department"], day, 1) for row in rows], 0)
    return campaign, grants


def _codes(ctx: AppContext, product: int, batch: int, count: int) -> Iterator[dict[str, Any]]:
    assert ctx.keys is not None
    for code_id in new_ids(count):
        secret = secrets.token_hex(8).upper()
        sealed, blind = ctx.keys.seal_code("", secret, product_id=product, batch_id=batch, code_id=code_id)
        yield {"id": code_id, "product_id": product, "batch_id": batch, "shelf_order": NEVER_EXPIRES,
               "expires_at": None, "state": "stock", "cost_minor": 900, "blind": blind, "sealed": sealed}  # fmt: skip
