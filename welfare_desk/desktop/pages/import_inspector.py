"""Beside the grid: the present row in words, the way out, and the repairs that mend many cells at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.import_words import (
    facet_word,
    field_name,
    problem_words,
    repair_name,
    shown,
    way_words,
)
from welfare_desk.desktop.widgets.basic import badge, button, clear, column, label, row, rule
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.i18n import _, language, ntext

WIDE = 300
EXAMPLE = 40  # signs of a before → after that fit on a button


class Inspector(QFrame):
    """`offer_taken(offer)` when a repair of many cells is pressed."""

    offer_taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self.setFixedWidth(theme.px(WIDE))
        self._words = QVBoxLayout()
        self._words.setSpacing(theme.px(6))
        self._offers = QVBoxLayout()
        self._offers.setSpacing(theme.px(6))
        self._heading = label(_("Repair many at once"), "strong")
        self._line = rule()
        inner = QWidget()
        inside = QVBoxLayout(inner)
        inside.setContentsMargins(*(theme.px(12),) * 4)
        inside.setSpacing(theme.px(12))
        inside.addLayout(self._words)
        inside.addWidget(self._line)
        inside.addWidget(self._heading)
        inside.addLayout(self._offers)
        inside.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(scrolled(inner))
        self._shown: object = None
        self.offers: tuple[Any, ...] = ()
        self.show_offers(())

    def show_row(self, found: Any, headers: Sequence[str], present: int) -> None:
        """Tells a row; the problem of the present column comes first. None: nothing is chosen."""
        key = (found, present)
        if key == self._shown:
            return
        self._shown = key
        clear(self._words)
        if found is None:
            self._words.addWidget(label(_("Choose a row to see what will happen to it."), "muted", wrap=True))
            return
        state, tone = facet_word(found.facet)
        title = _("Row {n}", n=found.number) if found.number else _("Not in the list")
        self._words.addLayout(row(label(title, "section"), badge(state, tone or "plain"), None))
        here = headers[present] if 0 <= present < len(headers) else None
        for problem in sorted(found.problems, key=lambda one: (one.column != here, one.level != "error")):
            self._words.addWidget(_problem(problem))
        for change in found.changes:
            self._words.addWidget(_change(change))
        if not found.problems and not found.changes:
            self._words.addWidget(label(_calm(found.facet), "muted", wrap=True))

    def show_offers(self, offers: Sequence[Any]) -> None:
        """Shows the repairs that can be taken."""
        clear(self._offers)
        self.offers = tuple(offers)
        self._heading.setVisible(bool(offers))
        self._line.setVisible(bool(offers))
        for offer in offers:
            self._offers.addWidget(self._offer(offer))

    def offered(self) -> int:
        """How many repairs can be taken."""
        return len(self.offers)

    def set_locked(self, locked: bool) -> None:
        """While a job uses the list, no repair can be taken."""
        for at in range(self._offers.count()):
            item = self._offers.itemAt(at)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setEnabled(not locked)

    def _offer(self, offer: Any) -> QWidget:
        name = f"{offer.header}: {repair_name(offer.kind)}"
        count = ntext(language(), "Repair {count} cell", "Repair {count} cells", offer.count, count=number(offer.count))
        made = button(count, partial(self.offer_taken.emit, offer))
        made.setAccessibleName(f"{count}. {name}: {offer.before} → {offer.after}")
        words = column(
            label(name, wrap=True), label(_example(offer.before, offer.after), "caption", wrap=True), spacing=0
        )
        holder = QWidget()
        line = row(spacing=8)
        line.addLayout(words, 1)
        line.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        holder.setLayout(line)
        return holder


def _problem(problem: Any) -> QWidget:
    made = QFrame()
    made.setProperty("banner", "bad" if problem.level == "error" else "warn")
    parts: list[QWidget] = [label(problem.column, "strong", wrap=True)] if problem.column else []
    parts.append(label(problem_words(problem), wrap=True))
    way = way_words(problem)
    if way:
        parts.append(label(way, "strong", wrap=True))
    made.setLayout(column(*parts, spacing=4, margin=10))
    made.setAccessibleName(" ".join(part for part in (problem.column, problem_words(problem), way) if part))
    return made


def _change(change: Any) -> QWidget:
    made = QWidget()
    words = f"{shown(change.before, change.field)} → {shown(change.after, change.field)}"
    made.setLayout(column(label(field_name(change.field), "caption"), label(words, wrap=True), spacing=0))
    return made


def _example(before: str, after: str) -> str:
    half = EXAMPLE // 2
    cut = [text if len(text) <= half else text[: half - 1] + "…" for text in (before, after)]
    return f"{_visible(cut[0])} → {_visible(cut[1])}"


def _visible(text: str) -> str:
    """Blanks that a repair takes away can be seen."""
    return text.replace("\u3000", "□").replace("\xa0", "·").replace(" ", "·") if text != text.strip() else text


def _calm(facet: str) -> str:
    return {
        "join": _("Nobody like this is known yet: this person joins."),
        "same": _("Everything is already so; nothing changes."),
        "skipped": _("A blank row, a total or an example: it is not imported."),
        "leave": _("This person is marked as left."),
    }.get(facet, _("Nothing to repair here."))
