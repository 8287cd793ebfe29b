"""Oversight in the demo: a list of places, clues, a month looked over, a weekend's sealing."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db.models import Q

from guanjia.demo.accounts import RED_CROSS
from guanjia.domains.fleet.actions import entering, oversight, reviewing, sealing, sightings
from guanjia.domains.fleet.models import Car, Driver, Finding, SealedCar, Trip
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.domains.fleet.terms.oversight import FindingState, Level, Outcome
from guanjia.domains.fleet.terms.sealing import SealState
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.domains.fleet.terms.trips import BOOKED_STATES, Purpose, TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Account
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI, Period

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_KEEPER, _CLERK = "hejiali", "suxiao"
_SEALED_MAX = 36
# name, area, aliases, areas on the way
PLACES = (
    ("昌江区", "昌江区", "高铁北站", ""),
    ("珠山区", "珠山区", "市发展中心、市人民医院、昌南湖社区", ""),
    ("浮梁县", "浮梁县", "浮梁、罗家机场、鹅湖镇、三龙镇、瑶里镇、湘湖镇、韩源村", ""),
    ("乐平市", "乐平市", "乐平", "浮梁县"),
    ("婺源县", "婺源县", "婺源、江湾", "浮梁县"),
    ("南昌市", "南昌市", "南昌", "乐平市、鄱阳县、余干县、进贤县"),
    ("九江市", "九江市", "九江", "浮梁县、都昌县、湖口县"),
    ("鹰潭市", "鹰潭市", "鹰潭", "乐平市、万年县"),
    ("上饶市", "上饶市", "上饶", "乐平市、婺源县、德兴市"),
    ("浮梁路", "珠山区", "", ""),
    ("婺源东收费站", "婺源县", "", ""),
)
_EXPLANATIONS = (
    "当天会议延长，返程推迟，已补会议通知。",
    "里程表拍照核对，出车前到指定加油站加油，未填派车单。",
    "值班调度口头同意，单位已对驾驶员提醒。",
    "接送外地专家，行程临时调整，情况属实。",
)


def live(*, at: datetime, rng: Random) -> None:
    """Everything a visitor should find under 督车 and 节假日封存."""
    system = Actor.system("演示数据")
    settled = at - 20 * _DAY
    rows = [
        {"name": name, "area": area, "aliases": aliases, "on_the_way": way}
        for name, area, aliases, way in PLACES
    ]
    sightings.enter_places(actor=system, rows=rows, at=settled)
    _look_back(settled, rng)
    sealed_at = _weekend(at, rng)
    _astray(at, system, sealed_at.replace(hour=0))
    _clues(at)
    period = Period(
        (at - 13 * _DAY).astimezone(SHANGHAI).date(), at.astimezone(SHANGHAI).date() + _DAY
    )
    reviewing.review(actor=system, period=period, at=at)
    _explain_some(at, rng)


def _actor(username: str, at: datetime) -> Actor:
    return access.actor_named(username=username, on=at.astimezone(SHANGHAI).date())


def _look_back(at: datetime, rng: Random) -> None:
    """The last month of the ledgers, looked over, explained, decided; its list sent."""
    keeper, system = _actor(_KEEPER, at), Actor.system("单位联络员")
    reviewing.review(actor=keeper, period=Period.parse("2020-06-15..2020-06-30"), at=at)
    for place, finding in enumerate(Finding.objects.order_by("pk")[:60]):
        words = rng.choice(_EXPLANATIONS)
        if finding.level == Level.GREEN:
            words = "休息日用车，当时为纸质审批，派车登记未录理由。"
        oversight.explain_finding(
            actor=system, finding_id=finding.pk, explanation=words, at=at + 2 * _DAY
        )
        outcome = Outcome.TRUE if place % 4 else Outcome.UNTRUE
        oversight.decide_finding(
            actor=keeper, finding_id=finding.pk, outcome=outcome, at=at + 4 * _DAY,
            decision="已核对说明和派车登记。" if place % 4 else "说明与凭证相符，不属违规。",
        )  # fmt: skip
        oversight.close_finding(actor=keeper, finding_id=finding.pk, at=at + 5 * _DAY)
    oversight.make_monthly_list(actor=keeper, month=date(2020, 6, 1), at=at + 6 * _DAY)


# ── a weekend's sealing ──────────────────────────────────────────────────────────────────


def _weekend(at: datetime, rng: Random) -> datetime:
    """The last weekend, sealed as a trial; nearly all went well. Returns when it began."""
    today = at.astimezone(SHANGHAI).date()
    monday = today - timedelta(days=(today.weekday() or 7))
    begin = datetime.combine(monday - 3 * _DAY, time(18), SHANGHAI)
    end = datetime.combine(monday, time(8), SHANGHAI)
    keeper = _actor(_KEEPER, begin - _DAY)
    driving = (
        Trip.objects.filter(car__isnull=False)
        .filter(Q(went_at__lt=end, back_at__gt=begin) | Q(state__in=BOOKED_STATES))
        .values("car")
    )
    kept = list(
        Car.objects.filter(state=CarState.IN_USE)
        .exclude(pk__in=driving)
        .order_by("-keeping", "pk")
        .values_list("pk", flat=True)[:_SEALED_MAX]
    )
    without = list(Car.objects.exclude(pk__in=kept).values_list("pk", flat=True))
    made = sealing.plan_sealing(
        actor=keeper, title=f"{begin.year}年{begin.month}月周末封存（试行）", begin_at=begin,
        end_at=end, without=without, at=begin - _DAY,
        notice="周末公务用车封存停驶，停放在本单位指定地点，钥匙集中交存，登记里程表。",
    )  # fmt: skip
    rows = list(SealedCar.objects.filter(sealing=made).select_related("car").order_by("pk"))
    for place, row in enumerate(rows[2:]):
        sealing.seal_car(
            actor=keeper, sealed_id=row.pk, place="本单位院内", keys_to="办公室钥匙柜",
            km=row.car.odometer_km, at=begin - rng.randint(10, 200) * timedelta(minutes=1),
        )  # fmt: skip
        if place % 12 != 11:  # noqa: PLR2004 — one in a dozen forgot
            moved = 46 if place == 4 else 0  # noqa: PLR2004 — one of them drove
            sealing.release_car(
                actor=keeper, sealed_id=row.pk, km=row.car.odometer_km + moved,
                at=end + rng.randint(5, 90) * timedelta(minutes=1),
            )  # fmt: skip
    return begin


# ── what went wrong in the last days ─────────────────────────────────────────────────────


def _free(at: datetime, many: int) -> tuple[list[Car], list[Driver]]:
    """Cars and drivers with nothing to do these days."""
    since = at - 14 * _DAY  # the weekend's sealing lies up to ten days back, `_astray` two more
    busy = Trip.objects.filter(planned_to__gte=since).exclude(state=TripState.CANCELLED)
    held = SealedCar.objects.exclude(state=SealState.RELEASED).values("car")
    cars = (
        Car.objects.filter(
            state=CarState.IN_USE, keeping=Keeping.CENTRAL, secret=False, seats__lte=7
        )
        .exclude(pk__in=busy.filter(car__isnull=False).values("car"))
        .exclude(pk__in=held)
        .select_related("unit")
        .order_by("pk")
    )
    drivers = (
        Driver.objects.filter(state=DriverState.ON_DUTY)
        .exclude(pk__in=busy.filter(driver__isnull=False).values("driver"))
        .order_by("pk")
    )
    return list(cars[:many]), list(drivers[:many])


def _astray(at: datetime, system: Actor, before: datetime) -> None:
    """Before the sealing: approved to 浮梁县 from 8 to 18, at 20:30 it was seen in 婺源县."""
    cars, drivers = _free(at, 2)
    unit = Unit.objects.get(code=RED_CROSS)
    if len(cars) < 2 or len(drivers) < 2:  # noqa: PLR2004 — a demo day that leaves nobody free
        return
    wrong, odd = before - _DAY, before - 2 * _DAY
    entering.record_trips(
        actor=system, at=at - _DAY,
        rows=[
            _sheet(cars[0], drivers[0], unit, wrong, "浮梁县", back=wrong + 21.2 * _HOUR, km=212),
            _sheet(cars[1], drivers[1], unit, odd, "湘湖镇", back=odd + 17.5 * _HOUR, km=58),
        ],
    )  # fmt: skip
    _tell(cars[0], wrong + 20.5 * _HOUR, "婺源东收费站", SightingSource.TOLL, at)
    _tell(cars[1], odd + 19.7 * _HOUR, "乐平市人民路饭店门口", SightingSource.REPORT, at)


def _sheet(
    car: Car, driver: Driver, unit: Unit, day: datetime, where: str, *, back: datetime, km: int
) -> dict[str, Any]:
    return {
        "number": f"PC{day:%Y%m%d}{90_000 + car.pk % 9_000:05d}",
        "state": TripState.FINISHED, "purpose": Purpose.SURVEY, "unit": unit,
        "rider_name": "苏小", "reason": "基层救护培训", "origin": "市发展中心",
        "destination": where, "passengers": 2, "car": car, "driver": driver,
        "planned_from": day + 8 * _HOUR, "planned_to": day + 18 * _HOUR,
        "went_at": day + 8.1 * _HOUR, "back_at": back,
        "start_km": car.odometer_km, "end_km": car.odometer_km + km,
    }  # fmt: skip


def _tell(car: Car, when: datetime, place: str, source: SightingSource, at: datetime) -> None:
    sightings.tell_sighting(
        actor=Actor.system("演示数据"), car_id=car.pk, seen_at=when, place=place, source=source,
        at=at,
    )  # fmt: skip


def _clues(at: datetime) -> None:
    """Yesterday's inspection: some cars where they should be, one where nobody sent it."""
    begin = datetime.combine(at.astimezone(SHANGHAI).date() - _DAY, time(0), SHANGHAI)
    finished = (
        Trip.objects.filter(state=TripState.FINISHED, shares=None, went_at__gte=begin,
                            back_at__lt=begin + _DAY)
        .select_related("car")
        .order_by("pk")[:6]
    )  # fmt: skip
    for trip in finished:
        middle = trip.out.at + (trip.back.at - trip.out.at) / 2
        assert trip.car is not None  # noqa: S101 — a finished journey of its own has one
        _tell(trip.car, middle, trip.destination, SightingSource.CHECK, at)
    cars, _ = _free(at, 4)
    if cars:
        when = begin + 21.6 * _HOUR
        _tell(cars[-1], when, "人民广场停车场", SightingSource.CHECK, at)


def _explain_some(at: datetime, rng: Random) -> None:
    """Of the findings of these days some are explained already; the gravest wait."""
    system = Actor.system("单位联络员")
    waiting = Finding.objects.filter(state=FindingState.OPEN).exclude(unit__code=RED_CROSS)
    for finding in waiting.exclude(level=Level.RED).order_by("pk")[:4]:
        oversight.explain_finding(
            actor=system, finding_id=finding.pk, explanation=rng.choice(_EXPLANATIONS), at=at
        )
    if Account.objects.filter(username=_CLERK).exists():
        mine = Finding.objects.filter(unit__code=RED_CROSS, grounds__code="NO_ORDER").first()
        if mine is not None and mine.state == FindingState.OPEN:
            oversight.explain_finding(
                actor=_actor(_CLERK, at), finding_id=mine.pk,
                explanation="培训结束后顺路送教具到乐平，未报改行程。", at=at,
            )  # fmt: skip
