"""Reading what running the cars costs; the first argument says where one may look."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Concat

from guanjia.domains.fleet.models import (
    Car,
    CarStay,
    Cost,
    Costs,
    FuelCard,
    FuelCards,
    Statement,
    Trip,
)
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import Keeping
from guanjia.domains.fleet.terms.costs import COST_LIFE, CostSource, CostState, Match
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkState
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

_WITH = ("car", "unit", "trip", "card")
UNNUMBERED = "FY"  # a cost without a receipt is named by its own number
_NAMES = {  # how the numbers of other sources are told apart from those of receipts
    CostSource.TRIP: "收车 ",
    CostSource.FUEL_SHEET: "油卡 ",
    CostSource.ETC_SHEET: "ETC ",
    CostSource.ORDER: "工单 ",
    CostSource.POLICY: "保单 ",
}


def costs(scope: Scope) -> Costs:
    """The costs inside the scope, with the number they are named by."""
    own = Concat(Value(UNNUMBERED), Cast("pk", CharField()), output_field=CharField())
    told = [
        When(source=source, then=Concat(Value(name), F("source_no"), output_field=CharField()))
        for source, name in _NAMES.items()
    ]
    named: Costs = (
        Cost.objects.within(scope)
        .select_related(*_WITH)
        .annotate(
            number=Case(
                When(source_no="", then=own),
                *told,
                default=F("source_no"),
                output_field=CharField(),
            )
        )
    )
    return named


SEE, ENTER, JUDGE = "fleet.cost.see", "fleet.cost.enter", "fleet.cost.judge"
COSTS = Subject(
    model="fleet.cost", title="费用", page="fleet:cost", key="cost_id", path="costs", stem="cost",
    see=SEE, rows=costs, life=COST_LIFE, beside=("car", "unit"), name="",
    listed=("运行费用", "fleet:costs_list"),
    now=lambda cost: f"{cost}，{money.yuan(cost.amount_fen)}，{cost.get_source_display()}",
)  # fmt: skip


def of_period(scope: Scope, period: Period) -> Costs:
    """The costs of a period that count."""
    rows: Costs = costs(scope).counted().filter(spent_on__gte=period.start, spent_on__lt=period.end)
    return rows


def of_trip(scope: Scope, trip_id: int) -> list[Cost]:
    """What was spent on a trip inside the scope, in order; also what does not count."""
    rows = costs(scope).filter(trip=trip_id)
    return list(rows.order_by("spent_on", F("spent_at").asc(nulls_last=True), "pk"))


def sheet(scope: Scope, source: CostSource) -> Costs:
    """What a sheet of others (对账单) tells, with what it tells beyond the cost."""
    rows: Costs = costs(scope).filter(source=source)
    return rows.select_related(*_WITH, "sale" if source is CostSource.FUEL_SHEET else "toll")


def doubtful(scope: Scope) -> Costs:
    """The costs with something that waits for an explanation, with the newest of it.

    Who looks over everything is asked about the cars that are kept together only: the other ones
    are their units' to explain.
    """
    doubts = Remark.objects.filter(register="fleet.costs", state=RemarkState.OPEN)
    mine = doubts.filter(object_id=OuterRef("pk")).order_by("-pk")
    rows = (
        costs(scope)
        .filter(pk__in=doubts.values("object_id"))
        .annotate(
            doubt=Subquery(mine.values("headline")[:1]),
            doubt_why=Subquery(mine.values("sentence")[:1]),
        )
        .order_by("-spent_on", "-pk")
    )
    asked: Costs = rows.filter(car__keeping=Keeping.CENTRAL) if scope.everything else rows
    return asked


def by_number(numbers: Collection[str]) -> Mapping[str, Cost]:
    """Costs by the number they are named by, in one statement."""
    wanted = Q(source=CostSource.HAND, source_no__in=numbers)
    own = [n.removeprefix(UNNUMBERED) for n in numbers if n.startswith(UNNUMBERED)]
    wanted |= Q(source_no="", pk__in=[int(n) for n in own if n.isdecimal() and len(n) < 18])  # noqa: PLR2004 — what a bigint holds
    for source, name in _NAMES.items():
        theirs = [n.removeprefix(name) for n in numbers if n.startswith(name)]
        if theirs:
            wanted |= Q(source=source, source_no__in=theirs)
    return {number_of(cost): cost for cost in costs(Scope.all()).filter(wanted)}


def number_of(cost: Any) -> str:
    """What a cost that ``costs`` gave is named by: its receipt, or its number in its source."""
    return str(cost.number)


def totals_of_months(scope: Scope, source: CostSource) -> list[dict[str, Any]]:
    """Rows and money of a sheet by month, the newest first: month, rows, fen, unmatched."""
    found: Any = (
        Cost.objects.within(scope)
        .filter(source=source)
        .exclude(state=CostState.VOID)
        .values("spent_on__year", "spent_on__month")
        .annotate(
            fen=Sum("amount_fen"),
            entries=Sum(Value(1)),
            unmatched=Sum(Case(When(trip=None, then=1), default=0)),
        )
        .order_by("-spent_on__year", "-spent_on__month")
    )
    return list(found)


# ── who bears it ─────────────────────────────────────────────────────────────────────────


def bearers(wanted: Iterable[tuple[Car, date]]) -> Mapping[tuple[int, date], Unit]:
    """The unit on whose books each car stood that day; else the one that uses it now."""
    pairs = {(car.pk, day): car for car, day in wanted}
    found: dict[tuple[int, date], Unit] = {}
    stays = defaultdict(list)
    for stay in CarStay.objects.filter(car__in={pk for pk, _ in pairs}).select_related("unit"):
        stays[stay.car_id].append(stay)
    for (pk, day), car in pairs.items():
        held = next((stay for stay in stays[pk] if _holds(stay.during, day)), None)
        found[pk, day] = held.unit if held is not None else car.unit
    return found


def _holds(during: Any, day: date) -> bool:
    lower, upper = during.lower, during.upper
    return (lower is None or lower <= day) and (upper is None or day < upper)


# ── which trip it belongs to ─────────────────────────────────────────────────────────────


def trips_of(spent: Sequence[tuple[int, date, datetime | None]]) -> list[Match]:
    """The trip for each (car, day, instant): the one that ran then, or that day's only one."""
    if not spent:
        return []
    days = [day for _, day, _ in spent]
    begin, _ = Period.day(min(days)).bounds()
    _, end = Period.day(max(days)).bounds()
    lines: dict[int, list[Trip]] = defaultdict(list)
    for trip in (
        Trip.objects.filter(car__in={car_id for car_id, _, _ in spent}, ran__overlap=(begin, end))
        .exclude(state=TripState.CANCELLED)
        .only("pk", "car_id", "went_at", "back_at")
        .order_by("went_at")
    ):
        lines[trip.car_id or 0].append(trip)
    return [_match(lines[car_id], day, at) for car_id, day, at in spent]


