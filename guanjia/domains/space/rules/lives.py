"""What a building or a compound was, one stretch of days after the other, and how it is restated.
Pure.

A life is a list of spells in the order of their days: the first has no beginning, each lasts until
the next begins, the last has no end. Facts that one paper tells (``AS_ONE``) are one value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from guanjia.domains.space.terms.ledger import AS_ONE

WHY_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Spell:
    """What held from a day on; ``since`` is ``None`` where nobody knows the beginning."""

    since: date | None
    facts: Mapping[str, Any]
    why: str = ""
    told_at: datetime | None = None


def place(life: Sequence[Spell], on: date) -> int:
    """Where in a life the spell of a day stands."""
    return max(n for n, spell in enumerate(life) if spell.since is None or spell.since <= on)


def run(life: Sequence[Spell], group: Sequence[str], at: int) -> tuple[int, int]:
    """The first and the last place of the stretch around a spell in which a group of facts, told
    as one, did not change."""
    first = last = at
    while first > 0 and _told(life[first - 1], group) == _told(life[at], group):
        first -= 1
    while last + 1 < len(life) and _told(life[last + 1], group) == _told(life[at], group):
        last += 1
    return first, last


def days(
    life: Sequence[Spell], name: str, *, on: date | None, seen: date
) -> tuple[date | None, date | None]:
    """The half-open days on which a fact is told otherwise by ``from_day`` (``on``), or by
    ``always`` (without a day)."""
    group = _groups([name])[0]
    first, last = run(life, group, place(life, on or seen))
    end = life[last + 1].since if last + 1 < len(life) else None
    return on or life[first].since, end


def from_day(
    life: Sequence[Spell], *, on: date, facts: Mapping[str, Any], why: str, told_at: datetime
) -> list[Spell]:
    """These facts hold from a day on: each until the day on which it had been changed by itself.

    A second change of the same day replaces the first.
    """
    start = place(life, on)
    if life[start].since != on:
        cut = replace(life[start], since=on, why="", told_at=told_at)
        life = [*life[: start + 1], cut, *life[start + 1 :]]
        start += 1
    found = list(life)
    for group in _groups(facts):
        _, last = run(life, group, start)
        _tell(found, start, last, {name: facts[name] for name in group if name in facts})
    if found[start].facts != life[start].facts:
        words = _both(life[start].why, why)
        found[start] = replace(found[start], why=words, told_at=told_at)
    return _merged(found)


def always(
    life: Sequence[Spell], *, seen: date, facts: Mapping[str, Any], why: str, told_at: datetime
) -> list[Spell]:
    """These facts were told wrongly all along: what stood on the day on which the mistake was seen
    is put right for as long as it stood, before and after. Other values, told for other days, stay.
    """
    at = place(life, seen)
    found = list(life)
    for group in _groups(facts):
        first, last = run(life, group, at)
        _tell(found, first, last, {name: facts[name] for name in group if name in facts})
    # The first spell has no day on which something changed: its reason is that of the correction.
    if found[0].facts != life[0].facts:
        found[0] = replace(found[0], why=_both(life[0].why, why), told_at=told_at)
    return _merged(found)


def _groups(facts: Iterable[str]) -> list[tuple[str, ...]]:
    """The facts as they change: those of one paper together, each other one by itself."""
    found: dict[tuple[str, ...], None] = {}
    for name in facts:
        found[next((group for group in AS_ONE if name in group), (name,))] = None
    return list(found)


def _told(spell: Spell, group: Sequence[str]) -> list[Any]:
    return [spell.facts[name] for name in group]


def _tell(life: list[Spell], first: int, last: int, facts: Mapping[str, Any]) -> None:
    for n in range(first, last + 1):
        life[n] = replace(life[n], facts={**life[n].facts, **facts})


def _both(before: str, why: str) -> str:
    words = [text for text in (before, why if why != before else "") if text]
    return "；".join(words)[:WHY_MAX]


def _merged(life: Sequence[Spell]) -> list[Spell]:
    """Without days on which nothing changed."""
    found: list[Spell] = []
    for spell in life:
        if not found or spell.facts != found[-1].facts:
            found.append(spell)
    return found
