"""The rows of the dispatcher's board, worked out from cars, drivers and trips without a query."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import Keeping
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.ui.timeline import Axis, Place

FIRST_HOUR, LAST_HOUR = 6, 20
SHOWN_FREE = 2  # rows without a trip that a group shows before it is opened
SHOWN_FITS = 4  # as many when a request is chosen and they could take it
QUARTER = timedelta(minutes=15)

# How the board groups cars: key, title, most seats. Only for the eye; no rule rests on it.
KINDS = (
    ("sedan", "小轿车", 5),
    ("van", "商务车", 9),
    ("bus", "中型客车", 19),
    ("coach", "大型客车", 99),
)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A journey on its row."""

    trip: Trip
    place: Place
    tone: str
    plan: bool
    late: str
    when: str


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Where the proposed car is already taken: the overlap, and the window it would have had.

    ``side``: where the window leaves room for the words; ``in`` when the overlap has more.
    """

    overlap: Place
    window: Place
    text: str
    side: str


@dataclass(frozen=True, kw_only=True)
class Ghost:
    """A proposal of the board for a waiting request; nothing is promised yet."""

    trip: Trip
    car_id: int
    place: Place


@dataclass(kw_only=True)
class Lane:
    """A car or a driver with the journeys of the day."""

    id: int
    car: Car | None = None
    driver: Driver | None = None
    partner: str = ""
    free_at: datetime | None = None
    late: bool = False
    idle: bool = False
    usable: bool = True
    bars: list[Bar] = field(default_factory=list)
    fits: bool = False
    clash: Clash | None = None
    ghosts: list[Ghost] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows of one kind; ``hidden`` more without a trip are folded away."""

    key: str
    title: str
    count: int
    free: int
    lanes: list[Lane]
    hidden: int
    opened: bool


def kind_of(car: Car) -> str:
    """The group a car belongs to by its seats."""
    return next(key for key, _, most in KINDS if car.seats <= most or key == KINDS[-1][0])


def stretch(trip: Trip, at: datetime) -> tuple[datetime, datetime]:
    """From when to when a journey holds its car, as the board draws it."""
    if trip.state == TripState.FINISHED and trip.went_at and trip.back_at:
        return trip.went_at, trip.back_at
    begin = trip.went_at or trip.planned_from
    if trip.state == TripState.OUT:
        return begin, max(trip.planned_to, at)
    return begin, trip.planned_to


def is_late(trip: Trip, at: datetime) -> bool:
    """Whether the car should be back (逾期未归)."""
    return trip.state == TripState.OUT and trip.planned_to < at


def _how_late(over: timedelta) -> str:
    if over.days:
        return f"{over.days} 天"
    return times.span(int(over / times.MINUTE)).replace("分钟", "分")


def _bar(trip: Trip, *, axis: Axis, at: datetime) -> Bar | None:
    begin, end = stretch(trip, at)
    place = axis.place(begin, end)
    if place is None:
        return None
    tones = {TripState.FINISHED: "done", TripState.OUT: "move", TripState.DISPATCHED: "move"}
    late = is_late(trip, at)
    return Bar(
        trip=trip,
        place=place,
        tone="stop" if late else tones.get(TripState(trip.state), "idle"),
        plan=trip.state == TripState.DISPATCHED,
        late=f"逾期 {_how_late(at - trip.planned_to)}" if late else "",
        when=f"{times.clock(begin)}–{times.clock(trip.back_at or trip.planned_to)}",
    )


def free_from(trips: Iterable[Trip], at: datetime) -> datetime | None:
    """When a car or driver is free: now, or when the journeys that touch each other end.

    ``None`` when one is out and overdue: nobody knows.
    """
    booked = sorted(
        (stretch(t, at), is_late(t, at)) for t in trips if t.state != TripState.FINISHED
    )
    free = at
    for (begin, end), late in booked:
        if begin > free:
            break
        if late:
            return None
        free = max(free, end)
    return free


