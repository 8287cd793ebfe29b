"""Trips, and what the database guarantees about them."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    BigIntegerRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Least, Upper

from guanjia.domains.fleet.models.cars import Car
from guanjia.domains.fleet.terms.trips import (
    TRIP_LIFE,
    Paper,
    Purpose,
    Reading,
    TripFacts,
    TripState,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Trips(models.QuerySet["Trip"]):
    """Filters over trips."""

    def within(self, scope: Scope) -> "Trips":
        """The trips of units inside the scope; of oneself as applicant, rider or driver."""
        if scope.everything:
            return self.exclude(_of_secret_cars()) if scope.shared else self
        wanted = in_units(scope, "unit")
        if scope.person_id:
            wanted |= Q(pk__in=_of_person(scope.person_id))
        return self.filter(wanted)


def _of_secret_cars() -> Q:
    """Journeys of secret cars (保密车辆), and of who shared one."""
    secret = Car.objects.filter(secret=True).values("pk")
    return Q(car__in=secret) | Q(shares__car__in=secret) | Q(wished_car__in=secret)


def _of_person(person_id: int) -> Any:
    """Ids of one's own trips; each way by its own index, where one OR would read every row."""
    ways = ("applicant", "rider", "driver__person", "shares__driver__person")
    first, *others = (
        Trip.objects.filter(**{f"{way}_id": person_id}).order_by().values("pk") for way in ways
    )
    return first.union(*others, all=True)


# From which state a trip may come into which; a trigger of the database sees to it.


def _range(low: Any, high: Any) -> Func:
    return Func(low, high, Value("[)"), function="tstzrange", output_field=DateTimeRangeField())


