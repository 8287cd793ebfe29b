"""Declarations of acts (办理): what may be done to a row, declared once.

From an act come its address, its page, its button (only where it may be done), what a page says
afterwards, and the operation of the API; the action behind it is the same for all of them.
"""

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term
from guanjia.ui import formats
from guanjia.ui.forms import Form

# The page of an act whose form is drawn from its declaration.
SHOWN = "ui/act.html"

_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "yuan": lambda fen: f"{formats.yuan(fen or 0)} 元",
    "day": formats.day,
}


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act on a kind of row, or the making of one (``makes``).

    ``key``: its name in addresses (``turn_down``). ``title``: on its page and button. ``on``: the
    kind of row. ``verb``: the duty it needs; ``when``: the states in which it may be done, or
    ``to``: the state it leads to (then the life of the row says from where). ``also``: further
    verbs under which it may be done, each in states of its own. ``form``: what is filled in; its
    ``given()`` is what the action takes by name, besides ``actor``, the id and ``at``.
    ``said``: the sentence afterwards, with fields of the row that ``do`` returns (``已决算
    {final_fen:yuan}``), or row → that sentence; with ``hears`` it takes what the form gave, too:
    the row does not always tell what was filled in. ``first``: row (``None`` for a new one) and day
    → what the form begins with. ``fit``: row, actor, day → further arguments of the form. ``lead``:
    under the heading. ``button``: what the button of the form says, by default the title. ``keep``:
    the button that leaves. ``main``: whether it is the act people come for. ``icon``: of its
    button. ``offered``: row, actor → whether it is offered to this person, where that is fewer than
    may use the verb; the action judges it again. ``template``: the page, where its form is drawn by
    hand; ``more``: row, form, actor, moment → what that page shows besides.
    ``adds``: the kind of row (``org.Person``) that an act on a row makes beneath it and
    returns. ``then``: what ``do`` returns → the address to which the page goes afterwards, where
    that is not the page of the row. ``several``: done to several rows at once, which its form
    names; ``do`` returns how many (or what has a ``count``); ``said`` and ``then`` take that, and
    what the form gave.
    ``beneath``: where those are rows beneath one, which its address names (members of a scheme).
    """

    key: str
    title: str
    on: Subject
    verb: str
    do: Callable[..., Any]
    said: str | Callable[..., str]
    form: type[Form]
    hears: bool = False
    when: tuple[Term, ...] = ()
    to: Term | None = None
    also: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    makes: bool = False
    several: bool = False
    beneath: bool = False
    first: Callable[[Any, date], Mapping[str, Any]] | None = None
    fit: Callable[[Any, Actor, date], Mapping[str, Any]] | None = None
    lead: str = ""
    button: str = ""
    keep: str = "不登记"
    main: bool = True
    icon: str = ""
    offered: Callable[[Any, Actor], bool] | None = None
    template: str = SHOWN
    more: Callable[[Any, Any, Actor, datetime], Mapping[str, Any]] | None = None
    adds: str = ""
    then: Callable[..., str] | None = None

    @property
    def made(self) -> str:
        """The kind of row it makes; empty for an act that makes none."""
        return self.on.model if self.makes else self.adds

    @property
    def on_one(self) -> bool:
        """Whether it is done to one row, which its address names."""
        return self.beneath or not (self.makes or self.several)

    @property
    def ways(self) -> dict[str, tuple[Term, ...]]:
        """Under which verbs it may be done, and in which states; no states: in every state."""
        life = self.on.life
        states = self.when or (life.before(self.to) if life and self.to else ())
        return {self.verb: states, **self.also}

    @property
    def space(self) -> str:
        """The department: namespace of its url names, first part of its API address."""
        return self.on.space or self.on.model.partition(".")[0]

    @property
    def url_name(self) -> str:
        """The url name of its page: ``space:works_settle``."""
        return f"{self.space}:{self.on.stem or self.on.path}_{self.key}"

    @property
    def address(self) -> str:
        """Its address below the department, as Django's patterns write it."""
        step = self.key.replace("_", "-")
        middle = f"<int:{self.on.key}>/" if self.on_one else ""
        return f"{self.on.path}/{middle}{step}/"

    def sentence(self, row: Any, given: Mapping[str, Any]) -> str:
        """What was done, in a sentence; ``given``: what the form gave."""
        if not isinstance(self.said, str):
            return self.said(row, given) if self.hears or self.several else self.said(row)
        return _Sentence(row).vformat(self.said, (), {})

    def may(self, actor: Actor, row: Any) -> bool:
        """Whether the actor may do this to the row as it stands."""
        if self.offered is not None and not self.offered(row, actor):
            return False
        life = self.on.life
        for verb, states in self.ways.items():
            stands = not states or life is None or life.stands(getattr(row, life.field), states)
            if stands and actor.can(verb) and self.on.reaches(actor, verb, row.pk):
                return True
        return False


class _Sentence(string.Formatter):
    """Takes names from a row, and knows how sums and days are said."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:  # noqa: ARG002 — the base class's signature
        """A field of the row."""
        return getattr(self.row, str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        """Sums as 元, days as people write them; else as text."""
        if format_spec in _FORMATS:
            return _FORMATS[format_spec](value)
        return str(super().format_field(value, format_spec))


def within(act: Act, actor: Actor, row_id: int) -> Any:
    """The row inside the reach of one of the act's verbs; raises ``DoesNotExist`` outside."""
    for verb in act.ways:
        if actor.can(verb) and act.on.reaches(actor, verb, row_id):
            return act.on.within(actor, verb).get(pk=row_id)
    return act.on.within(actor, act.verb).get(pk=row_id)
