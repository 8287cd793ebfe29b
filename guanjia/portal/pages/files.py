"""Files: taken in for a form, handed out through the sight of their row, taken off again."""

from typing import IO, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from guanjia.kernel.attachments import actions, queries
from guanjia.kernel.attachments.terms import ANY, ANY_KIND, Bounds, Media
from guanjia.kernel.regulations.verdict import refuse
from guanjia.ui import files as shown_files
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs_sign_in
from guanjia.ui.subjects import url_of

_FIELD_MAX = 60
_DIGITS_MAX = 9
_INLINE = frozenset(media for media in Media if media.has_preview)


@require_POST
@needs_sign_in
def stage(request: PageRequest) -> HttpResponse:
    """Take one file in; answers with its row for the form. A refusal is told in a header too."""
    sent = request.FILES.get("file")
    if sent is None:
        refuse("file_missing", "没有收下：", "没有选文件。", field="file").enforce()
        raise AssertionError  # never reached: a refusal was enforced
    file = actions.stage(
        actor=request.actor,
        file=cast("IO[bytes]", sent),
        name=sent.name or "",
        at=timezone.now(),
        bounds=ANY.narrowed(_asked(request)),
    )
    field = request.POST.get("field", "")[:_FIELD_MAX] or "files"
    context = {"row": shown_files.shown(file), "name": field}
    return pages.render(request, "ui/files/staged.html", context)


def _asked(request: HttpRequest) -> Bounds:
    """What the form says it takes. Only ever narrower than ours; ``claim`` judges it once more."""
    named = set(request.POST.get("kinds", "").split())
    kinds = frozenset(media for media in Media if media.name in named)
    most = _number(request.POST.get("bytes", ""))
    return Bounds(kinds=kinds or ANY_KIND, bytes_max=most or ANY.bytes_max)


def _number(text: str) -> int:
    """A number from an address or a hidden field; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else 0


@require_POST
@needs_sign_in
def discard(request: PageRequest, attachment_id: int) -> HttpResponse:
    """Throw away one's own file that was not handed in."""
    actions.discard_staged(actor=request.actor, attachment_id=attachment_id)
    return HttpResponse(status=204)


@require_safe
@needs_sign_in
def file(request: PageRequest, attachment_id: int) -> HttpResponse:
    """The file itself, as a download; ``?inline=1`` shows pictures and PDF in the browser."""
    found = queries.readable(actor=request.actor, attachment_id=attachment_id)
    inline = request.GET.get("inline") == "1" and found.media in _INLINE
    answer = _guarded(queries.content(found), found.media_type, sandbox=not found.media.has_preview)
    answer["Content-Disposition"] = content_disposition_header(not inline, found.name) or ""
    return answer


@require_safe
@needs_sign_in
def picture(request: PageRequest, attachment_id: int) -> HttpResponse:
    """The file drawn by the server: ``?size=thumb`` or ``large``, and ``?page=`` of a PDF."""
    found = queries.readable(actor=request.actor, attachment_id=attachment_id)
    drawn = queries.picture(
        file=found,
        page=_number(request.GET.get("page", "1")),
        side=request.GET.get("size", "thumb"),
    )
    return _guarded(drawn, Media.JPEG, sandbox=False)


def _guarded(content: bytes, media_type: str, *, sandbox: bool = True) -> HttpResponse:
    """Bytes of strangers: never run, never guessed at, never left in a cache."""
    # Servers want plain text in their headers, not a member of a term.
    answer = HttpResponse(content, content_type=str(media_type))
    answer["Content-Length"] = str(len(content))
    answer["X-Content-Type-Options"] = "nosniff"
    # Pictures run nothing, and browsers draw no PDF in a sandbox; nothing may load anyhow, but
    # browsers centre a picture with styles of their own.
    policy = "default-src 'none'; frame-ancestors 'none'"
    answer["Content-Security-Policy"] = (
        f"sandbox; {policy}" if sandbox else f"{policy}; style-src 'unsafe-inline'"
    )
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@needs_sign_in
def remove(request: PageRequest, attachment_id: int) -> HttpResponse:
    """移除: by whoever put it there, with a reason; back to the page it hung on."""
    found = actions.remove(
        actor=request.actor,
        attachment_id=attachment_id,
        reason=request.POST.get("reason", ""),
        at=timezone.now(),
    )
    pages.flash(request, f"已移除{found.name}")
    return pages.back(request, url_of(found.subject_model, found.subject_id or 0) or "/")
