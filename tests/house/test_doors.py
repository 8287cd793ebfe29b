"""Every page and operation keeps its door: true for those that are not written yet."""

import json
import re
from collections import Counter
from functools import cached_property
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from guanjia.config.api import api
from guanjia.kernel.exchange import scopes
from guanjia.ui.pages import SIGN_IN
from tests.house import samples
from tests.house.asking import each
from tests.house.routes import Operation, Route, every_operation, every_route, walked_routes
from tests.house.samples import House

ROUTES = every_route()
OPERATIONS = every_operation()
FINE = {200, 204, 302, 400, 409, 422}  # an empty form may be refused, never with a fault
ABSENT = 2_000_000_000

pytestmark = pytest.mark.django_db


def values_of(house: House, name: str, kwargs: tuple[str, ...], needs: str) -> dict[str, Any]:
    """What stands in the address: an object that exists for every name."""
    return {kwarg: samples.sample(name, kwarg).make(house, name, needs) for kwarg in kwargs}


def is_scoped(name: str, kwargs: tuple[str, ...]) -> bool:
    return any(samples.sample(name, kwarg).scoped for kwarg in kwargs)


def leads_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/sign-in/")


def test_no_two_pages_have_one_address() -> None:
    """The later of two is never reached."""
    addresses = Counter(re.sub(r"<(\w+):\w+>", r"<\1>", route.pattern) for route in ROUTES)
    assert [address for address, times in addresses.items() if times > 1] == []


# ── pages ───────────────────────────────────────────────────────────────────────────────


class Walk:
    """A walk to one page; opens it by GET, or by POST where it takes only that."""

    def __init__(self, house: House, route: Route) -> None:
        self.house, self.route = house, route
        self.values = values_of(house, route.name, route.kwargs, route.needs)
        self.rightful = samples.RIGHTFUL.get(route.name, "rightful")

    @cached_property
    def got(self) -> HttpResponse:
        """What the rightful visitor finds there by GET."""
        return self.open(self.rightful, method="get")

    @property
    def method(self) -> str:
        """How the page is opened."""
        return "post" if self.got.status_code == 405 else "get"

    def open(self, who: str, *, method: str = "", **values: Any) -> HttpResponse:
        """The page as a visitor finds it."""
        chosen = method or self.method
        where = self.route.address(**{**self.values, **values})
        body = samples.BODIES.get(self.route.name) if chosen == "post" else None
        data = body(self.house) if body else samples.QUERY.get(self.route.name)
        client = self.house.visitor(self.route.needs, who)
        # As a browser asks.
        answer: HttpResponse = getattr(client, chosen)(where, data, headers={"Accept": "text/html"})
        return answer


@each(ROUTES, name=str)
def test_every_page_has_a_door(route: Route) -> None:
    assert route.needs, f"{route} needs @needs(verb), @needs_sign_in or @public"
    assert not getattr(route.view, "csrf_exempt", False), "every form is guarded"
    assert "<" not in route.name, "every page has a name"


@pytest.mark.parametrize("route", walked_routes(), ids=str)
def test_every_page_keeps_its_door(house: House, route: Route) -> None:
    """One walk to each page, judged by all laws: who is let in, and what is said to whom."""
    walk = Walk(house, route)
    nobody = walk.open("nobody")
    if route.is_public:
        assert nobody.status_code in FINE
        return
    assert leads_to_sign_in(nobody), "a page must ask who you are"
    if route.has_duty:
        assert walk.open("without").status_code == 403, "the duty is missing"
        if is_scoped(route.name, route.kwargs):
            other = walk.open("other").status_code
            assert other == 404, "outside the scope: it does not exist"
            if walk.method == "get":
                posted = walk.open("other", method="post").status_code
                assert posted in {404, 405}, "nor can it be changed"
    numbers = {name: ABSENT for name, value in walk.values.items() if isinstance(value, int)}
    if numbers:
        absent = walk.open(walk.rightful, **numbers).status_code
        assert absent == 404, "nothing has this id"
    if walk.method == "get":
        # The sample may stand in a state to which an act does not belong: its page says so.
        shown = {200, 302, 409} if hasattr(route.view, "act") else {200, 302}
        assert walk.got.status_code in shown
        assert not leads_to_sign_in(walk.got)
    sent = walk.open(walk.rightful, method="post")
    assert sent.status_code in FINE | ({405} if walk.method == "get" else set())
    if walk.method == "post":
        assert leads_to_sign_in(sent) == (route.name == "portal:sign_out")
    an_empty_form_is_answered_in_words(sent)


