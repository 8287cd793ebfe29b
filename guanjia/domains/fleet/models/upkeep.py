"""Insurance, inspections and maintenance plans of cars."""

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.upkeep import Cover, Passed, PlanFacts, PlanState
from guanjia.kernel.values.actor import Scope


class OfCars(models.QuerySet[Any]):
    """Rows that belong to whoever has their car."""

    def within(self, scope: Scope) -> "OfCars":
        """The rows of cars of units inside the scope."""
        return self.filter(within(scope, unit="car__unit"))


class Policy(models.Model):
    """An insurance policy (保险单); ``during`` is half-open, the policy names its last day."""

    number = models.CharField("保险单号", max_length=40, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="policies")
    cover = models.CharField("险种", max_length=12, choices=Cover.choices)
    insurer = models.CharField("保险公司", max_length=60)
    during = DateRangeField("保险期间")
    paid_on = models.DateField("缴费日期")
    premium_fen = models.BigIntegerField("保费")
    note = models.CharField("备注", max_length=200, blank=True)

    objects: Any = OfCars.as_manager()

    class Meta:
        verbose_name = "保险单"
        ordering = ("-during", "number")
        constraints = [
            ExclusionConstraint(
                name="fleet_one_policy_per_car_cover_and_day",
                expressions=[
                    ("car", RangeOperators.EQUAL),
                    ("cover", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这辆车这段时间已有同一险种的保险单。",
            ),
            models.CheckConstraint(
                name="fleet_policy_premium_is_not_negative", condition=Q(premium_fen__gte=0)
            ),
            models.CheckConstraint(
                name="fleet_policy_has_a_begin_and_an_end",
                condition=Q(
                    during__isempty=False, during__lower_inf=False, during__upper_inf=False
                ),
            ),
        ]
        indexes = [models.Index(fields=["car", "cover"], name="fleet_policy_by_car")]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)

    @property
    def last(self) -> date:
        """The last day it holds, as it is written on it."""
        last: date = self.during.upper - timedelta(days=1)
        return last


class Inspection(models.Model):
    """An inspection of a car (检验), and until when it is good."""

    number = models.CharField("检验编号", max_length=40, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="inspections")
    on = models.DateField("检验日期")
    result = models.CharField("检验结论", max_length=8, choices=Passed.choices)
    valid_until = models.DateField("检验有效期止", null=True)
    station = models.CharField("检验机构", max_length=60)
    fee_fen = models.BigIntegerField("检验费", default=0)
    note = models.CharField("备注", max_length=200, blank=True)

    objects: Any = OfCars.as_manager()

    class Meta:
        verbose_name = "检验记录"
        ordering = ("-on", "-pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_inspection_that_passed_says_until_when",
                condition=Q(result=Passed.PASSED.value, valid_until__isnull=False)
                | Q(result=Passed.FAILED.value, valid_until=None),
            ),
            models.CheckConstraint(
                name="fleet_inspection_is_good_from_its_day_on",
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("on")),
            ),
            models.CheckConstraint(
                name="fleet_inspection_fee_is_not_negative", condition=Q(fee_fen__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["car", "-on"], name="fleet_inspection_by_car")]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)


class Plan(models.Model):
    """A maintenance plan (保养计划): what is done every so many months or kilometres.

    It holds for one car, or for every car of a use, of a make, or both; of two plans of one title
    the one that names the car wins, then the one that names the make.
    """

    title = models.CharField("保养项目", max_length=30)
    car = models.ForeignKey("fleet.Car", models.PROTECT, null=True, related_name="plans")
    use = models.CharField("车辆类别", max_length=20, choices=Use.choices, blank=True)
    make = models.CharField("品牌型号", max_length=60, blank=True)
    months = models.PositiveSmallIntegerField("每隔月数", null=True)
    km = models.PositiveIntegerField("每隔公里数", null=True)
    items = models.CharField("保养内容", max_length=200, blank=True)
    stopped_on = models.DateField("停用日期", null=True)

    objects: Any = OfCars.as_manager()

    class Meta:
        verbose_name = "保养计划"
        ordering = ("title", "make", "pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_plan_says_how_often",
                condition=(Q(months__gt=0) | Q(months=None))
                & (Q(km__gt=0) | Q(km=None))
                & ~Q(months=None, km=None),
            ),
            models.CheckConstraint(
                name="fleet_plan_holds_for_a_car_or_a_kind",
                condition=Q(car=None) | Q(use="", make=""),
            ),
            models.UniqueConstraint(
                fields=["title", "car", "use", "make"],
                condition=Q(stopped_on=None),
                nulls_distinct=False,
                name="fleet_plan_of_a_title_holds_once",
                violation_error_message="已有同样的保养计划。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """Whether it holds."""
        return PlanState.HOLDS if self.stopped_on is None else PlanState.STOPPED

    @property
    def unit_path(self) -> str:
        """The path of the unit that has the car; empty for a plan of many."""
        return str(self.car.unit.path) if self.car is not None else ""

    @property
    def for_whom(self) -> str:
        """Which cars it holds for, in words."""
        if self.car is not None:
            return str(self.car.plate)
        parts = [Use(self.use).label if self.use else "", self.make]
        return " · ".join(part for part in parts if part) or "全部车辆"

    @property
    def every(self) -> str:
        """``每 6 个月或 5,000 公里``."""
        parts = [
            f"{self.months} 个月" if self.months else "",
            f"{self.km:,} 公里" if self.km else "",
        ]
        return "每 " + "或 ".join(part for part in parts if part)

    def facts(self) -> PlanFacts:
        """What rules need to know."""
        return PlanFacts(title=self.title, months=self.months, km=self.km)
