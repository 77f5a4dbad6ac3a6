"""Line icons by name, drawn in a colour of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from welfare_desk.desktop import theme
from welfare_desk.i18n import RESOURCES


def icon(name: str, token: str = "text") -> QIcon:
    """The icon `resources/icons/<name>.svg` in the colour of a theme token, muted where it is disabled."""
    made = QIcon()
    made.addPixmap(pixmap(name, token, 24), QIcon.Mode.Normal)
    made.addPixmap(pixmap(name, "disabled", 24), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, token: str = "text", size: int = 20) -> QPixmap:
    """The icon as a picture of `size` px at 100 %, sharp on screens of any density."""
    app = QApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QApplication) else 1.0
    return _draw(name, str(getattr(theme.tokens(), token)), theme.px(size), ratio)


def _draw(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    key = f"icon/{name}/{colour}/{size}/{ratio}"
    if QPixmapCache.find(key, made):
        return made
    source = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    QPixmapCache.insert(key, made)
    return made
