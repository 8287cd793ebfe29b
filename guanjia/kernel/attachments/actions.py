"""Taking files in, hanging them on rows, and taking them off again.

A file that only waits for its form is nobody's business yet: staging and discarding leave no trace.
The trace begins where a row claims it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import IO, Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, Sum

from guanjia.kernel.access.models import Account
from guanjia.kernel.attachments import (
    guards,
    named,
    naming,
    pdfs,
    pictures,
    queries,
    scanner,
    sniffing,
    store,
)
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import (
    ANY,
    ATTACHMENT,
    MIB,
    REASON_MAX,
    SIGNATURE,
    STAGED_BYTES_MAX,
    STAGED_COUNT_MAX,
    Bounds,
    FileState,
    Media,
    Scan,
    size,
)
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, NotAllowed

_HEAD = "没有收下："
_SIGNATURE_BOUNDS = Bounds(
    count_max=STAGED_COUNT_MAX, bytes_max=1 * MIB, kinds=frozenset({Media.PNG})
)
_SIGNATURE_SIDE_MAX = 1200


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """A file looked at and cleaned, not yet written anywhere."""

    content: bytes
    name: str
    media: Media
    scan: Scan
    width: int | None = None
    height: int | None = None
    pages: int | None = None


# ── taking in ────────────────────────────────────────────────────────────────────────────


def stage(
    *, actor: Actor, file: bytes | IO[bytes], name: str, at: datetime, bounds: Bounds = ANY
) -> Attachment:
    """Take a file in for a form that is still being filled; only this account sees it.

    Anybody signed in may, up to ``STAGED_COUNT_MAX`` files at a time. The kind is judged by the
    bytes; pictures are turned upright and written anew. Raises ``Refused`` with ``field="file"``.
    """
    if actor.account_id is None:
        raise NotAllowed("attachments.stage", "登录账号")
    _room_for_more(actor.account_id, 0)  # before the work is done; once more when it is written
    taken = _looked_at(file, name, bounds, field="file")
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=actor.account_id)
        _room_for_more(actor.account_id, len(taken.content))
        return _written(taken, actor=actor, at=at, state=FileState.STAGED)


def discard_staged(*, actor: Actor, attachment_id: int) -> None:
    """Throw away a file that was never handed in; ``DoesNotExist`` for anybody else's."""
    with transaction.atomic():
        file: Attachment = Attachment.objects.select_for_update().get(
            pk=attachment_id, account_id=actor.account_id, state=FileState.STAGED
        )
        file.delete()
        forget(file.digest)


def _room_for_more(account_id: int, more: int) -> None:
    waits = Attachment.objects.filter(account_id=account_id, state=FileState.STAGED).aggregate(
        count=Count("pk"), total=Sum("bytes")
    )
    if waits["count"] >= STAGED_COUNT_MAX or (waits["total"] or 0) + more > STAGED_BYTES_MAX:
        refuse(
            "files_waiting",
            _HEAD,
            f"您有 {waits['count']} 个上传了还没提交的文件。先提交，或去掉不用的。",
            field="file",
        ).enforce()


def _looked_at(file: bytes | IO[bytes], name: str, bounds: Bounds, *, field: str) -> _Taken:
    """Everything that is asked of a file before it is written; ``Refused`` says what it lacks."""
    clean = naming.cleaned(name)
    content = file if isinstance(file, bytes) else file.read(bounds.bytes_max + 1)
    try:
        if not content:
            raise Unfit(code="file_empty", why="是空文件，另选一份。")
        if len(content) > bounds.bytes_max:
            why = f"超过 {size(bounds.bytes_max)}。压缩或拆成几份再传。"
            raise Unfit(code="file_large", why=why)
        media = sniffing.sniff(content=content, name=clean)
        agreed = sniffing.agreed_name(name=clean, media=media)
        if media not in bounds.kinds:
            raise Unfit(code="file_kind", why=f"是{media.said}，这里不收。可传{bounds.words()}。")
        return _cleaned(content, agreed, media)
    except Unfit as unfit:
        refuse(unfit.code, _HEAD, f"{clean}：{unfit.why}", field=field).enforce()
        raise  # never reached: a refusal was enforced


def _cleaned(content: bytes, name: str, media: Media) -> _Taken:
    scan = scanner.scan(content=content)
    if media.is_picture:
        made = pictures.rewritten(content=content, media=media)
        return _Taken(
            content=made.content,
            name=name,
            media=media,
            scan=scan,
            width=made.width,
            height=made.height,
        )
    pages = pdfs.count(content=content) if media is Media.PDF else None
    return _Taken(content=content, name=name, media=media, scan=scan, pages=pages)


def _written(taken: _Taken, *, actor: Actor, at: datetime, **facts: Any) -> Attachment:
    """The row of a file, and the file; inside the caller's transaction."""
    row = Attachment(
        name=taken.name,
        media_type=taken.media,
        bytes=len(taken.content),
        digest=store.keep(taken.content),
        width=taken.width,
        height=taken.height,
        pages=taken.pages,
        scan=taken.scan,
        account_id=actor.account_id,
        uploaded_by_id=actor.person_id,
        uploader=actor.name,
        uploaded_at=at,
        **facts,
    )
    row.save(force_insert=True)
    return row


