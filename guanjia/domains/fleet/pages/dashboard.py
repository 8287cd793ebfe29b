"""用车分析: how the fleet is used, in demand, paid for and aging, over a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.pages import dashboard_charts as charts
from guanjia.domains.fleet.pages import opening
from guanjia.domains.fleet.queries import dashboard as queries
from guanjia.domains.fleet.queries.dashboard import CarUse
from guanjia.domains.fleet.rules import dashboard as rules
from guanjia.domains.fleet.rules import lives
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.oversight import GRAVEST, Level
from guanjia.kernel.calendar import hours as office
from guanjia.kernel.regulations.lawbook import LawInForce, NotInForce, law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period, PeriodUnreadable
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

SEE, OVERSIGHT = "fleet.dashboard.see", "fleet.oversight.see"
AHEAD, SERVICE = "fleet.due.ahead_days", lives.REPLACEMENT_YEARS
PER_PAGE = 50
YEARS_MAX = 10  # of one analysis; its charts have a bar for each month
ENDS = 6  # cars at either end of the list of use
_LEVELS = {
    Level.RED: ("stop", "alert-octagon"),
    Level.YELLOW: ("wait", "alert-triangle"),
    Level.GREEN: ("done", "circle-check"),
}


@dataclass(frozen=True)
class Asked:
    """The period of an address: as text, as value, and what could not be read."""

    text: str
    period: Period
    fault: str = ""


@needs(SEE)
def dashboard(request: PageRequest) -> HttpResponse:
    """The figures and charts of a period; every one opens its rows."""
    at = timezone.now()
    asked, actor = _asked(request, at), request.actor
    law = law_at(at)
    context: dict[str, Any] = _frame(asked, at)
    if actor.can("fleet.trip.see"):
        context |= _use(request, asked, at, law)
        context |= _demand(request, asked)
    if actor.can("fleet.cost.see"):
        context |= _cost(request, asked, context.get("km"))
    if actor.can("fleet.car.see"):
        context |= _fleet(request, at, law)
    if actor.can(OVERSIGHT):
        context |= _findings(request, asked)
    return pages.render(request, "fleet/dashboard.html", context)


@needs(SEE)
def dashboard_cars(request: PageRequest) -> HttpResponse:
    """Every car of the period with its rate of use, or those of one band."""
    at = timezone.now()
    asked, law = _asked(request, at), law_at(at)
    found = _used(request, asked, at) if request.actor.can("fleet.trip.see") else []
    bands = rules.bands(law)
    band = request.GET.get("band", "")
    places = {str(place): place for place in range(len(bands))}
    if band in places:
        found = [each for each in found if _band(each, law) == places[band]]
    elif band == "low":
        found = [each for each in found if _low(each, law)]
    elif band == "out":
        found = [each for each in found if each.trips]
    context = _frame(asked, at) | {
        "rows": [_car_row(request.actor, each, asked.period) for each in found],
        "bands": _bands(asked.text, bands, band, law),
        "count": len(found),
    }
    return pages.render(request, "fleet/dashboard_cars.html", context)


@needs(OVERSIGHT)
def dashboard_findings(request: PageRequest) -> HttpResponse:
    """The findings of a period, all or of one level: the rows behind a number of the analysis."""
    at = timezone.now()
    asked = _asked(request, at)
    given = request.GET.get("level", "")
    level = Level(given) if given in set(Level) else None
    rows = queries.findings(scope=request.scope, period=asked.period, level=level)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    levels = [("全部", ""), *((f"{each.label}色", each.value) for each in GRAVEST)]
    context = _frame(asked, at) | {
        "page": page,
        "rows": [(finding, *_LEVELS[Level(finding.level)]) for finding in page.object_list],
        "levels": [
            {
                "title": title,
                "url": f"?period={asked.text}" + (f"&level={value}" if value else ""),
                "current": value == (level.value if level else ""),
            }
            for title, value in levels
        ],
    }
    return pages.render(request, "fleet/dashboard_findings.html", context)


# ── the period ───────────────────────────────────────────────────────────────────────────


def _asked(request: PageRequest, at: datetime) -> Asked:
    """The period of the address; else this month, or the last one with journeys if it has none."""
    today = timezone.localdate(at)
    text = request.GET.get("period", "").strip()[:24]
    fault = ""
    if text:
        try:
            period = Period.parse(text)
        except PeriodUnreadable as unreadable:
            fault = str(unreadable)
        else:
            fault = _cannot_count(period)
            if not fault:
                return Asked(text, period)
    usual = Period.month_of(today)
    latest = queries.latest_month(request.scope)
    chosen = latest if latest is not None and latest.end <= usual.start else usual
    return Asked(f"{chosen.start:%Y-%m}", chosen, fault)


def _cannot_count(period: Period) -> str:
    """Why the use of a period cannot be counted; ``""`` where it can."""
    try:
        office.stretches(period.start)
    except NotInForce:
        return f"{period.start} 还没有办公时间的规定，算不出使用率。选晚一些的时段。"
    if period.end.year - period.start.year > YEARS_MAX:
        return f"时段太长，一次最多看 {YEARS_MAX} 年。"
    return ""


def _frame(asked: Asked, at: datetime) -> dict[str, Any]:
    today = timezone.localdate(at)
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"
    offered = [
        ("本月", f"{first:%Y-%m}"), ("上月", f"{before:%Y-%m}"), ("本季", quarter),
        ("今年", str(today.year)),
    ]  # fmt: skip
    if asked.text not in dict(offered).values():
        offered.append((asked.period.label(), asked.text))
    return {
        "period": asked.period,
        "text": asked.text,
        "fault": asked.fault,
        "until": min(asked.period.last, today),
        "periods": [
            {"title": title, "url": f"?period={text}", "current": text == asked.text}
            for title, text in offered
        ],
    }


# ── use ──────────────────────────────────────────────────────────────────────────────────


def _used(request: HttpRequest, asked: Asked, at: datetime) -> list[CarUse]:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # behind the door
    return queries.use_of_cars(
        scope=actor.scope(SEE), period=asked.period, today=timezone.localdate(at)
    )


def _band(each: CarUse, law: LawInForce) -> int | None:
    rate = each.days_rate
    return None if rate is None else rules.band_of(rate, law)


def _low(each: CarUse, law: LawInForce) -> bool:
    rate = each.days_rate
    return rate is not None and rules.is_low(rate, law)


def _use(request: PageRequest, asked: Asked, at: datetime, law: LawInForce) -> dict[str, Any]:
    actor, period = request.actor, asked.period
    found = _used(request, asked, at)
    rated = [each for each in found if each.days_rate is not None]
    used, there = (sum(getattr(e.use, n) for e in rated) for n in ("days_used", "days_there"))
    bands = rules.bands(law)
    counts = [sum(_band(each, law) == place for each in rated) for place in range(len(bands))]
    hours = queries.out_by_hour(scope=request.scope, period=period)
    rows = [_car_row(actor, each, period) for each in rated]
    rates = reverse("fleet:dashboard_cars")
    return {
        "sees_use": True,
        "trips": sum(each.trips for each in found),
        "km": sum(each.km for each in found),
        "trips_url": opening.trips(actor, period),
        "cars_out": sum(each.trips > 0 for each in found),
        "cars_all": len(found),
        "rate": Decimal(used * 100) / there if there else None,
        "low": sum(_low(each, law) for each in rated),
        "low_sub": f"低于 {law[rules.LOW].value}%",
        "cars_sub": f"共 {len(found)} 辆",
        "cars_rates_url": f"{rates}?period={asked.text}",
        "cars_out_url": f"{rates}?period={asked.text}&band=out",
        "low_url": f"{rates}?period={asked.text}&band=low",
        "bands_chart": charts.bands(bands, counts, asked.text),
        "most": rows[:ENDS],
        "least": rows[ENDS:][-ENDS:][::-1],
        "strip": charts.strip(hours, actor, period),
    }


def _car_row(actor: Actor, each: CarUse, period: Period) -> dict[str, Any]:
    return {
        "car": each.car,
        "each": each,
        "days": each.days_rate,
        "hours": each.hours_rate,
        "bar": float(min(each.days_rate or Decimal(0), Decimal(100))),
        "url": opening.trips(actor, period, plate=each.car.plate) if each.trips else "",
    }


def _bands(text: str, names: Sequence[str], chosen: str, law: LawInForce) -> list[dict[str, Any]]:
    low = f"使用不足（低于 {law[rules.LOW].value}%）"
    offered = [("全部", ""), ("出过车", "out"), (low, "low")]
    offered += [(name, str(place)) for place, name in enumerate(names)]
    return [
        {
            "title": title,
            "url": f"?period={text}" + (f"&band={band}" if band else ""),
            "current": band == chosen,
        }
        for title, band in offered
    ]


# ── demand, cost ─────────────────────────────────────────────────────────────────────────


def _window(period: Period) -> Period:
    """The months the monthly charts show: the period's own, at least twelve up to its end."""
    last = period.last.replace(day=1)
    start = lives.months_after(last, -11)
    return Period(min(start, period.start.replace(day=1)), Period.month_of(last).end)


