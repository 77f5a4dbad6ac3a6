"""What a person would see at once: boxes instead of signs, words cut off, a page that must be pushed sideways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from playwright.sync_api import Page
from PySide6.QtCore import QAbstractItemModel, QRect, Qt
from PySide6.QtGui import QFont, QTextLayout
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QRadioButton,
    QTableView,
    QTabWidget,
    QWidget,
)

SLACK = 1  # pixels that rounding may take


def problems(window: QWidget) -> list[str]:
    """One sentence for each text of a shown window that has a missing glyph or is cut off; [] is good.

    A widget whose text is elided on purpose says so by `setProperty("elides", True)`.
    """
    found = []
    for widget in [window, *window.findChildren(QWidget)]:
        if not widget.isVisible() or widget.width() == 0:
            continue
        for text, font in texts(widget):
            missing = missing_glyphs(text, font)
            if missing:
                found.append(f"{name(widget)}: no glyph for {missing} in {text[:40]!r}")
        if not widget.property("elides"):
            found += [f"{name(widget)}: cut off: {text[:60]!r}" for text in cut_off(widget)]
    return found


def name(widget: QWidget) -> str:
    """A widget as a person who mends it finds it."""
    return f"{type(widget).__name__} {widget.objectName()}".strip()


def texts(widget: QWidget) -> Iterator[tuple[str, QFont]]:
    """Every text a widget shows, with its font."""
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text(), widget.font()
    elif isinstance(widget, QLineEdit):
        yield widget.text() or widget.placeholderText(), widget.font()
    elif isinstance(widget, QComboBox):
        for row in range(widget.count()):
            yield widget.itemText(row), widget.font()
    elif isinstance(widget, QGroupBox):
        yield widget.title(), widget.font()
    elif isinstance(widget, QTabWidget):
        for tab in range(widget.count()):
            yield widget.tabText(tab), widget.font()
    elif isinstance(widget, QTableView):
        yield from cells(widget)


def cells(table: QTableView) -> Iterator[tuple[str, QFont]]:
    """Header and visible cells of a table."""
    model = cast("QAbstractItemModel | None", table.model())  # None until it was given one
    if model is None:
        return
    last = table.rowAt(table.viewport().height() - 1)
    rows = range(max(table.rowAt(0), 0), (last if last >= 0 else model.rowCount() - 1) + 1)
    for column in range(model.columnCount()):
        header = model.headerData(column, Qt.Orientation.Horizontal)
        yield str(header or ""), table.horizontalHeader().font()
        for row in rows:
            yield str(model.index(row, column).data() or ""), table.font()


def missing_glyphs(text: str, font: QFont) -> str:
    """The signs of `text` that neither `font` nor its fallbacks can draw; "" is good."""
    return "".join(
        sign for sign in dict.fromkeys(text) if sign.isprintable() and not sign.isspace() and _box(sign, font)
    )


def _box(sign: str, font: QFont) -> bool:
    layout = QTextLayout(sign, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    return not runs or any(glyph == 0 for run in runs for glyph in run.glyphIndexes())


def cut_off(widget: QWidget) -> Iterator[str]:
    """The texts of a widget that do not fit into it."""
    if isinstance(widget, QLabel):
        if widget.text() and not label_fits(widget):
            yield widget.text()
    elif isinstance(widget, QCheckBox | QRadioButton):
        if widget.text() and widget.sizeHint().width() > widget.width() + SLACK:
            yield widget.text()
    elif isinstance(widget, QAbstractButton):
        if widget.text() and widget.minimumSizeHint().width() > widget.width() + SLACK:
            yield widget.text()
    elif isinstance(widget, QLineEdit):
        space = widget.contentsRect().width() - widget.textMargins().left() - widget.textMargins().right()
        if not widget.text() and widget.fontMetrics().horizontalAdvance(widget.placeholderText()) > space:
            yield widget.placeholderText()
    elif isinstance(widget, QHeaderView) and widget.orientation() == Qt.Orientation.Horizontal:
        yield from headers_cut_off(widget)
    yield from outside(widget)


def label_fits(label: QLabel) -> bool:
    """Whether a label's text fits, wrapped if the label wraps."""
    space = label.contentsRect().adjusted(label.margin(), label.margin(), -label.margin(), -label.margin())
    flags = int(label.alignment()) if isinstance(label.alignment(), int) else label.alignment().value
    if label.wordWrap():
        flags |= Qt.TextFlag.TextWordWrap.value
    if label.textFormat() == Qt.TextFormat.RichText:
        return label.heightForWidth(label.width()) <= label.height() + SLACK
    needed = label.fontMetrics().boundingRect(QRect(0, 0, space.width(), 100_000), flags, label.text())
    tall = label.fontMetrics().height() * (0.2 if label.wordWrap() else 0.35)  # leading may hang over
    return needed.width() <= space.width() + SLACK and needed.height() <= space.height() + tall


def headers_cut_off(header: QHeaderView) -> Iterator[str]:
    """Column titles wider than their columns; the last visible column may stretch."""
    model = cast("QAbstractItemModel | None", header.model())
    if model is None:
        return
    for column in range(header.count()):
        title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        needed = 0 if header.isSectionHidden(column) else header.fontMetrics().horizontalAdvance(title)
        if needed > header.sectionSize(column):
            yield title


def outside(widget: QWidget) -> Iterator[str]:
    """A label or button that its parent does not show whole, unless the parent scrolls."""
    parent = widget.parentWidget()
    if parent is None or not isinstance(widget, QLabel | QAbstractButton) or widget.isWindow() or not widget.text():
        return
    if parent.objectName() == "qt_scrollarea_viewport":
        return
    if not parent.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(widget.geometry()):
        yield f"{widget.text()} (outside {name(parent)})"


PAGE_SCRIPT = """() => {
  const found = [];
  const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
  if (wide > room) found.push(`scrolls sideways: ${wide} > ${room}`);
  for (const element of document.querySelectorAll('body *')) {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (style.display === 'none' || style.visibility === 'hidden' || box.width === 0) continue;
    const text = (element.innerText || '').trim().slice(0, 40);
    const hides = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
    const more = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    if (hides && text && more)
      found.push(`cut off: ${text}`);
    const presses = element.matches('a[href],button,input:not([type=hidden]),select');
    if (presses && (box.width < 24 || box.height < 24)) found.push(`too small to press: ${text || element.name}`);
    if (box.right > room + 1) found.push(`over the edge: ${element.tagName} ${text}`);
  }
  return found;
}"""


def page_problems(page: Page) -> list[str]:
    """One sentence for each thing on a claim page that is cut off, over the edge or too small to press; [] is good."""
    found: list[str] = page.evaluate(PAGE_SCRIPT)
    return found
