"""Work orders (维保工单), and what the database guarantees about them."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.rules import order_lines
from guanjia.domains.fleet.terms.upkeep import (
    ORDER_LIFE,
    ItemFacts,
    ItemKind,
    OrderKind,
    OrderState,
)
from guanjia.kernel.values.actor import Scope


class Orders(models.QuerySet["Order"]):
    """Filters over work orders."""

    def within(self, scope: Scope) -> "Orders":
        """The orders of units inside the scope."""
        return self.filter(within(scope))


class Order(models.Model):
    """A car's visit to a garage: reported, quoted, approved, in the shop, accepted, settled.

    ``service`` names the plan (保养项目) a maintenance fulfils. ``quoted_fen`` is what was agreed
    to, ``amount_fen`` what was paid; ``in_shop_on`` without ``left_shop_on``: the car stands there.
    """

    number = models.CharField("工单号", max_length=30, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="orders")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="承担单位")
    kind = models.CharField("维保类别", max_length=12, choices=OrderKind.choices)
    service = models.CharField("保养项目", max_length=30, blank=True)
    garage = models.CharField("定点厂", max_length=60)
    fault = models.CharField("报修内容", max_length=200)
    reported_on = models.DateField("报修日期")
    reporter = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    accident = models.ForeignKey(
        "fleet.Accident", models.PROTECT, null=True, related_name="orders", verbose_name="事故"
    )
    state = models.CharField("工单状态", max_length=10, choices=OrderState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    quoted_fen = models.BigIntegerField("报价", null=True)
    in_shop_on = models.DateField("送修日期", null=True)
    left_shop_on = models.DateField("出厂日期", null=True)
    odometer_km = models.PositiveIntegerField("里程表", null=True)
    accepted_by = models.CharField("验收人", max_length=60, blank=True)
    accepted_note = models.CharField("验收意见", max_length=200, blank=True)
    settled_on = models.DateField("结算日期", null=True)
    amount_fen = models.BigIntegerField("结算金额", null=True)
    invoice_no = models.CharField("发票号", max_length=40, blank=True)

    objects: Any = Orders.as_manager()

    class Meta:
        verbose_name = "维保工单"
        ordering = ("-reported_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["car"],
                condition=Q(in_shop_on__isnull=False, left_shop_on=None),
                name="fleet_car_is_in_one_shop_at_a_time",
                violation_error_message="这辆车还在另一张工单上修。",
            ),
            models.CheckConstraint(
                name="fleet_order_leaves_the_shop_after_it_came",
                condition=Q(left_shop_on=None) | Q(left_shop_on__gte=F("in_shop_on")),
            ),
            models.CheckConstraint(
                name="fleet_order_in_the_shop_says_since_when",
                condition=~Q(state="IN_SHOP") | Q(in_shop_on__isnull=False, left_shop_on=None),
            ),
            models.CheckConstraint(
                name="fleet_order_that_is_done_left_the_shop",
                condition=~Q(state__in=["ACCEPTED", "SETTLED"]) | Q(left_shop_on__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_order_that_is_settled_says_how_much",
                condition=Q(state="SETTLED", amount_fen__isnull=False, settled_on__isnull=False)
                | ~Q(state="SETTLED") & Q(amount_fen=None, settled_on=None),
            ),
            models.CheckConstraint(
                name="fleet_order_sums_are_not_negative",
                condition=(Q(quoted_fen=None) | Q(quoted_fen__gte=0))
                & (Q(amount_fen=None) | Q(amount_fen__gte=0)),
            ),
            models.CheckConstraint(
                name="fleet_order_that_is_maintenance_names_its_service",
                condition=Q(kind="MAINTENANCE") & ~Q(service="")
                | ~Q(kind="MAINTENANCE") & Q(service=""),
            ),
        ]
        indexes = [
            models.Index(fields=["car", "-reported_on"], name="fleet_order_by_car"),
            models.Index(fields=["-reported_on", "-id"], name="fleet_order_by_day"),
            models.Index(fields=["state"], name="fleet_order_by_state"),
        ]
        triggers = [
            pgtrigger.FSM(name="order_life", field="state", transitions=ORDER_LIFE.transitions())
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return ORDER_LIFE.chip(self.state)

    @property
    def details(self) -> str:
        """Its lines as one text."""
        return order_lines.write([item.facts() for item in self.items.all()])

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)

    @property
    def in_shop(self) -> bool:
        """Whether the car stands in the garage."""
        return self.in_shop_on is not None and self.left_shop_on is None


class OrderItem(models.Model):
    """A line of a work order; ``price_fen`` is ``None`` where a ledger names none."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("序号")
    title = models.CharField("项目", max_length=60)
    kind = models.CharField("项目类别", max_length=8, choices=ItemKind.choices)
    quantity = models.DecimalField("数量", max_digits=8, decimal_places=2)
    price_fen = models.BigIntegerField("单价", null=True)

    class Meta:
        verbose_name = "维保项目"
        ordering = ("order", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="fleet_order_item_has_its_place"
            ),
            models.CheckConstraint(
                name="fleet_order_item_is_something",
                condition=Q(quantity__gt=0)
                & (Q(price_fen=None) | Q(price_fen__gte=0))
                & ~Q(title=""),
            ),
        ]
        indexes = [models.Index(fields=["title"], name="fleet_order_item_by_title")]

    def __str__(self) -> str:
        return self.title

    def facts(self) -> ItemFacts:
        """What rules need to know."""
        return ItemFacts(
            title=self.title,
            kind=ItemKind(self.kind),
            quantity=self.quantity,
            price_fen=self.price_fen,
        )
