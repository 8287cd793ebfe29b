"""接口密钥: what partner systems may read, and what they read."""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.actions import network as actions
from guanjia.domains.fleet.acts.keys import ACTS
from guanjia.domains.fleet.exchange.catalogue import SCOPE_KEYS
from guanjia.domains.fleet.forms import network as forms
from guanjia.domains.fleet.pages.network import KEEP, PER_PAGE, SEE, everywhere, looked
from guanjia.kernel.exchange import queries, scopes
from guanjia.kernel.exchange.models import ApiCall, ApiKey
from guanjia.kernel.exchange.terms import CALL_LIFE, CallState
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

CALLS_SHOWN = 20
YEAR = timedelta(days=365)


def _standing(key: ApiKey, today: date) -> dict[str, str]:
    """Whether a key opens anything today, in a word with its looks."""
    if key.revoked_at is not None:
        return {"tone": "idle", "icon": "ban", "word": "已停用"}
    if today > key.until:
        return {"tone": "idle", "icon": "calendar-x", "word": "已到期"}
    if today < key.since:
        return {"tone": "wait", "icon": "clock", "word": "未到启用日"}
    if today + timedelta(days=30) > key.until:
        return {"tone": "wait", "icon": "calendar-due", "word": "将到期"}
    return {"tone": "done", "icon": "circle-check", "word": "可用"}


def _titles(key: ApiKey) -> list[str]:
    known = [scopes.get(scope) for scope in key.scopes]
    return [one.title if one else text for one, text in zip(known, key.scopes, strict=True)]


def _call_row(call: ApiCall) -> dict[str, Any]:
    scope = scopes.get(call.scope)
    return {
        "call": call,
        **looked(CALL_LIFE, call.state),
        "title": scope.title if scope else call.scope,
    }


@needs(SEE)
def keys(request: PageRequest) -> HttpResponse:
    """Every key: whose, what for, until when, how much it was used."""
    everywhere(request)
    today = timezone.localdate()
    page = Paginator(queries.keys(of=SCOPE_KEYS), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"key": key, "titles": _titles(key), **_standing(key, today)} for key in page.object_list
    ]
    context = {"page": page, "rows": rows, "may": request.actor.can(KEEP)}
    return pages.render(request, "fleet/network_keys.html", context)


@needs(KEEP)
def key_make(request: PageRequest) -> HttpResponse:
    """Give a partner a key; its text is shown on the answer to this very form and never again."""
    everywhere(request)
    today = timezone.localdate()
    form = forms.Key(
        request.POST if request.method == "POST" else None,
        initial={"since": today, "until": today + YEAR, "per_minute": 60},
    )
    if form.is_bound and form.is_valid():
        given = dict(form.cleaned_data)
        given["networks"] = given["networks"].replace("，", "\n").replace(",", "\n").splitlines()
        try:
            key, text = actions.make_key(actor=request.actor, at=timezone.now(), **given)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            answer = _key_page(request, key, text=text)
            answer["Cache-Control"] = "no-store"
            return answer
    status = 422 if form.errors else 200
    return pages.render(request, "fleet/network_key_make.html", {"form": form}, status=status)


@needs(SEE)
def key(request: PageRequest, key_id: int) -> HttpResponse:
    """One key: what it may read, and its last calls."""
    everywhere(request)
    return _key_page(request, queries.given(of=SCOPE_KEYS).get(pk=key_id))


def _key_page(request: PageRequest, key: ApiKey, *, text: str = "") -> HttpResponse:
    calls = queries.calls(of=SCOPE_KEYS).filter(key=key)
    answered = calls.filter(state=CallState.ANSWERED)
    context = {
        "key": key,
        "text": text,
        "titles": _titles(key),
        **_standing(key, timezone.localdate()),
        "used": answered.count(),
        "given": answered.order_by().aggregate(n=Sum("rows"))["n"] or 0,
        "refused": calls.filter(state=CallState.REFUSED).count(),
        "calls": [_call_row(call) for call in calls[:CALLS_SHOWN]],
        "acts": [act for act in ACTS if act.may(request.actor, key)],
    }
    return pages.render(request, "fleet/network_key.html", context)


@needs(SEE)
def calls(request: PageRequest) -> HttpResponse:
    """Every call of every partner."""
    everywhere(request)
    form = forms.CallFilter(request.GET)
    given = form.given()
    rows = queries.calls(of=SCOPE_KEYS).filter(**given)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [_call_row(call) for call in page.object_list],
        "narrowed": bool(given),
        "key": queries.given(of=SCOPE_KEYS).filter(pk=given.get("key") or 0).first(),
    }
    return pages.render(request, "fleet/network_calls.html", context)