def _demand(request: PageRequest, asked: Asked) -> dict[str, Any]:
    actor, scope, period = request.actor, request.scope, asked.period
    window = _window(period)
    return {
        "months_chart": charts.trips_by_month(
            queries.by_month(scope=scope, window=window), window, actor
        ),
        "purpose_chart": charts.parts(
            "purpose", "用途", queries.by_purpose(scope=scope, period=period), actor, period
        ),
        "place_chart": charts.parts(
            "place", "目的地", queries.by_place(scope=scope, period=period), actor, period
        ),
        "unit_chart": charts.parts(
            "unit", "单位", queries.by_unit(scope=scope, period=period), actor, period
        ),
    }


def _cost(request: PageRequest, asked: Asked, km: int | None) -> dict[str, Any]:
    window = _window(asked.period)
    spent = queries.spent(
        scope=request.actor.scope("fleet.cost.see"), period=asked.period, window=window
    )
    total = spent.total_fen
    return {
        "sees_cost": True,
        "total_fen": total,
        "cost_url": opening.rows(
            request.actor, "fleet.costs", state="COUNTED", **opening.days("spent", asked.period)
        ),
        "per_km": Decimal(total) / 100 / km if km and total else None,
        "kinds_top": charts.top_kinds(spent.kinds, request.actor, asked.period),
        "kinds_chart": charts.costs_by_kind(spent.kinds, request.actor, asked.period),
        "cost_months_chart": charts.costs_by_month(spent.months, window, request.actor),
    }


