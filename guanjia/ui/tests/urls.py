"""Addresses for the tests of the furniture, without the rest of the house."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def blank(request: HttpRequest, **_: int) -> HttpResponse:
    """Nothing to see."""
    return HttpResponse("")


def _space(name: str, *pages: str) -> tuple[list[object], str]:
    return [path(f"{page}/", blank, name=page) for page in pages], name


urlpatterns = [
    path("", include(_space("portal", "home", "me", "search", "sign_out"))),
    path("halls/", include(_space("halls", "board", "list", "detail", "free", "open"))),
    path("report/", include(_space("report", "show"))),
]
