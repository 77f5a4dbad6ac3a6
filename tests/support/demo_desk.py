"""A desk on demo data for tests of screens and commands."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.services import demo, setup

PASSWORD = "demo data only"


def make_demo(folder: Path, language: str = "en") -> Path:
    """Prepares `folder` and fills it with the demo company."""
    setup.prepare(data=folder, database=None, password=PASSWORD, shared={"demo": True, "language": language})
    ctx = open_demo(folder)
    demo.load(wiring.with_keys(ctx, PASSWORD))
    ctx.engine.dispose()
    return folder


def open_demo(folder: Path) -> AppContext:
    """A desk on the folder; dispose its engine."""
    return wiring.desk(folder, None, operator=None, password=PASSWORD)


def at(ctx: AppContext, moment: int) -> AppContext:
    """The same desk at another time."""
    return dataclasses.replace(ctx, clock=demo.DemoClock(moment))