def earliest(
    trips: Iterable[Trip], *, begin: datetime, length: timedelta, at: datetime
) -> datetime | None:
    """The first quarter of an hour from ``begin`` on at which a car is free for so long.

    ``None`` when it is out and overdue, or not on the same day any more.
    """
    busy = sorted(stretch(t, at) for t in trips if t.state != TripState.FINISHED)
    if any(is_late(t, at) for t in trips):
        return None
    found = begin
    for low, high in busy:
        if low < found + length and high > found:
            found = high
    local = found.astimezone(times.ZONE)
    over = timedelta(
        minutes=local.minute % 15, seconds=local.second, microseconds=local.microsecond
    )
    local = local + (QUARTER - over) if over else local
    return local if local.date() == begin.astimezone(times.ZONE).date() else None


def clash_of(trip: Trip, others: Iterable[Trip], *, axis: Axis, at: datetime) -> Clash | None:
    """The first overlap of a proposal with what the car is held for."""
    for other in sorted(others, key=lambda t: t.planned_from):
        if other.pk == trip.pk or other.state == TripState.FINISHED:
            continue
        begin, end = stretch(other, at)
        if is_late(other, at):
            end = max(end, trip.planned_to)
        low, high = max(begin, trip.planned_from), min(end, trip.planned_to)
        overlap = axis.place(low, high) if low < high else None
        window = axis.place(trip.planned_from, trip.planned_to)
        if overlap and window:
            minutes = int((high - low) / times.MINUTE)
            text = (
                "未归"
                if is_late(other, at)
                else f"重叠 {times.span(minutes).replace('分钟', '分')}"
            )
            before, after = low - trip.planned_from, trip.planned_to - high
            side = "left" if before > after else "right"
            if high - low >= max(before, after):
                side = "in"
            return Clash(overlap=overlap, window=window, text=text, side=side)
    return None


def suggest(
    *,
    waiting: Sequence[Trip],
    cars: Sequence[Car],
    busy: Mapping[int, Sequence[Trip]],
    at: datetime,
) -> dict[int, Car]:
    """The best fit for each waiting request: the smallest car that is free, one request a car.

    Earliest departure first; requests that find no car are left out.
    """
    taken: dict[int, list[tuple[datetime, datetime]]] = {}
    for car in cars:
        held = [t for t in busy.get(car.pk, ()) if t.state != TripState.FINISHED]
        spans = [stretch(t, at) for t in held]
        if any(is_late(t, at) for t in held):
            spans.append((at, at + timedelta(days=1)))
        taken[car.pk] = spans
    found: dict[int, Car] = {}
    for trip in sorted(waiting, key=lambda t: (t.planned_from, t.pk)):
        for car in sorted(cars, key=lambda c: (c.seats, bool(taken[c.pk]), c.plate)):
            if _may_take(car, trip) and not any(
                low < trip.planned_to and high > trip.planned_from for low, high in taken[car.pk]
            ):
                found[trip.pk] = car
                taken[car.pk].append((trip.planned_from, trip.planned_to))
                break
    return found


def _may_take(car: Car, trip: Trip) -> bool:
    until = trip.planned_to.astimezone(times.ZONE).date()
    return (
        car.seats > trip.passengers
        and (car.keeping == Keeping.CENTRAL or car.unit_id == trip.unit_id)
        and (car.inspected_until is None or car.inspected_until >= until)
    )


def _partner(trips: Sequence[Trip], name: str, at: datetime) -> str:
    """Who drives the car (or which car the driver has): now, next, or last."""
    now = [t for t in trips if t.state == TripState.OUT]
    coming = [t for t in trips if t.state == TripState.DISPATCHED and t.planned_to > at]
    chosen = next(iter(now or coming or trips[-1:]), None)
    return str(getattr(chosen, name)) if chosen is not None else ""


def _lane(lane: Lane, trips: Sequence[Trip], *, name: str, axis: Axis, at: datetime) -> Lane:
    bars = [bar for trip in trips if (bar := _bar(trip, axis=axis, at=at)) is not None]
    free = free_from(trips, at)
    return replace(
        lane,
        bars=bars,
        partner=_partner(trips, name, at),
        free_at=free,
        late=free is None,
        idle=free == at,
    )


