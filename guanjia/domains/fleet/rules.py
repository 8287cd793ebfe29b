"""What may be done with cars, drivers and trips: facts and law in force give a verdict. Pure."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from guanjia.domains.fleet.terms import (
    Booked,
    CarFacts,
    CarState,
    DriverFacts,
    DriverState,
    Energy,
    Keeping,
    PlateColour,
    Reading,
    TripFacts,
    Use,
)
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

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)

ONE_AT_A_TIME = Citation(title="同一车辆同一时段只能有一单", own=True)
ONE_DRIVER = Citation(title="同一驾驶员同一时段只能有一单", own=True)
ODOMETER = Citation(title="里程表前后相接，不得倒走", own=True)
SEATS = Citation(title="乘车人数加驾驶员不超过核定座位数", own=True)
IN_USE = Citation(title="在用车辆方可派出", own=True)
ON_DUTY = Citation(title="在岗驾驶员方可派出", own=True)
ORDER = Citation(title="先出车后收车，时间前后相接", own=True)

# Vehicle identification number (GB 16735): letters count as these digits, places weigh as these.
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_LENGTH, _VIN_CHECK_PLACE, _VIN_MODULUS = 17, 8, 11

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTERS = "A-HJ-NP-Z"  # number plates use neither I nor O
# GA 36: five places after the issuing office, letters and digits, at most two letters; a last
# place may be a word (学, 警, 挂 …) on special plates.
_ORDINARY = re.compile(rf"[{_PROVINCES}][{_LETTERS}][{_LETTERS}\d]{{4}}[{_LETTERS}\d学警港澳挂]")
# New energy: six places; small cars have D or F or another letter first, large ones last.
_NEW_ENERGY = re.compile(
    rf"[{_PROVINCES}][{_LETTERS}](?:[A-HJK][{_LETTERS}\d]\d{{4}}|\d{{5}}[A-HJK])"
)


def clock(at: datetime) -> str:
    """A time as pages write it: ``14:48``, in Asia/Shanghai."""
    local = at.astimezone(ZONE)
    return f"{local.hour}:{local.minute:02d}"


def moment(at: datetime) -> str:
    """A day and time as pages write it: ``5月20日 14:48``."""
    local = at.astimezone(ZONE)
    return f"{local.month}月{local.day}日 {clock(at)}"


def span(minutes: int) -> str:
    """A stretch of time as pages write it: ``48 分钟``, ``6 小时 27 分``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} 分钟"
    return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"


def plate_fault(text: str) -> str | None:
    """What is wrong with a plate (号牌号码, GA 36), as a sentence; ``None`` when it is right."""
    serial = text[2:]
    for letter, digit in (("I", "1"), ("O", "0")):
        if letter in serial:
            return f"号牌不用字母 {letter}，是否为数字 {digit}"
    if _ORDINARY.fullmatch(text) or _NEW_ENERGY.fullmatch(text):
        return None
    return "号牌写成 赣H12345 或新能源 赣HD12345 这样的"


def is_new_energy_plate(text: str) -> bool:
    """Whether a plate has the six places of a new-energy plate."""
    return bool(_NEW_ENERGY.fullmatch(text))


def colour_fault(plate: str, colour: PlateColour) -> str | None:
    """Whether plate and colour contradict each other: six places go with green, five do not."""
    green = colour in (PlateColour.GREEN, PlateColour.YELLOW_GREEN)
    if is_new_energy_plate(plate) and not green:
        return "新能源号牌（六位）应为绿色"
    if not is_new_energy_plate(plate) and green:
        return "绿色号牌应为新能源六位号牌"
    return None


def vin_fault(text: str) -> str | None:
    """What is wrong with a VIN (车辆识别代号, GB 16735); ``None`` when its check digit fits."""
    if len(text) != _VIN_LENGTH:
        return f"识别代号应为 17 位，表中为 {len(text)} 位"
    strange = sorted({letter for letter in text if letter not in _VIN_VALUES})
    if strange:
        return f"识别代号不用 {'、'.join(strange)}"
    total = sum(_VIN_VALUES[c] * w for c, w in zip(text, _VIN_WEIGHTS, strict=True))
    rest = total % _VIN_MODULUS
    check = "X" if rest == _VIN_MODULUS - 1 else str(rest)
    if text[_VIN_CHECK_PLACE] != check:
        return f"第 9 位算得 {check}，表中为 {text[_VIN_CHECK_PLACE]}"
    return None


