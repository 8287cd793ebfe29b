"""The statistical report of a survey (统计报表): its facts, and the tables they make."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from guanjia.domains.space.models import (
    Building,
    Survey,
    SurveyBuilding,
    SurveyFact,
    SurveyReturn,
    SurveyRoom,
)
from guanjia.domains.space.queries import buildings as building_queries
from guanjia.domains.space.queries import rooms as room_queries
from guanjia.domains.space.queries import standards
from guanjia.domains.space.terms.ledger import BuildingState, RoomKind, RoomState, TitleState
from guanjia.domains.space.terms.surveys import (
    APPROVED_KINDS,
    NOTHING,
    FactSource,
    ReturnState,
    SurveyState,
)
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Scope

Place = tuple[str, str, str]  # compound, building, number of a room


# ── the facts ────────────────────────────────────────────────────────────────────────────


def facts_now(survey: Survey) -> list[SurveyFact]:
    """The rooms as the report would count them now, unsaved: what units returned and was
    accepted, everything else as the ledger of the day has it. Five statements.

    Of a room that two units return the first accepted counts; a room that no return names is
    counted with who holds it by the ledger, unless that unit returned and left it out.
    """
    found: dict[Place, SurveyFact] = {}
    rows = (
        SurveyRoom.objects.counted()
        .filter(filing__survey=survey, filing__state=ReturnState.ACCEPTED)
        .filter(usable_m2__isnull=False)
        .select_related("filing")
        .order_by("filing__accepted_at", "filing", "position", "pk")
    )
    for row in rows:
        found.setdefault((row.compound, row.building, row.number), _returned(survey, row))
    through = set(
        SurveyReturn.objects.filter(survey=survey, state=ReturnState.ACCEPTED).values_list(
            "unit", flat=True
        )
    )
    tree = standards.homes()
    ledger = room_queries.listed(Scope.all(), survey.as_of).order_by(
        "building__compound__position", "building__position", "building", "floor__number", "number"
    )
    for room in ledger:
        place = (room.building.compound.name, room.building.name, room.number)
        home = tree.home[room.held.unit_id] if room.held else None
        if place not in found:
            found[place] = _by_ledger(survey, room, None if home in through else home)
    return list(found.values())


def _returned(survey: Survey, row: SurveyRoom) -> SurveyFact:
    return SurveyFact(
        survey=survey, unit_id=row.filing.unit_id, room_id=row.room_id, source=FactSource.RETURN,
        compound=row.compound, building=row.building, floor=row.floor, number=row.number,
        kind=row.kind, usable_m2=row.usable_m2 or NOTHING, state=row.state,
        people=len(row.people),
        people_names=row.people_names,
    )  # fmt: skip


def _by_ledger(survey: Survey, room: Any, unit_id: int | None) -> SurveyFact:
    names = [seat.person.name for seat in room.sitting]
    return SurveyFact(
        survey=survey, unit_id=unit_id, room_id=room.pk, source=FactSource.LEDGER,
        compound=room.building.compound.name, building=room.building.name,
        floor=room.floor.number, number=room.number, kind=room.now.kind,
        usable_m2=room.now.usable_m2, state=room.now.state, people=len(names),
        people_names="、".join(names),
    )  # fmt: skip


def buildings_now(survey: Survey) -> list[SurveyBuilding]:
    """The buildings of the survey's day as the report would count them now, unsaved; without those
    disposed of."""
    there = building_queries.as_at(Building.objects.all(), survey.as_of)
    rows = there.exclude(now__state=BuildingState.DISPOSED).order_by(
        "compound__position", "position", "pk"
    )
    return [
        SurveyBuilding(
            survey=survey, building=row, compound=row.compound.name, name=row.name,
            gross_m2=row.gross_m2, state=row.state, title_state=row.title_state,
            title_no=row.title_no, position=place,
        )
        for place, row in enumerate(rows)
    ]  # fmt: skip


# ── the tables ───────────────────────────────────────────────────────────────────────────


@dataclass
class Sum:
    """Rooms of one line: how many, how much usable space, by class, and how much stands empty."""

    rooms: int = 0
    m2: Decimal = NOTHING
    people: int = 0
    vacant: int = 0
    vacant_m2: Decimal = NOTHING
    kinds: dict[RoomKind, Decimal] = field(default_factory=dict)

    def take(self, fact: SurveyFact) -> None:
        """Count a room in."""
        kind = RoomKind(fact.kind)
        self.rooms += 1
        self.m2 += fact.usable_m2
        self.people += fact.people
        self.kinds[kind] = self.kinds.get(kind, NOTHING) + fact.usable_m2
        if fact.state == RoomState.VACANT:
            self.vacant += 1
            self.vacant_m2 += fact.usable_m2

    def of(self, kind: RoomKind) -> Decimal:
        """The space of one class."""
        return self.kinds.get(kind, NOTHING)

    @property
    def by_kind(self) -> list[tuple[RoomKind, Decimal]]:
        """Every class with its space, in the order of the classes."""
        return [(kind, self.of(kind)) for kind in RoomKind]


@dataclass(kw_only=True)
class UnitLine:
    """A unit of the report: its people, its rooms, what is approved for it."""

    filing: SurveyReturn
    sum: Sum
    approved: Mapping[RoomKind, Decimal | None]

    @property
    def office_each(self) -> Decimal | None:
        """Usable space of offices for each of those present, in ㎡."""
        present = self.filing.present
        return self.sum.of(RoomKind.OFFICE) / present if present else None

    @property
    def approved_m2(self) -> Decimal | None:
        """What it may have of all three classes; ``None`` while one cannot be told."""
        known = [self.approved.get(kind) for kind in APPROVED_KINDS]
        told = [m2 for m2 in known if m2 is not None]
        return sum(told, NOTHING) if len(told) == len(known) else None

    @property
    def basic_m2(self) -> Decimal:
        """What it has of the three classes."""
        return sum((self.sum.of(kind) for kind in APPROVED_KINDS), NOTHING)

    @property
    def over_m2(self) -> Decimal | None:
        """More than approved, negative where less."""
        return None if self.approved_m2 is None else self.basic_m2 - self.approved_m2

    @property
    def pairs(self) -> list[tuple[Decimal | None, Decimal]]:
        """Approved and actual by class."""
        return [(self.approved.get(kind), self.sum.of(kind)) for kind in APPROVED_KINDS]


@dataclass(kw_only=True)
class BuildingLine:
    """A building of the report with its rooms."""

    building: SurveyBuilding
    sum: Sum
    units: int = 0


@dataclass(kw_only=True)
class TitleLine:
    """The buildings of one state of title."""

    state: TitleState
    count: int = 0
    gross_m2: Decimal = NOTHING


@dataclass(kw_only=True)
class KindLine:
    """The rooms of one class: in use and empty."""

    kind: RoomKind
    sum: Sum


@dataclass(kw_only=True)
class Report:
    """The tables of a report; ``draft`` while the survey has not been published."""

    survey: Survey
    draft: bool
    total: Sum
    units: list[UnitLine]
    kinds: list[KindLine]
    buildings: list[BuildingLine]
    titles: list[TitleLine]
    unheld: Sum
    others: Sum  # held by units that were not asked

    @property
    def over(self) -> list[UnitLine]:
        """Units with more than is approved, the most first."""
        found = [line for line in self.units if (line.over_m2 or NOTHING) > 0]
        return sorted(found, key=lambda line: -(line.over_m2 or NOTHING))

    @property
    def judged(self) -> list[UnitLine]:
        """Units for which the standard says what they may have, those over it first."""
        found = [line for line in self.units if line.over_m2 is not None]
        return sorted(found, key=lambda line: -(line.over_m2 or NOTHING))

    @property
    def idle(self) -> list[BuildingLine]:
        """Buildings with empty rooms, the most space first."""
        found = [line for line in self.buildings if line.sum.vacant]
        return sorted(found, key=lambda line: -line.sum.vacant_m2)

    @property
    def people(self) -> tuple[int, int]:
        """Established and present over all units that told."""
        filings = [line.filing for line in self.units]
        established = sum(filing.established or 0 for filing in filings)
        return established, sum(filing.present or 0 for filing in filings)

    @property
    def leased_m2(self) -> Decimal:
        """What units lease besides."""
        return sum((line.filing.leased_m2 or NOTHING for line in self.units), NOTHING)

    @property
    def gross_m2(self) -> Decimal:
        """The gross space of all buildings."""
        return sum((line.building.gross_m2 for line in self.buildings), NOTHING)


def report(survey: Survey) -> Report:
    """The report of a survey: of its stored facts once published, else as it would be now.

    The caller has seen that it may be looked at: it tells of all units.
    """
    published = survey.state == SurveyState.PUBLISHED
    if published:
        facts = list(SurveyFact.objects.filter(survey=survey))
        buildings = list(SurveyBuilding.objects.filter(survey=survey))
    else:
        facts, buildings = facts_now(survey), buildings_now(survey)
    total = _sum(facts)
    by_unit = _split(facts, lambda fact: fact.unit_id)
    filings = SurveyReturn.objects.filter(survey=survey).select_related("unit")
    asked = {None, *filings.values_list("unit", flat=True)}
    return Report(
        survey=survey,
        draft=not published,
        total=total,
        units=[
            UnitLine(
                filing=filing, sum=by_unit.get(filing.unit_id, Sum()), approved=_approved(filing)
            )
            for filing in filings.order_by(F("unit__position"), "unit__code")
        ],
        kinds=[
            KindLine(kind=kind, sum=_sum(fact for fact in facts if fact.kind == kind))
            for kind in RoomKind
        ],
        buildings=_buildings(buildings, facts),
        titles=_titles(buildings),
        unheld=by_unit.get(None, Sum()),
        others=_sum(fact for fact in facts if fact.unit_id not in asked),
    )


def _sum(facts: Iterable[SurveyFact]) -> Sum:
    found = Sum()
    for fact in facts:
        found.take(fact)
    return found


def _split(facts: Iterable[SurveyFact], key: Callable[[SurveyFact], Any]) -> dict[Any, Sum]:
    found: dict[Any, Sum] = {}
    for fact in facts:
        found.setdefault(key(fact), Sum()).take(fact)
    return found


def _approved(filing: SurveyReturn) -> dict[RoomKind, Decimal | None]:
    given = filing.approved.items()
    return {RoomKind(kind): None if m2 is None else Decimal(m2) for kind, m2 in given}


def _buildings(
    buildings: Sequence[SurveyBuilding], facts: Sequence[SurveyFact]
) -> list[BuildingLine]:
    sums = _split(facts, lambda fact: (fact.compound, fact.building))
    units: dict[Any, set[int]] = {}
    for fact in facts:
        if fact.unit_id is not None:
            units.setdefault((fact.compound, fact.building), set()).add(fact.unit_id)
    found = []
    for building in buildings:
        key = (building.compound, building.name)
        line = BuildingLine(
            building=building, sum=sums.get(key, Sum()), units=len(units.get(key, ()))
        )
        found.append(line)
    return found


def _titles(buildings: Iterable[SurveyBuilding]) -> list[TitleLine]:
    found = {state: TitleLine(state=state) for state in TitleState}
    for building in buildings:
        line = found[TitleState(building.title_state)]
        line.count += 1
        line.gross_m2 += building.gross_m2
    return list(found.values())


# ── the rows behind the figures ──────────────────────────────────────────────────────────


def facts(scope: Scope) -> Any:
    """The rooms of published reports inside the scope."""
    return SurveyFact.objects.within(scope).select_related("survey", "unit")


def buildings(scope: Scope) -> Any:
    """The buildings of published reports inside the scope."""
    return SurveyBuilding.objects.within(scope).select_related("survey")


def unit_choices(scope: Scope) -> list[tuple[int, str]]:
    """The units that have rooms in reports, for a filter."""
    there = SurveyFact.objects.within(scope).values("unit")
    rows = Unit.objects.filter(pk__in=there).order_by("position", "code")
    return [(unit.pk, str(unit)) for unit in rows]


def others() -> Q:
    """The condition on rooms of reports that a unit held which was not asked to return."""
    asked = SurveyReturn.objects.filter(survey=OuterRef("survey"), unit=OuterRef("unit"))
    return Q(~Exists(asked), unit__isnull=False)


def building_choices(scope: Scope) -> list[tuple[int, str]]:
    """The buildings of reports, for a filter: the id of the ledger's building, its name."""
    rows = SurveyBuilding.objects.within(scope).order_by("position", "building", "-survey")
    found: dict[int, str] = {}
    for building, name in rows.values_list("building", "name"):
        found.setdefault(building, name)
    return list(found.items())
