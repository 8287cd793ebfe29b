"""Who is believed when a proxy speaks for somebody else."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from guanjia.ui import proxies

PROXY = proxies.networks("10.0.0.1, 10.1.0.0/16")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.9", "198.51.100.7", "192.0.2.9"),  # no proxy of ours: nothing is believed
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1, 198.51.100.7", "198.51.100.7"),  # the first is an invention
        ("10.0.0.1", "198.51.100.7, 10.1.2.3", "198.51.100.7"),  # through two proxies
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, <script>", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("", "198.51.100.7", ""),
    ],
)
def test_only_a_trusted_proxy_speaks_for_others(peer: str, forwarded: str, client: str) -> None:
    assert proxies.client_of(peer=peer, forwarded=forwarded, trusted=PROXY) == client


def seen(**headers: str) -> tuple[str, bool]:
    """Address and safety of a request as the pages see them."""
    found: list[tuple[str, bool]] = []

    def page(request: HttpRequest) -> HttpResponse:
        found.append((request.META["REMOTE_ADDR"], request.is_secure()))
        return HttpResponse()

    proxies.ProxyMiddleware(page)(RequestFactory().get("/", **headers))  # type: ignore[arg-type]
    return found[0]


def test_the_pages_see_the_client_behind_the_proxy() -> None:
    headers = {
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_X_FORWARDED_FOR": "198.51.100.7",
        "HTTP_X_FORWARDED_PROTO": "https",
    }
    with override_settings(TRUSTED_PROXIES=PROXY):
        assert seen(**headers) == ("198.51.100.7", True)
        assert seen(**headers | {"REMOTE_ADDR": "192.0.2.9"}) == ("192.0.2.9", False)
    with override_settings(TRUSTED_PROXIES=()):
        assert seen(**headers) == ("10.0.0.1", False)


def test_a_setting_that_names_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"proxy\.example"):
        proxies.networks("proxy.example")
