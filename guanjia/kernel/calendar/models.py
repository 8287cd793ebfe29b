"""Days that differ from the published calendar."""

from django.db import models
from django.db.models import Q

from guanjia.kernel.calendar.terms import DayKind


class WorkdayOverride(models.Model):
    """One day set by hand, over what was published or what its weekday says."""

    day = models.DateField("日期")
    kind = models.CharField("类别", max_length=10, choices=DayKind.choices)
    name = models.CharField("节日名称", max_length=20, blank=True)
    reason = models.CharField("理由", max_length=200)
    by = models.CharField("设置人", max_length=60)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        verbose_name = "工作日历调整"
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                name="workdays_one_override_per_day",
                fields=["day"],
                violation_error_message="这一天已经调整过，改原来的那一条。",
            ),
            models.CheckConstraint(
                name="workdays_override_has_a_known_kind",
                condition=Q(kind__in=[kind.value for kind in DayKind]),
                violation_error_message="类别应是工作日、休息日、法定节假日或调休上班。",
            ),
            models.CheckConstraint(
                name="workdays_override_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="写明调整的理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {DayKind(self.kind).label}"
