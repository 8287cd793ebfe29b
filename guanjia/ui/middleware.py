"""Turns what the kernel raises into pages, and puts the security headers on every answer."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse

from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed
from guanjia.ui import faults

# Everything comes from this server. Style attributes place bars on a time line; nothing else is
# inline.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_ANSWERS: list[tuple[tuple[type[Exception], ...], Callable[..., HttpResponse]]] = [
    ((NotAllowed, PermissionDenied), faults.forbidden),
    ((ObjectDoesNotExist, Http404), faults.not_found),
    ((Refused,), faults.refused),
    ((OperationalError, InterfaceError), faults.no_database),
    ((RequestDataTooBig,), faults.bad_request),
]


def _has_nul(request: HttpRequest) -> bool:
    return any("\0" in text for _, texts in request.POST.lists() for text in texts)


class FaultMiddleware:
    """One place where exceptions of pages become sentences."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with headers."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(), microphone=()")
        # What is behind a sign-in must not lie in a cache, nor come back with the back button.
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for an exception no page handled; ``None`` leaves it to handler500."""
        # A number in the address that no column can hold names nothing.
        if isinstance(exception, DataError) and request.method == "GET":
            return faults.not_found(request, exception)
        # A NUL stands in no column; nobody types one.
        if isinstance(exception, DataError) and _has_nul(request):
            return faults.bad_request(request, exception)
        for kinds, answer in _ANSWERS:
            if isinstance(exception, kinds):
                return answer(request, exception)
        return None
