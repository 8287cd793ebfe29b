"""Samples drawn for checking, and what the checks found."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.sampling import CHECK_LIFE, CheckState, Method
from guanjia.kernel.values.actor import Scope

# A draw that has its size is full: nobody is put in later.
_FULL = """
    IF NEW.place > (SELECT size FROM energy_sample s WHERE s.id = NEW.sample_id) THEN
        RAISE EXCEPTION '抽查名单已经抽定，不能再加。';
    END IF;
    RETURN NEW;
"""


class Sample(models.Model):
    """A draw of institutions to check for a period (每年抽查), as it was drawn; never changed.

    ``quarter`` 0 is the whole year. ``population`` maps codes of areas to the institutions that
    could be drawn (``<code> <name>``), ``ids`` these to their ids: with seed and percent anybody
    can draw again (``rules.sampling.draw``).
    """

    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")
    seed = models.CharField("随机种子", max_length=64)
    percent = models.PositiveSmallIntegerField("比例")
    article = models.CharField("依据", max_length=300)
    checked = models.BooleanField("依据已核对")
    population = models.JSONField("抽取范围")
    ids = models.JSONField("编号")
    total = models.PositiveIntegerField("机构数")
    size = models.PositiveIntegerField("抽取数")
    drawn_at = models.DateTimeField("抽取时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "抽查"
        ordering = ("-year", "-quarter")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_draw_of_a_period", fields=["year", "quarter"],
                violation_error_message="这个报告期已经抽取过。",
            ),
            models.CheckConstraint(
                name="energy_a_draw_is_of_a_period",
                condition=Q(year__gte=2000, year__lte=2200, quarter__lte=4),
            ),
            models.CheckConstraint(
                name="energy_a_draw_takes_some",
                condition=Q(size__gte=1, size__lte=models.F("total")) & ~Q(seed=""),
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(
                name="a_draw_stays", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year} 年{f'第 {self.quarter} 季度' if self.quarter else ''}抽查"


class SampleChecks(models.QuerySet["SampleCheck"]):
    """Filters over checks."""

    def within(self, scope: Scope) -> "SampleChecks":
        """The checks of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(institution__in=Institution.objects.within(scope))


class SampleCheck(models.Model):
    """An institution that was drawn, and the check of its figures."""

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="checks", verbose_name="抽查")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="sample_checks", verbose_name="公共机构"
    )
    place = models.PositiveIntegerField("序号")
    state = models.CharField("状态", max_length=10, choices=CheckState.choices)
    method = models.CharField("方式", max_length=10, choices=Method.choices, blank=True)
    checker = models.CharField("核查人", max_length=60, blank=True)
    on = models.DateField("核查日期", null=True)
    conclusion = models.CharField("结论", max_length=500, blank=True)
    limit = models.DecimalField("允许误差（%）", max_digits=5, decimal_places=2, null=True)
    recorded_at = models.DateTimeField("登记时间", null=True)

    objects: Any = SampleChecks.as_manager()

    class Meta:
        verbose_name = "抽查核查"
        ordering = ("sample", "place")
        constraints = [
            models.UniqueConstraint(name="energy_drawn_once", fields=["sample", "institution"]),
            models.UniqueConstraint(name="energy_one_place_in_a_draw", fields=["sample", "place"]),
            models.CheckConstraint(name="energy_places_begin_with_one", condition=Q(place__gte=1)),
            models.CheckConstraint(
                name="energy_a_check_says_who_and_when",
                condition=Q(state="DRAWN")
                | ~Q(method="") & ~Q(checker="") & ~Q(conclusion="")
                & Q(on__isnull=False, limit__isnull=False, recorded_at__isnull=False),
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="a_draw_is_full", when=pgtrigger.Before, operation=pgtrigger.Insert,
                func=_FULL,
            ),
            pgtrigger.Protect(name="the_drawn_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="who_was_drawn_stays", fields=["sample", "institution", "place"]
            ),
            pgtrigger.FSM(
                name="sample_check_life",
                field="state",
                transitions=CHECK_LIFE.transitions(),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.institution} {self.sample}"

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return CHECK_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class SampleProof(models.Model):
    """A source of a check: what had been told for the period then, and what was proven."""

    check_of = models.ForeignKey(
        SampleCheck, models.PROTECT, related_name="proofs", verbose_name="抽查核查"
    )
    energy = models.CharField("品种", max_length=12, choices=Energy.choices)
    told = models.DecimalField("填报", max_digits=16, decimal_places=4, null=True)
    proven = models.DecimalField("核实", max_digits=16, decimal_places=4)
    percent = models.DecimalField("误差（%）", max_digits=12, decimal_places=2, null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "核实数量"
        ordering = ("check_of", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_proof_of_a_source", fields=["check_of", "energy"]
            ),
            models.CheckConstraint(
                name="energy_nothing_is_proven_backwards", condition=Q(proven__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_of} {self.get_energy_display()}"
