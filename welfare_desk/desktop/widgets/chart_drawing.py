"""Charts as plain drawing: on the screen, on paper and in pictures the same lines in explicit colours.

Direct labels instead of legends, no gauges, no pies. Lengths are px at 100 %; a Look says how large those are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from welfare_desk.desktop import theme
from welfare_desk.desktop.theme import Tokens

LEFT, RIGHT, CENTER = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
MIDDLE = Qt.AlignmentFlag.AlignVCenter
ROW = 26.0


@dataclass(frozen=True)
class Look:
    """Colours and the size of one px."""

    tokens: Tokens
    unit: float = 1.0

    def px(self, size: float) -> float:
        """A length at 100 % in the painter's px."""
        return size * self.unit

    def font(self, size: float, *, bold: bool = False) -> QFont:
        """A font of `size` px at 100 %."""
        made = QFont()
        made.setFamilies(list(theme.FAMILIES))
        made.setPixelSize(max(1, round(size * self.unit)))
        if bold:
            made.setWeight(QFont.Weight.DemiBold)
        return made

    def colour(self, name: str) -> QColor:
        """A token as a colour; `chart0` … `chart4` are the series."""
        if name.startswith("chart"):
            return QColor(self.tokens.chart[int(name[5:])])
        return QColor(str(getattr(self.tokens, name)))


def on_screen() -> Look:
    """The look in force in the window."""
    return Look(theme.tokens(), theme.scale() / 100)


@dataclass(frozen=True)
class Bar:
    """One step of the funnel: its label, length from 0 to 1 (None: unknown), what stands on it and beside it."""

    label: str
    share: float | None
    value: str
    note: str = ""


@dataclass(frozen=True)
class Dot:
    """One group: label, rate and its 95 % interval from 0 to 1 (None: nobody reached), and the count as text."""

    label: str
    rate: float | None
    low: float
    high: float
    note: str


@dataclass(frozen=True)
class Line:
    """A cumulative line: (position 0 to 1, share of `top` 0 to 1), ticks, and the label at its end."""

    points: tuple[tuple[float, float], ...]
    label: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    target: float | None = None
    target_label: str = ""
    now: float | None = None


def draw_funnel(painter: QPainter, rect: QRectF, bars: Sequence[Bar], look: Look) -> None:
    """Bars below each other; what was lost stands between the counts, an unknown step is said, not drawn."""
    if not bars:
        return
    wide, high = _widest(painter, look.font(13), [bar.label for bar in bars]) + look.px(12), rect.height() / len(bars)
    notes = _widest(painter, look.font(12), [bar.note for bar in bars]) + look.px(8)
    space = max(look.px(40), rect.width() - wide - notes)
    thick = max(min(high, look.px(18)), min(high - look.px(8), look.px(30)))
    for at, bar in enumerate(bars):
        line = QRectF(rect.left(), rect.top() + at * high, rect.width(), high)
        _text(painter, look, line, bar.label, "text", 13, LEFT)
        track = QRectF(line.left() + wide, line.center().y() - thick / 2, space, thick)
        if bar.share is None:
            _text(painter, look, track, bar.value, "muted", 13, LEFT)
            continue
        painter.fillRect(track, look.colour("alt"))
        drawn = QRectF(track.left(), track.top(), max(look.px(2), space * min(1.0, bar.share)), thick)
        painter.fillRect(drawn, look.colour("chart0"))
        _on_bar(painter, look, drawn, track, bar.value)
        _text(painter, look, QRectF(track.right() + look.px(8), line.top(), notes, high), bar.note, "muted", 12, LEFT)


def draw_dots(painter: QPainter, rect: QRectF, dots: Sequence[Dot], look: Look, overall: float | None) -> None:
    """A dot per group with its interval, the line of all in dashes, and the counts at the right."""
    axis = look.px(22)
    wide = min(_widest(painter, look.font(13), [dot.label for dot in dots]) + look.px(14), rect.width() * 0.34)
    notes = _widest(painter, look.font(12), [dot.note for dot in dots]) + look.px(10)
    area = QRectF(rect.left() + wide, rect.top(), rect.width() - wide - notes - look.px(8), rect.height() - axis)
    _share_axis(painter, look, area, axis)
    if overall is not None:
        _target(painter, look, area, overall)
    high = min(look.px(ROW), area.height() / max(1, len(dots)))
    for at, dot in enumerate(dots):
        line = QRectF(rect.left(), rect.top() + at * high, rect.width(), high)
        label = QRectF(line.left(), line.top(), wide - look.px(8), high)
        _text(painter, look, label, _elided(painter, look, dot.label, label.width()), "text", 13, LEFT)
        _text(painter, look, line, dot.note, "muted", 12, RIGHT)
        if dot.rate is not None:
            _dot(painter, look, area, line.center().y(), dot)


def draw_line(painter: QPainter, rect: QRectF, line: Line, look: Look) -> None:
    """A cumulative curve over time with its end labelled directly; the target in dashes."""
    left = _widest(painter, look.font(12), [text for _at, text in line.y_ticks]) + look.px(8)
    right = max(look.px(12), _widest(painter, look.font(12), [text for _at, text in line.x_ticks[-1:]]) / 2)
    area = QRectF(rect.left() + left, rect.top() + look.px(16), rect.width() - left - right,
                  rect.height() - look.px(16) - look.px(22))  # fmt: skip
    for share, text in line.y_ticks:
        y = area.bottom() - share * area.height()
        _rule(painter, look, QPointF(area.left(), y), QPointF(area.right(), y))
        label = QRectF(rect.left(), y - look.px(9), left - look.px(6), look.px(18))
        _text(painter, look, label, text, "muted", 12, RIGHT)
    for share, text in line.x_ticks:
        x = area.left() + share * area.width()
        label = QRectF(x - look.px(60), area.bottom() + look.px(4), look.px(120), look.px(18))
        _text(painter, look, label, text, "muted", 12, CENTER)
    if line.target is not None:
        _level(painter, look, area, line.target, line.target_label)
    _curve(painter, look, area, line)


