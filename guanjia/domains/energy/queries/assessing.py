"""Schemes, and what institutions got by them: leaves, results, ranks."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from guanjia.domains.energy.models import Appeal, Assessment, Indicator, Scheme, Score
from guanjia.domains.energy.rules import scoring
from guanjia.domains.energy.terms.assessment import (
    ASSESSMENT_LIFE,
    SCHEME_LIFE,
    AppealState,
    Desk,
    Grade,
    How,
    Leaf,
    Outcome,
    Result,
    SchemeState,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Actor, Scope

SEE, FILL, REVIEW, DECIDE, PLAN = (
    "energy.assessment.see",
    "energy.assessment.fill",
    "energy.assessment.review",
    "energy.assessment.decide",
    "energy.scheme.plan",
)


def leaf_rows(scheme: Scheme) -> list[Indicator]:
    """The indicators that get points, in their order."""
    return list(scheme.indicators.exclude(points=None).order_by("position"))


def leaves(scheme: Scheme) -> list[Leaf]:
    """The same, as rules take them."""
    return [
        Leaf(
            number=row.number,
            title=row.title,
            points=Decimal(row.points or 0),
            must=row.must,
            star=row.star,
            veto=row.veto,
            extra=row.extra,
        )
        for row in leaf_rows(scheme)
    ]


def grades(scheme: Scheme) -> list[Grade]:
    """The grades of a scheme."""
    return [Grade(title=title, least=Decimal(str(least))) for title, least in scheme.grades]


def result_of(scheme: Scheme, of_leaves: Sequence[Leaf], points: Mapping[str, Decimal]) -> Result:
    """What an assessment's points come to."""
    return scoring.result(of_leaves, points, grades=grades(scheme), least=scheme.least)


def listed(scope: Scope) -> Any:
    """The assessments of a scope, each with its place among all of its scheme.

    A place is known of the whole scheme, whoever looks: it is what is published. Who is 未完成 or
    fails stands behind those who pass.
    """
    rows = Assessment.objects.within(scope).select_related("scheme", "institution__area")
    return rows.annotate(place=_place())


def _place() -> Any:
    """Counted in a subquery, so that a scope does not change it."""
    better = Assessment.objects.filter(
        scheme=OuterRef("scheme"), outcome=Outcome.PASSED, total__gt=OuterRef("total")
    ).order_by()
    counted = better.values("scheme").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0) + 1


def schemes(scope: Scope) -> Any:
    """All schemes with how far they have come: to whoever sees anything they are no secret."""
    return Scheme.objects.within(scope).annotate(
        members=Count("assessments"),
        at_self=Count("assessments", filter=Q(assessments__desk=Desk.SELF)),
        at_county=Count("assessments", filter=Q(assessments__desk=Desk.COUNTY)),
        at_city=Count("assessments", filter=Q(assessments__desk=Desk.CITY)),
        through=Count("assessments", filter=Q(assessments__desk__in=[Desk.APPEAL, Desk.DONE])),
        passed=Count("assessments", filter=Q(assessments__outcome=Outcome.PASSED)),
    )


SCHEMES = Subject(
    model="energy.scheme", title="考核方案", page="energy:scheme", key="scheme_id", path="schemes",
    stem="scheme", see=SEE, rows=schemes, life=SCHEME_LIFE, name="",
    listed=("考核方案", "energy:schemes_list"),
    now=lambda row: f"{row}，{SCHEME_LIFE.of(row.state).label}",
)  # fmt: skip
ASSESSMENTS = Subject(
    model="energy.assessment", title="考核评分", page="energy:assessment", key="assessment_id",
    path="assessments", stem="assessment", see=SEE, rows=listed, life=ASSESSMENT_LIFE,
    beside=("scheme", "institution__area"), name="",
    listed=("考核评分", "energy:assessments_list"),
    now=lambda one: f"{one}，{one.get_desk_display()}，现得 {one.total:f} 分",
)  # fmt: skip
# At which desk which reviewer judges an assessment, or gives it back (退回自评).
REVIEWING = {REVIEW: (Desk.COUNTY,), DECIDE: (Desk.CITY,)}


def lies_with_city(assessment_id: int) -> bool:
    """Whether an assessment is the city's to review."""
    return bool(Assessment.objects.filter(pk=assessment_id, desk=Desk.CITY).exists())


def scores_of(assessment: Assessment) -> dict[int, Score]:
    """Its scores by indicator."""
    rows = assessment.scores.select_related("indicator").prefetch_related(
        Prefetch("appeals", queryset=Appeal.objects.order_by("pk"))
    )
    return {row.indicator_id: row for row in rows}


def own_missing(assessment: Assessment) -> int:
    """How many indicators the institution has to score itself and has not."""
    wanted = Indicator.objects.filter(scheme=assessment.scheme_id, how=How.EVIDENCE)
    told = Score.objects.filter(assessment=assessment, own__isnull=False).values("indicator")
    return int(wanted.exclude(pk__in=told).count())


def unreviewed(assessment: Assessment, how: How) -> list[Indicator]:
    """The indicators of a way that no desk has given points, and nothing else says any."""
    wanted = Indicator.objects.filter(scheme=assessment.scheme_id, how=how)
    given = (
        Score.objects.filter(assessment=assessment)
        .exclude(own=None, county=None, city=None)
        .values("indicator")
    )
    return list(wanted.exclude(pk__in=given).order_by("position"))


def open_appeals(scheme: Scheme, scope: Scope) -> Any:
    """The appeals of a scheme that wait, of the assessments of a scope."""
    return appeals_waiting(scope).filter(score__assessment__scheme=scheme)


def waiting(scope: Scope, *desks: Desk) -> Any:
    """The assessments of open schemes that lie at some desks, the first due first."""
    rows = Assessment.objects.within(scope).filter(scheme__state=SchemeState.OPEN, desk__in=desks)
    return rows.select_related("scheme", "institution").order_by(
        "scheme__self_until", "institution__position", "pk"
    )


def appeals_waiting(scope: Scope) -> Any:
    """The appeals that nobody has answered, the oldest first."""
    seen = Assessment.objects.within(scope)
    rows = Appeal.objects.filter(
        score__assessment__in=seen.values("pk"), state=AppealState.OPEN
    ).select_related("score__assessment__institution", "score__indicator")
    return rows.order_by("asked_at", "pk")


def sees_score(actor: Actor, score_id: int) -> bool:
    """Whether somebody may open a score, and the papers that hang on it."""
    scope = actor.scope(SEE)
    if scope.nothing:
        return False
    inside = Assessment.objects.within(scope)
    return bool(Score.objects.filter(pk=score_id, assessment__in=inside).exists())
