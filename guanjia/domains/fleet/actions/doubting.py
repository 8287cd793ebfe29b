"""What is odd about costs waits for an explanation; what has cleared up waits no more."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from guanjia.domains.fleet.models import Car, Cost, FuelCard, FuelSale
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.queries import fuel as fuels
from guanjia.domains.fleet.rules import fuel, reimbursing, times
from guanjia.domains.fleet.terms.costs import (
    ON_THE_WAY,
    SHEETS,
    CardFacts,
    CostKind,
    CostSource,
    CostState,
)
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind, RemarkState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict

CODES = (*fuels.FUEL_CODES, "no_trip", "maybe_double")
_OF_LINES = ("norm_odd", "fills_close")  # found in a car's fills together, not in one alone
_FAR = timedelta(days=3)
_BOTH = (CostSource.TRIP, *SHEETS)

Found = dict[int, Verdict]


def look(*, costs: Sequence[Cost], at: datetime) -> None:
    """Judge costs, and the fills around them; raise what is odd, close what no longer is.

    Belongs inside the caller's transaction. An explained remark is not raised again in the same
    words. A cost that does not count has nothing odd about it.
    """
    costs = [*costs, *_beside(costs)]
    found: Found = {cost.pk: ALLOWED for cost in costs}
    counted = [cost for cost in costs if cost.state == CostState.COUNTED]
    cars = {car.pk: car for car in Car.objects.filter(pk__in={cost.car_id for cost in costs})}
    for cost, verdict in _alone(counted, cars):
        found[cost.pk] += verdict
    around = _of_fills(costs, cars, found)
    for pk, verdict in (*_twice(counted), *_otherwise(counted)):
        found[pk] = found.get(pk, ALLOWED) + verdict
    remarks.raise_remarks(
        register=fuels.REGISTER,
        remarks=[
            remarks.Raised.of(object_id=pk, kind=RemarkKind.DOUBT, finding=finding)
            for pk, verdict in found.items()
            for finding in verdict.warnings
        ],
        at=at,
    )
    _close(found, {cost.pk for cost in costs}, around)


def look_at_cars(car_ids: Collection[int], *, at: datetime) -> None:
    """Judge all fuel and charges of cars again, by what is known of the cars now."""
    if not car_ids:
        return
    spent = Cost.objects.counted().filter(
        car__in=car_ids, kind__in=[CostKind.FUEL, CostKind.CHARGE]
    )
    look(costs=list(spent.select_related("card")), at=at)


def _close(found: Found, own: set[int], around: set[int]) -> None:
    """Open remarks that nothing speaks for any more are settled (已了结)."""
    standing = {(pk, each.code) for pk, verdict in found.items() for each in verdict.warnings}
    gone = [
        remark.pk
        for remark in Remark.objects.filter(
            register=fuels.REGISTER,
            object_id__in=own | around,
            code__in=CODES,
            state=RemarkState.OPEN,
        )
        if (remark.object_id, remark.code) not in standing
        and (remark.object_id in own or remark.code in _OF_LINES)
    ]
    Remark.objects.filter(pk__in=gone).update(state=RemarkState.CLOSED)


# ── each by itself ───────────────────────────────────────────────────────────────────────


def _alone(counted: Sequence[Cost], cars: Mapping[int, Car]) -> Iterable[tuple[Cost, Verdict]]:
    told = dict(
        FuelSale.objects.filter(cost__in=[c.pk for c in counted]).values_list(
            "cost_id", "card_number"
        )
    )
    paid = {cost.pk: told.get(cost.pk) or _own_card(cost) for cost in counted}
    cards = queries.cards_on((n, cost.spent_on) for cost in counted if (n := paid[cost.pk]))
    known = set(
        FuelCard.objects.filter(number__in=set(filter(None, paid.values()))).values_list(
            "number", flat=True
        )
    )
    loose = [c for c in counted if c.trip_id is None and c.kind in ON_THE_WAY]
    matches = queries.trips_of([(c.car_id, c.spent_on, c.spent_at) for c in loose])
    untripped = {cost.pk for cost, match in zip(loose, matches, strict=True) if match.none}
    for cost in counted:
        car, law = cars[cost.car_id], law_at(cost.spent_on)
        verdict = _energy(cost, car)
        number = paid[cost.pk]
        if number and cost.kind == CostKind.FUEL:
            card = cards.get((number, cost.spent_on))
            facts = CardFacts(number=number, plate=card.car.plate) if card else None
            verdict += fuel.own_card(
                number=number, plate=car.plate, card=facts, known=number in known, law=law
            )
        verdict += fuel.on_an_order(
            plate=car.plate, when=_when(cost), none=cost.pk in untripped, law=law
        )
        yield cost, verdict


def _own_card(cost: Cost) -> str:
    return cost.card.number if cost.card is not None else ""


def _when(cost: Cost) -> str:
    if cost.spent_at is not None:
        return times.moment(cost.spent_at)
    return f"{cost.spent_on.month}月{cost.spent_on.day}日"


def _energy(cost: Cost, car: Car) -> Verdict:
    """Litres against tank and price, kilowatt hours against the battery."""
    law, verdict = law_at(cost.spent_on), ALLOWED
    if cost.kind == CostKind.FUEL and cost.litres:
        verdict += fuel.within_tank(litres=cost.litres, tank_l=car.tank_l, plate=car.plate)
        if cost.amount_fen:
            verdict += fuel.usual_price(litres=cost.litres, amount_fen=cost.amount_fen, law=law)
    if cost.kind == CostKind.CHARGE and cost.kwh:
        verdict += fuel.within_battery(
            kwh=cost.kwh, battery_kwh=car.battery_kwh, plate=car.plate, law=law
        )
    return verdict


# ── the fills of a car together ──────────────────────────────────────────────────────────


def _of_fills(costs: Sequence[Cost], cars: Mapping[int, Car], found: Found) -> set[int]:
    """Judge the segments and neighbours that changed costs touch; returns the fills looked at."""
    touched: dict[int, list[Cost]] = defaultdict(list)
    for cost in costs:
        if cost.kind == CostKind.FUEL:
            touched[cost.car_id].append(cost)
    if not touched:
        return set()
    on = max(cost.spent_on for group in touched.values() for cost in group)
    law = law_at(on)
    norms = fuels.norms([cars[pk] for pk in touched], on=on)
    lines = fuels.fills(list(touched))
    around: set[int] = set()
    for car_id, group in touched.items():
        car, line = cars[car_id], lines.get(car_id, [])
        norm = norms[fuels.class_of(car)]
        instants = [fuels.facts_of(cost).at for cost in group]
        begin, end = min(instants), max(instants)
        near = [each for each in line if begin <= each.at <= end + _FAR]
        around |= {each.ref for each in near}
        segments = [
            each
            for each in fuels.judged(line, norm, on=on)
            if each.since <= end and each.until >= begin
        ]
        around |= {each.last for each in segments}
        verdicts = [
            (each.last, fuel.usual_consumption(each, plate=car.plate, law=law)) for each in segments
        ]
        verdicts += [
            (
                other.ref,
                fuel.room_for_both(
                    first=one, second=other, tank_l=car.tank_l, norm=norm, plate=car.plate, law=law
                ),
            )
            for one, other in pairwise(line)
            if one.at <= end and other.at >= begin and other.at - one.at <= _FAR
        ]
        for pk, verdict in verdicts:
            found[pk] = found.get(pk, ALLOWED) + verdict
    return around


# ── receipts that a sheet tells too ──────────────────────────────────────────────────────


def _twice(counted: Sequence[Cost]) -> Iterable[tuple[int, Verdict]]:
    """Receipts whose money stands in a sheet as well."""
    mine = [c for c in counted if c.source in (CostSource.HAND, *SHEETS) and c.amount_fen]
    if not mine:
        return
    days = [cost.spent_on for cost in mine]
    kin = (
        Cost.objects.counted()
        .filter(
            source__in=(CostSource.HAND, *SHEETS),
            car__in={cost.car_id for cost in mine},
            kind__in={cost.kind for cost in mine},
            amount_fen__in={cost.amount_fen for cost in mine},
            spent_on__gte=min(days) - _FAR,
            spent_on__lte=max(days) + _FAR,
        )
        .order_by("pk")
    )
    alike: dict[tuple[int, str, int], list[Cost]] = defaultdict(list)
    for cost in kin:
        alike[cost.car_id, cost.kind, cost.amount_fen].append(cost)
    wanted = {(cost.car_id, cost.kind, cost.amount_fen) for cost in mine}
    for key in wanted:
        receipts = [cost for cost in alike[key] if cost.source == CostSource.HAND]
        told = [cost for cost in alike[key] if cost.source in SHEETS]
        for receipt in receipts:
            law = law_at(receipt.spent_on)
            for row in told:
                if reimbursing.same_days(one=receipt.spent_on, other=row.spent_on, law=law):
                    yield (
                        receipt.pk,
                        reimbursing.told_twice(
                            amount_fen=receipt.amount_fen,
                            sheet=CostSource(row.source).label,
                            on=row.spent_on,
                            law=law,
                        ),
                    )
                    break


def _beside(costs: Sequence[Cost]) -> list[Cost]:
    """What is told of the same trips by the driver or a sheet: it is judged with them."""
    trips = {cost.trip_id for cost in costs if cost.trip_id and cost.source in _BOTH}
    if not trips:
        return []
    rows = Cost.objects.counted().filter(trip__in=trips, source__in=_BOTH)
    return list(rows.exclude(pk__in=[cost.pk for cost in costs]).select_related("card"))


def _otherwise(counted: Sequence[Cost]) -> Iterable[tuple[int, Verdict]]:
    """What drivers told of a trip, where a sheet tells another sum of the same kind."""
    told: dict[tuple[int | None, str], list[Cost]] = defaultdict(list)
    for cost in counted:
        if cost.trip_id and cost.source in _BOTH and cost.amount_fen:
            told[cost.trip_id, cost.kind].append(cost)
    for rows in told.values():
        sheet = [cost for cost in rows if cost.source in SHEETS]
        for cost in rows:
            if cost.source == CostSource.TRIP and sheet:
                yield (
                    cost.pk,
                    reimbursing.told_otherwise(
                        driver_fen=cost.amount_fen,
                        sheet=CostSource(sheet[0].source).label,
                        sheet_fen=sum(row.amount_fen for row in sheet),
                        law=law_at(cost.spent_on),
                    ),
                )
