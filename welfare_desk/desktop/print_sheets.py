"""Printed cards: one QR code per person on A4, with cut marks, in two sizes that common card and label sheets have.

Each code is one picture of one bit per module; the address is upper case, so the code stays small. Text is measured
and cut, never squeezed. Safe in a thread: nothing but QPdfWriter and QPainter is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.qr import QUIET, image
from welfare_desk.errors import Unavailable
from welfare_desk.files import qr
from welfare_desk.i18n import text

DPI = 600
MM = DPI / 25.4
PAGE_MM = (210.0, 297.0)
REPORT_EVERY = 20
Report = Callable[..., None]


@dataclass(frozen=True)
class Layout:
    """Cards across and down, their size and the size of the code with its quiet zone, in millimetres."""

    across: int
    down: int
    width: float
    height: float
    code: float
    points: float  # size of ordinary text
    roomy: bool  # room for the window and the reference code on two lines each


LAYOUTS = {
    "2x5": Layout(2, 5, 90.0, 54.0, 36.0, 8.5, roomy=True),
    "3x8": Layout(3, 8, 70.0, 37.0, 29.0, 6.5, roomy=False),
}


@dataclass(frozen=True)
class Printed:
    """What is the same on every card."""

    company: str
    product: str
    window: tuple[str, ...]
    start_page: str
    language: str


def save_pdf(
    path: Path, sheet: Any, *, company: str, language: str, report: Report | None = None, layout: str = "2x5",
    product: str = "", opens_at: int | None = None, closes_at: int | None = None, timezone: str = "",
) -> int:  # fmt: skip
    """Draws a link sheet (`services.links.Sheet`) and returns the number of pages.

    The file appears only when it is complete. `report(done, total)` may raise to cancel. Raises
    Unavailable(`file_unwritable`).
    """
    window = window_texts(
        getattr(sheet, "opens_at", opens_at), getattr(sheet, "closes_at", closes_at),
        str(getattr(sheet, "timezone", timezone)),
    )  # fmt: skip
    named = str(getattr(sheet, "product", "") or product or sheet.name)
    printed = Printed(company, named, window, sheet.public_url.rstrip("/"), language)
    rows = sorted(sheet.rows, key=lambda row: (row.department, row.employee_no or "", row.name))
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        pages = _draw(fresh, rows, printed, LAYOUTS[layout], report)
        fresh.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable("file_unwritable", field="out", name=path.name, reason=reason) from error
    finally:
        fresh.unlink(missing_ok=True)
    return pages


def draw_offscreen(path: Path, sheet: Any, **options: Any) -> int:
    """`save_pdf` for a process without a window."""
    app = QGuiApplication.instance()
    if app is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        app = QGuiApplication(sys.argv[:1])
    return save_pdf(path, sheet, **options)


def window_texts(opens_at: int | None, closes_at: int | None, timezone: str) -> tuple[str, ...]:
    """2026-11-20 09:00 – and 2026-12-01 00:00 in the campaign's zone; nothing when it is not known."""
    if opens_at is None or closes_at is None:
        return ()
    zone = ZoneInfo(timezone) if timezone else None
    ends = [datetime.fromtimestamp(at / 1000, UTC).astimezone(zone) for at in (opens_at, closes_at)]
    return (f"{ends[0]:%Y-%m-%d %H:%M} – ", f"{ends[1]:%Y-%m-%d %H:%M}")


def _draw(path: Path, rows: Sequence[Any], printed: Printed, layout: Layout, report: Report | None) -> int:
    if not path.parent.is_dir():
        raise FileNotFoundError(2, os.strerror(2), str(path.parent))
    writer = QPdfWriter(str(path))
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    writer.setTitle(printed.product)
    writer.setCreator("Welfare Desk")
    painter = QPainter()
    if not painter.begin(writer):
        raise PermissionError(13, os.strerror(13), str(path))
    try:
        return _pages(painter, writer, rows, printed, layout, report)
    finally:
        painter.end()


