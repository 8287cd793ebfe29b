"""How cars end (处置), their lots and what was paid in; and what the database guarantees."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.disposals import (
    DATED,
    DISPOSAL_LIFE,
    LOT_LIFE,
    REMOVALS,
    UNDER_WAY,
    DisposalFacts,
    DisposalMethod,
    DisposalState,
    LotState,
)
from guanjia.kernel.values.actor import Scope


class DisposalLots(models.QuerySet["DisposalLot"]):
    """Filters over lots."""

    def within(self, scope: Scope) -> "DisposalLots":
        """The lots with a car of a unit inside the scope; of the whole city all of them."""
        if scope.everything:
            return self
        mine = Disposal.objects.within(scope).exclude(lot=None)
        return self.filter(pk__in=mine.order_by().values("lot"))


class DisposalLot(models.Model):
    """A lot (批次): an auction, or a day on which cars are handed over for scrapping.

    ``total_fen`` is what the agent's settlement says. The sums of its cars, this total and what
    was paid in are compared to the 分; a lot whose sums differ is closed only with the reason.
    """

    title = models.CharField("批次名称", max_length=60, unique=True)
    method = models.CharField("处置方式", max_length=10, choices=DisposalMethod.choices)
    held_on = models.DateField("举办日期", null=True)
    agent = models.CharField("受托机构", max_length=60, blank=True)
    document = models.CharField("批准文号", max_length=60, blank=True)
    total_fen = models.BigIntegerField("成交总额", null=True)
    state = models.CharField(
        "批次状态", max_length=8, choices=LotState.choices, default=LotState.OPEN
    )
    difference_reason = models.CharField("差额原因", max_length=300, blank=True)
    closed_on = models.DateField("核销日期", null=True)
    opened_at = models.DateTimeField("登记时间")

    objects: Any = DisposalLots.as_manager()

    class Meta:
        verbose_name = "处置批次"
        ordering = ("-opened_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_lot_total_is_not_negative",
                condition=Q(total_fen=None) | Q(total_fen__gte=0),
            ),
            models.CheckConstraint(
                name="fleet_lot_that_is_closed_says_when",
                condition=Q(state="CLOSED", closed_on__isnull=False)
                | Q(state="OPEN", closed_on=None),
            ),
            models.CheckConstraint(
                name="fleet_lot_is_no_transfer", condition=~Q(method=DisposalMethod.TRANSFER)
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="lot_life", field="state", transitions=LOT_LIFE.transitions()),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return LOT_LIFE.chip(self.state)


class LotPayment(models.Model):
    """Money of a lot paid into the treasury (缴库), with its voucher. Never changed or deleted."""

    lot = models.ForeignKey(DisposalLot, models.PROTECT, related_name="payments")
    amount_fen = models.BigIntegerField("缴库金额")
    receipt = models.CharField("缴库凭证号", max_length=40)
    paid_on = models.DateField("缴库日期")
    entered_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "批次缴库"
        ordering = ("paid_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_lot_payment_is_positive", condition=Q(amount_fen__gt=0)
            ),
            models.CheckConstraint(
                name="fleet_lot_payment_has_a_receipt", condition=~Q(receipt="")
            ),
            models.UniqueConstraint(
                fields=["lot", "receipt"],
                name="fleet_lot_receipt_is_told_once",
                violation_error_message="这张缴库凭证已经登记过。",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.receipt


class Disposals(models.QuerySet["Disposal"]):
    """Filters over disposals."""

    def within(self, scope: Scope) -> "Disposals":
        """The disposals of cars of units inside the scope, and those that come to such a unit."""
        if scope.everything:
            return self.filter(within(scope))
        return self.filter(within(scope) | within(scope, unit="to_unit"))

    def theirs(self, scope: Scope) -> "Disposals":
        """The disposals of cars of units inside the scope: who receives a car only looks."""
        return self.filter(within(scope))

    def under_way(self) -> "Disposals":
        """Those that are not over."""
        return self.filter(state__in=UNDER_WAY)


class Disposal(models.Model):
    """How one car ends at its unit (处置): valued, agreed to, dealt, paid in, its card cancelled.

    ``unit`` is the unit whose car it is; ``to_unit`` the one that receives it by a transfer.
    ``purchase``: the renewal that replaces the car. ``payment``: the payment of its lot that
    covers it; without one ``receipt``, ``paid_fen`` and ``paid_on`` are its own.
    """

    number = models.CharField("处置单号", max_length=30, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="disposals")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    method = models.CharField("处置方式", max_length=10, choices=DisposalMethod.choices)
    reason = models.CharField("处置原因", max_length=200, blank=True)
    purchase = models.ForeignKey(
        "fleet.Purchase", models.PROTECT, null=True, related_name="disposals", verbose_name="更新"
    )
    lot = models.ForeignKey(
        DisposalLot, models.PROTECT, null=True, related_name="disposals", verbose_name="批次"
    )
    to_unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="接收单位"
    )
    valuation_fen = models.BigIntegerField("估值", null=True)
    valuer = models.CharField("评估机构", max_length=60, blank=True)
    valued_on = models.DateField("估值日期", null=True)
    document = models.CharField("批准文号", max_length=60, blank=True)
    approved_on = models.DateField("批准日期", null=True)
    disposed_on = models.DateField("处置日期", null=True)
    buyer = models.CharField("买受人", max_length=60, blank=True)
    proceeds_fen = models.BigIntegerField("处置收入", null=True)
    payment = models.ForeignKey(LotPayment, models.PROTECT, null=True, related_name="covers")
    receipt = models.CharField("缴库凭证号", max_length=40, blank=True)
    paid_fen = models.BigIntegerField("缴库金额", null=True)
    paid_on = models.DateField("缴库日期", null=True)
    difference_note = models.CharField("差额原因", max_length=200, blank=True)
    plate_returned_on = models.DateField("号牌交回日期", null=True)
    state = models.CharField("状态", max_length=10, choices=DisposalState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    applicant = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("申请时间", null=True)
    finished_at = models.DateTimeField("办结时间", null=True)

    objects: Any = Disposals.as_manager()

    class Meta:
        verbose_name = "车辆处置"
        ordering = ("-disposed_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["car"],
                condition=Q(state__in=UNDER_WAY),
                name="fleet_one_disposal_under_way_per_car",
                violation_error_message="这辆车已有处置在办。",
            ),
            models.UniqueConstraint(
                fields=["car"],
                condition=Q(state="DONE", method__in=REMOVALS),
                name="fleet_one_removal_per_car",
                violation_error_message="这辆车已经处置办结。",
            ),
            models.CheckConstraint(
                name="fleet_disposal_is_dated_once_dealt",
                condition=Q(state__in=DATED, disposed_on__isnull=False)
                | ~Q(state__in=DATED) & Q(disposed_on=None),
            ),
            models.CheckConstraint(
                name="fleet_transfer_says_to_whom",
                # Only a ledger does not tell it: such a transfer is told of as done, or asked anew.
                condition=Q(to_unit=None)
                & (
                    ~Q(method="TRANSFER")
                    | Q(state="DONE")
                    | Q(asked_at=None, state__in=["DRAFT", "AGREED", "CALLED_OFF"])
                )
                | Q(method="TRANSFER", to_unit__isnull=False) & ~Q(to_unit=F("unit")),
            ),
            models.CheckConstraint(
                name="fleet_disposal_money_is_not_negative",
                condition=(Q(valuation_fen=None) | Q(valuation_fen__gte=0))
                & (Q(proceeds_fen=None) | Q(proceeds_fen__gte=0))
                & (Q(paid_fen=None) | Q(paid_fen__gte=0)),
            ),
            models.CheckConstraint(
                name="fleet_disposal_paid_in_has_its_receipt",
                condition=~Q(state="PAID") | ~Q(receipt="") & Q(paid_fen__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_disposal_covered_lies_in_a_lot",
                condition=Q(payment=None) | Q(lot__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-disposed_on", "-id"], name="fleet_disposal_by_day"),
            models.Index(fields=["state"], name="fleet_disposal_by_state"),
            models.Index(fields=["unit", "-disposed_on"], name="fleet_disposal_by_unit"),
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
        """The path of the unit whose car it is."""
        return str(self.unit.path)

    @property
    def is_removal(self) -> bool:
        """Whether the car is gone afterwards."""
        return self.method in REMOVALS

    def facts(self) -> DisposalFacts:
        """What rules need to know."""
        return DisposalFacts(
            method=DisposalMethod(self.method),
            plate=self.car.plate,
            registered_on=self.car.registered_on,
            valuation_fen=self.valuation_fen,
            valued_on=self.valued_on,
            proceeds_fen=self.proceeds_fen,
            paid_fen=self.paid_fen,
            receipt=self.receipt,
            document=self.document,
            approved_on=self.approved_on,
            disposed_on=self.disposed_on,
            plate_returned_on=self.plate_returned_on,
            difference_note=self.difference_note,
        )
