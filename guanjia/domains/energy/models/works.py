"""Energy audits, demonstration units, and how the province ranked its cities."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.terms.works import AUDIT_LIFE, AuditState, DemoLevel, DemoStage
from guanjia.kernel.values.actor import Scope


class OfInstitutions(models.QuerySet[Any]):
    """Filters over rows that belong to an institution."""

    def within(self, scope: Scope) -> "OfInstitutions":
        """The rows of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(institution__in=Institution.objects.within(scope))


class EnergyAudit(models.Model):
    """An energy audit of an institution (能源审计) by an auditor from outside or by itself."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="audits", verbose_name="公共机构"
    )
    auditor = models.CharField("审计机构", max_length=100, blank=True)
    begun_on = models.DateField("启动日期")
    done_on = models.DateField("完成日期", null=True)
    state = models.CharField("状态", max_length=10, choices=AuditState.choices)

    objects: Any = OfInstitutions.as_manager()

    class Meta:
        verbose_name = "能源审计"
        ordering = ("-begun_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_audit_a_day", fields=["institution", "begun_on"],
                violation_error_message="这家机构这一天启动的审计已经登记。",
            ),
            models.CheckConstraint(
                name="energy_audit_ends_after_it_began",
                condition=Q(done_on=None) | Q(done_on__gte=F("begun_on")),
            ),
            models.CheckConstraint(
                name="energy_finished_audit_has_its_day",
                condition=~Q(state="DONE") | Q(done_on__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.institution} {self.begun_on}"

    @property
    def name(self) -> str:
        """How people call it: ``市第二人民医院能源审计``."""
        return f"{self.institution}能源审计"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return AUDIT_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class Demonstration(models.Model):
    """A step of an institution towards a demonstration unit (示范单位创建)."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="demonstrations", verbose_name="公共机构"
    )
    level = models.CharField("级别", max_length=12, choices=DemoLevel.choices)
    batch = models.CharField("批次", max_length=40)
    stage = models.CharField("阶段", max_length=12, choices=DemoStage.choices)
    on = models.DateField("日期")

    objects: Any = OfInstitutions.as_manager()

    class Meta:
        verbose_name = "示范单位创建"
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_step_of_a_demonstration",
                fields=["institution", "level", "batch", "stage"],
                violation_error_message="这家机构的这一阶段已经登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.get_level_display()} {self.get_stage_display()}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class CityScore(models.Model):
    """What the province's yearly assessment gave a city; ranks are reckoned from the scores."""

    year = models.PositiveSmallIntegerField("考核年度")
    city = models.CharField("设区市", max_length=30)
    score = models.DecimalField("得分", max_digits=6, decimal_places=2)
    small = models.BooleanField("是否小地市")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "设区市考核得分"
        ordering = ("-year", "-score", "city")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_score_of_a_city_a_year", fields=["year", "city"],
                violation_error_message="这个城市这一年的得分已经登记。",
            ),
            models.CheckConstraint(
                name="energy_score_is_a_score", condition=Q(score__gte=0, score__lte=200)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year} {self.city}"
