"""Accounts and duties: the system administrator opens, the security administrator grants."""

import secrets
from typing import Any

from axes.utils import reset as forgive
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from guanjia.kernel.access import actions, duties, queries
from guanjia.kernel.org import queries as org
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Reach, Scope
from guanjia.portal import forms
from guanjia.portal.pages.home import paged
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

_WORDS_MAX = 60


@needs("access.account.see")
def accounts(request: PageRequest) -> HttpResponse:
    """The accounts inside the scope with the duties they hold today."""
    rows = queries.accounts(request.scope)
    words = request.GET.get("q", "").replace("\0", "").strip()[:_WORDS_MAX]
    if words:
        rows = rows.filter(_holds(words))
    if request.GET.get("state") == "off":
        rows = rows.filter(is_active=False)
    page = paged(request, rows)
    held = queries.duties_by_account(
        account_ids=[account.pk for account in page.object_list], on=timezone.localdate()
    )
    found = [{"account": a, "duties": "、".join(held.get(a.pk, ()))} for a in page.object_list]
    context = {
        "page": page,
        "rows": found,
        "q": words,
        "off": request.GET.get("state") == "off",
        "opens": request.actor.can("access.account.open"),
    }
    return pages.render(request, "portal/accounts.html", context)


def _holds(words: str) -> Q:
    return (
        Q(username__icontains=words)
        | Q(name__icontains=words)
        | Q(person__number__istartswith=words)
        | Q(person__unit__name__icontains=words)
    )


@needs("access.account.see")
def account(request: PageRequest, account_id: int) -> HttpResponse:
    """One account: who it is, and every duty it has or had."""
    return _shown(request, account_id)


def _shown(
    request: PageRequest,
    account_id: int,
    *,
    form: forms.Give | None = None,
    password: str = "",
) -> HttpResponse:
    found = queries.accounts(request.actor.scope("access.account.see")).get(pk=account_id)
    today = timezone.localdate()
    gives = request.actor.can("access.duty.grant") and found.pk != request.actor.account_id
    context = {
        "account": found,
        "grants": [_grant(grant, today) for grant in queries.grants_of(account_id=account_id)],
        "form": (form or _give_form(found, today)) if gives else None,
        "gives": gives,
        "units": _units(request.actor.scope("access.duty.grant")) if gives else (),
        "opens": request.actor.can("access.account.open"),
        "own": found.pk == request.actor.account_id,
        "password": password,
    }
    return pages.render(request, "portal/account.html", context)


def _give_form(account: Any, today: Any) -> forms.Give:
    unit = account.person.unit.code if account.person else ""
    return forms.Give(initial={"since": today, "unit": unit, "reach": Reach.BELOW})


def _units(scope: Scope) -> Any:
    return org.units(scope).open().values_list("code", "short_name")


def _grant(grant: Any, today: Any) -> dict[str, Any]:
    duty = duties.get(grant.duty)
    return {
        "grant": grant,
        "title": duty.title if duty else grant.duty,
        "in_force": grant.since <= today and (grant.until is None or grant.until > today),
    }


@needs("access.account.open")
def open_account(request: PageRequest) -> HttpResponse:
    """Open an account; its first password is shown once."""
    form = forms.OpenAccount(request.POST or None, initial={"person": request.GET.get("person")})
    if form.is_valid():
        given = form.cleaned_data
        person = org.people(request.scope).filter(number=given["person"] or "").first()
        password = secrets.token_urlsafe(9)
        if given["person"] and person is None:
            form.add_error("person", f"人员名录中没有 {given['person']}，或不在您的范围内")
        else:
            try:
                made = actions.open_account(
                    actor=request.actor, username=given["username"], name=given["name"],
                    person_id=person.pk if person else None, password=password, at=timezone.now(),
                )  # fmt: skip
            except Refused as refused:
                form.add_refusal(refused)
            else:
                return _shown(request, made.pk, password=password)
    return pages.render(request, "portal/open_account.html", {"form": form})


def _posted(request: HttpRequest) -> HttpResponse | None:
    return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


@needs("access.account.open")
def set_active(request: PageRequest, account_id: int) -> HttpResponse:
    """Suspend an account, or let it in again."""
    if wrong := _posted(request):
        return wrong
    active = request.POST.get("active") == "1"
    found = actions.set_active(
        actor=request.actor, account_id=account_id, active=active, at=timezone.now()
    )
    if not active:
        actions.end_sessions(account_id)
    pages.flash(request, f"{found.name}的账号{'已恢复' if active else '已停用，登录都已退出'}")
    return pages.to("portal:account", account_id)


@needs("access.account.open")
def reset_password(request: PageRequest, account_id: int) -> HttpResponse:
    """Give a new first password, shown once; also lifts a lock after wrong passwords."""
    if wrong := _posted(request):
        return wrong
    password = actions.reset_password(actor=request.actor, account_id=account_id, at=timezone.now())
    found = queries.accounts(request.scope).get(pk=account_id)
    forgive(username=found.username)
    return _shown(request, account_id, password=password)


@needs("access.duty.grant")
def grant(request: PageRequest, account_id: int) -> HttpResponse:
    """Give a duty; acts on the account's next request."""
    if wrong := _posted(request):
        return wrong
    queries.accounts(request.scope).get(pk=account_id)
    form = forms.Give(request.POST)
    unit = _unit_of(form, request.scope) if form.is_valid() else None
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.grant(
                actor=request.actor, account_id=account_id, duty=given["duty"],
                reach=Reach(given["reach"]), unit_id=unit.pk if unit else None,
                since=given["since"], at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            given_to = f"{made.account.name}的下一步操作起生效"
            pages.flash(request, f"已授予{_title(made.duty)}，{given_to}")
            return pages.to("portal:account", account_id)
    return _shown(request, account_id, form=form)


def _unit_of(form: forms.Give, scope: Scope) -> Any:
    """The unit the reach hangs on, ``None`` where it needs none; an unknown one is a fault."""
    given = form.cleaned_data
    if given["reach"] not in (Reach.UNIT, Reach.BELOW) or not given["unit"]:
        return None
    unit = org.units(scope).open().filter(code=given["unit"]).first()
    if unit is None:
        form.add_error("unit", f"单位名录中没有 {given['unit']}，或不在您的范围内")
    return unit


def _title(key: str) -> str:
    duty = duties.get(key)
    return duty.title if duty else key


@needs("access.duty.grant")
def revoke(request: PageRequest, account_id: int, grant_id: int) -> HttpResponse:
    """Take a duty back; acts on the account's next request."""
    if wrong := _posted(request):
        return wrong
    now = timezone.now()
    taken = actions.revoke(
        actor=request.actor, grant_id=grant_id, until=timezone.localdate(now), at=now
    )
    pages.flash(request, f"已收回{_title(taken.duty)}，{taken.account.name}的下一步操作起生效")
    return pages.to("portal:account", account_id)
