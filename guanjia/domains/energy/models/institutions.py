"""Public institutions (公共机构) and what each was on any past day."""

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef, Q

from guanjia.domains.energy.terms.institutions import Change, InstitutionKind
from guanjia.kernel.org.scoping import in_units
from guanjia.kernel.values.actor import Scope


class Institutions(models.QuerySet["Institution"]):
    """Filters over institutions, and how they stood on a day."""

    def within(self, scope: Scope) -> "Institutions":
        """The institutions of areas inside the scope, those that are its units, and those the
        reader fills in returns for."""
        if scope.everything:
            return self
        wanted = in_units(scope, "area") | in_units(scope, "unit")
        if scope.person_id:
            # Not by a join: rows that may come twice can be neither locked nor changed.
            mine = InstitutionClerk.objects.filter(person=scope.person_id, until=None)
            wanted |= Q(pk__in=mine.values("institution"))
        return self.filter(wanted)

    def on(self, day: date) -> "Institutions":
        """The institutions in the register on a day, joined with what they were then (``now``).

        ``now__kind``, ``now__area``, ``now__floor_m2``, ``now__people`` …; one row each.
        """
        there: Any = self.listed(day)
        rows: Institutions = there.annotate(
            now=FilteredRelation("spells", condition=Q(spells__during__contains=day))
        )
        return rows

    def listed(self, day: date) -> "Institutions":
        """Those that had been entered by a day and were something on it: who left is nothing from
        then on, who came back is something again."""
        there = InstitutionSpell.objects.filter(institution=OuterRef("pk"), during__contains=day)
        return self.filter(Exists(there), entered_on__lte=day)


class Institution(models.Model):
    """A public institution of the register (名录库); ``name`` and ``area`` are today's.

    Two institutions may carry one 统一社会信用代码 (a branch uses its parent's): code and name
    together tell them apart, and the register says so.
    """

    code = models.CharField("统一社会信用代码", max_length=18, db_index=True)
    name = models.CharField("机构名称", max_length=100)
    area = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="所属区域")
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, null=True, related_name="+", verbose_name="单位名录中的单位"
    )
    entered_on = models.DateField("入库日期")
    left_on = models.DateField("退出日期", null=True)
    position = models.PositiveIntegerField("排序号", default=0)
    # Set on rows read as of a day (``Institutions.on`` with ``select_related``).
    now: Any = None

    objects: Any = Institutions.as_manager()

    class Meta:
        verbose_name = "公共机构"
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_institution_of_a_code_and_name", fields=["code", "name"],
                violation_error_message="名录库中已有这个代码和名称的机构。",
            ),
            models.CheckConstraint(
                name="energy_institution_leaves_after_it_came",
                condition=Q(left_on=None) | Q(left_on__gte=models.F("entered_on")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return str(self.area.path)


class InstitutionSpell(models.Model):
    """What an institution was from a day on until it was something else (half-open, the beginning
    may be unknown); floor space in ㎡. Between closing and reopening there is none."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="spells", verbose_name="公共机构"
    )
    during = DateRangeField("期间")
    name = models.CharField("机构名称", max_length=100)
    kind = models.CharField("机构类型", max_length=12, choices=InstitutionKind.choices)
    area = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="所属区域")
    floor_m2 = models.DecimalField("建筑面积", max_digits=12, decimal_places=2, null=True)
    people = models.PositiveIntegerField("用能人数", null=True)
    staff = models.PositiveIntegerField("编制人数", null=True)
    assessed = models.BooleanField("在线考核", default=False)
    key_user = models.BooleanField("重点用能单位", default=False)
    why = models.CharField("原因", max_length=200, blank=True)
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "公共机构情况"
        ordering = ("institution", "during")
        constraints = [
            ExclusionConstraint(
                name="energy_an_institution_is_one_thing_at_a_time",
                expressions=[
                    ("institution", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这家机构在这段时间已有登记。",
            ),
            models.CheckConstraint(
                name="energy_spell_lasts", condition=Q(during__isempty=False)
            ),
            models.CheckConstraint(
                name="energy_floor_space_is_some",
                condition=Q(floor_m2=None) | Q(floor_m2__gt=0),
            ),
        ]  # fmt: skip
        indexes = [GistIndex(fields=["during"], name="energy_spell_during")]

    def __str__(self) -> str:
        return f"{self.name} {self.during}"


class InstitutionChange(models.Model):
    """A reform of institutions: renamed, merged, split, closed; what was and what came of it."""

    kind = models.CharField("变动", max_length=10, choices=Change.choices)
    on = models.DateField("日期")
    document = models.CharField("批准文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    told_at = models.DateTimeField("登记时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "机构变动"
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


class InstitutionChangePart(models.Model):
    """An institution to which a reform happened (``came`` is false), or which came of it."""

    change = models.ForeignKey(
        InstitutionChange, models.PROTECT, related_name="parts", verbose_name="机构变动"
    )
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="changes", verbose_name="公共机构"
    )
    came = models.BooleanField("变动后")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "变动机构"
        ordering = ("change", "came", "pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_part_in_a_change", fields=["change", "institution", "came"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.institution}"


class InstitutionClerk(models.Model):
    """Who fills in the returns of an institution (统计员), from a day on until another does."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="clerks", verbose_name="公共机构"
    )
    person = models.ForeignKey(
        "org.Person", models.PROTECT, related_name="+", verbose_name="统计员"
    )
    since = models.DateField("自")
    until = models.DateField("至", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "统计员"
        ordering = ("institution", "since")
        constraints = [
            models.UniqueConstraint(
                name="energy_a_clerk_once", fields=["institution", "person"],
                condition=Q(until=None),
            ),
            models.CheckConstraint(
                name="energy_clerk_serves_forward",
                condition=Q(until=None) | Q(until__gte=models.F("since")),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["person"], name="energy_clerk_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.institution}"
