"""Each field sees its own: what a watched duty has no verb for is on no page it can open.

Also true for pages that are not written yet: every page, list, sheet and call is opened as each of
the people from outside, and nothing of the other fields stands there.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from guanjia.domains.fleet.models import Driver, Trip
from guanjia.kernel.access import duties
from guanjia.kernel.registers import catalogue
from guanjia.ui.registers import addresses
from tests.house.routes import Route, walked_routes
from tests.house.samples import House, Watched
from tests.house.test_secrets import address_of, knocking, told

pytestmark = pytest.mark.django_db

# What a verb opens, by the names it goes by: who has not the verb, reads none of them.
_BY_NUMBER = {
    "fleet.finding": "fleet.oversight.see",
    "fleet.bill": "fleet.bill.see",
    "fleet.fine": "fleet.fine.see",
    "fleet.accident": "fleet.fine.see",
    "fleet.order": "fleet.upkeep.see",
    "fleet.policy": "fleet.upkeep.see",
    "fleet.purchase": "fleet.purchase.see",
    "fleet.disposal": "fleet.disposal.see",
}


def _trips() -> list[str]:
    """Why people travelled, where to by number, and who drove them."""
    return [*{trip.reason for trip in Trip.objects.all()}, "13879810049"]


def _drivers() -> list[str]:
    return [driver.mobile for driver in Driver.objects.exclude(mobile="")]


KEPT: dict[str, Callable[[], list[str]]] = {"fleet.trip.see": _trips, "fleet.driver.see": _drivers}


@pytest.fixture
def outsiders(watched_house: Watched) -> dict[str, Client]:
    """A browser for each of the watched duties."""
    return watched_house.outsiders


@pytest.fixture
def foreign(watched_house: Watched) -> dict[str, list[str]]:
    """By duty, the names of everything that it has no verb for."""
    return {duty: other_fields(duty) for duty in watched_house.sessions}


def other_fields(duty: str) -> list[str]:
    """The names of everything that the duty has no verb for."""
    declared = duties.get(duty)
    assert declared is not None
    names = [name for verb, of in KEPT.items() if verb not in declared.reads for name in of()]
    for label, verb in _BY_NUMBER.items():
        if verb not in declared.reads:
            model: Any = apps.get_model(label)
            names += model._default_manager.values_list("number", flat=True)
    return names


def test_the_fields_differ(foreign: dict[str, list[str]]) -> None:
    assert not foreign["fleet.supervisor"], "discipline sees all about use"
    assert foreign["fleet.finance_supervisor"]
    assert foreign["fleet.police_supervisor"]


PAGES = [route for route in walked_routes() if not route.is_public]


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_no_page_shows_another_field(
    house: House, outsiders: dict[str, Client], foreign: dict[str, list[str]], route: Route
) -> None:
    if route.name == "portal:sign_out":
        return
    where = address_of(house, route)
    for duty, client in knocking(outsiders, route):
        declared = duties.get(duty)
        assert declared is not None
        answer = client.get(where, headers={"Accept": "text/html"})
        assert not told(answer, foreign[duty]), f"{duty} at {where}"
        if route.has_duty and route.needs not in declared.reads:
            assert answer.status_code in {403, 405}, f"{duty} at {where}"


def test_no_sheet_and_no_call_shows_another_field(
    outsiders: dict[str, Client], foreign: dict[str, list[str]]
) -> None:
    for register in catalogue.all_registers():
        for duty, client in outsiders.items():
            declared = duties.get(duty)
            assert declared is not None
            opens = register.see in declared.reads
            for where in (
                f"{addresses.url(register, 'export')}?view=all",
                f"/api/registers/{register.key}?view=all&per_page=200",
            ):
                answer = client.get(where)
                assert (answer.status_code == 200) == opens, f"{duty} at {where}"
                assert not told(answer, foreign[duty]), f"{duty} at {where}"


def test_the_search_finds_nothing_of_another_field(outsiders: dict[str, Client]) -> None:
    for duty, client in outsiders.items():
        declared = duties.get(duty)
        assert declared is not None
        if "fleet.trip.see" not in declared.reads:
            trip = Trip.objects.exclude(car=None)[0]
            answer = client.get("/search/", {"q": trip.destination})
            assert trip.number not in answer.content.decode(), duty
        if "fleet.driver.see" not in declared.reads:
            driver = Driver.objects.all()[0]
            answer = client.get("/search/", {"q": driver.name})
            assert driver.number not in answer.content.decode(), duty
