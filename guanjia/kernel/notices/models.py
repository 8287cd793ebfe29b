"""Notices to people, the messages that carry them outside, and the channels these go through."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from guanjia.kernel.notices.terms import LIFE, ChannelKind, DeliveryState
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope


class Notice(models.Model):
    """Something one person is told (通知); the bell counts the unread ones.

    ``planned_at``: when it was handed to messages, or found to need none. ``once``: what happened,
    so that the same news told twice is one notice.
    """

    kind = models.CharField("种类", max_length=60)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="收件人")
    title = models.CharField("标题", max_length=100)
    body = models.TextField("内容", max_length=2000, blank=True)
    subject_model = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    urgent = models.BooleanField("紧急", default=False)
    once = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("看过时间", null=True)
    planned_at = models.DateTimeField(null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "通知"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "once"],
                condition=~Q(once=""),
                name="notices_the_same_news_once",
            )
        ]
        indexes = [
            # The bell of every page reads this one alone.
            models.Index(
                fields=["person"], condition=Q(read_at=None), name="notices_notice_unread"
            ),
            models.Index(fields=["person", "-at", "-id"], name="notices_notice_by_person"),
            models.Index(
                fields=["person", "at"],
                condition=Q(planned_at=None),
                name="notices_notice_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Channel(models.Model):
    """How one kind of channel is reached; ``secret`` is encrypted and never shown again."""

    kind = models.CharField("渠道", max_length=10, choices=ChannelKind.choices, unique=True)
    enabled = models.BooleanField("启用", default=False)
    settings = models.JSONField("设置", default=dict)
    secret = models.TextField("密钥", max_length=4000, blank=True)
    changed_at = models.DateTimeField("更改时间")

    class Meta:
        verbose_name = "通知渠道"
        ordering = ("pk",)

    def __str__(self) -> str:
        return ChannelKind(self.kind).label


class Preference(models.Model):
    """What one person wants; no row means as everybody: all channels, quiet nights, one digest.

    ``quiet_from`` and ``quiet_to`` empty: the hours of the bureau.
    """

    person = models.OneToOneField(Person, models.PROTECT, related_name="+", verbose_name="人员")
    email = models.CharField("电子邮箱", max_length=120, blank=True)
    quiet = models.BooleanField("免打扰", default=True)
    quiet_from = models.TimeField("免打扰起", null=True)
    quiet_to = models.TimeField("免打扰止", null=True)
    without = ArrayField(
        models.CharField(max_length=10, choices=ChannelKind.choices),
        verbose_name="不收的渠道",
        default=list,
    )
    digest = models.BooleanField("合并成一条", default=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "通知设置"
        constraints = [
            models.CheckConstraint(
                name="notices_quiet_hours_have_two_ends",
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def unit_path(self) -> str:
        """The path of the person's unit."""
        return str(self.person.unit.path)


class Deliveries(models.QuerySet["Delivery"]):
    """Filters over messages."""

    def within(self, scope: Scope) -> "Deliveries":
        """The messages to people inside the scope."""
        if scope.everything:
            return self
        return self.filter(person__in=Person.objects.within(scope).values("pk"))


class Delivery(models.Model):
    """One message to one person over one channel, with one notice or many (发送记录).

    ``next_at``: when it is due; while it is being sent, when whoever sends it is taken for dead.
    ``address`` is masked: where it really goes is looked up when it goes.
    """

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", verbose_name="渠道")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="收件人")
    title = models.CharField("内容", max_length=200)
    notices = models.PositiveSmallIntegerField("件数")
    urgent = models.BooleanField("紧急", default=False)
    address = models.CharField("地址", max_length=120, blank=True)
    state = models.CharField("状态", max_length=10, choices=DeliveryState.choices)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    planned_at = models.DateTimeField("排定时间")
    next_at = models.DateTimeField("下次", null=True)
    sent_at = models.DateTimeField("发出时间", null=True)
    error = models.CharField("未发原因", max_length=200, blank=True)

    objects: Any = Deliveries.as_manager()

    class Meta:
        verbose_name = "发送记录"
        ordering = ("-planned_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="notices_a_message_sent_says_when",
                condition=~Q(state="SENT") | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="notices_a_message_due_says_when",
                condition=~Q(state__in=["WAITING", "FAILED", "SENDING"]) | Q(next_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_at"],
                condition=Q(state__in=["WAITING", "FAILED", "SENDING"]),
                name="notices_delivery_due",
            ),
            models.Index(fields=["-planned_at", "-id"], name="notices_delivery_newest"),
            models.Index(fields=["state", "-planned_at"], name="notices_delivery_by_state"),
            models.Index(fields=["person", "-planned_at"], name="notices_delivery_by_person"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="notices_delivery_words"),
        ]
        triggers = [pgtrigger.FSM(name="delivery_life", field="state", transitions=LIFE)]

    def __str__(self) -> str:
        return self.title

    @property
    def unit_path(self) -> str:
        """The path of the unit of whom it goes to."""
        return str(self.person.unit.path)


class Enclosure(models.Model):
    """That a message carries a notice."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="enclosures")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="enclosures")

    class Meta:
        verbose_name = "随消息发出的通知"
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "notice"], name="notices_a_message_carries_a_notice_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.notice_id}"
