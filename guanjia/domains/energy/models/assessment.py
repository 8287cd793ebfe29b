"""Assessments: a scheme of indicators as data, and what each institution got by it."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.works import OfInstitutions
from guanjia.domains.energy.terms.assessment import (
    ASSESSMENT_LIFE,
    SCHEME_LIFE,
    AppealState,
    Desk,
    How,
    Outcome,
    SchemeKind,
    SchemeState,
    WorkKind,
)
from guanjia.kernel.values.actor import Scope

# A scheme that institutions are scored by is no more rewritten.
_FROZEN = """
    IF EXISTS (
        SELECT 1 FROM energy_scheme s WHERE s.id = {row}.scheme_id AND s.state <> 'DRAFT'
    ) THEN
        RAISE EXCEPTION '考核已经启用，指标不能再改。';
    END IF;
    RETURN {row};
"""


class Schemes(models.QuerySet["Scheme"]):
    """Filters over schemes."""

    def within(self, scope: Scope) -> "Schemes":
        """All of them, to whoever sees anything: they are the whole bureau's."""
        return self.none() if scope.nothing else self


class Scheme(models.Model):
    """A table of indicators for one year: an assessment, a demonstration unit, a 节约型机关 …

    ``full``: the points of all its leaves without extras. ``least``: what passes, where that is so.
    ``grades``: pairs of title and least points.
    """

    title = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=16, choices=SchemeKind.choices)
    year = models.PositiveSmallIntegerField("年度")
    source = models.CharField("评价标准", max_length=200, blank=True)
    full = models.DecimalField("满分", max_digits=6, decimal_places=2)
    least = models.DecimalField("合格线", max_digits=6, decimal_places=2, null=True)
    grades = models.JSONField("等次", default=list)
    state = models.CharField("状态", max_length=12, choices=SchemeState.choices)
    self_until = models.DateField("自评截止", null=True)
    appeal_until = models.DateField("申诉截止", null=True)
    opened_at = models.DateTimeField("启用时间", null=True)
    published_at = models.DateTimeField("公布时间", null=True)

    objects: Any = Schemes.as_manager()

    class Meta:
        verbose_name = "考核方案"
        ordering = ("-year", "kind", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_scheme_of_a_title_a_year", fields=["year", "kind", "title"],
                violation_error_message="这一年已有同名的考核方案。",
            ),
            models.CheckConstraint(name="energy_scheme_has_points", condition=Q(full__gt=0)),
            models.CheckConstraint(
                name="energy_published_scheme_has_its_hour",
                condition=~Q(state="PUBLISHED") | Q(published_at__isnull=False),
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.FSM(name="scheme_life", field="state", transitions=SCHEME_LIFE.transitions()),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年{self.title}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return SCHEME_LIFE.chip(self.state)


class Indicator(models.Model):
    """A line of a scheme's tree; only leaves have points.

    ``measure``: how a leaf reads a fact (see ``rules.scoring.Measure``), for DATA.
    """

    scheme = models.ForeignKey(
        Scheme, models.PROTECT, related_name="indicators", verbose_name="考核方案"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="parts", verbose_name="上级指标"
    )
    number = models.CharField("编号", max_length=12)
    title = models.CharField("指标", max_length=200)
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, null=True)
    how = models.CharField("评分方式", max_length=10, choices=How.choices, blank=True)
    measure = models.JSONField("取数", null=True)
    must = models.BooleanField("必须完成", default=False)
    star = models.BooleanField("★项", default=False)
    veto = models.BooleanField("一票否决", default=False)
    extra = models.BooleanField("附加分", default=False)
    note = models.CharField("评分说明", max_length=300, blank=True)
    position = models.PositiveIntegerField("次序")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "考核指标"
        ordering = ("scheme", "position")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_indicator_of_a_number", fields=["scheme", "number"]
            ),
            models.CheckConstraint(
                name="energy_a_leaf_has_points_and_a_way",
                condition=Q(points=None, how="") | Q(points__gt=0) & ~Q(how=""),
            ),
            models.CheckConstraint(
                name="energy_data_reads_a_fact",
                condition=~Q(how="DATA") | Q(measure__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="used_indicators_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_FROZEN.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="used_indicators_are_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=_FROZEN.format(row="OLD"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Assessments(models.QuerySet["Assessment"]):
    """Filters over assessments."""

    def within(self, scope: Scope) -> "Assessments":
        """The assessments of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(institution__in=Institution.objects.within(scope))


class Assessment(models.Model):
    """One institution in one scheme; ``total`` and what follows are what its points come to now."""

    scheme = models.ForeignKey(
        Scheme, models.PROTECT, related_name="assessments", verbose_name="考核方案"
    )
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="assessments", verbose_name="公共机构"
    )
    desk = models.CharField("状态", max_length=8, choices=Desk.choices)
    self_at = models.DateTimeField("自评提交时间", null=True)
    total = models.DecimalField("得分", max_digits=7, decimal_places=2, default=0)
    outcome = models.CharField("结果", max_length=12, choices=Outcome.choices, blank=True)
    grade = models.CharField("等次", max_length=20, blank=True)
    reasons = models.JSONField("未达标指标", default=list)
    back_why = models.CharField("退回原因", max_length=300, blank=True)

    objects: Any = Assessments.as_manager()

    class Meta:
        verbose_name = "考核评分"
        ordering = ("scheme", "-total", "institution__position")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_assessment_of_an_institution", fields=["scheme", "institution"]
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="assessment_desks",
                field="desk",
                transitions=ASSESSMENT_LIFE.transitions(),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.scheme}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of the desk at which it lies."""
        return ASSESSMENT_LIFE.chip(self.desk)

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class Score(models.Model):
    """What an assessment got on one indicator, desk by desk; the last word counts (``points``).

    ``fact`` is what the rows said when it was reckoned, for indicators that read data.
    """

    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="scores", verbose_name="考核评分"
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="scores", verbose_name="考核指标"
    )
    fact = models.DecimalField("数据", max_digits=14, decimal_places=4, null=True)
    own = models.DecimalField("自评", max_digits=6, decimal_places=2, null=True)
    own_words = models.CharField("自评说明", max_length=500, blank=True)
    county = models.DecimalField("县级评分", max_digits=6, decimal_places=2, null=True)
    county_words = models.CharField("县级理由", max_length=300, blank=True)
    city = models.DecimalField("市级评分", max_digits=6, decimal_places=2, null=True)
    city_words = models.CharField("市级理由", max_length=300, blank=True)
    points = models.GeneratedField(
        expression=models.functions.Coalesce(F("city"), F("county"), F("own"), 0.0),
        output_field=models.DecimalField(max_digits=6, decimal_places=2),
        db_persist=True,
        verbose_name="得分",
    )

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "指标得分"
        ordering = ("assessment", "indicator__position")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_score_of_an_indicator", fields=["assessment", "indicator"]
            ),
            models.CheckConstraint(
                name="energy_no_points_below_nothing",
                condition=(Q(own=None) | Q(own__gte=0))
                & (Q(county=None) | Q(county__gte=0))
                & (Q(city=None) | Q(city__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} {self.indicator}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.assessment.unit_path


class Appeal(models.Model):
    """What an institution holds against its points, and what the city says to it."""

    score = models.ForeignKey(
        Score, models.PROTECT, related_name="appeals", verbose_name="指标得分"
    )
    words = models.CharField("申诉理由", max_length=500)
    asked_at = models.DateTimeField("申诉时间")
    state = models.CharField("状态", max_length=10, choices=AppealState.choices)
    answer = models.CharField("复核意见", max_length=500, blank=True)
    answered_at = models.DateTimeField("复核时间", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "考核申诉"
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_open_appeal_of_a_score", fields=["score"],
                condition=Q(state="OPEN"),
            ),
            models.CheckConstraint(
                name="energy_answered_appeal_has_words",
                condition=Q(state="OPEN") | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.score} 申诉"


class WorkRecord(models.Model):
    """Everyday work on energy (日常工作): a training, an event, a check; counted as it is done."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="work", verbose_name="公共机构"
    )
    kind = models.CharField("类别", max_length=12, choices=WorkKind.choices)
    on = models.DateField("日期")
    title = models.CharField("内容", max_length=120)
    people = models.PositiveIntegerField("参加人数", null=True)
    told_at = models.DateTimeField("登记时间")

    objects: Any = OfInstitutions.as_manager()
    derived_on_entering = ("told_at",)

    class Meta:
        verbose_name = "节能日常工作"
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_work_of_a_title_a_day",
                fields=["institution", "kind", "on", "title"],
                violation_error_message="这一天的这项工作已经登记。",
            ),
        ]
        indexes = [models.Index(fields=["institution", "on"], name="energy_work_day")]

    def __str__(self) -> str:
        return f"{self.institution} {self.title}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path
