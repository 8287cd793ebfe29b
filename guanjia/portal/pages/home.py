"""待办, 我办过的, 我发起的."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from guanjia.kernel.audit import queries as trail
from guanjia.kernel.calendar import queries as workdays
from guanjia.kernel.values.actor import Actor
from guanjia.portal import offices, places, words
from guanjia.ui import pages, services, sides, waiting
from guanjia.ui import started as asking
from guanjia.ui.pages import PageRequest, needs_sign_in

PER_PAGE = 50
_NOON, _EVENING, _MORNING = 12, 18, 5


def greeting(at: datetime) -> str:
    """上午好, 下午好 or 晚上好."""
    hour = timezone.localtime(at).hour
    if _MORNING <= hour < _NOON:
        return "上午好"
    return "下午好" if _NOON <= hour < _EVENING else "晚上好"


def counted(request: HttpRequest) -> dict[waiting.Source, int]:
    """What waits by source, counted once per request."""
    known = getattr(request, "waiting", None)
    if known is None:
        known = waiting.counts(request.actor, timezone.now())  # type: ignore[attr-defined]  # set by the middleware
        request.waiting = known  # type: ignore[attr-defined]  # kept for the frame of the page
    return known


def todo_count(request: HttpRequest) -> int:
    """How many things wait for the person behind a request."""
    return sum(counted(request).values())


@needs_sign_in
def home(request: PageRequest) -> HttpResponse:
    """The front page: what waits, and the few facts of the day."""
    at = timezone.now()
    found = counted(request)
    kinds = waiting.tabs(found)
    kind = request.GET.get("kind", "")
    kind = kind if kind in {tab.key for tab in kinds} else ""
    todos = waiting.todos(actor=request.actor, at=at, counted=found, kind=kind)
    total = sum(tab.count for tab in kinds if kind in ("", tab.key))
    context = {
        "greeting": greeting(at),
        "today": timezone.localdate(at),
        "day": workdays.day_of(timezone.localdate(at)),
        "tabs": _tabs(kinds, kind),
        "todos": todos,
        "total": total,
        "hidden": total - len(todos),
        "together_url": _together(kinds),
        "panels": sides.panels(request.actor, at),
        "services": services.offered(request.actor, head=True),
        "offices": offices.overview(request.actor),
    }
    return pages.render(request, "portal/home.html", context)


def _together(kinds: list[waiting.Tab]) -> str:
    """Where several decisions of a kind are taken at once; ``""`` while there is but one."""
    many = any(tab.key == "decide" and tab.count > 1 for tab in kinds)
    return places.maybe("portal:approvals") if many else ""


def _tabs(kinds: list[waiting.Tab], kind: str) -> list[dict[str, Any]]:
    here = places.maybe("portal:home")
    whole = {
        "title": "全部",
        "url": here,
        "current": not kind,
        "count": sum(tab.count for tab in kinds),
    }
    return [whole] + [
        {
            "title": tab.title,
            "url": f"{here}?kind={tab.key}",
            "current": tab.key == kind,
            "count": tab.count,
        }
        for tab in kinds
    ]


def paged(request: HttpRequest, rows: Any, per_page: int = PER_PAGE) -> Page[Any]:
    """The page of a list that the address asks for; a number out of range gives the nearest."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


@needs_sign_in
def done(request: PageRequest) -> HttpResponse:
    """我办过的: one's own acts, newest first."""
    page = paged(request, trail.done_by(request.actor))
    rows = [record_row(record, request.actor, own=True) for record in page.object_list]
    return pages.render(request, "portal/done.html", {"page": page, "rows": rows})


def record_row(record: Any, actor: Actor, *, own: bool = False) -> dict[str, Any]:
    """A record of the trail as the lists show it."""
    return {
        "record": record,
        "verb": words.verb_title(record.verb),
        "type": words.type_title(record.on_type),
        "url": places.page_of(record.on_type, record.on_id, actor=actor, own=own),
    }


@needs_sign_in
def started(request: PageRequest) -> HttpResponse:
    """我发起的: one's own requests of a kind, the latest first."""
    kinds = {kind.key: kind for kind in asking.all_kinds()}
    kind = kinds.get(request.GET.get("kind", "")) or next(iter(kinds.values()))
    page = paged(request, kind.rows(request.actor.person_id) if request.actor.person_id else [])
    today, here = timezone.localdate(), places.maybe("portal:started")
    context = {
        "kind": kind,
        "page": page,
        "rows": [
            (kind.show(row, today), places.maybe(kind.url_name, row.pk)) for row in page.object_list
        ],
        "tabs": [
            {"title": each.title, "url": f"{here}?kind={each.key}", "current": each is kind}
            for each in kinds.values()
        ],
    }
    return pages.render(request, "portal/started.html", context)
