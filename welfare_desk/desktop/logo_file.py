"""From a picture file of any size to a logo a page can carry: scaled down until it has at most 4 kB."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage

from welfare_desk.domain import logos
from welfare_desk.errors import Refused

HEIGHTS = (64, 56, 48, 40, 32, 24)  # the page shows it 32 px high; more is for fine screens
WIDEST = 3  # times the height


def read_logo(path: Path) -> str:
    """The picture of a file as the data URI the settings keep. Raises Refused(`logo_type`, `logo_size`)."""
    image = QImage(str(path))
    if image.isNull():
        raise Refused("logo_type", field="logo")
    smallest = b""
    for height in HEIGHTS:
        scaled = image.scaled(
            height * WIDEST, height, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        for shape in (QImage.Format.Format_ARGB32, QImage.Format.Format_Indexed8):
            smallest = _png(scaled.convertToFormat(shape))
            if len(smallest) <= logos.MOST_BYTES:
                return logos.data_uri(smallest)
    return logos.data_uri(smallest)


def picture(logo: str) -> QImage:
    """The picture of a stored logo; a null image for none."""
    data = QByteArray.fromBase64(QByteArray(logo.partition(";base64,")[2].encode()))
    return QImage.fromData(data)


def _png(image: QImage) -> bytes:
    kept = QBuffer()
    kept.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(kept, "PNG")  # type: ignore[call-overload]  # takes a QIODevice and a format, the stubs want bytes
    return bytes(kept.data().data())
