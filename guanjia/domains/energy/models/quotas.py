"""Institutions over their quota, what they say to it, and what came of that."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.works import OfInstitutions
from guanjia.domains.energy.terms.quotas import CASE_LIFE, CaseState, QuotaMeasure
from guanjia.kernel.findings.models import FindingRow


class QuotaCase(FindingRow):
    """An institution that used more than its quota bounds in a year (超定额, 条例 16、17).

    ``value``, ``bound`` and where the quota stands (``article``, ``since``) are as it was judged
    and stay, whatever is corrected or comes into force later.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="quota_cases", verbose_name="公共机构"
    )
    year = models.PositiveSmallIntegerField("年度")
    measure = models.CharField("指标", max_length=20, choices=QuotaMeasure.choices)
    value = models.DecimalField("本年值", max_digits=16, decimal_places=4)
    bound = models.DecimalField("约束值", max_digits=12, decimal_places=4)
    article = models.CharField("依据", max_length=300)
    checked = models.BooleanField("依据已核对")
    since = models.DateField("定额起始")
    months = models.PositiveSmallIntegerField("填报月数")
    state = models.CharField("状态", max_length=10, choices=CaseState.choices)
    raised_at = models.DateTimeField("要求说明时间")

    objects: Any = OfInstitutions.as_manager()

    class Meta:
        verbose_name = "超定额说明"
        ordering = ("-year", "institution__position", "measure")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_case_of_a_measure_a_year",
                fields=["institution", "year", "measure"], condition=~Q(state="LAPSED"),
            ),
            models.CheckConstraint(
                name="energy_a_case_is_over_its_bound", condition=Q(value__gt=F("bound"))
            ),
            models.CheckConstraint(
                name="energy_a_told_case_has_words",
                condition=Q(state__in=["ASKED", "LAPSED"])
                | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
            models.CheckConstraint(
                name="energy_a_case_comes_back_with_reasons",
                condition=~Q(state="BACK") | ~Q(returned_note=""),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "due_on"], name="energy_quota_case_state")]
        triggers = [
            pgtrigger.FSM(
                name="quota_case_life",
                field="state",
                transitions=CASE_LIFE.transitions(),
            ),
            pgtrigger.ReadOnly(
                name="quota_case_keeps_its_figures",
                fields=["institution", "year", "measure", "value", "bound", "article", "checked",
                        "since", "months", "raised_at"],
            ),
        ]  # fmt: skip

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return CASE_LIFE.chip(self.state)

    def __str__(self) -> str:
        return f"{self.institution} {self.year} 年{self.get_measure_display()}超定额"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path
