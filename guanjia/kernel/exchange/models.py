"""Peers we report to, what is to be told them, what they told us, and the keys of partners.

The rows of ``Change`` and ``Touched`` are written by a trigger on every shared table (see
``triggers.py``), so that no action can forget them.
"""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from guanjia.kernel.exchange.terms import (
    IN_LIFE,
    OUT_LIFE,
    Algorithm,
    CallState,
    InState,
    KeyState,
    Op,
    OutState,
    PeerState,
)

BODY_MAX = 100_000  # characters of a message or a decision that was sent to us
OFF = "OFF"


class Peer(models.Model):
    """A platform that is told of our rows and tells us its decisions (对端平台).

    ``secret`` is encrypted and never shown again. ``failures``: calls in a row that did not get
    through; ``next_at``: not before then. ``cursor``: up to where its decisions were fetched.
    """

    key = models.CharField("标识", max_length=40, unique=True)
    title = models.CharField("平台名称", max_length=60)
    url = models.CharField("接口地址", max_length=200, blank=True)
    client = models.CharField("我方编号", max_length=60, blank=True)
    secret = models.TextField("密钥", max_length=4000, blank=True)
    algorithm = models.CharField(
        "签名算法", max_length=10, choices=Algorithm.choices, default=Algorithm.SM3
    )
    authority = models.TextField("根证书", max_length=20_000, blank=True)
    pin = models.CharField("证书指纹", max_length=64, blank=True)
    state = models.CharField(
        "对接状态", max_length=10, choices=PeerState.choices, default=PeerState.OFF
    )
    state_note = models.CharField("状态说明", max_length=200, blank=True)
    failures = models.PositiveIntegerField("连续失败", default=0)
    next_at = models.DateTimeField("下次", null=True)
    last_sent_at = models.DateTimeField("上次送达", null=True)
    last_fetched_at = models.DateTimeField("上次取回", null=True)
    last_failed_at = models.DateTimeField("上次失败", null=True)
    last_error = models.CharField("失败原因", max_length=200, blank=True)
    cursor = models.CharField("取回位置", max_length=200, blank=True)
    changed_at = models.DateTimeField("更改时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "对端平台"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                name="exchange_peer_that_is_on_can_be_called",
                condition=Q(state=OFF) | ~Q(url="") & ~Q(client="") & ~Q(secret=""),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Outgoing(models.Model):
    """One message about one row for one peer (报文): its exact text, kept until it is taken.

    ``version`` rises by one with each message about the row; the next is made only when the one
    before is out of the way, so that they arrive in their order. ``answer``: what the peer said.
    """

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="messages", verbose_name="平台")
    message_id = models.UUIDField("报文编号", unique=True)
    kind = models.CharField("种类", max_length=60)
    subject_id = models.BigIntegerField("对象")
    label = models.CharField("内容", max_length=120, blank=True)
    version = models.PositiveIntegerField("版次")
    op = models.CharField("动作", max_length=10, choices=Op.choices)
    body = models.TextField("报文", max_length=BODY_MAX, blank=True)
    changes_count = models.PositiveIntegerField("变动数")
    state = models.CharField("状态", max_length=12, choices=OutState.choices)
    made_at = models.DateTimeField("生成时间")
    tries = models.PositiveIntegerField("发送次数", default=0)
    tried_at = models.DateTimeField("上次发送", null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
    answer = models.CharField("对方答复", max_length=300, blank=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "报文"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["peer", "kind", "subject_id", "version"],
                name="exchange_one_message_per_version",
            ),
            models.UniqueConstraint(
                fields=["peer", "kind", "subject_id"],
                condition=Q(state="WAITING"),
                name="exchange_one_message_of_a_row_waits",
            ),
            models.CheckConstraint(
                name="exchange_message_withheld_has_no_text",
                condition=Q(state="WITHHELD", body="") | ~Q(state="WITHHELD") & ~Q(body=""),
            ),
            models.CheckConstraint(
                name="exchange_message_sent_says_when",
                condition=~Q(state="SENT") | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["peer", "state", "-id"], name="exchange_message_by_state"),
            models.Index(
                fields=["peer", "id"], condition=Q(state="WAITING"), name="exchange_message_due"
            ),
            models.Index(fields=["sent_at"], name="exchange_message_by_sent"),
        ]
        triggers = [
            pgtrigger.FSM(name="message_life", field="state", transitions=OUT_LIFE.transitions())
        ]

    def __str__(self) -> str:
        return f"{self.label or self.kind} 第 {self.version} 版"


