"""What running a car costs, and the cards it is paid with."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.costs import CostKind, CostSource, CostState
from guanjia.kernel.values.actor import Scope


class FuelCards(models.QuerySet["FuelCard"]):
    """Filters over fuel cards."""

    def within(self, scope: Scope) -> "FuelCards":
        """The cards of cars of units inside the scope."""
        return self.filter(within(scope, unit="car__unit"))


class FuelCard(models.Model):
    """A fuel card (加油卡): one card one car; changed to another car only by a new card's row."""

    number = models.CharField("卡号", max_length=30)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="cards")
    issuer = models.CharField("发卡单位", max_length=40, blank=True)
    since = models.DateField("启用日期")
    until = models.DateField("停用日期", null=True)
    reason = models.CharField("停用原因", max_length=100, blank=True)

    objects: Any = FuelCards.as_manager()

    class Meta:
        verbose_name = "加油卡"
        ordering = ("number", "-since")
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(until=None),
                name="fleet_card_serves_one_car",
                violation_error_message="这张卡正在给另一辆车用。",
            ),
            models.UniqueConstraint(
                fields=["car", "issuer"],
                condition=Q(until=None),
                name="fleet_car_has_one_card_of_an_issuer",
                violation_error_message="这辆车已有一张卡。",
            ),
            models.CheckConstraint(
                name="fleet_card_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)


class Costs(models.QuerySet["Cost"]):
    """Filters over costs."""

    def within(self, scope: Scope) -> "Costs":
        """The costs that units inside the scope bear."""
        return self.filter(within(scope))

    def counted(self) -> "Costs":
        """The costs that count: not told twice, not refused, not void."""
        return self.filter(state=CostState.COUNTED)


class Cost(models.Model):
    """Money spent on running one car (运行费用). Never deleted: it is replaced, refused or void.

    ``unit`` bears it: the unit on whose books the car stood that day. ``source_no`` is the number
    of the transaction in its source; with the source it is unique, so that a sheet comes in twice
    without doubling anything. ``litres``, ``kwh``, ``full`` (加满) and ``odometer_km`` belong to
    energy; ``place`` and ``area`` say where.
    """

    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="costs")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="承担单位")
    kind = models.CharField("费用类别", max_length=12, choices=CostKind.choices)
    spent_on = models.DateField("日期")
    spent_at = models.DateTimeField("时间", null=True)
    amount_fen = models.BigIntegerField("金额")
    litres = models.DecimalField("升数", max_digits=8, decimal_places=2, null=True)
    kwh = models.DecimalField("电量", max_digits=8, decimal_places=2, null=True)
    full = models.BooleanField("加满", null=True)
    odometer_km = models.PositiveIntegerField("里程表", null=True)
    card = models.ForeignKey("fleet.FuelCard", models.PROTECT, null=True, related_name="costs")
    place = models.CharField("地点", max_length=100, blank=True)
    area = models.CharField("所在区县", max_length=40, blank=True)
    trip = models.ForeignKey("fleet.Trip", models.PROTECT, null=True, related_name="costs")
    source = models.CharField("来源", max_length=12, choices=CostSource.choices)
    source_no = models.CharField("流水号", max_length=60, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=CostState.choices, default=CostState.COUNTED
    )
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")
    note = models.CharField("备注", max_length=200, blank=True)
    entered_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects: Any = Costs.as_manager()

    class Meta:
        verbose_name = "运行费用"
        ordering = ("-spent_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_no"],
                condition=~Q(source_no=""),
                name="fleet_cost_of_a_source_is_told_once",
                violation_error_message="这笔流水已经登记过。",
            ),
            models.CheckConstraint(
                name="fleet_cost_is_not_negative", condition=Q(amount_fen__gte=0)
            ),
            models.CheckConstraint(
                name="fleet_cost_replaced_says_by_what",
                condition=Q(state="REPLACED", replaced_by__isnull=False)
                | ~Q(state="REPLACED") & Q(replaced_by=None),
            ),
            models.CheckConstraint(
                name="fleet_cost_quantities_are_positive",
                condition=(Q(litres=None) | Q(litres__gt=0)) & (Q(kwh=None) | Q(kwh__gt=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["car", "spent_on"], name="fleet_cost_by_car"),
            models.Index(fields=["unit", "spent_on"], name="fleet_cost_by_unit"),
            models.Index(fields=["-spent_on", "-id"], name="fleet_cost_by_day"),
            models.Index(fields=["trip"], name="fleet_cost_by_trip"),
        ]

    def __str__(self) -> str:
        return f"{self.car} {self.get_kind_display()} {self.spent_on}"

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)
