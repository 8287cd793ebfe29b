"""The request form: what it asks, what it refuses with its 依据, and for whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import dispatching, requests
from guanjia.domains.fleet.forms import requests as request_forms
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import Paper, Purpose, TripState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.audit.models import Record
from guanjia.ui.tests.reading import flat

FORM = "/fleet/request/"
REST_DAY = AT + timedelta(days=(5 - AT.weekday()) % 7)  # the coming Saturday


@pytest.fixture(autouse=True)
def _at_that_hour() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def signed_in(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def typed(**changes: Any) -> dict[str, Any]:
    """What a browser sends for a sound request of tomorrow's work day."""
    begin = AT + timedelta(days=1)
    return {
        "unit": "农业农村局",
        "rider_name": "莫兴",
        "rider_id": "",
        "rider_mobile": "",
        "purpose": Purpose.SURVEY.value,
        "reason": "春耕调研",
        "origin": "市农业农村局",
        "destination": "乐平",
        "planned_from": f"{begin:%Y-%m-%d}T08:00",
        "planned_to": f"{begin:%Y-%m-%d}T17:30",
        "rest_day_reason": "",
        "passengers": "3",
        "wished_car": "",
        "once": str(uuid4()),
        **changes,
    }


@pytest.mark.parametrize(
    "text",
    [
        "2020-05-23 8:00", "2020-05-23T08:00", "2020-05-23 周六 8:00", "２０２０-05-23 ８：00",
        "2020/5/23 8:00", "2020年5月23日 8:00", "2020年5月23日（星期六）8:00",
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_and_phones_write_it(text: str) -> None:
    read = request_forms.Moment(label="出车时间").clean(text)
    assert f"{timezone.localtime(read):%Y-%m-%d %H:%M}" == "2020-05-23 08:00"


@pytest.mark.parametrize("text", ["明天", "2020-05-23", "2020-02-30 8:00"])
def test_a_time_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(ValidationError, match="2020-05-23 08:00"):
        request_forms.Moment(label="出车时间").clean(text)


def on_saturday(**changes: Any) -> dict[str, Any]:
    return typed(
        planned_from=f"{REST_DAY:%Y-%m-%d}T08:00",
        planned_to=f"{REST_DAY:%Y-%m-%d}T17:30",
        **changes,
    )


def text(answer: Any) -> str:
    return flat(answer.content)


def test_an_applicant_sees_the_unit_fixed_and_who_acts_next_by_name(city: City) -> None:
    page = text(signed_in(city, "asker").get(FORM))
    assert 'name="unit" value="市农业农村局"' in page
    assert 'list="units"' not in page  # nothing to choose
    assert city.person("approver").name in page
    assert city.person("dispatcher").name in page
    assert "我的本月" in page


def test_a_dispatcher_fills_in_for_any_unit(city: City) -> None:
    client = signed_in(city, "dispatcher")
    page = text(client.get(FORM))
    assert 'list="units"' in page
    assert "教育局" in page
    client.post(FORM, typed(rider_name="来客王先生"))
    trip = Trip.objects.get()
    assert (trip.unit, trip.rider_name, trip.rider) == (
        city.units["farming"], "来客王先生", None,
    )  # fmt: skip
    assert trip.applicant == city.person("dispatcher")


def test_the_driver_has_no_door_to_the_form(city: City) -> None:
    assert signed_in(city, "driver").get(FORM).status_code == 403


def test_a_stranger_is_sent_to_sign_in(city: City) -> None:
    assert Client().get(FORM)["Location"].startswith("/sign-in/")


def test_a_request_is_submitted_and_says_whom_it_waits_for(city: City) -> None:
    client = signed_in(city, "asker")
    answer = client.post(FORM, typed(rider_mobile="13800000000"), follow=True)
    trip = Trip.objects.get()
    assert answer.redirect_chain == [(reverse("fleet:trip", args=[trip.pk]), 302)]
    assert f"已提交 {trip.number}，等余建国、邵红审批" in text(answer)
    assert trip.state == TripState.PENDING
    assert trip.rider == city.person("asker")
    assert trip.rider_mobile == "13800000000"
    assert Record.objects.filter(verb="fleet.trip.requested", on_id=trip.pk).exists()


def test_a_second_click_makes_no_second_request(city: City) -> None:
    client, same = signed_in(city, "asker"), typed()
    client.post(FORM, same)
    client.post(FORM, same)
    assert Trip.objects.count() == 1


def test_what_is_missing_is_named_and_what_was_typed_stays(city: City) -> None:
    answer = signed_in(city, "asker").post(FORM, typed(reason="", destination=""))
    page = text(answer)
    assert answer.status_code == 422
    assert "没有填事由。" in page
    assert "没有填目的地。" in page
    assert "还有 2 处要改" in page
    assert 'value="市农业农村局"' in page
    assert not Trip.objects.exists()


def test_a_unit_outside_the_reach_cannot_be_asked_for(city: City) -> None:
    answer = signed_in(city, "asker").post(FORM, typed(unit="教育局"))
    assert answer.status_code == 302  # the fixed unit stands, whatever was sent
    assert Trip.objects.get().unit == city.units["farming"]


def test_a_rest_day_without_a_reason_shows_its_article_and_that_nobody_checked_it(
    city: City,
) -> None:
    answer = signed_in(city, "asker").post(FORM, on_saturday())
    page = text(answer)
    assert answer.status_code == 422
    assert "是休息日。" in page
    assert "依据：" in page
    assert "未核对" in page
    assert "写明休息日用车的理由。" in page
    assert 'href="#id_rest_day_reason"' in page
    assert not Trip.objects.exists()


def test_a_rest_day_with_a_reason_goes_to_the_head(city: City) -> None:
    answer = signed_in(city, "asker").post(
        FORM, on_saturday(rest_day_reason="防汛值守"), follow=True
    )
    assert f"等{city.person('head').name}审批" in text(answer)


def test_a_wished_car_of_another_unit_is_refused_with_its_article_and_a_way_out(
    city: City,
) -> None:
    client = signed_in(city, "asker")
    answer = client.post(FORM, typed(wished_car=builders.OWN))
    page = text(answer)
    assert answer.status_code == 422
    assert f"不能用{builders.OWN}。" in page
    assert "不得借给其他单位使用" in page
    assert "《机关事务管理条例》第二十五条" in page
    assert "不指定，由车队安排" in page
    assert f'value="wish:{builders.SMALL}"' in page
    # The way out works without any script: the button changes the wish and nothing is sent yet.
    page = text(client.post(FORM, typed(wished_car=builders.OWN, option="wish:")))
    assert f"不能用{builders.OWN}" not in page
    assert not Trip.objects.exists()


def test_a_plate_nobody_knows_is_named(city: City) -> None:
    page = text(signed_in(city, "asker").post(FORM, typed(wished_car="赣H99999")))
    assert "车辆台账中没有 赣H99999。" in page


def test_a_mobile_number_is_checked(city: City) -> None:
    page = text(signed_in(city, "asker").post(FORM, typed(rider_mobile="1380000")))
    assert "手机号应为 11 位" in page


def test_the_live_check_asks_the_rules_and_writes_nothing(city: City) -> None:
    client = signed_in(city, "asker")
    page = text(
        client.post("/fleet/request/check/", on_saturday(reason="", wished_car=builders.OWN))
    )
    assert 'data-rest-day="1"' in page
    assert "还有 2 处要改" in page  # the reason and the car; what is merely empty is not counted
    assert f"不能用{builders.OWN}" in page
    assert city.person("head").name in page
    assert not Trip.objects.exists()
    assert not Record.objects.filter(verb__startswith="fleet.trip").exists()


def test_the_live_check_bears_a_form_that_is_hardly_begun(city: City) -> None:
    answer = signed_in(city, "dispatcher").post("/fleet/request/check/", {"passengers": "x"})
    assert answer.status_code == 200
    assert "选定用车单位后" in text(answer)


def test_alike_requests_of_others_are_counted_not_named(city: City) -> None:
    begin = AT + timedelta(days=1)
    city.approved(
        rider_name="贺思", planned_from=begin.replace(hour=9), planned_to=begin.replace(hour=12)
    )
    address = "/fleet/request/check/"
    told = text(signed_in(city, "dispatcher").post(address, typed()))
    assert "相近的申请" in told
    assert "农业农村局 贺思" in told
    counted = text(signed_in(city, "stranger").post(address, typed(unit="教育局")))
    assert "有 1 单同向同时段" in counted
    assert "贺思" not in counted


def test_riders_are_found_by_name_initials_and_number_within_the_unit(city: City) -> None:
    client = signed_in(city, "asker")
    for words in ("莫", "mx", "D036016"):
        page = text(
            client.get("/fleet/request/riders/", {"rider_name": words, "unit": "农业农村局"})
        )
        assert "莫兴" in page, words
    elsewhere = city.person("stranger").name
    page = text(client.get("/fleet/request/riders/", {"rider_name": elsewhere, "unit": "教育局"}))
    assert "data-rider" not in page
    assert "按所写的姓名提交" in page


def test_the_last_request_can_be_copied(city: City) -> None:
    city.requested(reason="走访昌南湖社区", destination="昌南湖社区")
    page = text(signed_in(city, "asker").get(FORM, {"copy": "1"}))
    assert 'value="走访昌南湖社区"' in page
    assert 'value="昌南湖社区"' in page
    assert "data-draft-fresh" in page


def test_a_returned_request_is_changed_and_goes_round_again(city: City) -> None:
    trip = city.requested()
    requests.return_trip(
        actor=city.actor("approver"), trip_id=trip.pk, comment="写明走访的小区", at=AT
    )
    client = signed_in(city, "asker")
    page = text(client.get(reverse("fleet:change", args=[trip.pk])))
    assert 'value="春耕调研"' in page
    assert "修改说明" in page
    answer = client.post(
        reverse("fleet:change", args=[trip.pk]),
        typed(reason="走访三个小区", comment="已写明"),
        follow=True,
    )
    assert "已改并重新提交" in text(answer)
    trip.refresh_from_db()
    assert (trip.state, trip.reason) == (TripState.PENDING, "走访三个小区")


def test_others_cannot_change_a_request(city: City) -> None:
    trip = city.requested()
    address = reverse("fleet:change", args=[trip.pk])
    assert signed_in(city, "colleague").get(address).status_code == 404
    assert signed_in(city, "stranger").get(address).status_code in (403, 404)
    answer = signed_in(city, "dispatcher").post(address, typed(reason="代为修改"))
    assert "只有申请人能改" in text(answer)
    trip.refresh_from_db()
    assert trip.reason == "春耕调研"


def test_an_emergency_is_papered_and_then_waits_for_approval(city: City) -> None:
    trip = dispatching.dispatch_urgently(
        actor=city.actor("dispatcher"), facts=city.wish(), car_id=city.cars[builders.SMALL].pk,
        driver_id=city.drivers["汪杰"].pk, reason="防汛抢险", at=AT,
    )  # fmt: skip
    address = reverse("fleet:paper", args=[trip.pk])
    assert signed_in(city, "asker").get(address).status_code == 403  # not the clerk's duty
    client = signed_in(city, "dispatcher")
    assert "应急原因：防汛抢险" in text(client.get(address))
    answer = client.post(
        address,
        {"rider_name": "莫兴", "purpose": "EMERGENCY", "reason": "圩堤巡查", "passengers": "2"},
        follow=True,
    )
    assert f"已补单 {trip.number}，等余建国、邵红审批" in text(answer)
    trip.refresh_from_db()
    assert (trip.paper, trip.reason) == (Paper.PENDING, "圩堤巡查")
