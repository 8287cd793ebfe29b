"""Files on forms and pages: the form field, and what the templates show of each file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.datastructures import MultiValueDict

from guanjia.kernel.attachments import guards, queries
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import ANY, PICTURES, Bounds, FileState, Media
from guanjia.kernel.values.actor import Actor

_IDS_MAX = 100  # more than any form carries; the rest of a forged one is not even looked at
_DIGITS_MAX = 18  # what a column of ids can hold, and Python reads without protest


class FilesWidget(forms.MultipleHiddenInput):
    """The ids in hidden inputs; ``{% files_field %}`` draws the rest."""

    is_hidden = False  # Django would work it out from the type; this one has a label

    def value_from_datadict(
        self,
        data: Any,
        files: MultiValueDict[str, Any],  # noqa: ARG002 — Django's signature
        name: str,
    ) -> Any:
        """Every id under the name; ``data`` may be a plain dictionary in tests."""
        if isinstance(data, QueryDict | MultiValueDict):
            return data.getlist(name)
        value = data.get(name, [])
        return value if isinstance(value, list | tuple) else [value]


class FilesField(forms.Field):
    """Ids of files that wait for this form, in their order: a list of integers.

    Whose they are and what they weigh is judged by ``claim``, never by the form.
    """

    widget = FilesWidget

    def __init__(self, *, bounds: Bounds = ANY, required: bool = False, **rest: Any) -> None:
        self.bounds = bounds
        rest.setdefault("label", "附件")
        super().__init__(required=required, **rest)

    def to_python(self, value: Any) -> list[int]:
        """The ids, each once."""
        found = numbers(value)
        if found is None:
            raise ValidationError("附件读不懂，去掉后重新选。", code="invalid")
        return found

    def validate(self, value: list[int]) -> None:
        """At least one where one is needed, and no more than the bounds let in."""
        if self.required and not value:
            raise ValidationError("附上文件。", code="required")
        if (more := len(value) - self.bounds.count_max) > 0:
            raise ValidationError(
                f"最多 {self.bounds.count_max} 个，去掉 {more} 个。", code="files_many"
            )


def numbers(value: Any, *, most: int = _IDS_MAX) -> list[int] | None:
    """Ids as a form sends them; ``None`` when one of them is no number."""
    texts = [str(each) for each in (value or ())][:most]
    if any(not _is_id(text) for text in texts if text):
        return None
    return list(dict.fromkeys(int(text) for text in texts if text))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX


@dataclass(frozen=True, kw_only=True)
class ShownFile:
    """A file with the addresses of what can be done with it."""

    file: Attachment
    icon: str
    url: str
    thumb_url: str
    large_url: str
    view_pages: int
    discard_url: str
    remove_url: str


_ICONS = {
    Media.PDF: "file-text",
    Media.XLSX: "file-spreadsheet",
    Media.XLS: "file-spreadsheet",
    Media.CSV: "file-spreadsheet",
    Media.DOCX: "file-type-docx",
    Media.DOC: "file-type-docx",
    Media.OFD: "file-certificate",
}
VIEW_PAGES_MAX = 50  # of a long PDF the first pages are drawn; the rest is for the download


def shown(file: Attachment, *, may_remove: bool = False) -> ShownFile:
    """What a template needs of one file."""
    here = file.is_here
    pictured = here and file.media.has_preview
    picture = _address("portal:file_picture", file.pk) if pictured else ""
    return ShownFile(
        file=file,
        icon="photo" if file.media.is_picture else _ICONS.get(file.media, "paperclip"),
        url=_address("portal:file", file.pk) if here else "",
        thumb_url=f"{picture}?size=thumb" if picture else "",
        large_url=f"{picture}?size=large" if picture else "",
        view_pages=min(file.pages or 1, VIEW_PAGES_MAX) if pictured else 0,
        discard_url=_address("portal:file_discard", file.pk),
        remove_url=_address("portal:file_remove", file.pk) if may_remove else "",
    )


def listed(
    files: Iterable[Attachment], *, actor: Actor | None, readonly: bool = False
) -> list[ShownFile]:
    """The files of a page; 移除 where the actor may. Asks each row's department once."""
    allowed: dict[tuple[str, int], bool] = {}

    def removable(file: Attachment) -> bool:
        mine = actor is not None and actor.account_id is not None
        if readonly or not mine or file.account_id != actor.account_id:  # type: ignore[union-attr]  # mine says so
            return False
        if file.state != FileState.KEPT or file.is_signature or file.subject_id is None:
            return False
        row = (file.subject_model, file.subject_id)
        if row not in allowed:
            allowed[row] = guards.may_remove(model=row[0], row_id=row[1]).allowed
        return allowed[row]

    return [shown(file, may_remove=removable(file)) for file in files]


def field_context(bound: BoundField, *, actor: Actor | None, help_text: str) -> dict[str, Any]:
    """Everything ``ui/files/field.html`` shows: the waiting files among the ids of the form."""
    bounds: Bounds = getattr(bound.field, "bounds", ANY)
    ids: Sequence[int] = numbers(bound.value()) or ()
    waiting = queries.waiting(actor=actor, ids=ids) if actor is not None else []
    return {
        "field": bound,
        "must": bound.field.required,
        "rows": [shown(file) for file in waiting],
        "lost": len(ids) - len(waiting),
        "accept": bounds.accept(),
        "camera": bool(PICTURES & bounds.kinds),
        "kinds": " ".join(media.name for media in Media if media in bounds.kinds),
        "bounds": bounds,
        "words": bounds.words(),
        "help": help_text or str(bound.help_text),
        "stage_url": _address("portal:file_stage"),
    }


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
