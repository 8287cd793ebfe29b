"""Giving offices back (腾退移交): why, which rooms, until when, and who took them back."""

from datetime import date
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.space.terms.clearances import (
    CLEARANCE_LIFE,
    STANDING,
    WITH_UNIT,
    ClearanceReason,
    ClearanceState,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Clearances(models.QuerySet["Clearance"]):
    """Filters over clearances."""

    def within(self, scope: Scope) -> "Clearances":
        """The clearances of units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))

    def standing(self) -> "Clearances":
        """Those whose rooms are not back."""
        return self.filter(state__in=STANDING)

    def overdue(self, on: date) -> "Clearances":
        """Those whose time had passed on a day, with the rooms still in the unit's hands."""
        return self.filter(state__in=WITH_UNIT, due_on__lt=on)


class Clearance(models.Model):
    """Rooms that a unit gives back (腾退). ``due_on``: the last day that is in time.

    ``begins_on``: the day from which the time counts. ``allocation``: what led to it.
    """

    number = models.CharField("腾退单号", max_length=30, unique=True)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    reason = models.CharField("腾退原因", max_length=12, choices=ClearanceReason.choices)
    note = models.CharField("说明", max_length=200, blank=True)
    person = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="涉及人员"
    )
    allocation = models.ForeignKey(
        "space.Allocation", models.PROTECT, null=True, related_name="clearances",
        verbose_name="有关调配",
    )  # fmt: skip
    begins_on = models.DateField("起算日期")
    due_on = models.DateField("腾退期限")
    state = models.CharField("状态", max_length=12, choices=ClearanceState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    opened_at = models.DateTimeField("发起时间")
    handed_back_on = models.DateField("移交日期", null=True)
    handed_by = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="移交人"
    )
    accepted_on = models.DateField("接收日期", null=True)
    accepted_by = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="接收人"
    )

    # Set on rows that a page shows as of a day.
    is_late: bool = False

    objects: Any = Clearances.as_manager()

    class Meta:
        verbose_name = "用房腾退"
        ordering = ("due_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="space_clearance_is_due_after_it_begins",
                condition=Q(due_on__gte=F("begins_on")),
            ),
            models.CheckConstraint(
                name="space_accepted_clearance_says_when",
                condition=Q(state="DONE", handed_back_on__isnull=False, accepted_on__isnull=False)
                | ~Q(state="DONE") & Q(accepted_on=None),
            ),
            models.CheckConstraint(
                name="space_handed_back_clearance_says_when",
                condition=~Q(state="HANDED_BACK") | Q(handed_back_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="space_clearance_by_due"),
            models.Index(fields=["unit", "due_on"], name="space_clearance_by_unit"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="clearance_life", field="state", transitions=CLEARANCE_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state; what is late stands out."""
        if self.is_late:
            return "stop", "alarm", "逾期未移交"
        return CLEARANCE_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit that gives back."""
        return str(self.unit.path)

    def is_late_on(self, day: date) -> bool:
        """Whether its time had passed on a day, with the rooms in the unit's hands."""
        return self.state in WITH_UNIT and self.due_on < day


class ClearanceRoom(models.Model):
    """A room that goes back; ``standing`` while the clearance is not over."""

    clearance = models.ForeignKey(Clearance, models.PROTECT, related_name="rooms")
    room = models.ForeignKey("space.Room", models.PROTECT, related_name="+", verbose_name="房间")
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2)
    standing = models.BooleanField("在办", default=True)

    class Meta:
        verbose_name = "腾退房间"
        ordering = ("room__building", "room__floor__number", "room__number")
        constraints = [
            models.UniqueConstraint(
                name="space_a_room_stands_once_in_a_clearance", fields=["clearance", "room"]
            ),
            models.UniqueConstraint(
                name="space_a_room_is_cleared_once_at_a_time",
                fields=["room"],
                condition=Q(standing=True),
                violation_error_message="这间房已在腾退。",
            ),
            models.CheckConstraint(
                name="space_cleared_room_has_an_area", condition=Q(usable_m2__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clearance} {self.room}"