# ── the fleet, and what was found ────────────────────────────────────────────────────────


def _fleet(request: PageRequest, at: datetime, law: LawInForce) -> dict[str, Any]:
    actor, today = request.actor, timezone.localdate(at)
    cars = queries.present_cars(request.scope)
    ages = queries.ages(cars, on=today, law=law)
    years = int(law[SERVICE].value)
    return {
        "sees_cars": True,
        "cars_now": len(cars),
        "cars_url": opening.rows(actor, "fleet.cars", state=_present()),
        "service": law[SERVICE],
        "ages_chart": charts.ages(ages, on=today, law=law, years=years, actor=actor),
        "due": _due(actor, today, law),
    }


def _present() -> str:
    return ",".join(state.value for state in CarState if state != CarState.DISPOSED)


def _due(actor: Actor, today: date, law: LawInForce) -> list[dict[str, Any]]:
    """What comes up for cars: how many, and where they stand."""
    until = today + timedelta(days=int(law[AHEAD].value))
    found = queries.coming(scope=actor.scope(SEE), law=law, on=today, until=until)
    insured = opening.rows(actor, "fleet.cars", state=CarState.IN_USE.value, insured_to=f"{until}")
    lines = [
        ("检验到期", "inspection", ""),
        ("保险到期", "insurance", insured),
        (f"使用将满或已满 {law[SERVICE].value} 年", "renewal", ""),
        ("报废年限临近", "years", ""),
        ("引导报废里程临近", "kilometres", ""),
    ]
    return [
        {
            "title": title,
            "count": found[key],
            "url": url or opening.rows(actor, "fleet.due", view=key),
        }
        for title, key, url in lines
    ]


def _findings(request: PageRequest, asked: Asked) -> dict[str, Any]:
    scope = request.actor.scope(OVERSIGHT)
    found = queries.findings_by_level(scope=scope, period=asked.period)
    counted = {row["name"]: row for row in found}
    rows = []
    for level in GRAVEST:
        row = counted.get(level.value, {"n": 0, "waits": 0})
        tone, icon = _LEVELS[level]
        url = f"{reverse('fleet:dashboard_findings')}?period={asked.text}&level={level.value}"
        rows.append({**row, "label": f"{level.label}色", "tone": tone, "icon": icon, "url": url})
    return {"sees_findings": True, "levels": rows}
