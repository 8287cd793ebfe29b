"""Purchases (更新购置), and what the database guarantees about them."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.cars import Body, Energy, Use
from guanjia.domains.fleet.terms.purchases import (
    PURCHASE_LIFE,
    EarlyReason,
    OldCarFacts,
    PurchaseFacts,
    PurchaseKind,
    PurchaseState,
)
from guanjia.kernel.values.actor import Scope


class Purchases(models.QuerySet["Purchase"]):
    """Filters over purchases."""

    def within(self, scope: Scope) -> "Purchases":
        """The purchases of units inside the scope."""
        rows = self.filter(within(scope, car="old_car"))
        return rows.exclude(new_car__secret=True) if scope.shared else rows

    def holding_on(self, day: date) -> "Purchases":
        """The purchases that were under way on a day."""
        return self.filter(holding__contains=day)


_HOLDING = Q(state__in=["PENDING", "REPORTED", "AGREED"])


class Purchase(models.Model):
    """A car that a unit wants to buy: an additional one, or one in the place of another.

    ``holding``: the days on which it is under way and so takes a place of the quota (half-open);
    ``None`` for one that never was, as a ledger tells of it. Prices are without the tax on the
    purchase. ``body`` and ``seats`` are not told by ledgers; ``make``, ``energy`` and
    ``approved_on`` of one that a ledger tells of (台账登记) may not be known yet.
    """

    number = models.CharField("购置编号", max_length=20, unique=True)
    kind = models.CharField("购置方式", max_length=10, choices=PurchaseKind.choices)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    use = models.CharField("车辆类别", max_length=20, choices=Use.choices)
    body = models.CharField("车型", max_length=10, choices=Body.choices, blank=True)
    energy = models.CharField("能源类型", max_length=12, choices=Energy.choices, blank=True)
    make = models.CharField("品牌型号", max_length=60, blank=True)
    displacement_l = models.DecimalField("排气量", max_digits=4, decimal_places=2, null=True)
    seats = models.PositiveSmallIntegerField("座位数", null=True)
    price_fen = models.BigIntegerField("价格", null=True)
    reason = models.CharField("事由", max_length=200, blank=True)
    special_reason = models.CharField("特殊情形理由", max_length=200, blank=True)
    needed_for_law_enforcement = models.BooleanField("执法工作需要", default=False)
    fixed_city_route = models.BooleanField("路线固定、主要在城区", default=False)
    domestic = models.BooleanField("国产汽车", default=True)
    old_car = models.ForeignKey(
        "fleet.Car", models.PROTECT, null=True, related_name="renewals", verbose_name="旧车"
    )
    early_reason = models.CharField(
        "提前更新原因", max_length=10, choices=EarlyReason.choices, blank=True
    )
    old_car_sound = models.BooleanField("旧车仍能使用", default=False)
    by_province = models.BooleanField("报省级批复", default=False)
    document = models.CharField("批准文号", max_length=60, blank=True)
    approved_on = models.DateField("批准日期", null=True)
    state = models.CharField("状态", max_length=10, choices=PurchaseState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    holding = DateRangeField("占用编制期间", null=True)
    new_car = models.ForeignKey(
        "fleet.Car", models.PROTECT, null=True, related_name="bought_by", verbose_name="新车"
    )
    carded_on = models.DateField("登记新车日期", null=True)
    applicant = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("申请时间", null=True)

    objects: Any = Purchases.as_manager()

    class Meta:
        verbose_name = "更新购置"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="fleet_renewal_names_its_old_car",
                condition=Q(kind="RENEWAL", old_car__isnull=False)
                | Q(kind="NEW", old_car__isnull=True),
            ),
            models.CheckConstraint(
                name="fleet_purchase_costs_something",
                condition=Q(price_fen=None) | Q(price_fen__gt=0),
            ),
            models.CheckConstraint(
                name="fleet_purchased_car_has_a_seat", condition=Q(seats=None) | Q(seats__gte=1)
            ),
            models.CheckConstraint(
                name="fleet_agreed_purchase_says_when",
                condition=~Q(state__in=["AGREED", "CARDED"]) | Q(approved_on__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_purchase_under_way_says_what",
                condition=Q(state="RECORDED") | ~Q(make="") & ~Q(energy=""),
            ),
            models.CheckConstraint(
                name="fleet_carded_purchase_has_its_car",
                condition=Q(state="CARDED", new_car__isnull=False, carded_on__isnull=False)
                | ~Q(state="CARDED") & Q(new_car__isnull=True, carded_on__isnull=True),
            ),
            models.CheckConstraint(
                name="fleet_purchase_under_way_holds_its_place",
                condition=_HOLDING & Q(holding__isnull=False, holding__upper_inf=True)
                | ~_HOLDING & (Q(holding__isnull=True) | Q(holding__upper_inf=False)),
            ),
            models.UniqueConstraint(
                name="fleet_one_renewal_per_old_car",
                fields=["old_car"],
                condition=~Q(state__in=["WITHDRAWN", "REFUSED", "CANCELLED"]),
            ),
            models.UniqueConstraint(name="fleet_one_purchase_per_new_car", fields=["new_car"]),
        ]
        indexes = [
            models.Index(fields=["unit", "use"], name="fleet_purchase_by_unit"),
            models.Index(fields=["state"], name="fleet_purchase_by_state"),
            models.Index(fields=["approved_on"], name="fleet_purchase_by_day"),
            GistIndex(fields=["holding"], name="fleet_purchase_holding"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="purchase_life", field="state", transitions=PURCHASE_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state; a ledger may tell of one not approved yet."""
        if self.state == PurchaseState.RECORDED and self.approved_on is None:
            return "wait", "hourglass", "待批准"
        return PURCHASE_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)

    def facts(self) -> PurchaseFacts:
        """What rules need to know."""
        old = self.old_car
        return PurchaseFacts(
            use=Use(self.use),
            energy=Energy(self.energy) if self.energy else None,
            body=Body(self.body) if self.body else None,
            price_fen=self.price_fen,
            displacement_l=self.displacement_l,
            special_reason=self.special_reason,
            needed_for_law_enforcement=self.needed_for_law_enforcement,
            fixed_city_route=self.fixed_city_route,
            domestic=self.domestic,
            unit_id=self.unit_id,
            old_car=OldCarFacts(
                plate=old.plate,
                registered_on=old.registered_on,
                use=Use(old.use),
                unit_id=old.unit_id,
            )
            if old is not None
            else None,
            early_reason=EarlyReason(self.early_reason) if self.early_reason else None,
            sound=self.old_car_sound,
        )