class Change(models.Model):
    """That a shared row was written while a peer listened (变动); written by the trigger.

    ``message``: the one that covers it, ``None`` while it waits to be gathered.
    """

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="changes")
    kind = models.CharField("种类", max_length=60)
    subject_id = models.BigIntegerField("对象")
    at = models.DateTimeField("时间")
    message = models.ForeignKey(Outgoing, models.PROTECT, null=True, related_name="changes")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "待报变动"
        ordering = ("pk",)
        indexes = [
            models.Index(
                fields=["peer", "id"], condition=Q(message=None), name="exchange_change_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Incoming(models.Model):
    """A decision a peer sent us (来文); ``external_id`` is the peer's and makes it come once.

    ``revision`` rises when the peer changes its decision on the same ``number``.
    """

    peer = models.ForeignKey(Peer, models.PROTECT, related_name="incoming", verbose_name="平台")
    external_id = models.CharField("对方编号", max_length=100)
    kind = models.CharField("种类", max_length=60)
    number = models.CharField("事项编号", max_length=100)
    revision = models.PositiveIntegerField("版次", default=1)
    body = models.TextField("内容", max_length=BODY_MAX)
    state = models.CharField(
        "状态", max_length=10, choices=InState.choices, default=InState.WAITING
    )
    reason = models.CharField("说明", max_length=300, blank=True)
    tries = models.PositiveIntegerField("办理次数", default=0)
    received_at = models.DateTimeField("收到时间")
    applied_at = models.DateTimeField("办理时间", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "来文"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["peer", "external_id"], name="exchange_a_decision_comes_once"
            ),
            models.CheckConstraint(
                name="exchange_decision_applied_says_when",
                condition=~Q(state="APPLIED") | Q(applied_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["peer", "state", "-id"], name="exchange_incoming_by_state"),
            models.Index(fields=["peer", "kind", "number"], name="exchange_incoming_by_number"),
        ]
        triggers = [
            pgtrigger.FSM(name="incoming_life", field="state", transitions=IN_LIFE.transitions())
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.external_id}"


class Touched(models.Model):
    """When a shared row was last written (最近变动); one for each, kept by the trigger.

    What partners read incrementally goes by it, because most tables do not know when.
    """

    kind = models.CharField("种类", max_length=60)
    subject_id = models.BigIntegerField("对象")
    at = models.DateTimeField("时间")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "最近变动"
        ordering = ("kind", "at", "subject_id")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], name="exchange_row_was_touched_last"
            )
        ]
        indexes = [
            models.Index(fields=["kind", "at", "subject_id"], name="exchange_touched_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class ApiKey(models.Model):
    """A key of a partner system (接口密钥): shown once, kept as a digest.

    ``unit_ids``, ``subject_ids``: for whom a key that writes may do so; which rows the latter are
    the department of the scope knows.
    """

    partner = models.CharField("合作系统", max_length=60)
    contact = models.CharField("联系人", max_length=60, blank=True)
    prefix = models.CharField("密钥前段", max_length=12, unique=True)
    digest = models.CharField("摘要", max_length=64)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name="可读内容")
    unit_ids = ArrayField(models.BigIntegerField(), verbose_name="可填的单位", default=list)
    subject_ids = ArrayField(models.BigIntegerField(), verbose_name="可填的对象", default=list)
    networks = ArrayField(models.CharField(max_length=50), verbose_name="来源网段", default=list)
    since = models.DateField("启用日期")
    until = models.DateField("截止日期")
    per_minute = models.PositiveIntegerField("每分钟次数")
    made_by = models.CharField("发放人", max_length=60)
    made_at = models.DateTimeField("发放时间")
    revoked_at = models.DateTimeField("停用时间", null=True)
    revoked_reason = models.CharField("停用原因", max_length=100, blank=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "接口密钥"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="exchange_key_ends_after_it_begins", condition=Q(until__gte=F("since"))
            ),
            models.CheckConstraint(name="exchange_key_may_be_used", condition=Q(per_minute__gte=1)),
        ]

    def __str__(self) -> str:
        return self.partner

    @property
    def state(self) -> str:
        """Whether it was stopped."""
        return KeyState.GIVEN if self.revoked_at is None else KeyState.STOPPED


class ApiCall(models.Model):
    """One call of a partner (调用记录): what, when, from where, how many rows it was given."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="calls", verbose_name="密钥")
    at = models.DateTimeField("时间")
    address = models.GenericIPAddressField("来源地址", null=True)
    scope = models.CharField("内容", max_length=60)
    query = models.CharField("条件", max_length=300, blank=True)
    state = models.CharField(
        "结果", max_length=10, choices=CallState.choices, default=CallState.BEGUN
    )
    note = models.CharField("说明", max_length=200, blank=True)
    rows = models.PositiveIntegerField("条数", null=True)

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "调用记录"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["key", "-at"], name="exchange_call_by_key"),
            models.Index(fields=["-at"], name="exchange_call_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.scope}"
