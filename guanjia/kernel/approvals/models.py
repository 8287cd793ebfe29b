"""Editions of routes, cases under approval, their steps and seats, and the acts done on them."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from guanjia.kernel.approvals.terms import (
    ActKind,
    CaseState,
    EditionState,
    Late,
    Mode,
    Origin,
    SeatState,
    StepState,
)
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.audit.models import append_only
from guanjia.kernel.org.models import Person, Unit

_OPEN = ("AHEAD", "ACTIVE", "PAUSED")


def _waits_for_somebody(case: str) -> pgtrigger.Trigger:
    """The last word on "no case without a next holder": judged when the transaction ends.

    ``case``: the id of the case, as SQL over the changed row.
    """
    return pgtrigger.Trigger(
        name="running_case_waits_for_somebody",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        declare=[("subject", "bigint")],
        func=f"""
            subject := ({case});
            IF EXISTS (SELECT 1 FROM approvals_case c WHERE c.id = subject AND c.state = 'RUNNING')
               AND NOT EXISTS (
                   SELECT 1 FROM approvals_seat s JOIN approvals_casestep t ON t.id = s.step_id
                   WHERE t.case_id = subject AND t.state = 'ACTIVE' AND s.state = 'ACTIVE')
            THEN
                RAISE EXCEPTION 'case % runs and waits for nobody', subject
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 — the one part put in is written below, by ourselves
    )


