"""Buildings and compounds: what they hold, floor by floor and unit by unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from guanjia.domains.space.models import Building, Compound, Floor, RoomSpell
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.values.actor import Actor, Scope

NONE = Decimal(0)


def listed(scope: Scope) -> Any:
    """The buildings of the scope with what is in them today: rooms and usable space.

    Who sees only their units' rooms sees the whole building's facts: how big a building is, and
    how many rooms it has, is no unit's secret.
    """
    spells = RoomSpell.objects.filter(
        room__building=OuterRef("pk"), during__contains=timezone.localdate()
    ).values("room__building")
    count = spells.annotate(n=Count("pk")).values("n")
    area = spells.annotate(m2=Sum("usable_m2")).values("m2")
    rows = Building.objects.within(scope).select_related("compound")
    return rows.annotate(
        rooms_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
        usable_m2=Coalesce(
            Subquery(area, output_field=DecimalField(max_digits=12, decimal_places=2)), NONE
        ),
    )


def sees_building(actor: Actor, building_id: int) -> bool:
    """Whether somebody may open a building: one in which a unit of theirs ever held a room."""
    scope = actor.scope(rooms.SEE)
    found = not scope.nothing and Building.objects.within(scope).filter(pk=building_id)
    return bool(found and found.exists())


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


def compound_rows(scope: Scope) -> list[tuple[Compound, list[Any]]]:
    """Every compound the scope reaches, with its buildings as listed."""
    found: dict[int, tuple[Compound, list[Any]]] = {}
    order = ("compound__position", "compound__pk", "position", "pk")
    for building in listed(scope).order_by(*order):
        found.setdefault(building.compound_id, (building.compound, []))[1].append(building)
    return list(found.values())
