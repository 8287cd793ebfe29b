"""What running a car costs, and the cards it is paid with."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.costs import (
    COST_LIFE,
    CostKind,
    CostSource,
    CostState,
    LevelSource,
)
from guanjia.kernel.values.actor import Scope


class FuelCards(models.QuerySet["FuelCard"]):
    """Filters over fuel cards."""

    def within(self, scope: Scope) -> "FuelCards":
        """The cards of cars of units inside the scope."""
        return self.filter(within(scope, unit="car__unit"))

    def newest(self) -> "FuelCards":
        """One row for each number: the car it serves, or served last."""
        later = FuelCard.objects.filter(number=OuterRef("number")).filter(
            Q(since__gt=OuterRef("since")) | Q(since=OuterRef("since"), pk__gt=OuterRef("pk"))
        )
        return self.exclude(Exists(later))


class FuelCard(models.Model):
    """A fuel card (加油卡): one card one car; changed to another car only by a new card's row.

    It serves its car from ``since`` up to but not including ``until``. Cards for toll roads (ETC)
    are kept here too.
    """

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
            models.CheckConstraint(
                name="fleet_card_stopped_says_why",
                condition=Q(until=None) | ~Q(reason=""),
                violation_error_message="停用的卡要写原因。",
            ),
            ExclusionConstraint(
                name="fleet_card_serves_one_car_at_a_time",
                expressions=[
                    ("number", RangeOperators.EQUAL),
                    (
                        Func(
                            F("since"),
                            F("until"),
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="这张卡在这段时间给另一辆车用。",
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
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return COST_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)


class FuelSale(models.Model):
    """What the fuel company tells of a sale beyond its cost (油卡交易)."""

    cost = models.OneToOneField(Cost, models.PROTECT, related_name="sale")
    card_number = models.CharField("卡号", max_length=30)
    grade = models.CharField("油品", max_length=20, blank=True)
    price_yuan = models.DecimalField("单价", max_digits=7, decimal_places=3, null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "油卡交易"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="fleet_sale_price_is_positive",
                condition=Q(price_yuan=None) | Q(price_yuan__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_number} {self.grade}"


class TollPass(models.Model):
    """What the toll road tells of a passage beyond its cost (ETC 通行)."""

    cost = models.OneToOneField(Cost, models.PROTECT, related_name="toll")
    card_number = models.CharField("ETC卡号", max_length=30, blank=True)
    entry_place = models.CharField("入口站", max_length=60, blank=True)
    entry_at = models.DateTimeField("入口时间", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "ETC 通行"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.entry_place} {self.card_number}"


class Statement(models.Model):
    """The total that a sheet's own last line states for a month (对账单总额), to compare with."""

    source = models.CharField("来源", max_length=12, choices=CostSource.choices)
    month = models.DateField("月份")
    total_fen = models.BigIntegerField("总额")
    entries = models.PositiveIntegerField("笔数", null=True)
    told_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "对账单总额"
        ordering = ("-month", "source")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "month"],
                name="fleet_statement_of_a_month_stands_once",
                violation_error_message="这个月的总额已登记。",
            ),
            models.CheckConstraint(
                name="fleet_statement_is_of_a_sheet_and_a_month",
                condition=Q(source__in=["FUEL_SHEET", "ETC_SHEET"]) & Q(month__day=1),
            ),
            models.CheckConstraint(
                name="fleet_statement_is_not_negative", condition=Q(total_fen__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.month:%Y-%m}"


class FuelLevels(models.QuerySet["FuelLevel"]):
    """Filters over levels."""

    def within(self, scope: Scope) -> "FuelLevels":
        """The levels of cars of units inside the scope."""
        return self.filter(within(scope, unit="car__unit"))


class FuelLevel(models.Model):
    """How much was in a car's tank at an instant (油量); entered by hand or sent by a terminal."""

    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="levels")
    at = models.DateTimeField("时间")
    litres = models.DecimalField("油量", max_digits=6, decimal_places=2)
    source = models.CharField("来源", max_length=10, choices=LevelSource.choices)

    objects: Any = FuelLevels.as_manager()

    class Meta:
        verbose_name = "油量"
        ordering = ("car", "at")
        constraints = [
            models.UniqueConstraint(
                fields=["car", "at"],
                name="fleet_level_at_an_instant_stands_once",
                violation_error_message="这个时间的油量已登记。",
            ),
            models.CheckConstraint(name="fleet_level_is_not_negative", condition=Q(litres__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.car} {self.litres}"

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)
