"""通知: the bell, one's own notices, and what one wants to be told where."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone

from guanjia.kernel.access import subjects
from guanjia.kernel.notices import addresses, kinds, queries
from guanjia.kernel.notices.actions import notices as actions
from guanjia.kernel.notices.actions import preferences
from guanjia.kernel.notices.models import Notice, Preference
from guanjia.kernel.notices.terms import GROUPS, ChannelKind
from guanjia.kernel.org import queries as org
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.portal.notice_forms import Preferences
from guanjia.portal.pages.home import paged
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs_sign_in
from guanjia.ui.subjects import url_of

_DIGITS_MAX = 18  # what a column of ids can hold, and Python reads without protest


def unread_count(request: HttpRequest) -> int:
    """What the bell counts for the person behind a request; one statement."""
    return queries.unread_count(request.actor)  # type: ignore[attr-defined]  # set by the middleware


@needs_sign_in
def bell(request: PageRequest) -> HttpResponse:
    """The bell alone, asked for each minute by pages that are looked at."""
    return pages.render(request, "ui/parts/bell.html")


@needs_sign_in
def notices(request: PageRequest) -> HttpResponse:
    """One's own notices: the unread first, then by day."""
    page = paged(request, queries.notices(request.actor))
    context = {
        "page": page,
        "rows": [_row(notice) for notice in page.object_list],
        "unread": queries.unread_count(request.actor),
        "until": queries.newest_id(request.actor),
    }
    return pages.render(request, "portal/notices.html", context)


def _row(notice: Notice) -> dict[str, Any]:
    kind = kinds.get(notice.kind)
    return {
        "notice": notice,
        "unread": notice.read_at is None,
        "day": timezone.localdate(notice.at) if notice.read_at else None,
        "kind": kind.title if kind else "",
        "lines": " · ".join(notice.body.splitlines()),
    }


@needs_sign_in
def notice_open(request: PageRequest, notice_id: int) -> HttpResponse:
    """Lead to the row a notice is about, and mark it as read. By GET, since it is a link."""
    notice = actions.mark_read(actor=request.actor, notice_id=notice_id, at=timezone.now())
    where = notice.subject_model and url_of(notice.subject_model, notice.subject_id or 0)
    if where and subjects.sees(
        actor=request.actor, model=notice.subject_model, row_id=notice.subject_id or 0
    ):
        return HttpResponseRedirect(where)
    if where:
        pages.flash(request, f"“{notice.title}”说的那件已不在您的范围内", tone="wait")
    return pages.to("portal:notices")


@needs_sign_in
def read_all(request: PageRequest) -> HttpResponse:
    """全部标为已读: those that were there when the list was opened."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    text = request.POST.get("until", "")
    known = text.isdecimal() and text.isascii() and len(text) <= _DIGITS_MAX
    count = actions.mark_all_read(
        actor=request.actor, until_id=int(text) if known else 0, at=timezone.now()
    )
    pages.flash(request, f"已把 {count} 条标为已读" if count else "没有未读的通知")
    return pages.to("portal:notices")


@needs_sign_in
def wishes(request: PageRequest) -> HttpResponse:
    """通知设置: one's own channels, quiet hours and digest."""
    kept = queries.preference(request.actor)
    offered = _offered(request.actor, kept)
    form = Preferences(request.POST or None, offered=offered, initial=_initial(kept, offered))
    if request.method == "POST" and form.is_valid() and _saved(request, form, kept, offered):
        pages.flash(request, "已保存，下一条通知起生效")
        return pages.to("portal:me_notices")
    hours = queries.bureau_quiet(timezone.now())
    until = f"{hours.begin:%-H:%M}–{hours.end:%-H:%M}"
    help_text = f"起止都不填的，按本局的 {until}"
    context = {"form": form, "offered": offered, "quiet_help": help_text}
    status = 422 if form.errors else 200
    return pages.render(request, "portal/me_notices.html", context, status=status)


def _offered(actor: Actor, kept: Preference) -> dict[ChannelKind, str]:
    """The channels that are switched on, each with where it goes for this person."""
    person = org.people(Scope(person_id=actor.person_id or 0)).first()
    found = {}
    for kind, channel in queries.channels().items():
        if channel.enabled:
            where = addresses.of(kind, email=kept.email, mobile=person.mobile if person else "")
            shown = addresses.masked(where) or _missing(kind)
            found[kind] = f"{kind.label}（{'提醒 ' if kind in GROUPS and where else ''}{shown}）"
    return found


def _missing(kind: ChannelKind) -> str:
    return "没有填电子邮箱" if kind is ChannelKind.EMAIL else "名录中没有手机号"


def _initial(kept: Preference, offered: dict[ChannelKind, str]) -> dict[str, Any]:
    return {
        "email": kept.email,
        "quiet": kept.quiet,
        "quiet_from": kept.quiet_from,
        "quiet_to": kept.quiet_to,
        "digest": kept.digest,
        "channels": [kind.value for kind in offered if kind not in kept.without],
    }


def _saved(
    request: PageRequest, form: Preferences, kept: Preference, offered: dict[ChannelKind, str]
) -> bool:
    given = dict(form.cleaned_data)
    wanted = set(given.pop("channels", ()))
    # A channel that is switched off at the moment keeps what was said of it.
    without = {kind for kind in offered if kind not in wanted}
    without |= {ChannelKind(kind) for kind in kept.without} - set(offered)
    try:
        preferences.set_preferences(
            actor=request.actor, without=without, at=timezone.now(), **given
        )
    except Refused as refused:
        form.add_refusal(refused)
        return False
    return True
