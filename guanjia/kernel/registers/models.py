"""Saved views, uploaded files, and remarks on rows of any register."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from guanjia.kernel.registers.terms import RemarkKind, RemarkState, UploadState


class SavedView(models.Model):
    """A person's own view of a list (常用视图): an address kept under a name."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    register = models.CharField("台账", max_length=60)
    title = models.CharField("名称", max_length=20)
    query = models.TextField("条件", max_length=2000)
    position = models.IntegerField("次序", default=0)

    class Meta:
        verbose_name = "常用视图"
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "register", "title"],
                name="registers_view_title_is_unique",
                violation_error_message="已有同名的视图，换一个名称",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Upload(models.Model):
    """An Excel file on its way into a register; seen by the person who uploaded it only.

    ``report`` holds what was read (see ``uploads.py``); ``done`` of ``total`` rows in ``phase``
    feed the progress bar, and ``touched_at`` tells a working job from a dead one.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    register = models.CharField("台账", max_length=60)
    digest = models.CharField("校验值", max_length=64)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveIntegerField("字节")
    state = models.CharField("状态", max_length=10, choices=UploadState.choices)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("共", default=0)
    phase = models.CharField("阶段", max_length=40, blank=True)
    report = models.JSONField("结果", default=dict)
    created_at = models.DateTimeField("上传时间")
    touched_at = models.DateTimeField("最近进展")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "上传文件"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["account", "register", "-id"], name="registers_upload_of"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the file lies: named by its digest, so that the same file is kept once."""
        return Path(settings.GUANJIA_HOME) / "uploads" / f"{self.digest}.xlsx"


class Remark(models.Model):
    """A finding, a doubt or a missing paper on one row of a register, until it is answered."""

    register = models.CharField("台账", max_length=60)
    object_id = models.BigIntegerField("行")
    code = models.CharField("代码", max_length=60)
    kind = models.CharField("种类", max_length=10, choices=RemarkKind.choices)
    headline = models.CharField("要点", max_length=200)
    sentence = models.CharField("事实", max_length=500, blank=True)
    cite = models.JSONField("依据", null=True)
    field = models.CharField("栏目", max_length=60, blank=True)
    raised_at = models.DateTimeField("提出时间")
    state = models.CharField(
        "状态", max_length=10, choices=RemarkState.choices, default=RemarkState.OPEN
    )
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    explained_at = models.DateTimeField("说明时间", null=True)
    explanation = models.CharField("说明", max_length=500, blank=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "备注事项"
        ordering = ("-raised_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["register", "object_id", "code"],
                condition=models.Q(state="OPEN"),
                name="registers_remark_is_open_once",
            ),
            models.CheckConstraint(
                name="registers_remark_is_explained_in_full",
                condition=models.Q(state="OPEN")
                | models.Q(state="CLOSED")
                | models.Q(explained_at__isnull=False) & ~models.Q(explanation=""),
            ),
        ]
        indexes = [
            models.Index(fields=["register", "object_id"], name="registers_remark_on_row"),
        ]

    def __str__(self) -> str:
        return self.headline