def _pages(
    painter: QPainter, writer: QPdfWriter, rows: Sequence[Any], printed: Printed, layout: Layout, report: Report | None
) -> int:
    pen = Pen(painter, layout.points)
    per_page = layout.across * layout.down
    left = (PAGE_MM[0] - layout.across * layout.width) / 2
    top = (PAGE_MM[1] - layout.down * layout.height) / 2
    for at, row in enumerate(rows):
        place = at % per_page
        if place == 0:
            if at:
                writer.newPage()
            _cut_marks(painter, layout, left, top)
        corner = QPointF(left + place % layout.across * layout.width, top + place // layout.across * layout.height)
        _card(pen, row, printed, layout, corner)
        if report is not None and at % REPORT_EVERY == 0:
            report(at, len(rows))
    if report is not None:
        report(len(rows), len(rows))
    return max(1, -(-len(rows) // per_page))


class Pen:
    """Writes lines of text in millimetres; fonts are made once per sheet."""

    def __init__(self, painter: QPainter, points: float) -> None:
        self.painter = painter
        self._fonts: dict[tuple[float, bool, bool], QFont] = {}
        self._points = points

    def line(
        self, words: str, x: float, y: float, width: float, *, size: float = 1.0, bold: bool = False,
        mono: bool = False, grey: bool = False, centred: bool = False,
    ) -> float:  # fmt: skip
        """One line at (x, y), cut with … at `width`; returns the y of the next one. Millimetres."""
        font = self._font(size, bold, mono)
        metrics = QFontMetricsF(font, self.painter.device())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width * MM)
        high = metrics.height()
        self.painter.setFont(font)
        self.painter.setPen(QColor("#444444") if grey else QColor("black"))
        flags = Qt.AlignmentFlag.AlignVCenter | (
            Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        )
        self.painter.drawText(QRectF(x * MM, y * MM, width * MM, high), int(flags), shown)
        return y + high / MM

    def _font(self, size: float, bold: bool, mono: bool) -> QFont:
        key = (size, bold, mono)
        if key not in self._fonts:
            made = theme.font(14, bold=bold, mono=mono)
            made.setPointSizeF(self._points * size)
            self._fonts[key] = made
        return self._fonts[key]


def _card(pen: Pen, row: Any, printed: Printed, layout: Layout, corner: QPointF) -> None:
    x, y, language = corner.x(), corner.y(), printed.language
    edge = 2.0
    code_top = y + (layout.height - layout.code) / 2 - 1.5
    _code(pen.painter, row.url.upper(), QRectF(x + edge, code_top, layout.code, layout.code))
    pen.line(text(language, "Scan to claim"), x + edge, code_top + layout.code - 0.8, layout.code, centred=True)
    left, wide = x + edge + layout.code + 1.5, layout.width - layout.code - 2 * edge - 1.5
    at = pen.line(printed.company, left, y + edge + 1, wide, grey=True)
    at = pen.line(row.name, left, at + 0.4, wide, size=1.5, bold=True)
    who = " · ".join(part for part in (row.employee_no, row.department.rpartition("/")[2]) if part)
    at = pen.line(who, left, at, wide)
    at = pen.line(printed.product, left, at + layout.height / 40, wide, size=1.1, bold=True)
    for part in printed.window if layout.roomy else _short_window(printed.window):
        at = pen.line(part, left, at, wide, size=0.9)
    bottom = y + layout.height - edge
    high = layout.points * 1.5 / 72 * 25.4
    caption = text(language, "Reference code")
    if layout.roomy:
        pen.line(caption, left, bottom - 3.4 * high, wide, size=0.85, grey=True)
    reference = row.reference if layout.roomy else f"{caption} {row.reference}"
    pen.line(reference, left, bottom - 2.5 * high, wide, size=1.2 if layout.roomy else 1.0, bold=True, mono=True)
    if printed.start_page:
        hint = text(language, "No camera? {address}", address=_short(printed.start_page))
        pen.line(hint, left, bottom - 1.1 * high, wide, size=0.8, grey=True)


def _code(painter: QPainter, url: str, place: QRectF) -> None:
    picture = image(qr.matrix(url))
    module = place.width() / (picture.width() + 2 * QUIET)
    inner = place.adjusted(QUIET * module, QUIET * module, -QUIET * module, -QUIET * module)
    painter.drawImage(QRectF(inner.x() * MM, inner.y() * MM, inner.width() * MM, inner.height() * MM), picture)


def _cut_marks(painter: QPainter, layout: Layout, left: float, top: float) -> None:
    pen = QPen(QColor("#999999"))
    pen.setWidthF(0.1 * MM)
    painter.setPen(pen)
    arm = 2.0
    for column in range(layout.across + 1):
        for line in range(layout.down + 1):
            x, y = left + column * layout.width, top + line * layout.height
            painter.drawLine(QPointF((x - arm) * MM, y * MM), QPointF((x + arm) * MM, y * MM))
            painter.drawLine(QPointF(x * MM, (y - arm) * MM), QPointF(x * MM, (y + arm) * MM))


def _short(address: str) -> str:
    return address.partition("://")[2].lower() or address.lower()


def _short_window(window: tuple[str, ...]) -> list[str]:
    return ["".join(part[5:] for part in window)]