class Edition(models.Model):
    """One edition (版本) of a route: its steps as data, never changed, only superseded."""

    route = models.CharField("流程", max_length=60)
    number = models.PositiveIntegerField("版本")
    title = models.CharField("流程名称", max_length=60)
    steps = models.JSONField("步骤")
    state = models.CharField("状态", max_length=10, choices=EditionState.choices)
    note = models.CharField("修改说明", max_length=200, blank=True)
    made_at = models.DateTimeField("编制时间")
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField("编制人", max_length=100)
    replayed_at = models.DateTimeField("试算时间", null=True)
    in_force_at = models.DateTimeField("启用时间", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "流程版本"
        ordering = ("route", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["route", "number"], name="approvals_edition_has_its_number"
            ),
            models.UniqueConstraint(
                fields=["route"],
                condition=Q(state="IN_FORCE"),
                name="approvals_one_edition_is_in_force",
            ),
            models.UniqueConstraint(
                fields=["route"],
                condition=Q(state="DRAFT"),
                name="approvals_one_draft_per_route",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="edition_life",
                field="state",
                transitions=[
                    ("DRAFT", "IN_FORCE"),
                    ("DRAFT", "DROPPED"),
                    ("IN_FORCE", "RETIRED"),
                ],
            ),
            pgtrigger.ReadOnly(
                name="edition_stays", fields=["route", "number", "title", "steps", "made_at"]
            ),
            pgtrigger.Protect(name="edition_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第 {self.number} 版"


class Case(models.Model):
    """One request on its way through a route; ``subject`` is whatever the department asks about.

    ``facts``: what the steps depend on (``Route.facts``). ``summary``: what it is about in one
    line, for lists of many kinds. ``comes_back_to``: the step that gets the mended request at once.
    """

    route = models.CharField("流程", max_length=60)
    route_title = models.CharField("流程名称", max_length=60)
    version = models.PositiveIntegerField("版本")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="cases")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)
    summary = models.CharField("摘要", max_length=200, blank=True)
    facts = models.JSONField("案情要素", default=dict)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    applicant = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases")
    state = models.CharField("状态", max_length=10, choices=CaseState.choices)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    comes_back_to = models.PositiveSmallIntegerField("改后直接回到", null=True)
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
        indexes = [models.Index(fields=["route", "-opened_at"], name="approvals_case_by_route")]
        triggers = [
            pgtrigger.FSM(
                name="case_life",
                field="state",
                transitions=[
                    ("RUNNING", "RETURNED"),
                    ("RUNNING", "WITHDRAWN"),
                    ("RUNNING", "AGREED"),
                    ("RUNNING", "STOPPED"),
                    ("RETURNED", "RUNNING"),
                    ("RETURNED", "WITHDRAWN"),
                    ("RETURNED", "STOPPED"),
                    ("WITHDRAWN", "RUNNING"),
                    ("AGREED", "RUNNING"),
                ],
            ),
            # A request that changes hands must not leave its new applicant a seat to decide from.
            pgtrigger.Trigger(
                name="applicant_holds_no_seat",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("applicant"),
                func="""
                    IF EXISTS (SELECT 1 FROM approvals_seat s
                               JOIN approvals_casestep t ON t.id = s.step_id
                               WHERE t.case_id = NEW.id AND s.person_id = NEW.applicant_id
                                 AND s.state IN ('AHEAD', 'ACTIVE', 'PAUSED'))
                    THEN
                        RAISE EXCEPTION 'the applicant cannot decide on case %', NEW.id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            _waits_for_somebody("NEW.id"),
        ]

    def __str__(self) -> str:
        return self.subject_label


class CaseStep(models.Model):
    """A step of a case, with a copy of what the edition says of it.

    A changed request starts a new round of steps; the steps of earlier rounds stay as they ended.
    ``visit`` counts how often the step was reached: each visit has seats of its own.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    position = models.PositiveSmallIntegerField("次序")
    key = models.CharField(max_length=40)
    title = models.CharField("步骤", max_length=60)
    verb = models.CharField(max_length=80, blank=True)
    holder_spec = models.JSONField("由谁办", default=dict)
    mode = models.CharField("办法", max_length=4, choices=Mode.choices, default=Mode.ANY)
    share = models.PositiveSmallIntegerField("会签比例", default=100)
    hours = models.PositiveSmallIntegerField("时限", null=True)
    late = models.CharField(max_length=10, choices=Late.choices, default=Late.REMIND)
    signature = models.BooleanField("要签名", default=False)
    state = models.CharField("状态", max_length=10, choices=StepState.choices)
    visit = models.PositiveSmallIntegerField("到达次数", default=0)
    active_at = models.DateTimeField("到达时间", null=True)
    due_at = models.DateTimeField("应办时间", null=True)
    reminded_at = models.DateTimeField("提醒时间", null=True)
    escalated_at = models.DateTimeField("上报时间", null=True)
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
                condition=Q(state="ACTIVE"),
                name="approvals_one_step_is_active",
            ),
            models.CheckConstraint(
                name="approvals_share_is_a_share", condition=Q(share__range=(1, 100))
            ),
        ]
        indexes = [
            models.Index(
                fields=["verb"], condition=Q(state="ACTIVE"), name="approvals_step_active"
            ),
            models.Index(fields=["due_at"], condition=Q(state="ACTIVE"), name="approvals_step_due"),
        ]
        triggers = [_waits_for_somebody("NEW.case_id")]

    def __str__(self) -> str:
        return self.title


