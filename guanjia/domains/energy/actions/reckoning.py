"""A year's factors are fixed when its figures are issued."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.models import YearFactors
from guanjia.domains.energy.rules import reckoning
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor

ISSUE = "energy.year.issue"


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
        audit.record(
            actor=actor, verb="energy.year.issued", on=fixed, at=at,
            after={"year": year, "coal": fixed.coal, "co2": fixed.co2},
        )  # fmt: skip
    return fixed
