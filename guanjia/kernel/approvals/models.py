"""Cases under approval, their steps, and the acts done on them."""

from typing import Any

import pgtrigger
from django.db import models

from guanjia.kernel.approvals.terms import ActKind, CaseState, StepState
from guanjia.kernel.audit.models import append_only
from guanjia.kernel.org.models import Person, Unit


class Case(models.Model):
    """One request on its way through a route; ``subject`` is whatever the department asks about."""

    route = models.CharField("流程", max_length=60)
    route_title = models.CharField("流程名称", max_length=60)
    version = models.PositiveIntegerField("版本")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    applicant = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases")
    state = models.CharField("状态", max_length=10, choices=CaseState.choices)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    opened_at = models.DateTimeField("提交时间")
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = "审批"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "route"],
                name="approvals_case_one_per_subject_and_route",
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="case_life",
                field="state",
                transitions=[
                    ("RUNNING", "RETURNED"),
                    ("RUNNING", "WITHDRAWN"),
                    ("RUNNING", "AGREED"),
                    ("RETURNED", "RUNNING"),
                    ("RETURNED", "WITHDRAWN"),
                    ("WITHDRAWN", "RUNNING"),
                    ("AGREED", "RUNNING"),
                ],
            )
        ]

    def __str__(self) -> str:
        return self.subject_label


class CaseStep(models.Model):
    """A step of a case; ``holder`` only when somebody handed it to a named person (转办).

    A changed request starts a new round of steps; the steps of earlier rounds stay as they ended.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    position = models.PositiveSmallIntegerField("次序")
    key = models.CharField(max_length=40)
    title = models.CharField("步骤", max_length=60)
    verb = models.CharField(max_length=80)
    state = models.CharField("状态", max_length=10, choices=StepState.choices)
    holder = models.ForeignKey(Person, models.PROTECT, null=True, related_name="handed_steps")
    active_at = models.DateTimeField("到达时间", null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "审批步骤"
        ordering = ("case", "round", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "position"], name="approvals_step_has_its_place"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state="ACTIVE"),
                name="approvals_one_step_is_active",
            ),
        ]
        indexes = [
            models.Index(
                fields=["verb"],
                condition=models.Q(state="ACTIVE"),
                name="approvals_step_active",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Act(models.Model):
    """What somebody did on a case, with their 意见; never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="acts")
    step = models.ForeignKey(CaseStep, models.PROTECT, null=True, related_name="acts")
    kind = models.CharField("办理", max_length=10, choices=ActKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    name = models.CharField("姓名", max_length=100)
    is_system = models.BooleanField(default=False)
    comment = models.CharField("意见", max_length=500, blank=True)
    to = models.CharField("转给", max_length=100, blank=True)
    at = models.DateTimeField("时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "审批记录"
        ordering = ("case", "pk")
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.name} {ActKind(self.kind).label}"
