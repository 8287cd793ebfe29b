"""What institutions consumed month by month, what is odd about it, and how it goes up."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.energies import Energy, Measure
from guanjia.domains.energy.terms.returns import (
    DOUBT_LIFE,
    FILING_LIFE,
    Check,
    DoubtState,
    FilingKind,
    FilingState,
    Origin,
)
from guanjia.kernel.findings.models import Raised
from guanjia.kernel.values.actor import Scope

# Figures that were accepted stand, by their quarter or their year: they are opened by an exception,
# which leaves its trace.
_LOCKED = """
    IF EXISTS (
        SELECT 1 FROM energy_monthreturn m JOIN energy_filing f
            ON f.institution_id = m.institution_id AND f.state = 'LOCKED'
            AND (f.kind, f.first) IN (
                ('QUARTER', date_trunc('quarter', m.month)::date),
                ('YEAR', date_trunc('year', m.month)::date)
            )
        WHERE m.id = {row}.month_return_id
    ) THEN
        RAISE EXCEPTION '这个月的数据已经审定锁定，要改先由市级解锁。';
    END IF;
    RETURN {row};
"""


class MonthReturns(models.QuerySet["MonthReturn"]):
    """Filters over monthly returns."""

    def within(self, scope: Scope) -> "MonthReturns":
        """The returns of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(institution__in=Institution.objects.within(scope))


class MonthReturn(models.Model):
    """The return of one institution for one month; what it consumed are ``Consumption`` rows.

    ``month`` is its first day.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="returns", verbose_name="公共机构"
    )
    month = models.DateField("月份")
    origin = models.CharField("来源", max_length=10, choices=Origin.choices)
    told_at = models.DateTimeField("登记时间")
    note = models.CharField("备注", max_length=200, blank=True)

    objects: Any = MonthReturns.as_manager()

    class Meta:
        verbose_name = "能耗月报"
        ordering = ("-month", "institution__position")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_return_a_month", fields=["institution", "month"],
                violation_error_message="这家机构这个月已有一份月报。",
            ),
            models.CheckConstraint(
                name="energy_month_is_its_first_day", condition=Q(month__day=1)
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["month", "institution"], name="energy_return_month")]

    def __str__(self) -> str:
        return f"{self.institution} {self.month:%Y-%m}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class Consumption(models.Model):
    """One source of one month: amount in its unit (see ``terms.energies.SOURCES``), cost in 分.

    ``None`` is not told, which is not the same as nothing.
    """

    month_return = models.ForeignKey(
        MonthReturn, models.PROTECT, related_name="lines", verbose_name="月报"
    )
    energy = models.CharField("品种", max_length=12, choices=Energy.choices)
    amount = models.DecimalField("实物量", max_digits=16, decimal_places=4, null=True)
    cost_fen = models.BigIntegerField("费用（分）", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "能源消费"
        ordering = ("month_return", "energy")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_line_of_a_source", fields=["month_return", "energy"],
                include=["amount", "cost_fen"],
            ),
            models.CheckConstraint(
                name="energy_nothing_is_consumed_backwards",
                condition=(Q(amount=None) | Q(amount__gte=0))
                & (Q(cost_fen=None) | Q(cost_fen__gte=0)),
            ),
            models.CheckConstraint(
                name="energy_a_line_says_something",
                condition=Q(amount__isnull=False) | Q(cost_fen__isnull=False),
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="locked_lines_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_LOCKED.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="locked_lines_are_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=_LOCKED.format(row="OLD"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_return} {self.get_energy_display()}"


class Doubts(models.QuerySet["Doubt"]):
    """Filters over doubts."""

    def within(self, scope: Scope) -> "Doubts":
        """The doubts about returns of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(month_return__institution__in=Institution.objects.within(scope))


