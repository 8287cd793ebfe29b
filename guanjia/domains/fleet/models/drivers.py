"""Drivers, and what the database guarantees about them."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.terms.drivers import DRIVER_LIFE, DriverFacts, DriverState, Licence
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Drivers(models.QuerySet["Driver"]):
    """Filters over drivers."""

    def within(self, scope: Scope) -> "Drivers":
        """The drivers of units inside the scope, and oneself."""
        if scope.everything:
            return self
        wanted = in_units(scope, "unit")
        if scope.person_id:
            wanted |= Q(person_id=scope.person_id)
        return self.filter(wanted)


class Driver(models.Model):
    """Who drives an official car (驾驶员); ``person`` when they have an account of their own."""

    number = models.CharField("驾驶员编号", max_length=20, unique=True)
    name = models.CharField("姓名", max_length=60)
    mobile = models.CharField("手机号", max_length=20, blank=True)
    licence = models.CharField("准驾车型", max_length=4, choices=Licence.choices)
    licence_until = models.DateField("驾驶证有效期止")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="所属单位")
    person = models.OneToOneField("org.Person", models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        "状态", max_length=10, choices=DriverState.choices, default=DriverState.ON_DUTY
    )

    objects: Any = Drivers.as_manager()
    derived_on_entering = ("person",)

    class Meta:
        verbose_name = "驾驶员"
        ordering = ("number",)
        indexes = [models.Index(fields=["name"], name="fleet_driver_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return DRIVER_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the driver's unit."""
        return str(self.unit.path)

    def facts(self) -> DriverFacts:
        """What rules need to know."""
        return DriverFacts(
            name=self.name,
            licence=Licence(self.licence),
            licence_until=self.licence_until,
            state=DriverState(self.state),
        )
