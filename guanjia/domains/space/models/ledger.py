"""Compounds, buildings, floors and rooms; what a room was on any past day."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import FilteredRelation, Q

from guanjia.domains.space.terms.ledger import (
    BuildingKind,
    BuildingState,
    RoomKind,
    RoomState,
    SafetyGrade,
    Structure,
    TitleState,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

# Copied from the floor, so that a page of the ledger is read from one index in its order.
_LEVEL = """
    SELECT f.number INTO NEW.level FROM space_floor f WHERE f.id = NEW.floor_id;
    RETURN NEW;
"""


class Compound(models.Model):
    """A walled ground with buildings (院落)."""

    name = models.CharField("院落", max_length=60, unique=True)
    address = models.CharField("地址", max_length=120, blank=True)
    land_m2 = models.DecimalField("土地面积", max_digits=12, decimal_places=2, null=True)
    land_title_no = models.CharField("土地权属证号", max_length=60, blank=True)
    position = models.PositiveIntegerField("排序号", default=0)

    class Meta:
        verbose_name = "院落"
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                name="space_land_has_an_area", condition=Q(land_m2=None) | Q(land_m2__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Buildings(models.QuerySet["Building"]):
    """Filters over buildings."""

    def within(self, scope: Scope) -> "Buildings":
        """The buildings in which a unit inside the scope has ever held a room; with sight of
        everything, all of them."""
        if scope.everything:
            return self
        wanted = in_units(scope, "rooms__holdings__unit")
        return self.filter(pk__in=Building.objects.filter(wanted).values("pk"))


class Building(models.Model):
    """A building with offices (楼栋); areas in ㎡."""

    compound = models.ForeignKey(
        Compound, models.PROTECT, related_name="buildings", verbose_name="院落"
    )
    name = models.CharField("楼栋", max_length=60)
    gross_m2 = models.DecimalField("建筑面积", max_digits=10, decimal_places=2)
    floors_above = models.PositiveSmallIntegerField("层数")
    kind = models.CharField("建筑类别", max_length=10, choices=BuildingKind.choices)
    built_year = models.PositiveSmallIntegerField("建成年份", null=True)
    structure = models.CharField("建筑结构", max_length=12, choices=Structure.choices, blank=True)
    title_state = models.CharField("权属状态", max_length=12, choices=TitleState.choices)
    title_no = models.CharField("权属证号", max_length=60, blank=True)
    title_owner = models.CharField("权属人", max_length=100, blank=True)
    titled_on = models.DateField("登记日期", null=True)
    title_m2 = models.DecimalField("证载面积", max_digits=10, decimal_places=2, null=True)
    delivered_on = models.DateField("交付日期", null=True)
    state = models.CharField("状态", max_length=10, choices=BuildingState.choices)
    safety = models.CharField("安全等级", max_length=2, choices=SafetyGrade.choices, blank=True)
    appraised_on = models.DateField("鉴定日期", null=True)
    position = models.PositiveIntegerField("排序号", default=0)

    objects: Any = Buildings.as_manager()

    class Meta:
        verbose_name = "楼栋"
        ordering = ("compound__position", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_one_building_of_a_name", fields=["compound", "name"]
            ),
            models.CheckConstraint(
                name="space_building_has_an_area",
                condition=Q(gross_m2__gt=0) & (Q(title_m2=None) | Q(title_m2__gt=0)),
            ),
            models.CheckConstraint(
                name="space_building_has_a_floor",
                condition=Q(floors_above__gte=1, floors_above__lte=200),
            ),
            models.CheckConstraint(
                name="space_registered_title_has_a_number",
                condition=~Q(title_state=TitleState.REGISTERED) | ~Q(title_no=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


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
