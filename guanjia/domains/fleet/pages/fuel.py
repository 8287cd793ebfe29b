"""The fuel of one car: full to full, beside its class; levels and what they tell."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.acts.archive import ON_FUEL
from guanjia.domains.fleet.models import Car, FuelCard, FuelLevel
from guanjia.domains.fleet.pages import car_parts
from guanjia.domains.fleet.pages import costs as common
from guanjia.domains.fleet.queries import archive, fuel
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import Period
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER = "fleet.cost.see", "fleet.cost.enter"
YEAR = timedelta(days=365)
LEVEL_DAYS = timedelta(days=31)
YEARS_SHOWN = 5


@needs(SEE)
def car_fuel(request: PageRequest, car_id: int) -> HttpResponse:
    """What a car burns, judged from full tank to full tank."""
    actor, scope = request.actor, request.actor.scope(SEE)
    car = archive.cars(scope).get(pk=car_id)
    today = timezone.localdate()
    period = _period(request, today)
    recent = Period(today - LEVEL_DAYS, today + timedelta(days=1))
    sums = (
        queries.of_period(scope, period)
        .filter(car=car, kind=CostKind.FUEL)
        .aggregate(fen=Sum("amount_fen"), litres=Sum("litres"))
    )
    segments = fuel.segments(car.pk, period)[::-1]
    context = {
        "car": car,
        "tank": car_parts.litres(car.tank_l),
        "period": period,
        "years": _years(request, scope, car),
        "recent": recent,
        "segments": segments,
        "judged": [each for each in segments if each.litres_per_100km is not None],
        "average": _average(segments),
        "odd": sum(each.odd for each in segments),
        "sums": sums,
        "costs_url": _costs_url(car, period),
        "cards": FuelCard.objects.within(scope).filter(car=car, until=None),
        "level_sums": fuel.levels(car.pk, recent),
        **_levels(request, scope, car, recent),
        "bought": _bought(scope, car, recent),
        "bought_url": _costs_url(car, recent),
        "noise": law_at(today)["fleet.fuel.level_noise"].value,
        "may": actor.can(ENTER) and common.cars_for(actor, ENTER).filter(pk=car.pk).exists(),
        "acts": [act for act in ON_FUEL if act.may(actor, car)],
        "sees_car": actor.can("fleet.car.see"),
    }
    return pages.render(request, "fleet/car_fuel.html", context)


def _levels(request: PageRequest, scope: Any, car: Car, recent: Period) -> dict[str, Any]:
    """The days with levels, and the readings of the day that is asked for, else of the last."""
    days = fuel.level_days(car.pk, recent)
    asked = request.GET.get("day", "")
    shown = next((each for each in days if each.day.isoformat() == asked), None)
    shown = shown or (days[0] if days else None)
    rows = FuelLevel.objects.none()
    if shown is not None:
        begin, end = Period.day(shown.day).bounds()
        rows = FuelLevel.objects.within(scope).filter(car=car, at__gte=begin, at__lt=end)
    return {"level_days": days, "level_day": shown, "levels": rows.order_by("-at")}


def _period(request: PageRequest, today: date) -> Period:
    """The year that is asked for, else the last twelve months."""
    year = request.GET.get("year", "")
    if re.fullmatch(r"(19|20)[0-9]{2}", year):
        return Period.parse(year)
    return Period(today - YEAR, today + timedelta(days=1))


def _years(request: PageRequest, scope: Any, car: Car) -> list[dict[str, Any]]:
    """The last twelve months, and every year with fuel, as links."""
    known = (
        queries.costs(scope)
        .filter(car=car, kind=CostKind.FUEL)
        .order_by("-spent_on__year")
        .values_list("spent_on__year", flat=True)
        .distinct()[:YEARS_SHOWN]
    )
    chosen = request.GET.get("year", "")
    links = [{"title": f"{year}年", "url": f"?year={year}", "current": chosen == str(year)}
             for year in known]  # fmt: skip
    near = {"title": "近一年", "url": "?", "current": not any(each["current"] for each in links)}
    return [near, *links] if links else []


def _average(segments: Sequence[Any]) -> Decimal | None:
    """Litres per 100 km over all segments that could be told."""
    told = [each for each in segments if each.km]
    km = sum(each.km for each in told)
    litres = sum((each.litres for each in told), Decimal(0))
    return (litres * 100 / km).quantize(Decimal("0.01")) if km else None


def _bought(scope: Any, car: Car, period: Period) -> Decimal:
    rows = queries.of_period(scope, period).filter(car=car, kind=CostKind.FUEL)
    return rows.aggregate(litres=Sum("litres"))["litres"] or Decimal(0)


def _costs_url(car: Car, period: Period) -> str:
    query = {
        "view": "counted",
        "words": car.plate,
        "kind": CostKind.FUEL.value,
        "spent_from": period.start.isoformat(),
        "spent_to": period.last.isoformat(),
    }
    return f"{reverse('fleet:costs_list')}?{urlencode(query)}"
