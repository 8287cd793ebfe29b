"""Which car and driver may be given to a trip, and who may share one. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.cars import CarFacts, CarState, Keeping
from guanjia.domains.fleet.terms.drivers import DriverFacts, DriverState
from guanjia.domains.fleet.terms.trips import Booked, TripFacts
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import (
    ALLOWED,
    Citation,
    Option,
    Verdict,
    merge,
    passed,
    refuse,
    warn,
)

ONE_AT_A_TIME = Citation(title="同一车辆同一时段只能有一单", own=True)
ONE_DRIVER = Citation(title="同一驾驶员同一时段只能有一单", own=True)
SEATS = Citation(title="乘车人数加驾驶员不超过核定座位数", own=True)
IN_USE = Citation(title="在用车辆方可派出", own=True)
ON_DUTY = Citation(title="在岗驾驶员方可派出", own=True)


def wish_fits(*, trip: TripFacts, car: CarFacts, law: LawInForce) -> Verdict:
    """A car wished for must be one that this unit may use, and big enough."""
    verdict = _may_lend(trip, car, law)
    if trip.passengers + 1 > car.seats:
        verdict += refuse(
            "too_small",
            f"不能指定{car.plate}。",
            f"核定 {car.seats} 座，含驾驶员坐不下 {trip.passengers} 人。",
            SEATS,
            field="wished_car",
        )
    return verdict + _car_state(car, field="wished_car")


def may_dispatch(
    *,
    trip: TripFacts,
    car: CarFacts,
    driver: DriverFacts,
    car_held: Sequence[Booked],
    driver_held: Sequence[Booked],
    law: LawInForce,
) -> Verdict:
    """A trip may be given a free, sound, big enough car and a driver licensed to drive it."""
    return merge(
        (
            _free(trip, car_held, f"不能派{car.plate}。", ONE_AT_A_TIME, "car"),
            _free(trip, driver_held, f"不能派{driver.name}。", ONE_DRIVER, "driver"),
            _car_state(car),
            _may_lend(trip, car, law),
            seats_suffice(passengers=trip.passengers, car=car),
            _licence(trip, car, driver, law),
            _inspection(trip, car, law),
        )
    )


def _free(
    trip: TripFacts, held: Sequence[Booked], headline: str, cite: Citation, field: str
) -> Verdict:
    verdict = ALLOWED
    for other in held:
        overlap = min(trip.planned_to, other.until) - max(trip.planned_from, other.begin)
        who = f"已派给{other.unit_name} {other.rider}（{other.destination}），"
        if other.open_ended:
            until = f"应于 {times.moment(other.until)} 返回，至今未收车。"
        else:
            together = times.span(max(1, overlap // times.MINUTE))
            until = f"占用至 {times.moment(other.until)}，与本单重叠 {together}。"
        verdict += refuse(
            f"{field}_taken",
            headline,
            who + until,
            cite,
            field=field,
            options=(Option(label="看占用的单", act="trip", value=other.number),),
        )
    return verdict


def _car_state(car: CarFacts, field: str = "car") -> Verdict:
    if car.state is CarState.IN_USE:
        return ALLOWED
    return refuse(
        "car_not_in_use", f"不能派{car.plate}。", f"该车{car.state.label}。", IN_USE, field=field
    )


def _may_lend(trip: TripFacts, car: CarFacts, law: LawInForce) -> Verdict:
    if car.keeping is Keeping.CENTRAL or car.unit_id == trip.unit_id:
        return ALLOWED
    return refuse(
        "lent",
        f"不能用{car.plate}。",
        f"该车由{car.unit_name}自行管理，不得借给其他单位使用。",
        law["fleet.trip.lent"].cite,
        field="car",
    )


def seats_suffice(*, passengers: int, car: CarFacts) -> Verdict:
    """The riders and the driver fit into the seats of the car."""
    if passengers + 1 <= car.seats:
        return passed("seats", "坐得下。", f"乘车 {passengers} 人，核定 {car.seats} 座。", SEATS)
    return refuse(
        "too_small",
        f"不能派{car.plate}。",
        f"核定 {car.seats} 座，含驾驶员坐不下 {passengers} 人。",
        SEATS,
        field="car",
    )


def _licence(trip: TripFacts, car: CarFacts, driver: DriverFacts, law: LawInForce) -> Verdict:
    if driver.state is not DriverState.ON_DUTY:
        return refuse(
            "driver_away",
            f"不能派{driver.name}。",
            f"驾驶员{driver.state.label}。",
            ON_DUTY,
            field="driver",
        )
    return drives(car=car, driver=driver, on=trip.planned_to.astimezone(times.ZONE).date(), law=law)


def drives(*, car: CarFacts, driver: DriverFacts, on: date, law: LawInForce) -> Verdict:
    """A driver's licence must cover the seats of the car and be valid to the end of the trip."""
    limits = law["fleet.licence.seats_max"]
    valid = law["fleet.licence.valid"]
    if driver.licence.value not in limits.value:
        return refuse(
            "licence_unknown",
            f"不能派{driver.name}。",
            f"准驾 {driver.licence.label} 能否驾驶 {car.seats} 座没有登记。",
            limits.cite,
            field="driver",
        )
    most = limits.value[driver.licence.value]
    if most is not None and car.seats > most:
        return refuse(
            "licence_class",
            f"不能派{driver.name}。",
            f"准驾 {driver.licence.label} 最多 {most} 座，{car.plate} 为 {car.seats} 座。",
            limits.cite,
            field="driver",
        )
    if driver.licence_until < on:
        return refuse(
            "licence_expired",
            f"不能派{driver.name}。",
            f"驾驶证有效期至 {driver.licence_until:%Y-%m-%d}，不到行程结束。",
            valid.cite,
            field="driver",
        )
    return passed(
        "licence", "准驾相符。", f"准驾 {driver.licence.label}，可驾 {car.seats} 座。", limits.cite
    )


