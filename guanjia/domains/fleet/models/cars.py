"""Official cars, and what the database guarantees about them."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.terms.cars import (
    CAR_LIFE,
    Body,
    CarFacts,
    CarState,
    Energy,
    Keeping,
    PlateColour,
    Use,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Cars(models.QuerySet["Car"]):
    """Filters over cars."""

    def within(self, scope: Scope) -> "Cars":
        """The cars of units inside the scope."""
        rows = self if scope.everything else self.filter(in_units(scope, "unit"))
        return rows.filter(secret=False) if scope.shared else rows


class Car(models.Model):
    """An official car (公务用车)."""

    plate = models.CharField("号牌号码", max_length=10, unique=True)
    plate_colour = models.CharField("号牌颜色", max_length=12, choices=PlateColour.choices)
    use = models.CharField("车辆类别", max_length=20, choices=Use.choices)
    make = models.CharField("品牌型号", max_length=60)
    vin = models.CharField("车辆识别代号", max_length=17, unique=True)
    energy = models.CharField("能源类型", max_length=12, choices=Energy.choices)
    displacement_l = models.DecimalField("排气量", max_digits=4, decimal_places=2, null=True)
    seats = models.PositiveSmallIntegerField("座位数")
    price_fen = models.BigIntegerField("购置价格", null=True)
    registered_on = models.DateField("登记日期")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="使用单位")
    keeping = models.CharField("管理方式", max_length=10, choices=Keeping.choices)
    odometer_km = models.PositiveIntegerField("里程表读数", default=0)
    state = models.CharField("车辆状态", max_length=12, choices=CarState.choices)
    terminal = models.CharField("终端手机号", max_length=20, blank=True)
    inspected_until = models.DateField("检验有效期止", null=True)
    insured_until = models.DateField("保险期止", null=True)
    body = models.CharField("车型", max_length=10, choices=Body.choices, blank=True)
    tank_l = models.DecimalField("油箱容积", max_digits=5, decimal_places=1, null=True)
    battery_kwh = models.DecimalField("电池容量", max_digits=6, decimal_places=1, null=True)
    secret = models.BooleanField("保密车辆", default=False)

    objects: Any = Cars.as_manager()

    class Meta:
        verbose_name = "公务用车"
        ordering = ("seats", "plate")
        constraints = [
            models.CheckConstraint(name="fleet_car_has_a_seat", condition=Q(seats__gte=1)),
            models.CheckConstraint(
                name="fleet_car_tank_holds_something",
                condition=(Q(tank_l=None) | Q(tank_l__gt=0))
                & (Q(battery_kwh=None) | Q(battery_kwh__gt=0)),
            ),
            models.CheckConstraint(
                name="fleet_car_price_is_positive", condition=Q(price_fen=None) | Q(price_fen__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.plate

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return CAR_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit that uses the car."""
        return str(self.unit.path)

    def facts(self) -> CarFacts:
        """What rules need to know."""
        return CarFacts(
            plate=self.plate,
            seats=self.seats,
            state=CarState(self.state),
            use=Use(self.use),
            keeping=Keeping(self.keeping),
            unit_id=self.unit_id,
            unit_name=str(self.unit),
            inspected_until=self.inspected_until,
            insured_until=self.insured_until,
        )
