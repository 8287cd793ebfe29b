"""Giving offices to units (调配): requests, their needs, the ways refused before, the rooms."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.space.terms.allocations import (
    ALLOCATION_LIFE,
    COUNTED,
    FROM_STOCK,
    AllocationMethod,
    AllocationState,
    Standing,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.values.actor import Scope


class Allocations(models.QuerySet["Allocation"]):
    """Filters over allocations."""

    def within(self, scope: Scope) -> "Allocations":
        """The allocations to units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))

    def counted(self) -> "Allocations":
        """Those that were approved, have their paper and were not called off."""
        return self.filter(state__in=COUNTED, approved_on__isnull=False)


class Allocation(models.Model):
    """Offices for a unit (调配): asked for, approved, rooms chosen, handed over, given back.

    ``paper``: the number of its voucher, of ours or of a ledger. ``last_on``: the last day of a
    loan. ``wanted_m2``, ``entitled_m2``, ``held_m2`` and ``usable_m2`` are usable ㎡, as they were
    when it was sent and granted; ``gross_m2`` is the 建筑面积 that figures add up. ``extends``: the
    loan that this one makes longer. What a ledger tells has no ``asked_at``, and no rooms.
    """

    number = models.CharField("调配单号", max_length=30, unique=True)
    paper = models.CharField("凭证号", max_length=60, blank=True)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    way = models.CharField("调配方式", max_length=12, choices=AllocationMethod.choices)
    state = models.CharField("状态", max_length=10, choices=AllocationState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    reason = models.CharField("申请理由", max_length=300, blank=True)
    place = models.CharField("坐落", max_length=200, blank=True)
    gross_m2 = models.DecimalField("建筑面积", max_digits=10, decimal_places=2, null=True)
    usable_m2 = models.DecimalField("使用面积", max_digits=10, decimal_places=2, null=True)
    wanted_m2 = models.DecimalField("申请面积", max_digits=10, decimal_places=2, null=True)
    entitled_m2 = models.DecimalField("核定面积", max_digits=10, decimal_places=2, null=True)
    held_m2 = models.DecimalField("现有面积", max_digits=10, decimal_places=2, null=True)
    document = models.CharField("批准文号", max_length=60, blank=True)
    approved_on = models.DateField("批准日期", null=True)
    since_on = models.DateField("使用期限起", null=True)
    last_on = models.DateField("使用期限止", null=True)
    extends = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="extensions", verbose_name="原借用"
    )
    applicant = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间", null=True)
    granted_by = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="选房人"
    )
    granted_at = models.DateTimeField("选房时间", null=True)
    handed_over_on = models.DateField("交接日期", null=True)
    receiver = models.CharField("接收人", max_length=60, blank=True)
    ended_on = models.DateField("结束日期", null=True)

    objects: Any = Allocations.as_manager()

    class Meta:
        verbose_name = "用房调配"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                name="space_one_allocation_of_a_paper",
                fields=["paper"],
                condition=~Q(paper=""),
                violation_error_message="这个凭证号已经登记过。",
            ),
            models.UniqueConstraint(
                name="space_a_loan_is_extended_once_at_a_time",
                fields=["extends"],
                condition=Q(extends__isnull=False) & ~Q(state=AllocationState.CALLED_OFF),
                violation_error_message="这笔借用已有续借。",
            ),
            models.CheckConstraint(
                name="space_loaned_offices_have_an_end",
                condition=~Q(way=AllocationMethod.LOAN)
                | Q(since_on__isnull=False, last_on__isnull=False),
            ),
            models.CheckConstraint(
                name="space_allocation_ends_after_it_begins",
                condition=Q(since_on=None) | Q(last_on=None) | Q(last_on__gte=F("since_on")),
            ),
            models.CheckConstraint(
                name="space_allocated_area_is_positive",
                condition=(Q(gross_m2=None) | Q(gross_m2__gt=0))
                & (Q(usable_m2=None) | Q(usable_m2__gt=0))
                & (Q(wanted_m2=None) | Q(wanted_m2__gt=0)),
            ),
            models.CheckConstraint(
                name="space_granted_allocation_has_its_paper",
                condition=~Q(state__in=["RESERVED", "IN_USE", "RECORDED", "ENDED"]) | ~Q(paper=""),
            ),
            models.CheckConstraint(
                name="space_counted_allocation_says_when_approved",
                condition=~Q(state__in=["AGREED", *COUNTED]) | Q(approved_on__isnull=False),
            ),
            models.CheckConstraint(
                name="space_only_a_loan_extends",
                condition=Q(extends=None) | Q(way=AllocationMethod.LOAN) & ~Q(extends=F("pk")),
            ),
        ]
        indexes = [
            models.Index(fields=["-approved_on", "-id"], name="space_allocation_by_day"),
            models.Index(fields=["state"], name="space_allocation_by_state"),
            models.Index(fields=["unit", "-approved_on"], name="space_allocation_by_unit"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="allocation_life", field="state", transitions=ALLOCATION_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state, as it is said."""
        tone, icon, _ = ALLOCATION_LIFE.chip(self.state)
        return tone, icon, self.state_said

    @property
    def unit_path(self) -> str:
        """The path of the unit that asks."""
        return str(self.unit.path)

    @property
    def state_said(self) -> str:
        """The state in words; what is approved waits for what its way needs, not always for a
        choice of rooms."""
        state = AllocationState(self.state)
        if state is not AllocationState.AGREED:
            return state.label
        if self.extends_id is not None:
            return "待签发"
        return state.label if AllocationMethod(self.way) in FROM_STOCK else "待登记"

    @property
    def is_loan(self) -> bool:
        """Whether it ends by itself."""
        return self.way == AllocationMethod.LOAN

    @property
    def standing(self) -> Standing:
        """Whether figures count it."""
        counted = self.state in COUNTED and self.approved_on is not None
        return Standing.COUNTS if counted else Standing.NOT


class AllocationNeed(models.Model):
    """How many people of a rank are to be seated (编制或实有人数)."""

    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="needs")
    rank = models.CharField("职级", max_length=20, choices=Rank.choices)
    persons = models.PositiveIntegerField("人数")

    class Meta:
        verbose_name = "用房人数"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                name="space_need_names_a_rank_once", fields=["allocation", "rank"]
            ),
            models.CheckConstraint(
                name="space_need_is_somebodys", condition=Q(persons__gte=1, persons__lte=10_000)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rank_display()} {self.persons} 人"


class AllocationWay(models.Model):
    """Why an earlier way of the prescribed order will not do (前一方式不能采用的理由)."""

    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="ways")
    way = models.CharField("方式", max_length=12, choices=AllocationMethod.choices)
    refusal = models.CharField("不能采用的理由", max_length=200)
    told_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField("说明时间")

    class Meta:
        verbose_name = "配置方式说明"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                name="space_a_way_is_refused_once", fields=["allocation", "way"]
            ),
            models.CheckConstraint(name="space_refused_way_says_why", condition=~Q(refusal="")),
            models.CheckConstraint(
                name="space_way_stands_in_the_order", condition=~Q(way__in=["LOAN", "BUILD"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.allocation} {self.get_way_display()}"


class AllocationRoom(models.Model):
    """A room of an allocation: one that is given, or an old one that goes back (``back``).

    ``usable_m2`` and ``gross_m2`` are what the ledger told on the day it was granted.
    """

    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="rooms")
    room = models.ForeignKey("space.Room", models.PROTECT, related_name="+", verbose_name="房间")
    back = models.BooleanField("交回", default=False)
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2)
    gross_m2 = models.DecimalField("建筑面积", max_digits=8, decimal_places=2, null=True)

    class Meta:
        verbose_name = "调配房间"
        ordering = ("room__building", "room__floor__number", "room__number")
        constraints = [
            models.UniqueConstraint(
                name="space_a_room_stands_once_in_an_allocation", fields=["allocation", "room"]
            ),
            models.CheckConstraint(
                name="space_allocated_room_has_an_area", condition=Q(usable_m2__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.allocation} {self.room}"
