"""Reading vouchers: lists, one by its code, and what is known of their files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import models

from guanjia.kernel.access import subjects
from guanjia.kernel.attachments import store
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.vouchers import codes, fingerprint, kinds
from guanjia.kernel.vouchers.models import Voiding, Voucher, VoucherFile, Vouchers
from guanjia.kernel.vouchers.terms import Form

SEE = "vouchers.see"
_RECORDED = {Form.DOCX: "voucher.issued", Form.PDF: "voucher.filed"}
_BATCH = 500


def vouchers(scope: Scope) -> Vouchers:
    """The listed vouchers inside the scope with what their state is worked out from."""
    rows: Vouchers = _listed(scope).with_state()
    return rows


def _listed(scope: Scope) -> Vouchers:
    rows: Vouchers = Voucher.objects.within(scope).exclude(kind__in=kinds.unlisted())
    return rows


def visible(*, actor: Actor, voucher_id: int) -> Voucher:
    """A voucher that the actor may see: listed and inside their scope, or of a row they may open;
    else ``DoesNotExist``."""
    rows = Voucher.objects.with_state().select_related("replaces", "issued_by")
    voucher: Voucher = rows.get(pk=voucher_id)
    inside = _listed(actor.scope(SEE)).filter(pk=voucher_id)
    if (actor.can(SEE) and inside.exists()) or subjects.sees(
        actor=actor, model=voucher.subject_model, row_id=voucher.subject_id
    ):
        return voucher
    raise Voucher.DoesNotExist


def by_codes(texts: Iterable[str]) -> list[Voucher]:
    """The vouchers whose codes these are, as they were typed.

    What cannot be a code is looked for too, and finds nothing: it takes as long as an unknown one.
    """
    rows = Voucher.objects.with_state()
    return list(rows.filter(code__in={codes.read(text) for text in texts}))


def by_code(text: str) -> Voucher | None:
    """The voucher of a code as somebody typed it, or ``None``."""
    return next(iter(by_codes([text])), None)


def of(subject: models.Model) -> list[Voucher]:
    """The vouchers of a row with their files, the newest first."""
    return list(Voucher.objects.of(subject).with_state().prefetch_related("files"))


def standing(subject: models.Model) -> Voucher | None:
    """The newest voucher of a row that is not void, or ``None``."""
    rows = Voucher.objects.of(subject).filter(voiding=None)
    found: Voucher | None = rows.select_related("unit").first()
    return found


def issuer_of(actor: Actor) -> str:
    """The full name of the unit in whose name somebody issues; ``""`` for nobody's."""
    if actor.unit_id is None:
        return ""
    unit = Unit.objects.select_related("parent__parent").filter(pk=actor.unit_id).first()
    return str(org.home_unit(unit).name) if unit else ""


@dataclass(frozen=True, kw_only=True)
class FileSeen:
    """A file of a voucher and whether it is still what was recorded."""

    file: VoucherFile
    as_recorded: bool


def files_of(voucher: Voucher) -> list[FileSeen]:
    """The files of a voucher, each compared with the store and with the trail."""
    files = list(voucher.files.order_by("form"))
    told = _told(files)
    return [FileSeen(file=file, as_recorded=_sound(file, told)) for file in files]


def without_pdf(*, since: datetime, until: datetime, limit: int) -> list[int]:
    """Ids of vouchers issued in ``[since, until)`` that have no PDF, the newest first."""
    rows = Voucher.objects.filter(issued_at__gte=since, issued_at__lt=until)
    missing = rows.exclude(files__form=Form.PDF).order_by("-pk")
    return list(missing.values_list("pk", flat=True)[:limit])


def still_named(digests: frozenset[str]) -> set[str]:
    """Which of these files a voucher names: they are never swept away."""
    return set(VoucherFile.objects.filter(digest__in=digests).values_list("digest", flat=True))


