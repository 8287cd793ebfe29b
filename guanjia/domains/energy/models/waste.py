"""Sorted waste: where it is thrown, and what was carried away."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from guanjia.domains.energy.models.institutions import Institution
from guanjia.domains.energy.models.works import OfInstitutions
from guanjia.domains.energy.terms.waste import WasteKind


class WastePoint(models.Model):
    """A place where waste is thrown sorted (投放点), from a day on."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="waste_points", verbose_name="公共机构"
    )
    place = models.CharField("位置", max_length=60)
    kinds = ArrayField(
        models.CharField(max_length=12, choices=WasteKind.choices), verbose_name="收哪几类"
    )
    since = models.DateField("启用日期")
    until = models.DateField("停用日期", null=True)
    told_at = models.DateTimeField("登记时间")

    objects: Any = OfInstitutions.as_manager()
    derived_on_entering = ("told_at",)

    class Meta:
        verbose_name = "垃圾分类投放点"
        ordering = ("institution__position", "place")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_waste_point_of_a_place", fields=["institution", "place"],
                violation_error_message="这家机构的这个位置已有投放点。",
            ),
            models.CheckConstraint(
                name="energy_waste_point_takes_something", condition=Q(kinds__len__gte=1)
            ),
            models.CheckConstraint(
                name="energy_waste_point_ends_after_it_began",
                condition=Q(until=None) | Q(until__gt=F("since")),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.institution} {self.place}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path


class WasteRemoval(models.Model):
    """One kind of waste that a carrier took on a day (清运台账); kg."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="waste", verbose_name="公共机构"
    )
    on = models.DateField("清运日期")
    kind = models.CharField("类别", max_length=12, choices=WasteKind.choices)
    weight_kg = models.DecimalField("重量", max_digits=10, decimal_places=2)
    carrier = models.CharField("清运单位", max_length=60)
    told_at = models.DateTimeField("登记时间")

    objects: Any = OfInstitutions.as_manager()
    derived_on_entering = ("told_at",)

    class Meta:
        verbose_name = "垃圾清运"
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="energy_one_removal_of_a_kind_a_day",
                fields=["institution", "on", "kind", "carrier"],
                violation_error_message="这一天这一类的清运已经登记。",
            ),
            models.CheckConstraint(
                name="energy_removed_waste_weighs_something", condition=Q(weight_kg__gt=0)
            ),
        ]
        indexes = [models.Index(fields=["institution", "on"], name="energy_waste_day")]

    def __str__(self) -> str:
        return f"{self.institution} {self.on} {self.get_kind_display()}"

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.institution.unit_path
