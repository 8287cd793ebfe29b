"""Accidents (事故) and fines (违法) of official cars."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.models.upkeep import OfCars
from guanjia.domains.fleet.terms.upkeep import (
    ACCIDENT_LIFE,
    FINE_LIFE,
    AccidentState,
    Blame,
    FineState,
    LossFacts,
    PaidBy,
)


class Accident(models.Model):
    """An accident: where and when, who drove, who is to blame, and who pays for it."""

    number = models.CharField("事故编号", max_length=40, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="accidents")
    at = models.DateTimeField("事故时间")
    place = models.CharField("事故地点", max_length=100)
    driver = models.ForeignKey(
        "fleet.Driver", models.PROTECT, null=True, related_name="accidents", verbose_name="驾驶员"
    )
    trip = models.ForeignKey(
        "fleet.Trip", models.PROTECT, null=True, related_name="accidents", verbose_name="派车单"
    )
    what = models.CharField("事故情形", max_length=200)
    blame = models.CharField("责任认定", max_length=8, choices=Blame.choices)
    loss_fen = models.BigIntegerField("损失金额", default=0)
    insurer_fen = models.BigIntegerField("保险赔付", default=0)
    self_fen = models.BigIntegerField("自付金额", default=0)
    closed_on = models.DateField("结案日期", null=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects: Any = OfCars.as_manager()

    class Meta:
        verbose_name = "交通事故"
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_accident_sums_are_not_negative",
                condition=Q(loss_fen__gte=0, insurer_fen__gte=0, self_fen__gte=0),
            ),
            models.CheckConstraint(
                name="fleet_accident_that_is_closed_adds_up",
                condition=Q(closed_on=None)
                | Q(loss_fen=models.F("insurer_fen") + models.F("self_fen"))
                & ~Q(blame=Blame.PENDING.value),
            ),
        ]
        indexes = [models.Index(fields=["car", "-at"], name="fleet_accident_by_car")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> str:
        """Whether it is closed."""
        return AccidentState.OPEN if self.closed_on is None else AccidentState.CLOSED

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return ACCIDENT_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)

    def facts(self) -> LossFacts:
        """What rules need to know."""
        return LossFacts(
            blame=Blame(self.blame),
            loss_fen=self.loss_fen,
            insurer_fen=self.insurer_fen,
            self_fen=self.self_fen,
        )


class Fine(models.Model):
    """A traffic offence (违法) and its fine; never paid by public money.

    The driver is found through the journey that ran then; where none did, a doubt stands on it.
    """

    number = models.CharField("决定书编号", max_length=40, unique=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="fines")
    at = models.DateTimeField("违法时间")
    place = models.CharField("违法地点", max_length=100)
    what = models.CharField("违法行为", max_length=100)
    points = models.PositiveSmallIntegerField("记分", default=0)
    amount_fen = models.BigIntegerField("罚款")
    trip = models.ForeignKey(
        "fleet.Trip", models.PROTECT, null=True, related_name="fines", verbose_name="派车单"
    )
    driver = models.ForeignKey(
        "fleet.Driver", models.PROTECT, null=True, related_name="fines", verbose_name="驾驶员"
    )
    handled_on = models.DateField("处理日期", null=True)
    paid_by = models.CharField("缴款人", max_length=8, choices=PaidBy.choices, blank=True)
    payer = models.CharField("缴款人姓名", max_length=60, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects: Any = OfCars.as_manager()

    class Meta:
        verbose_name = "违法记录"
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_fine_is_never_paid_by_public_money",
                condition=~Q(paid_by=PaidBy.PUBLIC.value),
            ),
            models.CheckConstraint(
                name="fleet_fine_that_is_handled_says_by_whom",
                condition=Q(handled_on=None, paid_by="")
                | Q(handled_on__isnull=False) & ~Q(paid_by=""),
            ),
            models.CheckConstraint(
                name="fleet_fine_is_not_negative", condition=Q(amount_fen__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["car", "-at"], name="fleet_fine_by_car")]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> str:
        """Whether it was paid."""
        return FineState.OPEN if self.handled_on is None else FineState.HANDLED

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return FINE_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)
