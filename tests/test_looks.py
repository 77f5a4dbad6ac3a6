"""The eyes of the tests see what they should, and are not bothered by what is right."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.support import looks


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window with texts that fit."""
    window = QWidget()
    layout = QVBoxLayout(window)
    wrapped = QLabel("每份权益只能领取一次，确认后不能更换。" * 5)
    wrapped.setWordWrap(True)
    field = QLineEdit()
    field.setPlaceholderText("工号")
    for part in (QLabel("领取率 Claim rate"), wrapped, QPushButton("发放"), field):
        layout.addWidget(part)
    window.resize(400, 300)
    window.show()
    qtbot.addWidget(window)
    qtbot.waitExposed(window)
    return window


def test_a_good_window_has_no_problem(window: QWidget) -> None:
    assert looks.problems(window) == []


def test_a_narrow_label_is_cut_off(window: QWidget) -> None:
    label = window.findChildren(QLabel)[0]
    label.setFixedWidth(30)
    assert [problem for problem in looks.problems(window) if "cut off" in problem]
    label.setProperty("elides", True)
    assert looks.problems(window) == []


def test_a_low_wrapped_label_is_cut_off(window: QWidget) -> None:
    window.findChildren(QLabel)[1].setFixedHeight(16)
    assert [problem for problem in looks.problems(window) if "cut off" in problem]


def test_a_narrow_button_is_cut_off(window: QWidget) -> None:
    button = window.findChildren(QPushButton)[0]
    button.setText("Put on the shelf and order at once")
    button.setFixedWidth(50)
    assert [problem for problem in looks.problems(window) if "Put on the shelf" in problem]


def test_a_sign_without_glyph_is_seen(qtbot: QtBot) -> None:
    assert looks.missing_glyphs("权益 ¥1,234.50 ✓", QFont()) == ""
    assert looks.missing_glyphs("a\U00013000b", QFont()) == "\U00013000"


@pytest.mark.browser
def test_a_wide_page_is_seen(phone: Page) -> None:
    head = "<meta name=viewport content='width=device-width,initial-scale=1'>"
    phone.set_content(f"{head}<body style='margin:0'><button style='width:48px;height:48px'>领取</button></body>")
    assert looks.page_problems(phone) == []
    phone.set_content(f"{head}<body><p style='width:600px'>wide</p><a href='#' style='font-size:8px'>x</a></body>")
    found = looks.page_problems(phone)
    assert any("sideways" in problem for problem in found)
    assert any("too small" in problem for problem in found)
