"""Vouchers (凭证), their files, and the counter-entries that make them void: all append-only."""

from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from guanjia.kernel.access import withheld
from guanjia.kernel.audit.models import append_only
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.vouchers import codes
from guanjia.kernel.vouchers.terms import Form, State, Why, state_of

CODE_PATTERN = rf"^[{codes.ALPHABET}]{{{codes.LENGTH}}}$"

# When the transaction ends, the number before a voucher's must be there. Whoever took it held the
# counter until their own end, so that it is there for everybody if it is there at all. Numbers
# that a ledger brought along (``numbering.keep_clear``) were issued before us: no voucher here.
_NO_GAP = """
    IF NEW.number > 1 AND NOT EXISTS (
        SELECT 1 FROM vouchers_voucher
        WHERE series = NEW.series AND year = NEW.year AND number = NEW.number - 1
    ) AND NOT EXISTS (
        SELECT 1 FROM numbering_counter
        WHERE series = NEW.series AND year = NEW.year AND elsewhere >= NEW.number - 1
    ) THEN
        RAISE EXCEPTION 'vouchers_number_follows_the_one_before: % % %',
            NEW.series, NEW.year, NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


def no_gap() -> pgtrigger.Trigger:
    """The deferred trigger that refuses a number whose predecessor nobody issued."""
    return pgtrigger.Trigger(
        name="no_gap",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_NO_GAP,
    )


def in_state(state: State, on: date) -> Q:
    """The condition that a voucher is worth this on a day; agrees with ``terms.state_of``."""
    standing = Q(voiding=None)
    over = Q(valid_until__isnull=False, valid_until__lte=on)
    return {
        State.VALID: standing & Q(valid_from__lte=on) & ~over,
        State.LATER: standing & Q(valid_from__gt=on),
        State.EXPIRED: standing & Q(valid_from__lte=on) & over,
        State.REPLACED: Q(voiding__isnull=False, successor__isnull=False),
        State.VOID: Q(voiding__isnull=False, successor=None),
    }[state]


class Vouchers(models.QuerySet["Voucher"]):
    """Filters over vouchers."""

    def within(self, scope: Scope) -> "Vouchers":
        """The vouchers of units inside the scope, and those the person issued."""
        if scope.everything:
            found: Vouchers = withheld.share(
                self, scope, model="subject_model", row_id="subject_id"
            )
            return found
        wanted = Q(unit__in=scope.unit_ids)
        for path in scope.paths:
            wanted |= Q(unit__path__startswith=path)
        if scope.person_id:
            wanted |= Q(issued_by=scope.person_id)
        return self.filter(wanted)

    def of(self, subject: models.Model) -> "Vouchers":
        """The vouchers of one row, the newest first."""
        return self.filter(subject_model=subject._meta.label_lower, subject_id=subject.pk).order_by(
            "-pk"
        )

    def in_state(self, state: State, on: date) -> "Vouchers":
        """The vouchers that are worth this on a day."""
        return self.filter(in_state(state, on))

    def with_state(self) -> "Vouchers":
        """Each with what its state is worked out from, in one statement."""
        return self.select_related("unit", "voiding", "successor")


class Voucher(models.Model):
    """A numbered paper that says what was granted, and that anybody can check by its code.

    ``facts``: everything that was printed. ``shown``: the few pairs of label and value that the
    public page tells. ``valid_until`` is the first day it no longer holds. ``replaces``: the
    voucher that this one stands for.
    """

    kind = models.CharField("凭证种类", max_length=60)
    series = models.CharField("编号类别", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("序号")
    numbered = models.CharField("凭证号", max_length=60, unique=True)
    title = models.CharField("凭证名称", max_length=100)
    issuer = models.CharField("签发机关", max_length=100)
    subject_model = models.CharField("所凭的事", max_length=60)
    subject_id = models.BigIntegerField("所凭的事的号")
    subject_label = models.CharField("所凭", max_length=200)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", verbose_name="单位")
    facts = models.JSONField("所载事项")
    shown = models.JSONField("公开事项")
    issued_at = models.DateTimeField("签发时间")
    issued_by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    issued_name = models.CharField("签发人", max_length=100)
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("失效日期", null=True)
    code = models.CharField("核验码", max_length=codes.LENGTH, unique=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="successor", verbose_name="替换"
    )

    objects: Any = Vouchers.as_manager()

    class Meta:
        verbose_name = "凭证"
        ordering = ("-issued_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="vouchers_one_voucher_per_number", fields=["series", "year", "number"]
            ),
            models.CheckConstraint(
                name="vouchers_numbers_begin_at_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="vouchers_code_has_its_shape", condition=Q(code__regex=CODE_PATTERN)
            ),
            models.CheckConstraint(
                name="vouchers_validity_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="vouchers_nothing_replaces_itself",
                condition=Q(replaces=None) | ~Q(replaces=F("id")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["subject_model", "subject_id", "-id"], name="vouchers_voucher_of_subject"
            ),
            models.Index(fields=["-issued_at", "-id"], name="vouchers_voucher_by_issue"),
            models.Index(fields=["unit", "-issued_at"], name="vouchers_voucher_by_unit"),
            GinIndex(
                OpClass(Upper("numbered"), name="gin_trgm_ops"),
                OpClass(Upper("subject_label"), name="gin_trgm_ops"),
                name="vouchers_voucher_words",
            ),
        ]
        triggers = [append_only(), no_gap()]

    def __str__(self) -> str:
        return self.numbered

    @property
    def unit_path(self) -> str:
        """The path of the unit that the voucher was issued to."""
        return str(self.unit.path)

    @property
    def printed_code(self) -> str:
        """The code as it stands on the paper."""
        return codes.printed(self.code)

    @property
    def void_entry(self) -> "Voiding | None":
        """The counter-entry, if there is one."""
        return getattr(self, "voiding", None)

    @property
    def next(self) -> "Voucher | None":
        """The voucher that stands for this one now, if there is one."""
        return getattr(self, "successor", None)

    def state(self, on: date) -> State:
        """What it is worth on a day."""
        return state_of(
            on=on,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            voided=self.void_entry is not None,
            replaced=self.next is not None,
        )


class VoucherFile(models.Model):
    """A file of a voucher, kept in the store under its SM3 digest."""

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="files")
    form = models.CharField("格式", max_length=4, choices=Form.choices)
    digest = models.CharField("摘要", max_length=64)
    size_bytes = models.PositiveIntegerField("字节数")
    pages = models.PositiveSmallIntegerField("页数", null=True)
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "凭证文件"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(name="vouchers_one_file_per_form", fields=["voucher", "form"]),
            models.CheckConstraint(
                name="vouchers_digest_has_its_shape", condition=Q(digest__regex="^[0-9a-f]{64}$")
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="vouchers_file_by_digest")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.voucher} {Form(self.form).label}"


class Voiding(models.Model):
    """The counter-entry that makes a voucher void; ``why`` may be told, ``reason`` not."""

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="voiding")
    why = models.CharField("类别", max_length=10, choices=Why.choices)
    reason = models.CharField("作废原因", max_length=200)
    at = models.DateTimeField("作废时间")
    by = models.ForeignKey("org.Person", models.PROTECT, null=True, related_name="+")
    name = models.CharField("作废人", max_length=100)

    class Meta:
        verbose_name = "凭证作废"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(name="vouchers_voiding_has_a_reason", condition=~Q(reason=""))
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.voucher} {Why(self.why).label}"


class Caller(models.Model):
    """How often an address looked codes up, in the running minute and the running hour.

    One row for each address, reused; rows of addresses that went quiet are swept away.
    """

    address = models.CharField("来自", max_length=60, unique=True)
    minute = models.DateTimeField("本分钟起")
    in_minute = models.PositiveIntegerField("本分钟次数")
    hour = models.DateTimeField("本小时起")
    in_hour = models.PositiveIntegerField("本小时次数")

    class Meta:
        verbose_name = "核验访问计数"
        ordering = ("pk",)
        indexes = [models.Index(fields=["hour"], name="vouchers_caller_by_hour")]

    def __str__(self) -> str:
        return self.address
