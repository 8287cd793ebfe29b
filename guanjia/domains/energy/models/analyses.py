"""Analyses of key users as they were issued, and what everybody may read; nothing of it changes."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from guanjia.domains.energy.models.assessment import Scheme
from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.works import OfInstitutions
from guanjia.domains.energy.terms.analyses import NOTICE_LIFE, PublicationKind, PublicationState
from guanjia.engines.wordreports.paper import Paper, paper_from_json
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.digests import LENGTH
from guanjia.kernel.vouchers import codes

_DIGEST = rf"^[0-9a-f]{{{LENGTH}}}$"
# What was published is never changed; it can only be withdrawn.
_FROZEN = """
    IF (NEW.code, NEW.kind, NEW.title, NEW.year, NEW.analysis_id, NEW.scheme_id, NEW.edition,
        NEW.corrects_id, NEW.reason, NEW.paper, NEW.names, NEW.digest, NEW.issuer, NEW.drawn_at,
        NEW.published_at, NEW.published_by_id)
       IS DISTINCT FROM
       (OLD.code, OLD.kind, OLD.title, OLD.year, OLD.analysis_id, OLD.scheme_id, OLD.edition,
        OLD.corrects_id, OLD.reason, OLD.paper, OLD.names, OLD.digest, OLD.issuer, OLD.drawn_at,
        OLD.published_at, OLD.published_by_id)
    THEN
        RAISE EXCEPTION 'energy_notice_published_is_frozen: %', OLD.code
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class Analysis(models.Model):
    """The yearly analysis of a key user as it was issued; another is another edition.

    ``paper``: everything it says (see ``engines.wordreports.paper``), with its ``digest``. Its Word
    file is an attachment of this row.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="analyses", verbose_name="公共机构"
    )
    year = models.PositiveSmallIntegerField("年度")
    edition = models.PositiveSmallIntegerField("版次")
    reason = models.CharField("重新出具原因", max_length=200, blank=True)
    paper = models.JSONField("分析内容")
    digest = models.CharField("校验值", max_length=LENGTH)
    issued_at = models.DateTimeField("出具时间")
    issued_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")

    objects: Any = OfInstitutions.as_manager()

    class Meta:
        verbose_name = "重点用能单位分析"
        ordering = ("-year", "institution__position", "-edition")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_analysis_of_an_edition", fields=["institution", "year", "edition"]
            ),
            models.CheckConstraint(
                name="energy_another_edition_says_why",
                condition=Q(edition=1, reason="") | Q(edition__gt=1) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="energy_analysis_digest_has_its_shape", condition=Q(digest__regex=_DIGEST)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_analyses_stay", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        edition = f"（第 {self.edition} 版）" if self.edition > 1 else ""
        return f"{self.year}年{self.institution}分析{edition}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path

    def content(self) -> Paper:
        """What it says."""
        return paper_from_json(self.paper)


class EnergyPublications(models.QuerySet["EnergyPublication"]):
    """Filters over what is published."""

    def within(self, scope: Scope) -> "EnergyPublications":
        """Of analyses of a scope's institutions; years and ranks where it is the whole city."""
        if scope.everything:
            return self
        return self.filter(analysis__institution__in=Institution.objects.within(scope))

    def told(self) -> "EnergyPublications":
        """What was ever published, also what was corrected or withdrawn since."""
        return self.exclude(state=PublicationState.DRAFT)