def dots_height(count: int) -> float:
    """How high a dot chart of so many groups wants to be, px at 100 %."""
    return count * ROW + 30


# ---- strokes


def _curve(painter: QPainter, look: Look, area: QRectF, line: Line) -> None:
    if not line.points:
        return
    drawn = [QPointF(area.left() + x * area.width(), area.bottom() - y * area.height()) for x, y in line.points]
    steps = [drawn[0]]
    for point in drawn[1:]:
        steps += [QPointF(point.x(), steps[-1].y()), point] if len(drawn) < 60 else [point]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill = look.colour("chart0")
    fill.setAlpha(28)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    floor = [QPointF(steps[-1].x(), area.bottom()), QPointF(steps[0].x(), area.bottom())]
    painter.drawPolygon(QPolygonF(steps + floor))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colour("chart0"), look.px(2)))
    painter.drawPolyline(QPolygonF(steps))
    end = steps[-1]
    painter.setBrush(look.colour("chart0"))
    painter.drawEllipse(end, look.px(3.5), look.px(3.5))
    wide = _widest(painter, look.font(13, bold=True), [line.label]) + look.px(4)
    before = end.x() + look.px(8) + wide > area.right() + look.px(8)
    x = end.x() - look.px(6) - wide if before else end.x() + look.px(8)
    y = end.y() - look.px(20) if before else end.y() - look.px(10)
    label = QRectF(max(area.left(), x), max(area.top() - look.px(16), y), wide, look.px(18))
    if before:
        painter.fillRect(label.adjusted(-look.px(4), 0, 0, -look.px(2)), look.colour("surface"))
    _text(painter, look, label, line.label, "text", 13, RIGHT if before else LEFT, bold=True)


def _dot(painter: QPainter, look: Look, area: QRectF, y: float, dot: Dot) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ends = [area.left() + share * area.width() for share in (dot.low, dot.high)]
    painter.setPen(QPen(look.colour("border"), look.px(2)))
    painter.drawLine(QPointF(ends[0], y), QPointF(ends[1], y))
    painter.setPen(QPen(look.colour("surface"), look.px(1.5)))
    painter.setBrush(look.colour("chart0"))
    painter.drawEllipse(QPointF(area.left() + (dot.rate or 0.0) * area.width(), y), look.px(5.5), look.px(5.5))


def _share_axis(painter: QPainter, look: Look, area: QRectF, axis: float) -> None:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = area.left() + share * area.width()
        _rule(painter, look, QPointF(x, area.top()), QPointF(x, area.bottom()))
        label = QRectF(x - look.px(30), area.bottom() + look.px(2), look.px(60), axis - look.px(2))
        _text(painter, look, label, f"{share:.0%}".replace("%", " %"), "muted", 12, CENTER)


def _target(painter: QPainter, look: Look, area: QRectF, share: float) -> None:
    x = area.left() + min(1.0, share) * area.width()
    painter.setPen(_dashes(look))
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))


def _level(painter: QPainter, look: Look, area: QRectF, share: float, says: str) -> None:
    y = area.bottom() - share * area.height()
    painter.setPen(_dashes(look))
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    wide = _widest(painter, look.font(12), [says]) + look.px(8)
    label = QRectF(area.left() + look.px(6), y - look.px(19), wide, look.px(18))
    painter.fillRect(label, look.colour("surface"))
    _text(painter, look, label.adjusted(look.px(4), 0, 0, 0), says, "muted", 12, LEFT)


def _dashes(look: Look) -> QPen:
    pen = QPen(look.colour("text"), look.px(1.2))
    pen.setDashPattern([4, 3])
    return pen


def _rule(painter: QPainter, look: Look, start: QPointF, end: QPointF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(QPen(look.colour("line"), 1))
    painter.drawLine(start, end)


def _on_bar(painter: QPainter, look: Look, drawn: QRectF, track: QRectF, value: str) -> None:
    """The count inside the bar where it fits, otherwise behind its end."""
    wide = _widest(painter, look.font(13, bold=True), [value]) + look.px(16)
    if wide <= drawn.width():
        inside = drawn.adjusted(look.px(8), 0, 0, 0)
        _text(painter, look, inside, value, "on_primary", 13, LEFT, bold=True)
    else:
        behind = QRectF(drawn.right() + look.px(8), track.top(), wide, track.height())
        _text(painter, look, behind, value, "text", 13, LEFT, bold=True)


def _text(
    painter: QPainter, look: Look, rect: QRectF, text: str, token: str, size: float, side: Qt.AlignmentFlag,
    *, bold: bool = False,
) -> None:  # fmt: skip
    painter.setFont(look.font(size, bold=bold))
    painter.setPen(look.colour(token))
    painter.drawText(rect, int(side | MIDDLE | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextDontClip), text)


def _widest(painter: QPainter, font: QFont, texts: Sequence[str]) -> float:
    painter.setFont(font)
    return max((float(painter.fontMetrics().horizontalAdvance(text)) for text in texts), default=0.0)


def _elided(painter: QPainter, look: Look, text: str, width: float) -> str:
    painter.setFont(look.font(13))
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
