"""Connecting a supplier: address, account and key, or the supplier's configuration file. The key is sealed at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_open
from welfare_desk.desktop.pages.suppliers_drawer import SuppliersDrawer
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.errors import Refused
from welfare_desk.i18n import _, error_text, language
from welfare_desk.services import suppliers

CONFIG = ("url", "user_id", "key")
LARGEST = 65_536


class SupplierForm(QWidget):
    """After saving, the catalogue is fetched at once."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle(_("Connect a supplier"))
        self.banner = Banner()
        self.form = Form()
        self.form.add_line("name", _("Supplier name"), hint=_("What you call it here: letters, digits, - and _"))
        self.form.add_choice("kind", _("Kind"), [("kasushou", _("Kasushou card site"))])
        self.form.add_line("url", _("Address"), hint="https://…")
        self.form.add_line("user_id", _("Customer number"))
        self.form.add_line("key", _("API key"), secret=True, hint=_("Only the claim service can read it again"))
        self.save = primary(_("Connect and fetch the catalogue"), self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addLayout(
            row(label(_("From the supplier's file"), "muted"),
                button(_("Choose a file …"), self._choose, icon="file"), None)
        )  # fmt: skip
        layout.addWidget(self.form)
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)

    def fill(self, config: dict[str, Any]) -> None:
        """Takes address, account and key from a configuration."""
        for name in CONFIG:
            field = self.form.field(name)
            value = config.get(name)
            if value is not None and hasattr(field, "setText"):
                field.setText(str(value))

    def _choose(self) -> None:
        path = ask_open(self, _("The supplier's file"), "JSON (*.json)")
        if path is not None:
            self.desk.background.call(read_config, self.fill, self._refused, path=path)

    def _save(self) -> None:
        self.form.clear_errors()
        self.banner.say("")
        self.save.setEnabled(False)
        values = self.form.values()
        config = {name: values[name] for name in CONFIG}
        self.desk.background.write(
            add_and_sync, self._saved, self._refused, name=values["name"], kind=values["kind"], config=config
        )

    def _saved(self, job_id: int) -> None:
        name = self.form.values()["name"]
        drawer = SuppliersDrawer(self.desk)
        self.desk.changed.emit("suppliers")
        self.desk.open_drawer(drawer)
        drawer.watch(job_id, _("Fetching the catalogue of {name}", name=name))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)


def add_and_sync(ctx: Any, session: Any, *, name: str, kind: str, config: dict[str, Any]) -> int:
    """Connects the supplier and asks for its catalogue, in one transaction; gives the job."""
    suppliers.add_supplier(ctx, session, name=name, kind=kind, config=config)
    return suppliers.request_sync(ctx, session, supplier=name)


def read_config(path: Path) -> dict[str, Any]:
    """The configuration in a JSON file. Raises Refused(`supplier_config_file`)."""
    try:
        if path.stat().st_size > LARGEST:
            raise Refused("supplier_config_file", field="config", name=path.name)
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Refused("supplier_config_file", field="config", name=path.name) from error
    if not isinstance(found, dict):
        raise Refused("supplier_config_file", field="config", name=path.name)
    return found
