"""Reading attachments; whoever asks for one file is judged by their sight of its row."""

from collections.abc import Iterable, Sequence

from django.db.models import Count

from guanjia.kernel.access import subjects
from guanjia.kernel.attachments import pdfs, pictures, store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import FileState, Media
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values import digests
from guanjia.kernel.values.actor import Actor

SIDES = {"thumb": 240, "large": 1800}


def of(*, model: str, row_id: int, kind: str = "", gone: bool = True) -> list[Attachment]:
    """The files of a row in their order, those that went after those that are there.

    The caller has loaded the row in scope. ``gone=False`` leaves out what was removed or expired.
    """
    rows = Attachment.objects.filter(subject_model=model, subject_id=row_id)
    if kind:
        rows = rows.filter(kind=kind)
    if not gone:
        rows = rows.filter(state=FileState.KEPT)
    found: list[Attachment] = list(rows.order_by("position", "pk"))
    return sorted(found, key=lambda file: not file.is_here)


def counts(*, model: str, row_ids: Iterable[int]) -> dict[int, int]:
    """How many files each of the rows has; rows without any are left out."""
    rows = Attachment.objects.filter(
        subject_model=model, subject_id__in=list(row_ids), state=FileState.KEPT
    )
    return dict(rows.order_by().values_list("subject_id").annotate(Count("pk")))


def waiting(*, actor: Actor, ids: Sequence[int]) -> list[Attachment]:
    """The actor's own staged files among ``ids``, in that order."""
    if actor.account_id is None or not ids:
        return []
    rows = Attachment.objects.filter(
        pk__in=ids, account_id=actor.account_id, state=FileState.STAGED
    )
    found = {file.pk: file for file in rows}
    return [found[number] for number in dict.fromkeys(ids) if number in found]


def visible(*, actor: Actor, attachment_id: int) -> Attachment:
    """The file if the actor sees its row, or staged it; else ``Attachment.DoesNotExist``."""
    file: Attachment = Attachment.objects.select_related("unit").get(pk=attachment_id)
    if not _sees(actor, file):
        raise Attachment.DoesNotExist
    return file


def _sees(actor: Actor, file: Attachment) -> bool:
    if file.state == FileState.STAGED:
        return actor.account_id is not None and file.account_id == actor.account_id
    if file.subject_id is None:
        return False
    return subjects.sees_file(
        actor=actor, model=file.subject_model, row_id=file.subject_id, unit_id=file.unit_id
    )


def readable(*, actor: Actor, attachment_id: int) -> Attachment:
    """As ``visible``, and only while there are bytes to hand out."""
    file = visible(actor=actor, attachment_id=attachment_id)
    if not file.is_here:
        raise Attachment.DoesNotExist
    return file


def content(file: Attachment) -> bytes:
    """The bytes, compared with their digest; raises ``Refused`` when they are not what was kept."""
    try:
        found = store.read(file.digest)
    except FileNotFoundError:
        found = b""
    if digests.sm3(found) != file.digest:
        refuse(
            "file_changed",
            "没有打开：",
            f"{file.name}与上传时的校验值不一致，或已不在，停止提供。报审计管理员核验。",
        ).enforce()
    return found


def picture(*, file: Attachment, page: int, side: str) -> bytes:
    """A JPEG of a picture or of one page of a PDF, drawn once and then kept beside the file.

    Raises ``Attachment.DoesNotExist`` for what has no such picture.
    """
    side_max = SIDES.get(side)
    if side_max is None or not 1 <= page <= (file.pages or 1) or not file.media.has_preview:
        raise Attachment.DoesNotExist
    path = store.preview_path(file.digest, f"{page}-{side}")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    whole = content(file)
    try:
        if file.media is Media.PDF:
            drawn = pdfs.preview(content=whole, page=page, side_max=side_max)
        else:
            drawn = pictures.preview(content=whole, media=file.media, side_max=side_max)
    except Unfit as unfit:
        raise Attachment.DoesNotExist from unfit
    store.write(path, drawn)
    return drawn


def still_named(found: frozenset[str]) -> set[str]:
    """Those of the digests that a file which is here still has."""
    rows = Attachment.objects.filter(digest__in=found, state__in=[FileState.STAGED, FileState.KEPT])
    return set(rows.order_by().values_list("digest", flat=True).distinct())
