"""Repairs of buildings (大中修): asked for, planned, built, accepted, settled."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.space.terms.works import (
    DONE,
    WORKS_LIFE,
    Funds,
    WorksKind,
    WorksPart,
    WorksState,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class WorksRows(models.QuerySet["Works"]):
    """Filters over repairs."""

    def within(self, scope: Scope) -> "WorksRows":
        """The repairs that units inside the scope asked for."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))


class Works(models.Model):
    """Repairs of a building (大中修); money in 分.

    ``estimate_fen`` is what the unit says, ``budget_fen`` what is planned, ``contract_fen`` what
    was agreed, ``final_fen`` what it cost. ``special``: why sooner than the interval lets.
    ``over_note``: why beyond the budget. What a ledger tells has no ``asked_at``.
    """

    number = models.CharField("项目编号", max_length=30, unique=True)
    building = models.ForeignKey(
        "space.Building", models.PROTECT, related_name="works", verbose_name="楼栋"
    )
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="申请单位"
    )
    title = models.CharField("项目名称", max_length=60)
    kind = models.CharField("类别", max_length=8, choices=WorksKind.choices)
    part = models.CharField("部位", max_length=12, choices=WorksPart.choices)
    state = models.CharField("状态", max_length=12, choices=WorksState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    special = models.CharField("提前维修的特殊原因", max_length=200, blank=True)
    estimate_fen = models.BigIntegerField("估算", null=True)
    plan_year = models.PositiveSmallIntegerField("计划年度", null=True)
    budget_fen = models.BigIntegerField("预算", null=True)
    funds = models.CharField("资金来源", max_length=10, choices=Funds.choices, blank=True)
    contractor = models.CharField("施工单位", max_length=100, blank=True)
    paper = models.CharField("合同编号", max_length=60, blank=True)
    contract_fen = models.BigIntegerField("合同价", null=True)
    started_on = models.DateField("开工日期", null=True)
    due_on = models.DateField("计划完工", null=True)
    accepted_on = models.DateField("验收日期", null=True)
    conclusion = models.CharField("验收结论", max_length=200, blank=True)
    settled_on = models.DateField("决算日期", null=True)
    final_fen = models.BigIntegerField("决算", null=True)
    over_note = models.CharField("超预算说明", max_length=200, blank=True)
    applicant = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间", null=True)
    told_late_at = models.DateTimeField("催办决算时间", null=True)

    objects: Any = WorksRows.as_manager()

    class Meta:
        verbose_name = "大中修"
        verbose_name_plural = verbose_name
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="space_planned_works_have_a_budget",
                condition=~Q(state__in=["PLANNED", "BUILDING"])
                | Q(plan_year__isnull=False, budget_fen__gt=0) & ~Q(funds=""),
            ),
            models.CheckConstraint(
                name="space_works_are_paid_by_the_budget",
                condition=Q(funds__in=["", Funds.BUDGET, Funds.SPECIAL]),
            ),
            models.CheckConstraint(
                name="space_begun_works_have_a_contract",
                condition=~Q(state="BUILDING")
                | Q(started_on__isnull=False, contract_fen__gt=0) & ~Q(contractor=""),
            ),
            models.CheckConstraint(
                name="space_done_works_were_accepted",
                condition=~Q(state__in=DONE) | Q(accepted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="space_settled_works_have_a_final_sum",
                condition=~Q(state="SETTLED") | Q(final_fen__gt=0, settled_on__isnull=False),
            ),
            models.CheckConstraint(
                name="space_works_beyond_the_budget_say_why",
                condition=Q(budget_fen=None)
                | Q(final_fen=None)
                | Q(final_fen__lte=F("budget_fen"))
                | ~Q(over_note=""),
            ),
            models.CheckConstraint(
                name="space_works_go_in_order",
                condition=(
                    Q(started_on=None) | Q(accepted_on=None) | Q(accepted_on__gte=F("started_on"))
                )
                & (Q(accepted_on=None) | Q(settled_on=None) | Q(settled_on__gte=F("accepted_on"))),
            ),
        ]
        indexes = [
            models.Index(fields=["building", "part", "-accepted_on"], name="space_works_by_part"),
            models.Index(fields=["state"], name="space_works_by_state"),
        ]
        triggers = [
            pgtrigger.FSM(name="works_life", field="state", transitions=WORKS_LIFE.transitions())
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return WORKS_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit that asks; ``""`` where a ledger tells."""
        return str(self.unit.path) if self.unit else ""
