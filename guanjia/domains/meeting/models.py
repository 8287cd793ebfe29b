"""Rooms for meetings, and their bookings: never two in one room at one time."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q

from guanjia.domains.meeting.terms import BOOKING_LIFE, TAKES_ROOM, Asking, BookingState, Standing
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

_SOME = (MinValueValidator(1), MaxValueValidator(5_000))  # seats of a room, people at a meeting


class Rooms(models.QuerySet["MeetingRoom"]):
    """Filters over rooms."""

    def within(self, scope: Scope) -> "Rooms":
        """The rooms that units inside the scope keep."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))


class MeetingRoom(models.Model):
    """A room for meetings (会议室). One that only a ledger named has no unit and no seats."""

    name = models.CharField("会议室", max_length=40, unique=True)
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="管理单位"
    )
    seats = models.PositiveSmallIntegerField("座位数", null=True, validators=_SOME)
    equipment = models.CharField("设备", max_length=100, blank=True)
    asking = models.CharField("预订方式", max_length=8, choices=Asking.choices, default="FREE")
    standing = models.CharField("状态", max_length=8, choices=Standing.choices, default="OPEN")

    objects: Any = Rooms.as_manager()

    class Meta:
        verbose_name = "会议室"
        verbose_name_plural = verbose_name
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def told(self) -> str:
        """What whoever books it should know: ``60 座，须审批``."""
        seats = f"{self.seats} 座" if self.seats else "座位数未登记"
        return f"{seats}，{Asking.ASKED.label}" if self.asking == Asking.ASKED else seats


class Bookings(models.QuerySet["Booking"]):
    """Filters over bookings."""

    def within(self, scope: Scope) -> "Bookings":
        """Meetings of units inside the scope, and those in rooms that such units keep."""
        if scope.everything:
            return self
        return self.filter(in_units(scope, "unit") | in_units(scope, "room__unit"))

    def between(self, start: Any, end: Any) -> "Bookings":
        """What has its room at some moment of the half-open span."""
        rows = self.filter(state__in=TAKES_ROOM, starts_at__lt=end, ends_at__gt=start)
        return rows.order_by("starts_at", "pk")


class _During(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class Booking(models.Model):
    """A room for a meeting (预订). What a ledger tells has no ``asked_at``."""

    number = models.CharField("会议编号", max_length=30, unique=True)
    title = models.CharField("会议名称", max_length=60)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="主办单位")
    room = models.ForeignKey(
        MeetingRoom, models.PROTECT, related_name="bookings", verbose_name="会议室"
    )
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    people = models.PositiveIntegerField("参会人数", validators=_SOME)
    services = models.CharField("服务项目", max_length=100, blank=True)
    state = models.CharField("状态", max_length=12, choices=BookingState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    applicant = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="预订人"
    )
    asked_at = models.DateTimeField("预订时间", null=True)

    objects: Any = Bookings.as_manager()

    class Meta:
        verbose_name = "会议"
        verbose_name_plural = verbose_name
        ordering = ("-starts_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="meeting_bookings_end_after_they_begin",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
            models.UniqueConstraint(
                name="meeting_a_booking_is_told_once",
                fields=["title", "room", "starts_at"],
                condition=Q(asked_at=None),
            ),
            ExclusionConstraint(
                name="meeting_a_room_has_one_at_a_time",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    (_During("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=[one.value for one in TAKES_ROOM]),
                violation_error_message="这段时间会议室有人用。",
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="meeting_by_state")]
        triggers = [
            pgtrigger.FSM(
                name="booking_life", field="state", transitions=BOOKING_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return BOOKING_LIFE.chip(self.state)

    @property
    def standing(self) -> str:
        """What the host is told after booking."""
        waits = self.state == BookingState.REQUESTED
        return "等会议室管理员审批" if waits else "已订好"
