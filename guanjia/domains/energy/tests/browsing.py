"""Pages of the department as somebody of the city opens them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from guanjia.domains.energy.tests.builders import City
from guanjia.ui.tests.reading import flat

BACKEND = "django.contrib.auth.backends.ModelBackend"


def visit(city: City, who: str) -> Client:
    """A browser of somebody of the city."""
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


def seen(city: City, who: str, name: str, /, *args: Any, **query: Any) -> str:
    """What the page shows them; it has to open."""
    answer = visit(city, who).get(reverse(f"energy:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    text = flat(answer.content)
    return text[text.index("<main") :]


def post(city: City, who: str, name: str, /, *args: Any, **data: Any) -> Any:
    """What comes of sending a form."""
    return visit(city, who).post(reverse(f"energy:{name}", args=args), data)
