"""公务用车派车登记: declared once, and what cannot be true of its rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, When
from django.utils import timezone

from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.queries import archive, sheets, slots
from guanjia.domains.fleet.registers import lines
from guanjia.domains.fleet.registers.cars import upper
from guanjia.domains.fleet.rules import dashboard, journeys
from guanjia.domains.fleet.terms.trips import TRIP_LIFE, Paper, Purpose, Riding, TripState
from guanjia.kernel.org import queries as org
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
from guanjia.kernel.values.actor import Actor

_FACTS = (TripState.FINISHED, TripState.CANCELLED, TripState.OUT, TripState.DISPATCHED)
_NEEDED = {
    TripState.FINISHED: ("went_at", "back_at", "car", "driver", "start_km", "end_km"),
    TripState.OUT: ("went_at", "car", "driver", "start_km"),
    TripState.DISPATCHED: ("car", "driver"),
}
_NEVER = {
    TripState.CANCELLED: ("went_at", "back_at"),
    TripState.OUT: ("back_at", "end_km"),
    TripState.DISPATCHED: ("went_at", "back_at", "start_km", "end_km"),
}
_TWO_DAYS = timedelta(days=2)


def _check_trips(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Judge rows one by one, then together: no car in two places, no odometer backwards."""
    now = timezone.now()
    known = sheets.trips_by_number([row.values["number"] for row in rows])
    errors: list[Fault] = []
    doubts: list[Fault] = []
    sound = []
    for row in rows:
        faults = list(_alone(row, known.get(row.values["number"]), now))
        errors += faults
        doubts += _odd(row)
        if not faults:
            sound.append(row)
    errors += [
        TRIPS.fault(objection.row, objection.column, objection.code, objection.message)
        for objection in lines.objections(sound)
    ]
    return Checked(errors=errors, doubts=doubts)


def _alone(row: ImportRow, old: Trip | None, now: datetime) -> Iterator[Fault]:
    """What cannot be true of one row."""
    trip = row.values
    state = trip["state"]
    if state not in _FACTS and (old is None or old.state != state):
        yield TRIPS.fault(
            row, "state", "state_unknown", f"台账不收{state.label}的单，申请请在系统中提出"
        )
        return
    if old is not None and state != old.state and (old.state, state) not in TRIP_LIFE.transitions():
        was = TripState(old.state).label
        yield TRIPS.fault(
            row, "state", "state_contradicts", f"这一单已登记为{was}，不会再变成{state.label}"
        )
        return
    shared = old is not None and old.shares_id is not None
    for name in () if shared else _NEEDED.get(state, ()):
        if trip[name] is None:
            yield TRIPS.fault(
                row, name, "required_missing", f"{state.label}的单要填{TRIPS.column(name).title}"
            )
    for name in _NEVER.get(state, ()):
        if trip[name] is not None:
            yield TRIPS.fault(row, name, "contradicts_state", f"{state.label}的单不应有这一项")
    yield from _times(row, now)
    start, end = trip["start_km"], trip["end_km"]
    if start is not None and end is not None and end < start:
        yield TRIPS.fault(row, "end_km", "odometer_backwards", f"收车 {end:,} 小于出车 {start:,}")


def _times(row: ImportRow, now: datetime) -> Iterator[Fault]:
    trip = row.values
    if trip["planned_to"] <= trip["planned_from"]:
        yield TRIPS.fault(row, "planned_to", "ends_before_it_begins", "计划返回不晚于计划出车")
    went, back = trip["went_at"], trip["back_at"]
    if went is not None and back is not None and back <= went:
        yield TRIPS.fault(row, "back_at", "ends_before_it_begins", "实际返回不晚于实际出车")
    for name in ("went_at", "back_at"):
        if trip[name] is not None and trip[name] > now:
            yield TRIPS.fault(row, name, "in_the_future", "这个时间还没有到")


def _odd(row: ImportRow) -> Iterator[Fault]:
    """What is odd about one row, and waits for an explanation."""
    trip = row.values
    went, back, start, end = (trip[n] for n in ("went_at", "back_at", "start_km", "end_km"))
    if went is not None and abs(went - trip["planned_from"]) > _TWO_DAYS:
        yield TRIPS.fault(row, "went_at", "far_from_plan", "实际与计划出车相差两天以上")
    if None in (went, back, start, end) or back <= went or end < start:
        return
    law = law_at(went)
    for verdict in (
        journeys.unusual_distance(km=end - start, law=law),
        journeys.unusual_speed(km=end - start, took=back - went, law=law),
    ):
        for finding in verdict.warnings:
            yield TRIPS.fault(row, "end_km", finding.code, finding.text())


