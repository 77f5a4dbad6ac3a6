"""A company's colour on its pages: contrast by WCAG 2.2, and the nearest shade that can be read."""

from __future__ import annotations

import re
from functools import lru_cache

ENOUGH = 4.5
STEP = 0.02
LIGHT = ("#f6f7f9", "#ffffff", "#f0f2f5")  # what links and buttons stand on, light theme
DARK = ("#15191f", "#1d232b", "#252c36")
ON_LIGHT = "#ffffff"  # the words on a button
ON_DARK = "#0e1217"
WRITTEN = re.compile("#[0-9a-f]{6}")

Colour = tuple[float, float, float]


def tidy_colour(written: str) -> str | None:
    """`#0B5CAD`, `0b5cad` or `#05a` as `#0b5cad`; None when it is no colour."""
    said = "#" + written.strip().lstrip("#").lower()
    if len(said) == 4:
        said = "#" + "".join(sign * 2 for sign in said[1:])
    return said if WRITTEN.fullmatch(said) else None


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21."""
    bright, dim = sorted((_luminance(_parse(first)), _luminance(_parse(second))), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@lru_cache(maxsize=64)
def shades(colour: str) -> tuple[str, str]:
    """The colour for the light and for the dark theme: itself where it can be read, else the nearest shade that can.

    It is read as a link on every background and carries the words of a button, each with a contrast of at least 4.5.
    """
    return _towards(colour, 0.0, (*LIGHT, ON_LIGHT)), _towards(colour, 1.0, (*DARK, ON_DARK))


def _towards(colour: str, end: float, others: tuple[str, ...]) -> str:
    """Mixed with black (0) or white (1) until it stands out from all `others`."""
    red, green, blue = _parse(colour)
    share = 0.0
    while share < 1:
        mixed = _written(tuple(part + (end - part) * share for part in (red, green, blue)))
        if min(contrast(mixed, other) for other in others) >= ENOUGH:
            return mixed
        share += STEP
    return _written((end, end, end))


def _parse(colour: str) -> Colour:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _written(colour: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
