"""Step 5 of a campaign: one sentence with every number of the launch, and what deserves a second look."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.widgets.basic import button, card, clear, icon_label, label, row
from welfare_desk.domain.reviews import review_phrases
from welfare_desk.i18n import _, error_text, language, ntext

WHAT, WHO, WHEN, HOW = range(4)
NAMED = 8


class ReviewStep(QWidget):
    """The same query as the launch itself and as `campaign preview`."""

    edit = Signal(int)  # the step that mends an item
    phone_test = Signal()
    shop = Signal(str)  # the key of a product of which stock is short
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.review: Any = None
        self.sentence = label("", "section", wrap=True)
        self.items = QVBoxLayout()
        self.items.setSpacing(theme.px(8))
        self.allow_short = QCheckBox(
            _("Launch all the same: who comes first is served, the others are told it is gone")
        )
        self.allow_short.toggled.connect(self.changed)
        self.again = QCheckBox(_("There may be two campaigns of this name"))
        self.again.toggled.connect(self.changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(card(row(icon_label("campaign", "primary", 24), self.sentence, spacing=12), tone="info"))
        layout.addLayout(self.items)
        layout.addWidget(self.allow_short)
        layout.addWidget(self.again)
        layout.addStretch(1)

    def show_review(self, review: Any, plan: Any, address_warning: str) -> None:
        """Shows the numbers and the amber items."""
        self.review = review
        text = "".join(_(phrase.msgid, **phrase.params) for phrase in review_phrases(review, plan))
        self.sentence.setText(text)
        self.sentence.setAccessibleName(text)
        clear(self.items)
        for error in review.refusals:
            self._item("bad", error_text(language(), error), _("Edit"), WHO)
        self._stock(review)
        self._people(review, plan)
        if review.over:
            self._item("bad", _("The closing is already over."), _("Edit"), WHEN)
        if address_warning:
            self._item("warn", address_warning, _("Test with a phone"), self.phone_test.emit)
        self.allow_short.setVisible(review.short > 0)
        self.again.setVisible(review.name_open)
        self.changed.emit()

    def forget(self) -> None:
        """Takes every answer back."""
        self.review = None
        self.allow_short.setChecked(False)
        self.again.setChecked(False)

    def ready(self) -> bool:
        """Whether nothing stands against launching."""
        found = self.review
        if found is None or found.refusals or not found.people or found.over:
            return False
        return (not found.short or self.allow_short.isChecked()) and (not found.name_open or self.again.isChecked())

    def _stock(self, review: Any) -> None:
        for need in review.needs:
            if need.short:
                text = _(
                    "{product}: {needed} are needed, {free} are free, {short} are missing.", product=need.name,
                    needed=number(need.needed), free=number(need.free), short=number(need.short),
                )  # fmt: skip
                self._item("warn", text, _("Order them"), partial(self.shop.emit, need.product))

    def _people(self, review: Any, plan: Any) -> None:
        if review.unreachable:
            names = "、".join(person.name for person in review.unreachable_people[:NAMED])
            more = " …" if review.unreachable > NAMED else ""
            text = ntext(language(), "{count} person has no e-mail address and gets nothing: {names}",
                         "{count} people have no e-mail address and get nothing: {names}", review.unreachable,
                         count=number(review.unreachable), names=names + more)  # fmt: skip
            self._item("warn", text, _("Edit"), HOW)
        if review.duplicates:
            text = ntext(language(), "{count} person already holds an unclaimed grant of this product.",
                         "{count} people already hold an unclaimed grant of this product.", review.duplicates,
                         count=number(review.duplicates))  # fmt: skip
            self._item("warn", text, _("Edit"), WHO)
        if review.unnumbered and plan.verify == "employee_no":
            text = ntext(language(), "{count} person has no employee number and could not pass the check.",
                         "{count} people have no employee number and could not pass the check.", review.unnumbered,
                         count=number(review.unnumbered))  # fmt: skip
            self._item("warn", text, _("Edit"), WHEN)
        if review.left:
            text = ntext(language(), "{n} named person has left and gets nothing.",
                         "{n} named people have left and get nothing.", review.left)  # fmt: skip
            self._item("warn", text, _("Edit"), WHO)
        if review.name_open:
            self._item("warn", _("A campaign of this name is still running."), _("Edit"), WHAT)

    def _item(self, tone: str, text: str, action: str = "", run: int | Callable[[], object] = WHAT) -> None:
        parts: list[Any] = [icon_label(tone, "danger" if tone == "bad" else "warning"), label(text, wrap=True)]
        line = row(*parts, spacing=12)
        line.setStretch(1, 1)
        if action:
            line.addWidget(button(action, run if callable(run) else lambda: self.edit.emit(run), kind="quiet"))
        self.items.addWidget(card(line, tone=tone, margin=8))
