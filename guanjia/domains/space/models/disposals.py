"""Idle rooms (闲置), how they are used or disposed of (处置利用), and what that brings."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from guanjia.domains.space.terms.disposals import (
    CARRIED,
    DISPOSAL_LIFE,
    INCOME_LIFE,
    DisposalFacts,
    DisposalState,
    DisposalWay,
    IdleCause,
    IdlePlan,
    IncomeState,
    Purpose,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class IdleSpell(models.Model):
    """Why an empty room is empty and what is to become of it, from a day on (half-open).

    It speaks of the stretch in which the room stands empty on its first day, and of no later one.
    """

    room = models.ForeignKey(
        "space.Room", models.PROTECT, related_name="idle_spells", verbose_name="房间"
    )
    during = DateRangeField("期间")
    cause = models.CharField("闲置原因", max_length=12, choices=IdleCause.choices)
    plan = models.CharField("处理打算", max_length=12, choices=IdlePlan.choices)
    note = models.CharField("说明", max_length=200, blank=True)
    told_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "闲置情况"
        ordering = ("room", "during")
        constraints = [
            ExclusionConstraint(
                name="space_an_empty_room_has_one_reason",
                expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="这间房这段时间已登记闲置情况。",
            ),
            models.CheckConstraint(
                name="space_idle_spell_lasts",
                condition=Q(during__isempty=False, during__lower_inf=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.get_cause_display()}"


class Disposals(models.QuerySet["Disposal"]):
    """Filters over disposals."""

    def within(self, scope: Scope) -> "Disposals":
        """The disposals to units inside the scope, or asked by them."""
        if scope.everything:
            return self
        return self.filter(in_units(scope, "unit") | in_units(scope, "to_unit"))


class Disposal(models.Model):
    """Idle rooms used for something else or given up (处置利用): asked, decided, carried out.

    ``unit`` is the bureau's own that asks; ``to_unit`` who uses the rooms, ``party`` who else does,
    buys or gives other rooms. Money in 分: ``valuation_fen`` (of a lease the rent of a month),
    ``price_fen`` what an auction or exchange brings, ``rent_fen`` of a month, ahead for ``every``
    months. Areas are ㎡ as the ledger told when it was asked.
    """

    number = models.CharField("处置单号", max_length=30, unique=True)
    way = models.CharField("方式", max_length=12, choices=DisposalWay.choices)
    purpose = models.CharField("公益用途", max_length=12, choices=Purpose.choices, blank=True)
    state = models.CharField("状态", max_length=10, choices=DisposalState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="申请单位")
    to_unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="使用单位"
    )
    party = models.CharField("对方", max_length=100, blank=True)
    reason = models.CharField("理由", max_length=200)
    usable_m2 = models.DecimalField("使用面积", max_digits=10, decimal_places=2)
    gross_m2 = models.DecimalField("建筑面积", max_digits=10, decimal_places=2, null=True)
    place = models.CharField("坐落", max_length=200, blank=True)
    valuation_fen = models.BigIntegerField("评估价", null=True)
    valuer = models.CharField("评估机构", max_length=60, blank=True)
    valued_on = models.DateField("评估日期", null=True)
    approved_on = models.DateField("批准日期", null=True)
    document = models.CharField("批准文号", max_length=60, blank=True)
    paper = models.CharField("合同编号", max_length=60, blank=True)
    platform = models.CharField("交易平台", max_length=60, blank=True)
    carried_on = models.DateField("办理日期", null=True)
    last_on = models.DateField("期限止", null=True)
    price_fen = models.BigIntegerField("成交价", null=True)
    rent_fen = models.BigIntegerField("月租金", null=True)
    every = models.PositiveSmallIntegerField("几个月一交", null=True)
    ended_on = models.DateField("收回日期", null=True)
    applicant = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间")

    objects: Any = Disposals.as_manager()

    class Meta:
        verbose_name = "处置利用"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="space_public_use_has_a_purpose",
                condition=Q(way=DisposalWay.PUBLIC) ^ Q(purpose=""),
            ),
            models.CheckConstraint(name="space_disposal_has_an_area", condition=Q(usable_m2__gt=0)),
            models.CheckConstraint(
                name="space_carried_disposal_has_its_papers",
                condition=~Q(state__in=CARRIED)
                | Q(carried_on__isnull=False, approved_on__isnull=False)
                & ~Q(document="")
                & ~Q(paper=""),
            ),
            models.CheckConstraint(
                name="space_disposal_follows_its_approval",
                condition=Q(carried_on=None)
                | Q(approved_on=None)
                | Q(carried_on__gte=F("approved_on")),
            ),
            models.CheckConstraint(
                name="space_lease_has_an_end_and_a_rent",
                condition=~Q(way=DisposalWay.LEASE, state__in=CARRIED)
                | Q(last_on__isnull=False, rent_fen__gt=0, every__gt=0),
            ),
            models.CheckConstraint(
                name="space_disposal_ends_after_it_begins",
                condition=Q(last_on=None) | Q(carried_on=None) | Q(last_on__gt=F("carried_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["state"], name="space_disposal_by_state"),
            models.Index(fields=["-carried_on"], name="space_disposal_by_day"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="disposal_life", field="state", transitions=DISPOSAL_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return DISPOSAL_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit that asks."""
        return str(self.unit.path)

    @property
    def user(self) -> str:
        """Who has the rooms, in words; ``""`` where that is not known yet."""
        return self.to_unit.shown if self.to_unit else str(self.party)

    def facts(self) -> DisposalFacts:
        """As the rules see it."""
        return DisposalFacts(
            way=DisposalWay(self.way),
            valuation_fen=self.valuation_fen,
            valued_on=self.valued_on,
            approved_on=self.approved_on,
        )


