"""Monthly degree days of the city: what baselines are read against where they are known."""

from typing import Any

from django.db import models
from django.db.models import Q

DEGREE_DAYS_MAX = 1500  # 31 days of 48 degrees: nowhere


class DegreeDays(models.Model):
    """How cold and how hot a month was (采暖度日、制冷度日), ℃·d; ``month`` is its first day."""

    month = models.DateField("月份", unique=True)
    heating = models.DecimalField("采暖度日", max_digits=6, decimal_places=1)
    cooling = models.DecimalField("制冷度日", max_digits=6, decimal_places=1)
    source = models.CharField("来源", max_length=100)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "逐月度日"
        ordering = ("-month",)
        constraints = [
            models.CheckConstraint(
                name="energy_degree_days_are_of_a_month", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="energy_degree_days_are_bounded",
                condition=Q(heating__gte=0, heating__lte=DEGREE_DAYS_MAX)
                & Q(cooling__gte=0, cooling__lte=DEGREE_DAYS_MAX),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} 度日"
