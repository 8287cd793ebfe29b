"""Findings (用房问题): what was found about a room, unit or building, and what came of it."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from guanjia.domains.space.terms.findings import (
    FINDING_LIFE,
    FindingCode,
    FindingState,
    Measure,
    Outcome,
)
from guanjia.kernel.findings.models import FindingRow
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

# What was found stays as it was found, whatever the standard says later.
FROZEN = [
    "number", "code", "subject", "label", "unit", "room", "person", "building", "judged_on",
    "measured", "limit", "measure", "headline", "sentence", "cite_title", "cite_article",
    "cite_number", "cite_source", "cite_key", "cite_since", "cite_checked_on", "cite_own",
    "value_since", "raised_at", "continues",
]  # fmt: skip


class Findings(models.QuerySet["Finding"]):
    """Filters over findings."""

    def within(self, scope: Scope) -> "Findings":
        """The findings that units inside the scope explain; those of the bureau only city-wide."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))

    def open(self) -> "Findings":
        """The findings that are not closed."""
        return self.exclude(state=FindingState.CLOSED)


class Finding(FindingRow):
    """One thing that should not be, as it was on ``judged_on``: value, limit and article then.

    ``subject`` names what it is about (``room:12``): one open finding for each code and subject.
    What was found is never changed; where the facts are others later, this one is closed and
    another ``continues`` it. ``unit`` explains it, ``None`` where it is the bureau's own.
    """

    number = models.CharField("编号", max_length=20, unique=True)
    code = models.CharField("情形", max_length=20, choices=FindingCode.choices)
    subject = models.CharField("对象标识", max_length=60)
    label = models.CharField("对象", max_length=120)
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="单位"
    )
    room = models.ForeignKey(
        "space.Room", models.PROTECT, null=True, related_name="findings", verbose_name="房间"
    )
    person = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="人员"
    )
    building = models.ForeignKey(
        "space.Building", models.PROTECT, null=True, related_name="findings", verbose_name="楼栋"
    )
    judged_on = models.DateField("核查日期")
    measured = models.DecimalField("实际", max_digits=10, decimal_places=2, null=True)
    limit = models.DecimalField("限额", max_digits=10, decimal_places=2, null=True)
    measure = models.CharField("计量", max_length=8, choices=Measure.choices)
    headline = models.CharField("摘要", max_length=120)
    sentence = models.CharField("情形说明", max_length=500)
    cite_title = models.CharField("依据", max_length=120)
    cite_article = models.CharField("条", max_length=60, blank=True)
    cite_number = models.CharField("文号", max_length=60, blank=True)
    cite_source = models.CharField("依据文件", max_length=60, blank=True)
    cite_key = models.CharField("条款", max_length=80, blank=True)
    cite_since = models.DateField("依据施行日期", null=True)
    cite_checked_on = models.DateField("依据核对日期", null=True)
    cite_own = models.BooleanField("本局规则", default=False)
    value_since = models.DateField("数值起始日期", null=True)
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="continued_by", verbose_name="承接"
    )
    state = models.CharField("状态", max_length=10, choices=FindingState.choices)
    outcome = models.CharField("处理结果", max_length=10, choices=Outcome.choices, blank=True)
    mend_by = models.DateField("整改期限", null=True)

    objects: Any = Findings.as_manager()

    class Meta:
        verbose_name = "用房问题"
        ordering = ("-judged_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "subject"],
                condition=~Q(state="CLOSED"),
                name="space_one_open_finding_about_a_thing",
                violation_error_message="这一情形已有一件没有办结的用房问题。",
            ),
            models.CheckConstraint(
                name="space_explained_finding_has_its_words",
                condition=~Q(state="EXPLAINED")
                | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
            models.CheckConstraint(
                name="space_mending_has_a_day",
                condition=~Q(state="MENDING")
                | Q(outcome="MEND", mend_by__isnull=False, decided_at__isnull=False)
                & ~Q(decision=""),
            ),
            models.CheckConstraint(
                name="space_unfounded_finding_says_why",
                condition=~Q(outcome="UNFOUNDED") | ~Q(decision="") & Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="space_closed_finding_says_when_and_how",
                condition=Q(state="CLOSED", closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(state="CLOSED") & Q(closed_at=None),
            ),
            models.CheckConstraint(
                name="space_undecided_finding_has_no_outcome",
                condition=~Q(state__in=["RAISED", "EXPLAINED"]) | Q(outcome=""),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="space_finding_by_unit"),
            models.Index(fields=["code", "subject"], name="space_finding_by_subject"),
            models.Index(fields=["state", "due_on"], name="space_finding_by_state"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="finding_life", field="state", transitions=FINDING_LIFE.transitions()
            ),
            pgtrigger.ReadOnly(name="finding_stays_as_found", fields=FROZEN),
            pgtrigger.Protect(name="finding_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit that explains it; ``""`` where it is the bureau's own."""
        return str(self.unit.path) if self.unit else ""