class Seat(models.Model):
    """One person's part in one visit of a step (席位).

    ``asked_by``: the seat that added this one (加签). ``on_behalf``: whose part it is, when the
    person stands in for somebody on leave (委托). ``handed_from``: the seat it was handed from.
    """

    step = models.ForeignKey(CaseStep, models.PROTECT, related_name="seats")
    visit = models.PositiveSmallIntegerField("到达次数")
    place = models.PositiveSmallIntegerField("次序")
    person = models.ForeignKey(Person, models.PROTECT, related_name="seats")
    origin = models.CharField("来由", max_length=10, choices=Origin.choices)
    on_behalf = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="asked")
    handed_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    state = models.CharField("状态", max_length=10, choices=SeatState.choices)
    active_at = models.DateTimeField("到达时间", null=True)
    decided_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "审批人"
        ordering = ("step", "visit", "place", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "person"],
                condition=Q(state__in=_OPEN),
                name="approvals_one_open_seat_per_person_and_step",
            ),
            models.CheckConstraint(
                name="approvals_added_seat_names_who_added_it",
                condition=Q(asked_by__isnull=False) | ~Q(origin__in=["BEFORE", "AFTER"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "active_at"],
                condition=Q(state="ACTIVE"),
                name="approvals_seat_waiting",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="seat_life",
                field="state",
                transitions=[
                    ("AHEAD", "ACTIVE"),
                    ("AHEAD", "HANDED"),
                    ("AHEAD", "REMOVED"),
                    ("AHEAD", "DROPPED"),
                    ("ACTIVE", "PAUSED"),
                    ("ACTIVE", "AGREED"),
                    ("ACTIVE", "RETURNED"),
                    ("ACTIVE", "HANDED"),
                    ("ACTIVE", "REMOVED"),
                    ("ACTIVE", "DROPPED"),
                    ("PAUSED", "ACTIVE"),
                    ("PAUSED", "HANDED"),
                    ("PAUSED", "REMOVED"),
                    ("PAUSED", "DROPPED"),
                ],
            ),
            # Nobody decides on their own request, whatever Python believes.
            pgtrigger.Trigger(
                name="nobody_sits_over_their_own_request",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF EXISTS (SELECT 1 FROM approvals_casestep t
                               JOIN approvals_case c ON c.id = t.case_id
                               WHERE t.id = NEW.step_id AND c.applicant_id = NEW.person_id)
                    THEN
                        RAISE EXCEPTION 'the applicant cannot decide on case step %', NEW.step_id
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            _waits_for_somebody("SELECT case_id FROM approvals_casestep WHERE id = NEW.step_id"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {SeatState(self.state).label}"


class Act(models.Model):
    """What somebody did on a case, with their 意见; never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="acts")
    step = models.ForeignKey(CaseStep, models.PROTECT, null=True, related_name="acts")
    kind = models.CharField("办理", max_length=10, choices=ActKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    name = models.CharField("姓名", max_length=100)
    behalf = models.CharField("代", max_length=100, blank=True)
    is_system = models.BooleanField(default=False)
    comment = models.CharField("意见", max_length=500, blank=True)
    to = models.CharField("转给", max_length=400, blank=True)
    signature = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "审批记录"
        ordering = ("case", "pk")
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.name} {ActKind(self.kind).label}"


class Copy(models.Model):
    """A copy of a case given to somebody to read (抄送)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="copies")
    person = models.ForeignKey(Person, models.PROTECT, related_name="copies")
    by_name = models.CharField("抄送人", max_length=100)
    at = models.DateTimeField("抄送时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    class Meta:
        verbose_name = "抄送"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"], name="approvals_one_copy_per_case_and_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} → {self.person}"


class Delegation(models.Model):
    """Somebody decides for a person on leave (委托), from a day up to but not including another.

    ``ended_on``: the day it was taken back early; ``during`` is computed by the database.
    """

    principal = models.ForeignKey(Person, models.PROTECT, related_name="lent")
    delegate = models.ForeignKey(Person, models.PROTECT, related_name="borrowed")
    since = models.DateField("起")
    until = models.DateField("止")
    reason = models.CharField("事由", max_length=100)
    made_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("收回时间", null=True)

    during = models.GeneratedField(
        expression=models.Case(
            models.When(
                ended_at__isnull=True,
                then=Func(
                    F("since"),
                    F("until"),
                    Value("[)"),
                    function="daterange",
                    output_field=DateRangeField(),
                ),
            ),
            default=None,
            output_field=DateRangeField(),
        ),
        output_field=DateRangeField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "委托"
        ordering = ("-since", "-pk")
        constraints = [
            models.CheckConstraint(
                name="approvals_delegation_ends_after_it_begins",
                condition=Q(until__gt=F("since")),
            ),
            models.CheckConstraint(
                name="approvals_nobody_stands_in_for_themselves",
                condition=~Q(principal=F("delegate")),
            ),
            ExclusionConstraint(
                name="approvals_one_stand_in_at_a_time",
                expressions=[
                    ("principal", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这段时间已经委托过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} 委托 {self.delegate}"
