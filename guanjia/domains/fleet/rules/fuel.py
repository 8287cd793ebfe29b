"""Fuel against tank, price, card and kilometres; what was burnt, told by levels. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.costs import CardFacts, FillFacts, LevelFacts, Norm, Segment
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, warn
from guanjia.kernel.values import money

TANK = Citation(title="一次加油不多于油箱容积", own=True)
LEVEL = Citation(title="油量不多于油箱容积", own=True)
BATTERY = Citation(title="一次充电不多于电池容量加充电损耗", own=True)
REFILL = Citation(title="两次加油之间应有相应的行驶", own=True)
_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")
_WHOLE = Decimal(100)


def litres_text(litres: Decimal) -> str:
    """Litres as pages write them: ``48.5``, without closing noughts."""
    return f"{litres.normalize():,f}"


# ── one sale ─────────────────────────────────────────────────────────────────────────────


def within_tank(*, litres: Decimal, tank_l: Decimal | None, plate: str) -> Verdict:
    """No more goes in than the tank holds; of an unknown tank nothing is said but that."""
    if tank_l is None:
        return passed("tank_unknown", "没有判断油箱。", f"{plate}的油箱容积没有登记。", TANK)
    if litres <= tank_l:
        return ALLOWED
    return warn(
        "tank_exceeded",
        "加油多于油箱容积。",
        f"{plate}油箱 {litres_text(tank_l)} 升，这次加 {litres_text(litres)} 升，"
        f"多 {litres_text(litres - tank_l)} 升。",
        TANK,
        field="litres",
    )


def within_battery(
    *, kwh: Decimal, battery_kwh: Decimal | None, plate: str, law: LawInForce
) -> Verdict:
    """No more is charged than the battery takes, with what is lost on the way."""
    if battery_kwh is None:
        return passed("battery_unknown", "没有判断电池。", f"{plate}的电池容量没有登记。", BATTERY)
    loss = law["fleet.charge.loss"]
    most = battery_kwh * (_WHOLE + int(loss.value)) / _WHOLE
    if kwh <= most:
        return ALLOWED
    return warn(
        "battery_exceeded",
        "充电多于电池容量。",
        f"{plate}电池 {litres_text(battery_kwh)} 度，含损耗最多 {litres_text(most)} 度，"
        f"这次充 {litres_text(kwh)} 度。",
        loss.cite,
        field="kwh",
    )


def usual_price(*, litres: Decimal, amount_fen: int, law: LawInForce) -> Verdict:
    """A price for the litre far from the market waits for a look."""
    bounds = law["fleet.fuel.price_bounds"]
    least, most = bounds.decimal("min"), bounds.decimal("max")
    price = Decimal(amount_fen) / _WHOLE / litres
    if (least is None or price >= least) and (most is None or price <= most):
        return ALLOWED
    return warn(
        "price_odd",
        f"每升 {price.quantize(_CENT)} 元。",
        f"{money.yuan(amount_fen)} {litres_text(litres)} 升，不在 {least}–{most} 元之间，"
        "升数或金额待核对。",
        bounds.cite,
        field="amount",
    )


def own_card(
    *, number: str, plate: str, card: CardFacts | None, known: bool, law: LawInForce
) -> Verdict:
    """One card one car: the card a sale was paid with is that car's on that day.

    ``card``: the card as it stood that day, ``None`` when it served no car then; ``known``:
    whether a card of this number was ever registered.
    """
    rule = law["fleet.card.one_car"]
    if card is None:
        why = "当天没有给任何车用" if known else "不在加油卡台账"
        return warn(
            "card_unknown", "加油卡没有登记。", f"{number} {why}。", rule.cite, field="card"
        )
    if card.plate == plate:
        return ALLOWED
    return warn(
        "card_of_other",
        "油卡非本车。",
        f"{number} 是{card.plate}的卡，这次加油的车是{plate}。",
        rule.cite,
        field="card",
    )


def on_an_order(*, plate: str, when: str, none: bool, law: LawInForce) -> Verdict:
    """What a car spends on the way belongs to a trip; where there is none, somebody says why."""
    if not none:
        return ALLOWED
    return warn(
        "no_trip",
        "没有对应的派车单。",
        f"{when}，{plate}没有出车的派车单。",
        law["fleet.cost.on_an_order"].cite,
        field="trip",
    )


# ── from one full tank to the next ───────────────────────────────────────────────────────


def in_order(fills: Iterable[FillFacts]) -> list[FillFacts]:
    """Fills by time; of the same time by their odometer."""
    return sorted(
        fills,
        key=lambda fill: (fill.at, fill.odometer_km or 0, fill.ref),
    )


def segments(fills: Iterable[FillFacts]) -> list[Segment]:
    """Each full tank to the next: all litres in between and at the end, over the kilometres."""
    found: list[Segment] = []
    begin: FillFacts | None = None
    between: list[FillFacts] = []
    for fill in in_order(fills):
        between.append(fill)
        if not fill.full:
            continue
        if begin is not None:
            found.append(_segment(begin, between))
        begin, between = fill, []
    return found


def _segment(begin: FillFacts, after: Sequence[FillFacts]) -> Segment:
    end = after[-1]
    litres = sum((fill.litres for fill in after if fill.litres is not None), Decimal(0))
    plain = Segment(first=begin.ref, last=end.ref, since=begin.at, until=end.at, litres=litres)
    if why := _unreadable(begin, after):
        return replace(plain, why=why)
    km = (end.odometer_km or 0) - (begin.odometer_km or 0)
    per_100km = (litres * _WHOLE / km).quantize(_CENT)
    return replace(plain, km=km, litres_per_100km=per_100km)


def _unreadable(begin: FillFacts, after: Sequence[FillFacts]) -> str:
    """Why kilometres or litres of a segment cannot be told; ``""`` where they can."""
    if any(fill.litres is None for fill in after):
        return "其间有一次加油没有登记升数，不判断"
    end = after[-1]
    if begin.odometer_km is None or end.odometer_km is None:
        which = "起点" if begin.odometer_km is None else "终点"
        return f"{which}加满时没有登记里程表，不判断"
    last = begin.odometer_km
    for fill in after:
        if fill.odometer_km is None:
            continue
        if fill.odometer_km < last:
            return f"里程表倒走（{last:,} → {fill.odometer_km:,}），不判断"
        last = fill.odometer_km
    if end.odometer_km == begin.odometer_km:
        return "两次加满之间里程表没有走，不判断"
    return ""


def norm_of(by_car: Iterable[Sequence[Segment]], *, law: LawInForce) -> Norm | None:
    """The median of a class: first of each car, so that a busy car counts once."""
    least_km = int(law["fleet.fuel.segment_km_min"].value)
    medians = [
        median(values)
        for segments_of_car in by_car
        if (
            values := [
                each.litres_per_100km
                for each in segments_of_car
                if each.litres_per_100km is not None and (each.km or 0) >= least_km
            ]
        )
    ]
    if len(medians) < int(law["fleet.fuel.class_cars_min"].value):
        return None
    return Norm(litres_per_100km=Decimal(median(medians)).quantize(_CENT), cars=len(medians))


def judged(segment: Segment, *, norm: Norm | None, law: LawInForce) -> Segment:
    """A segment beside what its class uses: odd beyond the tolerance, or why it is not judged."""
    per_100km, km = segment.litres_per_100km, segment.km
    if per_100km is None or km is None:
        return segment
    least_km = int(law["fleet.fuel.segment_km_min"].value)
    if km < least_km:
        return replace(segment, why=f"只行驶 {km:,} 公里，不足 {least_km} 公里不判断")
    if norm is None:
        few = law["fleet.fuel.class_cars_min"].value
        return replace(segment, why=f"有油耗的同类车不足 {few} 辆，没有可比的中位数")
    tolerance = int(law["fleet.fuel.norm_tolerance"].value)
    low = norm.litres_per_100km * (_WHOLE - tolerance) / _WHOLE
    high = norm.litres_per_100km * (_WHOLE + tolerance) / _WHOLE
    segment = replace(segment, norm=norm)
    if low <= per_100km <= high:
        return segment
    share = (per_100km / norm.litres_per_100km - 1) * _WHOLE
    way = "高" if share > 0 else "低"
    why = f"比同类车中位数 {norm.litres_per_100km} 升{way} {abs(share).quantize(_TENTH)}%"
    return replace(segment, odd=True, why=why)


def usual_consumption(segment: Segment, *, plate: str, law: LawInForce) -> Verdict:
    """What a judged segment says, as a doubt on its closing fill."""
    if not segment.odd or segment.norm is None:
        return ALLOWED
    return warn(
        "norm_odd",
        f"百公里油耗 {segment.litres_per_100km} 升。",
        f"{plate}{times.moment(segment.since)}加满到{times.moment(segment.until)}加满，"
        f"加油 {litres_text(segment.litres)} 升，行驶 {segment.km:,} 公里，{segment.why}"
        f"（{segment.norm.cars} 辆）。",
        law["fleet.fuel.by_car"].cite,
        field="litres",
    )


def room_for_both(
    *,
    first: FillFacts,
    second: FillFacts,
    tank_l: Decimal | None,
    norm: Norm | None,
    plate: str,
    law: LawInForce,
) -> Verdict:
    """Two fills one after the other: what does not fit into one tank was burnt in between.

    The tank was at best empty before the first. The way in between is told by the odometer, else
    bounded by the hours at a speed no car keeps; with the class's use and its tolerance that gives
    the most it can have burnt.
    """
    if tank_l is None or norm is None or first.litres is None or second.litres is None:
        return ALLOWED
    must_burn = first.litres + second.litres - tank_l
    if must_burn <= 0:
        return ALLOWED
    km = _way_between(first, second, law)
    tolerance = int(law["fleet.fuel.norm_tolerance"].value)
    can_burn = km * norm.litres_per_100km * (_WHOLE + tolerance) / _WHOLE / _WHOLE
    if must_burn <= can_burn:
        return ALLOWED
    return warn(
        "fills_close",
        "两次加油之间烧不了这么多。",
        f"{plate}{_when(first)}加 {litres_text(first.litres)} 升，{_when(second)}又加"
        f" {litres_text(second.litres)} 升，油箱 {litres_text(tank_l)} 升，其间最多行驶"
        f" {km:,.0f} 公里，至多用 {litres_text(can_burn.quantize(_TENTH))} 升。",
        REFILL,
        field="litres",
    )


def _way_between(first: FillFacts, second: FillFacts, law: LawInForce) -> Decimal:
    """The kilometres between two fills, or the most they can be."""
    if first.odometer_km is not None and second.odometer_km is not None:
        return Decimal(max(0, second.odometer_km - first.odometer_km))
    speed = int(law["fleet.trip.speed_doubt"].value)
    between = second.at - first.at
    if not (first.timed and second.timed):
        between += timedelta(days=1)  # of a day without its hour, the most it can be
    hours = Decimal(int(between.total_seconds())) / 3600
    return Decimal(speed) * max(Decimal(0), hours)


def _when(fill: FillFacts) -> str:
    return times.moment(fill.at) if fill.timed else _day(fill.at)


def _day(at: datetime) -> str:
    local = at.astimezone(times.ZONE)
    return f"{local.month}月{local.day}日"


# ── levels ───────────────────────────────────────────────────────────────────────────────


def used(levels: Sequence[LevelFacts], law: LawInForce) -> Decimal:
    """How much was burnt, told by levels (油量): the sum of their falls."""
    return sum((-step for step in _steps(levels, law) if step < 0), Decimal(0))


def filled(levels: Sequence[LevelFacts], law: LawInForce) -> Decimal:
    """How much went in, told by levels: the sum of their rises."""
    return sum((step for step in _steps(levels, law) if step > 0), Decimal(0))


def _steps(levels: Sequence[LevelFacts], law: LawInForce) -> list[Decimal]:
    """Falls and rises between turning points; a turn smaller than the noise is none.

    A tank that runs down drop by drop still falls as a whole, so noise is measured from the last
    extreme and not from one reading to the next.
    """
    noise = Decimal(law["fleet.fuel.level_noise"].value)
    readings = [level.litres for level in sorted(levels, key=lambda level: level.at)]
    if not readings:
        return []
    turns = [readings[0]]
    low = high = extreme = readings[0]
    falling: bool | None = None
    for litres in readings[1:]:
        if falling is None:
            low, high = min(low, litres), max(high, litres)
            if high - litres >= noise or litres - low >= noise:
                falling, extreme = high - litres >= noise, litres
        elif (litres <= extreme) == falling or litres == extreme:
            extreme = litres
        elif abs(litres - extreme) >= noise:
            turns.append(extreme)
            falling, extreme = not falling, litres
    if falling is not None:
        turns.append(extreme)
    return [after - before for before, after in pairwise(turns)]
