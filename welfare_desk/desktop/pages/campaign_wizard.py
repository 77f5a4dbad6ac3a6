"""A new campaign in five steps: what, who, when, how, review. Nothing happens before the last button."""

from __future__ import annotations

from typing import Any

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.formats import money, number
from welfare_desk.desktop.pages.wizard_how import HowStep
from welfare_desk.desktop.pages.wizard_review import HOW, WHAT, WHEN, WHO, ReviewStep
from welfare_desk.desktop.pages.wizard_what import WhatStep
from welfare_desk.desktop.pages.wizard_when import WhenStep
from welfare_desk.desktop.pages.wizard_who import WhoStep
from welfare_desk.desktop.widgets.basic import label
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.task_progress import TaskProgress
from welfare_desk.desktop.widgets.wizard import Step, Wizard
from welfare_desk.domain.plans import Plan, make_plan
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import campaign_reviews, shelf
from welfare_desk.services import addresses, launching, links

REVIEW = 4
CHANGED_MEANWHILE = ("stock_short", "campaign_name_open", "import_running")  # the review was right a moment ago
MANY_PEOPLE = 500
MUCH_MINOR = 1_000_000  # ¥10,000.00
FIELDS = {
    "product": WHAT, "quantity": WHAT, "name": WHAT, "audience": WHO, "opens": WHEN, "closes": WHEN, "timezone": WHEN,
    "verify": WHEN, "channels": HOW, "message": HOW,
}  # fmt: skip


