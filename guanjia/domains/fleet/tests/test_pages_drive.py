"""The driver's page: one journey at a time, readings, costs, acts told later."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, SMALL, City

DRIVE = "/fleet/drive/"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT + HOUR, tick=False):
        yield


def client_of(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def fresh(trip: Trip) -> Trip:
    return Trip.objects.select_related("car", "driver").get(pk=trip.pk)


def act(city: City, what: str, trip: Trip, by: str = "driver", **given: Any) -> Any:
    return client_of(city, by).post(reverse(f"fleet:drive_{what}", args=[trip.pk]), given)


def test_the_driver_sees_the_next_journey_and_whom_to_call(city: City) -> None:
    city.finished(planned_from=AT - 2 * HOUR, planned_to=AT - HOUR, at=AT - 3 * HOUR)
    trip = city.dispatched(rider_mobile="13800138000", destination="瑶里镇")
    page = text(client_of(city, "driver").get(DRIVE))
    for seen in ("今天的任务", "瑶里镇", 'href="tel:13800138000"', "打给莫兴", "10,080", "出车"):
        assert seen in page
    assert f"/fleet/drive/{trip.pk}/depart/" in page
    assert 'inputmode="numeric"' in page
    assert "data-offline" in page


def test_nothing_to_drive_is_said(city: City) -> None:
    assert "今天没有派给您的车" in text(client_of(city, "driver").get(DRIVE))


def test_others_have_no_such_page(city: City) -> None:
    assert client_of(city, "asker").get(DRIVE).status_code == 403
    assert Client().get(DRIVE).status_code == 302


def test_going_out_and_coming_back(city: City) -> None:
    trip = city.dispatched()
    assert act(city, "depart", trip, km="10003").status_code == 302
    assert fresh(trip).state == TripState.OUT
    page = text(client_of(city, "driver").get(DRIVE))
    assert "收车里程" in page
    assert 'data-odo-base="10003"' in page
    with time_machine.travel(AT + 3 * HOUR, tick=False):
        answer = client_of(city, "driver").post(
            reverse("fleet:drive_finish", args=[trip.pk]),
            {"km": "10310", "toll": "45.50", "parking": "10", "fuel_l": "", "fuel": ""},
            follow=True,
        )
        assert "已收车，本次行驶 307 公里" in text(answer)
    done = fresh(trip)
    assert (done.driven, done.toll_fen, done.parking_fen, done.fuel_l) == (307, 4550, 1000, None)


def test_a_reading_below_the_last_is_refused_and_what_was_typed_stays(city: City) -> None:
    trip = city.out()
    with time_machine.travel(AT + 3 * HOUR, tick=False):
        answer = act(city, "finish", trip, km="9000", parking="10")
    page = text(answer)
    assert answer.status_code == 422
    assert "收车里程填错了。" in page
    assert "规则：里程表前后相接，不得倒走" in page
    assert 'value="9000"' in page
    assert "收车里程填错了。" in unquote(answer["X-Guanjia-Sentence"]), "for acts kept offline"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"km": ""}, "没有填里程表读数。"),
        ({"km": "一万"}, "只填数字，如 59251。"),
        ({"km": "99999999"}, "里程表读数最多 3,000,000 公里。"),
        ({"km": "10100", "toll": "很多"}, "过路费写成 10 或 10.50。"),
        ({"km": "10100", "parking": "-1"}, "停车费不小于 0。"),
    ],
)
def test_what_cannot_be_read_is_named(city: City, given: dict[str, str], sentence: str) -> None:
    trip = city.out()
    answer = act(city, "finish", trip, **given)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert fresh(trip).state == TripState.OUT


def test_an_act_kept_without_a_net_counts_from_when_it_was_pressed(city: City) -> None:
    trip = city.dispatched()
    pressed = AT + HOUR - timedelta(minutes=25)
    assert act(city, "depart", trip, km="10001", occurred_at=pressed.isoformat()).status_code == 302
    assert fresh(trip).went_at == pressed


@pytest.mark.parametrize("clock", ["2020-13-01T00:00:00Z", "garbage", "2035-01-01T00:00:00Z", ""])
def test_a_phone_with_a_wrong_clock_counts_as_now(city: City, clock: str) -> None:
    trip = city.dispatched()
    assert act(city, "depart", trip, km="10001", occurred_at=clock).status_code == 302
    assert fresh(trip).went_at == AT + HOUR


def test_the_same_act_twice_acts_once(city: City) -> None:
    trip = city.dispatched()
    for _ in range(2):
        assert act(city, "depart", trip, km="10001").status_code == 302
    assert fresh(trip).start_km == 10_001


def test_one_driver_does_not_see_or_drive_another_drivers_journey(city: City) -> None:
    trip = city.dispatched(car=SECOND, driver="方敏", destination="乐平市")
    assert "乐平市" not in text(client_of(city, "driver").get(f"{DRIVE}?trip={trip.pk}"))
    assert act(city, "depart", trip, km="10001").status_code == 404
    assert fresh(trip).state == TripState.DISPATCHED


def test_the_journey_that_is_out_comes_first_and_another_can_be_opened(city: City) -> None:
    city.out(car=SMALL, destination="三龙镇")
    later = city.dispatched(
        car=SECOND, planned_from=AT + 5 * HOUR, planned_to=AT + 6 * HOUR, destination="湘湖镇"
    )
    client = client_of(city, "driver")
    page = text(client.get(DRIVE))
    assert page.index("三龙镇") < page.index("下一单") < page.index("湘湖镇")
    assert f"/fleet/drive/{later.pk}/depart/" in text(client.get(f"{DRIVE}?trip={later.pk}"))


def test_fuel_is_kept_in_litres_and_fen(city: City) -> None:
    trip = city.out()
    with time_machine.travel(AT + 3 * HOUR, tick=False):
        assert (
            act(city, "finish", trip, km="10100", fuel_l="32.5", fuel="230.01").status_code == 302
        )
    assert (fresh(trip).fuel_l, fresh(trip).fuel_fen) == (Decimal("32.50"), 23001)
