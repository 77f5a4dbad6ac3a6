"""Everybody in a campaign: reference code, how the message went, whether it was claimed; and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment
from welfare_desk.desktop.pages.grant_actions import GrantActions
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.words import grant_status, message_state, word_text, word_tone
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.basic import button, clear, label, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.i18n import _
from welfare_desk.queries import grants

PAGE = 200
LARGE = 125  # per cent; from here on filters take two lines


@dataclass(frozen=True)
class _Grant:
    """What `grant_status` reads of a row."""

    state: str
    message: str | None
    reached_at: int | None
    claimed_at: int | None


def columns() -> tuple[Column, ...]:
    """What the list shows of a grant."""
    return (
        Column("reference", _("Reference code"), 125, mono=True),
        Column("name", _("Name"), 110),
        Column("employee_no", _("Employee number"), 140, mono=True),
        Column("department", _("Department"), 150),
        Column("status", _("Status"), 140, show=word_text, tone=word_tone),
        Column("message", _("Message"), 90, show=word_text, tone=word_tone),
        Column("claimed_at", _("Claimed at"), 140),
        Column("email", _("E-mail"), 190),
    )


class CampaignPeople(QWidget):
    """A paged table with filters, and an action bar for the chosen row."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._campaign_id: int | None = None
        self._window = (0, 0)
        self._zone = ""
        self._next: Any = None
        self._chosen: Any = None
        self.model = TableModel(columns(), more=self._more)
        self.table = RecordTable(self.model, "grants", _("People in this campaign"), desk.preferences)
        self.table.opened.connect(self._opened)
        self.table.chosen.connect(self._choose)
        self.search = SearchBox(_("Name, number or reference code"))
        self.search.searched.connect(self._filtered)
        self.states = Chips([
            ("", _("All")), ("claimed", _("Have claimed")), ("unclaimed", _("Unclaimed")),
            ("unreached", _("Not reached")), ("failed_message", _("Message failed")), ("revoked", _("Revoked")),
        ])  # fmt: skip
        self.states.chosen.connect(self._filtered)
        self.empty = label("", "muted")
        self.acts = QHBoxLayout()
        self.acts.setSpacing(theme.px(8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        if theme.scale() >= LARGE:
            layout.addLayout(row(self.search, None, self.empty, spacing=12))
            layout.addLayout(row(self.states, None))
        else:
            layout.addLayout(row(self.search, self.states, None, self.empty, spacing=12))
        layout.addWidget(self.table, 1)
        layout.addLayout(self.acts)

    def show_campaign(self, campaign_id: int) -> None:
        """Shows another campaign's people."""
        if campaign_id != self._campaign_id:
            self.model.replace([])
            self.search.clear()
            self.states.choose("")
        self._campaign_id = campaign_id

    def show_window(self, opens_at: int, closes_at: int, zone: str) -> None:
        """When the campaign is open, epoch milliseconds: a grant's status depends on it; times are shown in `zone`."""
        self._window, self._zone = (opens_at, closes_at), zone

    def refresh(self) -> None:
        """Loads the first page again."""
        if self._campaign_id is not None:
            self.desk.background.read(grants.grants, self._show, key="list", limit=PAGE, **self._filter())

    def _filter(self) -> dict[str, Any]:
        return {
            "campaign_id": self._campaign_id, "search": self.search.text().strip(), "state": self.states.value()
        }  # fmt: skip

    def _filtered(self, _value: str) -> None:
        self.refresh()

    def _more(self) -> None:
        self.desk.background.read(
            grants.grants, self._add, key="more", after=self._next, limit=PAGE, **self._filter()
        )  # fmt: skip

    def _show(self, found: Any) -> None:
        chosen = self._chosen
        self._next = found.next
        self.model.replace([self._row(one) for one in found.rows], more=found.next is not None)
        self.empty.setText("" if found.rows else _("Nobody here"))
        if chosen is not None:
            at = next((at for at, one in enumerate(self.model.rows) if one[-1].id == chosen.id), -1)
            self.table.select_row(at)

    def _add(self, found: Any) -> None:
        self._next = found.next
        self.model.extend([self._row(one) for one in found.rows], more=found.next is not None)

    def _row(self, found: Any) -> tuple[Any, ...]:
        grant = _Grant(found.state, found.message_state, found.reached_at, found.claimed_at)
        status = grant_status(grant, *self._window, self.desk.ctx.clock.now())
        return (
            found.reference, found.name, found.employee_no, found.department, status,
            message_state(found.message_state), moment(found.claimed_at, self._zone), found.email, found,
        )  # fmt: skip

    def _opened(self, found: Any) -> None:
        self.desk.open_drawer(PersonDrawer(self.desk, found[-1].person_id))

    def _open_chosen(self) -> None:
        if self._chosen is not None:
            self.desk.open_drawer(PersonDrawer(self.desk, self._chosen.person_id))

    def _choose(self, rows: list[Any]) -> None:
        clear(self.acts)
        self._chosen = rows[0][-1] if len(rows) == 1 else None
        if self._chosen is None:
            return
        found = self._chosen
        self.acts.addWidget(label(found.name, "strong"))
        self.acts.addWidget(button(_("Open person"), self._open_chosen, icon="user"))
        if found.state == "open":
            doing = GrantActions(self.desk, self.table, found.id, found.name)
            for made in doing.buttons(mail=bool(found.email), claimed=found.claimed_at is not None):
                self.acts.addWidget(made)
        self.acts.addStretch(1)
