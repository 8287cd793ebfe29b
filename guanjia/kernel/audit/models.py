"""The trail (留痕): append-only records of what was done, and seals that make tampering visible."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from guanjia.kernel.values.actor import Scope


def append_only() -> pgtrigger.Protect:
    """The trigger that forbids changing or deleting what was written."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Records(models.QuerySet["Record"]):
    """Filters over the trail."""

    def within(self, scope: Scope) -> "Records":
        """The records that concern units inside the scope, or that the person made."""
        if scope.everything:
            return self
        wanted = models.Q(pk__in=[])
        for path in scope.paths:
            wanted |= models.Q(unit_path__startswith=path)
        if scope.person_id:
            wanted |= models.Q(person_id=scope.person_id)
        return self.filter(wanted)


class Record(models.Model):
    """Who did what to which row, when, from where, with what verdict.

    Holds plain ids instead of foreign keys: the trail outlives what it tells of, and stands below
    everything that writes to it.
    """

    at = models.DateTimeField("时间")
    written_at = models.DateTimeField(db_default=Now(), editable=False)
    account_id = models.BigIntegerField("账号", null=True)
    person_id = models.BigIntegerField("人员", null=True)
    name = models.CharField("姓名", max_length=100)
    address = models.GenericIPAddressField("来自", null=True)
    verb = models.CharField("操作", max_length=80)
    on_type = models.CharField("对象", max_length=60)
    on_id = models.BigIntegerField("对象号", null=True)
    on_label = models.CharField("对象名", max_length=200)
    unit_path = models.CharField("单位", max_length=400, blank=True)
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    verdict = models.JSONField("规则核对", null=True)
    note = models.TextField("说明", blank=True, max_length=2000)

    objects: Any = Records.as_manager()

    class Meta:
        verbose_name = "操作记录"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["on_type", "on_id", "-id"], name="audit_record_on"),
            models.Index(fields=["-at"], name="audit_record_at"),
            models.Index(fields=["person_id", "-id"], name="audit_record_person"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.name} {self.verb} {self.on_label}"


class Seal(models.Model):
    """A digest over the records up to ``last_id`` and over the seal before it: a chain."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    records = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "记录封存"
        ordering = ("pk",)
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"
