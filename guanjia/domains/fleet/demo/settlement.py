"""Settlement and public notice in the demo: last month's journeys with their bills in every state,
this month's as drafts, and what was published of both years."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from guanjia.demo.accounts import HOUSING, RED_CROSS
from guanjia.domains.fleet.actions import bills, costs, entering, publications
from guanjia.domains.fleet.models import Bill, Car, Driver, Trip
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.costs import CostKind, CostSource
from guanjia.domains.fleet.terms.trips import Purpose, TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI, Period

KEEPER = "hejiali"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
# Units with journeys last month, in the order in which their bills fare.
_UNITS = (
    RED_CROSS,
    HOUSING,
    "3602D039",
    "3602D043",
    "3602D014",
    "3602D025",
    "3602D026",
    "3602D032",
)
_WAYS = (
    ("浮梁县城", 34, 3, "乡村振兴走访"),
    ("乐平市", 96, 5, "项目督导"),
    ("昌江区吕蒙乡", 22, 2, "防汛检查"),
    ("婺源县", 168, 7, "学习考察"),
    ("高铁北站", 15, 1, "接送参会人员"),
    ("瑶里镇", 118, 6, "文物保护调研"),
    ("南昌市", 402, 13, "省厅对接工作"),
)
_AFTER_THE_LEDGERS = date(2020, 7, 1)


def live(*, at: datetime, rng: Random) -> None:
    """Let last month be driven, billed and published; called after everything else that drives."""
    actor = Actor.system("演示数据")
    last = bills.last_month(at)
    _drive(actor, last, at, rng)
    first = _clock(last + 32 * _DAY, at).replace(day=1)
    bills.draw_bills(actor=actor, month=last, at=min(first.replace(hour=9), at))
    _settle(actor, last, at)
    bills.draw_bills(actor=actor, month=at.date().replace(day=1), at=at)
    _publish(last, at)


def _clock(day: date, at: datetime) -> datetime:
    """Nine o'clock of a day, never later than now."""
    return min(datetime.combine(day, time(9), SHANGHAI), at)


def _drive(actor: Actor, month: date, at: datetime, rng: Random) -> None:
    """Journeys with cars and drivers that stood still since the ledgers end."""
    since = datetime.combine(_AFTER_THE_LEDGERS, time(0), SHANGHAI)
    used = Trip.objects.filter(planned_from__gte=since)
    cars = list(
        Car.objects.filter(state=CarState.IN_USE, keeping=Keeping.CENTRAL, seats__lte=19)
        .exclude(pk__in=used.exclude(car=None).values("car"))
        .exclude(secret=True)
        .order_by("plate")[:5]
    )
    drivers = list(
        Driver.objects.exclude(pk__in=used.exclude(driver=None).values("driver")).order_by("number")
    )[: len(cars)]
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=_UNITS)}
    people = {
        unit.pk: Person.objects.filter(unit__path__startswith=unit.path).order_by("number").first()
        for unit in units.values()
    }
    period = Period.month_of(month)
    days = [day for day, kind in calendar.days(period.start, period.end).items() if kind.works]
    rows: list[dict[str, Any]] = []
    readings = {car.pk: car.odometer_km for car in cars}
    for place, day in enumerate(days):
        for car, driver in zip(cars, drivers, strict=False):
            if rng.random() > 0.55:  # noqa: PLR2004 — some cars stand on some days
                continue
            unit = units[_UNITS[(place + len(rows)) % len(_UNITS)]]
            where, km, hours, reason = rng.choice(_WAYS)
            went = datetime.combine(day, time(8, 5 * rng.randint(0, 11)), SHANGHAI)
            driven = km + rng.randint(0, 9)
            start = readings[car.pk]
            readings[car.pk] = start + driven
            rider = people[unit.pk]
            rows.append(
                {
                    "number": f"PC{day:%Y%m%d}{90000 + len(rows):05d}",
                    "state": TripState.FINISHED,
                    "purpose": Purpose.SURVEY,
                    "unit": unit,
                    "rider_name": rider.name if rider else "—",
                    "reason": reason,
                    "origin": str(unit),
                    "destination": where,
                    "passengers": rng.randint(1, 4),
                    "car": car,
                    "driver": driver,
                    "planned_from": went,
                    "planned_to": went + hours * _HOUR,
                    "went_at": went,
                    "back_at": went + hours * _HOUR + rng.randint(1, 40) * timedelta(minutes=1),
                    "start_km": start,
                    "end_km": start + driven,
                }
            )
    entering.record_trips(actor=actor, rows=rows, at=_clock(period.end, at))


