"""加油卡: one card one car, declared once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from guanjia.domains.fleet.actions import cards as actions
from guanjia.domains.fleet.models import Car, FuelCard
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.registers.cars import upper
from guanjia.domains.fleet.terms.costs import Serving
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
from guanjia.kernel.values.actor import Actor, Scope


def _serving(card: FuelCard) -> str:
    return Serving.YES if card.until is None else Serving.NO


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """A card that serves another car, a car that has one already, a stop without its reason."""
    numbers = [row.values["number"] for row in rows]
    latest = {card.number: card for card in queries.cards(Scope.all()).filter(number__in=numbers)}
    cars = {row.values["car"].pk for row in rows}
    mine = set(
        Car.objects.within(actor.scope(actions.KEEP))
        .filter(pk__in=cars)
        .values_list("pk", flat=True)
    )
    held = {
        (card.car_id, card.issuer): card.number
        for card in FuelCard.objects.filter(car__in=cars, until=None)
    }
    errors: list[Fault] = []
    for row in rows:
        fault = _fault(row, latest.get(row.values["number"]), mine, held)
        if fault is not None:
            errors.append(CARDS.fault(row, *fault))
        elif row.values["until"] is None:
            held[row.values["car"].pk, row.values["issuer"]] = row.values["number"]
    return Checked(errors=errors)


def _fault(
    row: ImportRow, card: FuelCard | None, mine: set[int], held: Mapping[tuple[int, str], str]
) -> tuple[str, str, str] | None:
    """Column, code and sentence of the first thing that cannot be true of a row."""
    given = row.values
    car, since, until = given["car"], given["since"], given["until"]
    other = held.get((car.pk, given["issuer"]), given["number"])
    known = _against(given, card) if card is not None else []
    known += [
        ("car", "car_outside", "这辆车不在您的范围内", car.pk not in mine),
        (
            "until",
            "ends_before_it_begins",
            "停用日期早于启用日期",
            until is not None and until < since,
        ),
        (
            "reason",
            "required_missing",
            "停用的卡要写停用原因",
            until is not None and not given["reason"],
        ),
        (
            "car",
            "car_has_card",
            f"{car.plate}已有 {other}，一车一卡",
            until is None and other != given["number"],
        ),
    ]
    return next((fault[:3] for fault in known if fault[3]), None)


def _against(given: Mapping[str, Any], card: FuelCard) -> list[tuple[str, str, str, bool]]:
    """What contradicts the card as it stands in the register."""
    since, until, same_car = given["since"], given["until"], card.car_id == given["car"].pk
    again = since > card.since  # the card begins anew
    return [
        (
            "car",
            "card_taken",
            f"这张卡 {card.since:%Y-%m-%d} 起给{card.car.plate}用",
            not again and not same_car,
        ),
        (
            "since",
            "since_differs",
            f"已登记的启用日期是 {card.since:%Y-%m-%d}",
            since < card.since and same_car,
        ),
        (
            "until",
            "card_stopped",
            f"这张卡 {card.until} 已停用",
            not again and card.until is not None and until != card.until,
        ),
        (
            "car",
            "card_taken",
            f"这张卡还给{card.car.plate}用，先停用再换车",
            again and (card.until is None or since < card.until),
        ),
    ]


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    return Written.of(
        actions.enter_cards(actor=actor, rows=[dict(row.values) for row in rows], at=at)
    )


def _is_serving(_: datetime) -> Q:
    return Q(until=None)


def _has_stopped(_: datetime) -> Q:
    return Q(until__isnull=False)


def _with_words(rows: Any, words: str) -> Any:
    text = upper(words)
    return rows.filter(Q(number__icontains=text) | Q(car__plate__icontains=text))


CARDS = Register(
    key="fleet.cards",
    title="加油卡",
    noun="张",
    key_column="number",
    columns=[
        of(
            FuelCard.number,
            unique=True,
            clean=upper,
            link="fleet:card",
            duplicate_code="card_duplicate",
            example="1000113600000012345",
        ),
        Column(
            name="car",
            title="号牌号码",
            kind=Kind.REFERENCE,
            reference=archive.cars_by_plate,
            clean=upper,
            missing="车辆台账中没有 {value}",
            missing_code="car_unknown",
            required=True,
            value=lambda card: card.car.plate,
            widget="fleet/cells/cost_plate.html",
            sort="car__plate",
            example="赣H12345",
        ),
        Column(
            name="serving",
            title="状态",
            kind=Kind.CHOICE,
            choices=Serving,
            value=_serving,
            widget="fleet/cells/card_state.html",
            imported=False,
        ),
        of(FuelCard.issuer, example="中石化"),
        of(FuelCard.since),
        of(FuelCard.until),
        of(FuelCard.reason, sort=""),
        Column(
            name="unit_name",
            title="使用单位",
            path="car.unit.shown",
            imported=False,
            sort="car__unit__position",
        ),
    ],
    rows=queries.cards,
    see="fleet.cost.see",
    take="fleet.card.keep",
    filters=[
        Filter(name="words", title="卡号、号牌", kind="text", apply=_with_words),
        Filter(name="unit", title="使用单位", kind="unit", path="car__unit"),
        Filter(name="since", title="启用日期", kind="dates", path="since"),
        Filter(name="issuer", title="发卡单位", kind="text", path="issuer", more=True),
    ],
    views=[
        View(key="serving", title="在用", condition=_is_serving),
        View(key="stopped", title="已停用", condition=_has_stopped),
        View(key="all", title="全部"),
    ],
    order=("number",),
    order_name="number",
    check_rows=_check,
    write_rows=_write,
    place=340,
    url="fleet:cards_list",
    create_url="fleet:card_new",
    create_label="发卡",
    create_verb="fleet.card.keep",
)
