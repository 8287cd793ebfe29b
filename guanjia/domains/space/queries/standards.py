"""What the standard says of rooms and units on a day; few statements, however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from guanjia.domains.space.models import Establishment, Occupant, Room
from guanjia.domains.space.rules import standards as rules
from guanjia.domains.space.terms.ledger import AS_OFFICES, RoomKind
from guanjia.domains.space.terms.standards import (
    BASIC,
    Basis,
    RoomCase,
    RoomVerdict,
    SitterFacts,
    UnitFacts,
    UnitStanding,
)
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Employment, Level, Nature, Rank
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.values.actor import Actor, Scope

SEE, ENTER = "space.standard.see", "space.establishment.enter"
_LONG = 500  # a longer list of ids is slower than reading all


# ── the tree of units ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Homes:
    """Which unit answers for each unit or section, and every unit by its id."""

    units: Mapping[int, Unit]
    home: Mapping[int, int]

    def of(self, unit_id: int | None) -> Unit | None:
        """The unit that answers for a unit or section."""
        return None if unit_id is None else self.units[self.home[unit_id]]

    def level(self, unit_id: int) -> Level:
        """The level of the organ a unit or section belongs to."""
        return Level(self.units[self.home[unit_id]].level)

    def below(self, unit_id: int) -> list[int]:
        """The unit and the sections it answers for."""
        return [each for each, home in self.home.items() if home == unit_id]


def homes() -> Homes:
    """The whole tree in one statement."""
    units: dict[int, Unit] = {unit.pk: unit for unit in Unit.objects.all()}
    return Homes(units=units, home={pk: _home(unit, units).pk for pk, unit in units.items()})


def _home(unit: Unit, units: Mapping[int, Unit]) -> Unit:
    while unit.nature == Nature.SECTION and unit.parent_id is not None:
        unit = units[unit.parent_id]
    return unit


# ── rooms ────────────────────────────────────────────────────────────────────────────────


def judge_city(*, day: date, scope: Scope) -> list[RoomVerdict]:
    """A verdict on every room that the scope's units held on a day (all with sight of everything).

    Three statements, however many rooms there are; judged by the law of that day.
    """
    return _judged(Room.objects.on(day).held_within(scope), day=day, ids=None)


def verdicts(room_ids: Collection[int], day: date) -> dict[int, RoomVerdict]:
    """The verdicts on some rooms by their ids; the caller has seen that they may be looked at."""
    ids = set(room_ids)
    if not ids:
        return {}
    rows = Room.objects.on(day).filter(pk__in=ids)
    return {verdict.room_id: verdict for verdict in _judged(rows, day=day, ids=ids)}


def verdict_of(*, room_id: int, day: date) -> RoomVerdict | None:
    """The verdict on one room; ``None`` where it was not in the ledger that day."""
    return verdicts([room_id], day).get(room_id)


def _judged(rows: Any, *, day: date, ids: Collection[int] | None) -> list[RoomVerdict]:
    judge = rules.Judge(law_at(day))
    found = list(
        rows.order_by("building", "floor__number", "number").values_list(
            "pk", "building__name", "number", "now__kind", "now__usable_m2", "held__unit_id"
        )
    )
    tree = homes()
    people = _sitters(day, tree, ids if ids is not None and len(ids) < _LONG else None)
    return [
        judge.room(
            RoomCase(
                id=pk,
                name=f"{building} {number}",
                kind=RoomKind(kind),
                usable_m2=usable,
                unit_id=unit,
                people=tuple(people.get(pk, ())),
            )
        )
        for pk, building, number, kind, usable, unit in found
    ]


def _sitters(
    day: date, tree: Homes, ids: Collection[int] | None
) -> Mapping[int, Sequence[SitterFacts]]:
    rows = Occupant.objects.on(day).order_by("room", "person__number")
    if ids is not None:
        rows = rows.filter(room__in=ids)
    found: dict[int, list[SitterFacts]] = defaultdict(list)
    for room, pk, name, rank, unit in rows.values_list(
        "room_id", "person_id", "person__name", "person__rank", "person__unit_id"
    ):
        found[room].append(SitterFacts(id=pk, name=name, rank=Rank(rank), level=tree.level(unit)))
    return found


# ── units ────────────────────────────────────────────────────────────────────────────────


def counts(unit: Unit, law: LawInForce) -> bool:
    """Whether the standard is for a unit: organs, and what the bureau takes along."""
    key = "space.standard.natures"
    others = law[key].value if key in law else ()
    return unit.nature == Nature.PARTY_OR_STATE or unit.nature in others


def standings(*, day: date, scope: Scope) -> list[UnitStanding]:
    """What every unit in the scope may have and what it holds on a day, in protocol order.

    Five statements. Sections belong to the unit that answers for them; a unit that was dissolved
    before the day stands only where it still holds rooms.
    """
    law, tree = law_at(day), homes()
    wanted = {
        tree.home[pk] for pk in Unit.objects.within(scope).values_list("pk", flat=True)
        if tree.home[pk] in tree.units
    }  # fmt: skip
    held, rooms = _held(day, tree)
    facts = _unit_facts(day, tree, law, wanted)
    found = []
    for pk in wanted:
        unit = tree.units[pk]
        gone = unit.closed_on is not None and unit.closed_on <= day
        if not counts(unit, law) or (gone and not held.get(pk)):
            continue
        found.append(
            UnitStanding(
                approved=rules.approved(facts=facts[pk], law=law),
                held=held.get(pk, {}),
                rooms=rooms.get(pk, {}),
                unit_code=unit.code,
                unit_full=unit.name,
                position=unit.position,
            )
        )
    return sorted(found, key=lambda each: (each.position, each.unit_code))


def standing(*, unit_id: int, day: date) -> UnitStanding | None:
    """The same for one unit, or the unit that answers for a section; ``None`` where the standard
    is not for it (an area, an enterprise)."""
    law, tree = law_at(day), homes()
    home = tree.of(unit_id)
    if home is None or not counts(home, law):
        return None
    held, rooms = _held(day, tree, only=tree.below(home.pk))
    facts = _unit_facts(day, tree, law, {home.pk})
    return UnitStanding(
        approved=rules.approved(facts=facts[home.pk], law=law),
        held=held.get(home.pk, {}),
        rooms=rooms.get(home.pk, {}),
        unit_code=home.code,
        unit_full=home.name,
        position=home.position,
    )


def entitlement(*, unit_id: int, day: date) -> Mapping[RoomKind, Decimal | None]:
    """What a unit may have by class of rooms, in usable ㎡; empty where the standard is not for
    it. For those who reckon what it still needs."""
    found = standing(unit_id=unit_id, day=day)
    if found is None:
        return {}
    return {part.kind: part.m2 for part in found.approved.basic}


def answering(scope: Scope) -> list[tuple[int, str]]:
    """The units of the scope that answer for themselves, for a filter."""
    rows = Unit.objects.within(scope).exclude(nature__in=[Nature.SECTION, Nature.AREA])
    return [(unit.pk, str(unit)) for unit in rows.order_by("position", "code")]


def counted_for(rows: Any, value: str) -> Any:
    """Of rooms ``listed`` for a day those that the held area of a unit, given by its id as text,
    counts: held as offices by the unit or its sections. What ``_held`` adds up."""
    tree = homes()
    found = rows.annotate(holder_id=F("held__unit_id"), basis_now=F("held__basis"))
    return found.filter(holder_id__in=tree.below(int(value)), basis_now__in=AS_OFFICES)


def _held(
    day: date, tree: Homes, only: Collection[int] | None = None
) -> tuple[dict[int, dict[RoomKind, Decimal]], dict[int, dict[RoomKind, int]]]:
    """What the units hold on a day, by the unit that answers and the class of rooms."""
    rows: Any = Room.objects.on(day)
    # What the bureau holds on paper for a public use or a tenant is nobody's office.
    rows = rows.filter(held__basis__in=AS_OFFICES)
    if only is not None:
        rows = rows.filter(held__unit__in=list(only))
    area: dict[int, dict[RoomKind, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rooms: dict[int, dict[RoomKind, int]] = defaultdict(lambda: defaultdict(int))
    summed = rows.order_by().values_list("held__unit_id", "now__kind")
    for unit, kind, m2, count in summed.annotate(m2=Sum("now__usable_m2"), n=Count("pk")):
        home = tree.home[unit]
        area[home][RoomKind(kind)] += m2
        rooms[home][RoomKind(kind)] += count
    return area, rooms


def _unit_facts(
    day: date, tree: Homes, law: LawInForce, wanted: Collection[int]
) -> dict[int, UnitFacts]:
    sections = [pk for pk, home in tree.home.items() if home in wanted]
    entered: dict[int, dict[Rank, int]] = defaultdict(lambda: defaultdict(int))
    rows = Establishment.objects.on(day).filter(unit__in=sections)
    for unit, rank, number in rows.order_by().values_list("unit_id", "rank", "number"):
        entered[tree.home[unit]][Rank(rank)] += number
    missing = [pk for pk in wanted if pk not in entered]
    serving = _serving(day, tree, missing)
    return {pk: _facts(tree.units[pk], entered.get(pk), serving.get(pk, ()), law) for pk in wanted}


def _facts(
    unit: Unit, entered: Mapping[Rank, int] | None, ranks: Sequence[Rank], law: LawInForce
) -> UnitFacts:
    level = Level(unit.level)
    if entered is not None:
        numbers, basis = {rank: n for rank, n in entered.items() if n}, Basis.ENTERED
    else:
        found, basis = rules.derived(headcount=unit.headcount, ranks=ranks, level=level, law=law)
        numbers = dict(found)
    organ = unit.nature == Nature.PARTY_OR_STATE
    return UnitFacts(
        id=unit.pk,
        name=str(unit),
        level=level,
        ranks=numbers,
        basis=basis,
        headcount=unit.headcount,
        stands_for="" if organ else f"{Nature(unit.nature).label}参照党政机关核定",
    )


def _serving(day: date, tree: Homes, wanted: Iterable[int]) -> Mapping[int, Sequence[Rank]]:
    """The ranks of those on the establishment who serve on a day, by the unit that answers."""
    homes_wanted = set(wanted)
    if not homes_wanted:
        return {}
    sections = [pk for pk, home in tree.home.items() if home in homes_wanted]
    rows = Person.objects.filter(
        Q(hired_on=None) | Q(hired_on__lte=day),
        Q(left_on=None) | Q(left_on__gt=day),
        unit__in=sections,
        employment=Employment.ESTABLISHED,
    )
    found: dict[int, list[Rank]] = defaultdict(list)
    for unit, rank in rows.order_by("number").values_list("unit_id", "rank"):
        found[tree.home[unit]].append(Rank(rank))
    return found


def serving(*, unit_id: int, day: date) -> int:
    """How many people on the establishment serve at a unit and its sections on a day."""
    tree = homes()
    home = tree.of(unit_id)
    return len(_serving(day, tree, [home.pk]).get(home.pk, ())) if home is not None else 0


def establishments(scope: Scope) -> Any:
    """The numbers by rank inside the scope, with their units."""
    return Establishment.objects.within(scope).select_related("unit")


def sees_unit(actor: Actor, unit_id: int) -> bool:
    """Whether somebody may see what a unit may have and holds."""
    scope = actor.scope(SEE)
    return not scope.nothing and bool(Unit.objects.within(scope).filter(pk=unit_id).exists())


def over_rooms(*, unit_id: int, day: date) -> list[RoomVerdict]:
    """The rooms of a unit that are over the standard on a day, the worst first."""
    tree = homes()
    home = tree.of(unit_id)
    if home is None:
        return []
    rows: Any = Room.objects.on(day)
    ids = list(rows.filter(held__unit__in=tree.below(home.pk)).values_list("pk", flat=True))
    found = [verdict for verdict in verdicts(ids, day).values() if verdict.over]
    return sorted(found, key=lambda each: (-each.over_m2, each.name))


def basic_m2(held: Mapping[RoomKind, Decimal]) -> Decimal:
    """What a unit holds of basic rooms."""
    return sum((held.get(kind, Decimal(0)) for kind in BASIC), Decimal(0))
