"""How many of which rank a unit is granted (职级编制), from a day on."""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.values.actor import Scope


class Establishments(models.QuerySet["Establishment"]):
    """Filters over numbers by rank."""

    def within(self, scope: Scope) -> "Establishments":
        """The numbers of units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))

    def on(self, day: date) -> "Establishments":
        """The numbers that hold on a day."""
        return self.filter(during__contains=day)


class Establishment(models.Model):
    """The number of one rank of a unit from a day on until another number holds (half-open).

    0 is a number: the rank was granted once and is no longer.
    """

    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    rank = models.CharField("职级", max_length=20, choices=Rank.choices)
    number = models.PositiveIntegerField("编制数")
    during = DateRangeField("有效期间")
    document = models.CharField("文号", max_length=60, blank=True)

    objects: Any = Establishments.as_manager()

    class Meta:
        verbose_name = "职级编制"
        ordering = ("unit__position", "unit", "rank", "during")
        constraints = [
            ExclusionConstraint(
                name="space_a_rank_has_one_number_at_a_time",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("rank", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这个单位这一职级在这段时间已有编制数。",
            ),
            models.CheckConstraint(
                name="space_establishment_lasts_from_a_day",
                condition=Q(during__isempty=False, during__lower_inf=False),
            ),
            models.CheckConstraint(
                name="space_establishment_is_bounded", condition=Q(number__lte=5000)
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="space_establishment_during")]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_rank_display()}"

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)
