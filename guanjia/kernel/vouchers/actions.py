"""Issuing vouchers, making them void, and keeping their files."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from guanjia.kernel.access import subjects
from guanjia.kernel.attachments import store
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.vouchers import codes, fingerprint, office, rendering
from guanjia.kernel.vouchers.models import Voiding, Voucher, VoucherFile
from guanjia.kernel.vouchers.terms import Form, VoucherKind, Why

log = logging.getLogger("guanjia.vouchers")

VOID = "vouchers.void"
FILE_PDF = "vouchers.file_pdf"
REASON_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a voucher is to say.

    ``subject``: the row it vouches for, of a declared kind. ``unit``: whom it is issued to.
    ``facts``: what its template prints, besides the number and what else the kernel adds.
    ``shown``: the pairs of label and value for the public page; labels as the kind allows.
    ``valid_until``: the first day it no longer holds, ``None`` for good.
    """

    kind: VoucherKind
    subject: models.Model
    unit: Unit
    issuer: str
    facts: Mapping[str, Any]
    shown: Sequence[tuple[str, str]]
    valid_from: date
    valid_until: date | None = None


def issue(*, actor: Actor, paper: Paper, replaces: Voucher | None = None, at: datetime) -> Voucher:
    """Issue a voucher (签发凭证): number, code, Word file; the PDF follows as a job.

    Belongs inside the action that grants, which has judged who may; raises outside a transaction.
    The number is taken last of all locks and given back when the template cannot be filled: then
    nothing is issued (``Refused``). Records the digest of the file.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A voucher is issued together with what it vouches for, in one transaction."
        )
    strange = {label for label, _ in paper.shown} - set(paper.kind.public)
    if strange:
        raise ValueError(f"{paper.kind.key} must not show {sorted(strange)} to everybody")
    with transaction.atomic():  # so that a caller who goes on after a refusal leaves no gap
        voucher = _numbered(actor, paper, replaces, at)
        content = _rendered(paper.kind, voucher)
        voucher.save(force_insert=True)
        file = _keep(voucher, Form.DOCX, content, at)
        audit.record(
            actor=actor,
            verb="voucher.issued",
            on=voucher,
            at=at,
            after={
                **audit.facts_of(voucher, "kind", "subject_label", "valid_from", "valid_until"),
                "replaces": replaces.numbered if replaces else None,
                "digest": file.digest,
                "row": fingerprint.of(Voucher.objects.get(pk=voucher.pk)),
            },
        )
        _defer_pdf(voucher.pk)
    return voucher


def _numbered(actor: Actor, paper: Paper, replaces: Voucher | None, at: datetime) -> Voucher:
    """The row with its number and code, not written yet."""
    day = at.astimezone(SHANGHAI).date()
    number = numbering.next_number(series=paper.kind.series, year=day.year)
    voucher = Voucher(
        kind=paper.kind.key,
        series=paper.kind.series,
        year=day.year,
        number=number,
        numbered=numbering.format_number(paper.kind.pattern, number=number, year=day.year),
        title=paper.kind.title,
        issuer=paper.issuer,
        subject_model=paper.subject._meta.label_lower,
        subject_id=paper.subject.pk,
        subject_label=str(paper.subject)[:200],
        unit=paper.unit,
        shown=[[label, value] for label, value in paper.shown],
        issued_at=at,
        issued_by_id=actor.person_id,
        issued_name=actor.name,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
        code=codes.new_code(),
        replaces=replaces,
    )
    voucher.facts = audit.plain({**_usual(voucher, day), **paper.facts})
    return voucher


def _usual(voucher: Voucher, day: date) -> dict[str, Any]:
    """What every template may print; a paper's own facts of the same name win."""
    return {
        "number": voucher.numbered,
        "title": voucher.title,
        "issuer": voucher.issuer,
        "unit": voucher.unit.name,
        "issued_on": f"{day.year}年{day.month}月{day.day}日",
        "issued_by": voucher.issued_name,
        "code": voucher.printed_code,
        "place": place(),
    }


def address_of(code: str) -> str:
    """The public address that tells what a voucher is worth."""
    return f"{settings.PUBLIC_URL}/v/{code}/"


def place() -> str:
    """Where a code is typed in, as it is printed: without the scheme."""
    return f"{settings.PUBLIC_URL}/v/".partition("://")[2].rstrip("/")


def _rendered(kind: VoucherKind, voucher: Voucher) -> bytes:
    try:
        return rendering.render(kind=kind, facts=voucher.facts, address=address_of(voucher.code))
    except rendering.TemplateUnusable as fault:
        log.exception("voucher of kind %s cannot be rendered", kind.key)
        refuse(
            "template_unusable",
            f"没有签发{kind.title}。",
            f"凭证模板填不出来，请系统管理员查看：{fault}"[:300],
        ).enforce()
        raise


def _keep(
    voucher: Voucher, form: Form, content: bytes, at: datetime, pages: int | None = None
) -> VoucherFile:
    return VoucherFile.objects.create(
        voucher=voucher,
        form=form,
        digest=store.keep(content),
        size_bytes=len(content),
        pages=pages,
        made_at=at,
    )


