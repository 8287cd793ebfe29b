"""Units and people, and what reforms did to units."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from guanjia.kernel.audit.models import append_only
from guanjia.kernel.org.terms import Employment, Level, Nature, Rank, Reform
from guanjia.kernel.values.actor import Scope


class Units(models.QuerySet["Unit"]):
    """Filters over units."""

    def within(self, scope: Scope) -> "Units":
        """The units inside the scope."""
        if scope.everything:
            return self
        wanted = models.Q(pk__in=scope.unit_ids)
        for path in scope.paths:
            wanted |= models.Q(path__startswith=path)
        if scope.person_id:
            # Not by a join: rows that may come twice can be neither locked nor changed.
            wanted |= models.Q(pk__in=Person.objects.filter(pk=scope.person_id).values("unit"))
        return self.filter(wanted)

    def open(self) -> "Units":
        """The units that still exist."""
        return self.filter(closed_on=None)


class Unit(models.Model):
    """A unit in the tree 省 → 市 → 县 → 单位 → 科室; a deployment may begin at any level."""

    code = models.CharField("单位编码", max_length=40, unique=True)
    name = models.CharField("单位名称", max_length=100)
    short_name = models.CharField("简称", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name="上级单位"
    )
    path = models.CharField("路径", max_length=400, db_index=True)
    nature = models.CharField("单位性质", max_length=20, choices=Nature.choices)
    level = models.CharField("层级", max_length=20, choices=Level.choices)
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True, unique=True)
    headcount = models.PositiveIntegerField("编制人数", null=True)
    position = models.IntegerField("排序号", default=0)
    closed_on = models.DateField("撤销日期", null=True)

    objects: Any = Units.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ("position", "code")
        constraints = [
            models.CheckConstraint(
                name="org_unit_path_ends_with_its_code",
                condition=models.Q(
                    path__endswith=models.functions.Concat(
                        models.Value("/"), models.F("code"), models.Value("/")
                    )
                ),
            ),
            models.CheckConstraint(
                name="org_unit_is_not_its_own_parent",
                condition=~models.Q(parent=models.F("pk")),
            ),
        ]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="org_unit_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The name as lists show it: without the city, but with its level (市财政局)."""
        short = self.short_name or self.name
        prefix = self.name.removesuffix(short)
        level = prefix[-1:] if prefix != self.name and prefix[-1:] in tuple("省市县区") else ""
        return level + short

    @property
    def unit_path(self) -> str:
        """The path by which the trail knows where a record belongs."""
        return self.path


class People(models.QuerySet["Person"]):
    """Filters over people."""

    def within(self, scope: Scope) -> "People":
        """The people of units inside the scope, and oneself."""
        if scope.everything:
            return self
        wanted = models.Q(unit__in=scope.unit_ids)
        for path in scope.paths:
            wanted |= models.Q(unit__path__startswith=path)
        if scope.person_id:
            wanted |= models.Q(pk=scope.person_id)
        return self.filter(wanted)

    def serving(self) -> "People":
        """The people who have not left."""
        return self.filter(left_on=None)


class Person(models.Model):
    """Somebody who works at a unit; further posts elsewhere are rows of ``Post``."""

    number = models.CharField("工号", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=60)
    initials = models.CharField("拼音首字母", max_length=20, blank=True, db_index=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="people", verbose_name="单位")
    rank = models.CharField("职级", max_length=20, choices=Rank.choices)
    title = models.CharField("职务", max_length=60, blank=True)
    mobile = models.CharField("手机号", max_length=20, blank=True)
    employment = models.CharField("用工性质", max_length=20, choices=Employment.choices)
    hired_on = models.DateField("入职日期", null=True)
    left_on = models.DateField("离职日期", null=True)

    objects: Any = People.as_manager()
    derived_on_entering = ("initials",)

    class Meta:
        verbose_name = "人员"
        ordering = ("unit__position", "number")
        indexes = [models.Index(fields=["unit", "name"], name="org_person_unit_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """The path of the person's unit."""
        return str(self.unit.path)


class Post(models.Model):
    """A further post (兼任) somebody holds at another unit."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    title = models.CharField("职务", max_length=60)
    since = models.DateField("任职日期")
    until = models.DateField("免职日期", null=True)

    class Meta:
        verbose_name = "兼任职务"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "unit", "title"],
                condition=models.Q(until=None),
                name="org_post_is_held_once",
            ),
            models.CheckConstraint(
                name="org_post_ends_after_it_began",
                condition=models.Q(until=None) | models.Q(until__gt=models.F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.title}"


class UnitChange(models.Model):
    """What a reform did: one row for each pair of an old unit and what became of it."""

    kind = models.CharField("变动", max_length=10, choices=Reform.choices)
    on = models.DateField("生效日期")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="changes")
    successor = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="origins")
    before = models.CharField("原名称", max_length=100)
    after = models.CharField("新名称", max_length=100, blank=True)
    document = models.CharField("文号", max_length=100, blank=True)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "机构变动"
        ordering = ("-on", "-pk")
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.before} {Reform(self.kind).label}"
