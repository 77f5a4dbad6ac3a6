"""Where a list of people comes from: a file, the clipboard, or a template to fill in first."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_save
from welfare_desk.files.template import write_template
from welfare_desk.i18n import _, language

KINDS = "Excel, CSV (*.xlsx *.xlsm *.xls *.csv *.tsv *.txt)"


def copied_cells(desk: Desk) -> str:
    """The cells on the clipboard as TSV; "" and a word of advice when there are none."""
    text = QApplication.clipboard().text()
    if "\t" in text or "\n" in text:
        return text
    desk.toast(_("Copy the cells in Excel first, headings included, then paste them here."))
    return ""


def ask_template(widget: QWidget, desk: Desk) -> None:
    """Saves a list with the right headings and a few example rows, to start from."""
    path = ask_save(widget, _("Save a template"), _("people") + ".xlsx", "Excel (*.xlsx);;CSV (*.csv)")
    if path is not None:
        desk.background.call(write_template, partial(_template_saved, desk, path), path=path, language=language())


def _template_saved(desk: Desk, path: Path, _nothing: Any) -> None:
    desk.toast(_("The template is saved in {name}", name=path.name), _("Open"),
               partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(path))))  # fmt: skip
