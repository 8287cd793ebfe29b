"""Floor plans (一层一图): editions with their shapes, and drawings that wait to be adopted."""

from datetime import date
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from guanjia.domains.space.terms.plans import (
    CORNERS_LEAST,
    CORNERS_MAX,
    LABEL_MAX,
    SHAPES_MAX,
    SIDE_MM_MAX,
    ShapeRole,
    SourceKind,
)
from guanjia.kernel.values.digests import LENGTH

_CORNERS = Func(F("polygon"), function="jsonb_array_length", output_field=models.IntegerField())


class FloorPlans(models.QuerySet["FloorPlan"]):
    """Filters over plans."""

    def up_to(self, day: date) -> "FloorPlans":
        """The editions that were drawn for a day or before it, the one that holds first."""
        return self.filter(since__lte=day).order_by("-since", "-edition")


class FloorPlan(models.Model):
    """One edition of a floor's plan; it holds from a day on until a later edition does.

    Editions are never changed: the plan of a past day is the edition of that day. Sides in mm.
    """

    floor = models.ForeignKey(
        "space.Floor", models.PROTECT, related_name="plans", verbose_name="楼层"
    )
    edition = models.PositiveSmallIntegerField("版次")
    since = models.DateField("启用日期")
    source = models.CharField("来源", max_length=6, choices=SourceKind.choices)
    source_name = models.CharField("来源文件", max_length=120, blank=True)
    digest = models.CharField("校验值", max_length=LENGTH, blank=True)
    width_mm = models.PositiveIntegerField("宽")
    height_mm = models.PositiveIntegerField("高")
    note = models.CharField("说明", max_length=200, blank=True)
    drawn_by = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, related_name="+", verbose_name="绘制人"
    )
    drawn_at = models.DateTimeField("绘制时间")

    objects: Any = FloorPlans.as_manager()

    class Meta:
        verbose_name = "楼层平面图"
        ordering = ("floor", "-edition")
        constraints = [
            models.UniqueConstraint(
                name="space_one_plan_of_an_edition", fields=["floor", "edition"]
            ),
            models.CheckConstraint(
                name="space_plan_has_a_size",
                condition=Q(
                    width_mm__gte=1, width_mm__lte=SIDE_MM_MAX,
                    height_mm__gte=1, height_mm__lte=SIDE_MM_MAX, edition__gte=1,
                ),
            ),
            models.CheckConstraint(
                name="space_plan_from_a_file_names_it",
                condition=Q(source=SourceKind.SKETCH) | ~Q(source_name="") & ~Q(digest=""),
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="plan_stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.floor}平面图第 {self.edition} 版"

    @property
    def unit_path(self) -> str:
        """It is the bureau's."""
        return ""


class PlanShape(models.Model):
    """A polygon of a plan: a room, or what lies between the rooms; corners in mm, y down."""

    plan = models.ForeignKey(
        FloorPlan, models.PROTECT, related_name="shapes", verbose_name="平面图"
    )
    place = models.PositiveSmallIntegerField("序号")
    room = models.ForeignKey(
        "space.Room", models.PROTECT, null=True, related_name="+", verbose_name="房间"
    )
    role = models.CharField("用途", max_length=10, choices=ShapeRole.choices)
    label = models.CharField("标注", max_length=LABEL_MAX, blank=True)
    polygon = models.JSONField("轮廓")
    anchor_x = models.PositiveIntegerField("标注横坐标")
    anchor_y = models.PositiveIntegerField("标注纵坐标")
    area_m2 = models.DecimalField("图上面积", max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = "平面图图形"
        ordering = ("plan", "place")
        constraints = [
            models.UniqueConstraint(name="space_one_shape_at_a_place", fields=["plan", "place"]),
            models.UniqueConstraint(
                name="space_a_room_is_drawn_once", fields=["plan", "room"],
                condition=Q(room__isnull=False),
            ),
            models.CheckConstraint(
                name="space_only_rooms_have_a_room",
                condition=Q(room=None) | Q(role=ShapeRole.ROOM),
            ),
            models.CheckConstraint(
                name="space_shape_has_corners",
                condition=GreaterThanOrEqual(_CORNERS, CORNERS_LEAST)
                & LessThanOrEqual(_CORNERS, CORNERS_MAX),
            ),
            models.CheckConstraint(
                name="space_plan_has_few_shapes", condition=Q(place__lte=SHAPES_MAX)
            ),
            models.CheckConstraint(name="space_shape_has_an_area", condition=Q(area_m2__gt=0)),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="shape_stays", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="room_is_of_the_floor",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__room__isnull=False),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM space_room r JOIN space_floorplan p ON p.floor_id = r.floor_id
                        WHERE r.id = NEW.room_id AND p.id = NEW.plan_id
                    ) THEN RAISE EXCEPTION 'the room is not of the floor of the plan'
                        USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.label or ShapeRole(self.role).label


class PlanUpload(models.Model):
    """A drawing somebody sent, read but not adopted; it goes after a day.

    ``found`` is what was read (see ``engines.floorplan.drawing``); the file lies in the house's
    store under its digest and is never served as it is.
    """

    floor = models.ForeignKey("space.Floor", models.PROTECT, related_name="+", verbose_name="楼层")
    source = models.CharField("来源", max_length=6, choices=SourceKind.choices)
    name = models.CharField("文件", max_length=120)
    bytes = models.PositiveIntegerField("大小")
    digest = models.CharField("校验值", max_length=LENGTH)
    found = models.JSONField("读出的图形")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号"
    )
    sent_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "待采用的平面图"
        ordering = ("-sent_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="space_upload_has_a_file", condition=~Q(digest="") & ~Q(name="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        """It is the bureau's."""
        return ""
