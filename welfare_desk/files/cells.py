"""A cell as a person sees it."""

from __future__ import annotations

import datetime as dt
from typing import Any


def shown(cell: Any) -> str:
    """The text of any cell: whole numbers without a point, dates as ISO, nothing for an empty or a damaged one."""
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, dict):
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        cell = [cell.isoformat()]
    if isinstance(cell, list):
        return str(cell[0]).removesuffix("T00:00:00")
    return str(cell)
