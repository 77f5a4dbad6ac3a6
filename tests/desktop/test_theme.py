"""Every colour pair that is used can be read, in both themes."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from welfare_desk.desktop import theme
from welfare_desk.desktop.theme import DARK, LIGHT, Tokens, contrast
from welfare_desk.i18n import RESOURCES

TEXT, GRAPHIC = 4.5, 3.0
BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda found: found.name)


def text_pairs(t: Tokens) -> list[tuple[str, str]]:
    grounds = (t.window, t.surface, t.alt)
    pairs = [(ink, ground) for ink in (t.text, t.muted) for ground in grounds]
    pairs += [(ink, ground) for ink in (t.primary, t.danger) for ground in (t.window, t.surface)]
    pairs += [(ink, t.surface) for ink in (t.success, t.warning)]
    pairs += [(t.text, t.selection), (t.on_primary, t.primary), (t.on_primary, t.primary_hover)]
    pairs += [(t.ok_fg, t.ok_bg), (t.warn_fg, t.warn_bg), (t.bad_fg, t.bad_bg), (t.info_fg, t.info_bg)]
    return [*pairs, (t.surface, t.text), (t.danger, t.bad_bg)]


@BOTH
def test_text_can_be_read(tokens: Tokens) -> None:
    low = {pair: round(contrast(*pair), 2) for pair in text_pairs(tokens) if contrast(*pair) < TEXT}
    assert not low


@BOTH
def test_edges_and_marks_can_be_seen(tokens: Tokens) -> None:
    marks = (tokens.border, tokens.primary, tokens.danger, tokens.success, tokens.warning, *tokens.chart)
    low = {mark: round(contrast(mark, tokens.surface), 2) for mark in marks if contrast(mark, tokens.surface) < GRAPHIC}
    assert not low
    assert contrast(tokens.border, tokens.window) >= GRAPHIC


def test_contrast_of_the_extremes() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@BOTH
def test_no_role_of_the_palette_is_guessed(tokens: Tokens) -> None:
    made = theme.palette(tokens)
    known = {value.lower() for value in vars(tokens).values() if isinstance(value, str)}
    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NColorRoles, QPalette.ColorRole.NoRole):
            assert made.color(QPalette.ColorGroup.Active, role).name() in known, role


@BOTH
@pytest.mark.parametrize("percent", [90, 100, 150])
def test_the_style_sheet_knows_every_name(qapp: QApplication, tokens: Tokens, percent: int) -> None:
    theme.apply(qapp, tokens.name, percent)
    made = theme.style_sheet(tokens)
    assert "$" not in made
    for image in re.findall(r'url\("([^"]+)"\)', made):
        assert (RESOURCES / "styles" / image.rpartition("/")[2]).is_file()
    assert f"font-size: {round(14 * percent / 100)}px" in made


def test_scale_has_limits(qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 400)
    assert (theme.scale(), theme.tokens()) == (150, DARK)
    theme.apply(qapp, "light", 10)
    assert (theme.scale(), theme.tokens()) == (90, LIGHT)


def test_every_icon_is_a_thin_line() -> None:
    for path in (RESOURCES / "icons").glob("*.svg"):
        source = path.read_text(encoding="utf-8")
        assert path.name == "app.svg" or ('stroke-width="1.5"' in source and "currentColor" in source), path.name
