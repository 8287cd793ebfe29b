"""Entering and changing buildings and rooms: who may, what is refused, what is left behind."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.space.actions import buildings, rooms, seating, timelines
from guanjia.domains.space.actions.rooms import RoomPart
from guanjia.domains.space.models import Building, Compound, Room
from guanjia.domains.space.queries import rooms as queries
from guanjia.domains.space.rules.buildings import Title
from guanjia.domains.space.terms.ledger import (
    Basis,
    BuildingKind,
    BuildingState,
    RoomKind,
    RoomState,
    SafetyGrade,
    Structure,
    TitleState,
)
from guanjia.domains.space.tests.builders import AT, SINCE, TODAY, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

DAY = timedelta(days=1)
BEFORE = TODAY - 30 * DAY


def on(number: str, day: date = TODAY) -> Any:
    return queries.listed(Scope.all(), day).filter(number=number).first()


def sitting(number: str, day: date = TODAY) -> list[str]:
    return [seat.person.name for seat in on(number, day).sitting]


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def last(verb: str) -> Record:
    record: Record = Record.objects.filter(verb=verb).latest("pk")
    return record


# ── buildings ────────────────────────────────────────────────────────────────────────────


def test_a_building_is_added_in_a_compound_that_may_be_new(city: City) -> None:
    facts = {
        "gross_m2": Decimal(900), "floors_above": 3, "kind": BuildingKind.LOW,
        "structure": Structure.FRAME, "built_year": 2001, "delivered_on": None,
        "state": BuildingState.DELIVERED,
    }  # fmt: skip
    keeper = city.actor("keeper")
    made = buildings.add_building(actor=keeper, compound=" 东院 ", name="附楼", facts=facts, at=AT)
    assert (made.compound.name, made.structure, made.title_state) == (
        "东院", Structure.FRAME, TitleState.NONE,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        buildings.add_building(actor=keeper, compound="东院", name="附楼", facts=facts, at=AT)
    assert codes(refused) == ["building_known"]
    with pytest.raises(NotAllowed):
        buildings.add_building(
            actor=city.actor("clerk"), compound="东院", name="北楼", facts=facts, at=AT
        )


def test_a_title_that_is_unclear_is_filed_with_number_and_day(city: City) -> None:
    keeper, pk = city.actor("keeper"), city.building.pk
    filed = Title(state=TitleState.FILED, number="", owner="景德镇市机关事务管理局")
    with pytest.raises(Refused) as refused:
        buildings.record_title(actor=keeper, building_id=pk, title=filed, at=AT)
    assert codes(refused) == ["title_number_missing", "title_day_missing"]
    assert all(finding.cite for finding in refused.value.findings)
    whole = Title(
        state=TitleState.FILED, number="权备〔2020〕3号", owner="景德镇市机关事务管理局",
        on=TODAY, area_m2=Decimal(4600),
    )  # fmt: skip
    buildings.record_title(actor=keeper, building_id=pk, title=whole, note="资料缺失", at=AT)
    city.building.refresh_from_db()
    assert (city.building.title_state, city.building.title_m2) == (TitleState.FILED, 4600)
    record = last("space.building.titled")
    assert (record.note, record.before["title_state"], record.after["title_state"]) == (
        "资料缺失", "REGISTERED", "FILED",
    )  # fmt: skip


def test_an_appraisal_is_not_older_than_the_one_that_is_known(city: City) -> None:
    keeper, pk = city.actor("keeper"), city.building.pk
    given: dict[str, Any] = {"actor": keeper, "building_id": pk, "at": AT}
    buildings.record_appraisal(grade=SafetyGrade.B, on=TODAY, **given)
    for day, code in ((TODAY - DAY, "appraisal_old"), (TODAY + DAY, "day_ahead")):
        with pytest.raises(Refused) as refused:
            buildings.record_appraisal(grade=SafetyGrade.C, on=day, **given)
        assert codes(refused) == [code]
    city.building.refresh_from_db()
    assert (city.building.safety, city.building.appraised_on) == (SafetyGrade.B, TODAY)


@pytest.mark.parametrize(
    ("facts", "why", "code"),
    [
        ({"floors_above": 1}, "改建", "rooms_above"),
        ({"state": BuildingState.CLOSED}, "停用", "rooms_held"),
        ({"gross_m2": Decimal(4700)}, " ", "reason_missing"),
    ],
)
def test_a_building_is_not_amended_against_its_rooms(
    city: City, facts: dict[str, Any], why: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        buildings.amend_building(
            actor=city.actor("keeper"),
            building_id=city.building.pk,
            facts=facts,
            on=TODAY,
            why=why,
            at=AT,
        )
    assert codes(refused) == [code]


def test_amending_says_from_what_into_what(city: City) -> None:
    facts = {"gross_m2": Decimal(4700), "structure": Structure.FRAME}
    keeper = city.actor("keeper")
    buildings.amend_building(
        actor=keeper, building_id=city.building.pk, facts=facts, on=TODAY, why="竣工测绘", at=AT
    )
    record = last("space.building.amended")
    assert (record.before["gross_m2"], record.after["gross_m2"]) == ("4607.00", "4700")
    compound = Compound.objects.get()
    land = {"land_m2": Decimal(12000), "land_title_no": "景土国用(2011)第12号"}
    for _ in range(2):
        buildings.amend_compound(
            actor=keeper, compound_id=compound.pk, facts=land, on=TODAY, why="土地证", at=AT
        )
    assert Record.objects.filter(verb="space.compound.amended").count() == 1


# ── a room and its days ──────────────────────────────────────────────────────────────────


def change(city: City, number: str, day: date = TODAY, who: str = "keeper", **changes: Any) -> Room:
    return rooms.change_room(
        actor=city.actor(who), room_id=city.room(number).pk, changes=changes, on=day,
        why="改作会议室", at=AT,
    )  # fmt: skip


def test_a_change_from_a_past_day_leaves_what_was_told_of_later_days(city: City) -> None:
    change(city, "104", TODAY, usable_m2=Decimal(70))
    change(city, "104", BEFORE, kind=RoomKind.ANCILLARY)
    told = [(on("104", day).now.kind, on("104", day).now.usable_m2)
            for day in (BEFORE - DAY, BEFORE, TODAY)]  # fmt: skip
    assert told == [
        (RoomKind.SERVICE, 60), (RoomKind.ANCILLARY, 60), (RoomKind.SERVICE, 70),
    ]  # fmt: skip
    assert on("104").now.why == "改作会议室"
    record = last("space.room.changed")
    assert record.after == {"kind": "ANCILLARY", "on": "2020-04-20"}
    assert record.unit_path == city.units["farming"].path


def test_nothing_changed_leaves_no_record(city: City) -> None:
    change(city, "104", kind=RoomKind.SERVICE, usable_m2=Decimal(60))
    assert city.room("104").spells.count() == 1
    assert not Record.objects.filter(verb="space.room.changed").exists()


@pytest.mark.parametrize(
    ("number", "day", "changes", "code"),
    [
        ("104", TODAY + DAY, {"kind": RoomKind.OFFICE}, "day_ahead"),
        ("104", SINCE - DAY, {"kind": RoomKind.OFFICE}, "day_before"),
        ("104", TODAY, {"state": RoomState.VACANT}, "still_held"),
        ("104", TODAY, {"gross_m2": Decimal(59)}, "gross_too_small"),
        ("104", TODAY, {"usable_m2": Decimal(0)}, "area_small"),
    ],
)
def test_a_change_that_cannot_be(
    city: City, number: str, day: date, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        change(city, number, day, **changes)
    assert codes(refused) == [code]
    assert city.room(number).spells.count() == 1


@pytest.mark.parametrize("who", ["clerk", "inspector", "decider", "supervisor"])
def test_only_the_bureau_changes_rooms(city: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        change(city, "104", who=who, kind=RoomKind.OFFICE)


def add(city: City, number: str, floor: int = 1, since: date = TODAY, **facts: Any) -> Room:
    given = {
        "kind": RoomKind.OFFICE, "usable_m2": Decimal(15), "gross_m2": None,
        "state": RoomState.VACANT, **facts,
    }  # fmt: skip
    return rooms.add_room(
        actor=city.actor("keeper"), building_id=city.building.pk, floor=floor, number=number,
        facts=given, since=since, why="加建", at=AT,
    )  # fmt: skip


def test_a_room_is_added_from_a_day_on(city: City) -> None:
    made = add(city, " 106 ", since=BEFORE)
    assert (made.number, on("106", BEFORE).pk, on("106", BEFORE - DAY)) == ("106", made.pk, None)
    for number, floor, code in (
        ("101", 1, "number_taken"), ("601", 6, "floor_unknown"), ("001", 0, "floor_unknown"),
        (" ", 1, "number_missing"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            add(city, number, floor)
        assert codes(refused) == [code]


def hold(city: City, number: str, unit: str, day: date = TODAY) -> Room:
    return rooms.tell_holder(
        actor=city.actor("keeper"), room_id=city.room(number).pk,
        unit_id=city.units[unit].pk if unit else None, on=day, why="补登", at=AT,
    )  # fmt: skip


def test_the_ledger_tells_who_holds_a_room_and_who_does_not_any_more(city: City) -> None:
    hold(city, "201", "farming", BEFORE)
    assert (on("201").held.unit, on("201").now.state) == (city.units["farming"], RoomState.IN_USE)
    hold(city, "101", "")
    assert (on("101").held, on("101").now.state, sitting("101")) == (None, RoomState.VACANT, [])
    assert sitting("101", TODAY - DAY) == ["余建国"]
    record = last("space.room.held")
    assert record.before == {"unit": "市农业农村局"}


def test_a_voucher_and_a_promise_stand_above_the_ledger(city: City) -> None:
    other = city.units["other"]
    timelines.hold(
        room=city.room("201"), unit=other, since=TODAY, basis=Basis.ALLOTTED, paper="景调配1号"
    )
    timelines.hold(
        room=city.room("202"), unit=other, since=TODAY + DAY, basis=Basis.ALLOTTED, paper="2号"
    )
    for number, code in (("201", "held_by_paper"), ("202", "promised")):
        with pytest.raises(Refused) as refused:
            hold(city, number, "farming")
        assert codes(refused) == [code]


# ── several that become one, one that becomes several ────────────────────────────────────


def merge(city: City, *numbers: str, into: str, day: date = TODAY, **rest: Any) -> Room:
    return rooms.merge_rooms(
        actor=city.actor("keeper"), room_ids=[city.room(one).pk for one in numbers], number=into,
        on=day, why="拆除隔墙", at=AT, **rest,
    )  # fmt: skip


def test_rooms_are_merged_and_the_days_before_keep_them(city: City) -> None:
    made = merge(city, "101", "102", into="101")
    assert made == city.room("101")
    assert (on("101").now.usable_m2, sitting("101"), on("102")) == (44, ["余建国", "占小青"], None)
    assert (on("102", TODAY - DAY).now.usable_m2, sitting("102", TODAY - DAY)) == (20, ["占小青"])
    assert on("101").now.why == "由 101、102 合并：拆除隔墙"
    whole = queries.usable_m2(rooms=queries.as_of(day=TODAY, scope=Scope.all()))
    assert whole == queries.usable_m2(rooms=queries.as_of(day=TODAY - DAY, scope=Scope.all()))


def test_rooms_are_merged_under_a_new_number_with_an_area_of_its_own(city: City) -> None:
    made = merge(city, "103", "104", into="103A", usable_m2=Decimal(80))
    assert (on("103A").held.unit, on("103A").now.usable_m2) == (city.units["farming"], 80)
    assert sitting("103A") == ["莫兴", "贺思"]
    assert on("103A").now.kind == RoomKind.SERVICE, "that of the largest"
    assert [on("103"), on("104")] == [None, None]
    assert made.pk not in {room.pk for room in city.rooms.values()}


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        (("101",), "one_room"),
        (("101", "105"), "two_holders"),
        (("201", "B101"), "two_floors"),
    ],
)
def test_rooms_that_cannot_be_one(city: City, numbers: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refused) as refused:
        merge(city, *numbers, into="999")
    assert codes(refused) == [code]


def split(city: City, number: str, *parts: tuple[str, int], day: date = TODAY) -> list[Room]:
    return rooms.split_room(
        actor=city.actor("keeper"), room_id=city.room(number).pk,
        parts=[RoomPart(number=one, kind=RoomKind.OFFICE, usable_m2=Decimal(m2))
               for one, m2 in parts],
        on=day, why="加隔墙", at=AT,
    )  # fmt: skip


def test_a_room_is_split_and_one_part_keeps_its_number(city: City) -> None:
    made = split(city, "103", ("103", 10), ("103A", 8))
    assert [room.number for room in made] == ["103", "103A"]
    assert (on("103").now.usable_m2, sitting("103")) == (10, ["莫兴", "贺思"])
    assert (on("103A").held.unit, sitting("103A")) == (city.units["farming"], [])
    assert on("103", TODAY - DAY).now.usable_m2 == 18


def test_people_go_on_in_the_first_part_where_the_number_goes(city: City) -> None:
    split(city, "103", ("103A", 10), ("103B", 8))
    assert (on("103"), sitting("103A")) == (None, ["莫兴", "贺思"])


def test_what_was_merged_may_be_split_again_under_the_old_numbers(city: City) -> None:
    merge(city, "101", "102", into="101", day=BEFORE)
    split(city, "101", ("101", 24), ("102", 20))
    assert on("102").pk == city.room("102").pk, "the same door"
    assert on("102", BEFORE) is None
    assert on("102", BEFORE - DAY).now.usable_m2 == 20
    assert on("102").held.unit == city.units["farming"]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((("103", 18),), "one_part"),
        ((("103", 9), ("103", 9)), "number_twice"),
        ((("103", 9), ("104", 9)), "number_taken"),
    ],
)
def test_a_room_that_cannot_be_split_so(
    city: City, parts: tuple[tuple[str, int], ...], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        split(city, "103", *parts)
    assert codes(refused) == [code]
    assert on("103").now.usable_m2 == 18


def _merged(city: City, day: date) -> None:
    merge(city, "101", "102", into="101", day=day)


def _split(city: City, day: date) -> None:
    split(city, "101", ("101", 12), ("101A", 12), day=day)


@pytest.mark.parametrize("act", [_merged, _split])
def test_rooms_get_another_shape_only_after_what_is_told_of_them(
    city: City, act: Callable[[City, date], None]
) -> None:
    change(city, "101", TODAY - DAY, kind=RoomKind.SERVICE)
    with pytest.raises(Refused) as refused:
        act(city, BEFORE)
    assert codes(refused) == ["changed_later"]
    act(city, TODAY - DAY)
    timelines.hold(
        room=city.room("204"), unit=city.units["other"], since=TODAY, basis=Basis.LOAN,
        until=TODAY + 30 * DAY, paper="借1号",
    )  # fmt: skip
    with pytest.raises(Refused) as papered:
        split(city, "204", ("204", 20), ("204A", 20))
    assert codes(papered) == ["held_by_paper"]


def test_a_room_entered_and_taken_back_the_same_day_never_was(city: City) -> None:
    city.rooms["106"] = add(city, "106")
    hold(city, "106", "farming")
    merge(city, "101", "106", into="101")
    assert not city.room("106").spells.exists()
    with pytest.raises(Refused) as refused:
        change(city, "106", kind=RoomKind.SERVICE)
    assert codes(refused) == ["room_gone"]
    again = add(city, "106")
    assert again == city.room("106")


# ── who sits where ───────────────────────────────────────────────────────────────────────


def seat(city: City, number: str, *who: str, by: str = "clerk", day: date = TODAY) -> Any:
    return seating.seat_people(
        actor=city.actor(by), room_id=city.room(number).pk,
        people_ids=[city.people[one].pk for one in who], on=day, at=AT,
    )  # fmt: skip


def test_a_clerk_tells_who_sits_in_the_units_rooms(city: City) -> None:
    assert not seat(city, "103", "deputy", "sitter").warnings
    assert sitting("103") == ["占小青", "贺思"]
    assert sitting("103", TODAY - DAY) == ["莫兴", "贺思"]
    record = last("space.room.seated")
    assert (record.before["people"], record.after["people"]) == (
        ["莫兴", "贺思"], ["占小青", "贺思"],
    )  # fmt: skip
    seat(city, "103", "deputy", "sitter")
    assert Record.objects.filter(verb="space.room.seated").count() == 1


def test_not_in_the_rooms_of_others_nor_in_those_that_were_theirs(city: City) -> None:
    with pytest.raises(Room.DoesNotExist):
        seat(city, "203", "deputy")
    with pytest.raises(Room.DoesNotExist):
        seat(city, "201", "deputy")
    with pytest.raises(NotAllowed):
        seat(city, "103", "deputy", by="inspector")
    hold(city, "103", "other")
    with pytest.raises(Room.DoesNotExist):
        seat(city, "103", "deputy")
    seat(city, "103", "deputy", day=TODAY - DAY)
    assert (sitting("103", TODAY - DAY), sitting("103")) == (["占小青"], [])


def test_somebody_of_another_unit_is_seated_with_a_warning(city: City) -> None:
    verdict = seat(city, "103", "stranger")
    assert [finding.code for finding in verdict.warnings] == ["person_elsewhere"]
    assert sitting("103") == ["洪涛"]


def test_nobody_sits_where_nobody_holds_and_who_has_left_sits_nowhere(city: City) -> None:
    with pytest.raises(Refused) as refused:
        seat(city, "201", "deputy", by="keeper")
    assert codes(refused) == ["nobody_holds"]
    person = city.people["sitter"]
    person.left_on = TODAY
    person.save(update_fields=["left_on"])
    with pytest.raises(Refused) as gone:
        seat(city, "103", "sitter")
    assert codes(gone) == ["person_left"]
    assert not seat(city, "103").warnings
    assert sitting("103") == []


def test_a_building_that_is_over_has_no_room_held(city: City) -> None:
    for number in ("101", "102", "103", "104", "203"):
        hold(city, number, "")
    closed = buildings.amend_building(
        actor=city.actor("keeper"), building_id=city.building.pk,
        facts={"state": BuildingState.CLOSED}, on=TODAY, why="停用", at=AT,
    )  # fmt: skip
    assert Building.objects.get(pk=closed.pk).state == BuildingState.CLOSED
