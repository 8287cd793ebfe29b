"""A year's factors are fixed when its figures are issued."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.models import YearFactors
from guanjia.domains.energy.rules import reckoning
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.acts.changing import made
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

ISSUE = "energy.year.issue"


def fixed_years(scope: Scope) -> Any:
    """The years whose factors are fixed; they are nobody's secret."""
    return YearFactors.objects.none() if scope.nothing else YearFactors.objects.all()


YEARS = Subject(
    model="energy.yearfactors", title="年度定稿", page="energy:overview", path="years", stem="year",
    rows=fixed_years, name="", listed=("能耗概览", "energy:overview"), home=lambda _: None,
)  # fmt: skip


@transaction.atomic
def fix_year(*, actor: Actor, year: int, at: datetime) -> YearFactors:
    """Fix the factors of a year as its last day had them; a second time changes nothing.

    Refused before the year is over. Needs ``energy.year.issue``.
    """
    actor.must(ISSUE)
    reckoning.may_fix(year=year, today=timezone.localdate(at)).enforce()
    known = reckoning.Factors.of(year, law_at(reckoning.last_day(year)))
    fixed: YearFactors
    fixed, new = YearFactors.objects.get_or_create(
        year=year,
        defaults={
            "coal": {energy: str(factor.value) for energy, factor in known.coal.items()},
            "co2": {energy: str(factor.value) for energy, factor in known.co2.items()},
            "fixed_at": at,
        },
    )
    if new:
        made(fixed, "year", "coal", "co2", actor=actor, verb="energy.year.issued", at=at)
    return fixed
