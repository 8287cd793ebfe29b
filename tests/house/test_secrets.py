"""Secret cars stay at home: true for pages, sheets and calls that are not written yet.

Every page, every export and every operation is opened as each of the people from outside, in a
house in which every car is secret, with all that the departments put on them. Nothing that names
one of them, a journey or a paper of theirs is shown.
"""

import io
import re
import zipfile

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from guanjia.config import testing_grounds
from guanjia.domains.fleet.actions import secrecy
from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.tests.builders import AT, BUS, HOUR
from guanjia.kernel.access import duties
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.vouchers.models import Voucher
from guanjia.ui.registers import addresses
from tests.house import samples
from tests.house.routes import Operation, Route, every_operation, walked_routes
from tests.house.samples import House, Watched

pytestmark = pytest.mark.django_db

WATCHED = [duty.key for duty in duties.all_duties() if duty.watched]
TAG = re.compile(r"<[^>]*>")
TOKEN = re.compile(r"""(?<=csrfmiddlewaretoken" value=")\w{64}|(?<=X-CSRFToken": ")\w{64}""")


def _hide(watched: Watched) -> Watched:
    """Make every car secret."""
    city = watched.house.city
    city.requested(wished_car_id=city.cars[BUS].pk,
                   planned_from=AT + 50 * HOUR, planned_to=AT + 51 * HOUR)  # fmt: skip
    for car in Car.objects.order_by("pk"):
        secrecy.mark_secret(
            actor=city.actor("car_keeper"), car_id=car.pk, secret=True, reason="定密", at=AT
        )
    return watched


# The watched house, in which every car is secret.
secret_house = testing_grounds.fixture("secret_house", _hide, on="watched_house")


@pytest.fixture
def home(secret_house: Watched) -> House:
    """The house itself."""
    return secret_house.house


@pytest.fixture
def outsiders(secret_house: Watched) -> dict[str, Client]:
    """A browser for each of the watched duties, with all the city to look at."""
    return secret_house.outsiders


@pytest.fixture
def names(secret_house: Watched) -> list[str]:
    """Everything that names a secret car: plates, VINs, numbers of journeys and of papers."""
    cars = Car.objects.filter(secret=True)
    trips = Trip.objects.filter(car__in=cars) | Trip.objects.filter(wished_car__in=cars)
    papers = Voucher.objects.filter(subject_model="fleet.trip", subject_id__in=trips)
    found = [name for car in cars for name in (car.plate, car.vin)]
    found += [trip.number for trip in trips]
    found += list(papers.values_list("numbered", flat=True))
    assert len(trips) >= 4, "journeys of every kind"
    assert papers
    return found


def text_of(answer: HttpResponse) -> str:
    """What an answer says, without its tags; a workbook's or a paper's sheets unpacked."""
    content = answer.content if not answer.streaming else b"".join(answer.streaming_content)
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b" ".join(packed.read(name) for name in packed.namelist())
    # A token of chance letters says nothing, and now and then spells a number like SG1.
    text = TOKEN.sub("", content.decode("utf-8", "replace"))
    return text + TAG.sub("", text)


def told(answer: HttpResponse, names: list[str]) -> list[str]:
    text = text_of(answer)
    return [name for name in names if name in text]


def address_of(house: House, route: Route) -> str:
    """A page with its samples."""
    return route.address(
        **{
            kwarg: samples.sample(route.name, kwarg).make(house, route.name, route.needs)
            for kwarg in route.kwargs
        }
    )


def knocking(outsiders: dict[str, Client], route: Route) -> list[tuple[str, Client]]:
    """Who has to knock at a page: everybody whom its door lets in, and one whom it keeps out.

    Doors are one function (``ui.pages.needs_one``) that asks for the verbs of the page before
    anything else: whom it keeps out, it answers alike. Which of them knocks changes from page to
    page, so that each of them is kept out somewhere.
    """
    declared = {duty: duties.get(duty) for duty in outsiders}
    shut = [duty for duty, one in declared.items() if one and route.is_shut_to(one)]
    chosen = shut[sum(route.name.encode()) % len(shut)] if shut else ""
    return [
        (duty, client) for duty, client in outsiders.items() if duty not in shut or duty == chosen
    ]