def _inspection(trip: TripFacts, car: CarFacts, law: LawInForce) -> Verdict:
    on = trip.planned_to.astimezone(times.ZONE).date()
    cite = law["fleet.inspection.valid"].cite
    if car.inspected_until is None:
        return warn(
            "inspection_unknown",
            "检验有效期没有登记。",
            f"{car.plate}出车前核对检验标志。",
            cite,
            field="car",
        )
    if car.inspected_until < on:
        return refuse(
            "inspection_expired",
            f"不能派{car.plate}。",
            f"检验有效期至 {car.inspected_until:%Y-%m-%d}。",
            cite,
            field="car",
        )
    return passed("inspection", "检验有效。", f"有效期至 {car.inspected_until:%Y-%m-%d}。", cite)


def may_share(*, trip: TripFacts, carrier: TripFacts, riders: int, seats: int) -> Verdict:
    """A request may share a car that goes while it needs one and has the seats (合乘).

    ``riders``: how many already ride in it.
    """
    verdict = ALLOWED
    if not _meet(trip, carrier):
        verdict += refuse(
            "other_time",
            "不能合乘。",
            f"那一单 {times.moment(carrier.planned_from)} 出车、"
            f"{times.moment(carrier.planned_to)} 返回，与本单时间不相交。",
            ONE_AT_A_TIME,
            field="shares",
        )
    if riders + trip.passengers + 1 > seats:
        verdict += refuse(
            "no_seats",
            "不能合乘。",
            f"已有 {riders} 人，核定 {seats} 座，坐不下再加的 {trip.passengers} 人。",
            SEATS,
            field="shares",
        )
    return verdict


def stays_shared(*, trip: TripFacts, others: Mapping[str, TripFacts]) -> Verdict:
    """A trip that shares a car (合乘) is not moved to a time when the others do not go.

    ``others``: who rides in the same car, by 派车单号.
    """
    verdict = ALLOWED
    for number, other in others.items():
        if not _meet(trip, other):
            verdict += refuse(
                "other_time",
                "不能改时间。",
                f"合乘的 {number} {times.moment(other.planned_from)} 出车、"
                f"{times.moment(other.planned_to)} 返回，与改后的时间不相交。先把其中一单改派。",
                ONE_AT_A_TIME,
                field="planned_from",
            )
    return verdict


def _meet(one: TripFacts, other: TripFacts) -> bool:
    return one.planned_from < other.planned_to and other.planned_from < one.planned_to
