"""On whose books a car stood when (在编): what makes any past day readable."""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.stays import CameBy, LeftBy
from guanjia.kernel.values.actor import Scope


class CarStays(models.QuerySet["CarStay"]):
    """Filters over stays."""

    def within(self, scope: Scope) -> "CarStays":
        """The stays on the books of units inside the scope."""
        return self.filter(within(scope))

    def on(self, day: date) -> "CarStays":
        """The stays that hold on a day."""
        return self.filter(during__contains=day)


class CarStay(models.Model):
    """A car on the books of a unit in a class, from its first day to the day it left (half-open).

    Leased cars stay on nobody's books. A car is on one unit's books at a time.
    """

    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="stays")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    use = models.CharField("车辆类别", max_length=20, choices=Use.choices)
    during = DateRangeField("在编期间")
    came_by = models.CharField("入编方式", max_length=10, choices=CameBy.choices)
    left_by = models.CharField("出编方式", max_length=10, choices=LeftBy.choices, blank=True)

    objects: Any = CarStays.as_manager()

    class Meta:
        verbose_name = "在编记录"
        ordering = ("car", "during")
        constraints = [
            ExclusionConstraint(
                name="fleet_one_stay_per_car_and_day",
                expressions=[("car", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="这辆车在这段时间已在编。",
            ),
            models.CheckConstraint(
                name="fleet_stay_that_ended_says_how",
                condition=Q(during__upper_inf=True, left_by="")
                | Q(during__upper_inf=False) & ~Q(left_by=""),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "use"], name="fleet_stay_by_unit"),
            GistIndex(fields=["during"], name="fleet_stay_during"),
        ]

    def __str__(self) -> str:
        return f"{self.car} {self.unit}"

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)
