"""A figure drawn between the values of its quota."""

from decimal import Decimal
from typing import Any

from guanjia.domains.energy.pages.links import returns_link
from guanjia.domains.energy.queries.quotas import Measured
from guanjia.domains.energy.rules.quotas import Quota
from guanjia.domains.energy.terms.quotas import MEASURE_UNITS, Step

_BEYOND = Decimal("1.1")  # so much more than the greatest value is drawn


def bar(value: Decimal, quota: Quota) -> dict[str, Any]:
    """How far a bar reaches, and where the values stand on it, in percent of its length."""
    steps = [(Step.GUIDE, quota.guide), (Step.BASE, quota.base), (Step.BOUND, quota.bound)]
    told = [(step, each) for step, each in steps if each is not None]
    whole = max([value, *(each for _, each in told)]) * _BEYOND or Decimal(1)
    return {
        "reach": round(100 * value / whole, 1),
        "steps": [
            {"step": step, "value": each, "at": round(100 * each / whole, 1)}
            for step, each in told
        ],
    }  # fmt: skip


def standing(each: Measured, year: int) -> dict[str, Any]:
    """A figure of an institution, as its page shows it."""
    measure = each.quota.measure
    return {
        "measure": measure, "unit": MEASURE_UNITS[measure], "value": each.value,
        "quota": each.quota, "place": each.place, "bar": bar(each.value, each.quota),
        "url": returns_link(year, words=each.body.name),
    }  # fmt: skip
