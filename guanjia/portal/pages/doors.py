"""Sign-in, sign-out, password, health."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils import timezone

from guanjia.kernel.access import actions as access
from guanjia.kernel.access import queries as access_queries
from guanjia.kernel.regulations.verdict import Refused
from guanjia.portal import forms, places
from guanjia.ui import faults, formats, pages
from guanjia.ui.pages import PageRequest, needs_sign_in, public

_samples: list[Callable[[], tuple[Sequence[Any], str]]] = []


def show_samples(accounts: Callable[[], tuple[Sequence[Any], str]]) -> None:
    """Say which accounts the sign-in page of a demo offers, with their one password."""
    _samples[:] = [accounts]


@public
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door: user name and password; a demo shows its accounts beside it."""
    if request.user.is_authenticated:
        return pages.back(request, "/")
    form = forms.SignIn(request.POST or None)
    if form.is_valid():
        account: Any = auth.authenticate(request, **form.cleaned_data)
        gone = account and access_queries.left_on(account=account, on=timezone.localdate())
        if gone:
            form.add_error(None, left_words(gone))
        elif account is not None:
            auth.login(request, account)
            _traced(request, account, "access.signed_in")
            return pages.back(request, "/")
        else:
            form.add_error(None, "没有登录：用户名或密码不对，或账号已停用。再输一次。")
    accounts, password = _samples[0]() if settings.DEMO and _samples else ((), "")
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "demo_accounts": accounts,
        "demo_password": password,
    }
    return pages.render(request, "ui/login.html", context, status=200)


def left_words(left_on: date) -> str:
    """Why the door stays shut for somebody who left; only said to whoever knew the password."""
    day = formats.day(left_on, style="full")
    return f"没有登录：您已登记{day}离职，账号不能再用。登记错了的，请本单位报机构人员管理员撤销。"


def _traced(request: HttpRequest, account: Any, verb: str) -> None:
    address = request.META.get("REMOTE_ADDR", "")
    access.record_door(account=account, address=address, verb=verb, at=timezone.now())


@needs_sign_in
def sign_out(request: PageRequest) -> HttpResponse:
    """Leave; only by POST, so that no link can do it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    _traced(request, request.user, "access.signed_out")
    auth.logout(request)
    return redirect(settings.LOGIN_URL)


@needs_sign_in
def password(request: PageRequest) -> HttpResponse:
    """Change one's own password; other sessions of the account end with the old one."""
    forced = bool(getattr(request.user, "must_change_password", False))
    form = forms.Password(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            account = access.change_password(
                actor=request.actor, old=given["old"], new=given["new"], at=timezone.now()
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            auth.update_session_auth_hash(request, account)
            pages.flash(request, "密码已改，别处的登录都已退出")
            return pages.back(request, places.maybe("portal:home" if forced else "portal:me"))
    return pages.render(request, "ui/password.html", {"form": form, "forced": forced})


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """After too many wrong passwords: until when the door stays shut."""
    cool = get_cool_off(request)
    until = formats.clock(timezone.now() + cool) if cool else ""
    times = settings.AXES_FAILURE_LIMIT
    sentence = f"连续输错 {times} 次，{until} 后再试，或请系统管理员重设密码。"
    return faults.page(request, status=429, sentence=sentence)


@public
def health(_: HttpRequest) -> HttpResponse:
    """Whether this process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@public
def favicon(_: HttpRequest) -> HttpResponse:
    """Where browsers look for the icon of answers that are no pages."""
    return redirect(static("ui/icon.svg"))
