"""Findings of oversight (督车事项), the grounds they rest on, and the monthly lists."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.oversight import (
    FINDING_LIFE,
    FindingState,
    GroundCode,
    Level,
    Outcome,
)
from guanjia.kernel.findings.models import FindingRow
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.digests import LENGTH


class Findings(models.QuerySet["Finding"]):
    """Filters over findings."""

    def within(self, scope: Scope) -> "Findings":
        """The findings of units inside the scope; a shared scope leaves secret cars out."""
        return self.filter(within(scope))


class Finding(FindingRow):
    """What the rules found about one journey, or about one car on one day (督车事项).

    ``unit`` explains it: the unit that asked for the trip, else the unit that uses the car.
    ``level`` is that of its gravest standing ground. It is never deleted; a finding whose grounds
    all vanished is closed with the outcome ``GONE``.
    """

    number = models.CharField("督车编号", max_length=30, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="findings")
    trip = models.ForeignKey("fleet.Trip", models.PROTECT, null=True, related_name="findings")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    on_day = models.DateField("发生日期")
    level = models.CharField("级别", max_length=6, choices=Level.choices)
    state = models.CharField(
        "状态", max_length=10, choices=FindingState.choices, default=FindingState.OPEN
    )
    unjudged = models.CharField("未判断事项", max_length=300, blank=True)
    outcome = models.CharField("处理结果", max_length=8, choices=Outcome.choices, blank=True)

    objects: Any = Findings.as_manager()

    class Meta:
        verbose_name = "督车事项"
        ordering = ("-on_day", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["trip"],
                condition=Q(state__in=["OPEN", "EXPLAINED"], trip__isnull=False),
                name="fleet_trip_has_one_finding_under_way",
                violation_error_message="这一单已有一件没有处理的督车事项。",
            ),
            models.UniqueConstraint(
                fields=["car", "on_day"],
                condition=Q(state__in=["OPEN", "EXPLAINED"], trip=None),
                name="fleet_car_has_one_finding_under_way_a_day",
                violation_error_message="这辆车这一天已有一件没有处理的督车事项。",
            ),
            models.CheckConstraint(
                name="fleet_explained_finding_has_its_words",
                condition=~Q(state="EXPLAINED")
                | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_decided_finding_has_its_outcome",
                condition=Q(state__in=["OPEN", "EXPLAINED"], outcome="")
                | Q(state__in=["DECIDED", "CLOSED"]) & ~Q(outcome=""),
            ),
            models.CheckConstraint(
                name="fleet_closed_finding_says_when",
                condition=Q(state="CLOSED", closed_at__isnull=False)
                | ~Q(state="CLOSED") & Q(closed_at=None),
            ),
            models.CheckConstraint(
                name="fleet_decision_on_a_finding_has_its_words",
                condition=Q(outcome__in=["", "GONE"])
                | ~Q(decision="") & Q(decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-on_day"], name="fleet_finding_by_unit"),
            models.Index(fields=["car", "-on_day"], name="fleet_finding_by_car"),
            models.Index(fields=["-on_day", "-id"], name="fleet_finding_by_day"),
            models.Index(fields=["state", "due_on"], name="fleet_finding_by_state"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="finding_life", field="state", transitions=FINDING_LIFE.transitions()
            ),
            pgtrigger.Protect(name="finding_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit that explains it."""
        return str(self.unit.path)


class GroundRow(models.Model):
    """One ground of a finding as it was worded (疑点), with its 依据 and the rows that prove it.

    ``mark`` names the facts, so that the same ones are raised once; ``gone_at`` is when they were
    no longer there.
    """

    finding = models.ForeignKey("fleet.Finding", models.PROTECT, related_name="grounds")
    code = models.CharField("疑点", max_length=14, choices=GroundCode.choices)
    mark = models.CharField("标识", max_length=80)
    level = models.CharField("级别", max_length=6, choices=Level.choices)
    headline = models.CharField("摘要", max_length=200)
    sentence = models.CharField("情形", max_length=500)
    cite = models.JSONField("依据")
    evidence = models.JSONField("证据")
    raised_at = models.DateTimeField("发现时间")
    gone_at = models.DateTimeField("消除时间", null=True)

    class Meta:
        verbose_name = "督车疑点"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "mark"],
                name="fleet_ground_is_raised_once",
                violation_error_message="这条疑点已经列出。",
            ),
            models.CheckConstraint(
                name="fleet_ground_vanishes_after_it_was_raised",
                condition=Q(gone_at=None) | Q(gone_at__gte=F("raised_at")),
            ),
        ]
        indexes = [models.Index(fields=["code", "finding"], name="fleet_ground_by_code")]
        triggers = [pgtrigger.Protect(name="ground_is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.headline

    @property
    def unit_path(self) -> str:
        """The path of the unit that explains it."""
        return str(self.finding.unit.path)


class MonthlyLists(models.QuerySet["MonthlyList"]):
    """Filters over monthly lists."""

    def within(self, scope: Scope) -> "MonthlyLists":
        """A list goes round the city; its rows are shown by ``queries.oversight.rows_of``."""
        return self.none() if scope.nothing else self


class MonthlyList(models.Model):
    """The list of a month's findings as it went to the supervisors (月度督车清单), frozen.

    ``rows`` holds what was sent: no secret cars. A list made anew is another edition; the old one
    stays as it was.
    """

    month = models.DateField("月份")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    rows = models.JSONField("清单")
    total = models.PositiveIntegerField("件数")
    digest = models.CharField("校验值", max_length=LENGTH)
    note = models.CharField("说明", max_length=200, blank=True)
    made_by = models.CharField("编制人", max_length=60)
    made_at = models.DateTimeField("编制时间")

    objects: Any = MonthlyLists.as_manager()

    class Meta:
        verbose_name = "月度督车清单"
        ordering = ("-month", "-edition")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "edition"],
                name="fleet_monthly_list_has_one_edition",
                violation_error_message="这个月的这一版已经编制。",
            ),
            models.CheckConstraint(
                name="fleet_monthly_list_is_of_a_month", condition=Q(month__day=1)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="monthly_list_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.month.year}年{self.month.month}月督车清单"

    @property
    def unit_path(self) -> str:
        """It is the bureau's, about the whole city."""
        return ""
