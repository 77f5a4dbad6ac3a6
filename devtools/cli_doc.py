"""Write docs/cli.md from the real parsers: `.venv/bin/python -m devtools.cli_doc`. A test compares the two."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from welfare_desk.__main__ import COMMANDS

TARGET = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
INTRODUCTION = """\
# Command line

Everything HR can do by hand that someone may want to script has a command; the window and the command call the same
code. This page is written from the program's own parsers (`python -m devtools.cli_doc`).

`welfare-desk` alone opens the window, `welfare-desk demo` opens it on demo data.

## What holds for every command
- **Where:** `--data DIR` or `WELFARE_DESK_DATA` (default: the platform's folder for application data), `--database URL`
  or `WELFARE_DESK_DATABASE` (default: SQLite in the data folder; `postgresql+psycopg://user:password@host/name` for a
  server). Options stand before or after the subcommand.
- **Who:** `--operator NAME`, by default the only administrator, with the password from `WELFARE_DESK_PASSWORD`, else a
  prompt on a terminal, else exit 1 naming the variable. The key store opens with `WELFARE_DESK_KEY_PASSPHRASE`, by
  default the same password.
- **Work of the service** (suppliers, orders, links): the command writes a job and exits 0; with `--wait [--timeout S]`
  it waits for the job, or does it itself when no service runs. `links --out` always waits.
- **JSON:** with `--json`, one document on standard output and nothing else; lists are `{"rows": […]}`, a refusal is
  `{"error": {"code", "message", "field"}}`. Logs and progress go to standard error. Dates are ISO with offset, money is
  `…_minor` with `currency`, phones are E.164, departments are full paths joined by `/`.
- **REF** is a reference code, of a person or of a grant, or an employee number; several hits exit 1 and list them.
- **Exit status:** 0 done, 1 refused or failed with one clear sentence, 2 wrong usage.
"""
STARTED_BY_OTHERS = {"parse", "jobs"}  # children of the import and of the service
EXPLAINED_ABOVE = {"--wait", "--timeout"}
COMMON = {"--data", "--database", "--operator", "--json", "-h"}


def document() -> str:
    """The whole page."""
    sections = [INTRODUCTION]
    for name, summary in COMMANDS.items():
        if name in STARTED_BY_OTHERS:
            continue
        parser = argparse.ArgumentParser(prog=f"welfare-desk {name}", allow_abbrev=False)
        importlib.import_module(f"welfare_desk.commands.{name}").register(parser)
        sections.append("\n".join([f"## {name}: {summary}", "", *commands(parser)]))
    return "\n\n".join(section.strip() for section in sections) + "\n"


def commands(parser: argparse.ArgumentParser, summary: str = "") -> Iterator[str]:
    """A parser's own line, or those of its subcommands."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for group in groups:
        helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for name, child in group.choices.items():
            yield from commands(child, helps.get(name, ""))
    if not groups or not any(group.required for group in groups):
        yield from one(parser, summary)


def one(parser: argparse.ArgumentParser, summary: str) -> Iterator[str]:
    """How one command is called and what its own arguments mean."""
    own = [action for action in parser._actions if not COMMON & set(action.option_strings)]
    own = [action for action in own if action.help != argparse.SUPPRESS and action.dest != argparse.SUPPRESS]
    own = [action for action in own if not isinstance(action, argparse._SubParsersAction)]
    yield " ".join([f"- `{parser.prog}", *map(usage, own)]) + "`" + (f": {summary}" if summary else "")
    for action in own:
        if action.help and not EXPLAINED_ABOVE & set(action.option_strings):
            meaning = action.help % vars(action) if "%" in action.help else action.help
            yield f"  - `{bare(action)}`: {meaning}"


def usage(action: argparse.Action) -> str:
    """An argument as people write it, in brackets when it may be left out."""
    optional = not action.required if action.option_strings else action.nargs in ("?", "*")
    return f"[{bare(action)}]" if optional else bare(action)


def bare(action: argparse.Action) -> str:
    """An argument as people write it."""
    if action.choices is not None:
        value = "|".join(str(choice) for choice in action.choices)
    else:
        value = str(action.metavar or action.dest.upper())
    if not action.option_strings:
        return value
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
    sys.exit(0)
