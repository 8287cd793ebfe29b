"""Sealing cars over holidays (节假日封存), and each car's part in it."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.sealing import SEALED_LIFE, SealFacts, SealState
from guanjia.kernel.values.actor import Scope


class Sealings(models.QuerySet["Sealing"]):
    """Filters over sealings."""

    def within(self, scope: Scope) -> "Sealings":
        """The plan is the whole city's; its cars are each unit's own (``SealedCars``)."""
        return self.none() if scope.nothing else self


class Sealing(models.Model):
    """A stretch of time over which cars stand still with their keys handed in (节假日封存).

    One that was called off (取消) holds no car any more and leaves its time to another.
    """

    title = models.CharField("名称", max_length=60)
    during = DateTimeRangeField("封存期间")
    notice = models.TextField("通知", max_length=1000)
    planned_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField("安排时间")
    called_off_at = models.DateTimeField("取消时间", null=True)
    called_off_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    called_off_reason = models.CharField("取消原因", max_length=200, blank=True)

    objects: Any = Sealings.as_manager()

    class Meta:
        verbose_name = "节假日封存"
        ordering = ("-during",)
        constraints = [
            ExclusionConstraint(
                name="fleet_one_sealing_at_a_time",
                expressions=[("during", RangeOperators.OVERLAPS)],
                condition=Q(called_off_at=None),
                violation_error_message="这段时间已有一次封存安排。",
            ),
            models.CheckConstraint(
                name="fleet_sealing_begins_and_ends",
                condition=Q(
                    during__lower_inf=False, during__upper_inf=False, during__isempty=False
                ),
            ),
            models.CheckConstraint(
                name="fleet_sealing_called_off_says_why",
                condition=Q(called_off_at=None, called_off_reason="")
                | Q(called_off_at__isnull=False) & ~Q(called_off_reason=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="sealing_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="called_off_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__called_off_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def unit_path(self) -> str:
        """It is the bureau's, about the whole city."""
        return ""


class SealedCars(models.QuerySet["SealedCar"]):
    """Filters over cars in sealings."""

    def within(self, scope: Scope) -> "SealedCars":
        """Those of units inside the scope; a shared scope leaves secret cars out."""
        return self.filter(within(scope))


class SealedCar(models.Model):
    """A car in a sealing: where it stands, who has the keys, or why it stays in use.

    A car whose exception was refused goes back to where it stood: sealed if it had been handed in.
    """

    sealing = models.ForeignKey("fleet.Sealing", models.PROTECT, related_name="cars")
    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="sealings")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    state = models.CharField(
        "封存状态", max_length=10, choices=SealState.choices, default=SealState.TO_SEAL
    )
    place = models.CharField("停放地点", max_length=100, blank=True)
    keys_to = models.CharField("钥匙交存", max_length=60, blank=True)
    sealed_at = models.DateTimeField("封存时间", null=True)
    sealed_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    sealed_km = models.PositiveIntegerField("封存里程表", null=True)
    released_at = models.DateTimeField("解封时间", null=True)
    released_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    released_km = models.PositiveIntegerField("解封里程表", null=True)
    exception_reason = models.CharField("例外理由", max_length=200, blank=True)
    asked_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("申请时间", null=True)
    state_note = models.CharField("状态说明", max_length=200, blank=True)

    objects: Any = SealedCars.as_manager()

    class Meta:
        verbose_name = "封存车辆"
        ordering = ("unit__position", "car__plate")
        constraints = [
            models.UniqueConstraint(
                fields=["sealing", "car"],
                name="fleet_car_is_in_a_sealing_once",
                violation_error_message="这辆车已在这次封存中。",
            ),
            models.CheckConstraint(
                name="fleet_sealed_car_says_where_and_who_has_the_keys",
                condition=Q(sealed_at=None) & ~Q(state__in=["SEALED", "RELEASED"])
                | Q(sealed_at__isnull=False, sealed_km__isnull=False)
                & ~Q(place="")
                & ~Q(keys_to=""),
            ),
            models.CheckConstraint(
                name="fleet_released_car_says_when",
                condition=Q(state="RELEASED", released_at__isnull=False)
                | ~Q(state="RELEASED") & Q(released_at=None),
            ),
            models.CheckConstraint(
                name="fleet_excepted_car_says_why",
                condition=~Q(state__in=["ASKED", "EXCEPTED"]) | ~Q(exception_reason=""),
            ),
            models.CheckConstraint(
                name="fleet_released_reading_never_runs_backwards",
                condition=Q(released_km=None)
                | Q(sealed_km=None)
                | Q(released_km__gte=F("sealed_km")),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="fleet_sealed_by_unit"),
            models.Index(fields=["car"], name="fleet_sealed_by_car"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="sealed_car_life", field="state", transitions=SEALED_LIFE.transitions()
            ),
            pgtrigger.Protect(name="sealed_car_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.sealing} {self.car}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that seals it."""
        return str(self.unit.path)

    def facts(self) -> SealFacts:
        """What rules need to know."""
        return SealFacts(
            id=self.pk,
            sealing_id=self.sealing_id,
            title=self.sealing.title,
            begin_at=self.sealing.during.lower,
            end_at=self.sealing.during.upper,
            sealed_at=self.sealed_at,
            released_at=self.released_at,
            sealed_km=self.sealed_km,
            released_km=self.released_km,
            called_off_at=self.sealing.called_off_at,
        )
