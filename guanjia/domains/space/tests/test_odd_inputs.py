"""What nobody types, and what somebody may send all the same: it is refused, nothing falls over."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import clearances, plans, rooms, seating, timelines
from guanjia.domains.space.models import Holding, Inspection, Occupant, Room
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.terms.ledger import Basis
from guanjia.domains.space.tests import rounding
from guanjia.domains.space.tests.builders import AT, SINCE, TODAY, City
from guanjia.kernel.regulations.verdict import Refused

BACKEND = "django.contrib.auth.backends.ModelBackend"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def visit(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


# ── what a telephone sends ───────────────────────────────────────────────────────────────


def sent(city: City, *looks: Any, **rest: Any) -> Any:
    """What the server answers to records as a telephone posts them."""
    made = rounding.running(city)
    told = [{"room": city.room("101").pk, "scanned_at": AT.isoformat(), **look} for look in looks]
    data = {"looks": json.dumps(told), "sent_at": AT.isoformat()} | rest
    return visit(city, "inspector").post(reverse("space:patrol_send", args=[made.pk]), data)


def came(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content[:300]
    return [one["came"] for one in answer.json()["answers"]]


def test_signs_that_the_database_cannot_hold_are_left_out(city: City) -> None:
    """One bad sign would else keep every record on the telephone for ever."""
    note = "窗\u0000边\ud83d多\U0001f469\u200d\U0001f4bb\n出一截𠮷"
    assert came(sent(city, {"uid": str(uuid4()), "note": note})) == ["STORED"]
    assert Inspection.objects.get().note == "窗边多\U0001f469\u200d\U0001f4bb\n出一截𠮷"


@pytest.mark.parametrize(
    "odd",
    [
        {"scanned_at": "0001-01-01T00:00:00+08:00"},
        {"scanned_at": "9999-12-31T23:59:59-12:00"},
        {"scanned_at": AT.replace(tzinfo=None).isoformat()},
        {"room": True},
        {"room": 10**40},
        {"room": -1},
        {"items": [10**40]},
        {"items": "1"},
        {"measured": "1e400"},
        {"measured": "NaN"},
        {"measured": "1" * 400},
        {"note": "长" * 5_000},
    ],
)
def test_a_record_that_cannot_be_is_refused_and_the_next_one_is_kept(
    city: City, odd: dict[str, Any]
) -> None:
    good = {"uid": str(uuid4())}
    assert sorted(came(sent(city, {"uid": str(uuid4()), **odd}, good))) == ["REFUSED", "STORED"]
    assert str(Inspection.objects.get().uid) == good["uid"]


@pytest.mark.parametrize(
    "broken", [{"looks": "[" * 100_000}, {"sent_at": "0001-01-01T00:00:00Z"}, {"looks": "{}"}]
)
def test_a_sending_that_cannot_be_read_is_said(city: City, broken: dict[str, Any]) -> None:
    answer = sent(city, {"uid": str(uuid4())}, **broken)
    assert (answer.status_code, answer.json()["sentence"]) == (422, "送来的内容读不懂。")


# ── numbers that are too large ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("m2", ["100000.01", "999999.99", "9999999"])
def test_no_room_is_larger_than_the_ledger_can_hold(city: City, m2: str) -> None:
    client = visit(city, "keeper")
    facts = {"kind": "OFFICE", "state": "VACANT", "on": "2020-05-01", "why": "漏登"}
    new = {**facts, "building": city.building.pk, "floor": "1", "number": "199", "usable_m2": m2}
    pages = [
        (reverse("space:room_new"), new),
        (reverse("space:room_change", args=[city.room("201").pk]), {**facts, "usable_m2": m2}),
        (
            reverse("space:room_change", args=[city.room("201").pk]),
            {**facts, "usable_m2": "24", "gross_m2": m2},
        ),
        (
            reverse("space:room_merge", args=[city.room("201").pk]),
            {"rooms": "202", "number": "201", "usable_m2": m2, "on": "2020-05-01", "why": "拆墙"},
        ),
        (
            reverse("space:room_split", args=[city.room("201").pk]),
            {"parts": f"201 办公室 12\n201A 办公室 {m2}", "on": "2020-05-01", "why": "加墙"},
        ),
    ]
    for address, data in pages:
        answer = client.post(address, data)
        assert answer.status_code == 422, address
        assert "面积过大" in answer.content.decode(), address
    for act in (
        lambda: rooms.change_room(
            actor=city.actor("keeper"), room_id=city.room("201").pk,
            changes={"usable_m2": Decimal(m2)}, on=TODAY, why="重新测量", at=AT,
        ),
    ):  # fmt: skip
        with pytest.raises(Refused, match="使用面积过大"):
            act()


# ── a plan drawn on the page ─────────────────────────────────────────────────────────────


def test_labels_of_a_drawing_lose_what_cannot_be_stored() -> None:
    told = [{"role": "ROOM", "label": "1\u000001\ud800", "corners": [[0, 0], [9, 0], [9, 9]]}]
    assert plans.read_shapes(json.dumps(told))[0].label == "101"


# ── days before what is told already ─────────────────────────────────────────────────────


def test_a_holder_is_not_told_from_before_somebody_sat_down(city: City) -> None:
    """The old unit's people would stay behind in the new unit's room."""
    room, keeper = city.room("104"), city.actor("keeper")
    timelines.seat(room=room, person=city.people["sitter"], since=TODAY - 5 * DAY)
    told: dict[str, Any] = {"room_id": room.pk, "why": "台账漏登", "at": AT, "actor": keeper}
    with pytest.raises(Refused, match="还有登记的变动"):
        rooms.tell_holder(unit_id=city.units["other"].pk, on=TODAY - 9 * DAY, **told)
    rooms.tell_holder(unit_id=city.units["other"].pk, on=TODAY - 5 * DAY, **told)
    assert not Occupant.objects.on(TODAY).filter(room=room).exists()
    assert Holding.objects.on(TODAY).get(room=room).unit == city.units["other"]


def test_nobody_sits_in_a_room_that_never_was(city: City) -> None:
    room = Room.objects.create(building=city.building, floor=city.room("101").floor, number="188")
    with pytest.raises(Refused, match="已不在台账里"):
        seating.seat_people(
            actor=city.actor("keeper"), room_id=room.pk, people_ids=[], on=TODAY, at=AT
        )


# ── what belonged to others before ───────────────────────────────────────────────────────


def test_a_unit_does_not_read_what_a_room_was_for_others(city: City) -> None:
    room, keeper = city.room("102"), city.actor("keeper")
    rooms.change_room(
        actor=keeper, room_id=room.pk, changes={"usable_m2": Decimal("20.5")},
        on=SINCE + 30 * DAY, why="占小青要求隔断", at=AT,
    )  # fmt: skip
    rooms.change_room(
        actor=keeper, room_id=room.pk, changes={"usable_m2": Decimal(20)},
        on=SINCE + 60 * DAY, why="恢复原样", at=AT,
    )  # fmt: skip
    rooms.tell_holder(
        actor=keeper, room_id=room.pk, unit_id=city.units["other"].pk, on=TODAY, why="调剂", at=AT
    )
    assert Holding.objects.on(TODAY).get(room=room).basis == Basis.LEDGER
    panel = reverse("space:floor_room", args=[city.building.pk, 1, room.pk])
    floor = reverse("space:floor", args=[city.building.pk, 1])
    for who, sees in (("keeper", True), ("stranger", False)):
        client = visit(city, who)
        told = [
            client.get(panel, headers={"HX-Request": "true"}),
            client.get(floor, {"room": room.pk}),
            client.get(reverse("space:room", args=[room.pk])),
        ]
        for answer in told:
            assert answer.status_code == 200
            page = answer.content.decode()
            assert ("占小青要求隔断" in page) is sees, answer.request["PATH_INFO"]
            assert ("农业农村局" in page) is sees, answer.request["PATH_INFO"]


# ── what only looks like a number ────────────────────────────────────────────────────────


@pytest.mark.parametrize("odd", ["²", "9" * 5_000, "１²", "-1"])
def test_what_is_no_id_is_passed_over(city: City, odd: str) -> None:
    """``"²".isdigit()`` is true, and ``int`` does not take it."""
    client, farming = visit(city, "keeper"), city.units["farming"].code
    asked = {"unit": farming, "back": odd, "way": "REALLOCATE"}
    assert client.post(reverse("space:allocation_new"), asked).status_code == 422
    counted = client.post(reverse("space:allocation_new"), {**asked, "reckon": "1"})
    assert counted.status_code == 200, "only the need was asked about"
    assert client.post(reverse("space:survey_new"), {"units": odd}).status_code == 422
    made = rounding.running(city)
    close = reverse("space:round_close", args=[made.pk])
    told = urlencode({f"excuse_{odd}": "没有去"})
    plain = "application/x-www-form-urlencoded"
    assert client.post(close, told, content_type=plain).status_code == 422


def test_rooms_are_not_handed_back_before_their_time_began(city: City) -> None:
    keeper, room = city.actor("keeper"), city.room("102")
    made = clearances.open_clearance(
        actor=keeper, unit_id=city.units["farming"].pk, reason=ClearanceReason.NEW_FOR_OLD,
        room_ids=[room.pk], begins_on=TODAY - 40 * DAY, at=AT,
    )  # fmt: skip
    hand = {"actor": city.actor("clerk"), "clearance_id": made.pk, "at": AT}
    with pytest.raises(Refused, match="早于腾退起算日期"):
        clearances.hand_back(on=TODAY - 41 * DAY, **hand)
    assert clearances.hand_back(on=TODAY - 40 * DAY, **hand).handed_back_on == TODAY - 40 * DAY


def test_rooms_are_not_taken_back_from_under_somebody_who_sat_down_later(city: City) -> None:
    keeper, room = city.actor("keeper"), city.room("104")
    made = clearances.open_clearance(
        actor=keeper, unit_id=city.units["farming"].pk, reason=ClearanceReason.NEW_FOR_OLD,
        room_ids=[room.pk], begins_on=TODAY, at=AT,
    )  # fmt: skip
    clearances.hand_back(actor=city.actor("clerk"), clearance_id=made.pk, on=TODAY, at=AT)
    later = AT + 3 * DAY
    timelines.seat(room=room, person=city.people["sitter"], since=TODAY + 2 * DAY)
    with pytest.raises(Refused, match="另有登记"):
        clearances.accept(actor=keeper, clearance_id=made.pk, on=TODAY + DAY, at=later)
    clearances.accept(actor=keeper, clearance_id=made.pk, on=TODAY + 2 * DAY, at=later)
    assert not Occupant.objects.on(TODAY + 3 * DAY).filter(room=room).exists()
