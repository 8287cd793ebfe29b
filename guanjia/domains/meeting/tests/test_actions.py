"""Booking, deciding, calling off, holding: who may, when, and what the house is told of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from guanjia.domains.meeting import actions
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import Asking, BookingState, Standing
from guanjia.domains.meeting.tests import builders, scenes
from guanjia.domains.meeting.tests.builders import HOUR, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed
from guanjia.ui import waiting

pytestmark = pytest.mark.django_db
S = BookingState
LATER = AT + timedelta(days=2)


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.findings[0].code


def told(city: City) -> list[tuple[str, str, str]]:
    """Who was told what: account, kind, title."""
    names = {account.person_id: who for who, account in city.accounts.items()}
    rows = Notice.objects.order_by("pk")
    return [(names[one.person_id], one.kind.partition(".")[2], one.title) for one in rows]


def waits(city: City, who: str) -> list[str]:
    actor = city.actor(who)
    counted = waiting.counts(actor, AT)
    rows = waiting.todos(actor=actor, at=AT, counted=counted)
    return [row.title for row in rows if row.kind == "会议室待审批"]


# ── the life of a booking ────────────────────────────────────────────────────────────────


def test_a_free_room_is_booked_at_once_and_nobody_is_told(city: City) -> None:
    made = city.booked()
    assert (made.state, made.unit, made.number) == (S.BOOKED, city.units["farming"], "HY202000001")
    assert told(city) == []
    record = Record.objects.get(verb="meeting.booking.requested")
    assert record.after["state"] == S.BOOKED


def test_a_room_that_asks_waits_for_its_keeper_who_agrees(city: City) -> None:
    made = city.booked(room=city.asks)
    assert made.state == S.REQUESTED
    assert waits(city, "keeper") == ["发展中心一会议室 复工复产调度会"]
    assert waits(city, "clerk") == waits(city, "their_keeper") == []
    assert told(city) == [("keeper", "asked", "会议室待审批：复工复产调度会")]
    actions.agree(actor=city.actor("keeper"), booking_id=made.pk, at=AT)
    assert Booking.objects.get().state == S.BOOKED
    assert waits(city, "keeper") == []
    assert told(city)[1:] == [("clerk", "decided", "会议室已同意：复工复产调度会")]
    assert Notice.objects.filter(kind="meeting.asked", read_at=None).count() == 0


def test_what_is_turned_down_frees_the_room_and_tells_why(city: City) -> None:
    made, keeper = city.booked(room=city.asks), city.actor("keeper")
    with pytest.raises(Refused) as caught:
        actions.turn_down(actor=keeper, booking_id=made.pk, reason="  ", at=AT)
    assert code(caught) == "reason_missing"
    actions.turn_down(actor=keeper, booking_id=made.pk, reason=" 设备检修 ", at=AT)
    assert Booking.objects.get().state_note == "设备检修"
    notice = Notice.objects.get(kind="meeting.decided")
    assert notice.title == "会议室不同意：复工复产调度会"
    assert notice.body == "发展中心一会议室，5月21日 9:00–11:00，设备检修"
    assert city.booked("stranger", city.asks).state == S.REQUESTED


def test_a_host_calls_off_and_hears_of_it_only_from_others(city: City) -> None:
    first, second = city.booked(), city.booked(room=city.asks)
    actions.call_off(actor=city.actor("clerk"), booking_id=first.pk, reason="改期", at=AT)
    assert [one for one in told(city) if one[1] == "decided"] == []
    actions.call_off(actor=city.actor("keeper"), booking_id=second.pk, reason="停电", at=AT)
    assert told(city)[-1] == ("clerk", "decided", "会议已取消：复工复产调度会")


def test_a_meeting_is_held_with_the_people_who_came(city: City) -> None:
    made, clerk = city.booked(), city.actor("clerk")
    with pytest.raises(Refused) as caught:
        actions.hold(actor=clerk, booking_id=made.pk, people=38, at=AT)
    assert code(caught) == "not_yet"
    held = actions.hold(actor=clerk, booking_id=made.pk, people=38, at=LATER)
    assert (held.state, held.people) == (S.HELD, 38)


ACTS: dict[str, Callable[..., Any]] = {
    "agree": actions.agree,
    "turn_down": partial(actions.turn_down, reason="设备检修"),
    "call_off": partial(actions.call_off, reason="改期"),
    "hold": partial(actions.hold, people=38),
}
BEGINS = {"agree": "asks", "turn_down": "asks", "call_off": "free", "hold": "free"}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_belongs_to_its_state_and_is_done_once(city: City, act: str) -> None:
    made, keeper = city.booked(room=getattr(city, BEGINS[act])), city.actor("keeper")
    ACTS[act](actor=keeper, booking_id=made.pk, at=LATER)
    for again in ACTS.values():
        if act == "agree" and again in (ACTS["call_off"], ACTS["hold"]):
            continue
        with pytest.raises(OutOfState) as caught:
            again(actor=keeper, booking_id=made.pk, at=LATER)
        assert "规则" in caught.value.findings[0].cite.line()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["stranger", "clerk", "helper", "their_keeper"])
def test_others_may_not(city: City, act: str, who: str) -> None:
    """Only the host and the keeper of the room may; deciding is the keeper's alone."""
    made = city.booked(room=getattr(city, BEGINS[act]))
    mine = who in ("clerk", "their_keeper", "helper")  # the helper's bureau keeps the room
    if mine and act in ("call_off", "hold"):
        ACTS[act](actor=city.actor(who), booking_id=made.pk, at=LATER)
        return
    with pytest.raises((NotAllowed, Booking.DoesNotExist)):
        ACTS[act](actor=city.actor(who), booking_id=made.pk, at=LATER)
    assert Booking.objects.get().state == made.state


