"""Logo and colour of the claim page: made small, made readable, seen before they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.support import looks
from tests.support.desk import DeskWorld, open_desk, press, shown, words
from welfare_desk.desktop.logo_file import picture, read_logo
from welfare_desk.desktop.pages.settings import SettingsPage
from welfare_desk.domain import logos
from welfare_desk.errors import Refused
from welfare_desk.i18n import set_language
from welfare_desk.queries import settings


@pytest.fixture
def made(tmp_path: Path) -> Iterator[DeskWorld]:
    """A desk."""
    set_language("zh_CN")
    with open_desk(tmp_path / "data") as desk:
        yield desk


def drawn(path: Path, width: int, height: int, *, noisy: bool = False) -> Path:
    """A picture of that size; `noisy` ones hardly compress."""
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor("#ffd400"))
    if noisy:
        for x in range(width):
            for y in range(height):
                image.setPixelColor(x, y, QColor((x * 97 + y * 31) % 256, (x * y * 13) % 256, (x * 7 ^ y * 11) % 256))
    else:
        painter = QPainter(image)
        painter.fillRect(10, 10, width // 2, height // 2, QColor("#0b5cad"))
        painter.end()
    image.save(str(path))
    return path


@pytest.mark.parametrize(("width", "height", "noisy"), [(2000, 900, False), (300, 300, True), (20, 400, False)])
def test_any_picture_becomes_a_small_logo(tmp_path: Path, width: int, height: int, *, noisy: bool) -> None:
    logo = read_logo(drawn(tmp_path / "logo.png", width, height, noisy=noisy))
    assert logos.check(logo) == logo
    shown_as = picture(logo)
    assert not shown_as.isNull()
    assert shown_as.height() <= 64


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"no picture")
    with pytest.raises(Refused, match="logo_type"):
        read_logo(path)


def test_logo_and_colour_are_seen_and_saved(made: DeskWorld, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(qtbot, SettingsPage(made.desk))
    made.settle()
    look = page.look
    plain = look.preview.grab().toImage()
    look.take_logo(drawn(tmp_path / "logo.png", 900, 300))
    look.colour.setText("#FFC800")
    assert "低于 4.5:1" in look.readable.text()
    assert look.preview.grab().toImage() != plain
    look.hours.setValue(6)
    press(look, "保存")
    made.settle()
    stored = made.world.ctx.read(settings.shared)
    assert (stored["colour"], stored["answer_hours"]) == ("#ffc800", 6)
    assert logos.check(stored["logo"]) == stored["logo"]
    look.colour.setText("kaum blau")
    press(look, "保存")
    made.settle()
    assert "不是颜色" in " ".join(words(look))
    look.colour.setText("#0b5cad")
    assert "清晰易读" in look.readable.text()
    press(look, "不用标志")
    press(look, "保存")
    made.settle()
    assert made.world.ctx.read(settings.shared)["logo"] == ""


def test_a_file_that_is_no_picture_is_said_at_the_field(made: DeskWorld, qtbot: QtBot, tmp_path: Path) -> None:
    page = shown(qtbot, SettingsPage(made.desk))
    made.settle()
    (tmp_path / "x.png").write_bytes(b"x")
    page.look.take_logo(tmp_path / "x.png")
    assert "不是 PNG" in " ".join(words(page.look))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_nothing_is_cut_off(made: DeskWorld, qtbot: QtBot, language: str) -> None:
    set_language(language)
    page = shown(qtbot, SettingsPage(made.desk))
    made.settle()
    page.look.colour.setText("#FFC800")
    found = looks.problems(page)
    set_language("zh_CN")
    assert found == []
