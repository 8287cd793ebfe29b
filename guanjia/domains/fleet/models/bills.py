"""Bills (账单) and their lines, and what the database guarantees about them."""

from datetime import date
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.bills import (
    BILL_LIFE,
    LINE_LIFE,
    Answer,
    BillState,
    LineKind,
    SizeClass,
)
from guanjia.kernel.values.actor import Scope

# Judged when the transaction ends: until then lines are written one after another.
_SUM = """
    IF EXISTS (
        SELECT 1 FROM fleet_bill b WHERE b.id = {bill} AND b.total_fen <> (
            SELECT coalesce(sum(coalesce(l.adjusted_fen, l.amount_fen)), 0)
            FROM fleet_billline l WHERE l.bill_id = b.id)
    ) THEN
        RAISE EXCEPTION 'fleet_bill_total_is_the_sum_of_its_lines: %', {bill}
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""
# What was sent to a unit is not priced anew: only answers and decisions are written on it.
_FROZEN = """
    IF (NEW.bill_id, NEW.kind, NEW.trip_id, NEW.amount_fen, NEW.km, NEW.hours, NEW.steps,
        NEW.tariff, NEW.departed_at)
       IS DISTINCT FROM
       (OLD.bill_id, OLD.kind, OLD.trip_id, OLD.amount_fen, OLD.km, OLD.hours, OLD.steps,
        OLD.tariff, OLD.departed_at)
       AND EXISTS (SELECT 1 FROM fleet_bill b WHERE b.id = OLD.bill_id AND b.state <> 'DRAFT')
    THEN
        RAISE EXCEPTION 'fleet_line_of_a_sent_bill_is_frozen: %', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


def _sums_up(bill: str) -> pgtrigger.Trigger:
    """The deferred trigger that keeps a bill's total equal to the sum of its lines."""
    return pgtrigger.Trigger(
        name="total_is_the_sum",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        func=_SUM.format(bill=bill),
    )


class Bills(models.QuerySet["Bill"]):
    """Filters over bills."""

    def within(self, scope: Scope) -> "Bills":
        """The bills of units inside the scope."""
        return self.filter(within(scope, car=""))

    def overdue(self, on: date) -> "Bills":
        """The bills a unit has not answered in time; they never count as agreed by that."""
        return self.filter(state=BillState.SENT, answer_due_on__lt=on)


