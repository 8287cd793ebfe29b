"""Where a room's page leads: findings, tenancy, emptiness, repairs; to each what is theirs."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from guanjia.domains.space.actions import judging
from guanjia.domains.space.models import Finding
from guanjia.domains.space.tests import tenancy_scenes, works_scenes
from guanjia.domains.space.tests.builders import AT, TODAY, City

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def shown(city: City, who: str, number: str, query: str = "") -> str:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    answer = client.get(f"/space/rooms/{city.room(number).pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def finding(city: City) -> Finding:
    """The farming bureau's room 102, over its limit."""
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    found: Finding = Finding.objects.get(room=city.room("102"))
    return found


def test_an_open_finding_stands_at_its_room(city: City, finding: Finding) -> None:
    address = f'href="/space/findings/{finding.pk}/"'
    for who in ("keeper", "clerk"):
        page = shown(city, who, "102")
        assert address in page
        assert finding.headline in page
    assert address not in shown(city, "keeper", "103")


def test_a_past_day_and_a_closed_finding_lead_nowhere(city: City, finding: Finding) -> None:
    assert "相关事项" not in shown(city, "keeper", "102", "?on=2020-01-01")
    assert f"/space/findings/{finding.pk}/" not in shown(city, "keeper", "102", "?on=2020-01-01")
    Finding.objects.filter(pk=finding.pk).update(state="CLOSED", outcome="GONE", closed_at=AT)
    assert f"/space/findings/{finding.pk}/" not in shown(city, "keeper", "102")


def test_an_empty_room_leads_to_its_emptiness(city: City) -> None:
    address = f'href="/space/idle/{city.room("201").pk}/"'
    assert address in shown(city, "keeper", "201")
    assert f'href="/space/idle/{city.room("102").pk}/"' not in shown(city, "keeper", "102")


def test_quarters_lead_to_who_lives_there(city: City) -> None:
    tenancy = tenancy_scenes.moved_in(city)
    assert f'href="/space/tenancies/{tenancy.pk}/"' in shown(city, "keeper", "B101")
    assert "/space/tenancies/" not in shown(city, "inspector", "B101").split("gj-cols", 1)[1]


def test_repairs_under_way_stand_at_the_rooms_of_the_house(city: City) -> None:
    works = works_scenes.requested(city)
    address = f'href="/space/works/{works.pk}/"'
    assert address in shown(city, "keeper", "102")
    assert address in shown(city, "clerk", "102")
    assert address not in shown(city, "stranger", "203")
