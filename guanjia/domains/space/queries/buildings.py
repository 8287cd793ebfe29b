"""Buildings and compounds: what they hold, floor by floor and unit by unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateField,
    DecimalField,
    F,
    IntegerField,
    OuterRef,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from guanjia.domains.space.models import Building, Compound, Floor, RoomSpell
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Actor, Scope

SEE, ENTER = rooms.SEE, "space.building.enter"
NONE = Decimal(0)
# What the register filters by; see ``listed``.
FILTERED = ("kind", "state", "title_state", "title_no", "title_owner", "delivered_on", "safety")


def as_at(rows: Any, day: date) -> Any:
    """Buildings, or compounds, with the facts of a day; two statements however many.

    They are to be read: the database refuses to save the facts of a past day as those of today.
    """
    return rows.on(day)


def listed(scope: Scope, day: date) -> Any:
    """The buildings of the scope as they were on a day, with what was in them: rooms and usable
    space.

    What lists filter by is annotated (``state_now`` …), as in ``rooms.listed``.

    Who sees only their units' rooms sees the whole building's facts: how big a building is, and
    how many rooms it has, is no unit's secret.
    """
    spells = RoomSpell.objects.filter(room__building=OuterRef("pk"), during__contains=day).values(
        "room__building"
    )
    count = spells.annotate(n=Count("pk")).values("n")
    area = spells.annotate(m2=Sum("usable_m2")).values("m2")
    rows = as_at(Building.objects.within(scope), day)
    return rows.annotate(
        asked=Value(day, DateField()),
        **{f"{name}_now": F(f"now__{name}") for name in FILTERED},
        rooms_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        usable_m2=Coalesce(
            Subquery(area, output_field=DecimalField(max_digits=12, decimal_places=2)), NONE
        ),
    )


def sees_building(actor: Actor, building_id: int) -> bool:
    """Whether somebody may open a building: one in which a unit of theirs ever held a room."""
    scope = actor.scope(SEE)
    found = not scope.nothing and Building.objects.within(scope).filter(pk=building_id)
    return bool(found and found.exists())


def compounds_within(scope: Scope) -> Any:
    """The compounds in which the scope has a building."""
    return Compound.objects.filter(pk__in=Building.objects.within(scope).values("compound"))


BUILDING = Subject(
    model="space.building", title="楼栋", page="space:building", sees=sees_building, see=SEE,
    rows=lambda scope: Building.objects.within(scope).select_related("compound"),
    key="building_id", path="buildings", stem="building", name="name", beside=("compound",),
    listed=("楼栋台账", "space:buildings_list"),
)  # fmt: skip
COMPOUND = Subject(
    model="space.compound", title="院落", page="space:compound", see=SEE, rows=compounds_within,
    key="compound_id", path="compounds", stem="compound", name="name",
    listed=("院落", "space:compounds"),
)  # fmt: skip


def compounds(scope: Scope) -> list[tuple[int, str]]:
    """The compounds in which the scope has a building, for a filter."""
    found = Compound.objects.filter(buildings__in=Building.objects.within(scope)).distinct()
    return list(found.order_by("position", "pk").values_list("pk", "name"))


def buildings(scope: Scope) -> list[tuple[int, str]]:
    """The buildings of the scope, for a filter."""
    rows = Building.objects.within(scope).order_by("compound__position", "position", "pk")
    return list(rows.values_list("pk", "name"))


def floors(_: Scope) -> list[tuple[int, str]]:
    """The floors there are anywhere, for a filter."""
    numbers = Floor.objects.order_by("number").values_list("number", flat=True).distinct()
    return [(number, Floor(number=number).title) for number in numbers]


@dataclass
class Part:
    """Rooms of a floor, a unit, a kind: how many, and how much usable space by state and kind."""

    key: Any
    title: str
    count: int = 0
    usable_m2: Decimal = NONE
    vacant: int = 0
    vacant_m2: Decimal = NONE
    kinds: dict[RoomKind, Decimal] = field(default_factory=dict)
    counts: dict[RoomKind, int] = field(default_factory=dict)

    def take(self, row: Any) -> None:
        """Count a room in, as read by ``rooms.as_of``."""
        kind, m2 = RoomKind(row.now.kind), row.now.usable_m2
        self.count += 1
        self.usable_m2 += m2
        self.kinds[kind] = self.kinds.get(kind, NONE) + m2
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if row.now.state == RoomState.VACANT:
            self.vacant += 1
            self.vacant_m2 += m2

    @property
    def share(self) -> int:
        """How much of the space is in use or held, in whole percent, for a bar."""
        return round(100 * (self.usable_m2 - self.vacant_m2) / self.usable_m2) if self.count else 0


def by_floor(found: Sequence[Any]) -> list[Part]:
    """The rooms by floor, the highest first."""
    parts: dict[int, Part] = {}
    for row in found:
        number = row.floor.number
        parts.setdefault(number, Part(number, row.floor.title)).take(row)
    return [parts[number] for number in sorted(parts, reverse=True)]


def by_unit(found: Sequence[Any]) -> list[Part]:
    """The rooms by the unit that holds them, in protocol order; those of nobody last."""
    parts: dict[int, Part] = {}
    order: dict[int, tuple[int, int]] = {}
    for row in found:
        unit = row.held.unit if row.held else None
        key = unit.pk if unit else 0
        order[key] = (unit.position, unit.pk) if unit else (2**31, 0)
        parts.setdefault(key, Part(unit, str(unit) if unit else "没有使用单位")).take(row)
    return [parts[key] for key in sorted(parts, key=lambda one: order[one])]


def by_kind(found: Sequence[Any]) -> list[Part]:
    """The rooms by class, in the order of the law; classes without a room are left out."""
    parts = {kind: Part(kind, kind.label) for kind in RoomKind}
    for row in found:
        parts[RoomKind(row.now.kind)].take(row)
    return [part for part in parts.values() if part.count]


def total(found: Sequence[Any]) -> Part:
    """All the rooms together."""
    part = Part(None, "合计")
    for row in found:
        part.take(row)
    return part


def rooms_of(*, building: Building, day: date, scope: Scope) -> list[Any]:
    """The rooms of a building on a day that the scope may see, floor by floor."""
    found = rooms.as_of(day=day, scope=scope).filter(building=building)
    return list(found.order_by("floor__number", "number"))


def compound_rows(scope: Scope, day: date) -> list[tuple[Compound, list[Any]]]:
    """Every compound the scope reaches, with its buildings as listed for a day."""
    found: dict[int, tuple[Compound, list[Any]]] = {}
    order = ("compound__position", "compound__pk", "position", "pk")
    for building in listed(scope, day).order_by(*order):
        found.setdefault(building.compound_id, (building.compound, []))[1].append(building)
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a building or a compound became on a day: (fact, before, after), the spells as rows."""

    since: date | None
    until: date | None
    spell: Any
    facts: list[tuple[str, Any, Any]]


def changes(row: Building | Compound) -> list[Change]:
    """What the row became from day to day, the latest first; the first of all changed nothing."""
    spells: list[Any] = list(row.spells.order_by(F("during__startswith").asc(nulls_first=True)))
    found = []
    for n, spell in enumerate(spells):
        before = spells[n - 1] if n else spell
        found.append(
            Change(
                since=spell.during.lower,
                until=spell.during.upper,
                spell=spell,
                facts=[
                    (name, before, spell)
                    for name in row.facts
                    if getattr(before, name) != getattr(spell, name)
                ],
            )
        )
    return found[::-1]
