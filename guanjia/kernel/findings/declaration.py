"""Declarations of findings (发现的问题): raised, explained by the unit, decided on, closed.

What finds stays in the department. What came of a finding, who said what, by when, is the same
everywhere: the columns of ``FindingRow``, the acts of ``actions``, declared once for each kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term

# Row, actor and moment → what happened, for those who are told.
News = Callable[[Any, Actor, datetime], object]


@dataclass(frozen=True, kw_only=True)
class FindingKind:
    """A kind of finding (督车事项, 用房问题, 整改, 超定额说明, …).

    ``subject``: its rows and their life. ``stem``: with what its recorded verbs begin
    (``org.finding``). ``explains``, ``decides``: the duties of the unit and of the bureau.
    ``owed``: the states in which the unit owes its words; ``explained``: the state with them;
    ``back``: the state into which they are returned (退回), if they can be. ``said``: what the
    unit's words are called. ``order``: the house rule on which refusals rest. ``files``: what may
    be attached to the words; ``unit``: row → the unit whose papers these are. ``due``: moment →
    the last day for words that are asked for anew then; without it the day stays as it was.
    ``first_counts``: words mended before anybody answered them are not said later than the first.
    ``final``: the words end it: nobody decides on them, and they are said once.
    ``steps``: step → how it is recorded, where it is not called so (``explained`` → ``answered``).
    ``on``: row → the row whose trail tells it, where that is another (a month of its doubts);
    ``about``: row → what is recorded with every step, to know there which one it was.
    ``news``: step (``explained``, ``returned``, ``decided``, ``closed``) → what is
    published; ``late``: ids and moment → what is published of those reminded (催办).
    """

    subject: Subject
    stem: str
    explains: str
    decides: str
    owed: tuple[Term, ...]
    explained: Term
    back: Term | None
    order: Citation
    files: Bounds | None
    unit: Callable[[Any], Any]
    said: str = "情况说明"
    due: Callable[[datetime], date] | None = None
    first_counts: bool = False
    final: bool = False
    steps: Mapping[str, str] = field(default_factory=dict)
    on: Callable[[Any], Any] | None = None
    about: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    news: Mapping[str, News] = field(default_factory=dict)
    late: Callable[[tuple[int, ...], datetime], object] | None = None

    @property
    def undecided(self) -> tuple[Term, ...]:
        """The states before anything is decided: words may come, papers may go."""
        return self.owed if self.final else (*self.owed, self.explained)

    def verb(self, step: str) -> str:
        """How a step is recorded: ``org.finding.explained``."""
        return f"{self.stem}.{self.steps.get(step, step)}"


_kinds: dict[str, FindingKind] = {}


def declare(*kinds: FindingKind) -> None:
    """Make kinds of findings known; called from the ``wiring`` of their department."""
    for kind in kinds:
        _kinds[kind.subject.model] = kind


def all_kinds() -> list[FindingKind]:
    """Every declared kind."""
    return list(_kinds.values())
