"""Trips over the API: one story from the request to its rating, and what is refused to whom."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import HOUR, City
from guanjia.kernel.access.tests.builders import AT

ROOT = "/api/fleet/trips"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


class Caller:
    """Somebody signed in who sends and reads JSON."""

    def __init__(self, city: City, who: str) -> None:
        self._client = Client()
        self._client.force_login(
            city.accounts[who], backend="django.contrib.auth.backends.ModelBackend"
        )

    def get(self, path: str = "", **query: Any) -> tuple[int, Any]:
        answer = self._client.get(ROOT + path, query)
        return answer.status_code, answer.json()

    def post(self, path: str = "", **body: Any) -> tuple[int, Any]:
        answer = self._client.post(
            ROOT + path, json.dumps(body, default=str), content_type="application/json"
        )
        return answer.status_code, answer.json()


def wish(city: City, **changes: Any) -> dict[str, Any]:
    facts = city.wish(**changes)
    return facts | {name: facts[name].isoformat() for name in ("planned_from", "planned_to")}


def test_a_trip_from_its_request_to_its_rating(city: City, clock: Any) -> None:
    asker, approver, dispatcher, driver = (
        Caller(city, who) for who in ("asker", "approver", "dispatcher", "driver")
    )
    status, trip = asker.post(**wish(city))
    assert (status, trip["state"], trip["state_title"]) == (200, "PENDING", "待审批")
    one = f"/{trip['id']}"
    assert approver.post(f"{one}/approve", comment="同意")[1]["state"] == "APPROVED"
    sent = {"car_id": city.cars[builders.SMALL].pk, "driver_id": city.drivers["汪杰"].pk}
    assert dispatcher.post(f"{one}/dispatch", **sent)[1]["plate"] == builders.SMALL
    clock.shift(HOUR)
    assert driver.post(f"{one}/depart", start_km=10_000)[1]["state"] == "OUT"
    clock.shift(2 * HOUR)
    asker, driver = Caller(city, "asker"), Caller(city, "driver")  # their sessions were idle
    status, back = driver.post(f"{one}/finish", end_km=10_080, parking_fen=1000)
    assert (status, back["driven"], back["state"]) == (200, 80, "FINISHED")
    assert asker.post(f"{one}/rate", stars=5)[1]["stars"] == 5
    assert asker.get(one)[1]["driver"] == "汪杰"


def test_a_refusal_carries_its_article(city: City, clock: Any) -> None:
    city.dispatched()
    other = city.approved(rider_name="贺思")
    status, told = Caller(city, "dispatcher").post(
        f"/{other.pk}/dispatch",
        car_id=city.cars[builders.SMALL].pk,
        driver_id=city.drivers["方敏"].pk,
    )
    assert status == 422
    assert told["findings"][0]["code"] == "car_taken"
    assert told["findings"][0]["cite"]["line"] == "规则：同一车辆同一时段只能有一单"


def test_the_rules_can_be_asked_without_writing(city: City, clock: Any) -> None:
    saturday = AT + timedelta(days=3)
    asked = wish(city, planned_from=saturday, planned_to=saturday + HOUR)
    status, told = Caller(city, "asker").post("/check", **asked)
    assert (status, told["allowed"]) == (200, False)
    assert told["refusals"][0]["code"] == "rest_day_reason"
    assert told["refusals"][0]["cite"]["title"] == "党政机关公务用车管理办法"
    assert not Trip.objects.exists()


def test_sending_twice_makes_one_trip(city: City, clock: Any) -> None:
    asker, once = Caller(city, "asker"), uuid4()
    first = asker.post(**wish(city), once=once)[1]
    assert asker.post(**wish(city), once=once)[1]["id"] == first["id"]


@pytest.mark.parametrize("who", ["stranger", "stranger_boss", "colleague"])
def test_others_find_nothing(city: City, clock: Any, who: str) -> None:
    trip, caller = city.requested(), Caller(city, who)
    assert caller.get(f"/{trip.pk}")[0] == 404
    assert caller.get()[1]["count"] == 0
    assert caller.post(f"/{trip.pk}/approve")[0] == 404


def test_a_missing_duty_is_named(city: City, clock: Any) -> None:
    trip = city.approved()
    status, told = Caller(city, "asker").post(f"/{trip.pk}/dispatch", car_id=1)
    assert (status, told["detail"]) == (403, "这一页要有“派车”职责才能办。")


def test_nobody_is_told_to_sign_in(city: City, clock: Any) -> None:
    assert Client().get(ROOT).status_code == 401


def test_a_unit_outside_the_reach_is_not_found(city: City, clock: Any) -> None:
    asked = wish(city, unit_id=city.units["other"].pk)
    assert Caller(city, "asker").post(**asked)[0] == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("passengers", 0), ("planned_from", "2020-05-20T08:30:00"), ("purpose", "FUN"), ("extra", 1)],
)
def test_what_cannot_be_read_is_named(city: City, clock: Any, field: str, value: Any) -> None:
    status, told = Caller(city, "asker").post(**wish(city) | {field: value})
    assert status == 422
    assert told["findings"][0]["field"] == field


def test_the_list_is_filtered_and_paged(city: City, clock: Any) -> None:
    city.requested()
    city.approved()
    dispatcher = Caller(city, "dispatcher")
    assert dispatcher.get(state="PENDING")[1]["count"] == 1
    status, told = dispatcher.get(page=2, per_page=1)
    assert (status, told["count"], len(told["rows"])) == (200, 2, 1)


def test_every_other_act_calls_its_action(city: City, clock: Any) -> None:
    asker, approver, dispatcher = (Caller(city, w) for w in ("asker", "approver", "dispatcher"))
    trip = city.requested()
    one = f"/{trip.pk}"
    assert approver.post(f"{one}/return", comment="写明去处")[1]["state"] == "RETURNED"
    changed = asker.post(f"{one}/change", **wish(city, reason="走访"), comment="已写明")[1]
    assert (changed["state"], changed["reason"]) == ("PENDING", "走访")
    handed = {"person_id": city.person("colleague").pk}
    assert approver.post(f"{one}/hand-over", **handed)[0] == 200
    assert asker.post(f"{one}/withdraw")[1]["state"] == "WITHDRAWN"
    assert asker.post(f"{one}/cancel", reason="改期")[1]["state"] == "CANCELLED"
    sent = city.dispatched()
    shared = city.approved(rider_name="贺思")
    assert dispatcher.post(f"/{shared.pk}/share", carrier_id=sent.pk)[1]["shares_id"] == sent.pk
    moved = {"planned_from": AT + 2 * HOUR, "planned_to": AT + 5 * HOUR}
    assert dispatcher.post(f"/{sent.pk}/replan", **moved)[0] == 200
    assert dispatcher.post(f"/{sent.pk}/recall")[1]["state"] == "APPROVED"


def test_an_emergency_and_its_papers(city: City, clock: Any) -> None:
    dispatcher = Caller(city, "dispatcher")
    status, trip = dispatcher.post(
        "/urgent", **wish(city), car_id=city.cars[builders.SECOND].pk, urgent_reason="防汛抢险"
    )
    assert (status, trip["paper"], trip["state"]) == (200, "OWED", "DISPATCHED")
    papered = Caller(city, "clerk").post(f"/{trip['id']}/paper", reason="圩堤巡查")[1]
    assert (papered["paper"], papered["reason"]) == ("PENDING", "圩堤巡查")


def test_a_correction(city: City, clock: Any) -> None:
    trip = city.finished()
    clock.shift(12 * HOUR)
    told = Caller(city, "dispatcher").post(
        f"/{trip.pk}/correct", start_km=10_000, end_km=10_090, reason="末位抄错"
    )
    assert told[1]["driven"] == 90
