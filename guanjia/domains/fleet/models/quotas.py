"""Quotas (编制) per unit and class, and the changes they are the sum of."""

from datetime import date
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from guanjia.domains.fleet.models.scoped import within
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.quotas import CHANGE_LIFE, ChangeState
from guanjia.kernel.values.actor import Scope


class Quotas(models.QuerySet["Quota"]):
    """Filters over quotas."""

    def within(self, scope: Scope) -> "Quotas":
        """The quotas of units inside the scope."""
        return self.filter(within(scope, car=""))


class Quota(models.Model):
    """How many cars of a class a unit may keep: the row that whoever wants a place locks.

    The number itself is the sum of the agreed changes in effect, so that any past day can be read.
    """

    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    use = models.CharField("车辆类别", max_length=20, choices=Use.choices)

    objects: Any = Quotas.as_manager()

    class Meta:
        verbose_name = "编制"
        ordering = ("unit__position", "use")
        constraints = [
            models.UniqueConstraint(
                name="fleet_one_quota_per_unit_and_use", fields=["unit", "use"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_use_display()}"

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.unit.path)


class QuotaChanges(models.QuerySet["QuotaChange"]):
    """Filters over changes of quotas."""

    def within(self, scope: Scope) -> "QuotaChanges":
        """The changes for units inside the scope."""
        return self.filter(within(scope, unit="quota__unit", car=""))

    def in_effect(self, day: date) -> "QuotaChanges":
        """The changes that make up the quotas of a day."""
        return self.filter(state=ChangeState.AGREED, takes_effect_on__lte=day)


class QuotaChange(models.Model):
    """A change of a quota (核定、增加、核减), with the document that grants it.

    ``asked_at`` is ``None`` for one that a ledger told of.
    """

    number = models.CharField("编号", max_length=20, unique=True)
    quota = models.ForeignKey("fleet.Quota", models.PROTECT, related_name="changes")
    delta = models.IntegerField("增减数")
    takes_effect_on = models.DateField("生效日期")
    document = models.CharField("批准文号", max_length=60, blank=True)
    reason = models.CharField("事由", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=ChangeState.choices)
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    applicant = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("申请时间", null=True)
    decided_at = models.DateTimeField("办结时间", null=True)

    objects: Any = QuotaChanges.as_manager()

    class Meta:
        verbose_name = "编制变更"
        ordering = ("-takes_effect_on", "-pk")
        constraints = [
            models.CheckConstraint(
                name="fleet_quota_change_changes_something", condition=~Q(delta=0)
            ),
            models.CheckConstraint(
                name="fleet_decided_quota_change_says_when",
                condition=~Q(state__in=["AGREED", "REFUSED"]) | Q(decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["quota", "takes_effect_on"], name="fleet_quota_change_by_day"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="quota_change_life", field="state", transitions=CHANGE_LIFE.transitions()
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state."""
        return CHANGE_LIFE.chip(self.state)

    @property
    def unit(self) -> Any:
        """The unit whose quota it changes."""
        return self.quota.unit

    @property
    def unit_path(self) -> str:
        """The path of the unit it belongs to."""
        return str(self.quota.unit.path)
