"""What a journey costs the unit that asked for it, and what may be done with a bill. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.bills import (
    BILL_LIFE,
    BillFacts,
    BillState,
    JourneyFacts,
    LineKind,
    Price,
    SizeClass,
    Step,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse
from guanjia.kernel.values import money

ORDER = Citation(title=BILL_LIFE.rule, own=True)
MONTH = Citation(title="账单按自然月出，当月过完才发出", own=True)
REASON = Citation(title="异议、调整和更正都写明原因", own=True)

TARIFFS = {
    SizeClass.SMALL: "fleet.tariff.small",
    SizeClass.MEDIUM: "fleet.tariff.medium",
    SizeClass.LARGE: "fleet.tariff.large",
}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_REASON_MIN = 2


# ── the price of a journey ───────────────────────────────────────────────────────────────


def size_of(*, seats: int, law: LawInForce) -> SizeClass:
    """The class by which a car of so many seats is priced."""
    bounds = law["fleet.bus.seats_max"].value
    if seats <= int(bounds["SMALL"]):
        return SizeClass.SMALL
    return SizeClass.MEDIUM if seats <= int(bounds["MEDIUM"]) else SizeClass.LARGE


def price(facts: JourneyFacts, law: LawInForce) -> Price:
    """The price of a journey by the tariff of the day it departed, with every step.

    Nights that lie wholly within the journey are charged as nights away and not by the hour;
    those it only reaches into are charged once each. Whole 分 throughout.
    """
    size = size_of(seats=facts.seats, law=law)
    provision = law[TARIFFS[size]]
    tariff: Any = provision.value
    away, touched = _nights(facts.went_at, facts.back_at, law)
    spent = max(facts.back_at - facts.went_at - sum(map(_length, away), timedelta()), timedelta())
    hours = -(-spent // _HOUR)
    beyond = max(facts.km - int(tariff["start_km"]), 0)
    steps = [
        Step(
            text=f"{size.label}起步价，含 {tariff['start_km']} 公里",
            amount_fen=int(tariff["start_fen"]),
        ),
        *_times(f"{beyond:,} 公里", beyond, int(tariff["km_fen"])),
        *_times(f"{hours} 小时", hours, int(tariff["hour_fen"])),
        *_times(f"休息日 {facts.rest_days} 天", facts.rest_days, int(tariff["rest_day_fen"])),
        *_times(f"夜间 {len(touched)} 次", len(touched), int(tariff["night_fen"])),
        *_times(f"在外过夜 {len(away)} 夜", len(away), int(tariff["overnight_fen"])),
    ]
    return Price(
        amount_fen=sum(step.amount_fen for step in steps),
        size=size,
        hours=hours,
        steps=tuple(steps),
        tariff=f"{provision.title}，{provision.since:%Y-%m-%d} 起执行",
    )


def _times(what: str, count: int, each_fen: int) -> list[Step]:
    """``27 公里 × 1.85 元 = 49.95 元``; nothing for none."""
    if not count:
        return []
    amount = count * each_fen
    text = f"{what} × {money.yuan(each_fen)} = {money.yuan(amount)}"
    return [Step(text=text, amount_fen=amount)]


def _length(night: tuple[datetime, datetime]) -> timedelta:
    return night[1] - night[0]


def _nights(
    went_at: datetime, back_at: datetime, law: LawInForce
) -> tuple[list[tuple[datetime, datetime]], list[tuple[datetime, datetime]]]:
    """The nights spent away wholly, and those the journey only reaches into."""
    window = law["fleet.tariff.night"].value
    begin, end = time(int(window["begin"])), time(int(window["end"]))
    whole, touched = [], []
    day: date = went_at.astimezone(times.ZONE).date() - _DAY
    while (dusk := datetime.combine(day, begin, times.ZONE)) < back_at:
        dawn = datetime.combine(day + _DAY, end, times.ZONE)
        if went_at <= dusk and dawn <= back_at:
            whole.append((dusk, dawn))
        elif went_at < dawn:
            touched.append((dusk, dawn))
        day += _DAY
    return whole, touched


def split(amount_fen: int, riders: Sequence[int]) -> list[int]:
    """A price divided among trips that shared a car (合乘), by riders; the parts sum to the whole.

    Each gets the whole 分 below its share; what is left goes, one 分 each, to those whose share was
    cut most, the earlier first.
    """
    total = sum(riders)
    if total <= 0:
        raise ValueError("nobody to divide a price among")
    parts = [amount_fen * count // total for count in riders]
    cut = [amount_fen * count % total for count in riders]
    order = sorted(range(len(riders)), key=lambda place: (-cut[place], place))
    for place in order[: amount_fen - sum(parts)]:
        parts[place] += 1
    return parts


def shared(whole: Price, *, riders: int, all_riders: int, part_fen: int) -> Price:
    """The part of a price that one of several trips in a car bears, with the step that says so."""
    text = f"合乘：全车 {all_riders} 人，本单 {riders} 人，其余由同车的单分摊"
    step = Step(text=text, amount_fen=part_fen - whole.amount_fen)
    return Price(
        amount_fen=part_fen,
        size=whole.size,
        hours=whole.hours,
        steps=(*whole.steps, step),
        tariff=whole.tariff,
    )


# ── what may be done with a bill ─────────────────────────────────────────────────────────


def may_send(bill: BillFacts) -> Verdict:
    """A bill is sent once its month is over."""
    if bill.month_is_over:
        return ALLOWED
    return refuse(
        "month_not_over", "当月还没有过完。", "下月 1 日起可以发出，这之前可再出账补入。", MONTH
    )


def state_after(bill: BillFacts) -> BillState:
    """Where a bill stands once its lines were answered or decided on."""
    if bill.disputed:
        return BillState.DISPUTED
    return BillState.SENT if bill.waiting else BillState.AGREED


def gives_reason(text: str, *, field: str, headline: str) -> Verdict:
    """A dispute, an adjustment or a correction says why."""
    if len(text.strip()) >= _REASON_MIN:
        return ALLOWED
    return refuse("reason_missing", headline, "写明原因，留痕备查。", REASON, field=field)


def answers_for_unit(*, own: bool, told_by: str) -> Verdict:
    """Who draws bills does not agree to them for others: the unit's own word is written down."""
    if own or len(told_by.strip()) >= _REASON_MIN:
        return ALLOWED
    return refuse(
        "not_the_unit",
        "没有写单位由谁答复。",
        "出账的人代为登记时，写明单位谁、怎样答复的。",
        Citation(title="账单由用车单位答复，出账的人只代为登记", own=True),
        field="told_by",
    )


def may_decide(*, amount_fen: int, adjusted_fen: int | None) -> Verdict:
    """What is decided never makes a line dearer."""
    low, high = min(0, amount_fen), max(0, amount_fen)
    if adjusted_fen is None or low <= adjusted_fen <= high:
        return ALLOWED
    return refuse(
        "adjusted_out_of_bounds",
        "调整后的金额不对。",
        f"应在 {money.yuan(low)}到 {money.yuan(high)}之间；少收的部分记入下一期。",
        Citation(title="异议处理只减不增", own=True),
        field="adjusted",
    )


def may_adjust(*, kind: LineKind, settled_fen: int, right_fen: int) -> Verdict:
    """A journey that was settled is corrected by what differs; nothing differs, nothing to do."""
    if kind is not LineKind.TRIP:
        return refuse("not_a_trip", "这一行是调整。", "在原来的用车行上更正。", ORDER)
    if right_fen < 0:
        return refuse("negative", "金额不能是负数。", "不应收费的填 0。", ORDER, field="right")
    if right_fen == settled_fen:
        return refuse(
            "nothing_differs",
            "没有差额。",
            f"已结算 {money.yuan(settled_fen)}，与应为的金额相同。",
            ORDER,
            field="right",
        )
    return ALLOWED
