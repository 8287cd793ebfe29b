"""Audits, demonstration units, and the place of a city among the province's."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from guanjia.domains.energy.models import CityScore, Demonstration, EnergyAudit
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.terms.works import AuditState, DemoLevel, DemoStage
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

AUDITS, DEMONSTRATIONS, RANKS = (
    "energy.audit.see",
    "energy.demonstration.see",
    "energy.rank.see",
)


def audits(scope: Scope) -> Any:
    """The audits of a scope."""
    return EnergyAudit.objects.within(scope).select_related("institution__area")


def audits_done(*, scope: Scope, period: Period) -> Any:
    """The audits finished in a period."""
    return audits(scope).filter(
        state=AuditState.DONE, done_on__gte=period.start, done_on__lt=period.end
    )


def demonstrations(scope: Scope) -> Any:
    """The steps towards demonstration units of a scope."""
    return Demonstration.objects.within(scope).select_related("institution__area")


def steps(*, scope: Scope, period: Period, level: DemoLevel, stage: DemoStage) -> Any:
    """The steps of one level and stage in a period."""
    return demonstrations(scope).filter(
        level=level, stage=stage, on__gte=period.start, on__lt=period.end
    )


def city_scores(scope: Scope) -> Any:
    """Every city's score with its place among all of the year, and among its like (大小地市).

    Scores of whole cities are no unit's secret: whoever may see the ranking sees all of it.
    """
    better = CityScore.objects.filter(year=OuterRef("year"), score__gt=OuterRef("score"))
    like = better.filter(small=OuterRef("small"))
    rows = CityScore.objects.none() if scope.nothing else CityScore.objects.all()
    return rows.annotate(
        place=_count(better) + 1,
        place_of_like=_count(like) + 1,
    )


def _count(rows: Any) -> Any:
    counted = rows.order_by().values("year").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def scores_known(*, scope: Scope, period: Period) -> Any:
    """The scores of the newest year that was over before a period ended."""
    rows = city_scores(scope).filter(year__lt=period.end.year)
    newest = rows.order_by("-year").values_list("year", flat=True).first()
    return rows.filter(year=newest) if newest is not None else rows.none()


def own_score(*, scope: Scope, period: Period) -> Any | None:
    """The row of our own city in the newest ranking known in a period; ``None`` without one."""
    city = areas.city()
    if city is None:
        return None
    return scores_known(scope=scope, period=period).filter(city=city.name).first()


def score_years(_: Scope) -> list[tuple[int, str]]:
    """The years that were ranked, for a filter."""
    years = CityScore.objects.order_by("-year").values_list("year", flat=True).distinct()
    return [(year, f"{year}年") for year in years]
