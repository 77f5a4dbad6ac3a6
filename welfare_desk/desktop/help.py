"""Help: the keys that work everywhere, and what can still be undone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import column, holder, label
from welfare_desk.i18n import _


def shortcuts() -> list[tuple[str, str]]:
    """Keys and what they do; the window and its pages register exactly these."""
    return [
        ("Ctrl+K", _("Find anything")),
        ("Ctrl+1", _("Sections, up to Ctrl+7")),
        ("Ctrl+I", _("Import people")),
        ("Ctrl+N", _("New campaign")),
        ("Ctrl+F", _("Search in the list")),
        ("Ctrl+E", _("Export what is shown")),
        ("Ctrl+P", _("Print cards")),
        ("Ctrl+Return", _("Next step")),
        ("Ctrl+[", _("Step back")),
        ("Ctrl+C", _("Copy the selected rows with headings")),
        ("Ctrl+V", _("Import people from copied cells")),
        ("F5", _("Load again")),
        ("Esc", _("Close what lies on top")),
        ("F1", _("This help")),
    ]


def undo_table() -> list[tuple[str, str]]:
    """What can be taken back, and until when."""
    return [
        (_("Import of people"), _("Undo, until something depends on it")),
        (_("Campaign, message still queued"), _("Pause: nothing more leaves")),
        (_("Campaign, sent, not claimed"), _("Revoke or replace the link, extend the window")),
        (_("Code shown to the person"), _("Cannot be taken back: ask the supplier")),
        (_("Top-up accepted by the supplier"), _("Cannot be taken back")),
        (_("Product on the shelf"), _("Take it off; running campaigns go on")),
    ]


def help_panel() -> QWidget:
    """The panel for the drawer."""
    keys = [(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText), text) for key, text in shortcuts()]
    panel = holder(
        column(
            label(_("Keys"), "section"), _grid(keys, "mono"), 12,
            label(_("What can still be undone"), "section"), _grid(undo_table(), "strong"), None, spacing=12,
        )
    )  # fmt: skip
    panel.setWindowTitle(_("Help"))
    return panel


def _grid(pairs: list[tuple[str, str]], role: str) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.px(16))
    grid.setVerticalSpacing(theme.px(8))
    grid.setColumnStretch(1, 1)
    for at, (left, right) in enumerate(pairs):
        grid.addWidget(label(left, role, wrap=role != "mono"), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(right, wrap=True), at, 1, Qt.AlignmentFlag.AlignTop)
    return made
