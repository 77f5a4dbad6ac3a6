"""The command line, and the only file with imports inside functions: each command loads what it needs.

Rooms that may not know each other meet here: the window is handed what opens a desk, and draws sheets it cannot mint.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from multiprocessing import freeze_support
from pathlib import Path
from typing import Any

COMMANDS: dict[str, str] = {
    "init": "make data folder, keys and administrator",
    "keys": "copy the key store for a second service machine",
    "operators": "reset a password with the recovery key",
    "service": "run the claim service",
    "jobs": "run background jobs (started by the service)",
    "simulator": "run a practice supplier",
    "suppliers": "connect suppliers and read their catalogues",
    "shelf": "products on and off the shelf",
    "order": "order stock from a supplier",
    "orders": "how orders stand",
    "stock": "what is in stock",
    "people": "the directory and imports into it",
    "segments": "saved filters over people, with live counts",
    "parse": "read one file in a process of its own (started by import)",
    "campaign": "launch and run campaigns",
    "links": "save a campaign's links",
    "why": "can this person claim now; if not, why, and when",
    "report": "figures",
    "reconcile": "prove stock and money",
    "audit": "who did what",
    "backup": "write an encrypted backup of the running database",
    "restore": "restore a backup and replay the claim journal",
    "doctor": "check machine, database, keys and service, and say what to do",
}


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit status; without a command the window opens."""
    arguments = sys.argv[1:] if argv is None else argv
    name = _command_of(arguments)
    if name in (None, "demo") and not {"-h", "--help", "--version"} & set(arguments):
        return _window(arguments, demo=name == "demo")
    if name == "parse":  # a child for one file: it needs neither database nor window
        from welfare_desk.files import parse

        return parse.main(arguments[arguments.index("parse") + 1 :])
    return _command(arguments, name)


def _command(arguments: list[str], name: str | None) -> int:
    from welfare_desk.commands import base
    from welfare_desk.errors import WelfareError

    parser = _parser(base, name)
    args: argparse.Namespace | None = None
    try:
        args = parser.parse_args(arguments)
        args.draw_sheet = _draw_sheet
        args.draw_table = _draw_table
        status: int = args.run(args)
        sys.stdout.flush()
    except WelfareError as error:
        return base.complain(args, error)
    except BrokenPipeError:
        return base.broken_pipe()
    except KeyboardInterrupt:
        return base.interrupted()
    return status


def _draw_sheet(*args: Any, **options: Any) -> None:
    """Draws a sheet of links the service minted; `commands` may not know the window."""
    from welfare_desk.desktop import print_sheets

    print_sheets.draw_offscreen(*args, **options)


def _draw_table(*args: Any) -> None:
    """Draws a report as a table."""
    from welfare_desk.desktop import report_table

    report_table.draw_offscreen(*args)


def _parser(base: Any, wanted: str | None) -> argparse.ArgumentParser:
    from welfare_desk import __version__

    parser = argparse.ArgumentParser(prog="welfare-desk", description="Welfare Desk", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=__version__)
    base.common(parser)
    sub = parser.add_subparsers(metavar="COMMAND", required=True)
    sub.add_parser("demo", help="the window on demo data")
    for name, summary in COMMANDS.items():
        child = sub.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if name == wanted:
            importlib.import_module(f"welfare_desk.commands.{name}").register(child)
    return parser


def _command_of(arguments: list[str]) -> str | None:
    """The first word that is neither an option nor the value of a common option."""
    values = {"--data", "--database", "--operator", "--self-check"}
    skip = False
    for word in arguments:
        if skip or word.startswith("-"):
            skip = word in values
            continue
        return word
    return None


def _window(arguments: list[str], *, demo: bool) -> int:
    """The window: painted first, everything else is loaded in a thread behind it."""
    from functools import partial

    from welfare_desk.desktop import shell

    base = _option(arguments, "--data", "WELFARE_DESK_DATA") or _usual_folder()
    data = Path(base, "demo") if demo else Path(base)
    database = None if demo else _option(arguments, "--database", "WELFARE_DESK_DATABASE")

    def load() -> Any:
        from welfare_desk import wiring
        from welfare_desk.commands import window
        from welfare_desk.desktop import application
        from welfare_desk.desktop.doors import Doors

        doors = Doors(
            data=data, database=database, operator=_option(arguments, "--operator", ""), demo=demo,
            is_prepared=wiring.is_prepared, prepare=_prepare, open_desk=window.open_desk, join=window.join,
            check_database=window.check_database, fill_demo=window.fill_demo, reset_password=window.reset_password,
            service_command=window.service_command, self_check=_option(arguments, "--self-check", ""),
        )  # fmt: skip
        return partial(application.start, doors=doors)

    prepared = not demo and (bool(database) or shell.looks_prepared(data))
    return shell.run([], data=data, prepared=prepared, load=load)


def _prepare(**answers: Any) -> Any:
    """The first run of a window; what it needs is loaded only then."""
    from welfare_desk.services import setup

    return setup.prepare(**answers)


def _option(arguments: list[str], name: str, environment: str) -> str | None:
    """`--name VALUE` or `--name=VALUE`, else the environment variable, else None."""
    for at, word in enumerate(arguments):
        if word == name and at + 1 < len(arguments):
            return arguments[at + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return os.environ.get(environment) or None


def _usual_folder() -> str:
    """The platform's data folder; asked for only when none is given, because it takes 8 ms to load."""
    import platformdirs

    return platformdirs.user_data_dir("welfare-desk", appauthor=False)


if __name__ == "__main__":
    freeze_support()
    sys.exit(main())
