"""What `__main__` hands to the window because the desktop room may not compose it itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from welfare_desk.context import AppContext

Report = Callable[..., None]
DEMO_FOLDER = "demo"
DEMO_PASSWORD = "demo data only"


@dataclass(frozen=True)
class Doors:
    """Where the data lives and what opens it. Every function may raise WelfareError and may be called in a thread."""

    data: Path
    database: str | None
    operator: str | None
    demo: bool
    is_prepared: Callable[[Path, str | None], bool]
    prepare: Callable[..., Any]  # services.setup.prepare, which loads what only a first run needs
    open_desk: Callable[[Path, str | None, str | None, str], AppContext]  # data, database, operator, password
    join: Callable[[Path, str, str | None, str], AppContext]  # the same, for the first time on a shared database
    check_database: Callable[[Path, str], str]  # fingerprint of the desk found there, "" when it is empty
    fill_demo: Callable[[AppContext, str], None]  # invented people, products and finished campaigns
    reset_password: Callable[..., None]  # data=, database=, recovery_key=, password=
    service_command: Callable[[Path], tuple[str, ...]]
    with_service: bool = True
    self_check: str | None = None  # a file: open with WELFARE_DESK_PASSWORD, report there, end (installer checks)
