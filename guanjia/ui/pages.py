"""What page functions are made of: doors, redirects, the result line, HTMX-aware rendering."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as django_render
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from guanjia.kernel.access import duties
from guanjia.kernel.access import queries as access
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import faults

P = ParamSpec("P")

SIGN_IN = "<signed in>"  # value of ``.needs`` on pages that need a sign-in and no duty
PUBLIC = "<public>"  # value of ``.needs`` on pages that anybody may open


class PageRequest(HttpRequest):
    """A request behind a door: who asks, and where they may look for the verb of this page."""

    actor: Actor
    scope: Scope
    verb: str  # what the door asked for; "" where a sign-in is enough


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How many rows an answer shows or takes out, and of which register (its key)."""

    rows: int
    register: str = ""
    exported: bool = False


# A page gives a response; an operation of the API gives data that its library turns into one.
Page = Callable[Concatenate[PageRequest, P], Any]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def _actor(request: HttpRequest) -> Actor | None:
    """The actor behind the session, read anew so that changed duties act on the next request."""
    if (actor := getattr(request, "actor", None)) is not None:
        return cast("Actor", actor)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    address = request.META.get("REMOTE_ADDR", "")
    return access.actor_of(account=user, on=timezone.localdate(), address=address)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page and back here afterwards; HTMX leaves the page by its header."""
    wants_page = "text/html" in request.headers.get("Accept", "")  # the API's own description
    if request.path.startswith("/api/") and not wants_page:
        return faults.page(request, status=401)
    if request.headers.get("HX-Request"):
        here = urlsplit(request.headers.get("HX-Current-URL", "/"))
        back = here.path + (f"?{here.query}" if here.query else "")
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
        return answer
    back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    target = resolve_url(settings.LOGIN_URL)
    return HttpResponseRedirect(target if back == "/" else f"{target}?{urlencode({'next': back})}")


def needs(verb: str) -> Callable[[Page[P]], View[P]]:
    """A page behind a duty: without sign-in to the sign-in page, without the duty 403.

    Sets ``request.actor`` and ``request.scope`` (where this verb may be used); ``.needs`` tells the
    house tests which verb it is.
    """
    return needs_one(verb)


def needs_one(verb: str, *others: str) -> Callable[[Page[P]], View[P]]:
    """A page behind any one of several duties; the first of them is the one a refusal names.

    ``request.scope`` is that of the first verb which the actor has.
    """

    def door(page: Page[P]) -> View[P]:
        @wraps(page)
        def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            actor = _actor(request)
            if actor is None:
                return to_sign_in(request)
            entered = cast("PageRequest", request)
            entered.actor = actor
            entered.verb = next((one for one in (verb, *others) if actor.can(one)), verb)
            actor.must(entered.verb, title=duties.title_of(verb))
            entered.scope = actor.scope(entered.verb)
            return page(entered, *args, **kwargs)

        opened.needs = verb  # type: ignore[attr-defined]  # read by the house tests
        opened.opens_to = (verb, *others)  # type: ignore[attr-defined]  # likewise
        return cast("View[P]", opened)

    return door


def needs_sign_in(page: Page[P]) -> View[P]:
    """A page for everybody signed in; ``request.scope`` lets in nothing but one's own rows."""

    @wraps(page)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = _actor(request)
        if actor is None:
            return to_sign_in(request)
        entered = cast("PageRequest", request)
        entered.actor = actor
        entered.verb = ""
        entered.scope = Scope(person_id=actor.person_id)
        return page(entered, *args, **kwargs)

    opened.needs = SIGN_IN  # type: ignore[attr-defined]  # read by the house tests
    return cast("View[P]", opened)


def public(page: View[P]) -> View[P]:
    """Mark a page that anybody may open (sign-in, health)."""
    page.needs = PUBLIC  # type: ignore[attr-defined]  # read by the house tests
    return page


def to(name: str, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """Redirect to a url name: ``to("space:form", form_id)``. Also right after an HTMX post."""
    return HttpResponseRedirect(reverse(name, args=args, kwargs=kwargs))


def back(request: HttpRequest, default: str) -> HttpResponseRedirect:
    """Redirect to ``next`` of the form or address when it leads here, else to ``default``."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else default)


def flash(request: HttpRequest, sentence: str, *, tone: str = "done") -> None:
    """The result of an act, shown in one line on the next page: ``已派 赣H8P515，等汪杰出车``."""
    messages.add_message(request, messages.INFO, sentence, extra_tags=tone)


def tell_shown(
    request: HttpRequest, *, rows: int, register: str = "", exported: bool = False
) -> None:
    """Say how many rows the answer shows: it is kept where looks are recorded."""
    request.shown = Shown(rows=rows, register=register, exported=exported)  # type: ignore[attr-defined]  # read by whoever records looks


def asked_by_htmx(request: HttpRequest) -> bool:
    """Whether HTMX wants a fragment (and not a whole page for its history)."""
    return bool(
        request.headers.get("HX-Request")
        and not request.headers.get("HX-History-Restore-Request")
        and not request.headers.get("HX-Boosted")
    )


def render(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the page, or only ``part`` (a template) when HTMX asks for it."""
    chosen = part if part and asked_by_htmx(request) else template
    response = django_render(request, chosen, context, status=status)
    if part:
        patch_vary_headers(response, ["HX-Request"])
    return response