class Bill(models.Model):
    """What a unit owes for the journeys of a month (用车结算单). ``month``: its first day.

    ``total_fen`` is the sum of the lines as they stand, by trigger. ``paid_no``: the number of the
    entry that settled it, as the finance office writes it.
    """

    number = models.CharField("账单号", max_length=30, unique=True)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="用车单位")
    month = models.DateField("账期")
    state = models.CharField(
        "状态", max_length=10, choices=BillState.choices, default=BillState.DRAFT
    )
    total_fen = models.BigIntegerField("合计", default=0)
    drawn_at = models.DateTimeField("出账时间")
    drawn_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField("发出时间", null=True)
    answer_due_on = models.DateField("答复期限", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField("结清时间", null=True)
    closed_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    paid_no = models.CharField("入账凭据号", max_length=40, blank=True)

    objects: Any = Bills.as_manager()

    class Meta:
        verbose_name = "用车结算单"
        ordering = ("-month", "unit__position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "month"],
                name="fleet_one_bill_per_unit_and_month",
                violation_error_message="这个单位这个月已有账单。",
            ),
            models.CheckConstraint(
                name="fleet_bill_month_is_its_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="fleet_bill_sent_says_when_and_until",
                condition=Q(state="DRAFT", sent_at=None, answer_due_on=None)
                | ~Q(state="DRAFT") & Q(sent_at__isnull=False, answer_due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_bill_closed_says_when",
                condition=Q(state="CLOSED", closed_at__isnull=False)
                | ~Q(state="CLOSED") & Q(closed_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "answer_due_on"], name="fleet_bill_by_state"),
            models.Index(fields=["-month", "unit"], name="fleet_bill_by_month"),
        ]
        triggers = [
            pgtrigger.FSM(name="bill_life", field="state", transitions=BILL_LIFE.transitions()),
            pgtrigger.Protect(name="bill_stays", operation=pgtrigger.Delete),
            _sums_up("NEW.id"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return BILL_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit that pays."""
        return str(self.unit.path)


class BillLines(models.QuerySet["BillLine"]):
    """Filters over the lines of bills."""

    def within(self, scope: Scope) -> "BillLines":
        """The lines of bills inside the scope; outside nobody sees those of secret cars."""
        return self.filter(within(scope, unit="bill__unit"))

    def with_due(self) -> "BillLines":
        """Each with ``due_fen``, what is owed for it now."""
        return self.annotate(due_fen=Coalesce("adjusted_fen", "amount_fen"))


class BillLine(models.Model):
    """One journey on a bill, priced and frozen when the bill was sent, or an adjustment.

    ``riders`` of ``all_riders`` shared the car (合乘). ``steps``: how the amount comes about, pairs
    of words and 分. ``adjusted_fen``: what is owed after a dispute was decided. An adjustment
    corrects a line of a closed bill (``corrects``) and may be negative.
    """

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="lines")
    kind = models.CharField("类别", max_length=10, choices=LineKind.choices)
    trip = models.ForeignKey("fleet.Trip", models.PROTECT, null=True, related_name="billed")
    car = models.ForeignKey("fleet.Car", models.PROTECT, null=True, related_name="+")
    departed_at = models.DateTimeField("出车时间", null=True)
    size = models.CharField("计价车型", max_length=6, choices=SizeClass.choices, blank=True)
    km = models.PositiveIntegerField("里程", null=True)
    hours = models.PositiveIntegerField("计时", null=True)
    riders = models.PositiveSmallIntegerField("本单人数", null=True)
    all_riders = models.PositiveSmallIntegerField("全车人数", null=True)
    tariff = models.CharField("价格依据", max_length=120, blank=True)
    steps = models.JSONField("计算过程", default=list)
    amount_fen = models.BigIntegerField("金额")
    adjusted_fen = models.BigIntegerField("调整后金额", null=True)
    answer = models.CharField("答复", max_length=10, choices=Answer.choices, default=Answer.WAITING)
    dispute = models.CharField("异议理由", max_length=200, blank=True)
    reply = models.CharField("处理说明", max_length=200, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    note = models.CharField("调整原因", max_length=200, blank=True)

    objects: Any = BillLines.as_manager()

    class Meta:
        verbose_name = "结算明细"
        ordering = ("departed_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["trip"],
                condition=Q(kind="TRIP"),
                name="fleet_trip_is_billed_once",
                violation_error_message="这一单已经出过账。",
            ),
            models.CheckConstraint(
                name="fleet_line_of_a_trip_has_its_facts",
                condition=~Q(kind="TRIP")
                | Q(
                    trip__isnull=False,
                    car__isnull=False,
                    departed_at__isnull=False,
                    km__isnull=False,
                    hours__isnull=False,
                    amount_fen__gte=0,
                    corrects=None,
                ),
            ),
            models.CheckConstraint(
                name="fleet_line_that_adjusts_says_what_and_why",
                condition=~Q(kind="ADJUSTMENT") | Q(corrects__isnull=False) & ~Q(note=""),
            ),
            models.CheckConstraint(
                name="fleet_line_disputed_says_why",
                condition=~Q(answer__in=["DISPUTED", "DECIDED"]) | ~Q(dispute=""),
            ),
            models.CheckConstraint(
                name="fleet_line_adjusted_says_why",
                condition=Q(adjusted_fen=None) | ~Q(reply=""),
            ),
            models.CheckConstraint(
                name="fleet_line_shares_a_car_with_itself_at_least",
                condition=Q(riders=None) | Q(all_riders__gte=F("riders")),
            ),
        ]
        indexes = [models.Index(fields=["bill", "answer"], name="fleet_line_by_answer")]
        triggers = [
            pgtrigger.Protect(name="line_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="sent_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_FROZEN,
            ),
            _sums_up("NEW.bill_id"),
        ]

    def __str__(self) -> str:
        return f"{self.bill} {self.trip or self.get_kind_display()}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that pays."""
        return self.bill.unit_path

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of what was answered."""
        return LINE_LIFE.chip(self.answer)

    @property
    def due(self) -> int:
        """What is owed for it now, in 分."""
        return int(self.amount_fen if self.adjusted_fen is None else self.adjusted_fen)