def _write_trips(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts: list[Mapping[str, Any]] = [dict(row.values) for row in rows]
    return Written.of(entering.record_trips(actor=actor, rows=facts, at=at))


def _plate(trip: Trip) -> str:
    car = trip.carrier.car
    return car.plate if car else ""


def _driver(trip: Trip) -> str:
    driver = trip.carrier.driver
    return driver.name if driver else ""


def _with_words(rows: Any, words: str) -> Any:
    """Cars and drivers are looked up first: they are few, and the trips need no join then."""
    cars = list(Car.objects.filter(plate__icontains=words).values_list("pk", flat=True))
    drivers = list(Driver.objects.filter(name__icontains=words).values_list("pk", flat=True))
    return rows.filter(
        Q(number__icontains=words)
        | Q(rider_name__icontains=words)
        | Q(destination__icontains=words)
        | Q(car__in=cars)
        | Q(driver__in=drivers)
    )


def _riding(rows: Any, value: str) -> Any:
    return rows.filter(shares=None) if value == Riding.OWN else rows.exclude(shares=None)


def _to_place(rows: Any, value: str) -> Any:
    return rows.filter(destination=value.strip())


def _of_car(rows: Any, value: str) -> Any:
    return rows.filter(car__plate=upper(value.strip()))


def _at_hour(rows: Any, value: str) -> Any:
    slot = dashboard.slot_named(value)
    return rows.none() if slot is None else slots.under_way(rows, *slot)


def _waits(_: datetime) -> Q:
    return Q(state=TripState.APPROVED)


def _out(_: datetime) -> Q:
    return Q(state=TripState.OUT)


def _late(at: datetime) -> Q:
    return Q(state=TripState.OUT, planned_to__lt=at)


def _unpapered(_: datetime) -> Q:
    return Q(paper=Paper.OWED)


def _this_month(at: datetime) -> Q:
    local = timezone.localtime(at)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (first + timedelta(days=32)).replace(day=1)
    return Q(planned_from__gte=first, planned_from__lt=after)


def _far(_: datetime) -> Q:
    return Q(driven__gte=300)


TRIPS = Register(
    key="fleet.trips",
    title="公务用车派车登记",
    noun="单",
    key_column="number",
    columns=[
        of(Trip.number, link="fleet:trip", example="PC2020010100010"),
        of(Trip.state, widget="fleet/cells/trip_state.html"),
        of(Trip.purpose),
        of(
            Trip.unit,
            title="申请单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            fold=2,
            sort="",
        ),
        Column(
            name="unit_name",
            title="申请单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
        ),
        of(Trip.rider_name),
        of(Trip.reason, fold=2, sort=""),
        of(Trip.origin, fold=2, sort=""),
        of(Trip.destination),
        of(Trip.passengers, heading="人数", minimum=1, maximum=80, total="passengers"),
        Column(
            name="car",
            title="号牌号码",
            kind=Kind.REFERENCE,
            reference=archive.cars_by_plate,
            clean=upper,
            missing="车辆台账中没有 {value}",
            missing_code="car_unknown",
            value=_plate,
            widget="fleet/cells/trip_plate.html",
            sort="car__plate",
            total="finished",
            total_words="已收车 {value} 单",
        ),
        Column(
            name="driver",
            title="驾驶员",
            kind=Kind.REFERENCE,
            reference=archive.drivers_by_name,
            missing="驾驶员名册中没有 {value}，或有同名，改填驾驶员编号",
            missing_code="driver_unknown",
            value=_driver,
            sort="driver__name",
        ),
        of(Trip.planned_from, heading="计划出车", fold=2),
        of(Trip.planned_to, heading="计划返回", fold=2),
        of(Trip.went_at, heading="出车", widget="fleet/cells/went.html", sort="departure"),
        of(Trip.back_at, heading="收车", widget="fleet/cells/back.html"),
        of(
            Trip.start_km,
            title="出车里程表",
            heading="出车里程",
            unit="km",
            maximum=3_000_000,
            fold=1,
        ),
        of(
            Trip.end_km,
            title="收车里程表",
            heading="收车里程",
            unit="km",
            maximum=3_000_000,
            fold=1,
        ),
        Column(
            name="driven",
            title="行驶里程",
            heading="行驶",
            unit="km",
            kind=Kind.INTEGER,
            imported=False,
            total="driven",
            sort="driven",
        ),
    ],
    rows=sheets.trips,
    see="fleet.trip.see",
    take="fleet.trip.record",
    filters=[
        Filter(name="went", title="出车日期", kind="dates", path="departure"),
        Filter(name="state", title="状态", kind="choice", choices=TripState),
        Filter(name="purpose", title="用途", kind="choice", choices=Purpose),
        Filter(name="unit", title="申请单位", kind="unit", path="unit"),
        Filter(
            name="words",
            title="单号、号牌、人、地",
            kind="text",
            apply=_with_words,
        ),
        Filter(
            name="riding", title="合乘", kind="choice", choices=Riding, apply=_riding, more=True
        ),
        Filter(name="paper", title="补单", kind="choice", choices=Paper, more=True),
        Filter(name="reason", title="事由", kind="text", path="reason", more=True),
        Filter(name="place", title="目的地（全称）", kind="text", apply=_to_place, more=True),
        Filter(name="plate", title="号牌（全号）", kind="text", apply=_of_car, more=True),
        Filter(name="slot", title="在途时段，如周一8点", kind="text", apply=_at_hour, more=True),
    ],
    views=[
        View(key="month", title="本月全部", condition=_this_month, count=False),
        View(key="waiting", title="待派车", condition=_waits),
        View(key="out", title="在途", condition=_out),
        View(key="late", title="逾期未归", condition=_late),
        View(key="unpapered", title="应急待补单", condition=_unpapered),
        View(key="far", title="长途（单次 300 公里以上）", condition=_far, count=False),
        View(key="all", title="全部", count=False),
    ],
    totals={
        "passengers": Sum("passengers"),
        "driven": Sum("driven"),
        "finished": Count(
            Case(
                When(state=TripState.FINISHED, shares=None, then=F("pk")),
                output_field=IntegerField(),
            )
        ),
    },
    order=("-departure", "-pk"),
    order_name="went_at",
    order_down=True,
    check_rows=_check_trips,
    write_rows=_write_trips,
    place=330,
    url="fleet:trips_list",
    create_url="fleet:request",
    create_label="新建用车申请",
    create_verb="fleet.trip.request",
    batch_acts=[("一并派车", "fleet:dispatch_together", "fleet.trip.dispatch")],
)
