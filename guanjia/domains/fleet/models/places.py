"""The bureau's list of places (地点名录): in which county a place lies."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.kernel.values.actor import Scope


class Places(models.QuerySet["Place"]):
    """Filters over places."""

    def within(self, scope: Scope) -> "Places":
        """Places belong to no unit: whoever may look anywhere sees them."""
        return self.none() if scope.nothing else self


class Place(models.Model):
    """A place people write into requests and sightings, with the area it lies in.

    ``aliases`` are other ways to write it, parted by 、; a county's own row has its name as area.
    ``on_the_way`` names the areas one passes when driving there, parted by 、.
    """

    name = models.CharField("地点", max_length=60, unique=True)
    aliases = models.CharField("别名", max_length=200, blank=True)
    area = models.CharField("所在区县", max_length=40)
    on_the_way = models.CharField("途经区县", max_length=200, blank=True)

    objects: Any = Places.as_manager()

    class Meta:
        verbose_name = "地点"
        ordering = ("area", "name")
        constraints = [
            models.CheckConstraint(
                name="fleet_place_lies_somewhere", condition=~Q(area="") & ~Q(name="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """Places are the whole city's."""
        return ""
