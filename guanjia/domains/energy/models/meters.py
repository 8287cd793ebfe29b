"""Meters (表计), what they were changed for, and what they counted by day and month.

Readings themselves (``energy_meterreading``) have no model: they lie in partitions by day, come in
by COPY and are read by day (``queries.readings``). They and the roll-ups may be distributed
(``kernel.scale``): nothing refers to them and they refer to nothing, ``meter`` is a plain number.
"""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.works import OfInstitutions
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import (
    ALARM_LIFE,
    AlarmKind,
    AlarmState,
    AsideReason,
    MeterRole,
)
from guanjia.kernel.findings.models import Raised
from guanjia.kernel.values.actor import Scope


class Meter(models.Model):
    """A meter of an institution: one place of measuring, whichever device hangs there.

    ``installed_at`` is the moment from which it counts, ``installed_reading`` what it showed then;
    ``multiplier`` is that of the first device (倍率), ``digits`` how many its register has before
    the point. ``most_per_hour``: the most it can pass, in the source's unit; else the bureau's
    parameter. Told by the roll-up: ``heard_at``, ``heard``, the last thing it sent, and the last
    day on which it was read at all, ``told_on``.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="meters", verbose_name="公共机构"
    )
    number = models.CharField("表号", max_length=40)
    energy = models.CharField("品种", max_length=12, choices=Energy.choices)
    role = models.CharField("用途", max_length=4, choices=MeterRole.choices)
    place = models.CharField("安装位置", max_length=100, blank=True)
    multiplier = models.DecimalField("倍率", max_digits=9, decimal_places=3)
    digits = models.PositiveSmallIntegerField("整数位数", null=True)
    most_per_hour = models.DecimalField(
        "每小时最大用量", max_digits=12, decimal_places=3, null=True
    )
    installed_at = models.DateTimeField("起用时间")
    installed_reading = models.DecimalField("起用止码", max_digits=15, decimal_places=3)
    until = models.DateField("停用日期", null=True)
    heard_at = models.DateTimeField("最近上传", null=True)
    heard = models.DecimalField("最近读数", max_digits=15, decimal_places=3, null=True)
    told_on = models.DateField("最近有读数的日期", null=True)

    objects: Any = OfInstitutions.as_manager()

    class Meta:
        verbose_name = "表计"
        ordering = ("institution__position", "energy", "number")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_meter_of_a_number", fields=["number"],
                violation_error_message="这个表号已经登记。",
            ),
            models.CheckConstraint(
                name="energy_multiplier_is_something", condition=Q(multiplier__gt=0)
            ),
            models.CheckConstraint(
                name="energy_meter_begins_at_a_reading", condition=Q(installed_reading__gte=0)
            ),
            models.CheckConstraint(
                name="energy_meter_has_some_digits",
                condition=Q(digits=None) | Q(digits__gte=3, digits__lte=12),
            ),
            models.CheckConstraint(
                name="energy_meter_can_pass_something",
                condition=Q(most_per_hour=None) | Q(most_per_hour__gt=0),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class OfMeters(models.QuerySet[Any]):
    """Filters over rows that belong to a meter."""

    def within(self, scope: Scope) -> "OfMeters":
        """The rows of meters of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(meter__institution__in=Institution.objects.within(scope))


class MeterChange(models.Model):
    """The device was changed (换表): the register the old one ended with, the one the new one
    began with, and its multiplier from then on."""

    meter = models.ForeignKey(Meter, models.PROTECT, related_name="changes", verbose_name="表计")
    at = models.DateTimeField("换表时间")
    ended = models.DecimalField("旧表止码", max_digits=15, decimal_places=3)
    began = models.DecimalField("新表起码", max_digits=15, decimal_places=3)
    multiplier = models.DecimalField("新表倍率", max_digits=9, decimal_places=3)
    digits = models.PositiveSmallIntegerField("新表整数位数", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    told_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField("登记时间")

    objects: Any = OfMeters.as_manager()

    class Meta:
        verbose_name = "换表"
        ordering = ("meter", "-at")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_change_at_a_time", fields=["meter", "at"],
                violation_error_message="这一时刻已经登记换表。",
            ),
            models.CheckConstraint(
                name="energy_registers_are_not_below_nothing",
                condition=Q(ended__gte=0, began__gte=0),
            ),
            models.CheckConstraint(
                name="energy_new_multiplier_is_something", condition=Q(multiplier__gt=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.meter} {self.at:%Y-%m-%d}"


class MeterNote(models.Model):
    """A reading that somebody took by eye (抄表): a record of its own, which may be corrected."""

    meter = models.ForeignKey(Meter, models.PROTECT, related_name="notes", verbose_name="表计")
    at = models.DateTimeField("抄表时间")
    value = models.DecimalField("止码", max_digits=15, decimal_places=3)

    objects: Any = OfMeters.as_manager()

    class Meta:
        verbose_name = "抄表记录"
        ordering = ("-at", "meter")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_note_at_a_time", fields=["meter", "at"],
                violation_error_message="这只表这一时刻已经抄过。",
            ),
            models.CheckConstraint(
                name="energy_noted_register_is_something", condition=Q(value__gte=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.meter} {self.at:%Y-%m-%d %H:%M}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.meter.unit_path


class MeterDue(models.Model):
    """A day of a meter that has to be rolled up again; taken away by whoever does it.

    The same day may stand here many times: writing waits for nobody.
    """

    meter = models.BigIntegerField("表计")
    day = models.DateField("日期")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "待汇总的表计日"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.meter} {self.day}"


