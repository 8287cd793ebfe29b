"""Key users and what the analysis of one is written from."""

import statistics
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q, Sum

from guanjia.domains.energy.models import (
    Analysis,
    Consumption,
    Doubt,
    EnergyAudit,
    Institution,
    InstitutionSpell,
    MonthReturn,
)
from guanjia.domains.energy.queries import areas, auditing, totals
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.analysis_facts import (
    CARBON,
    INTENSITIES,
    MONTHS,
    AnalysisFacts,
    AuditFacts,
    DoubtFacts,
    Lines,
    OddLook,
    Peers,
    YearFacts,
)
from guanjia.domains.energy.rules.reckoning import Intensity
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import DoubtState
from guanjia.domains.energy.terms.works import AuditState
from guanjia.engines.baselines.fitting import Reading, TooFew
from guanjia.engines.baselines.outliers import standing_out
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Scope

SEE = "energy.analysis.see"
YEARS = 3  # so many years an analysis tells of
_QUARTERS = 4


def key_users(scope: Scope, year: int) -> Any:
    """The key users of a year with what they were on its last day (``now``): those of the
    register then, and those with returns of the year that the register has had since."""
    last = reckoning.last_day(year)
    told = MonthReturn.objects.filter(
        institution=OuterRef("pk"), month__gte=date(year, 1, 1), month__lte=last
    )
    there = Q(entered_on__lte=last)
    rows: Any = Institution.objects.within(scope)
    rows = rows.annotate(now=FilteredRelation("spells", condition=Q(spells__during__contains=last)))
    rows = rows.filter(Exists(told) | there, now__key_user=True)
    return rows.select_related("now", "now__area", "area").order_by("position", "pk")


def analyses(scope: Scope) -> Any:
    """The issued analyses of a scope."""
    return Analysis.objects.within(scope).select_related("institution__area", "issued_by")


def newest_of(scope: Scope, year: int) -> dict[int, Analysis]:
    """The last edition of each institution's analysis of a year."""
    rows = analyses(scope).filter(year=year).order_by("edition")
    return {row.institution_id: row for row in rows.prefetch_related("publications")}


def is_newest(one: Analysis) -> bool:
    """Whether no later edition of its institution's year was issued."""
    rows = Analysis.objects.filter(institution=one.institution_id, year=one.year)
    return not rows.filter(edition__gt=one.edition).exists()


ANALYSES = Subject(
    model="energy.analysis", title="重点用能单位分析", page="energy:analysis", key="analysis_id",
    path="analyses", stem="analysis", see=SEE, rows=analyses, beside=("institution__area",),
    name="", listed=("重点用能单位", "energy:key_users"), now=str,
)  # fmt: skip


# ── the facts of one ─────────────────────────────────────────────────────────────────────


def facts_of(one: Institution, year: int) -> AnalysisFacts:
    """Everything the analysis of a year says; ``one`` as ``key_users`` gives it."""
    months = _months(one.pk, range(year - YEARS + 1, year + 1))
    years = tuple(_year(one.pk, each, months.get(each, {})) for each in _told_years(months, year))
    kind, told = InstitutionKind(one.now.kind), frozenset(years[-1].months)
    peers, known = _peers(kind, year, told, one.pk)
    return AnalysisFacts(
        name=one.now.name,
        code=one.code,
        kind=kind,
        area=areas.title(one.now.area),
        year=year,
        years=years,
        peers=peers,
        peers_known=known,
        newer=None if peers else _newer(kind, year, one.pk),
        odd=_odd(one.pk, year, years),
        audits=_audits(one.pk),
        doubts=_doubts(one.pk, year),
        restated=_restated(one.pk, year),
    )


def _told_years(months: Mapping[int, object], year: int) -> list[int]:
    """The years that were told, and the year itself in any case."""
    return sorted({*months, year})


def _months(institution_id: int, years: Collection[int]) -> dict[int, dict[int, Lines]]:
    rows = Consumption.objects.filter(
        month_return__institution=institution_id,
        month_return__month__year__gte=min(years),
        month_return__month__year__lte=max(years),
    ).order_by("month_return__month")
    found: dict[int, dict[int, dict[Energy, tuple[Decimal | None, int | None]]]] = defaultdict(dict)
    for month, energy, amount, cost in rows.values_list(
        "month_return__month", "energy", "amount", "cost_fen"
    ):
        found[month.year].setdefault(month.month, {})[Energy(energy)] = (amount, cost)
    return {year: dict(of) for year, of in found.items()}


def year_facts(institution_id: int, year: int) -> YearFacts:
    """One year of an institution."""
    return _year(institution_id, year, _months(institution_id, [year]).get(year, {}))


def _year(institution_id: int, year: int, months: Mapping[int, Lines]) -> YearFacts:
    last = reckoning.last_day(year)
    spell = InstitutionSpell.objects.filter(
        institution=institution_id, during__contains=last
    ).first()
    return YearFacts(
        year=year,
        months=months,
        factors=totals.factors_of(year),
        people=spell.people if spell else None,
        floor_m2=spell.floor_m2 if spell else None,
    )


# ── its kind ─────────────────────────────────────────────────────────────────────────────


def _newer(kind: InstitutionKind, year: int, own: int) -> Peers | None:
    """The newest other year in which enough of the kind told the months that it told."""
    for each in totals.years_of(own):
        if each != year:
            months = _months(own, [each]).get(each, {})
            peers, _ = _peers(kind, each, frozenset(months), own)
            if peers is not None:
                return peers
    return None


