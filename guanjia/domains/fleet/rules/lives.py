"""How far a car is in its life: years of service, guided kilometres, inspection. Pure.

Kilometres only guide (引导报废): a car that has driven them may be given up, it need not be.
"""

import calendar
from datetime import date
from typing import Any

from guanjia.domains.fleet.terms.cars import Body, CarState, Keeping
from guanjia.domains.fleet.terms.disposals import LifeFacts
from guanjia.kernel.regulations.lawbook import LawInForce, Provision
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, warn

REPLACEMENT_YEARS = "fleet.renewal.service_years"
YEARS, KILOMETRES = "fleet.scrap.years_max", "fleet.scrap.km_guided"
CYCLES, SEATS = "fleet.scrap.inspection_cycles", "fleet.bus.seats_max"
MONTHS_AHEAD, KM_AHEAD = "fleet.life.months_ahead", "fleet.life.km_ahead"
DAYS_AHEAD = "fleet.life.days_ahead"
_CARGO, _LEASED = "WORK_CARGO", "LEASED"
_MONTHS = 12


def months_after(day: date, months: int) -> date:
    """The same day so many months later (or earlier); the last of the month where there is none."""
    index = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(index, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def years_after(day: date, years: int) -> date:
    """The day on which so many years are full."""
    return months_after(day, years * _MONTHS)


def body_of(car: LifeFacts, law: LawInForce) -> Body:
    """What the car is built as; by its seats where the register does not tell."""
    if car.body is not None:
        return car.body
    types = law[SEATS].value
    if car.seats <= int(types["SMALL"]):
        return Body.SMALL
    return Body.MEDIUM if car.seats <= int(types["MEDIUM"]) else Body.LARGE


def life_ahead(*, car: LifeFacts, law: LawInForce, on: date) -> Verdict:
    """What comes up for a car: renewal, the end of its years, guided kilometres, inspection.

    Only warns. ``law`` is that of the day ``on``; what is not in force yet says nothing.
    """
    if car.state == CarState.DISPOSED:
        return ALLOWED
    return (
        _renewal(car, law, on)
        + _years(car, law, on)
        + _kilometres(car, law)
        + _inspection(car, law, on)
    )


def _renewal(car: LifeFacts, law: LawInForce, on: date) -> Verdict:
    """A car that has served its years may be renewed; a leased one is not ours to renew."""
    if REPLACEMENT_YEARS not in law or car.keeping == Keeping.LEASED:
        return ALLOWED
    rule = law[REPLACEMENT_YEARS]
    full = years_after(car.registered_on, int(rule.value))
    if full < on:  # more than its years: the day on which they are full is not more yet
        return warn(
            "renewal_due",
            f"使用超过 {rule.value} 年。",
            f"{_day(car.registered_on)}登记，可以申请更新；仍能使用的应当继续使用。",
            rule.cite,
            field="registered_on",
        )
    if full <= _horizon(law, on):
        return warn(
            "renewal_near",
            f"{_day(full)}满 {rule.value} 年。",
            "次日起可以申请更新；仍能使用的应当继续使用。",
            rule.cite,
            field="registered_on",
        )
    return ALLOWED


def _years(car: LifeFacts, law: LawInForce, on: date) -> Verdict:
    if YEARS not in law:
        return ALLOWED
    rule = law[YEARS]
    body = body_of(car, law)
    name = _name(car, body)
    limit = _entry(rule, name)
    if limit is None:
        return ALLOWED
    end = years_after(car.registered_on, limit)
    if end <= on:
        return warn(
            "scrap_years_past",
            f"已到使用年限 {limit} 年。",
            f"{_kind(car, body)}，{_day(end)}满 {limit} 年，应当报废，不得再上路。",
            rule.cite,
            field="registered_on",
        )
    if end <= _horizon(law, on):
        return warn(
            "scrap_years_near",
            f"{_day(end)}到使用年限 {limit} 年。",
            f"{_kind(car, body)}，到期应当报废，先安排处置。",
            rule.cite,
            field="registered_on",
        )
    return _cargo(car, body, rule, law, on)


def _cargo(car: LifeFacts, body: Body, rule: Provision, law: LawInForce, on: date) -> Verdict:
    """Work vehicles that also carry a load end sooner, and the register does not tell which do."""
    shorter = _entry(rule, _CARGO) if body == Body.WORK and car.keeping != Keeping.LEASED else None
    if shorter is None or years_after(car.registered_on, shorter) > _horizon(law, on):
        return ALLOWED
    end = years_after(car.registered_on, shorter)
    longer = _entry(rule, Body.WORK.value)
    return warn(
        "scrap_years_cargo",
        f"专项作业车，{_day(end)}满 {shorter} 年。",
        f"有载货功能的使用年限 {shorter} 年，无载货功能的 {longer} 年，按行驶证核对。",
        rule.cite,
        field="registered_on",
    )


def _kilometres(car: LifeFacts, law: LawInForce) -> Verdict:
    if KILOMETRES not in law:
        return ALLOWED
    rule = law[KILOMETRES]
    body = body_of(car, law)
    limit = _entry(rule, _name(car, body))
    if limit is None:
        return ALLOWED
    if car.odometer_km >= limit:
        return warn(
            "scrap_km_past",
            f"已行驶 {car.odometer_km:,} 公里，达到引导报废里程 {limit:,} 公里。",
            f"{_kind(car, body)}，可以交售报废，不是强制；车况良好的可以继续使用。",
            rule.cite,
            field="odometer_km",
        )
    if car.odometer_km >= limit - int(law[KM_AHEAD].value):
        return warn(
            "scrap_km_near",
            f"再行驶 {limit - car.odometer_km:,} 公里到引导报废里程 {limit:,} 公里。",
            f"{_kind(car, body)}，到时可以交售报废，不是强制。",
            rule.cite,
            field="odometer_km",
        )
    return ALLOWED


def _inspection(car: LifeFacts, law: LawInForce, on: date) -> Verdict:
    if car.inspected_until is None or CYCLES not in law:
        return ALLOWED
    rule = law[CYCLES]
    if car.inspected_until >= on:
        ahead = law[DAYS_AHEAD]
        if (car.inspected_until - on).days > int(ahead.value):
            return ALLOWED
        return warn(
            "inspection_near",
            f"检验{_day(car.inspected_until)}到期。",
            "到期前送检。",
            ahead.cite,
            field="inspected_until",
        )
    days = (on - car.inspected_until).days
    return warn(
        "inspection_overdue",
        f"检验过期 {days:,} 天。",
        f"有效期到{_day(car.inspected_until)}；期满后连续 {rule.value} 个检验周期"
        "没有取得合格标志的，应当报废。",
        rule.cite,
        field="inspected_until",
    )


def _horizon(law: LawInForce, on: date) -> date:
    return months_after(on, int(law[MONTHS_AHEAD].value))


def _name(car: LifeFacts, body: Body) -> str:
    return _LEASED if car.keeping == Keeping.LEASED and body != Body.TRUCK else body.value


def _kind(car: LifeFacts, body: Body) -> str:
    known = "" if car.body is not None else f"（台账没有车型，按 {car.seats} 座）"
    return f"{'租赁的' if car.keeping == Keeping.LEASED else ''}{body.label}{known}"


def _entry(rule: Provision, name: str) -> int | None:
    value: Any = rule.value.get(name)
    return None if value is None else int(value)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