def want_pdf(*, voucher_id: int) -> None:
    """Have a PDF made that is missing, unless it waits or is under way already.

    A LibreOffice that hangs would otherwise gather jobs faster than it can fail at them.
    """
    queued = ProcrastinateJob.objects.filter(
        task_name=FILE_PDF, status__in=["todo", "doing"], args__voucher_id=voucher_id
    )
    if not queued.exists():
        _defer_pdf(voucher_id)


def _defer_pdf(voucher_id: int) -> None:
    """The job appears when the transaction ends well."""
    # By name: the job calls this module. One at a time, since LibreOffice is heavy.
    task = app.configure_task(FILE_PDF, queue="vouchers", lock="vouchers.office")
    task.defer(voucher_id=voucher_id)


def file_pdf(*, actor: Actor, voucher_id: int, at: datetime) -> VoucherFile | None:
    """Make the PDF of the kept Word file and record its digest; one that is there stays.

    ``None`` where LibreOffice is not installed: the voucher stays without. The conversion runs
    outside any transaction. Raises ``ConversionFailed``, and ``FileNotFoundError`` when the Word
    file is gone.
    """
    files = VoucherFile.objects.filter(voucher_id=voucher_id)
    if known := files.filter(form=Form.PDF).first():
        return known
    source = files.get(form=Form.DOCX)
    if not store.unchanged(source.digest):
        raise FileNotFoundError(f"the Word file of voucher {voucher_id} is gone or was changed")
    try:
        content = office.to_pdf(store.read(source.digest))
    except office.NoOffice:
        log.warning("voucher %s has no PDF: LibreOffice is not installed", voucher_id)
        return None
    pages = office.pages_of(content)
    with transaction.atomic():
        rows = Voucher.objects.select_for_update(of=("self",)).select_related("unit")
        voucher = rows.get(pk=voucher_id)
        if known := files.filter(form=Form.PDF).first():
            return known
        file = _keep(voucher, Form.PDF, content, at, pages)
        audit.record(
            actor=actor,
            verb="voucher.filed",
            on=voucher,
            at=at,
            after={"digest": file.digest, "pages": pages},
        )
    return file


@transaction.atomic
def void(
    *, actor: Actor, voucher_id: int, reason: str, why: Why = Why.OTHER, at: datetime
) -> Voucher:
    """Make a voucher void (作废凭证) by a counter-entry with its reason; the paper stays on record.

    Needs ``vouchers.void`` and sight of what it vouches for. Refuses a second time.
    """
    actor.must(VOID)
    inside = Voucher.objects.within(actor.scope(VOID)).select_related("unit")
    voucher: Voucher = inside.select_for_update(of=("self",)).get(pk=voucher_id)
    if not subjects.sees(actor=actor, model=voucher.subject_model, row_id=voucher.subject_id):
        raise Voucher.DoesNotExist
    if why is Why.REPLACED:
        refuse(
            "replaced_by_none", "没有作废。", "换发由重新办理时自动完成，另选一类。", field="why"
        ).enforce()
    if len(reason.strip()) > REASON_MAX:
        refuse(
            "reason_long", "没有作废。", f"原因不超过 {REASON_MAX} 字。", field="reason"
        ).enforce()
    return _void(actor, voucher, why, reason, at)


@transaction.atomic
def void_along(
    *, actor: Actor, subject: models.Model, why: Why, reason: str, at: datetime
) -> list[Voucher]:
    """Make the standing vouchers of a row void because what they say no longer holds.

    Belongs inside the action that undid it, which has judged who may. None standing is fine.
    """
    rows = Voucher.objects.of(subject).filter(voiding=None).select_related("unit")
    found = rows.select_for_update(of=("self",))
    return [_void(actor, voucher, why, reason or why.label, at) for voucher in found]


@transaction.atomic
def replace(*, actor: Actor, voucher_id: int, paper: Paper, reason: str, at: datetime) -> Voucher:
    """Issue a voucher in the place of another (换发), which becomes void and names its successor.

    Belongs inside the action that grants, like ``issue``. Refuses for one that is void already.
    """
    rows = Voucher.objects.select_for_update(of=("self",)).select_related("unit")
    old: Voucher = rows.get(pk=voucher_id)
    _void(actor, old, Why.REPLACED, reason, at)
    return issue(actor=actor, paper=paper, replaces=old, at=at)


def _void(actor: Actor, voucher: Voucher, why: Why, reason: str, at: datetime) -> Voucher:
    if Voiding.objects.filter(voucher=voucher).exists():
        refuse("void_already", f"{voucher} 已经作废。", "刷新后看作废原因。").enforce()
    words = reason.strip()[:REASON_MAX]
    if not words:
        refuse("reason_missing", "没有写作废原因。", "写明原因。", field="reason").enforce()
    Voiding.objects.create(
        voucher=voucher,
        why=why,
        reason=words,
        at=at,
        by_id=actor.person_id,
        name=actor.name,
    )
    audit.record(
        actor=actor,
        verb="voucher.voided",
        on=voucher,
        at=at,
        after={"why": why.label},
        note=words,
    )
    return voucher
