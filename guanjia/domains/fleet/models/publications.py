"""Public notices (用车公示): frozen as published, corrected only by a new edition."""

from datetime import timedelta
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.fleet.terms.publications import (
    PUBLICATION_LIFE,
    PublicationState,
    Told,
    told_from_json,
)
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.digests import LENGTH
from guanjia.kernel.values.period import Period
from guanjia.kernel.vouchers import codes

# What was published is never changed; it can only be withdrawn.
_FROZEN = """
    IF (NEW.code, NEW.title, NEW.start, NEW."end", NEW.edition, NEW.corrects_id, NEW.reason,
        NEW.rows, NEW.totals, NEW.changes, NEW.digest, NEW.issuer, NEW.drawn_at,
        NEW.published_at, NEW.published_by_id)
       IS DISTINCT FROM
       (OLD.code, OLD.title, OLD.start, OLD."end", OLD.edition, OLD.corrects_id, OLD.reason,
        OLD.rows, OLD.totals, OLD.changes, OLD.digest, OLD.issuer, OLD.drawn_at,
        OLD.published_at, OLD.published_by_id)
    THEN
        RAISE EXCEPTION 'fleet_notice_published_is_frozen: %', OLD.code
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class Publications(models.QuerySet["Publication"]):
    """Filters over public notices."""

    def within(self, scope: Scope) -> "Publications":
        """All of them for whoever sees any: a notice tells of every unit."""
        return self.none() if scope.nothing else self

    def told(self) -> "Publications":
        """What was ever published, also what was corrected or withdrawn since."""
        return self.exclude(state=PublicationState.DRAFT)


class Publication(models.Model):
    """One edition of a public notice of use and cost by unit and month.

    ``end`` is the first day that no longer belongs to its period. ``rows``, ``totals`` and
    ``changes`` are frozen with their ``digest`` when it is published. ``corrects``: the edition in
    whose place it stands, which stays readable.
    """

    code = models.CharField("公示编号", max_length=codes.LENGTH, unique=True)
    title = models.CharField("题名", max_length=100)
    start = models.DateField("起")
    end = models.DateField("止")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="correction", verbose_name="更正"
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    rows = models.JSONField("各单位各月")
    totals = models.JSONField("合计")
    changes = models.JSONField("更正内容", default=list)
    digest = models.CharField("校验值", max_length=LENGTH)
    state = models.CharField(
        "状态",
        max_length=10,
        choices=PublicationState.choices,
        default=PublicationState.DRAFT,
    )
    issuer = models.CharField("公示单位", max_length=100)
    drawn_at = models.DateTimeField("统计时间")
    drawn_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField("公示时间", null=True)
    published_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤下时间", null=True)
    withdrawn_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("撤下原因", max_length=200, blank=True)

    objects: Any = Publications.as_manager()

    class Meta:
        verbose_name = "用车公示"
        ordering = ("-start", "-end", "-edition")
        constraints = [
            models.UniqueConstraint(
                fields=["start", "end", "edition"],
                name="fleet_one_notice_per_period_and_edition",
                violation_error_message="这个时段这一版已经有了。",
            ),
            models.CheckConstraint(
                name="fleet_notice_ends_after_it_begins", condition=Q(end__gt=F("start"))
            ),
            models.CheckConstraint(
                name="fleet_notice_that_corrects_says_why",
                condition=Q(corrects=None, edition=1, reason="")
                | Q(corrects__isnull=False, edition__gt=1) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="fleet_notice_published_says_when",
                condition=Q(state="DRAFT", published_at=None)
                | ~Q(state="DRAFT") & Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="fleet_notice_withdrawn_says_when_and_why",
                condition=Q(state="WITHDRAWN", withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")
                | ~Q(state="WITHDRAWN") & Q(withdrawn_at=None, withdrawn_reason=""),
            ),
            models.CheckConstraint(
                name="fleet_notice_digest_has_its_shape",
                condition=Q(digest__regex=rf"^[0-9a-f]{{{LENGTH}}}$"),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="notice_life", field="state", transitions=PUBLICATION_LIFE.transitions()
            ),
            pgtrigger.Trigger(
                name="published_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["PUBLISHED", "WITHDRAWN"]),
                func=_FROZEN,
            ),
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["PUBLISHED", "WITHDRAWN"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第 {self.edition} 版）" if self.edition > 1 else self.title

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and label of its state; of one that another stands in for, that it does."""
        if self.state == PublicationState.PUBLISHED and self.successor is not None:
            return "wait", "arrows-exchange", "已更正"
        return PUBLICATION_LIFE.chip(self.state)

    @property
    def period(self) -> Period:
        """The days it tells of."""
        return Period(self.start, self.end)

    @property
    def last(self) -> Any:
        """The last day it tells of."""
        return self.end - timedelta(days=1)

    @property
    def told(self) -> list[Told]:
        """Its rows as they were frozen."""
        return [told_from_json(row) for row in self.rows]

    @property
    def successor(self) -> "Publication | None":
        """The published edition that stands in its place, if there is one."""
        found: Publication | None = getattr(self, "correction", None)
        return found if found is not None and found.state != PublicationState.DRAFT else None

    def content(self) -> dict[str, Any]:
        """Everything it says, as it goes into the digest."""
        return {
            "code": self.code,
            "title": self.title,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "edition": self.edition,
            "corrects": self.corrects.code if self.corrects else "",
            "reason": self.reason,
            "issuer": self.issuer,
            "rows": self.rows,
            "totals": self.totals,
            "changes": self.changes,
        }
