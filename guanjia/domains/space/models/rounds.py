"""Rounds (巡检), whom they visit, what is asked, what was found, and what has to be put right."""

from datetime import date
from typing import Any
from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.rounds import (
    RECT_LIFE,
    ROUND_LIFE,
    UNDONE,
    RectState,
    Result,
    RoundState,
    Told,
    Way,
)
from guanjia.kernel.findings.models import DECISION_MAX, EXPLANATION_MAX, FindingRow
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Rounds(models.QuerySet["Round"]):
    """Filters over rounds."""

    def within(self, scope: Scope) -> "Rounds":
        """The rounds that visit a unit inside the scope."""
        if scope.everything:
            return self
        return self.filter(pk__in=Round.objects.filter(in_units(scope, "visits__unit")))


class Round(models.Model):
    """A campaign of inspections (巡检): from when to when, whom, and by what checklist."""

    title = models.CharField("巡检名称", max_length=60, unique=True)
    state = models.CharField("状态", max_length=10, choices=RoundState.choices)
    begins_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    due_on = models.DateField("整改期限", null=True)
    notice = models.TextField("通知", max_length=1000, blank=True)
    from_ledger = models.BooleanField("台账登记", default=False)
    planned_by = models.CharField("安排人", max_length=60)
    planned_at = models.DateTimeField("安排时间")
    begun_at = models.DateTimeField("开始时间", null=True)
    closed_by = models.CharField("结束人", max_length=60, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True)
    closing = models.CharField("小结", max_length=500, blank=True)

    objects: Any = Rounds.as_manager()

    class Meta:
        verbose_name = "巡检"
        ordering = ("-begins_on", "-pk")
        constraints = [
            models.CheckConstraint(
                name="space_round_ends_after_it_begins", condition=Q(ends_on__gte=F("begins_on"))
            ),
            models.CheckConstraint(
                name="space_round_mends_after_it_begins",
                condition=Q(due_on=None) | Q(due_on__gte=F("begins_on")),
            ),
            models.CheckConstraint(
                name="space_closed_round_says_when",
                condition=Q(state="CLOSED", closed_at__isnull=False)
                | ~Q(state="CLOSED") & Q(closed_at=None),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="round_life",
                field="state",
                transitions=ROUND_LIFE.transitions(),
            ),
            pgtrigger.Protect(name="round_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return ROUND_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """It is the bureau's, about many units."""
        return ""


class Visit(models.Model):
    """A unit that a round visits; ``excuse`` says why nobody went there."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="visits", verbose_name="巡检")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    excuse = models.CharField("未检原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "巡检单位"
        ordering = ("round", "unit__position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_round_visits_a_unit_once", fields=["round", "unit"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.unit}"


class Inspector(models.Model):
    """Somebody who goes round; where nobody is named, every inspector may."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="inspectors", verbose_name="巡检")
    person = models.ForeignKey("org.Person", models.PROTECT, related_name="+", verbose_name="人员")

    class Meta:
        verbose_name = "巡检人员"
        ordering = ("round", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_round_names_an_inspector_once", fields=["round", "person"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.person}"


class CheckItem(models.Model):
    """A line of a round's checklist (检查项); ``points`` are taken off when it is ticked.

    ``cite`` is the article as it stood when the round was planned; ``basis`` a planner's own words.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="items", verbose_name="巡检")
    position = models.PositiveSmallIntegerField("序号")
    result = models.CharField("检查结果", max_length=12, choices=Result.choices)
    text = models.CharField("检查内容", max_length=100)
    points = models.DecimalField("扣分", max_digits=4, decimal_places=1)
    basis = models.CharField("依据", max_length=120, blank=True)
    cite = models.JSONField("条文", null=True)

    class Meta:
        verbose_name = "检查项"
        ordering = ("round", "position")
        constraints = [
            models.UniqueConstraint(
                name="space_checklist_has_one_line_of_a_number", fields=["round", "position"]
            ),
            models.CheckConstraint(
                name="space_checklist_takes_points_off",
                condition=Q(points__gte=0, points__lte=100) & ~Q(result="FINE"),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Inspections(models.QuerySet["Inspection"]):
    """Filters over inspections."""

    def within(self, scope: Scope) -> "Inspections":
        """The inspections of units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))


class Inspection(models.Model):
    """What was found of a unit, or of one of its rooms, in a round (巡检记录); never changed.

    ``uid`` is given by the telephone, so that the same record sent twice is one. ``scanned_at`` is
    by the telephone's clock, ``received_at`` by ours; ``clock_off_s`` how far theirs was ahead.
    ``on_day`` is the day by our clock. A room has as many as there were looks; the latest counts.
    """

    uid = models.UUIDField("记录标识", unique=True, default=uuid4)
    round = models.ForeignKey(
        Round, models.PROTECT, related_name="inspections", verbose_name="巡检"
    )
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    room = models.ForeignKey(
        "space.Room", models.PROTECT, null=True, related_name="inspections", verbose_name="房间"
    )
    on_day = models.DateField("检查日期")
    scanned_at = models.DateTimeField("检查时间", null=True)
    received_at = models.DateTimeField("收到时间")
    clock_off_s = models.IntegerField("手机时钟快(秒)", default=0)
    inspector = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="检查人员"
    )
    inspector_name = models.CharField("检查人", max_length=60)
    told = models.CharField("来源", max_length=8, choices=Told.choices)
    way = models.CharField("取房方式", max_length=8, choices=Way.choices, blank=True)
    due_on = models.DateField("整改期限", null=True)
    note = models.CharField("说明", max_length=500, blank=True)
    told_m2 = models.DecimalField("台账使用面积", max_digits=8, decimal_places=2, null=True)
    measured_m2 = models.DecimalField("实测使用面积", max_digits=8, decimal_places=2, null=True)
    told_kind = models.CharField("台账类别", max_length=12, choices=RoomKind.choices, blank=True)
    seen_kind = models.CharField("实际用途", max_length=12, choices=RoomKind.choices, blank=True)
    replaced = models.BooleanField("另有新记录", default=False)

    objects: Any = Inspections.as_manager()

    class Meta:
        verbose_name = "巡检记录"
        ordering = ("-on_day", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="space_ledger_tells_of_a_unit_once",
                fields=["round", "unit"],
                condition=Q(told="LEDGER", room=None),
            ),
            models.UniqueConstraint(
                name="space_ledger_tells_of_a_room_once",
                fields=["round", "room", "scanned_at"],
                condition=Q(told="LEDGER", room__isnull=False),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="space_mending_is_due_after_the_look",
                condition=Q(due_on=None) | Q(due_on__gte=F("on_day")),
            ),
            models.CheckConstraint(
                name="space_phone_tells_of_a_room_and_its_time",
                condition=~Q(told="PHONE")
                | Q(room__isnull=False, scanned_at__isnull=False, inspector__isnull=False),
            ),
            models.CheckConstraint(
                name="space_measured_room_has_an_area",
                condition=Q(measured_m2=None) | Q(measured_m2__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["round", "room"], name="space_inspection_by_room"),
            models.Index(fields=["unit", "-on_day"], name="space_inspection_by_unit"),
            models.Index(fields=["-on_day", "-id"], name="space_inspection_by_day"),
        ]
        triggers = [pgtrigger.Protect(name="inspection_is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.round} {self.room or self.unit}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that was visited."""
        return str(self.unit.path)

    @property
    def results(self) -> tuple[Result, ...]:
        """What was found, each once in the order of the checklist; read the marks along."""
        found = dict.fromkeys(Result(mark.item.result) for mark in self.marks.all())
        return tuple(found) or (Result.FINE,)

    @property
    def words(self) -> tuple[str, ...]:
        """What was found in words: of a line that a planner added, their own."""
        items = [mark.item for mark in self.marks.all()]
        found = dict.fromkeys(
            item.text if item.result == Result.OTHER else Result(item.result).label
            for item in items
        )
        return tuple(found) or (Result.FINE.label,)

    @property
    def is_fine(self) -> bool:
        """Whether nothing was found."""
        return self.results == (Result.FINE,)


class Mark(models.Model):
    """A line of the checklist that an inspection ticked."""

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="marks", verbose_name="巡检记录"
    )
    item = models.ForeignKey(CheckItem, models.PROTECT, related_name="marks", verbose_name="检查项")

    class Meta:
        verbose_name = "检查结果"
        ordering = ("inspection", "item__position")
        constraints = [
            models.UniqueConstraint(
                name="space_line_is_ticked_once", fields=["inspection", "item"]
            ),
        ]

    def __str__(self) -> str:
        return str(self.item)


class Rectifications(models.QuerySet["Rectification"]):
    """Filters over what has to be put right."""

    def within(self, scope: Scope) -> "Rectifications":
        """What units inside the scope have to put right."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))

    def late(self, day: date) -> "Rectifications":
        """What was due before a day and is not even answered."""
        return self.filter(state=RectState.OPEN, due_on__lt=day)


class Rectification(FindingRow):
    """What a unit has to put right after an inspection (整改), by when, and what came of it.

    ``inspection`` is the latest that found it; its marks say what. One under way for a unit or
    room of a round.
    """

    number = models.CharField("整改编号", max_length=30, unique=True)
    round = models.ForeignKey(
        Round, models.PROTECT, related_name="rectifications", verbose_name="巡检"
    )
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="rectifications", verbose_name="巡检记录"
    )
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    room = models.ForeignKey(
        "space.Room", models.PROTECT, null=True, related_name="rectifications", verbose_name="房间"
    )
    state = models.CharField(
        "状态", max_length=10, choices=RectState.choices, default=RectState.OPEN
    )
    due_on = models.DateField("整改期限")
    raised_at = models.DateTimeField("提出时间")
    explanation = models.TextField("整改情况", max_length=EXPLANATION_MAX, blank=True)
    explained_at = models.DateTimeField("填报时间", null=True)
    closing = models.CharField("验收意见", max_length=DECISION_MAX, blank=True)
    closed_by = models.CharField("验收人", max_length=60, blank=True)
    closed_at = models.DateTimeField("销号时间", null=True)

    objects: Any = Rectifications.as_manager()

    class Meta:
        verbose_name = "整改"
        ordering = ("due_on", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_one_mending_under_way",
                fields=["round", "unit", "room"],
                condition=Q(state__in=[each.value for each in UNDONE]),
                nulls_distinct=False,
                violation_error_message="这间房在这次巡检里已有一件没有办完的整改。",
            ),
            models.CheckConstraint(
                name="space_answered_mending_has_its_words",
                condition=~Q(state__in=["ANSWERED", "DONE"])
                | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
            models.CheckConstraint(
                name="space_finished_mending_says_when",
                condition=Q(state__in=["DONE", "CALLED_OFF"], closed_at__isnull=False)
                | Q(state__in=["OPEN", "ANSWERED"], closed_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="space_mending_by_state"),
            models.Index(fields=["unit", "due_on"], name="space_mending_by_unit"),
        ]
        triggers = [
            pgtrigger.FSM(name="mending_life", field="state", transitions=RECT_LIFE.transitions()),
            pgtrigger.Protect(name="mending_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return RECT_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path of the unit that puts it right."""
        return str(self.unit.path)