# Departments that may not import the one with the cars (the contracts in pyproject.toml): what they
# never read they cannot show. Everything else is opened as everybody from outside.
ELSEWHERE = ("space", "energy")


def at_home(name: str) -> bool:
    """Whether a page, register or call may know of cars."""
    return not any(f"{each}{sign}" in name for each in ELSEWHERE for sign in (":", ".", "/"))


PAGES = [route for route in walked_routes() if not route.is_public and at_home(route.name)]
REGISTERS = [register for register in catalogue.all_registers() if at_home(register.key)]


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_no_page_names_a_secret_car(
    home: House, outsiders: dict[str, Client], names: list[str], route: Route
) -> None:
    if route.name == "portal:sign_out":
        return
    where = address_of(home, route)
    for duty, client in knocking(outsiders, route):
        answer = client.get(where, headers={"Accept": "text/html"})
        assert answer.status_code < 500  # a fault would hide what it shows
        assert not told(answer, names), f"{duty} at {where}"


@pytest.mark.parametrize("register", REGISTERS, ids=lambda each: each.key)
def test_no_list_and_no_sheet_names_a_secret_car(
    outsiders: dict[str, Client], names: list[str], register: Register
) -> None:
    open_to = [duty for duty in WATCHED if register.see in duties.get(duty).reads]  # type: ignore[union-attr]  # declared
    views = [view.key for view in register.views] or ["all"]
    for duty in open_to:
        for view in views:
            for what in ("list", "export"):
                answer = outsiders[duty].get(f"{addresses.url(register, what)}?view={view}")
                assert answer.status_code == 200
                assert not told(answer, names), f"{duty}: {what} {view}"
        answer = outsiders[duty].get(f"/api/registers/{register.key}?view=all&per_page=200")
        assert answer.status_code == 200
        assert not told(answer, names), f"{duty}: API"


OPERATIONS = [each for each in every_operation() if each.method == "GET" and at_home(each.path)]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_operation_names_a_secret_car(
    home: House, outsiders: dict[str, Client], names: list[str], operation: Operation
) -> None:
    values = {
        kwarg: samples.sample(str(operation), kwarg).make(home, str(operation), operation.needs)
        for kwarg in operation.kwargs
    }
    where = operation.path
    for kwarg, value in values.items():
        where = re.sub(rf"{{(\w+:)?{kwarg}}}", str(value), where)
    for duty, client in outsiders.items():
        answer = client.get(where, samples.QUERY.get(str(operation)))
        assert not told(answer, names), f"{duty} at {where}"


def test_the_search_finds_no_secret_car(outsiders: dict[str, Client], names: list[str]) -> None:
    for duty, client in outsiders.items():
        for name in names:
            others = [other for other in names if other != name and other not in name]
            answer = client.get("/search/", {"q": name})
            assert not told(answer, others), f"{duty} looks for {name}"
            assert answer.status_code == 200, "a single find would lead on to its page"


def test_the_trail_names_no_secret_car(outsiders: dict[str, Client], names: list[str]) -> None:
    assert Record.objects.filter(on_label__in=names).exists(), "else this shows nothing"
    sees = [duty for duty in WATCHED if "audit.see" in duties.get(duty).reads]  # type: ignore[union-attr]  # declared
    assert sees
    for duty in sees:
        page, last = 1, 1
        while page <= last:
            answer = outsiders[duty].get("/audit/", {"page": page})
            assert not told(answer, names), f"{duty}: page {page}"
            last = answer.context["page"].paginator.num_pages
            page += 1


def test_at_home_the_secret_cars_are_seen(home: House) -> None:
    client = home.visitor("", "dispatcher")
    text = text_of(client.get(f"{reverse('fleet:cars_list')}?view=all"))
    assert all(car.plate in text for car in Car.objects.all())
    try:
        board = client.get(reverse("fleet:board"))
    except NoReverseMatch:
        return
    assert BUS in text_of(board)
