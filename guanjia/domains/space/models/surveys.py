"""Surveys (统计摸底), each unit's return with its rooms, and what was asked about it since."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import (
    RETURN_LIFE,
    SURVEY_LIFE,
    CheckCode,
    DoubtState,
    Entry,
    ReturnState,
    Severity,
    SurveyKind,
    SurveyState,
)
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

# What was sent off cannot change under the eyes of whoever looks at it.
_ONLY_WHILE_FILLED = """
    IF (SELECT state FROM space_surveyreturn WHERE id = COALESCE(NEW.filing_id, OLD.filing_id))
        <> 'FILLING' THEN
        RAISE EXCEPTION 'a return is filled in only while it is open';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""


class Surveys(models.QuerySet["Survey"]):
    """Filters over surveys."""

    def within(self, scope: Scope) -> "Surveys":
        """The surveys that ask a unit inside the scope."""
        if scope.everything:
            return self
        return self.filter(pk__in=Survey.objects.filter(in_units(scope, "returns__unit")))


class Survey(models.Model):
    """What the bureau asks of units (统计年报 or 专项摸底): as of which day, until when."""

    number = models.CharField("编号", max_length=20, unique=True)
    title = models.CharField("名称", max_length=60, unique=True)
    kind = models.CharField("类别", max_length=10, choices=SurveyKind.choices)
    as_of = models.DateField("统计截至")
    due_on = models.DateField("填报期限")
    notice = models.TextField("填报要求", max_length=1000, blank=True)
    state = models.CharField("状态", max_length=10, choices=SurveyState.choices)
    planned_by = models.CharField("布置人", max_length=60)
    planned_at = models.DateTimeField("布置时间")
    published_by = models.CharField("发布人", max_length=60, blank=True)
    published_at = models.DateTimeField("发布时间", null=True)
    off_why = models.CharField("取消原因", max_length=200, blank=True)

    # Set by an act on many of its returns: how many there were.
    told: int = 0

    objects: Any = Surveys.as_manager()

    class Meta:
        verbose_name = "统计摸底"
        ordering = ("-as_of", "-pk")
        constraints = [
            models.CheckConstraint(
                name="space_survey_is_due_after_its_day", condition=Q(due_on__gte=F("as_of"))
            ),
            models.CheckConstraint(
                name="space_published_survey_says_when",
                condition=Q(state="PUBLISHED", published_at__isnull=False)
                | ~Q(state="PUBLISHED") & Q(published_at=None),
            ),
            models.CheckConstraint(
                name="space_survey_called_off_says_why",
                condition=~Q(state="OFF") | ~Q(off_why=""),
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="survey_life", field="state", transitions=SURVEY_LIFE.transitions()),
            pgtrigger.ReadOnly(name="survey_keeps_its_day", fields=["number", "kind", "as_of"]),
            pgtrigger.Protect(name="survey_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return SURVEY_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """It is the bureau's, about many units."""
        return ""


class SurveyReturns(models.QuerySet["SurveyReturn"]):
    """Filters over returns."""

    def within(self, scope: Scope) -> "SurveyReturns":
        """The returns of units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "unit"))


class SurveyReturn(models.Model):
    """What one unit returns (填报单): facts of the unit and its rooms, as of the survey's day.

    ``approved`` is what the unit may have by class on that day in ㎡ as text, ``null`` where
    nothing can be said. ``reported_at``: when it first came to the bureau, for being in time.
    """

    number = models.CharField("编号", max_length=24, unique=True)
    survey = models.ForeignKey(
        Survey, models.PROTECT, related_name="returns", verbose_name="统计摸底"
    )
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="填报单位")
    state = models.CharField("状态", max_length=10, choices=ReturnState.choices)
    established = models.PositiveIntegerField("编制人数", null=True)
    present = models.PositiveIntegerField("实有人数", null=True)
    leased_m2 = models.DecimalField("租用面积", max_digits=10, decimal_places=2, null=True)
    leased_rent_fen = models.BigIntegerField("年租金（分）", null=True)
    remark = models.CharField("备注", max_length=500, blank=True)
    approved = models.JSONField("核定面积", default=dict)
    begun_at = models.DateTimeField("开始填报时间", null=True)
    sent_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField("上报时间", null=True)
    approved_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("单位审批时间", null=True)
    reported_at = models.DateTimeField("首次报到时间", null=True)
    accepted_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField("审核通过时间", null=True)
    back_by = models.CharField("退回人", max_length=60, blank=True)
    back_at = models.DateTimeField("退回时间", null=True)
    back_why = models.CharField("退回原因", max_length=500, blank=True)
    excuse = models.CharField("免报原因", max_length=200, blank=True)

    # Set by an act: how many units were reminded.
    told: int = 0

    objects: Any = SurveyReturns.as_manager()

    class Meta:
        verbose_name = "填报单"
        ordering = ("survey", "unit__position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_survey_asks_a_unit_once", fields=["survey", "unit"]
            ),
            models.CheckConstraint(
                name="space_sent_return_says_when",
                condition=~Q(state__in=["SENT", "APPROVED", "ACCEPTED"]) | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="space_approved_return_says_when",
                condition=~Q(state__in=["APPROVED", "ACCEPTED"])
                | Q(approved_at__isnull=False, reported_at__isnull=False),
            ),
            models.CheckConstraint(
                name="space_accepted_return_says_when",
                condition=Q(state="ACCEPTED", accepted_at__isnull=False)
                | ~Q(state="ACCEPTED") & Q(accepted_at=None),
            ),
            models.CheckConstraint(
                name="space_excused_return_says_why",
                condition=Q(state="EXCUSED") & ~Q(excuse="") | ~Q(state="EXCUSED") & Q(excuse=""),
            ),
            models.CheckConstraint(
                name="space_return_that_came_back_says_why",
                condition=Q(back_at=None) | ~Q(back_why=""),
            ),
            models.CheckConstraint(
                name="space_returned_space_is_not_negative",
                condition=(Q(leased_m2=None) | Q(leased_m2__gte=0))
                & (Q(leased_rent_fen=None) | Q(leased_rent_fen__gte=0)),
            ),
        ]
        indexes = [models.Index(fields=["unit", "state"], name="space_return_by_unit")]
        triggers = [
            pgtrigger.FSM(name="return_life", field="state", transitions=RETURN_LIFE.transitions()),
            pgtrigger.ReadOnly(name="return_keeps_its_unit", fields=["number", "survey", "unit"]),
            pgtrigger.Protect(
                name="accepted_return_is_locked",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="ACCEPTED"),
            ),
            pgtrigger.Protect(name="return_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def unit_path(self) -> str:
        """The path of the unit that returns it."""
        return str(self.unit.path)

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state; what came back stands out."""
        if self.state == ReturnState.FILLING and self.back_at is not None:
            return "stop", "arrow-back-up", "已退回"
        return RETURN_LIFE.chip(self.state)

    @property
    def on_time(self) -> bool:
        """Whether it first came to the bureau in time; also false where it never came."""
        if self.reported_at is None:
            return False
        return bool(timezone.localdate(self.reported_at) <= self.survey.due_on)

    def late(self, today: date) -> bool:
        """Whether the unit's time is over and nothing has come to the bureau yet."""
        waits = self.state in (ReturnState.FILLING, ReturnState.SENT)
        return bool(waits and self.reported_at is None and self.survey.due_on < today)


class SurveyRooms(models.QuerySet["SurveyRoom"]):
    """Filters over rooms of returns."""

    def within(self, scope: Scope) -> "SurveyRooms":
        """The rooms that units inside the scope return."""
        return self if scope.everything else self.filter(in_units(scope, "filing__unit"))

    def counted(self) -> "SurveyRooms":
        """Those that the unit says it has."""
        return self.exclude(entry=Entry.STRUCK)


class SurveyRoom(models.Model):
    """A room in a unit's return, beside what the ledger had on the survey's day (``ledger_*``).

    The place stands as text, so that it reads the same later; ``room`` is empty for a room that
    the ledger does not know. ``people`` are ids of the people's register, with names and 工号
    of the time.
    """

    filing = models.ForeignKey(
        SurveyReturn, models.PROTECT, related_name="rooms", verbose_name="填报单"
    )
    room = models.ForeignKey(
        "space.Room", models.PROTECT, null=True, related_name="+", verbose_name="台账房间"
    )
    compound = models.CharField("院落", max_length=60)
    building = models.CharField("楼栋", max_length=60)
    floor = models.SmallIntegerField("楼层")
    number = models.CharField("房间号", max_length=20)
    position = models.PositiveIntegerField("排序号", default=0)
    entry = models.CharField("填报", max_length=10, choices=Entry.choices)
    kind = models.CharField("房间类别", max_length=12, choices=RoomKind.choices)
    usable_m2 = models.DecimalField("使用面积", max_digits=8, decimal_places=2, null=True)
    state = models.CharField("状态", max_length=10, choices=RoomState.choices)
    people = ArrayField(models.BigIntegerField(), default=list, verbose_name="使用人")
    people_names = models.CharField("使用人姓名", max_length=2000, blank=True)
    people_numbers = models.CharField("使用人工号", max_length=2000, blank=True)
    why = models.CharField("说明", max_length=200, blank=True)
    ledger_kind = models.CharField("台账类别", max_length=12, blank=True)
    ledger_m2 = models.DecimalField("台账使用面积", max_digits=8, decimal_places=2, null=True)
    ledger_state = models.CharField("台账状态", max_length=10, blank=True)
    ledger_people = ArrayField(models.BigIntegerField(), default=list, verbose_name="台账使用人")
    ledger_names = models.CharField("台账使用人姓名", max_length=2000, blank=True)

    objects: Any = SurveyRooms.as_manager()

    class Meta:
        verbose_name = "填报房间"
        ordering = ("filing", "position", "building", "floor", "number")
        constraints = [
            models.UniqueConstraint(
                name="space_return_names_a_place_once",
                fields=["filing", "compound", "building", "number"],
                violation_error_message="这张填报单里已有这间房。",
            ),
            models.CheckConstraint(
                name="space_returned_room_has_an_area",
                condition=Q(usable_m2=None) | Q(usable_m2__gt=0),
            ),
            models.CheckConstraint(
                name="space_added_room_was_not_the_units",
                condition=~Q(entry="ADDED") | Q(ledger_m2=None),
            ),
        ]
        indexes = [models.Index(fields=["room"], name="space_returned_room")]
        triggers = [
            pgtrigger.Trigger(
                name="filled_only_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_ONLY_WHILE_FILLED,
            ),
        ]

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """Where it is: ``常委楼 101``."""
        return f"{self.building} {self.number}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that returns it."""
        return str(self.filing.unit.path)

    @property
    def changed(self) -> tuple[str, ...]:
        """Which of its facts differ from the ledger; empty for an added room."""
        if self.ledger_m2 is None:
            return ()
        pairs = (
            ("kind", self.kind, self.ledger_kind),
            ("usable_m2", self.usable_m2, self.ledger_m2),
            ("state", self.state, self.ledger_state),
            ("people", sorted(self.people), sorted(self.ledger_people)),
        )
        return tuple(name for name, ours, theirs in pairs if ours != theirs)


class SurveyDoubts(models.QuerySet["SurveyDoubt"]):
    """Filters over doubts."""

    def within(self, scope: Scope) -> "SurveyDoubts":
        """The doubts about returns of units inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "filing__unit"))

    def blocking(self) -> "SurveyDoubts":
        """Those that keep a return from being sent: not put right, not explained."""
        faults = Q(severity=Severity.FAULT) & ~Q(state=DoubtState.GONE)
        return self.filter(faults | Q(severity=Severity.DOUBT, state=DoubtState.OPEN))


class SurveyDoubt(models.Model):
    """What a check found in a return (疑点), and what the unit says of it.

    One row for each code and subject; with other facts (another ``sentence``) it is open again.
    """

    filing = models.ForeignKey(
        SurveyReturn, models.PROTECT, related_name="doubts", verbose_name="填报单"
    )
    row = models.ForeignKey(
        SurveyRoom, models.PROTECT, null=True, related_name="doubts", verbose_name="填报房间"
    )
    code = models.CharField("情形", max_length=20, choices=CheckCode.choices)
    severity = models.CharField("轻重", max_length=10, choices=Severity.choices)
    subject = models.CharField("对象标识", max_length=60)
    label = models.CharField("对象", max_length=120)
    sentence = models.CharField("情形说明", max_length=500)
    state = models.CharField("状态", max_length=10, choices=DoubtState.choices)
    explanation = models.CharField("单位说明", max_length=300, blank=True)
    explained_by = models.CharField("说明人", max_length=60, blank=True)
    explained_at = models.DateTimeField("说明时间", null=True)
    found_at = models.DateTimeField("发现时间")

    objects: Any = SurveyDoubts.as_manager()

    class Meta:
        verbose_name = "填报疑点"
        ordering = ("filing", "pk")
        constraints = [
            models.UniqueConstraint(
                name="space_one_doubt_about_a_thing", fields=["filing", "code", "subject"]
            ),
            models.CheckConstraint(
                name="space_explained_doubt_has_its_words",
                condition=~Q(state="EXPLAINED")
                | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.label}"

    @property
    def unit_path(self) -> str:
        """The path of the unit that explains it."""
        return str(self.filing.unit.path)


class SurveyReminder(models.Model):
    """That a unit was reminded of its return (催报): when, by whom, how many people."""

    filing = models.ForeignKey(
        SurveyReturn, models.PROTECT, related_name="reminders", verbose_name="填报单"
    )
    at = models.DateTimeField("催报时间")
    on = models.DateField("催报日期")
    by = models.CharField("催报人", max_length=60)
    people = models.PositiveSmallIntegerField("通知人数")

    class Meta:
        verbose_name = "催报"
        ordering = ("filing", "-at")
        constraints = [
            models.UniqueConstraint(
                name="space_unit_is_reminded_once_a_day", fields=["filing", "on"]
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="reminder_stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.filing} {self.on}"