def _grouped(
    lanes: Mapping[str, list[Lane]],
    titles: Sequence[tuple[str, str]],
    *,
    opened: Collection[str],
    at: datetime,
) -> list[Group]:
    groups = []
    for key, title in titles:
        rows = sorted(
            lanes.get(key, ()), key=lambda x: (not x.idle, x.free_at or at, not x.bars, x.fits)
        )
        if not rows:
            continue
        shown = rows if key in opened else _shown(rows)
        groups.append(
            Group(
                key=key,
                title=title,
                count=sum(lane.usable for lane in rows),
                free=sum(lane.usable and lane.idle for lane in rows),
                lanes=shown,
                hidden=len(rows) - len(shown),
                opened=key in opened,
            )
        )
    return groups


def _shown(rows: Sequence[Lane]) -> list[Lane]:
    """The rows with something on them, and a few of the empty ones: fits first when looked for."""
    quiet = [lane for lane in rows if not lane.bars and not lane.clash and not lane.ghosts]
    fits = [lane for lane in quiet if lane.fits]
    kept = fits[:SHOWN_FITS] if fits else quiet[:SHOWN_FREE]
    folded = {id(lane) for lane in quiet} - {id(lane) for lane in kept}
    return [lane for lane in rows if id(lane) not in folded]


def car_groups(
    *,
    cars: Sequence[Car],
    trips: Sequence[Trip],
    fits: Collection[int],
    clashes: Mapping[int, Clash],
    ghosts: Mapping[int, Sequence[Ghost]],
    opened: Collection[str],
    kind: str,
    axis: Axis,
    at: datetime,
) -> list[Group]:
    """The cars that can go, and those with a journey, in their groups."""
    by_car = trips_by(trips, "car_id")
    usable = {car.pk for car in cars}
    others = {t.car.pk: t.car for t in trips if t.car is not None and t.car_id not in usable}
    lanes: dict[str, list[Lane]] = defaultdict(list)
    for car in [*cars, *others.values()]:
        if kind and kind_of(car) != kind:
            continue
        lane = Lane(
            id=car.pk, car=car, usable=car.pk in usable, fits=car.pk in fits,
            clash=clashes.get(car.pk), ghosts=list(ghosts.get(car.pk, ())),
        )  # fmt: skip
        lane = _lane(lane, by_car.get(car.pk, ()), name="driver", axis=axis, at=at)
        if lane.bars or lane.usable:
            lanes[kind_of(car)].append(lane)
    return _grouped(lanes, [(key, title) for key, title, _ in KINDS], opened=opened, at=at)


def driver_groups(
    *,
    drivers: Sequence[Driver],
    trips: Sequence[Trip],
    fits: Collection[int],
    opened: Collection[str],
    axis: Axis,
    at: datetime,
) -> list[Group]:
    """The drivers on duty, and those with a journey, by what they may drive."""
    by_driver = trips_by(trips, "driver_id")
    usable = {driver.pk for driver in drivers}
    others = {t.driver.pk: t.driver for t in trips if t.driver and t.driver_id not in usable}
    lanes: dict[str, list[Lane]] = defaultdict(list)
    for driver in [*drivers, *others.values()]:
        lane = Lane(id=driver.pk, driver=driver, usable=driver.pk in usable, fits=driver.pk in fits)
        lane = _lane(lane, by_driver.get(driver.pk, ()), name="car", axis=axis, at=at)
        if lane.bars or lane.usable:
            lanes[driver.licence].append(lane)
    titles = [(licence, f"准驾 {licence}") for licence in sorted(lanes)]
    return _grouped(lanes, titles, opened=opened, at=at)


def trips_by(trips: Iterable[Trip], column: str) -> dict[int, list[Trip]]:
    """Journeys by car or driver, in their order."""
    found: dict[int, list[Trip]] = defaultdict(list)
    for trip in trips:
        found[getattr(trip, column)].append(trip)
    return found


def spans_of(trips: Iterable[Trip], at: datetime) -> list[tuple[datetime, datetime]]:
    """What the axis must have room for."""
    return [stretch(trip, at) for trip in trips]


def day_of(at: datetime) -> date:
    """The day of an instant where the cars are."""
    return at.astimezone(times.ZONE).date()


def windows(trip: Trip | None, axis: Axis) -> Any:
    """The window of the chosen request over all rows."""
    return axis.place(trip.planned_from, trip.planned_to) if trip is not None else None
