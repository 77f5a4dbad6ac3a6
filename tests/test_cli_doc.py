"""docs/cli.md is what the program's parsers say."""

from __future__ import annotations

from devtools import cli_doc


def test_the_page_is_up_to_date() -> None:
    kept = cli_doc.TARGET.read_text(encoding="utf-8")
    assert kept == cli_doc.document(), "write it anew: .venv/bin/python -m devtools.cli_doc"
