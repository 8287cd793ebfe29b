"""Buildings and compounds that several institutions share, and how what they use is divided."""

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.returns import MonthReturn
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.sites import Basis
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope

# On every day on which somebody shares, the shares make all of it.
_WHOLE = """
    IF EXISTS (
        SELECT 1
        FROM (
            SELECT lower(during) AS day FROM energy_siteshare WHERE site_id = {row}.site_id
            UNION
            SELECT upper(during) FROM energy_siteshare
            WHERE site_id = {row}.site_id AND NOT upper_inf(during)
        ) AS days
        JOIN energy_siteshare s ON s.site_id = {row}.site_id AND s.during @> days.day
        GROUP BY days.day
        HAVING sum(s.share) <> 100
    ) THEN
        RAISE EXCEPTION '合署办公点各机构的分摊比例每天合计应正好 100%%。';
    END IF;
    RETURN NULL;
"""


_LAST_DAY = "(%(expressions)s + interval '1 month' - interval '1 day')::date"


class Sites(models.QuerySet["Site"]):
    """Filters over shared buildings."""

    def within(self, scope: Scope) -> "Sites":
        """Those of areas inside the scope, and those that its institutions share."""
        if scope.everything:
            return self
        mine = SiteShare.objects.filter(institution__in=Institution.objects.within(scope))
        return self.filter(in_units(scope, "area") | Q(pk__in=mine.values("site")))

    def of_areas(self, scope: Scope) -> "Sites":
        """Only those of areas inside the scope."""
        return self if scope.everything else self.filter(in_units(scope, "area"))


class Site(models.Model):
    """A building or compound whose meters and bills several institutions share (合署办公点)."""

    name = models.CharField("办公点", max_length=80)
    area = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="所属区域")
    address = models.CharField("地址", max_length=120, blank=True)
    floor_m2 = models.DecimalField("建筑面积", max_digits=12, decimal_places=2, null=True)

    objects: Any = Sites.as_manager()

    class Meta:
        verbose_name = "合署办公点"
        ordering = ("area__position", "name")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_site_of_a_name", fields=["area", "name"],
                violation_error_message="这个区域已有同名的办公点。",
            ),
            models.CheckConstraint(name="energy_site_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="energy_site_is_some", condition=Q(floor_m2=None) | Q(floor_m2__gt=0)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return str(self.area.path)


class SiteShare(models.Model):
    """An institution's share of a site in percent, from a day on until another (half-open)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="shares", verbose_name="合署办公点")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="site_shares", verbose_name="公共机构"
    )
    during = DateRangeField("期间")
    basis = models.CharField("分摊办法", max_length=8, choices=Basis.choices)
    share = models.DecimalField("比例（%）", max_digits=9, decimal_places=6)
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "分摊比例"
        ordering = ("site", "during", "institution__position")
        constraints = [
            ExclusionConstraint(
                name="energy_a_share_at_a_time",
                expressions=[
                    ("site", RangeOperators.EQUAL),
                    ("institution", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这家机构在这段时间已有比例。",
            ),
            models.CheckConstraint(
                name="energy_a_share_is_some_of_all", condition=Q(share__gt=0, share__lte=100)
            ),
            models.CheckConstraint(
                name="energy_a_share_lasts",
                condition=Q(during__isempty=False, during__lower_inf=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="shares_make_all",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=_WHOLE.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="shares_left_make_all",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                func=_WHOLE.format(row="OLD"),
            ),
            pgtrigger.ReadOnly(name="whose_share_stays", fields=["site", "institution"]),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.institution} {self.share}%"


class SiteReturns(models.QuerySet["SiteReturn"]):
    """Filters over months of shared buildings."""

    def within(self, scope: Scope) -> "SiteReturns":
        """Those of sites of areas inside the scope; of others those of whose last day its
        institutions have a share, or of which they were given a part."""
        if scope.everything:
            return self
        mine = Institution.objects.within(scope)
        last = Func(OuterRef("month"), template=_LAST_DAY, output_field=models.DateField())
        shared = SiteShare.objects.filter(
            site=OuterRef("site"), institution__in=mine, during__contains=last
        )
        given = SitePart.objects.filter(
            line__site_return=OuterRef("pk"), month_return__institution__in=mine
        )
        return self.filter(in_units(scope, "site__area") | Exists(shared) | Exists(given))


class SiteReturn(models.Model):
    """A month of a site as it was told; ``month`` is its first day."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="returns", verbose_name="合署办公点"
    )
    month = models.DateField("月份")
    told_at = models.DateTimeField("登记时间")

    objects: Any = SiteReturns.as_manager()

    class Meta:
        verbose_name = "办公点月份"
        ordering = ("-month", "site")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_return_of_a_site_a_month", fields=["site", "month"]
            ),
            models.CheckConstraint(
                name="energy_site_month_is_its_first_day", condition=Q(month__day=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.month:%Y-%m}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.site.unit_path


class SiteLine(models.Model):
    """One source of a site's month: amount in its unit, cost in 分."""

    site_return = models.ForeignKey(
        SiteReturn, models.PROTECT, related_name="lines", verbose_name="办公点月份"
    )
    energy = models.CharField("品种", max_length=12, choices=Energy.choices)
    amount = models.DecimalField("实物量", max_digits=16, decimal_places=4, null=True)
    cost_fen = models.BigIntegerField("费用（分）", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "办公点消费"
        ordering = ("site_return", "energy")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_site_line_of_a_source", fields=["site_return", "energy"]
            ),
            models.CheckConstraint(
                name="energy_a_site_line_is_not_backwards",
                condition=(Q(amount=None) | Q(amount__gte=0))
                & (Q(cost_fen=None) | Q(cost_fen__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_return} {self.get_energy_display()}"


class SitePart(models.Model):
    """What of a site's source went to a month of an institution, where it is part of the line."""

    line = models.ForeignKey(
        SiteLine, models.PROTECT, related_name="parts", verbose_name="办公点消费"
    )
    month_return = models.ForeignKey(
        MonthReturn, models.PROTECT, related_name="site_parts", verbose_name="月报"
    )
    share = models.DecimalField("比例（%）", max_digits=9, decimal_places=6)
    amount = models.DecimalField("实物量", max_digits=16, decimal_places=4, null=True)
    cost_fen = models.BigIntegerField("费用（分）", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "分摊"
        ordering = ("line", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_part_of_a_month", fields=["line", "month_return"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.month_return}"
