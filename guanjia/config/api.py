"""The one API of the house: the same actions as the pages, and faults in one shape.

Who is signed in at the pages is signed in here; whatever changes something needs the CSRF token in
the header ``X-CSRFToken``. The description is ``/api/openapi.json``; ``/api/docs`` shows it as a
plain page, because nothing may load from outside.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import django_auth

from guanjia.domains.energy.api.partner import router as energy_partner
from guanjia.domains.energy.api.returns import router as energy
from guanjia.domains.fleet.api.partner import router as fleet_partner
from guanjia.domains.fleet.api.trips import router as fleet
from guanjia.domains.report.api import router as report
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.exchange.actions.keys import KeyRefused
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import NotAllowed
from guanjia.ui import faults, pages, unread
from guanjia.ui.acts import api as acts
from guanjia.ui.pages import public
from guanjia.ui.registers.api import router as register_router

CONFLICT, REFUSED = 409, 422

api = NinjaAPI(
    title="管家 API",
    version="1",
    description="机关事务平台的接口：与页面同一套职责、数据范围和规则。",
    auth=django_auth,
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)


def _sentence(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    detail = sentence or faults.SENTENCES[status]
    return api.create_response(request, {"detail": detail}, status=status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, fault: Refused) -> HttpResponse:
    """422 with every finding and its 依据; 409 where the act does not belong to the state."""
    body = {"detail": str(fault), "findings": [_told(finding) for finding in fault.findings]}
    status = CONFLICT if isinstance(fault, OutOfState) else REFUSED
    return api.create_response(request, body, status=status)


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "headline": finding.headline,
        "sentence": finding.sentence,
        "field": finding.field,
        "cite": _cite(finding.cite),
    }


def _cite(cite: Any) -> dict[str, Any] | None:
    if cite is None:
        return None
    return {
        "title": cite.title,
        "article": cite.article,
        "number": cite.number,
        "since": cite.since.isoformat() if cite.since else None,
        "checked_on": cite.checked_on.isoformat() if cite.checked_on else None,
        "line": cite.line(),
    }


@api.exception_handler(NotAllowed)
def not_allowed(request: HttpRequest, fault: NotAllowed) -> HttpResponse:
    """403: the duty is named."""
    return _sentence(request, 403, str(fault))


@api.exception_handler(KeyRefused)
def key_refused(request: HttpRequest, fault: KeyRefused) -> HttpResponse:
    """401, 403 or 429 of a partner system, with what is wrong with its key."""
    answer = _sentence(request, fault.status, fault.sentence)
    if fault.wait:
        answer["Retry-After"] = str(fault.wait)
    return answer


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    """401."""
    return _sentence(request, 401)


@api.exception_handler(ObjectDoesNotExist)
@api.exception_handler(Http404)
def not_found(request: HttpRequest, _: Exception) -> HttpResponse:
    """404: does not exist, or lies outside the scope; we do not say which."""
    return _sentence(request, 404)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """422 before any rule was asked: which part of what was sent cannot be read."""
    found = unread.findings(fault.errors, headline=_NOT_DONE)
    detail = _NOT_DONE + "；".join(finding.sentence for finding in found)
    body = {"detail": detail, "findings": [_told(finding) for finding in found]}
    return api.create_response(request, body, status=REFUSED)


_NOT_DONE = "没有办成："
_STALE = "没有办成：缺 X-CSRFToken，或已过期。先打开任一页面，再带上它的值。"


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, fault: HttpError) -> HttpResponse:
    """What the API library itself refuses: bad JSON, a missing CSRF token."""
    if fault.status_code == 403:  # noqa: PLR2004 — the library raises it for the token only
        return _sentence(request, 403, _STALE)
    return _sentence(request, fault.status_code if fault.status_code in faults.SENTENCES else 400)


for register in registers.all_registers():
    api.add_router(f"/registers/{register.key}", register_router(register))
api.add_router("", report)
api.add_router("/fleet", fleet)
api.add_router("/partner/v1/fleet", fleet_partner)
api.add_router("/energy", energy)
api.add_router("/partner/v1/energy", energy_partner)
# Whatever act has a page has its operation: nothing is named here.
for _department in apps.get_app_configs():
    if _acts := acts.of_addresses(f"{_department.name}.urls"):
        api.add_router(
            f"/{_department.label}", acts.router(_acts, tag=str(_department.verbose_name))
        )


def _operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "tag": (operation.get("tags") or ["其他"])[0],
                    "summary": operation.get("summary", ""),
                    "parameters": [_parameter(one) for one in operation.get("parameters", ())],
                    "body": next(iter(body), ""),
                    "fields": _fields(schema, body),
                }
            )
    return found


def _parameter(one: dict[str, Any]) -> dict[str, str]:
    shape = one.get("schema", {})
    return {
        "name": one["name"],
        "place": "地址" if one["in"] == "path" else "查询",
        "type": shape.get("format") or shape.get("type") or "",
        "title": one.get("description") or "",
    }


def _fields(schema: dict[str, Any], body: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a request body, one level deep."""
    first: dict[str, Any] = next(iter(body.values()), {})
    described: dict[str, Any] = first.get("schema", {})
    name = described.get("$ref", "").rpartition("/")[2]
    shape = schema.get("components", {}).get("schemas", {}).get(name, described)
    must = set(shape.get("required", ()))
    return [
        {
            "name": key,
            "type": field.get("format") or field.get("type") or "",
            "title": field.get("description") or "",
            "required": key in must,
        }
        for key, field in shape.get("properties", {}).items()
    ]


@public
def docs(request: HttpRequest) -> HttpResponse:
    """The description as a page; it is no secret, and neither is ``/api/openapi.json``."""
    operations = _operations(dict(api.get_openapi_schema()))
    operations.sort(key=lambda each: each["tag"])
    layout = "ui/base.html" if request.user.is_authenticated else "ui/plain.html"
    context = {"operations": operations, "title": api.title, "layout": layout}
    return pages.render(request, "portal/api.html", context)
