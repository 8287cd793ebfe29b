"""What partner systems read: pages of changes, without secret cars and phones, each call kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guanjia.domains.fleet.actions import network
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.tests.builders import SECOND, SMALL, City
from guanjia.kernel.exchange import queries, triggers
from guanjia.kernel.exchange.models import ApiCall, ApiKey

ROOT = "/api/partner/v1/fleet"
MOBILE = "13879810049"


@pytest.fixture(autouse=True)
def _settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SETTLED_AFTER", timedelta(0))


class Partner:
    """A partner system with a key."""

    def __init__(self, city: City, *scopes: str, **facts: Any) -> None:
        today = timezone.localdate()
        given = {
            "partner": "市审计局联网审计", "contact": "", "networks": [], "since": today,
            "until": today, "per_minute": 100, **facts,
        }  # fmt: skip
        self.key, self.text = network.make_key(
            actor=city.actor("car_keeper"), scopes=scopes, at=timezone.now(), **given
        )

    def get(self, what: str, **query: Any) -> tuple[int, Any]:
        answer = Client().get(
            f"{ROOT}/{what}", query, headers={"Authorization": f"Bearer {self.text}"}
        )
        return answer.status_code, answer.json()


@pytest.fixture
def town(city: City) -> City:
    triggers.install()
    return city


def plates(told: Any) -> set[str]:
    return {row["plate"] for row in told["rows"]}


def test_cars_are_read_page_by_page_and_then_what_changed(town: City) -> None:
    partner = Partner(town, "fleet.cars.read")
    status, first = partner.get("cars", limit=3)
    assert (status, len(first["rows"]), first["more"]) == (200, 3, True)
    found, told = plates(first), first
    while told["more"]:
        told = partner.get("cars", limit=3, cursor=told["next"])[1]
        found |= plates(told)
    assert found == set(Car.objects.values_list("plate", flat=True))
    Car.objects.filter(plate=SMALL).update(odometer_km=12_345)
    status, changed = partner.get("cars", cursor=told["next"])
    (row,) = changed["rows"]
    assert (row["plate"], row["odometer_km"]) == (SMALL, 12_345)
    assert partner.get("cars", cursor=changed["next"])[1]["rows"] == []
    assert plates(partner.get("cars", changed_after="2020-01-01T00:00:00+08:00")[1]) == found
    again = partner.get("cars", changed_after=row["changed_at"])[1]
    assert plates(again) == {SMALL}, "told in milliseconds, it comes once more rather than never"
    assert partner.get("cars", changed_after="2100-01-01T00:00:00+08:00")[1]["rows"] == []


def test_a_secret_car_is_not_there_and_neither_are_its_trips(town: City) -> None:
    trip = town.dispatched()
    partner = Partner(town, "fleet.cars.read", "fleet.trips.read")
    assert trip.number in str(partner.get("trips")[1])
    Car.objects.filter(plate=SMALL).update(secret=True)
    cars, trips = partner.get("cars")[1], partner.get("trips")[1]
    assert SECOND in plates(cars)
    assert SMALL not in str(cars)
    assert trip.number not in str(trips)


def test_no_phone_number_is_read(town: City) -> None:
    trip = town.dispatched()
    Driver.objects.update(mobile=MOBILE)
    Trip.objects.filter(pk=trip.pk).update(rider_mobile=MOBILE)
    told = str(Partner(town, "fleet.trips.read").get("trips")[1])
    assert trip.number in told
    assert MOBILE not in told


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "没有带接口密钥"),
        ("Basic abc", "没有带接口密钥"),
        ("Bearer ", "没有这个接口密钥"),
        ("Bearer gj_00000000_abc", "没有这个接口密钥"),
        ("Bearer \x00\xff", "没有这个接口密钥"),
    ],
)
def test_without_a_key_of_ours_nothing_is_read(town: City, header: str, said: str) -> None:
    answer = Client().get(f"{ROOT}/cars", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert said in answer.json()["detail"]


def test_who_is_signed_in_is_no_partner(town: City) -> None:
    client = Client()
    client.force_login(
        town.accounts["car_keeper"], backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(f"{ROOT}/cars").status_code == 401


def test_a_key_reads_only_what_it_is_for(town: City) -> None:
    status, told = Partner(town, "fleet.cars.read").get("trips")
    assert (status, told) == (403, {"detail": "这个接口密钥不能读“派车单”。"})


def test_a_key_reads_only_from_its_networks(town: City) -> None:
    partner = Partner(town, "fleet.cars.read", networks=["10.36.0.0/16"])
    status, told = partner.get("cars")
    assert status == 403
    assert "来源网段" in told["detail"]


def test_a_stopped_key_reads_nothing(town: City) -> None:
    partner = Partner(town, "fleet.cars.read")
    network.stop_key(
        actor=town.actor("car_keeper"), key_id=partner.key.pk, reason="下线", at=timezone.now()
    )
    assert partner.get("cars") == (401, {"detail": "这个接口密钥已停用。"})


def test_too_many_calls_are_told_when_to_come_back(town: City) -> None:
    partner = Partner(town, "fleet.cars.read", per_minute=2)
    assert [partner.get("cars")[0] for _ in range(3)] == [200, 200, 429]
    answer = Client().get(f"{ROOT}/cars", headers={"Authorization": f"Bearer {partner.text}"})
    assert 0 < int(answer["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"limit": "١"}, {"limit": "9" * 5000},
        {"cursor": "x"}, {"changed_after": "yesterday"}, {"changed_after": "2020-05-08T08:30:00"},
        {"changed_after": "2020-13-08T08:30:00+08:00"}, {"cursor": "\x00"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_written_down(town: City, query: dict[str, str]) -> None:
    partner = Partner(town, "fleet.cars.read")
    status, told = partner.get("cars", **query)
    (name,) = query
    assert status == 422
    assert told["findings"][0]["field"] == name
    call = ApiCall.objects.get()
    assert (call.state, call.rows) == ("REFUSED", 0), "it counts towards the limit"
    assert name in call.note


def test_every_call_is_written_down(town: City) -> None:
    partner = Partner(town, "fleet.cars.read")
    partner.get("cars", limit=2)
    call = ApiCall.objects.get()
    assert (call.key, call.scope, call.query, call.state, call.rows, call.address) == (
        partner.key, "fleet.cars.read", "limit=2", "ANSWERED", 2, "127.0.0.1",
    )  # fmt: skip


@pytest.mark.parametrize("what", ["cars", "trips", "costs", "fines", "disposals"])
def test_every_scope_opens_its_own_rows_alone(town: City, what: str) -> None:
    town.finished(parking_fen=1000)
    partner = Partner(town, f"fleet.{what}.read")
    opened = [one for one in ("cars", "trips", "costs", "fines", "disposals")
              if partner.get(one)[0] == 200]  # fmt: skip
    assert opened == [what]
    assert ApiKey.objects.count() == 1