def _settle(actor: Actor, month: date, at: datetime) -> None:
    """Let each bill fare in its own way: waiting, disputed, decided, agreed, settled, late."""
    sent_at = _clock(month + 33 * _DAY, at)
    found = {
        bill.unit.code: bill for bill in Bill.objects.filter(month=month).select_related("unit")
    }
    keeper = access.actor_named(username=KEEPER, on=at.date())
    for place, code in enumerate(_UNITS):
        bill = found.get(code)
        if bill is None:
            continue
        sent = max(at - 2 * _DAY, sent_at) if place == 0 else sent_at
        bills.send_bill(actor=keeper, bill_id=bill.pk, at=sent)
        lines = list(bill.lines.order_by("departed_at"))
        later = min(sent + 30 * _HOUR, at)
        if place in (1, 2, 3, 4):
            disputes = {}
            if place in (1, 2):
                disputes[lines[0].pk] = "当天改乘公交，没有用这辆车"
            if place == 1 and len(lines) > 1:
                disputes[lines[1].pk] = "返程绕行，里程偏多"
            bills.answer_bill(actor=actor, bill_id=bill.pk, disputes=disputes, at=later)
        if place == 2:  # noqa: PLR2004 — its dispute is decided, and it waits again
            bills.decide_dispute(
                actor=keeper, line_id=lines[0].pk, adjusted_fen=0, reply="核对派车单，确未用车",
                at=min(later + 5 * _HOUR, at),
            )  # fmt: skip
        if place == 4:  # noqa: PLR2004 — agreed to and paid
            bills.close_bill(
                actor=keeper, bill_id=bill.pk, paid_no=f"NS{month:%y%m}0031",
                at=min(later + 3 * _DAY, at),
            )  # fmt: skip


def _publish(last: date, at: datetime) -> None:
    """The first half of 2020, and last month with a correction."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    half = Period.parse("2020-H1")
    told_at = _clock(last + 34 * _DAY, at)
    for period in (half, Period.month_of(last)):
        draft = publications.draft_publication(actor=keeper, period=period, at=told_at)
        old = publications.publish(actor=keeper, publication_id=draft.pk, at=told_at)
    car = Trip.objects.filter(went_at__gte=period.bounds()[0], car__keeping=Keeping.CENTRAL)
    trip = (
        car.filter(went_at__lt=period.bounds()[1]).select_related("car__unit").earliest("went_at")
    )
    assert trip.car is not None  # noqa: S101 — it was driven
    late = {
        "car": trip.car,
        "unit": trip.car.unit,
        "kind": CostKind.PARKING,
        "spent_on": trip.went_at.astimezone(SHANGHAI).date() if trip.went_at else last,
        "amount_fen": 2_500,
        "source": CostSource.HAND,
        "place": "浮梁县城停车场",
        "note": "票据补交",
    }
    costs.record_costs(actor=keeper, rows=[late], at=min(told_at + _DAY, at))
    later = min(told_at + 2 * _DAY, at)
    new = publications.correct_publication(
        actor=keeper, publication_id=old.pk, reason="一张停车费票据补交，计入费用", at=later
    )
    publications.publish(actor=keeper, publication_id=new.pk, at=later)
