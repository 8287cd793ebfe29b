"""The dispatcher's board: what it shows, who sees it, and what its acts do."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.pages import lanes
from guanjia.domains.fleet.pages.look import Look
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.trips import Paper, TripState
from guanjia.domains.fleet.tests.builders import (
    AT,
    HOUR,
    IN_REPAIR,
    SECOND,
    SMALL,
    SYSTEM,
    THIRD,
    City,
    car_row,
)
from guanjia.ui.tests.reading import flat

HTMX = {"HX-Request": "true"}
BOARD = "/fleet/board/"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return flat(response.content)


def fresh(trip: Trip) -> Trip:
    return Trip.objects.select_related("car", "driver").get(pk=trip.pk)


def act(city: City, what: str, trip: Trip, by: str = "dispatcher", **given: Any) -> Any:
    url = reverse(f"fleet:board_{what}", args=[trip.pk])
    headers = given.pop("headers", {})
    return client_of(city, by).post(url, given, headers=headers)


# ── what is seen ────────────────────────────────────────────────────────────────────────


def test_the_dispatcher_sees_the_day_and_what_waits(city: City) -> None:
    city.dispatched(car=SMALL)
    city.out(car=THIRD, driver="程勇", start_km=10_000, destination="瑶里镇")
    city.approved(destination="鹅湖镇", passengers=3)
    page = text(client_of(city, "dispatcher").get(BOARD))
    for seen in ("派车看板", "鹅湖镇", "瑶里镇", "小轿车", "商务车", "应急先派", "已派未出"):
        assert seen in page
    assert f"<i>{SMALL[:2]}</i>{SMALL[2:]}" in page
    assert "data-plan" in page
    assert "<i>赣H</i>10004" not in page, f"{IN_REPAIR} cannot go and has no journey"


def test_a_supervisor_looks_and_has_nothing_to_press(city: City) -> None:
    trip = city.approved(destination="鹅湖镇")
    client = client_of(city, "supervisor")
    page = text(client.get(f"{BOARD}?trip={trip.pk}"))
    assert "鹅湖镇" in page
    assert "派这辆" not in page
    assert "应急先派" not in page
    assert client.post(reverse("fleet:board_dispatch", args=[trip.pk])).status_code == 403


@pytest.mark.parametrize("who", ["asker", "approver", "driver", "stranger"])
def test_others_have_no_board(city: City, who: str) -> None:
    assert client_of(city, who).get(BOARD).status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(city: City) -> None:
    assert Client().get(BOARD).status_code == 302


def test_an_overdue_car_is_red_and_says_how_late(city: City) -> None:
    city.out(planned_from=AT + HOUR, planned_to=AT + 3 * HOUR)
    with time_machine.travel(AT + 3 * HOUR + timedelta(minutes=27), tick=False):
        page = text(client_of(city, "dispatcher").get(BOARD))
    assert "逾期 27 分" in page
    assert "未归" in page
    with time_machine.travel(AT + 54 * HOUR, tick=False):
        assert "逾期 2 天" in text(client_of(city, "dispatcher").get(BOARD))


def test_another_day_shows_only_its_own(city: City) -> None:
    city.dispatched(destination="三龙镇")
    client = client_of(city, "dispatcher")
    tomorrow = lanes.day_of(AT) + timedelta(days=1)
    assert "三龙镇" in text(client.get(BOARD))
    assert "三龙镇" not in text(client.get(f"{BOARD}?day={tomorrow:%Y-%m-%d}"))


@pytest.mark.parametrize(
    "nonsense", ["?day=x", "?trip=abc", "?by=zz&kind=q&open=,,", "?peek=-1", "?day=2020-13-45"]
)
def test_an_address_that_makes_no_sense_shows_the_plain_board(city: City, nonsense: str) -> None:
    assert client_of(city, "dispatcher").get(BOARD + nonsense).status_code == 200


def test_a_trip_that_does_not_exist_is_not_found(city: City) -> None:
    assert client_of(city, "dispatcher").get(f"{BOARD}?trip=999999").status_code == 404


def test_the_rows_can_be_drivers(city: City) -> None:
    city.dispatched()
    page = text(client_of(city, "dispatcher").get(f"{BOARD}?by=driver"))
    assert "准驾 C1" in page
    assert "方敏" in page


def test_empty_rows_are_folded_until_asked_for(city: City) -> None:
    rows = [car_row(f"赣H5{n:04d}", city.units["bureau"]) for n in range(60)]
    entering.enter_cars(actor=SYSTEM, rows=rows, at=AT)
    client = client_of(city, "dispatcher")
    folded = text(client.get(BOARD))
    assert "辆没有出车的车" in folded
    assert "<i>赣H</i>50050" not in folded
    assert "<i>赣H</i>50050" in text(client.get(f"{BOARD}?open=sedan"))


def test_more_cars_and_journeys_cost_no_more_statements(city: City) -> None:
    waiting = city.approved()
    city.dispatched(car=SECOND, driver="方敏")
    client = client_of(city, "dispatcher")
    client.get(BOARD)

    def statements(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    plain, chosen = statements(BOARD), statements(f"{BOARD}?trip={waiting.pk}")
    rows = [car_row(f"赣H5{n:04d}", city.units["bureau"]) for n in range(40)]
    entering.enter_cars(actor=SYSTEM, rows=rows, at=AT)
    for n in range(4):
        begin = AT + (4 + 2 * n) * HOUR
        city.dispatched(car=SMALL, planned_from=begin, planned_to=begin + HOUR)
        city.approved(planned_from=begin, planned_to=begin + HOUR)
    assert statements(BOARD) <= plain
    assert statements(f"{BOARD}?open=sedan,van,bus&suggest=1") <= plain
    assert statements(f"{BOARD}?trip={waiting.pk}") <= chosen + 6


# ── choosing and sending ────────────────────────────────────────────────────────────────


def test_choosing_a_request_marks_what_fits(city: City) -> None:
    city.dispatched(car=SMALL)
    trip = city.approved(passengers=5)
    page = text(client_of(city, "dispatcher").get(f"{BOARD}?trip={trip.pk}"))
    assert page.count("空，可派") == 2, "the seven seats and the bus; the small ones are too small"
    assert "gj-window" in page
    assert "最近可派的" in page
    assert f'value="{city.cars[THIRD].pk}"' in page


def test_sending_a_car_puts_it_on_the_board(city: City) -> None:
    trip = city.approved()
    answer = act(city, "dispatch", trip, car=city.cars[SMALL].pk, look=f"trip={trip.pk}")
    assert answer.status_code == 302
    assert "trip=" not in answer["Location"]
    sent = fresh(trip)
    assert (sent.state, str(sent.car)) == (TripState.DISPATCHED, SMALL)
    assert sent.driver is not None
    page = text(client_of(city, "dispatcher").get(answer["Location"]))
    assert "data-plan" in page


def test_the_result_is_told_in_one_line(city: City) -> None:
    trip = city.approved()
    client = client_of(city, "dispatcher")
    url = reverse("fleet:board_dispatch", args=[trip.pk])
    driver = city.drivers["汪杰"]
    page = client.post(
        url, {"car": city.cars[SMALL].pk, "driver": driver.pk}, headers=HTMX, follow=True
    )
    assert f"已派 {SMALL}，汪杰" in text(page)
    assert "hx-swap-oob" in text(page)
    assert page.headers["HX-Push-Url"] == BOARD


def test_a_taken_car_is_refused_with_who_holds_it_and_what_to_do(city: City) -> None:
    city.dispatched(car=SMALL)
    trip = city.approved(planned_from=AT + 2 * HOUR, planned_to=AT + 4 * HOUR)
    answer = act(
        city, "dispatch", trip, car=city.cars[SMALL].pk, driver=city.drivers["方敏"].pk,
        look=f"trip={trip.pk}", headers=HTMX,
    )  # fmt: skip
    page = text(answer)
    assert answer.status_code == 422
    assert f"不能派{SMALL}。" in page
    assert "规则：同一车辆同一时段只能有一单" in page
    assert "重叠 1 小时" in page
    assert "gj-clash" in page
    assert "看占用的单" in page
    assert "派这辆" in page
    later = times.clock(AT + 3 * HOUR)
    assert f"改到 {later} 出车" in page
    assert fresh(trip).state == TripState.APPROVED


def test_trying_a_car_says_why_not_without_sending_it(city: City) -> None:
    trip = city.approved(passengers=6)
    page = text(
        client_of(city, "dispatcher").get(f"{BOARD}?trip={trip.pk}&car={city.cars[SMALL].pk}")
    )
    assert "坐不下 6 人" in page
    assert fresh(trip).state == TripState.APPROVED


def test_without_a_car_it_is_said_what_is_missing(city: City) -> None:
    trip = city.approved()
    assert act(city, "dispatch", trip).status_code == 422
    assert act(city, "dispatch", trip, car="x" * 50).status_code == 422


def test_a_request_moves_to_when_the_car_is_free_and_stays_chosen(city: City) -> None:
    trip = city.approved()
    begin = AT + 5 * HOUR
    given = {"begin": f"{begin:%Y-%m-%d %H:%M}", "end": f"{begin + 2 * HOUR:%Y-%m-%d %H:%M}"}
    answer = act(city, "replan", trip, look=f"trip={trip.pk}", **given)
    assert answer.status_code == 302
    assert f"trip={trip.pk}" in answer["Location"]
    assert fresh(trip).planned_from == begin


def test_a_request_rides_along(city: City) -> None:
    carrier = city.dispatched(car=THIRD, driver="程勇", destination="南昌市")
    trip = city.approved(destination="南昌市")
    page = text(client_of(city, "dispatcher").get(f"{BOARD}?trip={trip.pk}"))
    assert "合乘" in page
    assert act(city, "share", trip, carrier=carrier.pk).status_code == 302
    assert fresh(trip).shares_id == carrier.pk


def test_cancelling_needs_its_reason(city: City) -> None:
    trip = city.approved()
    refused = act(city, "cancel", trip, reason="")
    assert refused.status_code == 422
    assert "没有写取消原因。" in text(refused)
    assert act(city, "cancel", trip, reason="会议改期").status_code == 302
    assert fresh(trip).state == TripState.CANCELLED


def test_a_journey_opens_beside_the_board_with_its_acts(city: City) -> None:
    trip = city.dispatched()
    page = text(client_of(city, "dispatcher").get(f"{BOARD}?peek={trip.pk}"))
    for seen in (trip.number, "改派", "不派了", "代办出车", "打开派车单"):
        assert seen in page
    assert act(city, "recall", trip, reason="换人").status_code == 302
    assert fresh(trip).state == TripState.APPROVED


def test_the_dispatcher_departs_and_finishes_for_a_driver(city: City) -> None:
    trip = city.dispatched(planned_from=AT + HOUR / 2, planned_to=AT + HOUR)
    assert act(city, "depart", trip, km="10,0x0", look=f"peek={trip.pk}").status_code == 422
    assert act(city, "depart", trip, km=10_003).status_code == 302
    with time_machine.travel(AT + HOUR, tick=False):
        low = act(city, "finish", trip, km=9_000, look=f"peek={trip.pk}")
        assert low.status_code == 422
        assert "规则：里程表前后相接，不得倒走" in text(low)
        assert act(city, "finish", trip, km=10_050).status_code == 302
    assert fresh(trip).driven == 47


def test_changing_the_car_of_a_dispatched_trip(city: City) -> None:
    trip = city.dispatched(car=SMALL)
    page = text(client_of(city, "dispatcher").get(f"{BOARD}?trip={trip.pk}"))
    assert "改派" in page
    assert act(city, "dispatch", trip, car=city.cars[SECOND].pk).status_code == 302
    assert str(fresh(trip).car) == SECOND


# ── a car first, the papers later ───────────────────────────────────────────────────────


def call(city: City, **changes: Any) -> dict[str, Any]:
    return {
        "unit": "农业农村局", "rider_name": "莫兴", "rider_mobile": "", "purpose": "EMERGENCY",
        "reason": "查看险情", "urgent_reason": "暴雨抢险", "origin": "市农业农村局",
        "destination": "浮梁县", "hours": "2", "passengers": "2",
        "chosen_car": city.cars[SMALL].pk, "driver": "", "once": str(uuid4()), **changes,
    }  # fmt: skip


def test_an_emergency_goes_at_once_and_owes_its_papers(city: City) -> None:
    client = client_of(city, "dispatcher")
    assert "先派车，后补单。" in text(client.get(reverse("fleet:urgent")))
    given = call(city)
    assert client.post(reverse("fleet:urgent"), given).status_code == 302
    assert client.post(reverse("fleet:urgent"), given).status_code == 302, "a double click"
    trip = Trip.objects.get()
    assert (trip.state, trip.paper, trip.urgent_reason) == (
        TripState.DISPATCHED, Paper.OWED, "暴雨抢险",
    )  # fmt: skip


def test_an_emergency_with_a_car_that_is_gone_names_who_has_it(city: City) -> None:
    city.dispatched(car=SMALL, planned_from=AT, planned_to=AT + HOUR)
    answer = client_of(city, "dispatcher").post(reverse("fleet:urgent"), call(city))
    assert answer.status_code == 422
    assert f"不能派{SMALL}。" in text(answer)
    assert "规则：同一车辆同一时段只能有一单" in text(answer)


def test_an_emergency_without_its_reason_is_not_sent(city: City) -> None:
    answer = client_of(city, "dispatcher").post(
        reverse("fleet:urgent"), call(city, urgent_reason="")
    )
    assert answer.status_code == 422
    assert "没有写应急原因。" in text(answer)
    assert not Trip.objects.exists()


def test_only_dispatchers_send_emergencies(city: City) -> None:
    assert client_of(city, "asker").get(reverse("fleet:urgent")).status_code == 403


# ── the rows, without a page ────────────────────────────────────────────────────────────


def planned(begin: datetime, end: datetime, **facts: Any) -> Trip:
    return Trip(state=TripState.DISPATCHED, planned_from=begin, planned_to=end, **facts)


def test_a_car_is_free_when_journeys_that_touch_have_ended() -> None:
    now, second = planned(AT - HOUR, AT + HOUR), planned(AT + HOUR, AT + 2 * HOUR)
    later = planned(AT + 5 * HOUR, AT + 6 * HOUR)
    assert lanes.free_from([now, second, later], AT) == AT + 2 * HOUR
    assert lanes.free_from([later], AT) == AT
    late = Trip(
        state=TripState.OUT, went_at=AT - 3 * HOUR, planned_from=AT - 3 * HOUR, planned_to=AT - HOUR
    )
    assert lanes.free_from([late], AT) is None


def test_the_earliest_time_is_a_quarter_of_an_hour_after_what_is_promised() -> None:
    held = planned(AT, AT + HOUR + timedelta(minutes=48))
    found = lanes.earliest([held], begin=AT + HOUR, length=2 * HOUR, at=AT)
    assert found == AT + 2 * HOUR
    assert lanes.earliest([held], begin=AT + HOUR, length=2 * HOUR, at=AT) is not None


def test_the_proposal_takes_the_smallest_car_once(city: City) -> None:
    cars = [city.cars[SMALL], city.cars[THIRD]]
    first, second = city.approved(), city.approved()
    crowd = city.approved(passengers=30)
    found = lanes.suggest(waiting=[first, second, crowd], cars=cars, busy={}, at=AT)
    assert {pk: car.plate for pk, car in found.items()} == {first.pk: SMALL, second.pk: THIRD}


def test_an_address_is_read_back_as_it_was_written() -> None:
    look = Look(
        day=lanes.day_of(AT), by="driver", opened=("bus", "van"), trip_id=3, car_id=4, suggests=True
    )
    assert Look.read(QueryDict(look.query)) == look


# ── several at once, from the register ──────────────────────────────────────────────────


def test_ticked_requests_are_sent_together(city: City) -> None:
    first, second = city.approved(), city.approved(passengers=5)
    client = client_of(city, "dispatcher")
    assert "一并派车" in text(client.get(reverse("fleet:trips_list")))
    url = reverse("fleet:dispatch_together")
    page = text(client.post(url, {"ids": [first.pk, second.pk]}, follow=True))
    assert "已派 2 单：" in page
    assert {fresh(first).state, fresh(second).state} == {TripState.DISPATCHED}
    assert fresh(first).car != fresh(second).car


def test_one_that_blocks_is_named_and_none_is_sent(city: City) -> None:
    waiting, done = city.approved(), city.dispatched(car=SECOND, driver="方敏")
    url, client = reverse("fleet:dispatch_together"), client_of(city, "dispatcher")
    page = text(client.post(url, {"ids": [waiting.pk, done.pk]}, follow=True))
    assert f"{done.number} 已派车，不能一并派车。" in page
    crowd = city.approved(passengers=40)
    page = text(client.post(url, {"ids": [waiting.pk, crowd.pk]}, follow=True))
    assert f"{crowd.number} 派不出车。" in page
    assert fresh(waiting).state == TripState.APPROVED
    assert "没有选派车单。" in text(client.post(url, {"ids": ["x"]}, follow=True))
    assert client.post(url, {"ids": [999999]}).status_code == 404
    assert client_of(city, "asker").post(url, {"ids": [waiting.pk]}).status_code == 403