class DisposalRoom(models.Model):
    """A room of a disposal, with what the ledger told when it was asked.

    ``open`` while the disposal is under way or the rooms are used by it: one at a time.
    """

    disposal = models.ForeignKey(Disposal, models.PROTECT, related_name="rooms")
    room = models.ForeignKey(
        "space.Room", models.PROTECT, related_name="disposals", verbose_name="房间"
    )
    open = models.BooleanField("在办", default=True)
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2)
    gross_m2 = models.DecimalField("建筑面积", max_digits=8, decimal_places=2, null=True)

    class Meta:
        verbose_name = "处置房间"
        ordering = ("room__building", "room__floor__number", "room__number")
        constraints = [
            models.UniqueConstraint(
                name="space_a_room_stands_once_in_a_disposal", fields=["disposal", "room"]
            ),
            models.UniqueConstraint(
                name="space_a_room_is_disposed_of_once_at_a_time",
                fields=["room"],
                condition=Q(open=True),
                violation_error_message="这间房已有处置利用在办。",
            ),
            models.CheckConstraint(
                name="space_disposed_room_has_an_area", condition=Q(usable_m2__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disposal} {self.room}"


class Incomes(models.QuerySet["DisposalIncome"]):
    """Filters over incomes."""

    def within(self, scope: Scope) -> "Incomes":
        """The incomes of disposals inside the scope."""
        if scope.everything:
            return self
        return self.filter(disposal__in=Disposal.objects.within(scope).values("pk"))


class DisposalIncome(models.Model):
    """What a disposal brings (处置收入): due, and paid into the treasury; 分.

    ``from_on``: the first day it is for; ``due_on``: the last day that is in time.
    """

    disposal = models.ForeignKey(
        Disposal, models.PROTECT, related_name="incomes", verbose_name="处置"
    )
    title = models.CharField("款项", max_length=60)
    due_fen = models.BigIntegerField("应缴")
    from_on = models.DateField("款项起始")
    due_on = models.DateField("缴库期限")
    state = models.CharField("缴库", max_length=6, choices=IncomeState.choices)
    receipt = models.CharField("非税收入票据号", max_length=40, blank=True)
    paid_fen = models.BigIntegerField("缴库金额", null=True)
    paid_on = models.DateField("缴库日期", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    told_late_at = models.DateTimeField("催缴时间", null=True)

    objects: Any = Incomes.as_manager()

    class Meta:
        verbose_name = "处置收入"
        ordering = ("due_on", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_one_income_of_a_title", fields=["disposal", "title"]
            ),
            models.CheckConstraint(name="space_income_is_something", condition=Q(due_fen__gt=0)),
            models.CheckConstraint(
                name="space_paid_income_has_its_receipt",
                condition=~Q(state=IncomeState.PAID)
                | Q(paid_fen__gt=0, paid_on__isnull=False) & ~Q(receipt=""),
            ),
            models.CheckConstraint(
                name="space_income_that_differs_says_why",
                condition=~Q(state=IncomeState.PAID) | Q(paid_fen=F("due_fen")) | ~Q(note=""),
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="space_income_by_day")]
        triggers = [
            pgtrigger.FSM(name="income_life", field="state", transitions=INCOME_LIFE.transitions())
        ]

    def __str__(self) -> str:
        return f"{self.disposal} {self.title}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state; what was told of as late stands out."""
        if self.state == IncomeState.DUE and self.told_late_at:
            return "stop", "alarm", "逾期未缴"
        return INCOME_LIFE.chip(self.state)