def _peers(
    kind: InstitutionKind, year: int, months: frozenset[int], own: int
) -> tuple[Peers | None, int]:
    """The quartiles of the others of a kind over the months that it told and most of them did;
    ``None`` where there are fewer than ``totals.PEERS_MIN``. And how many there are."""
    days = [date(year, number, 1) for number in sorted(months)]
    spells = InstitutionSpell.objects.filter(
        during__contains=reckoning.last_day(year), kind=kind
    ).values_list("institution", "people", "floor_m2")
    bodies = {pk: (people, floor) for pk, people, floor in spells}
    told: dict[date, set[int]] = {day: set() for day in days}
    for pk, day in MonthReturn.objects.filter(month__in=days).values_list("institution", "month"):
        if pk in bodies:
            told[day].add(pk)
    most = max((len(those) for those in told.values()), default=0)
    days = [day for day in days if len(told[day]) * 2 >= most]
    full = set.intersection(*(told[day] for day in days)) if days else set()
    others = full - {own}
    if len(others) < totals.PEERS_MIN or own not in full:
        return None, len(others)
    amounts: dict[int, dict[Energy, Decimal]] = defaultdict(dict)
    sums = Consumption.objects.filter(
        month_return__month__in=days, month_return__institution__in=full, amount__isnull=False
    ).order_by()
    for pk, energy, amount in sums.values_list("month_return__institution", "energy").annotate(
        amount=Sum("amount")
    ):
        amounts[pk][Energy(energy)] = amount
    factors = totals.factors_of(year)

    def intensity(pk: int) -> Intensity:
        people, floor = bodies[pk]
        return reckoning.intensity(amounts[pk], factors, people=people, floor_m2=floor)

    like = [intensity(pk) for pk in others]
    median, quarter = _quartiles(like)
    people, floor = bodies[own]
    return Peers(
        year=year, months=tuple(day.month for day in days), count=len(others), own=intensity(own),
        people=people, floor_m2=floor, median=median, quarter=quarter,
    ), len(others)  # fmt: skip


def _quartiles(like: list[Intensity]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    median, quarter = {}, {}
    for name, *_ in (*INTENSITIES, CARBON):
        known = [value for one in like if (value := getattr(one, name)) is not None]
        if len(known) >= totals.PEERS_MIN:
            first, middle, _ = statistics.quantiles(known, n=_QUARTERS, method="inclusive")
            median[name], quarter[name] = middle, first
    return median, quarter


# ── odd months, audits, doubts ───────────────────────────────────────────────────────────


def _odd(institution_id: int, year: int, years: Collection[YearFacts]) -> tuple[OddLook, ...]:
    """Every source that is used in most of its months; single purchases are no series."""
    used = [energy for energy in Energy if any(one.amounts().get(energy) for one in years)]
    readings = auditing.readings_of(institution_id, used, until=date(year, MONTHS, 1))
    first = date(min(one.year for one in years), 1, 1)
    found = []
    for energy in used:
        told = [one for one in readings.get(energy, []) if one.month >= first]
        if sum(one.amount > 0 for one in told) * 2 > len(told):
            found.append(_look(energy, told))
    return tuple(found)


def _look(energy: Energy, told: list[Reading]) -> OddLook:
    try:
        return OddLook(energy=energy, have=len(told), look=standing_out(told))
    except TooFew as few:
        return OddLook(energy=energy, have=few.have, need=few.need)


def _audits(institution_id: int) -> tuple[AuditFacts, ...]:
    """Its audits, with what their measures saved."""
    rows = EnergyAudit.objects.filter(institution=institution_id).order_by("begun_on")
    found = []
    for row in rows:
        findings = auditing.findings_of(row.pk)
        measures = [measure for one in findings for measure in one.measures.all()]
        saved = auditing.savings_of(measures, institution_id)
        found.append(
            AuditFacts(
                begun_on=row.begun_on, done_on=row.done_on, state=AuditState(row.state),
                auditor=row.auditor, findings=len(findings), measures=len(measures),
                done=sum(measure.done_on is not None for measure in measures),
                saved=tuple(
                    f"措施“{measure.title}”，{each.official}"
                    for measure in measures
                    for each in saved.get(measure.pk, [])
                ),
            )
        )  # fmt: skip
    return tuple(found)


def _doubts(institution_id: int, year: int) -> tuple[DoubtFacts, ...]:
    rows = Doubt.objects.filter(
        month_return__institution=institution_id, month_return__month__year=year
    ).exclude(state=DoubtState.CORRECTED)
    return tuple(
        DoubtFacts(
            month=month, sentence=sentence,
            explanation=explanation if state == DoubtState.EXPLAINED else "",
        )
        for month, sentence, state, explanation in rows.order_by(
            "month_return__month", "pk"
        ).values_list("month_return__month", "sentence", "state", "explanation")
    )  # fmt: skip


def _restated(institution_id: int, year: int) -> tuple[str, ...]:
    """Changes of size in the year, which intensities are not corrected for."""
    return tuple(
        f"{on:%Y-%m-%d}起登记的{what}有变动，强度按年末的计算。"
        for on, what in auditing.resized(institution_id, date(year, 1, 1), date(year + 1, 1, 1))
    )
