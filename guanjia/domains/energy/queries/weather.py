"""Degree days of the city by month. The weather is nobody's secret: who may look sees all of it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from guanjia.domains.energy.models import DegreeDays
from guanjia.kernel.values.actor import Scope

SEE = "energy.weather.see"


def listed(scope: Scope) -> Any:
    """Every month that is known."""
    return DegreeDays.objects.none() if scope.nothing else DegreeDays.objects.all()


def of_months(months: Collection[date]) -> dict[date, tuple[float, float]]:
    """Heating and cooling degree days of some months; those not known are left out."""
    rows = DegreeDays.objects.filter(month__in=months).values_list("month", "heating", "cooling")
    return {month: (float(heating), float(cooling)) for month, heating, cooling in rows}
