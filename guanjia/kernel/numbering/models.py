"""The counters behind numbers that must have no gap."""

from django.db import models
from django.db.models import Q


class Counter(models.Model):
    """The last number given out in a series and year; year 0 is a series without years.

    ``elsewhere``: up to where numbers were given out before us, as ledgers tell.
    """

    series = models.CharField("编号类别", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveBigIntegerField("已用到")
    elsewhere = models.PositiveBigIntegerField("台账用到", default=0)

    class Meta:
        verbose_name = "编号"
        constraints = [
            models.UniqueConstraint(
                name="numbering_one_counter_per_series_and_year",
                fields=["series", "year"],
                violation_error_message="这一类别本年度已有编号。",
            ),
            models.CheckConstraint(
                name="numbering_series_has_a_name",
                condition=~Q(series=""),
                violation_error_message="编号类别不能为空。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year} {self.last}"