def test_nobody_decides_on_their_own_request(city: City) -> None:
    made = city.booked("keeper", city.asks)
    assert waits(city, "keeper") == []
    for act in ("agree", "turn_down"):
        with pytest.raises(Refused) as caught:
            ACTS[act](actor=city.actor("keeper"), booking_id=made.pk, at=AT)
        assert code(caught) == "own"


def test_who_may_not_book_does_not(city: City) -> None:
    with pytest.raises(NotAllowed):
        actions.request(
            actor=Actor(name="某人", person_id=1), asked=scenes.asked(city.free, at=AT), at=AT
        )
    with pytest.raises(Refused) as caught:
        actions.request(actor=Actor.system("测试"), asked=scenes.asked(city.free, at=AT), at=AT)
    assert code(caught) == "no_person"


# ── one room, one time ───────────────────────────────────────────────────────────────────


def test_a_taken_room_is_refused_with_who_has_it_and_what_is_free(city: City) -> None:
    city.booked()
    with pytest.raises(Refused) as caught:
        city.booked(title="预算会")
    (finding,) = caught.value.findings
    assert (finding.code, finding.field) == ("taken", "room")
    host = city.units["farming"].shown
    assert f"{host}《复工复产调度会》，5月21日 9:00–11:00" in finding.sentence
    assert (
        "可改订：发展中心一会议室 5月21日 9:00–11:00；市民中心报告厅 5月21日 11:00–13:00；"
        "市民中心报告厅 5月21日 13:00–15:00。" in finding.sentence
    )
    assert finding.cite is not None
    assert "一间会议室同一时间只办一场会议" in finding.cite.line()


def test_a_stranger_is_told_only_that_the_room_is_taken(city: City) -> None:
    city.booked()
    with pytest.raises(Refused) as caught:
        city.booked("stranger", title="校长会")
    text = caught.value.findings[0].text()
    assert "其他单位占用，5月21日 9:00–11:00" in text
    assert city.units["farming"].shown not in text
    assert "调度会" not in text


def test_meetings_may_follow_each_other_and_stand_in_other_rooms(city: City) -> None:
    first = city.booked()
    start = first.ends_at
    city.booked("stranger", starts_at=start, ends_at=start + HOUR)
    city.booked("stranger", city.asks)
    assert Booking.objects.count() == 3


