"""`welfare-desk doctor [--accept-epoch]`: what is well, what is not, and what to do; exit 1 when something is bad."""

from __future__ import annotations

import argparse
import os
from typing import Any

from welfare_desk.commands import base, doctor_words
from welfare_desk.i18n import _
from welfare_desk.services import epochs, health_checks
from welfare_desk.services.health_checks import Finding
from welfare_desk.settings import save_machine

SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `doctor`."""
    base.common(parser)
    parser.add_argument(
        "--accept-epoch", action="store_true", help="serve this copied or restored database here from now on (password)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Looks at everything and prints one line each."""
    base.speak()
    if args.accept_epoch:
        _accept(args)
    data = base.data_folder(args).resolve()
    found = health_checks.look(data, base.database(args), _passphrase())
    bad = any(finding.state == "bad" for finding in found)
    base.emit(args, {"ok": not bad, "checks": [_document(finding) for finding in found]}, _lines(found))
    return 1 if bad else 0


def _accept(args: argparse.Namespace) -> None:
    """Only who knows an operator's password may; the audit says who did."""
    ctx = base.desk(args)
    try:
        save_machine(ctx.data, epoch=ctx.write(epochs.accept))
    finally:
        ctx.engine.dispose()


def _passphrase() -> str | None:
    """What opens the keys, if it was given; nobody is asked, because most checks need none."""
    return os.environ.get("WELFARE_DESK_KEY_PASSPHRASE") or os.environ.get("WELFARE_DESK_PASSWORD") or None


def _document(finding: Finding) -> dict[str, Any]:
    said, advice = doctor_words.words(finding)
    return {"check": finding.check, "state": finding.state, "code": finding.code, "message": said, "advice": advice}


def _lines(found: list[Finding]) -> list[str]:
    lines = []
    for finding in found:
        said, advice = doctor_words.words(finding)
        lines.append(f"{SIGNS[finding.state]} {said}")
        if advice:
            lines.append(f"    → {advice}")
    counts = {state: sum(finding.state == state for finding in found) for state in SIGNS}
    return [*lines, _("{ok} well, {warn} to look at, {bad} bad", **counts)]
