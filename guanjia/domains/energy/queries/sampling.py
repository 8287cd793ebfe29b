"""Samples with how far their checks have come, and what an institution told of a period."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, Sum

from guanjia.domains.energy.models import (
    Consumption,
    Filing,
    Institution,
    Sample,
    SampleCheck,
    SampleProof,
)
from guanjia.domains.energy.rules import filings as filing_rules
from guanjia.domains.energy.rules import sampling as rules
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.sampling import CHECK_LIFE, CHECKABLE, CheckState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Scope

SEE, DRAW, CHECK = "energy.sample.see", "energy.sample.draw", "energy.sample.check"


def population(scope: Scope, day: date) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Who can be drawn on a day, by the code of the area, and the ids of all of them."""
    rows = Institution.objects.within(scope).listed(day).select_related("area")
    keys: dict[str, list[str]] = {}
    ids: dict[str, int] = {}
    for row in rows.order_by("area__position", "area__code", "position", "pk"):
        key = f"{row.code} {row.name}"
        keys.setdefault(row.area.code, []).append(key)
        ids[key] = row.pk
    return keys, ids


def samples(scope: Scope) -> Any:
    """The draws, with how many of a scope's institutions are where; nobody's draw is a secret,
    but whose names are in it is told only within the scope."""
    if scope.nothing:
        return Sample.objects.none()
    mine = Q()
    if not scope.everything:
        mine = Q(checks__institution__in=Institution.objects.within(scope).values("pk"))
    counts = {state.lower(): Count("checks", filter=mine & Q(checks__state=state))
              for state in CheckState}  # fmt: skip
    return Sample.objects.annotate(mine=Count("checks", filter=mine), **counts)


def listed(scope: Scope) -> Any:
    """The checks of a scope."""
    rows = SampleCheck.objects.within(scope).select_related("institution__area", "sample")
    return rows.prefetch_related(
        Prefetch("proofs", queryset=SampleProof.objects.order_by("pk"), to_attr="proven")
    )


def open_checks(scope: Scope) -> Any:
    """Those that wait to be checked, or to be corrected."""
    return listed(scope).filter(state__in=CHECKABLE).order_by("sample__drawn_at", "place")


def told(institution_id: int, months: tuple[date, ...]) -> Mapping[Energy, Decimal]:
    """What an institution told of some months, by source."""
    rows = Consumption.objects.filter(
        month_return__institution=institution_id, month_return__month__in=months,
        amount__isnull=False,
    ).order_by()  # fmt: skip
    return {
        Energy(energy): amount
        for energy, amount in rows.values_list("energy").annotate(amount=Sum("amount"))
    }


def months_of(sample: Sample) -> tuple[date, ...]:
    """The months a draw is about."""
    return filing_rules.months(*rules.period(sample.year, sample.quarter))


def filings_of(check: SampleCheck) -> list[Filing]:
    """The filings in which the months of a check were reported: where corrections go."""
    kind, first = rules.period(check.sample.year, check.sample.quarter)
    months = filing_rules.months(kind, first)
    rows = Filing.objects.filter(
        institution=check.institution_id, first__gte=months[0], first__lte=months[-1]
    )
    if check.sample.quarter:
        rows = rows.filter(first=first) | Filing.objects.filter(
            institution=check.institution_id, kind="YEAR", first=first.replace(month=1)
        )
    return list(rows.order_by("kind", "first"))


def drawn_again(sample: Sample) -> bool:
    """Whether drawing again gives the same institutions."""
    keys = rules.draw(sample.population, percent=sample.percent, seed=sample.seed)
    there = sample.checks.order_by("place").values_list("institution", flat=True)
    return [sample.ids[key] for key in keys] == list(there)


SAMPLES = Subject(
    model="energy.sample", title="能耗抽查", page="energy:sample", key="sample_id", path="samples",
    stem="sample", see=SEE, rows=samples, name="", listed=("能耗抽查", "energy:samples"),
)  # fmt: skip
CHECKS = Subject(
    model="energy.samplecheck", title="抽查核查", page="energy:sample_check",
    key="sample_check_id", path="samples/checks", stem="sample_check", see=SEE, rows=listed,
    life=CHECK_LIFE, beside=("institution__area", "sample"), name="",
    listed=("抽查核查登记", "energy:sample_checks_list"),
)  # fmt: skip


def may_remove_file(check_id: int) -> Verdict:
    """Whether a file may be taken off a check."""
    state = SampleCheck.objects.values_list("state", flat=True).get(pk=check_id)
    return rules.may_remove_file(state=CheckState(state))
