"""Behind a reverse proxy: whose request it is.

``GUANJIA_PROXIES`` names the proxies that may speak for others (addresses or networks, separated by
commas). Only what they say in ``X-Forwarded-For`` and ``X-Forwarded-Proto`` is believed; from
anybody else these headers mean nothing.
"""

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOPS_MAX = 20


def networks(text: str) -> tuple[Network, ...]:
    """The networks named in a setting; ``ValueError`` for what is none."""
    return tuple(
        ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()
    )


def client_of(*, peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The address of whoever asked: the last one in the chain that is no trusted proxy.

    ``peer``: who is connected; ``forwarded``: the value of ``X-Forwarded-For``. A link of the
    chain that is no address ends it: what stands before it may be anybody's invention.
    """
    client = peer
    for link in reversed(forwarded.split(",")[-_HOPS_MAX:]):
        if not _inside(client, trusted):
            break
        try:
            client = str(ipaddress.ip_address(link.strip()))
        except ValueError:
            break
    return client


def _inside(address: str, trusted: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted)


class ProxyMiddleware:
    """Sets ``REMOTE_ADDR`` and the scheme to the client's, when a trusted proxy speaks for it."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self._following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request as the client's own."""
        trusted: Sequence[Network] = settings.TRUSTED_PROXIES
        peer = request.META.get("REMOTE_ADDR", "")
        if trusted and _inside(peer, trusted):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = client_of(peer=peer, forwarded=forwarded, trusted=trusted)
            if request.META.get("HTTP_X_FORWARDED_PROTO", "").strip() == "https":
                request.META["wsgi.url_scheme"] = "https"
        return self._following(request)
