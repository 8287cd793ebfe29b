"""The columns that every finding has; the department adds what it is about."""

from django.db import models

EXPLANATION_MAX, DECISION_MAX, NOTE_MAX = 1000, 500, 300


class Raised(models.Model):
    """What was raised and is explained in words; it closes by itself, or by those words."""

    raised_at = models.DateTimeField("发现时间")
    explanation = models.TextField("情况说明", max_length=EXPLANATION_MAX, blank=True)
    explained_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    explained_at = models.DateTimeField("说明时间", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        abstract = True


class FindingRow(Raised):
    """A finding: raised, explained by a day, sent back or decided on, closed."""

    due_on = models.DateField("说明期限")
    reminded_on = models.DateField("催办日期", null=True)
    returned_note = models.CharField("退回意见", max_length=NOTE_MAX, blank=True)
    decision = models.CharField("处理意见", max_length=DECISION_MAX, blank=True)
    decided_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("处理时间", null=True)
    closing = models.CharField("办结说明", max_length=DECISION_MAX, blank=True)

    class Meta:
        abstract = True
