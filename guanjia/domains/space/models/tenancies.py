"""周转房: who lives where from when to when, the rents of its months, and what was paid."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from guanjia.domains.space.terms.tenancies import (
    TENANCY_LIFE,
    Condition,
    PaidBy,
    TenancyState,
    TenantKind,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

# Half-open; open-ended until the room came back, for whoever overstays still has it.
_LIVED = Func(F("since_on"), F("ended_on"), function="daterange", output_field=DateRangeField())
_STANDS = ~Q(state=TenancyState.CALLED_OFF)


class Tenancies(models.QuerySet["Tenancy"]):
    """Filters over tenancies."""

    def within(self, scope: Scope) -> "Tenancies":
        """The tenancies of people of units inside the scope, and one's own."""
        if scope.everything:
            return self
        wanted = in_units(scope, "tenant__unit")
        if scope.person_id:
            wanted |= Q(tenant=scope.person_id)
        return self.filter(wanted)


class Tenancy(models.Model):
    """Somebody lives in a 周转房 (租住): from a day, for a term, until they hand it back.

    ``last_on``: the last day of the term; ``left_on``: the day they left their post, from which
    ``leave_by`` follows. ``ended_on``: the day of the return, which is not lived there any more.
    ``rents_from``: the first month whose rent is reckoned here (a ledger tells of older ones).
    """

    number = models.CharField("租住单号", max_length=30, unique=True)
    room = models.ForeignKey(
        "space.Room", models.PROTECT, related_name="tenancies", verbose_name="房间"
    )
    tenant = models.ForeignKey(
        "org.Person", models.PROTECT, related_name="+", verbose_name="承租人"
    )
    kind = models.CharField("入住类别", max_length=10, choices=TenantKind.choices)
    state = models.CharField("状态", max_length=10, choices=TenancyState.choices)
    since_on = models.DateField("起租日期")
    last_on = models.DateField("到期日期")
    document = models.CharField("批准文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    rents_from = models.DateField("计租起始月")
    left_on = models.DateField("离任日期", null=True)
    leave_by = models.DateField("退房期限", null=True)
    ended_on = models.DateField("退房日期", null=True)
    condition = models.CharField("房屋状况", max_length=8, choices=Condition.choices, blank=True)
    condition_note = models.CharField("验房情况", max_length=200, blank=True)
    keys = models.PositiveSmallIntegerField("交回钥匙", null=True)
    damage_fen = models.BigIntegerField("赔偿", null=True)
    refund_fen = models.BigIntegerField("应退租金", null=True)
    entered_at = models.DateTimeField("登记时间")

    objects: Any = Tenancies.as_manager()

    class Meta:
        verbose_name = "周转房租住"
        ordering = ("-pk",)
        constraints = [
            ExclusionConstraint(
                name="space_quarters_have_one_tenant",
                expressions=[("room", RangeOperators.EQUAL), (_LIVED, RangeOperators.OVERLAPS)],
                condition=_STANDS,
                violation_error_message="这套周转房这段时间有人住。",
            ),
            ExclusionConstraint(
                name="space_a_tenant_has_one_room",
                expressions=[("tenant", RangeOperators.EQUAL), (_LIVED, RangeOperators.OVERLAPS)],
                condition=_STANDS,
                violation_error_message="这个人这段时间已有周转房。",
            ),
            models.CheckConstraint(
                name="space_tenancy_ends_after_it_begins",
                condition=Q(last_on__gte=F("since_on"))
                & (Q(ended_on=None) | Q(ended_on__gt=F("since_on")) | ~_STANDS),
            ),
            models.CheckConstraint(
                name="space_returned_quarters_were_inspected",
                condition=~Q(state=TenancyState.RETURNED)
                | Q(ended_on__isnull=False) & ~Q(condition=""),
            ),
            models.CheckConstraint(
                name="space_running_tenancy_has_not_ended",
                condition=~Q(state=TenancyState.RUNNING) | Q(ended_on=None),
            ),
            models.CheckConstraint(
                name="space_who_left_gives_quarters_back",
                condition=Q(left_on=None) ^ Q(leave_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["state", "last_on"], name="space_tenancy_by_state")]
        triggers = [
            pgtrigger.FSM(
                name="tenancy_life", field="state", transitions=TENANCY_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state; who left their post is to go."""
        if self.lives_on and self.left_on:
            return "wait", "logout", "应退房"
        return TENANCY_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the tenant's unit."""
        return str(self.tenant.unit.path)

    @property
    def lives_on(self) -> bool:
        """Whether they still have the room."""
        return self.state == TenancyState.RUNNING


class Rents(models.QuerySet["Rent"]):
    """Filters over rents."""

    def within(self, scope: Scope) -> "Rents":
        """The rents of tenancies inside the scope."""
        if scope.everything:
            return self
        return self.filter(tenancy__in=Tenancy.objects.within(scope).values("pk"))

    def unpaid(self) -> "Rents":
        """What was not paid."""
        return self.filter(payment=None)


class RentPayment(models.Model):
    """Rents of whole months that were paid together (收款); 分. One made void stays, with why."""

    tenancy = models.ForeignKey(
        Tenancy, models.PROTECT, related_name="payments", verbose_name="租住"
    )
    receipt = models.CharField("票据号", max_length=40)
    fen = models.BigIntegerField("收款金额")
    paid_on = models.DateField("收款日期")
    by = models.CharField("收款方式", max_length=10, choices=PaidBy.choices)
    months = models.CharField("收款月份", max_length=400)
    taken_by = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="收款人"
    )
    taken_at = models.DateTimeField("登记时间")
    voided_at = models.DateTimeField("作废时间", null=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "周转房收款"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                name="space_one_payment_of_a_receipt",
                fields=["receipt"],
                condition=Q(voided_at=None),
                violation_error_message="这个票据号已经登记过。",
            ),
            models.CheckConstraint(name="space_payment_is_something", condition=Q(fen__gt=0)),
            models.CheckConstraint(name="space_payment_has_a_receipt", condition=~Q(receipt="")),
            models.CheckConstraint(
                name="space_void_payment_says_why",
                condition=Q(voided_at=None) ^ ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.receipt


class Rent(models.Model):
    """The rent of a month (月租金): 分 for the days lived there, with the rate of then."""

    tenancy = models.ForeignKey(Tenancy, models.PROTECT, related_name="rents", verbose_name="租住")
    month = models.DateField("月份")
    days = models.PositiveSmallIntegerField("天数")
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2)
    rate_fen = models.PositiveIntegerField("每平方米月租")
    fen = models.BigIntegerField("应交")
    due_on = models.DateField("应交日期")
    payment = models.ForeignKey(
        RentPayment, models.PROTECT, null=True, related_name="rents", verbose_name="收款"
    )
    told_late_at = models.DateTimeField("催交时间", null=True)

    objects: Any = Rents.as_manager()

    class Meta:
        verbose_name = "周转房月租金"
        ordering = ("tenancy", "month")
        constraints = [
            models.UniqueConstraint(name="space_one_rent_a_month", fields=["tenancy", "month"]),
            models.CheckConstraint(
                name="space_rent_is_of_a_month",
                condition=Q(month__day=1, days__gte=1, days__lte=31, fen__gte=0),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="space_rent_by_day")]

    def __str__(self) -> str:
        return f"{self.tenancy} {self.month:%Y-%m}"
