"""Links as a list to save (xlsx, csv) and as cards to print (PDF), sealed by the service to this desk alone."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from welfare_desk.desktop import print_sheets
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_save, confirm
from welfare_desk.desktop.pages.service_jobs import wait_for
from welfare_desk.files import exports
from welfare_desk.i18n import _, language, ntext
from welfare_desk.queries import settings
from welfare_desk.services import addresses, links

HEADERS = ("employee_no", "name", "department", "reference", "url")


class LinkSheets(QObject):
    """Asks where to save, warns about an address only this network knows, and runs the rest as a job."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._widget = parent
        self._ask: Any = None

    def export(self, campaign_id: int, name: str) -> None:
        """Saves the links as Excel or CSV."""
        kinds = "Excel (*.xlsx);;CSV (*.csv)"
        path = ask_save(self._widget, _("Export links"), f"{safe(name)}.xlsx", kinds)
        if path is not None:
            self._check_address(_("Exporting links"), campaign_id, path)

    def print_cards(self, campaign_id: int, name: str) -> None:
        """Saves one card with a QR code per person as a PDF to print."""
        path = ask_save(self._widget, _("Save cards to print"), f"{safe(name)}.pdf", "PDF (*.pdf)")
        if path is not None:
            self._check_address(_("Drawing cards"), campaign_id, path)

    def _check_address(self, title: str, campaign_id: int, path: Path) -> None:
        self._ask = partial(self._run, title, campaign_id, path)
        self._desk.background.call(links.link_base, self._asked, ctx=self._desk.ctx)

    def _asked(self, address: str) -> None:
        text = _(
            "Links lead to {address}. Phones open it only in this network, and only while this computer has this "
            "address. Test it with a phone on the page Claim service first.", address=address,
        )  # fmt: skip
        if not addresses.is_local(address) or confirm(self._widget, _("Only for this network?"), text, _("Go on")):
            self._ask()

    def _run(self, title: str, campaign_id: int, path: Path) -> None:
        self._desk.background.job(
            title, save_sheet, self._saved, campaign_id=campaign_id, path=path, language=language()
        )

    def _saved(self, result: tuple[Path, int]) -> None:
        path, count = result
        self._desk.changed.emit("grants")
        self._desk.toast(
            ntext(language(), "{n} link saved in {name}", "{n} links saved in {name}", count, name=path.name),
            _("Open"), partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(path))),
        )  # fmt: skip


def save_sheet(ctx: Any, report: Any, *, campaign_id: int, path: Path, language: str) -> tuple[Path, int]:
    """Asks for the links, writes them and marks the grants as reached; returns the file and how many.

    The file appears whole or not at all. Raises Unavailable(`service_away`) when the service does not answer.
    """
    private_key = links.new_key()
    job_id = ctx.write(links.ask_sheet, campaign_id=campaign_id, private_key=private_key)
    wait_for(ctx, report, job_id)
    sheet = links.open_sheet(ctx, job_id=job_id, private_key=private_key)
    shared = ctx.read(settings.shared)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".links") as folder:
        made = Path(folder) / path.name
        if path.suffix.lower() == ".pdf":
            print_sheets.save_pdf(made, sheet, company=shared["company_name"], language=language, report=report)
        else:
            rows = [tuple(getattr(one, name) for name in HEADERS) for one in sheet.rows]
            exports.write_table(made, HEADERS, rows)
        made.replace(path)
    printed = path.suffix.lower() == ".pdf"
    links.finish_sheet(ctx, report, job_id=job_id, sheet=sheet, by="printed" if printed else "exported")
    return path, len(sheet.rows)


def safe(name: str) -> str:
    """A campaign's name as a file name."""
    return "".join(sign if sign.isalnum() or sign in " -_()（）" else "_" for sign in name).strip() or "links"
