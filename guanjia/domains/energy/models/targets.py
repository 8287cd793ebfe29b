"""Yearly targets that institutions file, and the figures of base years nobody sent returns of."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.works import OfInstitutions
from guanjia.domains.energy.terms.targets import Against
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

_AIMS = ("per_person", "per_m2", "water_per_person", "co2_per_m2")


def _some_of(*names: str) -> Q:
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__isnull": False})
    return found


def _within(low: Any, high: Any, *names: str) -> Q:
    found = Q()
    for name in names:
        found &= Q(**{name: None}) | Q(**{f"{name}__gte": low, f"{name}__lte": high})
    return found


def _percent(title: str) -> Any:
    return models.DecimalField(title, max_digits=5, decimal_places=2, null=True)


def _figure(title: str) -> Any:
    return models.DecimalField(title, max_digits=14, decimal_places=4, null=True)


class YearTarget(models.Model):
    """What an institution wants to save in a year (年度节能目标, 条例 12、13), as it was filed.

    Falls in percent, ``None`` for indicators without one; ``against`` the plan's base year or the
    year before. The filed plan hangs on it as files.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="targets", verbose_name="公共机构"
    )
    year = models.PositiveSmallIntegerField("年度")
    against = models.CharField("比较基准", max_length=8, choices=Against.choices)
    per_person = _percent("人均综合能耗下降")
    per_m2 = _percent("单位面积能耗下降")
    water_per_person = _percent("人均用水量下降")
    co2_per_m2 = _percent("单位面积碳排放下降")
    document = models.CharField("实施方案", max_length=120)
    filed_on = models.DateField("报备日期")
    told_at = models.DateTimeField("登记时间")

    objects: Any = OfInstitutions.as_manager()
    derived_on_entering = ("told_at",)

    class Meta:
        verbose_name = "年度节能目标"
        ordering = ("-year", "institution__position")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_target_of_a_year", fields=["institution", "year"],
                violation_error_message="这家机构这一年的目标已经报备。",
            ),
            models.CheckConstraint(
                name="energy_a_target_wants_something", condition=_some_of(*_AIMS)
            ),
            models.CheckConstraint(
                name="energy_a_target_is_a_share", condition=_within(0, 100, *_AIMS)
            ),
            models.CheckConstraint(
                name="energy_target_names_its_document", condition=~Q(document="")
            ),
            models.CheckConstraint(
                name="energy_target_of_a_year", condition=Q(year__gte=2000, year__lte=2200)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.institution} {self.year} 年目标"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class Baselines(models.QuerySet["Baseline"]):
    """Filters over told baselines."""

    def within(self, scope: Scope) -> "Baselines":
        """Those of institutions and areas inside the scope."""
        if scope.everything:
            return self
        mine = Institution.objects.within(scope).values("pk")
        return self.filter(Q(institution__in=mine) | in_units(scope, "area"))


class Baseline(models.Model):
    """The figures of a base year as a document tells them, of an institution or a whole area; used
    where no returns of that year are known. ``source`` says where they stand."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="baselines", verbose_name="公共机构"
    )
    area = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="区域"
    )
    year = models.PositiveSmallIntegerField("基期年")
    per_person = _figure("人均综合能耗（kgce/人）")
    per_m2 = _figure("单位面积能耗（kgce/㎡）")
    water_per_person = _figure("人均用水量（m³/人）")
    co2_per_m2 = _figure("单位面积碳排放（kgCO₂/㎡）")
    source = models.CharField("数据来源", max_length=200)
    told_at = models.DateTimeField("登记时间")

    objects: Any = Baselines.as_manager()
    derived_on_entering = ("told_at",)

    class Meta:
        verbose_name = "基期数据"
        ordering = ("-year", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_baseline_of_somebody", fields=["institution", "area", "year"],
                nulls_distinct=False,
                violation_error_message="这一年的基期数据已经登记。",
            ),
            models.CheckConstraint(
                name="energy_a_baseline_is_of_one",
                condition=Q(institution=None) ^ Q(area=None),
            ),
            models.CheckConstraint(
                name="energy_a_baseline_says_something", condition=_some_of(*_AIMS)
            ),
            models.CheckConstraint(
                name="energy_a_baseline_is_more_than_nothing",
                condition=_within("0.0001", "9999999999", *_AIMS),
            ),
            models.CheckConstraint(
                name="energy_a_baseline_has_a_source", condition=~Q(source="")
            ),
            models.CheckConstraint(
                name="energy_baseline_of_a_year", condition=Q(year__gte=2000, year__lte=2200)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.institution or self.area} {self.year} 年基期数据"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path if self.institution else str(self.area.path)  # type: ignore[union-attr]  # one of both is there
