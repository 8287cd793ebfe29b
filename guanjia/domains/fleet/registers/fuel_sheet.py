"""油卡对账单: the fuel company's monthly sheet, taken in as it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from guanjia.domains.fleet.actions import sheets as actions
from guanjia.domains.fleet.models import Car, Cost
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.registers import costs as common
from guanjia.domains.fleet.registers.cars import upper
from guanjia.domains.fleet.rules import fuel
from guanjia.domains.fleet.terms.costs import CardFacts, CostSource, Tripped
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

_FEN = Decimal(100)


def rows(scope: Scope) -> Any:
    """The sales inside the scope."""
    return queries.sheet(scope, CostSource.FUEL_SHEET)


def cars_of(rows: Sequence[ImportRow]) -> dict[int, Car]:
    """The car of each row by its number: the one that is named, else the card's on that day."""
    wanted = {
        (row.values["card_number"], queries.day_of(row.values["spent_at"]))
        for row in rows
        if row.values["car"] is None and row.values["card_number"]
    }
    cards = queries.cards_on(wanted)
    found: dict[int, Car] = {}
    for row in rows:
        day = queries.day_of(row.values["spent_at"])
        card = cards.get((row.values["card_number"], day))
        if row.values["car"] is not None:
            found[row.number] = row.values["car"]
        elif card is not None:
            found[row.number] = card.car
    return found


def outside(cars: Mapping[int, Car], actor: Actor) -> set[int]:
    """The numbers of rows whose car is not the actor's to judge."""
    pks = {car.pk for car in cars.values()}
    mine = Car.objects.within(actor.scope(actions.TAKE)).filter(pk__in=pks)
    held = set(mine.values_list("pk", flat=True))
    return {number for number, car in cars.items() if car.pk not in held}


def whose(register: Register, rows: Sequence[ImportRow], actor: Actor) -> list[Fault]:
    """Rows of no car, of somebody else's, or of a time that is to come."""
    now, cars = timezone.now(), cars_of(rows)
    others = outside(cars, actor)
    errors = []
    for row in rows:
        if row.number not in cars:
            sentence = "没有填号牌号码，这张卡当天也没有给车用，补填号牌或先登记卡"
            errors.append(register.fault(row, "car", "car_missing", sentence))
        elif row.number in others:
            errors.append(register.fault(row, "car", "car_outside", "这辆车不在您的范围内"))
        if row.values["spent_at"] > now:
            errors.append(register.fault(row, "spent_at", "in_the_future", "这个时间还没有到"))
    return errors


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    cars = cars_of(rows)
    paid = {
        row.number: (row.values["card_number"], queries.day_of(row.values["spent_at"]))
        for row in rows
    }
    cards = queries.cards_on(paid.values())
    doubts = []
    for row in rows:
        if row.number not in cars:
            continue
        sale, car = row.values, cars[row.number]
        law = law_at(sale["spent_at"])
        card = cards.get(paid[row.number])
        verdict = fuel.within_tank(litres=sale["litres"], tank_l=car.tank_l, plate=car.plate)
        verdict += fuel.usual_price(
            litres=sale["litres"], amount_fen=int(sale["amount"] * _FEN), law=law
        )
        if card is not None:
            facts = CardFacts(number=card.number, plate=card.car.plate)
            verdict += fuel.own_card(
                number=card.number, plate=car.plate, card=facts, known=True, law=law
            )
        for finding in verdict.warnings:
            column = "card_number" if finding.field == "card" else finding.field
            doubts.append(FUEL_SHEET.fault(row, column, finding.code, finding.text()))
    return Checked(errors=whose(FUEL_SHEET, rows, actor), doubts=doubts)


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    cars = cars_of(rows)
    facts = [
        {
            "source_no": row.values["number"],
            "car": cars[row.number],
            "spent_at": row.values["spent_at"],
            "amount_fen": int(row.values["amount"] * _FEN),
            "litres": row.values["litres"],
            "odometer_km": row.values["odometer_km"],
            "place": row.values["place"],
            "card_number": row.values["card_number"],
            "grade": row.values["grade"],
            "price_yuan": row.values["price"],
        }
        for row in rows
    ]
    return Written.of(actions.take_fuel_sheet(actor=actor, rows=facts, at=at))


def trip_column() -> Column:
    """The trip that was found for a row."""
    return Column(
        name="trip",
        title="派车单号",
        heading="派车单",
        value=lambda cost: cost.trip.number if cost.trip else None,
        widget="fleet/cells/cost_trip.html",
        imported=False,
    )


def state_column() -> Column:
    """Whether a row counts."""
    return of(Cost.state, imported=False, widget="ui/register/state.html")


def _detail(name: str) -> Any:
    def value(cost: Cost) -> Any:
        return getattr(cost.sale, name)

    return value


FUEL_SHEET = Register(
    key="fleet.fuel_sheet",
    title="油卡对账单",
    noun="笔",
    key_column="number",
    columns=[
        of(Cost.spent_at, title="交易时间", required=True, link="fleet:cost"),
        Column(
            name="card_number",
            title="卡号",
            required=True,
            max_length=30,
            clean=upper,
            value=_detail("card_number"),
            sort="sale__card_number",
            example="1000113600000012345",
        ),
        common.car_column(),
        of(Cost.place, title="加油站", required=True),
        Column(
            name="grade",
            title="油品",
            max_length=20,
            value=_detail("grade"),
            fold=1,
            example="92号汽油",
        ),
        of(
            Cost.litres,
            title="升数",
            heading="",
            unit="L",
            above=0,
            maximum=2_000,
            required=True,
            total="litres",
            example="48.50",
        ),
        Column(
            name="price",
            title="单价",
            unit="元/L",
            kind=Kind.DECIMAL,
            above=0,
            maximum=100,
            places=3,
            value=_detail("price_yuan"),
            fold=1,
            example="5.61",
        ),
        common.amount_column(),
        of(Cost.odometer_km, title="里程表", heading="", unit="km", maximum=3_000_000, fold=1),
        trip_column(),
        state_column(),
        of(
            Cost.source_no,
            name="number",
            path="source_no",
            required=True,
            unique=True,
            clean=upper,
            fold=1,
            duplicate_code="number_duplicate",
            sort="",
        ),
    ],
    rows=rows,
    see="fleet.cost.see",
    take="fleet.cost.judge",
    filters=[
        Filter(name="spent", title="交易日期", kind="dates", path="spent_on"),
        Filter(
            name="tripped", title="派车单", kind="choice", choices=Tripped, apply=common.tripped
        ),
        Filter(name="unit", title="承担单位", kind="unit", path="unit"),
        Filter(name="words", title="号牌、流水、油站", kind="text", apply=common.with_words),
        Filter(name="card", title="卡号", kind="text", path="sale__card_number"),
    ],
    views=[
        View(key="all", title="全部", count=False),
        View(key="doubts", title="待说明", condition=common.doubtful),
    ],
    totals={"amount": common.sum_yuan(), "litres": Sum("litres", filter=common.COUNTED)},
    order=("-spent_at", "-pk"),
    order_name="spent_at",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=360,
    url="fleet:fuel_sheet_list",
)