def test_a_request_holds_the_room_until_it_is_decided(city: City) -> None:
    made = city.booked(room=city.asks)
    with pytest.raises(Refused):
        city.booked("stranger", city.asks)
    actions.turn_down(actor=city.actor("keeper"), booking_id=made.pk, reason="检修", at=AT)
    city.booked("stranger", city.asks)


@pytest.mark.pg15
def test_the_database_refuses_two_in_one_room_whoever_writes_them(city: City) -> None:
    made = city.booked()
    row = {
        "title": "预算会", "unit": made.unit, "room": made.room, "people": 3, "state": S.REQUESTED,
        "starts_at": made.starts_at + HOUR, "ends_at": made.ends_at + HOUR,
    }  # fmt: skip
    insert = (
        "INSERT INTO meeting_booking (number, title, unit_id, room_id, starts_at, ends_at, people,"
        " services, state, state_note) SELECT 'HY-0', '预算会', unit_id, room_id, starts_at"
        " + interval '1 hour', ends_at, 3, '', 'HELD', '' FROM meeting_booking WHERE id = %s"
    )
    with (
        pytest.raises(IntegrityError, match="meeting_a_room_has_one_at_a_time"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(insert, [made.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(number="HY-1", **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(number="HY-2", **(row | {"ends_at": made.starts_at}))
    Booking.objects.create(number="HY-3", **(row | {"state": S.REFUSED}))
    after = {"starts_at": made.ends_at, "ends_at": made.ends_at + HOUR}
    Booking.objects.create(number="HY-4", **(row | after))
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        Booking.objects.filter(pk=made.pk).update(state=S.REFUSED)


@pytest.mark.pg15
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_has_the_room(transactional_db: None) -> None:
    city = builders.city()
    calls = [
        partial(
            actions.request, actor=city.actor(who), at=AT,
            asked=scenes.asked(city.free, at=AT, hours=hours, title=f"{who}的会"),
        )
        for who, hours in (("clerk", 24), ("stranger", 25))
    ]  # fmt: skip
    gate = Barrier(len(calls))

    def done(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=30)
            return call()
        except Refused as refused:
            return refused.findings[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        told = list(pool.map(done, calls, timeout=120))
    (won,) = (one for one in told if isinstance(one, Booking))
    (finding,) = (one for one in told if not isinstance(one, Booking))
    assert finding.code == "taken"
    assert "其他单位占用" in finding.sentence
    assert Booking.objects.get() == won


# ── rooms ────────────────────────────────────────────────────────────────────────────────


def test_a_room_has_one_name_and_is_kept_by_the_unit_that_entered_it(city: City) -> None:
    assert city.free.unit == city.units["bureau"]
    with pytest.raises(Refused) as caught:
        scenes.room(city.actor("keeper"), at=AT)
    assert code(caught) == "name_taken"
    with pytest.raises(NotAllowed):
        scenes.room(city.actor("clerk"), at=AT, name="小会议室")


def test_a_room_is_amended_by_who_keeps_it(city: City) -> None:
    facts = {
        "name": scenes.HALL, "seats": 30, "equipment": "", "asking": Asking.ASKED,
        "standing": Standing.CLOSED,
    }  # fmt: skip
    with pytest.raises(MeetingRoom.DoesNotExist):
        actions.amend_room(
            actor=city.actor("their_keeper"), meetingroom_id=city.free.pk, facts=facts, at=AT
        )
    actions.amend_room(actor=city.actor("keeper"), meetingroom_id=city.free.pk, facts=facts, at=AT)
    with pytest.raises(Refused) as caught:
        city.booked()
    assert [one.code for one in caught.value.findings] == ["closed", "too_small"]
    with pytest.raises(Refused):
        actions.amend_room(
            actor=city.actor("keeper"), meetingroom_id=city.free.pk,
            facts=facts | {"name": city.asks.name}, at=AT,
        )  # fmt: skip
