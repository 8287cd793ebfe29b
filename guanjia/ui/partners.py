"""The door of partner systems: a key in the header instead of a person who is signed in.

``Authorization: Bearer gj_…``. Every call is written down, also one that is not let in; what a key
may read, from where, until when and how often is asked anew each time.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from guanjia.kernel.exchange.actions import keys
from guanjia.kernel.exchange.actions.keys import KeyRefused
from guanjia.kernel.exchange.models import ApiCall, ApiKey
from guanjia.kernel.regulations.verdict import Refused

P = ParamSpec("P")
KEY = "<key>"  # value of ``.needs`` begins so on operations that need a key; the scope follows

_NONE = "没有带接口密钥：请求头写 Authorization: Bearer 加密钥。"


class PartnerKey(HttpBearer):
    """Finds the key of a call; raises ``KeyRefused`` where there is none of ours."""

    def __call__(self, request: HttpRequest) -> ApiKey:
        """The key; also for a call without any header."""
        if not request.headers.get(self.header, "").lower().startswith(f"{self.openapi_scheme} "):
            raise KeyRefused(401, _NONE)
        return cast("ApiKey", super().__call__(request))

    def authenticate(self, _: HttpRequest, token: str) -> ApiKey:
        """See ``keys.key_of``."""
        return keys.key_of(token.strip())


class PartnerRequest(HttpRequest):
    """A call behind a key."""

    auth: ApiKey
    call: ApiCall


Operation = Callable[Concatenate[PartnerRequest, P], Any]


def needs_key(scope: str) -> Callable[[Operation[P]], Callable[..., Any]]:
    """An operation behind a key that may read ``scope``.

    The operation says how many rows it gives by ``given``; ``.needs`` tells the house tests which
    scope it is.
    """

    def door(operation: Operation[P]) -> Callable[..., Any]:
        @wraps(operation)
        def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Any:
            entered = cast("PartnerRequest", request)
            entered.call = keys.admit(
                key=entered.auth,
                scope=scope,
                address=request.META.get("REMOTE_ADDR", ""),
                query=request.META.get("QUERY_STRING", ""),
                at=timezone.now(),
            )
            try:
                return operation(entered, *args, **kwargs)
            except Refused as refused:
                keys.not_answered(call=entered.call, note=str(refused))
                raise

        opened.needs = f"{KEY}{scope}"  # type: ignore[attr-defined]  # read by the house tests
        return opened

    return door


def given(request: PartnerRequest, *, rows: int) -> None:
    """Write down how many rows the call was given."""
    keys.answered(call=request.call, rows=rows)
