"""Floors and rooms; what a room was on any past day."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import FilteredRelation, Q

from guanjia.domains.space.models.buildings import Building
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

# Copied from the floor, so that a page of the ledger is read from one index in its order.
_LEVEL = """
    SELECT f.number INTO NEW.level FROM space_floor f WHERE f.id = NEW.floor_id;
    RETURN NEW;
"""


class Floor(models.Model):
    """A floor (楼层); ``number`` is negative below ground, never 0."""

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="floors", verbose_name="楼栋"
    )
    number = models.SmallIntegerField("楼层")

    class Meta:
        verbose_name = "楼层"
        ordering = ("building", "number")
        constraints = [
            models.UniqueConstraint(
                name="space_one_floor_of_a_number", fields=["building", "number"]
            ),
            models.CheckConstraint(
                name="space_floor_has_a_number",
                condition=Q(number__gte=-20, number__lte=200) & ~Q(number=0),
            ),
        ]
        # Its rooms have copied it.
        triggers = [pgtrigger.ReadOnly(name="number_stays", fields=["number"])]

    def __str__(self) -> str:
        return f"{self.building} {self.title}"

    @property
    def title(self) -> str:
        """``3 层`` or ``地下 1 层``."""
        return f"{self.number} 层" if self.number > 0 else f"地下 {-self.number} 层"


class Rooms(models.QuerySet["Room"]):
    """Filters over rooms, and how they stood on a day."""

    def on(self, day: date) -> "Rooms":
        """The rooms that were there on a day, joined with what they were (``now``) and who held
        them (``held``); both are at most one row, so nothing comes twice.

        ``now__kind``, ``now__usable_m2``, ``now__state``; ``held__unit`` is empty where nobody did.
        """
        return self.annotate(
            now=FilteredRelation("spells", condition=Q(spells__during__contains=day)),
            held=FilteredRelation("holdings", condition=Q(holdings__during__contains=day)),
        ).filter(now__pk__isnull=False)

    def held_within(self, scope: Scope) -> "Rooms":
        """After ``on``: the rooms that units inside the scope held on that day."""
        return self if scope.everything else self.filter(in_units(scope, "held__unit"))

    def within(self, scope: Scope) -> "Rooms":
        """The rooms that a unit inside the scope has ever held; with sight of everything, all."""
        if scope.everything:
            return self
        return self.filter(pk__in=Room.objects.filter(in_units(scope, "holdings__unit")))


class Room(models.Model):
    """A room (房间): its place never changes, what it is does (see ``RoomSpell``).

    ``level`` is the number of its floor, kept by the database, to filter and to sort by.
    """

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="rooms", verbose_name="楼栋"
    )
    floor = models.ForeignKey(Floor, models.PROTECT, related_name="rooms", verbose_name="楼层")
    number = models.CharField("房间号", max_length=20)
    level = models.SmallIntegerField("楼层号", default=0, editable=False)
    # Set on rows read as of a day (``Rooms.on`` with ``select_related``).
    now: Any = None
    held: Any = None

    objects: Any = Rooms.as_manager()

    class Meta:
        verbose_name = "房间"
        ordering = ("building", "floor__number", "number")
        constraints = [
            models.UniqueConstraint(
                name="space_one_room_of_a_number", fields=["building", "number"]
            ),
        ]
        # The order of the ledger: building by building, floor by floor.
        indexes = [
            models.Index(fields=["building", "level", "number"], name="space_room_in_order"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="level_of_its_floor",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_LEVEL,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.building} {self.number}"


class RoomSpells(models.QuerySet["RoomSpell"]):
    """Filters over spells."""

    def on(self, day: date) -> "RoomSpells":
        """The spells that hold on a day."""
        return self.filter(during__contains=day)


class RoomSpell(models.Model):
    """What a room was from a day on until it was something else (half-open, beginning may be
    unknown); areas in ㎡."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="spells", verbose_name="房间")
    during = DateRangeField("期间")
    kind = models.CharField("房间类别", max_length=12, choices=RoomKind.choices)
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2)
    gross_m2 = models.DecimalField("建筑面积", max_digits=8, decimal_places=2, null=True)
    state = models.CharField("状态", max_length=10, choices=RoomState.choices)
    why = models.CharField("原因", max_length=200, blank=True)
    told_at = models.DateTimeField("登记时间")

    objects: Any = RoomSpells.as_manager()

    class Meta:
        verbose_name = "房间情况"
        ordering = ("room", "during")
        constraints = [
            ExclusionConstraint(
                name="space_a_room_is_one_thing_at_a_time",
                expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="这间房在这段时间已有登记。",
            ),
            models.CheckConstraint(
                name="space_room_spell_lasts", condition=Q(during__isempty=False)
            ),
            models.CheckConstraint(
                name="space_room_has_an_area",
                condition=Q(usable_m2__gt=0)
                & (Q(gross_m2=None) | Q(gross_m2__gte=models.F("usable_m2"))),
            ),
        ]
        indexes = [
            GistIndex(fields=["during"], name="space_spell_during"),
            # The empty ones are counted for every list.
            models.Index(
                fields=["room"], condition=Q(state=RoomState.VACANT), name="space_vacant_room"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.kind}"