def _match(line: Sequence[Trip], day: date, at: datetime | None) -> Match:
    if at is not None:
        place = bisect_right([trip.went_at for trip in line if trip.went_at], at) - 1
        hit = line[place] if place >= 0 else None
        if hit is not None and (hit.back_at is None or at < hit.back_at):
            return Match(trip_id=hit.pk, none=False)
        return Match(trip_id=None, none=True)
    begin, end = Period.day(day).bounds()
    of_day = [
        trip
        for trip in line
        if trip.went_at and trip.went_at < end and (trip.back_at is None or trip.back_at > begin)
    ]
    only = of_day[0].pk if len(of_day) == 1 else None
    return Match(trip_id=only, none=not of_day)


def statements(scope: Scope) -> Any:
    """The totals that sheets state; they are of the whole city."""
    return Statement.objects.none() if scope.nothing else Statement.objects.all()


STATEMENTS = Subject(
    model="fleet.statement", title="对账单总额", page="fleet:statements", key="statement_id",
    path="costs/statements", stem="statement", see=SEE, rows=statements, name="",
    listed=("对账", "fleet:statements"), home=lambda _: None,
)  # fmt: skip


# ── cards ────────────────────────────────────────────────────────────────────────────────


def every_card(scope: Scope) -> FuelCards:
    """The cards inside the scope, also those that serve another car now, with their cars."""
    rows: FuelCards = FuelCard.objects.within(scope).select_related("car__unit")
    return rows


CARDS = Subject(
    model="fleet.fuelcard", title="加油卡", page="fleet:card", key="card_id", path="cards",
    stem="card", see=SEE, rows=every_card, beside=("car__unit",),
    listed=("加油卡", "fleet:cards_list"),
    now=lambda card: f"{card.number}，{card.car.plate}，{card.since:%Y-%m-%d} 起",
)  # fmt: skip


def cards(scope: Scope) -> FuelCards:
    """The cards inside the scope, each number once: with the car it serves or served last."""
    rows: FuelCards = FuelCard.objects.within(scope).newest().select_related("car__unit")
    return rows


def cards_on(wanted: Iterable[tuple[str, date]]) -> Mapping[tuple[str, date], FuelCard]:
    """The card of each number as it stood on a day; a number that served no car then is absent."""
    pairs = set(wanted)
    lines: dict[str, list[FuelCard]] = defaultdict(list)
    for card in FuelCard.objects.filter(number__in={n for n, _ in pairs}).select_related(
        "car__unit"
    ):
        lines[card.number].append(card)
    found = {}
    for number, day in pairs:
        for card in lines[number]:
            if card.since <= day and (card.until is None or day < card.until):
                found[number, day] = card
    return found


def day_of(at: datetime) -> date:
    """The day of an instant as people here count days."""
    return at.astimezone(times.ZONE).date()
