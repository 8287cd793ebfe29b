"""Day, week, room and booking for keeper, clerk and stranger; 占用 for whom it is not theirs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.meeting import actions
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import BookingState
from guanjia.domains.meeting.tests.builders import HOUR, City
from guanjia.kernel.access.tests.builders import AT

pytestmark = pytest.mark.django_db
TITLE = "复工复产调度会"
LOOKS = ("day", "week", "room")


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def at(what: str, *args: int) -> str:
    return reverse(f"meeting:{what}", args=args)


def look(city: City, who: str, what: str, on: str = "2020-05-21") -> str:
    args = [city.free.pk] if what == "room" else []
    return text(client_of(city, who).get(f"{at(what, *args)}?on={on}"))


WISH = {
    "title": TITLE, "day": "2020-05-21", "since": "9:00", "until": "11:00", "people": "40",
    "services": "茶水",
}  # fmt: skip


@pytest.mark.parametrize("what", LOOKS)
@pytest.mark.parametrize("who", ["keeper", "clerk"])
def test_who_may_know_sees_what_it_is_and_opens_it(city: City, what: str, who: str) -> None:
    made = city.booked()
    page = look(city, who, what)
    assert TITLE in page
    assert made.unit.shown in page
    assert "9:00–11:00" in page
    assert at("booking", made.pk) in page


@pytest.mark.parametrize("what", LOOKS)
def test_to_others_it_is_only_taken(city: City, what: str) -> None:
    made = city.booked()
    page = look(city, "stranger", what)
    assert "占用" in page
    assert "9:00–11:00" in page
    assert TITLE not in page, "not in a title either"
    assert made.unit.shown not in page
    assert made.number not in page
    assert at("booking", made.pk) not in page
    assert client_of(city, "stranger").get(at("booking", made.pk)).status_code == 404


@pytest.mark.parametrize("what", LOOKS)
def test_what_was_called_off_is_gone_and_what_waits_says_so(city: City, what: str) -> None:
    made = city.booked()
    assert "待审批" not in look(city, "clerk", what)
    Booking.objects.filter(pk=made.pk).delete()
    waits = city.booked(title="预算会")
    Booking.objects.filter(pk=waits.pk).delete()
    Booking.objects.create(
        number="HY-1", title="预算会", unit=made.unit, room=city.free, people=3,
        state=BookingState.REQUESTED, starts_at=made.starts_at, ends_at=made.ends_at,
    )  # fmt: skip
    assert "9:00–11:00 待审批" in look(city, "clerk", what)
    Booking.objects.update(state=BookingState.CALLED_OFF)
    assert "预算会" not in look(city, "clerk", what)


def test_a_day_shows_rooms_in_use_and_closed_ones_that_are_taken(city: City) -> None:
    city.booked()
    MeetingRoom.objects.update(standing="CLOSED")
    page = look(city, "clerk", "day")
    assert city.free.name in page
    assert city.asks.name not in page
    MeetingRoom.objects.exclude(pk=city.free.pk).delete()
    Booking.objects.all().delete()
    assert "还没有会议室" in look(city, "clerk", "day")


def test_a_block_stands_where_its_hours_are_also_over_midnight(city: City) -> None:
    made = city.booked()
    page = look(city, "clerk", "day")
    assert "left: 13.33%; width: 13.33%" in page  # 9 to 11 of 7 to 22
    made.starts_at, made.ends_at = AT + 13 * HOUR, AT + 25 * HOUR
    made.save()
    assert "left: 99.00%; width: 1.00%" in look(city, "clerk", "day", "2020-05-20")
    assert "left: 0.00%; width: 20.00%" in look(city, "clerk", "day")


@pytest.mark.parametrize("on", ["", "morgen", "0001-01-01", "9999-12-31", "2020-02-30"])
@pytest.mark.parametrize("what", LOOKS)
def test_any_day_may_be_asked_for(city: City, what: str, on: str) -> None:
    assert "会议室" in look(city, "clerk", what, on)


def test_a_room_is_booked_decided_and_the_meeting_held_by_the_pages(city: City) -> None:
    clerk, keeper = client_of(city, "clerk"), client_of(city, "keeper")
    page = text(clerk.get(f"{at('bookings_new')}?day=2020-05-21&room={city.asks.pk}"))
    assert 'value="2020-05-21"' in page
    assert "发展中心一会议室（100 座，须审批）" in page
    wish = WISH | {"room": str(city.asks.pk)}
    page = text(clerk.post(at("bookings_new"), wish, follow=True))
    assert "等会议室管理员审批" in page
    made = Booking.objects.get()
    assert at("bookings_agree", made.pk) not in page
    page = text(keeper.get(at("booking", made.pk)))
    for act in ("agree", "turn_down", "call_off"):
        assert at(f"bookings_{act}", made.pk) in page
    assert at("bookings_hold", made.pk) not in page
    page = text(keeper.post(at("bookings_agree", made.pk), follow=True))
    assert f"已同意 {made.number}，预订人已收到通知" in page
    assert at("bookings_agree", made.pk) not in page
    early = text(clerk.post(at("bookings_hold", made.pk), {"people": "38"}))
    assert "会议开始以后登记召开" in early
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        clerk, keeper = client_of(city, "clerk"), client_of(city, "keeper")
        page = text(clerk.post(at("bookings_hold", made.pk), {"people": "38"}, follow=True))
        again = keeper.get(at("bookings_call_off", made.pk))
    assert "已登记召开，38 人" in page
    assert again.status_code == 409
    assert "现在是已召开" in text(again)


def test_a_clash_is_told_beside_the_room_with_what_is_free(city: City) -> None:
    city.booked()
    clerk = client_of(city, "stranger")
    response = clerk.post(at("bookings_new"), WISH | {"room": str(city.free.pk), "title": "校长会"})
    page = text(response)
    assert response.status_code == 422
    assert "已有预订：其他单位占用，5月21日 9:00–11:00" in page
    assert "可改订：发展中心一会议室 5月21日 9:00–11:00" in page
    assert "一间会议室同一时间只办一场会议" in page
    assert 'value="校长会"' in page
    assert f"《{TITLE}》" not in page


def test_what_cannot_be_read_is_told_at_its_field(city: City) -> None:
    wrong = {
        "title": "",
        "room": "0",
        "day": "5/8",
        "since": "上午",
        "until": "25:00",
        "people": "0",
    }
    page = text(client_of(city, "clerk").post(at("bookings_new"), wrong))
    for sentence in (
        "补填会议名称", "从列出的会议室中选", "写成 2020-05-08 这样的日期", "写成 9:00 这样的时间",
        "参会人数不小于 1",
    ):  # fmt: skip
        assert sentence in page


def test_rooms_are_entered_and_amended_by_who_keeps_them(city: City) -> None:
    keeper, clerk = client_of(city, "keeper"), client_of(city, "clerk")
    facts = {
        "name": " 三楼会议室 ", "seats": "30", "equipment": "投影", "asking": "FREE",
        "standing": "OPEN",
    }  # fmt: skip
    assert "已登记三楼会议室" in text(keeper.post(at("rooms_new"), facts, follow=True))
    room = MeetingRoom.objects.get(name="三楼会议室")
    assert clerk.get(at("rooms_amend", room.pk)).status_code == 403
    page = text(keeper.post(at("rooms_amend", room.pk), facts | {"seats": "32"}, follow=True))
    assert "已修改三楼会议室" in page
    assert "32 座" in page
    assert at("rooms_amend", room.pk) not in text(clerk.get(at("room", room.pk)))


def test_lists_show_states_and_keep_to_the_scope(city: City) -> None:
    city.booked()
    assert TITLE in text(client_of(city, "clerk").get(at("bookings_list")))
    assert TITLE not in text(client_of(city, "stranger").get(at("bookings_list")))
    page = text(client_of(city, "stranger").get(at("rooms_list")))
    assert city.free.name in page, "rooms are there for everybody"


def test_the_page_tells_the_life_of_a_booking(city: City) -> None:
    made, clerk = city.booked(room=city.asks), client_of(city, "clerk")
    assert "等审批" in text(clerk.get(at("booking", made.pk)))
    actions.turn_down(actor=city.actor("keeper"), booking_id=made.pk, reason="设备检修", at=AT)
    page = text(clerk.get(at("booking", made.pk)))
    assert 'data-at="stop"' in page
    assert "设备检修" in page


def test_acts_over_the_api_keep_the_same_doors(city: City) -> None:
    made = city.booked(room=city.asks)

    def call(who: str, act: str, **body: Any) -> Any:
        return client_of(city, who).post(
            f"/api/meeting/bookings/{act}", body, content_type="application/json"
        )

    assert call("clerk", f"{made.pk}/agree").status_code == 403
    assert call("their_keeper", f"{made.pk}/agree").status_code == 404
    done = call("keeper", f"{made.pk}/agree")
    assert (done.json()["state"], done.json()["state_title"]) == ("BOOKED", "已预订")
    assert call("keeper", f"{made.pk}/agree").status_code == 409
    refused = call(
        "stranger", "new", title="校长会", room=str(city.asks.pk), day="2020-05-21", since="10:00",
        until="11:00", people=12,
    )  # fmt: skip
    assert refused.status_code == 422
    assert refused.json()["findings"][0]["code"] == "taken"