# ── hanging on a row ─────────────────────────────────────────────────────────────────────


@transaction.atomic
def claim(
    *,
    actor: Actor,
    ids: Sequence[int],
    subject: models.Model,
    at: datetime,
    unit: Unit | None = None,
    kind: str = ATTACHMENT,
    bounds: Bounds = ANY,
    retain_until: date | None = None,
    field: str = "files",
) -> list[Attachment]:
    """Make waiting files a row's own; called by a department's action inside its transaction.

    Only files this very account staged; those that are the row's already are passed over. The
    bounds hold for all files of this kind on the row. Writes one record on the row that names
    every new file with its digest. The department has judged whether the actor may change the row.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    before = _held(subject)
    rows = Attachment.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows}
    fresh = [
        found[number] for number in wanted if number in found and not _is_of(found[number], subject)
    ]
    own = [file for file in fresh if file.state == FileState.STAGED and _is_mine(file, actor)]
    lost = len(wanted) - len(found) + len(fresh) - len(own)
    if lost:
        refuse(
            "files_gone",
            "没有附上：",
            f"有 {lost} 个文件等得太久已清除，或不是您上传的。去掉后重新选。",
            field=field,
        ).enforce()
    _within(bounds, kind, before, own, field=field)
    place = max((file.position for file in before), default=0)
    for place, file in enumerate(own, start=place + 1):  # noqa: B020 — goes on where the row is
        file.subject_model, file.subject_id = subject._meta.label_lower, subject.pk
        file.unit, file.kind, file.position = unit, kind, place
        file.retain_until, file.state = retain_until, FileState.KEPT
        file.save()
    _tell(actor, subject, own, at=at, unit=unit)
    return [found[number] for number in wanted]


@transaction.atomic
def attach(
    *,
    actor: Actor,
    file: bytes | IO[bytes],
    name: str,
    subject: models.Model,
    at: datetime,
    unit: Unit | None = None,
    kind: str = ATTACHMENT,
    bounds: Bounds = ANY,
    retain_until: date | None = None,
) -> Attachment:  # fmt: skip
    """Take a file in and hang it on a row at once; also for the system.

    The department has judged whether the actor may change the row. Raises ``Refused`` as staging
    and claiming do; writes one record on the row.
    """
    taken = _looked_at(file, name, bounds, field="files")
    return _hung(
        taken, actor=actor, subject=subject, at=at, unit=unit, kind=kind, bounds=bounds,
        retain_until=retain_until,
    )  # fmt: skip


@transaction.atomic
def keep_image(
    *,
    actor: Actor,
    png: bytes,
    subject: models.Model,
    at: datetime,
    unit: Unit | None = None,
    kind: str = SIGNATURE,
    name: str = "签名.png",
    retain_until: date | None = None,
) -> Attachment:
    """Keep a signature drawn on the screen with the row it signs; nobody removes it by hand.

    Raises ``Refused`` with ``field="signature"`` for what is no small PNG. One record on the row.
    """
    taken = _looked_at(png, name, _SIGNATURE_BOUNDS, field="signature")
    if max(taken.width or 0, taken.height or 0) > _SIGNATURE_SIDE_MAX:
        refuse(
            "signature_large", _HEAD, "签名的画面过大，重新签一次。", field="signature"
        ).enforce()
    return _hung(
        taken, actor=actor, subject=subject, at=at, unit=unit, kind=kind,
        bounds=_SIGNATURE_BOUNDS, retain_until=retain_until,
    )  # fmt: skip


def _hung(
    taken: _Taken,
    *,
    actor: Actor,
    subject: models.Model,
    at: datetime,
    unit: Unit | None,
    kind: str,
    bounds: Bounds,
    retain_until: date | None,
) -> Attachment:
    before = _held(subject)
    file = _written(
        taken,
        actor=actor,
        at=at,
        state=FileState.KEPT,
        subject_model=subject._meta.label_lower,
        subject_id=subject.pk,
        unit=unit,
        kind=kind,
        position=max((each.position for each in before), default=0) + 1,
        retain_until=retain_until,
    )
    _within(bounds, kind, before, [file], field="files")
    _tell(actor, subject, [file], at=at, unit=unit)
    return file


def _held(subject: models.Model) -> list[Attachment]:
    """Every file the row ever had; the row is locked, so that two claims count one another."""
    manager = type(subject)._base_manager
    list(manager.select_for_update(no_key=True).filter(pk=subject.pk).values_list("pk"))
    rows = Attachment.objects.filter(subject_model=subject._meta.label_lower, subject_id=subject.pk)
    return list(rows)


def _is_of(file: Attachment, subject: models.Model) -> bool:
    here = (subject._meta.label_lower, subject.pk)
    return file.state == FileState.KEPT and (file.subject_model, file.subject_id) == here


def _is_mine(file: Attachment, actor: Actor) -> bool:
    return actor.account_id is not None and file.account_id == actor.account_id


def _within(
    bounds: Bounds,
    kind: str,
    before: Sequence[Attachment],
    new: Sequence[Attachment],
    *,
    field: str,
) -> None:
    """Refuse what is more, larger or of another kind than the row may carry."""
    for file in new:
        if file.media not in bounds.kinds:
            why = f"{file.name}是{file.media.said}，这里不收。可传{bounds.words()}。"
            refuse("file_kind", "没有附上：", why, field=field).enforce()
        if file.bytes > bounds.bytes_max:
            why = f"{file.name}超过 {size(bounds.bytes_max)}。压缩或拆成几份再传。"
            refuse("file_large", "没有附上：", why, field=field).enforce()
    here = [each for each in before if each.state == FileState.KEPT and each.kind == kind]
    count = len(here) + len(new)
    if new and count > bounds.count_max:
        why = f"最多 {bounds.count_max} 个，现在 {count} 个。去掉 {count - bounds.count_max} 个。"
        refuse("files_many", "没有附上：", why, field=field).enforce()
    total = sum(each.bytes for each in (*here, *new))
    if new and total > bounds.total_bytes_max:
        why = f"合计 {size(total)}，最多 {size(bounds.total_bytes_max)}。去掉几个，或压缩后再传。"
        refuse("files_large", "没有附上：", why, field=field).enforce()


def _tell(
    actor: Actor,
    subject: models.Model,
    files: Sequence[Attachment],
    *,
    at: datetime,
    unit: Unit | None,
) -> None:
    if not files:
        return
    audit.record(
        actor=actor,
        verb="attachments.file.claimed",
        on=subject,
        at=at,
        after={"files": [_facts(file) for file in files]},
        unit_path=unit.path if unit else "",
    )


def _facts(file: Attachment) -> dict[str, Any]:
    """A file as the trail remembers it; the digest is what later checks compare with."""
    return {
        "id": file.pk,
        "label": file.name,
        "kind": file.kind,
        "bytes": file.bytes,
        "media_type": str(file.media_type),
        "digest": file.digest,
    }


# ── taking off ───────────────────────────────────────────────────────────────────────────


def remove(*, actor: Actor, attachment_id: int, reason: str, at: datetime) -> Attachment:
    """Take a file off its row (移除): its row stays with the reason, its bytes go.

    Whoever put it there may, while they see the row and the department's guard allows; so may the
    system. ``DoesNotExist`` outside their sight. One record on the row, with the digest.
    """
    file = queries.visible(actor=actor, attachment_id=attachment_id)
    words = " ".join(reason.split())
    _may_remove(file, actor, words)
    with transaction.atomic():
        subject = subject_of(file)
        guards.may_remove(model=file.subject_model, row_id=file.subject_id or 0).enforce()
        locked: Attachment = Attachment.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if locked.state != FileState.KEPT:
            refuse("file_gone", "没有移除：", f"{file.name}{locked.shown_state}。").enforce()
        locked.state, locked.removed_at, locked.reason = FileState.REMOVED, at, words
        locked.removed_by_id, locked.remover = actor.account_id, actor.name
        locked.save(update_fields=["state", "removed_at", "reason", "removed_by", "remover"])
        audit.record(
            actor=actor,
            verb="attachments.file.removed",
            on=subject or locked,
            at=at,
            before={"files": [_facts(locked)]},
            note=words,
            unit_path=file.unit.path if file.unit else "",
        )
        forget(locked.digest)
    return locked


def _may_remove(file: Attachment, actor: Actor, reason: str) -> None:
    head = "没有移除："
    if file.state == FileState.STAGED:
        refuse("file_staged", head, f"{file.name}还没有提交，直接去掉。").enforce()
    if actor.is_system:
        return
    if not _is_mine(file, actor):
        why = f"{file.name}由{file.uploader}上传，只有本人能移除。"
        refuse("file_others", head, why).enforce()
    if file.is_signature:
        refuse("file_signature", head, "签名是审批的一部分，不能移除。").enforce()
    if not reason:
        refuse("reason_missing", head, "写明移除的原因。", field="reason").enforce()
    if len(reason) > REASON_MAX:
        refuse("reason_long", head, f"原因不超过 {REASON_MAX} 字。", field="reason").enforce()


def subject_of(file: Attachment) -> models.Model | None:
    """The row a file hangs on, locked; ``None`` when its table is no more."""
    try:
        model = apps.get_model(file.subject_model)
    except (LookupError, ValueError):
        return None
    rows = model._base_manager.select_for_update(no_key=True).filter(pk=file.subject_id)
    found: models.Model | None = rows.order_by("pk").first()
    return found


def forget(digest: str) -> None:
    """After the commit, delete the bytes unless any app still names them."""
    transaction.on_commit(partial(_forget, digest), robust=True)


def _forget(digest: str) -> None:
    store.remove_unless(digest, still_needed=lambda: bool(named.still_named([digest])))