class MeterDay(models.Model):
    """What a meter counted on a day, in the source's unit, and how far that is known.

    ``covered_s``: seconds of the day that are counted; ``hours``: millionths in each hour, null
    where unknown; ``told``: readings that came, of which ``backwards`` and ``jumped`` do not count;
    ``closing_…``: the last good one (thousandths); ``heard_at``: when the last one was sent.
    """

    pk = models.CompositePrimaryKey("meter", "day")
    meter = models.BigIntegerField("表计")
    day = models.DateField("日期")
    amount = models.DecimalField("用量", max_digits=20, decimal_places=6)
    covered_s = models.IntegerField("计量秒数")
    hours = ArrayField(models.BigIntegerField(null=True), verbose_name="逐时用量")
    told = models.IntegerField("读数个数")
    backwards = models.IntegerField("倒走个数")
    jumped = models.IntegerField("突跳个数")
    closing_at = models.DateTimeField("最后读数时间", null=True)
    closing = models.BigIntegerField("最后读数", null=True)
    heard_at = models.DateTimeField("最近上传", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "表计日用量"
        ordering = ("meter", "day")
        constraints = [
            models.CheckConstraint(
                name="energy_a_day_counts_forwards",
                condition=Q(amount__gte=0, covered_s__gte=0, covered_s__lte=86_400),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.day}"


class MeterMonth(models.Model):
    """What a meter counted in a month: the sum of its days."""

    pk = models.CompositePrimaryKey("meter", "month")
    meter = models.BigIntegerField("表计")
    month = models.DateField("月份")
    amount = models.DecimalField("用量", max_digits=20, decimal_places=6)
    covered_s = models.IntegerField("计量秒数")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "表计月用量"
        ordering = ("meter", "month")

    def __str__(self) -> str:
        return f"{self.meter} {self.month:%Y-%m}"


class MeterAside(models.Model):
    """What came in and was no reading, by meter and reason: how often, and the last of them."""

    number = models.CharField("表号", max_length=40)
    reason = models.CharField("原因", max_length=8, choices=AsideReason.choices)
    times = models.BigIntegerField("次数")
    first_at = models.DateTimeField("最早")
    last_at = models.DateTimeField("最近")
    sample = models.CharField("最近一条", max_length=300, blank=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "未接收的读数"
        ordering = ("-last_at", "number")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_count_of_a_reason", fields=["number", "reason"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_reason_display()}"


class MeterAlarm(Raised):
    """Something odd about what a meter counts, from a day to the last one it was seen on.

    It waits until somebody says why (EXPLAINED) or what was done (CLOSED).
    """

    meter = models.ForeignKey(Meter, models.PROTECT, related_name="alarms", verbose_name="表计")
    kind = models.CharField("报警", max_length=10, choices=AlarmKind.choices)
    day = models.DateField("首日")
    last_day = models.DateField("最近一日")
    sentence = models.CharField("情况", max_length=300)
    state = models.CharField("状态", max_length=10, choices=AlarmState.choices)
    raised_at = models.DateTimeField("报警时间")

    objects: Any = OfMeters.as_manager()

    class Meta:
        verbose_name = "表计报警"
        ordering = ("-raised_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_open_alarm_of_a_kind", fields=["meter", "kind"],
                condition=Q(state="OPEN"),
            ),
            models.CheckConstraint(
                name="energy_settled_alarm_has_words",
                condition=Q(state="OPEN") | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
            models.CheckConstraint(
                name="energy_alarm_lasts_forwards", condition=Q(last_day__gte=F("day"))
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "meter"], name="energy_alarm_state")]
        triggers = [
            pgtrigger.FSM(
                name="alarm_is_settled_once",
                field="state",
                transitions=ALARM_LIFE.transitions(),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.get_kind_display()}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return ALARM_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.meter.unit_path
