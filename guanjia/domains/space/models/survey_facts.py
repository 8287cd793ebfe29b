"""What came of surveys: differences for the ledger, and the facts of the published report."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from guanjia.domains.space.terms.ledger import BuildingState, RoomKind, RoomState, TitleState
from guanjia.domains.space.terms.surveys import DIFFERENCE_LIFE, DiffKind, DiffState, FactSource
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class SurveyDifferences(models.QuerySet["SurveyDifference"]):
    """Filters over differences."""

    def within(self, scope: Scope) -> "SurveyDifferences":
        """The differences that units inside the scope returned."""
        return self if scope.everything else self.filter(in_units(scope, "row__filing__unit"))

    def open(self) -> "SurveyDifferences":
        """Those that the keeper of the ledger has not decided."""
        return self.filter(state=DiffState.OPEN)


class SurveyDifference(models.Model):
    """One thing in which an accepted return differs from the ledger; the keeper takes it or not.

    ``ours`` is what the ledger had on the survey's day, ``theirs`` what the unit returned.
    """

    row = models.ForeignKey(
        "space.SurveyRoom", models.PROTECT, related_name="differences", verbose_name="填报房间"
    )
    kind = models.CharField("差异", max_length=10, choices=DiffKind.choices)
    ours = models.CharField("台账", max_length=500)
    theirs = models.CharField("填报", max_length=500)
    state = models.CharField("状态", max_length=10, choices=DiffState.choices)
    found_at = models.DateTimeField("列出时间")
    since = models.DateField("采纳起始", null=True)
    decided_by = models.CharField("处理人", max_length=60, blank=True)
    decided_at = models.DateTimeField("处理时间", null=True)
    why = models.CharField("处理说明", max_length=180, blank=True)

    objects: Any = SurveyDifferences.as_manager()

    class Meta:
        verbose_name = "填报差异"
        ordering = ("row__filing", "row__position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_one_difference_of_a_kind_in_a_row", fields=["row", "kind"]
            ),
            models.CheckConstraint(
                name="space_adopted_difference_has_a_day",
                condition=Q(state="ADOPTED", since__isnull=False)
                | ~Q(state="ADOPTED") & Q(since=None),
            ),
            models.CheckConstraint(
                name="space_declined_difference_says_why",
                condition=~Q(state="DECLINED") | ~Q(why=""),
            ),
            models.CheckConstraint(
                name="space_decided_difference_says_when",
                condition=Q(state="OPEN", decided_at=None)
                | ~Q(state="OPEN") & Q(decided_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="difference_life", field="state", transitions=DIFFERENCE_LIFE.transitions()
            ),
            pgtrigger.Protect(name="difference_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.get_kind_display()}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return DIFFERENCE_LIFE.chip(self.state)

    @property
    def place(self) -> str:
        """The room in question."""
        return str(self.row.place)

    @property
    def unit_path(self) -> str:
        """The path of the unit that returned it."""
        return str(self.row.filing.unit.path)


class SurveyFacts(models.QuerySet["SurveyFact"]):
    """Filters over the rooms of reports."""

    def within(self, scope: Scope) -> "SurveyFacts":
        """The rooms that units inside the scope had in a report."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))


class SurveyFact(models.Model):
    """A room as a published report counts it; never changed, whatever the ledger says later."""

    survey = models.ForeignKey(
        "space.Survey", models.PROTECT, related_name="facts", verbose_name="统计摸底"
    )
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="使用单位"
    )
    room = models.ForeignKey(
        "space.Room", models.PROTECT, null=True, related_name="+", verbose_name="台账房间"
    )
    source = models.CharField("来源", max_length=10, choices=FactSource.choices)
    compound = models.CharField("院落", max_length=60)
    building = models.CharField("楼栋", max_length=60)
    floor = models.SmallIntegerField("楼层")
    number = models.CharField("房间号", max_length=20)
    kind = models.CharField("房间类别", max_length=12, choices=RoomKind.choices)
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2)
    state = models.CharField("状态", max_length=10, choices=RoomState.choices)
    people = models.PositiveSmallIntegerField("使用人数", default=0)
    people_names = models.CharField("使用人", max_length=2000, blank=True)

    objects: Any = SurveyFacts.as_manager()

    class Meta:
        verbose_name = "统计房间"
        ordering = ("survey", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_report_counts_a_room_once",
                fields=["survey", "compound", "building", "number"],
            ),
        ]
        indexes = [models.Index(fields=["survey", "unit"], name="space_fact_by_unit")]
        triggers = [
            pgtrigger.Protect(name="fact_stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.building} {self.number}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that had it; ``""`` where nobody did."""
        return str(self.unit.path) if self.unit else ""


class SurveyBuildings(models.QuerySet["SurveyBuilding"]):
    """Filters over the buildings of reports."""

    def within(self, scope: Scope) -> "SurveyBuildings":
        """Buildings of a report are seen by whoever sees everything, or has a room in them."""
        if scope.everything:
            return self
        mine = SurveyFact.objects.filter(in_units(scope, "unit"))
        same = mine.filter(
            survey=models.OuterRef("survey"),
            compound=models.OuterRef("compound"),
            building=models.OuterRef("name"),
        )
        return self.filter(models.Exists(same))


class SurveyBuilding(models.Model):
    """A building as a published report counts it, with its title; never changed."""

    survey = models.ForeignKey(
        "space.Survey", models.PROTECT, related_name="buildings", verbose_name="统计摸底"
    )
    building = models.ForeignKey(
        "space.Building", models.PROTECT, related_name="+", verbose_name="台账楼栋"
    )
    compound = models.CharField("院落", max_length=60)
    name = models.CharField("楼栋", max_length=60)
    gross_m2 = models.DecimalField("建筑面积", max_digits=10, decimal_places=2)
    state = models.CharField("楼栋状态", max_length=10, choices=BuildingState.choices)
    title_state = models.CharField("权属状态", max_length=12, choices=TitleState.choices)
    title_no = models.CharField("权属证号", max_length=60, blank=True)
    position = models.PositiveIntegerField("排序号", default=0)

    objects: Any = SurveyBuildings.as_manager()

    class Meta:
        verbose_name = "统计楼栋"
        ordering = ("survey", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_report_counts_a_building_once", fields=["survey", "building"]
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="building_fact_stays", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """It is the bureau's."""
        return ""
