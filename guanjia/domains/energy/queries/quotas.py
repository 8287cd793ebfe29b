"""Institutions against their quotas, and the cases of those over them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.totals import Body, Year
from guanjia.domains.energy.rules import quotas as rules
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.quotas import Quota
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.quotas import (
    CASE_LIFE,
    OWED,
    CaseState,
    Place,
    QuotaMeasure,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.values.actor import Scope

SEE, JUDGE, EXPLAIN, DECIDE = (
    "energy.quota.see",
    "energy.quota.judge",
    "energy.quota.explain",
    "energy.quota.decide",
)
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A figure of an institution beside the quota of its kind."""

    body: Body
    quota: Quota
    value: Decimal
    place: Place | None


@dataclass(kw_only=True)
class Tally:
    """How a kind stands to one of its quotas: how many institutions at which place."""

    kind: InstitutionKind
    quota: Quota
    places: dict[Place, int] = field(default_factory=dict)
    total: int = 0


def law_of(year: int, today: date) -> LawInForce:
    """The law by which a year is judged: that of its last day, of a running year today's."""
    return law_at(min(reckoning.last_day(year), today))


def quotas_of(law: LawInForce) -> Mapping[tuple[InstitutionKind, QuotaMeasure], Quota]:
    """Every quota in force."""
    found = {
        (kind, measure): rules.quota_of(kind, measure, law)
        for kind in InstitutionKind
        for measure in QuotaMeasure
    }
    return {key: quota for key, quota in found.items() if quota is not None}


def measured(year: Year, law: LawInForce) -> Iterator[Measured]:
    """Every figure of the institutions that told a month and whose kind has a quota."""
    quotas = quotas_of(law)
    for body in year.bodies:
        if not body.months:
            continue
        for measure in QuotaMeasure:
            quota = quotas.get((body.kind, measure))
            if quota is None:
                continue
            value = rules.value_of(
                measure, body.amounts, year.factors, people=body.people, floor_m2=body.floor_m2
            )
            if value is not None:
                # Rounded first: what a division leaves behind must not decide.
                value = value.quantize(_PLACES, ROUND_HALF_UP)
                place = rules.place(value, quota, months=body.months)
                yield Measured(body=body, quota=quota, value=value, place=place)


def of_year(scope: Scope, year: int, today: date) -> list[Measured]:
    """Every figure of a scope's institutions in a year."""
    return list(measured(totals.year_of(scope, year), law_of(year, today)))


def tallies(rows: Iterable[Measured], law: LawInForce) -> list[Tally]:
    """How the kinds stand to their quotas, in the order of kinds and measures."""
    found = {key: Tally(kind=key[0], quota=quota) for key, quota in quotas_of(law).items()}
    for each in rows:
        tally = found[each.body.kind, each.quota.measure]
        tally.total += 1
        if each.place is not None:
            tally.places[each.place] = tally.places.get(each.place, 0) + 1
    return list(found.values())


def of_institution(scope: Scope, institution_id: int, year: int, today: date) -> list[Measured]:
    """One institution's figures beside its quotas."""
    whole = totals.year_of(scope, year, institutions=[institution_id])
    return list(measured(whole, law_of(year, today)))


# ── cases ────────────────────────────────────────────────────────────────────────────────


def listed(scope: Scope) -> Any:
    """The cases of a scope with whose they are."""
    return QuotaCase.objects.within(scope).select_related("institution__area", "explained_by")


def owed(scope: Scope) -> Any:
    """The cases that wait for words, the first due first."""
    return listed(scope).filter(state__in=OWED).order_by("due_on", "pk")


def told(scope: Scope) -> Any:
    """The cases that wait for an answer, the first told first."""
    return listed(scope).filter(state=CaseState.TOLD).order_by("explained_at", "pk")


CASES = Subject(
    model="energy.quotacase", title="超定额说明", page="energy:quota_case", see=SEE, rows=listed,
    life=CASE_LIFE, key="quota_id", path="quotas", stem="quota", name="",
    beside=("institution__area",), listed=("超定额说明", "energy:quota_cases_list"),
)  # fmt: skip
