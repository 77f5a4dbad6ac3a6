"""Number formats such as `00000`, which show zeros that the value does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from welfare_desk.files.places import Place

_PADDED = re.compile(r'^(?:"([^"]*)")?(0{2,})(?:"[^"]*")?(?:;.*)?$')

Padding = tuple[str, int]
"""(prefix, width)."""
Shown = dict[Place, str]


def padding(code: str) -> Padding | None:
    """What a number format adds: `"E"0000` is ("E", 4); None for a format that adds nothing."""
    found = _PADDED.match(code.replace("\\", ""))
    return (found[1] or "", len(found[2])) if found else None


def padded(value: float, how: Padding) -> str | None:
    """A whole number as its format shows it; None for others, which stay what they are."""
    if value < 0 or value != int(value) or value >= 1e15:
        return None
    prefix, width = how
    return prefix + str(int(value)).zfill(width)


def note(shown: Shown, place: Place, value: float, style: int, styles: Mapping[int, Padding]) -> None:
    """Keeps what a cell shows, when its style pads."""
    how = styles.get(style)
    text = padded(value, how) if how else None
    if text is not None:
        shown[place] = text