def an_empty_form_is_answered_in_words(answer: HttpResponse) -> None:
    if answer.get("Content-Type", "").startswith("text/html"):
        text = answer.content.decode()
        assert "This field is required" not in text
        assert "Traceback" not in text


# ── the API ─────────────────────────────────────────────────────────────────────────────


DESCRIPTION: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))


def example_of(operation: Operation) -> dict[str, Any]:
    """The body that the description gives as an example; empty where it gives none."""
    described = {
        re.sub(r"{\w+:", "{", path): methods for path, methods in DESCRIPTION["paths"].items()
    }
    methods = described[re.sub(r"{\w+:", "{", operation.path)]
    content = methods[operation.method.lower()].get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    examples = DESCRIPTION["components"]["schemas"].get(name, {}).get("examples") or [{}]
    return dict(examples[0])


def call(
    house: House, operation: Operation, who: str, body: dict[str, Any] | None = None
) -> HttpResponse:
    """An operation, with an empty body unless one is given."""
    where = operation.path
    for kwarg, value in values_of(house, str(operation), operation.kwargs, operation.needs).items():
        where = re.sub(rf"{{(\w+:)?{kwarg}}}", str(value), where)
    client = house.visitor(operation.needs, who)
    if operation.method == "GET":
        return client.get(where, samples.QUERY.get(str(operation)))
    send: Any = getattr(client, operation.method.lower())
    answer: HttpResponse = send(where, body or {}, content_type="application/json")
    return answer


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.key_scope], ids=str)
def test_an_operation_for_partners_opens_to_a_key_alone(house: House, operation: Operation) -> None:
    """Partner systems are nobody's account: who is signed in is as unknown as a stranger."""
    if scopes.get(operation.key_scope).writes:
        an_operation_that_partners_write_by(house, operation)
        return
    assert operation.method == "GET", "partners read"
    assert not operation.kwargs, "what they read is asked for in the query"
    for who in ("nobody", "rightful"):
        answer = house.visitor(SIGN_IN, who).get(operation.path)
        assert answer.status_code == 401, "an operation must ask for a key"
        assert answer["Content-Type"].startswith("application/json")
    assert house.partner(operation.key_scope, right=False).get(operation.path).status_code == 403
    opened = house.partner(operation.key_scope).get(operation.path)
    assert opened.status_code == 200, opened.content.decode("utf-8", "replace")[:500]
    unreadable = house.partner(operation.key_scope).get(operation.path, {"cursor": "x"})
    assert unreadable.status_code == 422


def an_operation_that_partners_write_by(house: House, operation: Operation) -> None:
    """What they tell is asked for after the key was let in, and an empty body is told so."""

    def send(client: Client) -> HttpResponse:
        return client.post(operation.path, {}, content_type="application/json")

    for who in ("nobody", "rightful"):
        assert send(house.visitor(SIGN_IN, who)).status_code == 401, "it must ask for a key"
    assert send(house.partner(operation.key_scope, right=False)).status_code == 403
    empty = send(house.partner(operation.key_scope))
    assert empty.status_code == 422
    assert empty.json()["findings"]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if not o.key_scope], ids=str)
def test_every_operation_keeps_its_door(house: House, operation: Operation) -> None:
    assert operation.needs, f"{operation} needs @needs(verb) or @needs_sign_in"
    # What is sent is read before the door is reached, so it must be readable: the example of the
    # description; only files and forms have none and may be unreadable (422).
    body = example_of(operation)
    unread = set() if operation.method == "GET" or body else {422}
    nobody = call(house, operation, "nobody")
    assert nobody.status_code == 401, "an operation must ask who you are"
    assert nobody["Content-Type"].startswith("application/json")
    if operation.has_duty:
        assert call(house, operation, "without", body).status_code in {403} | unread
        if is_scoped(str(operation), operation.kwargs):
            # A change may need a duty of its own beyond looking.
            absent = {404} if operation.method == "GET" else {403, 404} | unread
            assert call(house, operation, "other", body).status_code in absent
    who = samples.RIGHTFUL.get(str(operation), "rightful")
    answer = call(house, operation, who)
    wanted = {200} if operation.method == "GET" else FINE
    assert answer.status_code in wanted, answer.content.decode("utf-8", "replace")[:500]
