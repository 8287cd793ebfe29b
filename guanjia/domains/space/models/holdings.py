"""Which unit holds a room, and who sits in it, on any day."""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from guanjia.domains.space.terms.ledger import Basis
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Holdings(models.QuerySet["Holding"]):
    """Filters over holdings."""

    def within(self, scope: Scope) -> "Holdings":
        """The holdings of units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))

    def on(self, day: date) -> "Holdings":
        """The holdings of a day."""
        return self.filter(during__contains=day)


class Holding(models.Model):
    """A room given to a unit, from a day on to the day it goes back (half-open).

    Allotment and loan alike: a room is held by one unit at a time, also ahead of time. The
    beginning is unbounded where the ledger does not tell it; a loan always ends.
    """

    room = models.ForeignKey(
        "space.Room", models.PROTECT, related_name="holdings", verbose_name="房间"
    )
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="使用单位")
    during = DateRangeField("使用期间")
    basis = models.CharField("依据", max_length=10, choices=Basis.choices)
    paper = models.CharField("凭证号", max_length=60, blank=True)

    objects: Any = Holdings.as_manager()

    class Meta:
        verbose_name = "房间使用"
        ordering = ("room", "during")
        constraints = [
            ExclusionConstraint(
                name="space_a_room_is_held_by_one_unit",
                expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="这间房在这段时间已有使用单位。",
            ),
            models.CheckConstraint(name="space_holding_lasts", condition=Q(during__isempty=False)),
            models.CheckConstraint(
                name="space_loan_has_an_end",
                condition=~Q(basis=Basis.LOAN)
                | Q(during__upper_inf=False, during__lower_inf=False),
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="space_holding_during")]

    def __str__(self) -> str:
        return f"{self.room} {self.unit}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that holds it."""
        return str(self.unit.path)


class Occupants(models.QuerySet["Occupant"]):
    """Filters over who sits where."""

    def within(self, scope: Scope) -> "Occupants":
        """The seats of people of units inside the scope, and one's own."""
        if scope.everything:
            return self
        wanted = in_units(scope, "person__unit")
        if scope.person_id:
            wanted |= Q(person=scope.person_id)
        return self.filter(wanted)

    def on(self, day: date) -> "Occupants":
        """Who sat where on a day."""
        return self.filter(during__contains=day)


class Occupant(models.Model):
    """Somebody who sits in a room (使用人), from a day on. Two rooms at once are a finding, not
    an impossibility."""

    room = models.ForeignKey(
        "space.Room", models.PROTECT, related_name="occupants", verbose_name="房间"
    )
    person = models.ForeignKey(
        "org.Person", models.PROTECT, related_name="+", verbose_name="使用人"
    )
    during = DateRangeField("使用期间")

    objects: Any = Occupants.as_manager()

    class Meta:
        verbose_name = "房间使用人"
        ordering = ("room", "pk")
        constraints = [
            ExclusionConstraint(
                name="space_a_person_sits_once_in_a_room",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这个人这段时间已在这间房。",
            ),
            models.CheckConstraint(
                name="space_occupancy_lasts", condition=Q(during__isempty=False)
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="space_occupant_during")]

    def __str__(self) -> str:
        return f"{self.person} {self.room}"

    @property
    def unit_path(self) -> str:
        """The path of the unit of who sits there."""
        return str(self.person.unit.path)
