"""What stands beside 待办: the few facts of the day, tomorrow, one's own requests.

A department declares its panels in its wiring; each says for whom it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A number that opens its rows; ``apart`` puts a line above it."""

    title: str
    value: int
    unit: str
    url: str
    sub: str = ""
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of an agenda: when, a registration label, who, and what below it."""

    when: str
    url: str
    title: str
    label: str = ""
    colour: str = ""
    sub: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel with facts or lines; ``more`` is the link in its head."""

    title: str
    facts: tuple[Fact, ...] = ()
    lines: tuple[Line, ...] = ()
    quiet: str = ""
    more: str = ""
    more_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A panel as declared. ``panel(actor, at)``: ``None`` for whom it is not; ``place``: its order
    among all, the small first."""

    place: int
    panel: Callable[[Actor, datetime], Panel | None]


_sides: list[Side] = []


def enlist(*sides: Side) -> None:
    """Make panels known; the same again changes nothing."""
    _sides.extend(each for each in sides if each not in _sides)
    _sides.sort(key=lambda each: each.place)


def panels(actor: Actor, at: datetime) -> list[Panel]:
    """The panels of this person, top to bottom."""
    found = (side.panel(actor, at) for side in _sides)
    return [panel for panel in found if panel is not None]
