"""What the rows say of institutions in a year, as schemes of assessment read it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from guanjia.domains.energy.models import (
    Consumption,
    Doubt,
    EnergyAudit,
    Filing,
    Institution,
    WasteRemoval,
    WorkRecord,
)
from guanjia.domains.energy.queries import institutions, targets, totals
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules import targets as target_rules
from guanjia.domains.energy.rules.institutions import Size
from guanjia.domains.energy.rules.reckoning import Factors, Intensity
from guanjia.domains.energy.terms.assessment import Fact, WorkKind
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import DoubtState
from guanjia.domains.energy.terms.targets import Aim
from guanjia.domains.energy.terms.waste import WasteKind
from guanjia.domains.energy.terms.works import AuditState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import SHANGHAI

_MONTHS = 12
_FELL = {
    Fact.PER_PERSON_FELL: Aim.PER_PERSON,
    Fact.PER_M2_FELL: Aim.PER_M2,
    Fact.WATER_FELL: Aim.WATER_PER_PERSON,
}

Facts = dict[Fact, Decimal | None]
_Amounts = dict[int, dict[Energy, Decimal]]  # by the number of the month


@dataclass(kw_only=True)
class _Two:
    """An institution's amounts by month in a year and the year before."""

    now: _Amounts = field(default_factory=lambda: defaultdict(dict))
    before: _Amounts = field(default_factory=lambda: defaultdict(dict))


def of_year(institution_ids: Collection[int], *, year: int, today: date) -> Mapping[int, Facts]:
    """The facts of every institution; ``None`` where the rows say nothing of one.

    A fall is that of the months told alike in both years (``rules.targets.alike``), so that a
    running year compares like with like, and a source left out is no saving.
    A fixed number of statements, however many institutions.
    """
    ids = list(institution_ids)
    found: dict[int, Facts] = {pk: dict.fromkeys(Fact) for pk in ids}
    months = _amounts(ids, year)
    _told(found, months, year, today)
    _fell(found, months, year, today)
    _to_peers(found, year)
    _filed(found, year, today)
    _settled(found, year)
    _done(found, year)
    _sorted(found, year, today)
    _own_target(found, year, today)
    return found


def _amounts(ids: Collection[int], year: int) -> Mapping[int, _Two]:
    rows = Consumption.objects.filter(
        month_return__institution__in=ids,
        month_return__month__gte=date(year - 1, 1, 1),
        month_return__month__lt=date(year + 1, 1, 1),
        amount__isnull=False,
    ).order_by()
    found: dict[int, _Two] = defaultdict(_Two)
    for pk, month, energy, amount in rows.values_list(
        "month_return__institution", "month_return__month", "energy", "amount"
    ).iterator(chunk_size=20_000):
        side = found[pk].now if month.year == year else found[pk].before
        side[month.month][Energy(energy)] = amount
    return found


def _told(found: Mapping[int, Facts], months: Mapping[int, _Two], year: int, today: date) -> None:
    """How many of the months that are over were told."""
    over = _months_over(year, today)
    for pk, facts in found.items():
        told = [month for month in months[pk].now if month <= over] if pk in months else []
        facts[Fact.MONTHS] = Decimal(len(told)) / over if over else None


def _months_over(year: int, today: date) -> int:
    return _MONTHS if today.year > year else today.month - 1 if today.year == year else 0


def _fell(found: Mapping[int, Facts], months: Mapping[int, _Two], year: int, today: date) -> None:
    factors = totals.factors_of(year), totals.factors_of(year - 1)
    now, before = (institutions.sizes(list(found), reckoning.last_day(y)) for y in (year, year - 1))
    law = law_at(today)
    for pk, facts in found.items():
        two = months.get(pk)
        if two is None or pk not in now or pk not in before:
            continue
        for fact, aim in _FELL.items():
            alike = target_rules.alike(
                two.now, two.before, counts=target_rules.counted(aim),
                needs=target_rules.needed(aim, law),
            )  # fmt: skip
            newer = _intensity(alike.now, factors[0], now[pk])
            older = _intensity(alike.base, factors[1], before[pk])
            facts[fact] = reckoning.change(
                target_rules.value_of(newer, aim), target_rules.value_of(older, aim)
            )


def _intensity(amounts: Mapping[Energy, Decimal], factors: Factors, size: Size) -> Intensity:
    return reckoning.intensity(amounts, factors, people=size.people, floor_m2=size.floor_m2)


