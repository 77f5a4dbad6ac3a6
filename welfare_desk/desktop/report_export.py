"""The dashboard on one page: PDF, picture, or its figures as a workbook; always in the light colours of paper."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from welfare_desk.desktop import theme
from welfare_desk.desktop.dashboard_words import Cells, Picture, Tile
from welfare_desk.desktop.widgets.chart_drawing import (
    Look,
    draw_dots,
    draw_funnel,
    draw_line,
)
from welfare_desk.errors import Unavailable
from welfare_desk.files import exports
from welfare_desk.i18n import _

PAGE = QSizeF(1123, 794)  # A4 on its side at 96 dots per inch
EDGE = 40.0
SHARPNESS = 2
PAPER = Look(theme.LIGHT)
ROWS_ON_PAPER = 9
TABLE_SHARES = (0.44, 0.13, 0.13, 0.13, 0.17)


def save(*, path: Path, picture: Picture, company: str, as_of: str) -> Path:
    """Writes the dashboard; the file's ending chooses PDF, PNG or xlsx. Raises Unavailable(`file_unwritable`)."""
    kind = path.suffix.lower()
    if kind == ".xlsx":
        headers = ("", _("Item"), _("Grants"), _("Reached"), _("Claims"), _("Claim rate"))
        exports.write_xlsx(path, headers, picture.table, sheet=_("Dashboard"))
        return path
    check_writable(path)
    written = _picture(path, picture, company, as_of) if kind == ".png" else _pdf(path, picture, company, as_of)
    if not written:
        raise Unavailable("file_unwritable", field="file", name=path.name, reason=path.parent.name)
    return path


def check_writable(path: Path) -> None:
    """Raises Unavailable(`file_unwritable`) with the system's reason; Qt would only say that it failed."""
    try:
        path.open("ab").close()
    except OSError as error:
        raise Unavailable("file_unwritable", field="file", name=path.name, reason=error.strerror or "") from error


def _pdf(path: Path, picture: Picture, company: str, as_of: str) -> bool:
    writer = QPdfWriter(str(path))
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, QMarginsF(0, 0, 0, 0))
    )
    writer.setResolution(288)
    writer.setTitle(picture.title)
    writer.setCreator("Welfare Desk")
    painter = QPainter()
    if not painter.begin(writer):
        return False
    try:
        painter.scale(writer.width() / PAGE.width(), writer.width() / PAGE.width())
        draw_page(painter, picture, company, as_of)
    finally:
        ended = painter.end()
    return ended


def _picture(path: Path, picture: Picture, company: str, as_of: str) -> bool:
    image = QImage((PAGE * SHARPNESS).toSize(), QImage.Format.Format_RGB32)
    image.fill(PAPER.colour("surface"))
    painter = QPainter(image)
    try:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(SHARPNESS, SHARPNESS)
        draw_page(painter, picture, company, as_of)
    finally:
        painter.end()
    return bool(image.save(str(path)))


def draw_page(painter: QPainter, picture: Picture, company: str, as_of: str) -> None:
    """Draws the page on PAGE logical px."""
    wide = PAGE.width() - 2 * EDGE
    _say(painter, QRectF(EDGE, 30, wide, 26), company, 14, "muted")
    _say(painter, QRectF(EDGE, 30, wide, 26), as_of, 12, "muted", Qt.AlignmentFlag.AlignRight)
    _say(painter, QRectF(EDGE, 58, wide, 32), picture.title, 22, "text", bold=True)
    _say(painter, QRectF(EDGE, 94, wide, 24), picture.sentence, 14, "text")
    each = (wide - 4 * 12) / 5
    for at, tile in enumerate(picture.tiles):
        _tile(painter, QRectF(EDGE + at * (each + 12), 130, each, 92), tile)
    half = (wide - 16) / 2
    draw_funnel(painter, _box(painter, EDGE, 238, half, 236, _("Funnel")), picture.bars, PAPER)
    draw_line(painter, _box(painter, EDGE + half + 16, 238, half, 236, _("Claims over time")), picture.line, PAPER)
    left = _box(painter, EDGE, 490, half, 266, _("Claim rate by department"))
    draw_dots(painter, left, picture.dots[: ROWS_ON_PAPER - 1], PAPER, picture.overall)
    right = _box(painter, EDGE + half + 16, 490, half, 266, _("By campaign and product"))
    _table(painter, right, picture)


def _box(painter: QPainter, x: float, y: float, width: float, height: float, title: str) -> QRectF:
    """A framed area with its heading; gives the room inside."""
    painter.setPen(QPen(PAPER.colour("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(x, y, width, height), 4, 4)
    _say(painter, QRectF(x + 14, y + 8, width - 28, 24), title, 14, "text", bold=True)
    return QRectF(x + 14, y + 38, width - 28, height - 48)


def _tile(painter: QPainter, rect: QRectF, tile: Tile) -> None:
    painter.setPen(QPen(PAPER.colour("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, 4, 4)
    inside = rect.adjusted(14, 8, -10, -8)
    _say(painter, QRectF(inside.left(), inside.top(), inside.width(), 18), tile.name, 13, "muted")
    size = 28 if len(tile.value) <= 10 else 20
    _say(painter, QRectF(inside.left(), inside.top() + 18, inside.width(), 38), tile.value, size, "text", bold=True)
    _say(painter, QRectF(inside.left(), inside.bottom() - 18, inside.width(), 18), tile.note, 12, "muted")


def _table(painter: QPainter, rect: QRectF, picture: Picture) -> None:
    campaigns = [_shown(row) for row in picture.campaigns[: ROWS_ON_PAPER // 2]]
    products = [_shown(row) for row in picture.products[: ROWS_ON_PAPER - 1 - len(campaigns)]]
    heads = (_("Campaign"), _("Grants"), _("Reached"), _("Claims"), _("Claim rate"))
    rows = [("muted", heads), *(("text", row) for row in campaigns), ("muted", (_("Product"),))]
    rows += [("text", row) for row in products]
    for number, (token, row) in enumerate(rows):
        x, y = rect.left(), rect.top() + number * 21
        for at, cell in enumerate(row):
            wide = rect.width() * TABLE_SHARES[at]
            side = Qt.AlignmentFlag.AlignRight if at else Qt.AlignmentFlag.AlignLeft
            _say(painter, QRectF(x, y, wide - 8, 21), cell, 13, token, side)
            x += wide


def _shown(row: Cells) -> tuple[str, ...]:
    return row[:5]


def _say(
    painter: QPainter, rect: QRectF, text: str, size: float, token: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft, *, bold: bool = False,
) -> None:  # fmt: skip
    painter.setFont(PAPER.font(size, bold=bold))
    painter.setPen(PAPER.colour(token))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
