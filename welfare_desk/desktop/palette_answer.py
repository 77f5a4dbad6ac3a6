"""The answer card: where somebody's benefits are, why, and what can be done about it at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.formats import moment
from welfare_desk.desktop.pages.grant_actions import GrantActions
from welfare_desk.desktop.pages.words import grant_status, person_status
from welfare_desk.desktop.widgets.basic import badge, button, card, clear, holder, label, row
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.domain.verdict_words import why_phrase
from welfare_desk.i18n import _
from welfare_desk.queries import search
from welfare_desk.queries.search import Answer, Hit, Standing
from welfare_desk.services import campaigns
from welfare_desk.services.campaigns import CampaignChanged

EXTEND_DAYS = 3
DAY_MS = 86_400_000


class AnswerCard(QWidget):
    """Shows the person chosen in the palette; `close` puts the palette away."""

    def __init__(self, desk: Desk, close: Callable[[], None]) -> None:
        super().__init__()
        self.desk = desk
        self._close = close
        self._hit: Hit | None = None
        inner = QWidget()
        self._layout = QVBoxLayout(inner)
        self._layout.setContentsMargins(0, 0, theme.px(6), 0)
        self._layout.setSpacing(theme.px(8))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(inner))
        desk.changed.connect(self._changed)

    def ask(self, hit: Hit) -> None:
        """Asks for the grants of a person."""
        self._hit = hit
        read = self.desk.background.read
        read(
            search.answer, self._show, key="answer", person_id=hit.id, clock=self.desk.ctx.clock, grant_id=hit.grant_id
        )

    def forget(self) -> None:
        """Shows nothing."""
        self._hit = None
        clear(self._layout)

    def _changed(self, noun: str) -> None:
        if self._hit is not None and self.isVisible() and noun in ("grants", "campaigns", "messages", "people"):
            self.ask(self._hit)

    def _show(self, found: Answer | None) -> None:
        clear(self._layout)
        if found is None or self._hit is None or self._hit.id != found.person.id:
            return
        person = found.person
        status, tone = person_status(person.status)
        note = " · ".join(part for part in (person.employee_no, person.department) if part)
        opened = button(_("Open person"), partial(self._open, person.id), kind="quiet")
        self._layout.addLayout(row(label(person.name, "section"), badge(status, tone), None, opened))
        self._layout.addWidget(label(note, "muted"))
        if not found.grants:
            self._layout.addWidget(label(_("Nothing has been granted to this person yet."), "muted", wrap=True))
        for standing in found.grants:
            self._layout.addWidget(self._grant(found, standing))
        if found.more > 0:
            self._layout.addWidget(label(_("and {n} earlier", n=found.more), "caption"))
        self._layout.addStretch(1)

    def _grant(self, found: Answer, standing: Standing) -> QWidget:
        grant, now = standing.grant, self.desk.ctx.clock.now()
        closes = 0 if grant.campaign_state == "closed" else grant.closes_at
        status, tone = grant_status(grant, grant.opens_at, closes, now)
        reference = label(grant.reference, "mono", selectable=True)
        parts: list[QWidget | QLayout] = [
            row(label(grant.campaign, "strong"), badge(status, tone), None, reference),
            label(sentence(standing, now), wrap=True, selectable=True),
        ]
        acts = self._acts(found, standing, now)
        if acts:
            parts.append(holder(row(*acts, None, spacing=4)))
        return card(*parts, spacing=6, margin=12)

    def _acts(self, found: Answer, standing: Standing, now: int) -> list[QWidget]:
        """Resend and replace while it can be claimed, extend once the end is near or past."""
        grant = standing.grant
        if grant.state != "open" or grant.claimed_at is not None or grant.campaign_state == "closed":
            return []
        acts: list[QWidget] = []
        if grant.closes_at > now:
            actions = GrantActions(self.desk, self, grant.grant_id, found.person.name)
            acts += [button(_("Resend"), actions.resend, icon="mail")] if found.person.email else []
            acts.append(button(_("Replace link"), actions.replace, icon="link"))
        if grant.closes_at - now < EXTEND_DAYS * DAY_MS:
            acts.append(button(_("Extend …"), partial(self._extend, standing), icon="calendar"))
        return acts

    def _extend(self, standing: Standing) -> None:
        """Three days more, for everybody in the campaign."""
        grant = standing.grant
        until = max(grant.closes_at, self.desk.ctx.clock.now()) + EXTEND_DAYS * DAY_MS
        text = _("{campaign} then ends at {at}, for everybody in it.", campaign=grant.campaign,
                 at=moment(until, standing.why.timezone))  # fmt: skip
        if confirm(self, _("Extend the campaign by {n} days?", n=EXTEND_DAYS), text, _("Extend")):
            self.desk.background.write(campaigns.extend, self._extended, campaign_id=grant.campaign_id, closes=until)

    def _extended(self, changed: CampaignChanged) -> None:
        self.desk.toast(_("{campaign} now ends at {at}", campaign=changed.name,
                          at=moment(changed.closes_at, changed.timezone)))  # fmt: skip
        self.desk.changed.emit("campaigns")

    def _open(self, person_id: int) -> None:
        self._close()
        self.desk.go("people", person_id=person_id)


def sentence(standing: Standing, now: int) -> str:
    """The reason in one sentence, the same as `why` and the claim page give."""
    why = standing.why
    phrase = why_phrase(
        reason=why.reason, name=why.name, campaign=why.campaign_name, timezone=why.timezone, opens_at=why.opens_at,
        closes_at=why.closes_at, state=why.state, next_at=why.next_at, claimed_at=why.claimed_at, now=now,
    )  # fmt: skip
    return _(phrase.msgid, **phrase.params)