class Doubt(Raised):
    """Something odd about a month: explained by the institution, or gone when it is corrected.

    An explanation holds for what was told then (``told``): other figures may be doubted anew.
    """

    month_return = models.ForeignKey(
        MonthReturn, models.PROTECT, related_name="doubts", verbose_name="月报"
    )
    check_name = models.CharField("审核规则", max_length=20, choices=Check.choices)
    energy = models.CharField("品种", max_length=12, choices=Energy.choices, blank=True)
    measure = models.CharField("栏目", max_length=8, choices=Measure.choices, blank=True)
    told = models.CharField("填报值", max_length=60, blank=True)
    usual = models.CharField("参照值", max_length=120, blank=True)
    sentence = models.CharField("疑点", max_length=300)
    state = models.CharField("状态", max_length=10, choices=DoubtState.choices)

    objects: Any = Doubts.as_manager()

    class Meta:
        verbose_name = "审核疑点"
        ordering = ("-month_return__month", "month_return__institution__position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_open_doubt_of_a_kind",
                fields=["month_return", "check_name", "energy", "measure"],
                condition=Q(state="OPEN"),
            ),
            models.CheckConstraint(
                name="energy_explained_doubt_has_words",
                condition=~Q(state="EXPLAINED")
                | ~Q(explanation="") & Q(explained_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "month_return"], name="energy_doubt_state"),
        ]
        triggers = [
            pgtrigger.FSM(name="doubt_life", field="state", transitions=DOUBT_LIFE.transitions()),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return DOUBT_LIFE.chip(self.state)

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.month_return.unit_path


class Filings(models.QuerySet["Filing"]):
    """Filters over filings."""

    def within(self, scope: Scope) -> "Filings":
        """The filings of institutions inside the scope."""
        if scope.everything:
            return self
        return self.filter(institution__in=Institution.objects.within(scope))


class Filing(models.Model):
    """A quarter or a year as an institution reports it (季报、年报), on its way up.

    Unit → county → city; sent back with reasons at any desk; locked once the city accepts it.
    ``first`` is the first day of its first month. Institutions of the city itself skip the county.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="filings", verbose_name="公共机构"
    )
    kind = models.CharField("报表", max_length=8, choices=FilingKind.choices)
    first = models.DateField("报告期")
    due_on = models.DateField("报送期限")
    state = models.CharField("状态", max_length=10, choices=FilingState.choices)
    sent_at = models.DateTimeField("报送时间", null=True)
    locked_at = models.DateTimeField("审定时间", null=True)
    reason = models.CharField("退回或解锁原因", max_length=300, blank=True)

    objects: Any = Filings.as_manager()

    class Meta:
        verbose_name = "能耗报表"
        ordering = ("-first", "institution__position")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_filing_of_a_period", fields=["institution", "kind", "first"]
            ),
            models.CheckConstraint(
                name="energy_filing_begins_a_period",
                condition=Q(first__day=1)
                & (
                    Q(kind="QUARTER", first__month__in=[1, 4, 7, 10])
                    | Q(kind="YEAR", first__month=1)
                ),
            ),
            models.CheckConstraint(
                name="energy_locked_filing_has_its_hour",
                condition=~Q(state="LOCKED") | Q(locked_at__isnull=False, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="energy_sent_back_with_reasons",
                condition=~Q(state="SENT_BACK") | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["kind", "first", "state"], name="energy_filing_progress")]
        triggers = [
            pgtrigger.FSM(name="way_up", field="state", transitions=FILING_LIFE.transitions()),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.first:%Y-%m} {self.get_kind_display()}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path

    @property
    def name(self) -> str:
        """Whose it is and of which period: ``乐平市第一中学 2020年第一季度``."""
        return f"{self.institution} {self.period}"

    @property
    def period(self) -> str:
        """The period it speaks of: ``2020年第一季度``."""
        return rules.title(FilingKind(self.kind), self.first)

    @property
    def chip(self) -> tuple[str, str, str]:
        """Tone, icon and word of its state."""
        return FILING_LIFE.chip(self.state)
