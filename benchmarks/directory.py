"""A directory of invented people in a database of its own, on SQLite and PostgreSQL, for benchmarks of lists."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tests.support.postgres import PostgresServer
from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql, migrate
from welfare_desk.db.engine import is_sqlite, open_engine, sqlite_url
from welfare_desk.db.ids import new_ids
from welfare_desk.files.spelling import spell
from welfare_desk.security.references import new_reference

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
DIVISIONS = ("总部", "华东", "华南", "华北", "西南")
SITES = ("北京", "上海", "广州", "深圳", "成都", "杭州")
TAGS = ("", ",新员工,", ",远程,", ",新员工,远程,", ",骨干,", "")
COLUMNS = (
    "id", "reference", "key", "employee_no", "number_key", "name", "pinyin", "department", "email", "phone",
    "hire_date", "leave_date", "birthday", "site", "level", "tags", "status", "extra", "created_at", "updated_at",
)  # fmt: skip


@contextmanager
def directories(*sizes: int, postgres: bool) -> Iterator[list[AppContext]]:
    """One database per size with that many people; a tenth of them have left."""
    folder = Path(tempfile.mkdtemp(prefix="wd-bench-"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "pg") if postgres else None
    made: list[AppContext] = []
    try:
        if server:
            server.ensure_running()
        for size in sizes:
            url = server.create(f"people{size}") if server else sqlite_url(folder / f"{size}.db")
            ctx = AppContext(engine=open_engine(url), data=folder)
            migrate.upgrade(ctx.engine)
            ctx.write(fill, count=size)
            with ctx.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("ANALYZE" if is_sqlite(connection) else "VACUUM ANALYZE")
            made.append(ctx)
        yield made
    finally:
        for ctx in made:
            ctx.engine.dispose()
        if server:
            server.delete()
        shutil.rmtree(folder, ignore_errors=True)


def fill(_ctx: AppContext, session: Session, *, count: int, first: int = 1) -> None:
    """Adds people with the numbers from `first` on, always the same but for ids and references."""
    rows = (_person(number, person_id) for number, person_id in enumerate(new_ids(count), start=first))
    bulk_sql.insert_rows(session, "person", COLUMNS, rows)


def _person(number: int, person_id: int) -> tuple[Any, ...]:
    name = FAMILY[number % 20] + GIVEN[number // 20 % 20] + (GIVEN[number // 7 % 20] if number % 3 else "")
    department = f"{DIVISIONS[number % 5]}/中心{number % 40}/小组{number % 400}"
    left = number % 10 == 9
    return (
        person_id, new_reference(), f"n:{number}", f"{number:06d}", str(number), name, _spelled(name), department,
        f"p{number}@example.com", f"+86138{number * 7919 % 100_000_000:08d}",
        f"20{number % 26:02d}-{number % 12 + 1:02d}-15",
        "2026-01-31" if left else None, f"19{number % 40 + 60}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        SITES[number % 6], f"P{number % 9 + 1}", TAGS[number % 6], "left" if left else "active", "{}", 0, 0,
    )  # fmt: skip


@cache
def _spelled(name: str) -> str:
    return spell(name)
