"""Files that hang on rows of departments; the bytes lie in the store under their digest."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models

from guanjia.kernel.attachments.terms import (
    ATTACHMENT,
    REASON_MAX,
    SIGNATURE,
    FileState,
    Media,
    Scan,
    size,
)
from guanjia.kernel.org.models import Person, Unit

_FACTS = ["name", "media_type", "bytes", "digest", "width", "height", "pages", "scan"]
_ORIGIN = ["account", "uploaded_by", "uploader", "uploaded_at"]


class Attachment(models.Model):
    """One file. Staged it waits for its form, seen by its own account only; kept it belongs to a
    row (``subject_model``, ``subject_id``), and from then on the row of this table stays for good.
    """

    subject_model = models.CharField("对象种类", max_length=60, blank=True, default="")
    subject_id = models.BigIntegerField("对象号", null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    kind = models.CharField("种类", max_length=20, default=ATTACHMENT)
    position = models.PositiveIntegerField("次序", default=0)
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("格式", max_length=100, choices=Media.choices)
    bytes = models.PositiveIntegerField("字节")
    digest = models.CharField("校验值", max_length=64)
    width = models.PositiveIntegerField("宽", null=True)
    height = models.PositiveIntegerField("高", null=True)
    pages = models.PositiveIntegerField("页数", null=True)
    scan = models.CharField("查毒", max_length=12, choices=Scan.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    uploaded_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name="上传人员"
    )
    uploader = models.CharField("上传人", max_length=100)
    uploaded_at = models.DateTimeField("上传时间")
    state = models.CharField("状态", max_length=10, choices=FileState.choices)
    retain_until = models.DateField("保留至", null=True)
    removed_at = models.DateTimeField("移除时间", null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="移除账号",
    )
    remover = models.CharField("移除人", max_length=100, blank=True, default="")
    reason = models.CharField("移除原因", max_length=REASON_MAX, blank=True, default="")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "附件"
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                name="attachments_file_is_staged_or_has_its_subject",
                condition=models.Q(state="STAGED", subject_model="", subject_id=None)
                | (
                    ~models.Q(state="STAGED")
                    & ~models.Q(subject_model="")
                    & models.Q(subject_id__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="attachments_staged_file_is_somebodys",
                condition=~models.Q(state="STAGED") | models.Q(account__isnull=False),
            ),
            models.CheckConstraint(
                name="attachments_gone_file_says_when",
                condition=models.Q(state__in=["REMOVED", "EXPIRED"], removed_at__isnull=False)
                | models.Q(state__in=["STAGED", "KEPT"], removed_at=None),
            ),
            models.CheckConstraint(
                name="attachments_removed_file_says_who_and_why",
                condition=~models.Q(state="REMOVED")
                | (~models.Q(reason="") & ~models.Q(remover="")),
            ),
            models.CheckConstraint(
                name="attachments_expired_file_had_a_last_day",
                condition=~models.Q(state="EXPIRED") | models.Q(retain_until__isnull=False),
            ),
            models.CheckConstraint(
                name="attachments_file_is_not_empty",
                condition=models.Q(bytes__gt=0) & ~models.Q(name=""),
            ),
            models.CheckConstraint(
                name="attachments_digest_is_a_digest",
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"),
            ),
            models.UniqueConstraint(
                fields=["subject_model", "subject_id", "position"],
                condition=~models.Q(state="STAGED"),
                name="attachments_file_has_its_place",
            ),
        ]
        indexes = [
            models.Index(fields=["digest"], name="attachments_digest"),
            models.Index(
                fields=["account"],
                condition=models.Q(state="STAGED"),
                name="attachments_staged_of",
            ),
            models.Index(
                fields=["retain_until"],
                condition=models.Q(state="KEPT", retain_until__isnull=False),
                name="attachments_kept_until",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="file_life",
                field="state",
                transitions=[("STAGED", "KEPT"), ("KEPT", "REMOVED"), ("KEPT", "EXPIRED")],
            ),
            pgtrigger.ReadOnly(name="file_facts_stay", fields=_FACTS + _ORIGIN),
            pgtrigger.Protect(
                name="file_stays_where_it_is",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="STAGED")
                & (
                    pgtrigger.Q(old__subject_model__df=pgtrigger.F("new__subject_model"))
                    | pgtrigger.Q(old__subject_id__df=pgtrigger.F("new__subject_id"))
                    | pgtrigger.Q(old__kind__df=pgtrigger.F("new__kind"))
                    | pgtrigger.Q(old__position__df=pgtrigger.F("new__position"))
                    | pgtrigger.Q(old__retain_until__df=pgtrigger.F("new__retain_until"))
                ),
            ),
            pgtrigger.Protect(
                name="file_is_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__df="STAGED"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def media(self) -> Media:
        """What it is, as a term."""
        return Media(self.media_type)

    @property
    def size(self) -> str:
        """``1.2 MB``."""
        return size(self.bytes)

    @property
    def is_here(self) -> bool:
        """Whether there are bytes to hand out."""
        return self.state in (FileState.STAGED, FileState.KEPT)

    @property
    def is_signature(self) -> bool:
        """Whether it is part of a decision and cannot be taken away by hand."""
        return self.kind == SIGNATURE

    @property
    def is_scanned(self) -> bool:
        """Whether a virus scanner found it clean."""
        return self.scan == Scan.CLEAN

    @property
    def shown_state(self) -> str:
        """The state in Chinese."""
        return FileState(self.state).label
