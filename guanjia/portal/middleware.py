"""Sessions: the actor behind each request, the idle limit, the first password."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone

from guanjia.kernel.access import queries as access
from guanjia.portal import looking
from guanjia.ui import faults

_SEEN = "seen"
_LEFT = (
    "已退出登录：您已登记 {:%Y-%m-%d} 离职，账号不能再用。"
    "登记错了的，请本单位报机构人员管理员撤销。"
)
_TOUCH = timedelta(minutes=1)  # the session is written at most this often


class SessionMiddleware:
    """Puts ``request.actor`` there, ends idle sessions and those of who left, and insists on a new
    first password.

    Duties are read for every request, so that a change acts on the next one.
    """

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or send it to the sign-in or password page."""
        if request.path.startswith(settings.STATIC_URL) or not request.user.is_authenticated:
            return self._following(request)
        now = timezone.now()
        seen = request.session.get(_SEEN)
        limit = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
        if seen is not None and now.timestamp() - seen > limit.total_seconds():
            auth.logout(request)
            return self._following(request)
        # A page that asks by itself is nobody working.
        polled = seen is not None and "X-Guanjia-Poll" in request.headers
        if seen is None or (now.timestamp() - seen > _TOUCH.total_seconds() and not polled):
            request.session[_SEEN] = now.timestamp()
        account = request.user
        request.actor = access.actor_of(  # type: ignore[attr-defined]  # what every page reads
            account=account,
            on=timezone.localdate(),
            address=request.META.get("REMOTE_ADDR", ""),
        )
        if (gone := request.actor.left_on) is not None:  # type: ignore[attr-defined]  # as above
            auth.logout(request)
            del request.actor  # type: ignore[attr-defined]  # nobody is signed in any more
            return faults.page(request, status=403, sentence=_LEFT.format(gone))
        password = resolve_url("portal:password")
        allowed = (password, resolve_url("portal:sign_out"))
        if getattr(account, "must_change_password", False) and request.path not in allowed:
            if request.path.startswith("/api/"):
                return faults.page(request, status=403, sentence="没有办成：先到页面上换密码。")
            return redirect(password)
        return self._following(request)


class LookMiddleware:
    """Writes down what people from outside looked at, before they get to see it.

    A look that could not be written is not answered: the fault is the page's.
    """

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and leave the trace of it."""
        response = self._following(request)
        looking.record(request, response, at=timezone.now())
        return response
