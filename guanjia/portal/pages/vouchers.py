"""凭证: the page of one, its files, making it void; and 核验 for everybody, without sign-in."""

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from guanjia.kernel.attachments import store
from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.kernel.vouchers import actions, callers, codes, office, queries, rendering
from guanjia.kernel.vouchers.models import Voucher
from guanjia.kernel.vouchers.terms import Form, State, Why
from guanjia.portal.vouchers import PUBLIC_TONES
from guanjia.ui import pages, subjects
from guanjia.ui.pages import PageRequest, needs, needs_sign_in, public
from guanjia.ui.templatetags.vouchers import LOOKS, look

_REFUSED, _ABSENT, _TOO_MANY = 422, 404, 429
_TYPES = {
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.PDF: "application/pdf",
}
REASONS = [why for why in Why if why is not Why.REPLACED]


# ── for those who see what it vouches for ────────────────────────────────────────────────


@needs_sign_in
def voucher(request: PageRequest, voucher_id: int) -> HttpResponse:
    """One voucher: what it says, its files compared with their digests, its life."""
    return _page(request, voucher_id)


def _page(
    request: PageRequest, voucher_id: int, *, refused: Iterable[Finding] = ()
) -> HttpResponse:
    found = queries.visible(actor=request.actor, voucher_id=voucher_id)
    state = found.state(timezone.localdate())
    files = queries.files_of(found)
    context = {
        "voucher": found,
        "chip": look(found),
        "sees_list": request.actor.can(queries.SEE),
        "valid": _until(found),
        "subject_url": subjects.url_of(found.subject_model, found.subject_id),
        "files": files,
        "pdf": any(each.file.form == Form.PDF for each in files),
        "office": bool(office.program()),
        "life": _life(found, state),
        "voids": request.actor.can(actions.VOID) and found.void_entry is None,
        "reasons": REASONS,
        "check_url": actions.address_of(found.code),
        "qr": mark_safe(rendering.qr_svg(actions.address_of(found.code))),  # noqa: S308 — drawn by us
        "refused": tuple(refused),
        "typed": request.POST,
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "portal/voucher.html", context, status=status)


def _until(found: Voucher) -> str:
    """The last day a voucher holds, in words."""
    if found.valid_until is None:
        return "长期有效"
    last = found.valid_until - timedelta(days=1)
    return f"{_day(found.valid_from)}至{_day(last)}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _life(found: Voucher, state: State) -> list[dict[str, str]]:
    """Issued, in force, and how it ends or ended."""
    issued = timezone.localtime(found.issued_at)
    begun = state is not State.LATER
    stations = [
        {"at": "done", "title": "签发", "when": _day(issued), "who": found.issued_name},
        {"at": "done" if begun else "later", "title": "生效", "when": _day(found.valid_from)},
    ]
    if found.void_entry is not None:
        gone = found.void_entry
        title = "被替换" if found.next else "作废"
        when = _day(timezone.localtime(gone.at))
        stations.append({"at": "stop", "title": title, "when": when, "who": gone.name})
    elif found.valid_until is None:
        stations.append({"at": "now" if begun else "later", "title": "长期有效"})
    else:
        if state is State.VALID:
            stations[-1]["at"] = "now"
        at = "stop" if state is State.EXPIRED else "later"
        last = found.valid_until - timedelta(days=1)
        stations.append({"at": at, "title": "到期", "when": _day(last)})
    return stations


@needs_sign_in
@require_safe
def docx(request: PageRequest, voucher_id: int) -> HttpResponse:
    """The Word file."""
    return _download(request, voucher_id, Form.DOCX)


@needs_sign_in
@require_safe
def pdf(request: PageRequest, voucher_id: int) -> HttpResponse:
    """The PDF; back to the voucher, which says why, where there is none yet."""
    return _download(request, voucher_id, Form.PDF)


