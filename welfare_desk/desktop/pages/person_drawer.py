"""One person: how to reach them, and everything that was granted, with what can be done about it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment, month_day
from welfare_desk.desktop.pages.grant_actions import GrantActions
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.desktop.pages.person_leave import LeaveForm
from welfare_desk.desktop.pages.words import fulfilment_state, grant_status, person_status
from welfare_desk.desktop.widgets.basic import badge, button, card, clear, holder, label, row, rule
from welfare_desk.domain.fields import LABELS, SENSITIVE
from welfare_desk.i18n import _
from welfare_desk.queries import fulfilments, person_grants
from welfare_desk.services import people

HIDDEN = "••••"  # of what is sensitive the window says only that it is there


class PersonDrawer(QWidget):
    """Loads by itself and again whenever people, grants or claims change."""

    def __init__(self, desk: Desk, person_id: int) -> None:
        super().__init__()
        self.desk = desk
        self._person_id = person_id
        self._detail: Any = None
        self._fulfilments: tuple[Any, ...] = ()
        self.setWindowTitle(_("Person"))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, theme.px(8), 0)
        self._layout.setSpacing(theme.px(12))
        desk.changed.connect(self._changed)
        self.refresh()

    def refresh(self) -> None:
        """Asks for the person again."""
        self.desk.background.read(_all_of, self._show, key="person", person_id=self._person_id)

    def _changed(self, noun: str) -> None:
        if noun in ("people", "grants", "claims", "campaigns", "messages"):
            self.refresh()

    def _show(self, found: tuple[Any, tuple[Any, ...]]) -> None:
        detail, self._fulfilments = found
        if detail is None:
            self.desk.open_drawer(None)
            return
        self._detail = detail
        person = detail.person
        clear(self._layout)
        status, tone = person_status(person.status)
        self._layout.addLayout(row(label(person.name, "section", selectable=True), badge(status, tone), None))
        self._layout.addLayout(row(button(_("Correct …"), self._edit, icon="edit"), self._stay_or_leave(person), None))
        self._layout.addWidget(self._facts(person))
        self._layout.addWidget(rule())
        self._layout.addWidget(label(_("Granted"), "section"))
        if not detail.grants:
            self._layout.addWidget(label(_("Nothing has been granted to this person yet."), "muted", wrap=True))
        for grant in detail.grants:
            self._layout.addWidget(self._grant(person, grant))
        self._layout.addStretch(1)

    def _stay_or_leave(self, person: Any) -> QWidget:
        if person.status == "left":
            return button(_("Works here again"), self._return, icon="undo")
        return button(_("Leaves …"), self._leave)

    def _facts(self, person: Any) -> QWidget:
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.px(4))
        grid.setHorizontalSpacing(theme.px(16))
        facts = [
            (_("Employee number"), person.employee_no), (_("Department"), person.department),
            (_("E-mail"), person.email), (_("Phone"), person.phone), (_("Hire date"), person.hire_date),
            (_("Reference code"), person.reference),
        ]  # fmt: skip
        facts[-1:-1] = [(name, value) for name, value in (
            (_("Leave date"), person.leave_date), (_("Birthday"), month_day(person.birthday)),
            (_("Work location"), person.site), (_("Job level"), person.level), (_("Tags"), ", ".join(person.tags)),
        ) if value]  # fmt: skip
        facts[-1:-1] = [(_(LABELS[name]), HIDDEN if name in SENSITIVE else str(value))
                        for name, value in self._detail.extra.items() if name in LABELS and value]  # fmt: skip
        for at, (name, value) in enumerate(facts):
            grid.addWidget(label(name, "muted"), at, 0)
            grid.addWidget(label(value or "–", "", wrap=True, selectable=True), at, 1)
        grid.setColumnStretch(1, 1)
        return inner

    def _grant(self, person: Any, grant: Any) -> QWidget:
        now = self.desk.ctx.clock.now()
        closes = 0 if grant.campaign_state == "closed" else grant.closes_at
        status, tone = grant_status(grant, grant.opens_at, closes, now)
        actions = GrantActions(self.desk, self, grant.grant_id, person.name)
        open_ = grant.state == "open" and closes > now
        buttons = actions.buttons(mail=bool(person.email), claimed=grant.claimed_at is not None) if open_ else []
        when = (
            _("Claimed {at}", at=moment(grant.claimed_at)) if grant.claimed_at
            else _("{opens} to {closes}", opens=moment(grant.opens_at), closes=moment(grant.closes_at))
        )  # fmt: skip
        parts: list[Any] = [
            row(label(grant.product, "strong", wrap=True), None, badge(status, tone)),
            label(grant.campaign, "muted", wrap=True),
            row(label(when, "caption"), None, label(grant.reference, "mono", selectable=True)),
        ]
        parts += [self._came(one) for one in self._fulfilments if one.grant_id == grant.grant_id]
        if buttons:
            parts.append(holder(row(*buttons, None, spacing=4)))
        return card(*parts, spacing=6, margin=12)

    def _came(self, unit: Any) -> Any:
        """What has come of one unit of a claim."""
        about = " · ".join(part for part in (unit.product, unit.account_masked) if part)
        return row(label(about, "caption"), None, badge(*fulfilment_state(unit.state)))

    def _edit(self) -> None:
        self.desk.open_drawer(PersonForm(self.desk, self._detail.person))

    def _leave(self) -> None:
        now = self.desk.ctx.clock.now()
        waiting = [one for one in self._detail.grants if one.state == "open" and not one.claimed_at
                   and one.closes_at > now and one.campaign_state != "closed"]  # fmt: skip
        self.desk.open_drawer(LeaveForm(self.desk, self._detail.person, len(waiting)))

    def _return(self) -> None:
        self.desk.background.write(
            people.edit_person, self._returned, person_id=self._person_id, changes={"status": "active"}
        )

    def _returned(self, person: Any) -> None:
        self.desk.changed.emit("people")
        self.desk.changed.emit("grants")
        self.desk.toast(_("{name} works here again; what was closed is open", name=person.name))


def _all_of(session: Any, *, person_id: int) -> tuple[Any, tuple[Any, ...]]:
    """A person with everything granted, and what came of it."""
    return person_grants.person(session, person_id=person_id), fulfilments.of_person(session, person_id=person_id)