def _to_peers(found: Mapping[int, Facts], year: int) -> None:
    """Water of one person in a month that told of it, against the mean of all of its kind."""
    last = reckoning.last_day(year)
    rows = Consumption.objects.filter(
        energy=Energy.WATER, amount__isnull=False, month_return__month__gte=date(year, 1, 1),
        month_return__month__lte=last,
    ).order_by()  # fmt: skip
    sums = rows.values_list("month_return__institution").annotate(
        water=Sum("amount"), months=Count("pk")
    )
    listed: Any = Institution.objects.on(last)
    bodies = listed.filter(now__people__gt=0).order_by()
    like = dict(bodies.values_list("pk", "now__kind"))
    people = dict(bodies.values_list("pk", "now__people"))
    used = {pk: (water, months * people[pk]) for pk, water, months in sums if pk in people}
    whole: dict[str, tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    for pk, (water, over) in used.items():
        of_kind = whole[like[pk]]
        whole[like[pk]] = of_kind[0] + water, of_kind[1] + over
    for pk, (water, over) in used.items():
        kind_water, kind_over = whole[like[pk]]
        if pk in found and kind_water:
            found[pk][Fact.WATER_TO_PEERS] = water / over / (kind_water / kind_over)


def _filed(found: Mapping[int, Facts], year: int, today: date) -> None:
    """Of the filings of the year that are due, how many came in time; one that is due today and
    has not come is not late yet."""
    late = Q(due_on__lt=today) | Q(due_on=today, sent_at__isnull=False)
    rows = (
        Filing.objects.filter(late, institution__in=list(found), first__year=year)
        .order_by()
        .annotate(sent_on=TruncDate("sent_at", tzinfo=SHANGHAI))
        .values_list("institution")
        .annotate(due=Count("pk"), in_time=Count("pk", filter=Q(sent_on__lte=F("due_on"))))
    )
    for pk, due, in_time in rows:
        found[pk][Fact.IN_TIME] = Decimal(in_time) / due


def _settled(found: Mapping[int, Facts], year: int) -> None:
    """Of the year's doubts, how many were explained or corrected; all, where there were none."""
    rows = (
        Doubt.objects.filter(
            month_return__institution__in=list(found), month_return__month__year=year
        )
        .order_by()
        .values_list("month_return__institution")
        .annotate(n=Count("pk"), left=Count("pk", filter=Q(state=DoubtState.OPEN)))
    )
    shares = {pk: Decimal(n - left) / n for pk, n, left in rows}
    for pk, facts in found.items():
        if facts[Fact.MONTHS]:
            facts[Fact.SETTLED] = shares.get(pk, Decimal(1))


def _done(found: Mapping[int, Facts], year: int) -> None:
    """Audits finished, and everyday work by kind."""
    audits = (
        EnergyAudit.objects.filter(
            institution__in=list(found), state=AuditState.DONE, done_on__year=year
        )
        .order_by()
        .values_list("institution")
        .annotate(n=Count("pk"))
    )
    work = (
        WorkRecord.objects.filter(institution__in=list(found), on__year=year)
        .order_by()
        .values_list("institution", "kind")
        .annotate(n=Count("pk"))
    )
    for facts in found.values():
        facts[Fact.AUDITS] = Decimal(0)
        facts |= {Fact(kind): Decimal(0) for kind in WorkKind}
    for pk, n in audits:
        found[pk][Fact.AUDITS] = Decimal(n)
    for pk, kind, n in work:
        found[pk][Fact(kind)] = Decimal(n)


def _sorted(found: Mapping[int, Facts], year: int, today: date) -> None:
    """In how many of the months that are over waste was carried away, and how much of the year's
    weight was recyclable or kitchen waste."""
    over = _months_over(year, today)
    rows = WasteRemoval.objects.filter(institution__in=list(found), on__year=year).order_by()
    kept = Q(kind__in=[WasteKind.RECYCLABLE, WasteKind.KITCHEN])
    sums = rows.values_list("institution").annotate(
        months=Count("on__month", filter=Q(on__month__lte=over), distinct=True),
        kept=Sum("weight_kg", filter=kept, default=Decimal(0)),
        whole=Sum("weight_kg"),
    )
    for facts in found.values():
        facts[Fact.WASTE_MONTHS] = Decimal(0) if over else None
    for pk, months, weight, whole in sums:
        if over:
            found[pk][Fact.WASTE_MONTHS] = Decimal(months) / over
        found[pk][Fact.WASTE_SORTED] = weight / whole


def _own_target(found: Mapping[int, Facts], year: int, today: date) -> None:
    """1 where an institution meets all it filed for the year, 0 where one of it is unmet; nothing
    where it filed nothing, or the figures do not tell."""
    for pk, judged in targets.own_standings(list(found), year=year, today=today).items():
        met = target_rules.all_met(judged)
        found[pk][Fact.TARGET_MET] = None if met is None else Decimal(met)