def may_request(
    *, trip: TripFacts, rest_days: Sequence[date], at: datetime, law: LawInForce
) -> Verdict:
    """A request must be for a time that is to come; a rest day wants its reason."""
    verdict = ALLOWED
    if trip.planned_to <= trip.planned_from:
        verdict += refuse(
            "ends_before", "返回时间早于出车时间。", "返回时间应晚于出车时间。", field="planned_to"
        )
    if trip.planned_to <= at and not trip.urgent:
        verdict += refuse(
            "in_the_past",
            "用车时间已经过去。",
            "已经用过的车由调度员补录到派车登记。",
            field="planned_from",
        )
    longest = law["fleet.trip.days_max"]
    if trip.planned_to - trip.planned_from > timedelta(days=int(longest.value)):
        verdict += refuse(
            "too_long",
            f"一单最长 {longest.value} 天。",
            "分成几单申请。",
            longest.cite,
            field="planned_to",
        )
    if rest_days:
        verdict += _rest_day(trip, rest_days, law)
    return verdict


def _rest_day(trip: TripFacts, rest_days: Sequence[date], law: LawInForce) -> Verdict:
    weekday = "一二三四五六日"[rest_days[0].weekday()]
    first = f"{rest_days[0].month}月{rest_days[0].day}日（星期{weekday}）"
    cite = law["fleet.trip.rest_day"].cite
    if not trip.rest_day_reason.strip():
        return refuse(
            "rest_day_reason",
            f"{first}是休息日。",
            "须写明休息日用车理由。",
            cite,
            field="rest_day_reason",
        )
    return warn(
        "rest_day",
        f"{first}是休息日。",
        "由单位主要负责人审批，理由随派车单公示。",
        cite,
        field="planned_from",
    )


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
            until = f"应于 {moment(other.until)} 返回，至今未收车。"
        else:
            until = f"占用至 {moment(other.until)}，与本单重叠 {span(max(1, overlap // MINUTE))}。"
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
    return drives(car=car, driver=driver, on=trip.planned_to.astimezone(ZONE).date(), law=law)


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
    on = trip.planned_to.astimezone(ZONE).date()
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
    if not (carrier.planned_from < trip.planned_to and trip.planned_from < carrier.planned_to):
        verdict += refuse(
            "other_time",
            "不能合乘。",
            f"那一单 {moment(carrier.planned_from)} 出车、{moment(carrier.planned_to)} 返回，"
            "与本单时间不相交。",
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


def may_depart(*, km: int, last: Reading | None, plate: str) -> Verdict:
    """The odometer at departure is not below the last reading."""
    if last is not None and km < last.km:
        return refuse(
            "odometer_back",
            "出车里程填错了。",
            f"{plate}上次收车（{last.number}，{moment(last.at)}）为 {last.km:,} 公里，"
            f"现填 {km:,} 公里。",
            ODOMETER,
            field="start_km",
        )
    return ALLOWED


def not_below_ledger(*, km: int, ledger_km: int, last: Reading | None, plate: str) -> Verdict:
    """A first trip below the ledger's reading waits for a look: one of the two is wrong."""
    if last is not None or km >= ledger_km:
        return ALLOWED
    return warn(
        "below_ledger",
        f"出车里程比台账少 {ledger_km - km:,} 公里。",
        f"{plate}台账登记 {ledger_km:,} 公里，本次出车 {km:,} 公里，核对后写明情况。",
        ODOMETER,
        field="start_km",
    )


def may_finish(
    *, went_at: datetime, back_at: datetime, start_km: int, end_km: int, law: LawInForce
) -> Verdict:
    """A car comes back after it went, with no fewer kilometres; very many are asked about."""
    verdict = ALLOWED
    if back_at <= went_at:
        verdict += refuse(
            "back_before",
            "收车时间早于出车。",
            f"出车为 {moment(went_at)}。",
            ORDER,
            field="back_at",
        )
    if end_km < start_km:
        verdict += refuse(
            "odometer_back",
            "收车里程填错了。",
            f"出车时 {start_km:,} 公里，收车不能少于它，现填 {end_km:,} 公里。",
            ODOMETER,
            field="end_km",
        )
    return verdict + unusual_distance(km=end_km - start_km, law=law)


def unusual_distance(*, km: int, law: LawInForce) -> Verdict:
    """A single trip far beyond the usual waits for a look (里程待核)."""
    limit = law["fleet.trip.km_doubt"]
    if km <= int(limit.value):
        return ALLOWED
    return warn(
        "km_doubt",
        f"单次行驶 {km:,} 公里。",
        f"高于 {limit.value} 公里，待核对。",
        limit.cite,
        field="end_km",
    )


def fits_between(
    *, start: Reading, end: Reading, before: Reading | None, after: Reading | None, plate: str
) -> Verdict:
    """A sheet entered later fits between its neighbours in time, or both are named.

    ``before``: the last reading before it went; ``after``: the first one after it came back.
    """
    too_low = before is not None and start.km < before.km
    too_high = after is not None and end.km > after.km
    if not (too_low or too_high):
        return ALLOWED
    low, high = "之前没有派车单", "之后没有派车单"
    if before is not None:
        low = f"前一单 {before.number}（{moment(before.at)}收车）{before.km:,} 公里"
    if after is not None:
        high = f"后一单 {after.number}（{moment(after.at)}出车）{after.km:,} 公里"
    return refuse(
        "odometer_between",
        f"{plate}的里程接不上。",
        f"{low}，{high}，本单 {start.km:,}–{end.km:,} 公里。",
        ODOMETER,
        field="start_km" if too_low else "end_km",
    )


def gap_before(*, start: Reading, before: Reading | None, plate: str, law: LawInForce) -> Verdict:
    """Kilometres that no sheet accounts for wait for a look."""
    limit = law["fleet.odometer.gap_doubt"]
    if before is None or start.km - before.km <= int(limit.value):
        return ALLOWED
    return warn(
        "odometer_gap",
        f"出车里程比上次收车多 {start.km - before.km:,} 公里。",
        f"{plate}上次收车 {before.km:,} 公里（{before.number}，{moment(before.at)}），"
        f"本次出车 {start.km:,} 公里。",
        limit.cite,
        field="start_km",
    )


def registered(*, missing: Sequence[str], law: LawInForce) -> Verdict:
    """A finished trip is registered with who, why, when, where and how far."""
    rule = law["fleet.trip.registration"]
    if missing:
        return warn("not_registered", "登记不全。", f"缺{'、'.join(missing)}。", rule.cite)
    return passed("registered", "登记齐全。", "用车人、事由、时间、起讫、里程均已登记。", rule.cite)


def unusual_speed(*, km: int, took: timedelta, law: LawInForce) -> Verdict:
    """An average speed no car drives over a whole trip waits for a look."""
    limit = law["fleet.trip.speed_doubt"]
    hours = took.total_seconds() / 3600
    if hours <= 0 or km / hours <= int(limit.value):
        return ALLOWED
    return warn(
        "speed_doubt",
        f"平均每小时 {km / hours:,.0f} 公里。",
        f"高于 {limit.value} 公里，里程或时间待核对。",
        limit.cite,
        field="end_km",
    )


def within_ceiling(
    *,
    use: Use,
    seats: int,
    price_fen: int | None,
    displacement_l: Decimal | None,
    energy: str,
    law: LawInForce,
) -> Verdict:
    """A car dearer or bigger than the standard of its kind (配备标准) is a finding.

    Only warns: ledgers are facts. Special technical cars have no figure here. Money in 分.
    """
    if "fleet.price_ceiling" not in law:
        return ALLOWED
    types = law["fleet.bus.seats_max"].value
    if seats > int(types["SMALL"]):
        size = "SMALL_OR_MEDIUM" if seats <= int(types["MEDIUM"]) else "LARGE"
        price, volume, name = law["fleet.price_ceiling.special_case"], None, size
    elif energy == Energy.ELECTRIC:
        price, volume, name = law["fleet.price_ceiling.new_energy_sedan"], None, None
    else:
        key = "fleet.price_ceiling"
        price, volume, name = law[key], law["fleet.displacement_ceiling"], use.value
    verdict = ALLOWED
    most = _entry(price.value, name)
    if price_fen is not None and most is not None and price_fen > int(most) * 100:
        verdict += warn(
            "over_price",
            f"购置价格 {price_fen / 1_000_000:.2f} 万元。",
            f"高于{use.label}上限 {int(most) / 10_000:g} 万元。",
            price.cite,
            field="price_wan",
        )
    if volume is not None and displacement_l is not None:
        limit = _entry(volume.value, name)
        if limit is not None and displacement_l > Decimal(limit):
            verdict += warn(
                "over_displacement",
                f"排气量 {displacement_l:g} 升。",
                f"高于{use.label}上限 {limit} 升。",
                volume.cite,
                field="displacement_l",
            )
    return verdict


def _entry(value: Any, name: str | None) -> Any:
    return value if name is None else value.get(name)


def running_order(readings: Sequence[tuple[int, int]], *, firm: Collection[int] = ()) -> list[int]:
    """The places of readings that cannot stand, in a car's readings sorted by departure.

    ``readings``: (start, end) of each trip. Keeps the longest run in which no start lies below an
    earlier end, so that one wrong reading blames one trip and not its neighbours. ``firm``: the
    places of trips that stand already; one of them counts more than all new ones together.
    """
    weights: list[int] = []  # of the heaviest run that ends at a place
    previous: list[int | None] = []
    for place, (start, _) in enumerate(readings):
        best, link = 0, None
        for earlier, weight in enumerate(weights):
            if readings[earlier][1] <= start and weight > best:
                best, link = weight, earlier
        weights.append(best + (len(readings) + 1 if place in firm else 1))
        previous.append(link)
    kept: set[int] = set()
    at = max(range(len(weights)), key=weights.__getitem__, default=None)
    while at is not None:
        kept.add(at)
        at = previous[at]
    return [place for place in range(len(readings)) if place not in kept]
