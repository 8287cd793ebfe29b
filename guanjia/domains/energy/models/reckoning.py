"""The factors by which a year was reckoned when its figures were issued."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q


class YearFactors(models.Model):
    """The factors of a year, fixed when its figures are first issued; never changed.

    ``coal`` and ``co2`` map sources to what one unit is worth, decimals as text. A year that is
    issued again is reckoned by them, whatever the provisions say by then.
    """

    year = models.PositiveSmallIntegerField("年度", unique=True)
    coal = models.JSONField("折标准煤系数")
    co2 = models.JSONField("碳排放因子")
    fixed_at = models.DateTimeField("定稿时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "年度系数"
        ordering = ("-year",)
        constraints = [
            models.CheckConstraint(
                name="energy_factors_of_a_year", condition=Q(year__gte=2000, year__lte=2200)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_factors_stay", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年系数"
