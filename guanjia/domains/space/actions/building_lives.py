"""The time line of a building or a compound: what it was on which days. Inside a caller's act.

The caller has locked the row, asked the rules, and writes the record of what it does. The database
copies the last spell's facts to the row itself (``models.buildings``).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F

from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.rules import lives as rules
from guanjia.domains.space.rules.buildings import may_date
from guanjia.domains.space.rules.ledger import day_of
from guanjia.domains.space.rules.lives import Spell


def restate(
    row: Building | Compound,
    *,
    on: date | None,
    facts: Mapping[str, Any],
    why: str,
    told_at: datetime,
    seen: date | None = None,
) -> bool:
    """The row is something else from a day on; the days before stay as they were.

    Each fact is carried on until the day on which it had been changed by itself. ``on=None``: it
    was told wrongly all along; what stood on the day ``seen`` (today) is put right for as long as
    it stood. A day that has not come is refused. Returns whether anything changed on any day; the
    row carries the facts of today afterwards.
    """
    today = day_of(told_at)
    may_date(on=on, today=today).enforce()
    before = life_of(row)
    if on is None:
        seen = seen or today
        after = rules.always(before, seen=seen, facts=facts, why=why, told_at=told_at)
    else:
        after = rules.from_day(before, on=on, facts=facts, why=why, told_at=told_at)
    if after == before:
        return False
    _write(row, after)
    row.refresh_from_db(fields=list(row.facts))
    return True


def life_of(row: Building | Compound) -> list[Spell]:
    """Everything the row was, in the order of its days."""
    rows = row.spells.order_by(F("during__startswith").asc(nulls_first=True))
    return [
        Spell(
            since=one.during.lower,
            facts={name: getattr(one, name) for name in row.facts},
            why=one.why,
            told_at=one.told_at,
        )
        for one in rows
    ]


def facts_on(row: Building | Compound, day: date) -> Mapping[str, Any]:
    """What the row was on a day."""
    life = life_of(row)
    return life[rules.place(life, day)].facts


def stretch(
    row: Building | Compound, group: Sequence[str]
) -> tuple[date | None, dict[str, Any] | None]:
    """Since when the facts of one paper stand as they do now, and what they were before; ``None``
    where nobody knows."""
    life = life_of(row)
    first, _ = rules.run(life, group, len(life) - 1)
    before = {name: life[first - 1].facts[name] for name in group} if first else None
    return life[first].since, before


def days_of(
    row: Building | Compound, name: str, *, on: date | None, seen: date
) -> tuple[date | None, date | None]:
    """The half-open days on which ``restate`` would tell a fact otherwise."""
    return rules.days(life_of(row), name, on=on, seen=seen)


def _write(row: Building | Compound, life: Sequence[Spell]) -> None:
    """Make the rows of a life what it says; at no moment two of them meet."""
    rows: Any = row.spells
    ends: list[date | None] = [*(spell.since for spell in life[1:]), None]
    wanted = {
        spell.since: (spell, DateRange(spell.since, end))
        for spell, end in zip(life, ends, strict=True)
    }
    there = {one.during.lower: one for one in rows.all()}
    for since, one in there.items():
        if since not in wanted:
            one.delete()
    kept = [one for since, one in there.items() if since in wanted]
    # Those that become shorter make room for the others.
    for one in sorted(kept, key=lambda one: _longer(one.during, wanted[one.during.lower][1])):
        spell, during = wanted[one.during.lower]
        rows.filter(pk=one.pk).update(
            during=during, why=spell.why, told_at=spell.told_at, **spell.facts
        )
    for since, (spell, during) in wanted.items():
        if since not in there:
            rows.create(during=during, why=spell.why, told_at=spell.told_at, **spell.facts)


def _longer(before: DateRange, after: DateRange) -> bool:
    return (after.upper or date.max) > (before.upper or date.max)
