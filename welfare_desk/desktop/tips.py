"""Tips that show data: as plain text, whatever stands in it."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """A text as a tip shows it. Qt takes one with tags for HTML, and fetches the pictures it names."""
    return f"<span style='white-space: pre-wrap'>{escape(text)}</span>" if "<" in text else text
