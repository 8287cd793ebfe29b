"""What is to happen on the three days of the demo: journeys with their times, cars and drivers.

Nothing is written here. A plan goes as far as its times are given; the day then performs every
step that lies before the moment of loading, so that each hour finds its own picture.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from guanjia.domains.fleet.demo.staff import Staff
from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.kernel.values.period import SHANGHAI

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BREATH = timedelta(minutes=30)  # between two journeys of a car or a driver


@dataclass(frozen=True)
class Place:
    """Where journeys go: kilometres and minutes one way, and how long one stays, in minutes."""

    name: str
    km: int
    minutes: int
    stay: int


HOSPITAL, STATION = Place("市人民医院", 4, 15, 60), Place("高铁北站", 12, 25, 30)
AIRPORT, NANCHANG = Place("罗家机场", 10, 25, 40), Place("南昌市", 205, 170, 160)
JIUJIANG, YINGTAN = Place("九江市", 140, 120, 150), Place("鹰潭市", 150, 130, 120)
WUYUAN, LEPING = Place("上饶市婺源县", 85, 90, 150), Place("乐平市", 55, 60, 110)
YAOLI, EHU = Place("瑶里镇", 50, 65, 100), Place("鹅湖镇", 30, 40, 90)
SANLONG, XIANGHU = Place("三龙镇", 20, 30, 80), Place("湘湖镇", 18, 30, 80)
HANYUAN, CHANGJIANG = Place("浮梁县韩源村", 45, 60, 150), Place("昌江区", 8, 20, 70)
ZHUSHAN, LAKE = Place("珠山区", 3, 12, 70), Place("昌南湖社区", 9, 20, 80)

ORIGIN = "市发展中心"
FETCH = (Purpose.MEETING, "接送参会人员")
RURAL = (Purpose.POVERTY, "驻村帮扶走访")
SURVEY = (Purpose.SURVEY, "项目现场督查")
PAPERS = (Purpose.CONFIDENTIAL, "公文传递")
CIVIC = (Purpose.CIVIC, "社区巡查")
MEETING = (Purpose.MEETING, "参加工作会议")
READY = (Purpose.EMERGENCY, "防汛应急值守")

# A day's ordinary journeys: when, where to, what for, how many seats.
TABLE = (
    ("06:40", AIRPORT, FETCH, 7), ("07:20", NANCHANG, MEETING, 5), ("07:50", LEPING, SURVEY, 5),
    ("08:00", HANYUAN, RURAL, 15), ("08:15", CHANGJIANG, CIVIC, 5), ("08:30", SANLONG, SURVEY, 5),
    ("08:40", YAOLI, SURVEY, 7), ("09:05", HOSPITAL, PAPERS, 5), ("09:20", STATION, FETCH, 5),
    ("10:00", XIANGHU, RURAL, 5), ("13:30", LAKE, CIVIC, 5), ("14:00", EHU, RURAL, 23),
    ("14:20", ZHUSHAN, PAPERS, 5), ("15:00", CHANGJIANG, SURVEY, 7), ("15:40", STATION, FETCH, 5),
    ("16:30", AIRPORT, FETCH, 15), ("17:40", HOSPITAL, READY, 5), ("18:20", STATION, FETCH, 5),
)  # fmt: skip
RIDERS = {5: (1, 4), 7: (4, 6), 15: (8, 12), 23: (14, 20)}


@dataclass(kw_only=True)
class Plan:
    """One journey; a time that is ``None`` ends its life there. ``km`` there and back."""

    unit: str
    rider: str
    place: Place
    purpose: Purpose
    reason: str
    passengers: int
    seats: int
    begin: datetime
    end: datetime
    asked_at: datetime
    decided_at: datetime | None = None
    sent_at: datetime | None = None
    went_at: datetime | None = None
    back_at: datetime | None = None
    rated_at: datetime | None = None
    driver: str = ""
    car_id: int = 0
    driver_id: int = 0
    km: int = 0
    gap_km: int = 0
    stars: int = 0
    turn: str = ""
    turned_at: datetime | None = None
    carrier: "Plan | None" = None
    trip_id: int = field(default=0, init=False)
    """Set when it is performed."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """A car or a driver as planning sees it."""

    pk: int
    number: str
    seats: int  # of the car; the most a driver may drive


class Pool:
    """Who holds which car and driver when; the first free one that fits gets the journey."""

    def __init__(self, cars: Sequence[Means], drivers: Sequence[Means]) -> None:
        self._cars = cars
        self._drivers = sorted(drivers, key=lambda driver: driver.seats)
        self._held: dict[tuple[str, int], list[tuple[datetime, datetime]]] = {}
        self._usual: dict[tuple[int, date], Means] = {}

    def _free(self, kind: str, means: Means, begin: datetime, end: datetime) -> bool:
        return all(
            end + BREATH <= start or until + BREATH <= begin
            for start, until in self._held.get((kind, means.pk), ())
        )

    def book(self, plan: Plan, *, until: datetime | None = None) -> None:
        """Give a plan its car and driver; the same driver stays with a car for the day."""
        begin, end = plan.begin, until or plan.end
        day = begin.astimezone(SHANGHAI).date()
        for car in self._cars:
            if car.seats != plan.seats or not self._free("car", car, begin, end):
                continue
            usual = self._usual.get((car.pk, day))
            drivers = [usual] if usual is not None and not plan.driver else self._drivers
            for driver in drivers:
                fits = plan.driver in ("", driver.number) and driver.seats >= car.seats
                if fits and self._free("driver", driver, begin, end):
                    self._hold(plan, car, driver, (begin, end), day)
                    return
        raise LookupError(f"no car of {plan.seats} seats is free at {plan.begin}")

    def _hold(
        self, plan: Plan, car: Means, driver: Means, span: tuple[datetime, datetime], day: date
    ) -> None:
        plan.car_id, plan.driver_id, plan.driver = car.pk, driver.pk, driver.number
        self._usual[car.pk, day] = driver
        self._held.setdefault(("car", car.pk), []).append(span)
        self._held.setdefault(("driver", driver.pk), []).append(span)

    def spare_car(self, plan: Plan) -> int:
        """Another car as big that is free meanwhile, for a change of mind (改派)."""
        for car in self._cars:
            if (
                car.seats == plan.seats
                and car.pk != plan.car_id
                and self._free("car", car, plan.begin, plan.end)
            ):
                self._held.setdefault(("car", car.pk), []).append((plan.begin, plan.end))
                return car.pk
        raise LookupError(f"no second car of {plan.seats} seats is free at {plan.begin}")


def five(at: datetime) -> datetime:
    """The same time, down to five minutes, as people plan."""
    return at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)


def clock(day: date, text: str) -> datetime:
    """A clock time of a day, in Asia/Shanghai."""
    return datetime.combine(day, time.fromisoformat(text), tzinfo=SHANGHAI)


@dataclass(kw_only=True)
class Planner:
    """Makes plans around one moment, with its own luck and knowledge of the units."""

    at: datetime
    rng: Random
    staff: dict[str, Staff]
    pool: Pool
    works: Callable[[date], bool]
    plans: list[Plan] = field(default_factory=list)
    _soon: int = 0

    @property
    def today(self) -> date:
        """The day of the moment."""
        return self.at.date()

    def later(self, text: str) -> datetime:
        """That time today if it is still ahead; else soon, at the latest just before midnight."""
        wanted = clock(self.today, text)
        return wanted if wanted > self.at + HOUR else self.soon()

    def soon(self) -> datetime:
        """In three quarters of an hour or a little more, still today."""
        self._soon += 1
        away = (40 + 5 * (self._soon % 8)) * MINUTE
        return min(five(self.at) + away, clock(self.today, "23:55"))

    def lately(self) -> datetime:
        """A moment shortly before now at which people were at work, most likely."""
        if 9 <= self.at.hour < 20:  # noqa: PLR2004 — office hours and a little more
            return self.at - self.rng.randint(12, 50) * MINUTE
        day = self.today if self.at.hour >= 20 else self.today - DAY  # noqa: PLR2004 — as above
        return clock(day, "16:00") + self.rng.randint(0, 170) * MINUTE

    def plan(
        self,
        unit: str,
        place: Place,
        what: tuple[Purpose, str],
        begin: datetime,
        *,
        seats: int = 5,
        end: datetime | None = None,
        asked_at: datetime | None = None,
        rider: str = "",
        passengers: int = 0,
    ) -> Plan:
        """A request that waits to be decided; asked lately unless said otherwise."""
        rng = self.rng
        staff = self.staff[unit]
        length = (2 * place.minutes + place.stay + rng.randint(0, 20)) * MINUTE
        made = Plan(
            unit=unit,
            rider=rider or rng.choice(staff.riders),
            place=place,
            purpose=what[0],
            reason=what[1],
            passengers=passengers or rng.randint(*RIDERS[seats]),
            seats=seats,
            begin=begin,
            end=end or five(begin + length),
            asked_at=asked_at or self.lately(),
            km=2 * place.km + rng.randint(1, 4 + place.km // 10),
        )
        self.plans.append(made)
        return made

    def agreed(self, plan: Plan) -> Plan:
        """Let it be approved: asked long enough before, and now waiting for a car."""
        plan.decided_at = plan.asked_at
        plan.asked_at -= self.rng.randint(20, 75) * MINUTE
        return plan

    def ordinary(self, day: date) -> None:
        """The ordinary journeys of a day, settled on the day before (or two, if that is today)."""
        rng, table = self.rng, list(TABLE)
        if day > self.today or not self.works(day):
            table = table[::2]  # fewer on a rest day; tomorrow is not full yet
        eve = day - DAY
        if clock(eve, "17:30") > self.at:
            eve -= DAY
        units = list(self.staff)
        for number, (text, place, what, seats) in enumerate(table):
            begin = clock(day, text)
            asked = clock(eve, "08:40") + rng.randint(0, 170) * MINUTE
            unit = units[(number * 3 + day.toordinal()) % len(units)]
            plan = self.plan(unit, place, what, begin, seats=seats, asked_at=asked)
            plan.decided_at = asked + rng.randint(15, 150) * MINUTE
            plan.sent_at = clock(eve, "15:00") + rng.randint(0, 140) * MINUTE
            plan.went_at = begin + rng.randint(-6, 9) * MINUTE
            plan.back_at = plan.end - rng.randint(2, 20) * MINUTE
            if rng.random() < 0.6:  # noqa: PLR2004 — most people rate
                plan.stars = rng.choice((5, 5, 5, 5, 4, 4, 3))
                plan.rated_at = plan.back_at + rng.randint(20, 200) * MINUTE
            self.pool.book(plan)

    def next_day(self, *, works: bool) -> date:
        """The first day after today on which offices work, or rest."""
        return next(day for day in _days_after(self.today) if self.works(day) is works)


def _days_after(day: date) -> Iterator[date]:
    while True:
        day += DAY
        yield day