# ── what `audit verify` asks ─────────────────────────────────────────────────────────────


def check_files() -> tuple[int, list[str]]:
    """Compare every file of a voucher with the store and the trail; how many, and what is wrong."""
    problems: list[str] = []
    checked = 0
    rows = VoucherFile.objects.select_related("voucher").order_by("pk")
    waiting = rows.iterator(chunk_size=_BATCH)
    while some := list(islice(waiting, _BATCH)):
        told = _told(some)
        checked += len(some)
        problems += [sentence for file in some if (sentence := _fault(file, told))]
    bare = Voucher.objects.exclude(files__form=Form.DOCX).order_by("pk")
    problems += [f"{voucher}：没有登记文件。" for voucher in bare]
    return checked, problems + list(_not_as_told()) + list(_rows_not_as_told())


def _rows_not_as_told() -> Iterable[str]:
    """Vouchers that say something else than when they were issued."""
    waiting = Voucher.objects.order_by("pk").iterator(chunk_size=_BATCH)
    while some := list(islice(waiting, _BATCH)):
        rows = Record.objects.filter(
            on_type=Voucher._meta.label_lower,
            on_id__in=[voucher.pk for voucher in some],
            verb="voucher.issued",
        )
        kept = rows.values_list("on_id", "after")
        told = {on_id: (after or {}).get("row") for on_id, after in kept}
        for voucher in some:
            # Without any record of it the voucher's file has already told.
            if voucher.pk in told and told[voucher.pk] != fingerprint.of(voucher):
                yield f"{voucher}：登记的内容与操作记录不一致。"


def _not_as_told() -> Iterable[str]:
    """Vouchers that the trail tells of and that are gone, or were made void or valid past it."""
    rows = Record.objects.filter(on_type=Voucher._meta.label_lower, on_id__isnull=False)
    issued: dict[Any, str] = dict(
        rows.filter(verb="voucher.issued").values_list("on_id", "on_label")
    )
    told: set[Any] = set(rows.filter(verb="voucher.voided").values_list("on_id", flat=True))
    here = dict(Voucher.objects.order_by("pk").values_list("pk", "numbered"))
    void = set(Voiding.objects.values_list("voucher_id", flat=True))
    for pk in sorted(set(issued) - set(here)):
        yield f"{issued[pk]}：登记不在了。"
    for pk in sorted(void - told):
        yield f"{here[pk]}：登记为作废，操作记录中没有。"
    for pk in sorted((told - void) & set(here)):
        yield f"{here[pk]}：已经作废，作废的登记不在了。"


def _told(files: Iterable[VoucherFile]) -> dict[tuple[int, str], set[str]]:
    """The digests that the trail holds, by voucher and verb."""
    found: dict[tuple[int, str], set[str]] = {}
    rows = Record.objects.filter(
        on_type=Voucher._meta.label_lower,
        on_id__in={file.voucher_id for file in files},
        verb__in=_RECORDED.values(),
    )
    for on_id, verb, after in rows.values_list("on_id", "verb", "after"):
        found.setdefault((on_id or 0, verb), set()).add(str((after or {}).get("digest", "")))
    return found


def _sound(file: VoucherFile, told: dict[tuple[int, str], set[str]]) -> bool:
    return not _fault(file, told)


def _fault(file: VoucherFile, told: dict[tuple[int, str], set[str]]) -> str:
    """What is wrong with a file, as a sentence; ``""`` when nothing is."""
    what = f"{file.voucher} 的 {Form(file.form).label}"
    known = told.get((file.voucher_id, _RECORDED[Form(file.form)]), set())
    if file.digest not in known:
        return f"{what}：摘要与操作记录不一致。" if known else f"{what}：操作记录中没有它的摘要。"
    if not store.path_of(file.digest).exists():
        return f"{what}：文件不见了。"
    return "" if store.unchanged(file.digest) else f"{what}：内容与登记的摘要不一致。"
