"""The checked list on the workbench: one question to it at a time, in order, never in the GUI thread.

    bench.ask(work, self._shown, facet="repair")     # work(ctx, check, facet=…) in a thread, _shown(answer) here

A job that uses the check itself (applying, a repair of thousands of cells) takes it with `hold(start)`, which starts it
once what is being asked has been answered, and gives it back with `release()`; what is asked meanwhile waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from welfare_desk.desktop.desk import Desk

Answer = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class _Question:
    work: Callable[..., Any]
    done: Answer
    failed: Answer | None
    kw: dict[str, Any]


class Bench(QObject):
    """Holds the check; `rested` when nothing is being asked any more."""

    rested = Signal()

    def __init__(self, desk: Desk, owner: QObject) -> None:
        super().__init__(owner)  # goes with its page, and so do the answers
        self.desk = desk
        self.check: Any = None
        self.facets: dict[str, int] = {}  # as last heard: the check itself is asked in a thread only
        self._life = 0
        self._waiting: deque[_Question] = deque()
        self._asked: _Question | None = None
        self._held = False
        self._start: Callable[[], object] | None = None

    def put(self, check: Any, facets: dict[str, int] | None = None) -> None:
        """Takes another check, or None; what was asked of the earlier one is not answered any more."""
        self.check = check
        self.facets = facets or {}
        self._life += 1
        self._waiting.clear()
        if self._start is not None:
            self._start = None
            self._held = False

    def ask(self, work: Callable[..., Any], done: Answer, failed: Answer | None = None, /, **kw: Any) -> None:
        """Asks `work(ctx, check, **kw)`; answers come in the order of the questions."""
        if self.check is not None:
            self._waiting.append(_Question(work, done, failed, kw))
            self._next()

    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None or bool(self._waiting)

    def pressed(self) -> bool:
        """Whether somebody waits for what is being answered now; asked by long answers, in their thread."""
        return bool(self._waiting) or self._held

    def held(self) -> bool:
        """Whether a job uses the check, or waits for it."""
        return self._held

    def hold(self, start: Callable[[], object]) -> None:
        """A job wants the check to itself; `start` is called when nobody else uses it any more."""
        self._held, self._start = True, start
        self._next()

    def release(self) -> None:
        """The job has ended."""
        self._held = False
        self._next()

    def _next(self) -> None:
        if self._asked is not None:
            return
        if self._held:
            start, self._start = self._start, None
            if start is not None:
                start()
            return
        if not self._waiting:
            self.rested.emit()
            return
        self._asked = question = self._waiting.popleft()
        self.desk.background.call(
            _asked, self._done, self._failed, ctx=self.desk.ctx, check=self.check, question=question, life=self._life
        )

    def _done(self, answer: tuple[int, Any]) -> None:
        question, self._asked = self._asked, None
        life, value = answer
        if question is not None and life == self._life:
            question.done(value)
        self._next()

    def _failed(self, error: Exception) -> None:
        question, self._asked = self._asked, None
        if question is not None and question.failed is not None:
            question.failed(error)
        else:
            self.desk.problem.emit(error)
        self._next()


def _asked(*, ctx: Any, check: Any, question: _Question, life: int) -> tuple[int, Any]:
    return life, question.work(ctx, check, **question.kw)