class EnergyPublication(models.Model):
    """One edition of what everybody may read: a year's indicators, an analysis, or ranks.

    ``names``: the institutions and areas it names, by which it is found. ``corrects``: the edition
    in whose place it stands, which tells no number any more.
    """

    code = models.CharField("公示编号", max_length=codes.LENGTH, unique=True)
    kind = models.CharField("类别", max_length=10, choices=PublicationKind.choices)
    title = models.CharField("题名", max_length=200)
    year = models.PositiveSmallIntegerField("年度")
    analysis = models.ForeignKey(
        Analysis, models.PROTECT, null=True, related_name="publications", verbose_name="分析"
    )
    scheme = models.ForeignKey(
        Scheme, models.PROTECT, null=True, related_name="publications", verbose_name="考核方案"
    )
    key_users = models.BooleanField("列出重点用能单位", default=False)
    edition = models.PositiveSmallIntegerField("版次", default=1)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="correction", verbose_name="更正"
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    paper = models.JSONField("公示内容")
    names = models.TextField("涉及的机构和区域", max_length=20_000, blank=True)
    digest = models.CharField("校验值", max_length=LENGTH)
    state = models.CharField(
        "状态", max_length=10, choices=PublicationState.choices, default=PublicationState.DRAFT
    )
    issuer = models.CharField("公示单位", max_length=100)
    drawn_at = models.DateTimeField("统计时间")
    drawn_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField("公示时间", null=True)
    published_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤下时间", null=True)
    withdrawn_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("撤下原因", max_length=200, blank=True)

    objects: Any = EnergyPublications.as_manager()

    class Meta:
        verbose_name = "能耗公示"
        ordering = ("-year", "kind", "title", "-edition")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_notice_of_a_year_and_edition", fields=["year", "edition"],
                condition=Q(kind="YEAR"),
                violation_error_message="这一年这一版已经有了。",
            ),
            models.UniqueConstraint(
                name="energy_one_notice_of_an_analysis", fields=["analysis"],
                condition=Q(kind="ANALYSIS"),
                violation_error_message="这份分析已有公示稿。",
            ),
            models.UniqueConstraint(
                name="energy_one_notice_of_ranks_and_edition", fields=["scheme", "edition"],
                condition=Q(kind="RANKS"),
                violation_error_message="这个方案这一版已经有了。",
            ),
            models.CheckConstraint(
                name="energy_notice_names_what_it_is_of",
                condition=Q(kind="YEAR", analysis=None, scheme=None)
                | Q(kind="ANALYSIS", analysis__isnull=False, scheme=None)
                | Q(kind="RANKS", analysis=None, scheme__isnull=False),
            ),
            models.CheckConstraint(
                name="energy_notice_that_corrects_says_why",
                condition=Q(corrects=None, edition=1, reason="")
                | Q(corrects__isnull=False, edition__gt=1) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="energy_notice_published_says_when",
                condition=Q(state="DRAFT", published_at=None)
                | ~Q(state="DRAFT") & Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="energy_notice_withdrawn_says_when_and_why",
                condition=Q(state="WITHDRAWN", withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")
                | ~Q(state="WITHDRAWN") & Q(withdrawn_at=None, withdrawn_reason=""),
            ),
            models.CheckConstraint(
                name="energy_notice_digest_has_its_shape", condition=Q(digest__regex=_DIGEST)
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.FSM(
                name="energy_notice_life", field="state", transitions=NOTICE_LIFE.transitions()
            ),
            pgtrigger.Trigger(
                name="energy_notice_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["PUBLISHED", "WITHDRAWN"]),
                func=_FROZEN,
            ),
            pgtrigger.Protect(
                name="energy_notice_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["PUBLISHED", "WITHDRAWN"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title}（第 {self.edition} 版）" if self.edition > 1 else self.title

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of where it stands; of what was corrected, that it was."""
        corrected = self.state == PublicationState.PUBLISHED and self.successor is not None
        return ("wait", "arrows-exchange", "已更正") if corrected else NOTICE_LIFE.chip(self.state)

    @property
    def successor(self) -> "EnergyPublication | None":
        """The published edition that stands in its place, if there is one."""
        found: EnergyPublication | None = getattr(self, "correction", None)
        return found if found is not None and found.state != PublicationState.DRAFT else None

    @property
    def newest(self) -> "EnergyPublication":
        """The last edition that was published in its place, or it itself."""
        found = self
        while (later := found.successor) is not None:
            found = later
        return found

    @property
    def stands(self) -> bool:
        """Whether everybody may read what it says: published, in the newest edition."""
        return self.state == PublicationState.PUBLISHED and self.successor is None

    def content(self) -> Paper:
        """What it says."""
        return paper_from_json(self.paper)

    def sealed(self) -> dict[str, Any]:
        """Everything it says, as it goes into the digest."""
        return {
            "code": self.code, "kind": self.kind, "title": self.title, "year": self.year,
            "edition": self.edition, "corrects": self.corrects.code if self.corrects else "",
            "reason": self.reason, "issuer": self.issuer, "paper": self.paper,
        }  # fmt: skip