class CampaignWizardPage(Page):
    """Keeps what was entered until the campaign is launched or cancelled."""

    NOUNS = ("products", "people", "settings", "stock", "orders")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("New campaign"))
        self._plan: Plan | None = None
        self._address = ""
        self.what, self.who, self.when, self.how = WhatStep(desk), WhoStep(desk), WhenStep(desk), HowStep(desk)
        self.review = ReviewStep()
        self.wizard = Wizard([
            Step(_("What"), self.what), Step(_("Who"), self.who), Step(_("When"), self.when), Step(_("How"), self.how),
            Step(_("Review"), self.review, _("Launch")),
        ])  # fmt: skip
        self.note = label("", "muted")
        self.wizard.note.addWidget(self.note)
        self.wizard.leaving.connect(self._leaving)
        self.wizard.entered.connect(self._entered)
        self.wizard.cancelled.connect(self._close)
        for step in (self.what, self.who, self.when, self.how):
            step.changed.connect(self._edited)
        self.review.changed.connect(self._show_launch)
        self.review.edit.connect(self.wizard.go)
        self.review.shop.connect(self._shop)
        self.review.phone_test.connect(self._test_phone)
        self.how.test_asked.connect(self._send_test)
        self.progress = TaskProgress(desk.background)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.wizard, 1)

    def refresh(self) -> None:
        """Loads the shelf, the departments and what is known of mail and address."""
        read = self.desk.background.read
        read(shelf.products, self.what.show_products, key="products", on_shelf=True)
        self.desk.background.call(links.link_base, self._address_known, ctx=self.desk.ctx)
        self.who.load()
        self.how.load()
        if self.wizard.index() == REVIEW:
            self._ask_review()

    def show_target(
        self, *, people: list[str] | None = None, segment: str = "", product: str = "", **_target: Any
    ) -> None:
        """Starts anew with chosen people (numbers or reference codes), a segment (its key) or a product."""
        if people is not None:
            self.who.choose_people(people)
        if segment:
            self.who.choose_segment(segment)
        if product:
            self.what.choose(product)
        if people is not None or segment or product:
            self.wizard.go(WHAT)

    def _address_known(self, address: str) -> None:
        self._address = address

    def _edited(self) -> None:
        self._plan = None
        product = self.what.product()
        self.note.setText(
            _("{product} · {price} each", product=product.name, price=money(product.price_minor, product.currency))
            if product is not None else ""
        )  # fmt: skip
        if self.wizard.banner.isVisible():
            self.wizard.banner.say("")
        self.wizard.forget_from(max(self.wizard.index(), WHAT))

    def _leaving(self, index: int) -> None:
        trouble = self._trouble(index)
        if trouble:
            self.wizard.complain(trouble)
        elif index == HOW:
            self._ask_review()
        elif index == REVIEW:
            self._launch()
        else:
            self.wizard.go(index + 1)

    def _trouble(self, index: int) -> str:
        if index == WHAT:
            if self.what.product() is None:
                return _("Choose what is given.")
            return "" if self.what.name.text().strip() else _("The campaign needs a name.")
        steps: dict[int, Any] = {WHO: self.who, WHEN: self.when, HOW: self.how}
        return str(steps[index].trouble()) if index in steps else ""

    def _document(self) -> dict[str, Any]:
        return {
            **self.what.document(), "audience": self.who.audience(), **self.when.document(), **self.how.document()
        }  # fmt: skip

    def _make_plan(self) -> Plan | None:
        try:
            self._plan = make_plan(self._document())
        except WelfareError as error:
            self._refused(error)
            return None
        return self._plan

    def _ask_review(self) -> None:
        plan = self._make_plan()
        if plan is not None:
            now = self.desk.ctx.clock.now()
            self.desk.background.read(
                campaign_reviews.review, self._reviewed, self._refused, key="review", plan=plan, now=now
            )

    def _reviewed(self, review: Any) -> None:
        if self._plan is None:
            self.wizard.set_busy(False)
            return
        self.review.show_review(review, self._plan, address_warning(self._address))
        if self.wizard.index() != REVIEW:
            self.wizard.go(REVIEW)
        self._show_launch()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, WelfareError):
            self.wizard.set_busy(False)
            self.desk.problem.emit(error)
            return
        step = FIELDS.get(error.field or "")
        if self.wizard.index() == REVIEW and error.code in CHANGED_MEANWHILE:
            self._ask_review()
        elif step is not None and step != self.wizard.index():
            self.wizard.go(step)
        self.wizard.complain(error_text(language(), error))

    def _entered(self, index: int) -> None:
        if index == REVIEW and self._plan is None:
            self._ask_review()
        if index == REVIEW:
            self._show_launch()

    def _show_launch(self) -> None:
        if self.wizard.index() != REVIEW or self.review.review is None:
            return
        links = self.review.review.links
        if self._plan is not None and self._plan.channels:
            text = ntext(language(), "Send {count} link", "Send {count} links", links, count=number(links))
        else:
            text = ntext(language(), "Make {count} link", "Make {count} links", links, count=number(links))
        self.wizard.next.setText(text)
        self.wizard.next.setEnabled(self.review.ready() and self._plan is not None)

    def _launch(self) -> None:
        found = self.review.review
        if self._plan is None or not self.review.ready():
            self.wizard.set_busy(False)
            return
        typed = str(found.people) if found.people > MANY_PEOPLE or found.cost_minor > MUCH_MINOR else ""
        if typed and not confirm(self, _("Launch the campaign?"), self.review.sentence.text(), self.wizard.next.text(),
                                 typed=typed):  # fmt: skip
            self.wizard.set_busy(False)
            self._show_launch()
            return
        title = _("Launching {name}", name=self._plan.name)
        task = self.desk.background.job(
            title, launch, self._launched, self._refused, plan=self._plan,
            allow_short=self.review.allow_short.isChecked(), again=self.review.again.isChecked(),
        )  # fmt: skip
        self.progress.follow(task, title)

    def _launched(self, launched: Any) -> None:
        text = ntext(language(), "Launched: {count} link", "Launched: {count} links", launched.grants,
                     count=number(launched.grants))  # fmt: skip
        self._forget()
        self.desk.changed.emit("campaigns")
        self.desk.go("campaign", campaign_id=launched.campaign_id)
        self.desk.toast(text)

    def _send_test(self, _address: str) -> None:
        plan = self._make_plan()
        if plan is not None:
            self.how.send_test(plan)

    def _test_phone(self) -> None:
        self.desk.go("service")

    def _shop(self, product: str) -> None:
        self.desk.go("purchasing", product=product)

    def _forget(self) -> None:
        """The next campaign starts empty."""
        self.what.forget()
        self.who.choose_people([])
        self.how.text.clear()
        self.review.forget()
        self._plan = None
        self.wizard.go(WHAT)
        self.wizard.forget_from(WHAT)

    def _close(self) -> None:
        self._forget()
        self.desk.go("campaigns")


def launch(ctx: Any, report: Any, *, plan: Plan, allow_short: bool, again: bool) -> Any:
    """Launches in turns; cancelling leaves nothing."""
    return launching.launch(ctx, report, plan=plan, allow_short=allow_short, again=again)


def address_warning(address: str) -> str:
    """Why phones outside this network cannot open the links, as a sentence; "" when they can."""
    if not addresses.is_local(address):
        return ""
    return _("Links lead to {address}: only phones in this network can open them.", address=address)
