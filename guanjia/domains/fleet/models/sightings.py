"""Where cars were seen: what oversight compares with their orders."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.values.actor import Scope


class Sightings(models.QuerySet["Sighting"]):
    """Filters over sightings."""

    def within(self, scope: Scope) -> "Sightings":
        """The sightings of cars of units inside the scope."""
        return self.filter(within(scope, unit="car__unit"))


class Sighting(models.Model):
    """A car was at a place at an instant (行车线索): a toll gate, a fuel station, an inspector.

    ``ref`` is the number of the event in its source; with the source it is unique.
    """

    car = models.ForeignKey("fleet.Car", models.PROTECT, related_name="sightings")
    at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=100)
    area = models.CharField("所在区县", max_length=40, blank=True)
    source = models.CharField("来源", max_length=10, choices=SightingSource.choices)
    ref = models.CharField("来源编号", max_length=80, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    told_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间")

    objects: Any = Sightings.as_manager()

    class Meta:
        verbose_name = "行车线索"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "ref"],
                condition=~Q(ref=""),
                name="fleet_sighting_of_a_source_is_told_once",
                violation_error_message="这条线索已经登记过。",
            ),
        ]
        indexes = [models.Index(fields=["car", "at"], name="fleet_sighting_by_car")]

    def __str__(self) -> str:
        return f"{self.car} {self.place}"

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.car.unit.path)
