"""What an energy audit found, what is done about it, and what that is said to save."""

from typing import Any

from django.db import models
from django.db.models import Q

from guanjia.domains.energy.models.works import EnergyAudit
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import Energy


class AuditedContent(models.Model):
    """What an audit says of one of the seven things it has to look at."""

    audit = models.ForeignKey(
        EnergyAudit, models.PROTECT, related_name="contents", verbose_name="能源审计"
    )
    content = models.CharField("审计内容", max_length=10, choices=AuditContent.choices)
    words = models.CharField("审计情况", max_length=1000)
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "审计内容"
        ordering = ("audit", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_a_content_is_audited_once", fields=["audit", "content"]
            ),
            models.CheckConstraint(
                name="energy_audited_content_has_words", condition=~Q(words="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.audit} {self.get_content_display()}"


class AuditFinding(models.Model):
    """Something an audit found (审计发现), under one of the seven contents."""

    audit = models.ForeignKey(
        EnergyAudit, models.PROTECT, related_name="findings", verbose_name="能源审计"
    )
    content = models.CharField("审计内容", max_length=10, choices=AuditContent.choices)
    words = models.CharField("审计发现", max_length=500)
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "审计发现"
        ordering = ("audit", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_a_finding_once", fields=["audit", "words"],
                violation_error_message="这条审计发现已经登记。",
            ),
            models.CheckConstraint(name="energy_finding_has_words", condition=~Q(words="")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.words


class AuditMeasure(models.Model):
    """What is done about a finding (整改措施), until when, for how much (分), and when it was."""

    finding = models.ForeignKey(
        AuditFinding, models.PROTECT, related_name="measures", verbose_name="审计发现"
    )
    title = models.CharField("整改措施", max_length=120)
    due_on = models.DateField("计划完成")
    cost_fen = models.BigIntegerField("投资（分）", null=True)
    done_on = models.DateField("完成日期", null=True)
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "整改措施"
        ordering = ("finding", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_a_measure_once", fields=["finding", "title"],
                violation_error_message="这条措施已经登记。",
            ),
            models.CheckConstraint(
                name="energy_measure_costs_something_or_is_not_told",
                condition=Q(cost_fen=None) | Q(cost_fen__gte=0),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class MeasureClaim(models.Model):
    """What a measure is said to save of a source in a year, in the unit of the source."""

    measure = models.ForeignKey(
        AuditMeasure, models.PROTECT, related_name="claims", verbose_name="整改措施"
    )
    energy = models.CharField("品种", max_length=12, choices=Energy.choices)
    amount = models.DecimalField("年节约量", max_digits=14, decimal_places=2)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "申报节约量"
        ordering = ("measure", "energy")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_claim_of_a_source", fields=["measure", "energy"]
            ),
            models.CheckConstraint(
                name="energy_a_claim_is_something", condition=Q(amount__gt=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.measure} {self.get_energy_display()}"
