"""Pages for what went wrong: a short sentence each, and none of them needs the database.

Root urls name them as ``handler400`` … ``handler500``; the middleware uses them too.
"""

import logging
import secrets
import sys
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader

from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

log = logging.getLogger("guanjia.faults")

SENTENCES = {
    400: "没有办成：送来的内容读不懂。回到上一页再试一次。",
    401: "登录已过期，重新登录后内容还在。",
    403: "这一页要有相应的职责才能办。",
    404: "没有这一页，或不在您的范围内。",
    413: "没有收下：内容太大。分成几份，或减少附件后再送。",
    422: "没有办成：规则不允许。",
    429: "连续输错次数太多，先停 15 分钟。到时再试，或请系统管理员解锁。",
    500: "没有办成：出了没有料到的错。已经记下，报编号可查。",
    503: "没有保存：暂时连不上数据库。内容仍在本页，过一会儿再点一次。",
}


# Serialization failure, deadlock, lock not available: the act was rolled back whole.
_CROSSED = {"40001", "40P01", "55P03"}
_AGAIN = "没有保存：刚才有人同时在改。内容仍在本页，再点一次。"


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def page(
    request: HttpRequest,
    *,
    status: int,
    sentence: str = "",
    template: str = "",
    context: dict[str, object] | None = None,
) -> HttpResponse:
    """A fault page; over the API the same sentence as JSON; for HTMX also in a header."""
    sentence = sentence or SENTENCES[status]
    # Rendered without the request, so that no context processor asks a database that may be gone.
    frame = {"demo": bool(getattr(settings, "DEMO", False))}
    context = {"sentence": sentence, "status": status, "gj": frame} | (context or {})
    if _wants_json(request):
        answer: HttpResponse = JsonResponse({"detail": sentence}, status=status)
    else:
        body = loader.render_to_string(template or f"{status}.html", context)
        answer = HttpResponse(body, status=status)
    # Headers are Latin-1; the page's script decodes it and shows the line without leaving the page.
    answer["X-Guanjia-Sentence"] = quote(sentence)
    return answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 when what was sent is too large."""
    if isinstance(exception, RequestDataTooBig):
        return page(request, status=413)
    return page(request, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the duty is named."""
    if isinstance(exception, NotAllowed):
        return page(request, status=403, sentence=str(exception))
    return page(request, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 — Django's signature
    """404: does not exist, or lies outside the scope; we do not say which."""
    return page(request, status=404)


def refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    """422: a rule said no and the page did not show it in its form."""
    if _wants_json(request):
        return page(request, status=422, sentence=str(exception))
    return page(
        request, status=422, sentence=str(exception), context={"findings": exception.findings}
    )


def no_database(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """503: the database cannot be reached, or two people were in each other's way."""
    log.warning("database fault at %s: %s", request.path, exception)
    state = getattr(exception.__cause__, "sqlstate", None) if exception is not None else None
    crossed = state in _CROSSED
    answer = page(request, status=503, sentence=_AGAIN if crossed else "")
    answer["Retry-After"] = "1" if crossed else "10"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a number to quote; a lost database and bad input get their own page."""
    fault = sys.exc_info()[1]
    if isinstance(fault, (OperationalError, InterfaceError)):
        return no_database(request, fault)
    if isinstance(fault, SuspiciousOperation):
        return bad_request(request, fault)
    error_id = secrets.token_hex(4).upper()
    log.error("fault %s at %s %s", error_id, request.method, request.path, exc_info=fault)
    return page(request, status=500, context={"error_id": error_id})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 — Django's signature
    """403 after a form stood open across a sign-out, or came from elsewhere."""
    answer = page(
        request,
        status=403,
        template="ui/csrf.html",
        sentence="没有保存：这一页开得太久，或在别处重新登录过。返回上一页，刷新后再送一次。",
    )
    answer["X-Guanjia-Fault"] = "stale"  # an act kept offline waits for the next fresh page
    return answer
