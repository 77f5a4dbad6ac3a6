"""The suppliers: balance, when the catalogue was last fetched, what went wrong; check and fetch again."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import ago, money, number
from welfare_desk.desktop.job_watch import JobWatch
from welfare_desk.desktop.pages.service_jobs import job_error
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import badge, button, card, clear, label, primary, row
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import suppliers as supplier_queries
from welfare_desk.services import suppliers


class SuppliersDrawer(QWidget):
    """One card per supplier, and the progress of what the service does for it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._watch: JobWatch | None = None
        self.setWindowTitle(_("Suppliers"))
        self.banner = Banner()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.bar.hide()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.px(12))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(self.bar)
        layout.addLayout(self._cards)
        layout.addStretch(1)
        desk.changed.connect(self._changed)
        self.refresh()

    def refresh(self) -> None:
        """Asks for the suppliers again."""
        self.desk.background.read(supplier_queries.suppliers, self._show, key="suppliers")

    def watch(self, job_id: int, title: str) -> None:
        """Shows how a job of the service goes on."""
        self.banner.say(title, "info")
        self.bar.setRange(0, 0)
        self.bar.show()
        self._watch = JobWatch(self.desk.background, job_id, self)
        self._watch.moved.connect(self._moved)
        self._watch.settled.connect(self._settled)

    def _changed(self, noun: str) -> None:
        if noun in ("suppliers", "products"):
            self.refresh()

    def _show(self, found: tuple[Any, ...]) -> None:
        clear(self._cards)
        for supplier in found:
            self._cards.addWidget(self._card(supplier))
        self._cards.addWidget(button(_("Connect another supplier"), self._connect, icon="plus"))

    def _card(self, supplier: Any) -> QWidget:
        now = self.desk.ctx.clock.now()
        at = supplier.synced_at
        fetched = _("catalogue {ago}", ago=ago(at, now)) if at else _("no catalogue yet")
        goods = ntext(language(), "{count} on sale", "{count} on sale", supplier.offers, count=number(supplier.offers))
        trouble = error_text(language(), WelfareError(supplier.trouble)) if supplier.trouble else ""
        state = badge(_("Trouble"), "bad") if trouble else badge(_("Works"), "ok")
        if not supplier.checked_at and not trouble:
            state = badge(_("Not checked yet"))
        balance = label(money(supplier.balance_minor, supplier.currency), "strong")
        parts: list[Any] = [
            row(label(supplier.name, "strong"), state, None, balance),
            label(f"{goods} · {fetched}", "muted"),
        ]
        if supplier.address:
            parts.insert(1, label(supplier.address, "caption", wrap=True, selectable=True))
        if trouble:
            parts.append(label(trouble, "error", wrap=True))
        fetch = primary(_("Fetch the catalogue"), lambda: self._sync(supplier.name), icon="refresh")
        check = button(_("Check the connection"), lambda: self._check(supplier.name))
        parts.append(row(fetch, check, None))
        return card(*parts, spacing=6, margin=12)

    def _sync(self, name: str) -> None:
        self.banner.say(_("Fetching the catalogue of {name}", name=name), "info")
        self.desk.background.write(suppliers.request_sync, self._asked, supplier=name)

    def _check(self, name: str) -> None:
        self.banner.say(_("Asking {name} …", name=name), "info")
        self.desk.background.write(suppliers.request_check, self._asked, supplier=name)

    def _asked(self, job_id: int) -> None:
        self.watch(job_id, self.banner.text())

    def _moved(self, job: Any) -> None:
        if job is None:
            return
        done, total = job.progress.get("done", 0), job.progress.get("total", 0)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        if job.state == "queued" and not done:
            self.banner.say(_("Waiting for the claim service to take it up …"), "info")

    def _settled(self, job: Any) -> None:
        self.bar.hide()
        if job.state == "failed":
            self.banner.say(error_text(language(), job_error(job)), "bad")
        else:
            self.banner.say(_("Done."), "ok")
        self.desk.changed.emit("products")
        self.desk.changed.emit("suppliers")

    def _connect(self) -> None:
        self.desk.go("shelf", connect=True)
