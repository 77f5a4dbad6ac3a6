"""What can be done with the views of the people list: filter, save, change, give, delete with a way back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.segment_chips import OWN, SegmentChips, View
from welfare_desk.desktop.pages.segment_form import SegmentForm
from welfare_desk.domain.segments import Filter
from welfare_desk.i18n import _
from welfare_desk.services.segments import add_segment, remove_segment


class SegmentActions(QObject):
    """Stands between `chips` and the drawer; `present()` is the filter in force. `viewed()`: another view now."""

    viewed = Signal()

    def __init__(self, desk: Desk, chips: SegmentChips, present: Callable[[], Filter], parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._chips = chips
        self._present = present
        self.form: SegmentForm | None = None
        chips.filter_asked.connect(self.ask_filter)
        chips.changing.connect(self._change)
        chips.giving.connect(self._give)
        chips.removing.connect(self._remove)

    def ask_filter(self) -> None:
        """Opens the filter with what is filtered now."""
        self._open(dataclasses.replace(self._chips.view(), key=OWN), self._present())

    def _open(self, view: View, wanted: Filter) -> None:
        self.form = SegmentForm(self._desk, view, wanted)
        self.form.applied.connect(self._apply)
        self.form.saved.connect(self._saved)
        self._desk.open_drawer(self.form)

    def _apply(self, wanted: Filter) -> None:
        self._chips.show_own(wanted)
        self.viewed.emit()

    def _saved(self, view: View) -> None:
        self._chips.show_own(None)
        self._chips.add_segment(view)
        self._chips.choose(view.key)
        self.viewed.emit()

    def _change(self, view: View) -> None:
        self._open(view, view.wanted)

    def _give(self, view: View) -> None:
        self._desk.go("campaign_wizard", segment=view.segment)

    def _remove(self, view: View) -> None:
        self._desk.background.write(remove_segment, self._removed, key=view.segment)

    def _removed(self, gone: Any) -> None:
        self._chips.choose("active")
        self._desk.changed.emit("segments")
        self._desk.toast(_("Segment {name} is deleted", name=gone.name), _("Undo"), partial(self._put_back, gone))

    def _put_back(self, gone: Any) -> None:
        self._desk.background.write(
            add_segment, self._restored, name=gone.name, wanted=gone.filter.document(), key=gone.key
        )

    def _restored(self, _made: Any) -> None:
        self._desk.changed.emit("segments")