def _download(request: PageRequest, voucher_id: int, form: Form) -> HttpResponse:
    """A file whose bytes are still the recorded ones; a changed one is kept back."""
    found = queries.visible(actor=request.actor, voucher_id=voucher_id)
    file = found.files.filter(form=form).first()
    if file is None:
        pages.flash(request, f"{found} 还没有 {form.label}，看下面的说明", tone="wait")
        return pages.to("portal:voucher", voucher_id)
    if not store.unchanged(file.digest):
        refuse(
            "file_changed",
            "没有取出文件。",
            f"{found} 的 {form.label}与登记的摘要不一致，请报告审计管理员。",
        ).enforce()
    answer = HttpResponse(store.read(file.digest), content_type=_TYPES[form])
    name = f"{found.numbered}.{form.value.lower()}"
    answer["Content-Disposition"] = content_disposition_header(form is Form.DOCX, name) or "inline"
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@needs_sign_in
def pdf_again(request: PageRequest, voucher_id: int) -> HttpResponse:
    """再生成: ask once more for the PDF that is missing."""
    found = queries.visible(actor=request.actor, voucher_id=voucher_id)
    if found.files.filter(form=Form.PDF).exists():
        pages.flash(request, "PDF 已经有了")
    elif not office.program():
        pages.flash(request, "没有生成：服务器上没有 LibreOffice，请系统管理员安装", tone="wait")
    else:
        actions.want_pdf(voucher_id=found.pk)
        pages.flash(request, "已安排生成 PDF，稍后刷新")
    return pages.to("portal:voucher", voucher_id)


@require_POST
@needs("vouchers.void")
def void(request: PageRequest, voucher_id: int) -> HttpResponse:
    """作废, with its reason; it stays on record."""
    given = request.POST
    why = Why(given["why"]) if given.get("why") in {str(each) for each in REASONS} else Why.OTHER
    try:
        found = actions.void(
            actor=request.actor,
            voucher_id=voucher_id,
            reason=given.get("reason", ""),
            why=why,
            at=timezone.now(),
        )
    except Refused as refused:
        return _page(request, voucher_id, refused=refused.findings)
    pages.flash(request, f"已作废 {found}，扫码核验即显示作废")
    return pages.to("portal:voucher", voucher_id)


# ── 核验, for everybody ──────────────────────────────────────────────────────────────────


@public
@require_safe
def check(request: HttpRequest, code: str = "") -> HttpResponse:
    """What a voucher is worth, by the code on the paper; a code nobody issued and what cannot be
    a code are answered alike."""
    text = code or request.GET.get("code", "")
    if not text.strip():
        return _shown(request, {}, status=200)
    at = timezone.now()
    if until := _shut_until(request, at):
        return _wait(request, at=at, until=until)
    found = queries.by_code(text)
    if found is None:
        return _shown(request, {"absent": True, "typed": text[:40]}, status=_ABSENT)
    return _shown(request, _told(found, at), status=200)


def _shut_until(request: HttpRequest, at: datetime) -> datetime | None:
    """Until when this address may look no more; colleagues who signed in are not counted."""
    if getattr(request, "actor", None) is not None:
        return None
    return callers.shut_until(address=request.META.get("REMOTE_ADDR", ""), at=at)


def _wait(request: HttpRequest, *, at: datetime, until: datetime) -> HttpResponse:
    seconds = max(1, math.ceil((until - at).total_seconds()))
    minutes = math.ceil(seconds / 60)
    answer = _shown(request, {"wait": minutes, "until": until}, status=_TOO_MANY)
    answer["Retry-After"] = str(seconds)
    return answer


def _told(found: Voucher, at: datetime) -> dict[str, Any]:
    """What everybody may know; of a void one no more than number, title, dates and category."""
    state = found.state(timezone.localtime(at).date())
    tone, icon = LOOKS[state]
    gone = found.void_entry
    return {
        "voucher": found,
        "state": state,
        "tone": PUBLIC_TONES.get(state, tone),
        "icon": icon,
        "facts": [] if gone else found.shown,
        "valid": "" if gone else _until(found),
        "gone": gone,
        "why": Why(gone.why).label if gone else "",
        "code": codes.printed(found.code),
        "at": at,
    }


def _shown(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    """The one page of the check, for no cache and no search engine."""
    answer = pages.render(request, "portal/check.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
