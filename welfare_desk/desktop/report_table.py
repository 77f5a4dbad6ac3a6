"""A report as a printed table, in a process without a window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from welfare_desk.desktop import theme
from welfare_desk.desktop.report_export import check_writable
from welfare_desk.desktop.widgets.chart_drawing import Look
from welfare_desk.errors import Unavailable

PAPER = Look(theme.LIGHT)
WIDE, HIGH, EDGE, LINE = 1123.0, 794.0, 48.0, 24.0
FIRST = EDGE + 52
ROWS_ON_PAGE = int((HIGH - FIRST - EDGE) // LINE) - 1


def draw_offscreen(path: Path, title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes a PDF of A4 pages on their side. Raises Unavailable(`file_unwritable`)."""
    check_writable(path)
    app = QGuiApplication.instance()
    if app is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        app = QGuiApplication(sys.argv[:1])
    writer = QPdfWriter(str(path))
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, QMarginsF(0, 0, 0, 0))
    )
    writer.setResolution(288)
    writer.setTitle(title)
    painter = QPainter()
    if not painter.begin(writer):
        raise Unavailable("file_unwritable", field="file", name=path.name, reason=path.parent.name)
    try:
        painter.scale(writer.width() / WIDE, writer.width() / WIDE)
        for start in range(0, max(1, len(rows)), ROWS_ON_PAGE):
            if start:
                writer.newPage()
            _page(painter, title, headers, rows[start : start + ROWS_ON_PAGE])
    finally:
        painter.end()


def _page(painter: QPainter, title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    _say(painter, QRectF(EDGE, EDGE, WIDE - 2 * EDGE, 32), title, 20, "text", bold=True)
    each = (WIDE - 2 * EDGE) / max(1, len(headers))
    numbers = [isinstance(cell, (int, float)) for cell in rows[0]] if rows else [False] * len(headers)
    for number, row in enumerate((headers, *rows)):
        y = FIRST + number * LINE
        for at, cell in enumerate(row):
            place = QRectF(EDGE + at * each, y, each - 10, LINE)
            _say(painter, place, _shown(cell), 12, "text" if number else "muted", right=numbers[at])
        painter.setPen(QPen(PAPER.colour("line"), 1))
        painter.drawLine(int(EDGE), int(y + LINE), int(WIDE - EDGE), int(y + LINE))


def _shown(cell: Any) -> str:
    if cell is None:
        return "–"
    return f"{100 * cell:.1f} %" if isinstance(cell, float) else str(cell)


def _say(
    painter: QPainter, rect: QRectF, text: str, size: float, token: str, *, bold: bool = False, right: bool = False
) -> None:  # fmt: skip
    painter.setFont(PAPER.font(size, bold=bold))
    painter.setPen(PAPER.colour(token))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
