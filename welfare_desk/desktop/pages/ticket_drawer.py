"""One ticket: what was said, what was given to whom and when, and the answer the person will read."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.words import ticket_kind, ticket_state
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import badge, button, card, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language
from welfare_desk.queries.tickets import TicketRow
from welfare_desk.services import tickets


class TicketDrawer(QWidget):
    """In the drawer. An answered ticket is only shown."""

    def __init__(self, desk: Desk, ticket: TicketRow) -> None:
        super().__init__()
        self.desk = desk
        self._ticket = ticket
        self.setWindowTitle(_("Ticket"))
        self.banner = Banner()
        self.form = Form()
        self.answer = QPlainTextEdit()
        self.answer.setTabChangesFocus(True)
        self.answer.setFixedHeight(theme.px(120))
        self.save = primary(_("Answer and close"), self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        state, tone = ticket_state(ticket.state, overdue=ticket.overdue(desk.ctx.clock.now()))
        layout.addWidget(self.banner)
        layout.addLayout(row(label(ticket_kind(ticket.kind), "section", wrap=True), badge(state, tone), None))
        if ticket.note:
            layout.addWidget(card(label(ticket.note, wrap=True, selectable=True)))
        layout.addWidget(self._facts())
        person = button(_("Show the person"), self._person, icon="people")
        if ticket.state == "open":
            hint = _("The person reads this on the claim page. Write no code here.")
            self.form.add("answer", _("Answer"), self.answer, hint=hint)
            layout.addWidget(self.form)
            layout.addLayout(row(self.save, person, None))
        else:
            by = _("Answered by {operator} on {at}", operator=ticket.operator, at=moment(ticket.closed_at))
            layout.addWidget(label(by, "muted", wrap=True))
            layout.addWidget(card(label(ticket.answer, wrap=True, selectable=True), tone="ok"))
            layout.addLayout(row(person, None))
        layout.addStretch(1)

    def _facts(self) -> QWidget:
        ticket, inner = self._ticket, QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.px(4))
        grid.setHorizontalSpacing(theme.px(16))
        facts = (
            (_("Name"), ticket.person), (_("Department"), ticket.department), (_("Product"), ticket.product),
            (_("Campaign"), ticket.campaign), (_("Claimed at"), moment(ticket.claimed_at)),
            (_("Reported at"), moment(ticket.created_at)), (_("Answer due"), moment(ticket.due_at)),
            (_("Reference code"), spaced(ticket.reference)),
        )  # fmt: skip
        for at, (name, value) in enumerate(facts):
            grid.addWidget(label(name, "muted"), at, 0)
            grid.addWidget(label(value or "–", "", wrap=True, selectable=True), at, 1)
        grid.setColumnStretch(1, 1)
        return inner

    def _save(self) -> None:
        self.save.setEnabled(False)
        answer = self.answer.toPlainText()
        write = self.desk.background.write
        write(tickets.close_ticket, self._saved, self._refused, ticket_id=self._ticket.id, answer=answer)

    def _saved(self, _grant_id: int) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("tickets")
        self.desk.toast(_("Answered. {name} reads it on the claim page.", name=self._ticket.person))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _person(self) -> None:
        self.desk.open_drawer(PersonDrawer(self.desk, self._ticket.person_id))


def spaced(reference: str) -> str:
    """A reference code as it is printed: `A7K2-9QXM`."""
    return f"{reference[:4]}-{reference[4:]}"