class Trip(models.Model):
    """A trip (派车单): a request, and the journey that comes of it.

    A request that shares another's car (合乘) points at it by ``shares`` and holds no car itself,
    so that a journey is counted once. ``departure``, ``booked``, ``ran``, ``driven`` and
    ``covered`` are computed by the database: when it went or is to go, the time a car is promised
    for, the time it was out, the kilometres it drove, and which ones.
    """

    number = models.CharField("派车单号", max_length=30, unique=True)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="申请单位")
    applicant = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    rider = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    rider_name = models.CharField("用车人", max_length=60)
    rider_mobile = models.CharField("联系电话", max_length=20, blank=True)
    purpose = models.CharField("用途", max_length=14, choices=Purpose.choices)
    reason = models.CharField("事由", max_length=100)
    origin = models.CharField("出发地", max_length=100)
    destination = models.CharField("目的地", max_length=100)
    passengers = models.PositiveSmallIntegerField("乘车人数")
    planned_from = models.DateTimeField("计划出车时间")
    planned_to = models.DateTimeField("计划返回时间")
    rest_day_reason = models.CharField("休息日理由", max_length=100, blank=True)
    wished_car = models.ForeignKey("fleet.Car", models.PROTECT, null=True, related_name="+")
    state = models.CharField("状态", max_length=10, choices=TripState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    car = models.ForeignKey("fleet.Car", models.PROTECT, null=True, related_name="trips")
    driver = models.ForeignKey("fleet.Driver", models.PROTECT, null=True, related_name="trips")
    shares = models.ForeignKey("self", models.PROTECT, null=True, related_name="sharers")
    dispatched_at = models.DateTimeField("派车时间", null=True)
    dispatched_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    went_at = models.DateTimeField("实际出车时间", null=True)
    back_at = models.DateTimeField("实际返回时间", null=True)
    start_km = models.PositiveIntegerField("出车里程表", null=True)
    end_km = models.PositiveIntegerField("收车里程表", null=True)
    toll_fen = models.PositiveIntegerField("过路费", null=True)
    parking_fen = models.PositiveIntegerField("停车费", null=True)
    fuel_l = models.DecimalField("加油", max_digits=6, decimal_places=2, null=True)
    fuel_fen = models.PositiveIntegerField("加油费", null=True)
    urgent_reason = models.CharField("应急先派原因", max_length=100, blank=True)
    paper = models.CharField("补单", max_length=10, choices=Paper.choices, default=Paper.NONE)
    paper_due_on = models.DateField("补单期限", null=True)
    stars = models.PositiveSmallIntegerField("评价", null=True)
    stars_comment = models.CharField("评价意见", max_length=200, blank=True)
    rated_at = models.DateTimeField("评价时间", null=True)
    asked_at = models.DateTimeField("申请时间", null=True)
    once = models.UUIDField("防重标识", null=True, unique=True)

    driven = models.GeneratedField(
        expression=F("end_km") - F("start_km"),
        output_field=models.IntegerField(),
        db_persist=True,
        verbose_name="行驶里程",
    )
    departure = models.GeneratedField(
        expression=Coalesce(F("went_at"), F("planned_from")),
        output_field=models.DateTimeField(),
        db_persist=True,
        verbose_name="出车日期",
    )
    booked = models.GeneratedField(
        expression=Case(
            When(
                state__in=["DISPATCHED", "OUT"],
                car__isnull=False,
                then=_range(
                    Least(F("planned_from"), Coalesce("went_at", "planned_from")),
                    Greatest(F("planned_to"), Coalesce("went_at", "planned_to")),
                ),
            ),
            default=None,
            output_field=DateTimeRangeField(),
        ),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )
    ran = models.GeneratedField(
        expression=Case(
            When(went_at__isnull=False, car__isnull=False, then=_range(F("went_at"), F("back_at"))),
            default=None,
            output_field=DateTimeRangeField(),
        ),
        output_field=DateTimeRangeField(),
        db_persist=True,
    )
    covered = models.GeneratedField(
        expression=Case(
            When(
                start_km__isnull=False,
                end_km__isnull=False,
                then=Func(
                    F("start_km"),
                    F("end_km"),
                    function="int8range",
                    output_field=BigIntegerRangeField(),
                ),
            ),
            default=None,
            output_field=BigIntegerRangeField(),
        ),
        output_field=BigIntegerRangeField(),
        db_persist=True,
    )

    objects: Any = Trips.as_manager()

    class Meta:
        verbose_name = "派车单"
        ordering = ("-planned_from", "-pk")
        constraints = [
            ExclusionConstraint(
                name="fleet_one_promise_per_car_and_time",
                expressions=[("car", RangeOperators.EQUAL), ("booked", RangeOperators.OVERLAPS)],
                violation_error_message="该车在这段时间已派给别的单。",
            ),
            ExclusionConstraint(
                name="fleet_one_promise_per_driver_and_time",
                expressions=[("driver", RangeOperators.EQUAL), ("booked", RangeOperators.OVERLAPS)],
                violation_error_message="该驾驶员在这段时间已派给别的单。",
            ),
            ExclusionConstraint(
                name="fleet_one_journey_per_car_and_time",
                expressions=[("car", RangeOperators.EQUAL), ("ran", RangeOperators.OVERLAPS)],
                violation_error_message="该车在这段时间已在别的单上出车。",
            ),
            ExclusionConstraint(
                name="fleet_one_journey_per_driver_and_time",
                expressions=[("driver", RangeOperators.EQUAL), ("ran", RangeOperators.OVERLAPS)],
                violation_error_message="该驾驶员在这段时间已在别的单上出车。",
            ),
            ExclusionConstraint(
                name="fleet_one_journey_per_kilometre",
                expressions=[("car", RangeOperators.EQUAL), ("covered", RangeOperators.OVERLAPS)],
                violation_error_message="该车的里程与别的单重叠。",
            ),
            models.CheckConstraint(
                name="fleet_trip_ends_after_it_begins",
                condition=Q(planned_to__gt=F("planned_from")),
            ),
            models.CheckConstraint(
                name="fleet_trip_comes_back_after_it_went",
                condition=Q(back_at=None) | Q(back_at__gt=F("went_at")),
            ),
            models.CheckConstraint(
                name="fleet_odometer_never_runs_backwards",
                condition=Q(end_km=None) | Q(end_km__gte=F("start_km")),
            ),
            models.CheckConstraint(
                name="fleet_trip_under_way_has_car_and_driver",
                condition=~Q(state__in=["DISPATCHED", "OUT", "FINISHED"])
                | Q(car__isnull=False, driver__isnull=False, shares=None)
                | Q(car=None, driver=None, shares__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_finished_trip_has_its_readings",
                condition=~Q(state="FINISHED")
                | Q(shares__isnull=False)
                | Q(
                    went_at__isnull=False,
                    back_at__isnull=False,
                    start_km__isnull=False,
                    end_km__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="fleet_trip_carries_somebody", condition=Q(passengers__gte=1)
            ),
            models.CheckConstraint(
                name="fleet_stars_are_one_to_five", condition=Q(stars=None) | Q(stars__range=(1, 5))
            ),
        ]
        indexes = [
            models.Index(fields=["-planned_from", "-id"], name="fleet_trip_by_plan"),
            # With the unit, so that a deep page of one unit's trips is found in the index alone.
            models.Index(
                fields=["-departure", "-id"], include=["unit"], name="fleet_trip_by_departure"
            ),
            models.Index(fields=["went_at"], name="fleet_trip_by_went"),
            models.Index(F("driven").desc(nulls_last=True), "id", name="fleet_trip_by_distance"),
            models.Index(fields=["state", "planned_from"], name="fleet_trip_by_state"),
            models.Index(
                fields=["paper_due_on"], condition=Q(paper="OWED"), name="fleet_trip_without_papers"
            ),
            # Totals of the whole register are read from this index alone.
            models.Index(
                fields=["state"],
                include=["id", "passengers", "driven", "shares"],
                name="fleet_trip_totals",
            ),
            models.Index(fields=["unit", "-planned_from"], name="fleet_trip_by_unit"),
            models.Index(fields=["car", "went_at"], name="fleet_trip_by_car"),
            models.Index(fields=["driver", "went_at"], name="fleet_trip_by_driver"),
            models.Index(fields=["applicant", "-planned_from"], name="fleet_trip_by_applicant"),
            GistIndex(fields=["booked"], name="fleet_trip_booked"),
            GinIndex(
                OpClass(Upper("number"), name="gin_trgm_ops"),
                OpClass(Upper("rider_name"), name="gin_trgm_ops"),
                OpClass(Upper("destination"), name="gin_trgm_ops"),
                name="fleet_trip_words",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="trip_life",
                field="state",
                transitions=TRIP_LIFE.transitions(),
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit that asked."""
        return str(self.unit.path)

    @property
    def carrier(self) -> "Trip":
        """The trip whose car carries this one: itself, or the one it shares."""
        return self.shares or self

    @property
    def out(self) -> Reading:
        """The odometer at departure; ``ValueError`` for a trip that has not gone out."""
        if self.went_at is None or self.start_km is None:
            raise ValueError(f"{self.number} has not gone out")
        return Reading(km=self.start_km, at=self.went_at, number=self.number)

    @property
    def back(self) -> Reading:
        """The odometer at return; ``ValueError`` for a trip that has not come back."""
        if self.back_at is None or self.end_km is None:
            raise ValueError(f"{self.number} has not come back")
        return Reading(km=self.end_km, at=self.back_at, number=self.number)

    @property
    def urgent(self) -> bool:
        """Whether it was dispatched before it was approved (应急先派)."""
        return bool(self.urgent_reason)

    def facts(self) -> TripFacts:
        """What rules need to know."""
        return TripFacts(
            planned_from=self.planned_from,
            planned_to=self.planned_to,
            passengers=self.passengers,
            purpose=Purpose(self.purpose),
            unit_id=self.unit_id,
            urgent=self.urgent,
            rest_day_reason=self.rest_day_reason,
        )
