"""Costs, cards and sheets: the row, the trail, what replaces what, and what waits for a word."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from guanjia.domains.fleet.actions import (
    card_news,
    cards,
    costs,
    following,
    journeys,
    levels,
    sheets,
)
from guanjia.domains.fleet.events import CarDisposed, TripFinished
from guanjia.domains.fleet.models import Car, Cost, FuelCard, FuelLevel, Sighting, Trip
from guanjia.domains.fleet.queries import costs as queries
from guanjia.domains.fleet.queries import fuel
from guanjia.domains.fleet.terms.costs import Barred, CostKind, CostSource, CostState
from guanjia.domains.fleet.tests import ends, spending
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, SMALL, THIRD, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkState
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.values.period import Period

MAY = Period.parse("2020-05")
EVERYWHERE = Scope.all()


def open_codes(cost: Cost) -> set[str]:
    return set(
        Remark.objects.filter(register="fleet.costs", object_id=cost.pk, state="OPEN").values_list(
            "code", flat=True
        )
    )


def remark(cost: Cost, code: str) -> Remark:
    found: Remark = Remark.objects.get(register="fleet.costs", object_id=cost.pk, code=code)
    return found


def refused(raised: Any) -> set[str]:
    return {finding.code for finding in raised.value.findings}


def recorded(verb: str) -> int:
    return Record.objects.filter(verb=verb).count()


def drives_on_petrol(city: City, *plates: str, tank_l: str | None = "50") -> None:
    Car.objects.filter(plate__in=plates or [SMALL]).update(
        energy="PETROL", tank_l=tank_l, body="SEDAN"
    )
    city.cars = {car.plate: car for car in Car.objects.select_related("unit")}


def finished(city: City, **told: Any) -> Trip:
    """A trip of this morning from nine to eleven, with what the driver told."""
    trip = city.out()
    return journeys.finish_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, end_km=10_080,
        back_at=trip.planned_to, at=trip.planned_to, **told,
    )  # fmt: skip


# ── receipts ─────────────────────────────────────────────────────────────────────────────


def test_a_receipt_becomes_a_cost_of_the_unit_that_keeps_the_car(city: City) -> None:
    cost = spending.entered(city)
    assert (cost.kind, cost.amount_fen, cost.source) == ("PARKING", 1_000, CostSource.HAND)
    assert cost.unit == city.units["bureau"]
    assert cost.entered_by == city.person("car_keeper")
    assert Record.objects.get(verb="fleet.cost.recorded").on_id == cost.pk


def test_the_unit_that_had_the_car_then_bears_the_cost(city: City) -> None:
    car = city.cars[SMALL]
    stay = car.stays.get()
    stay.unit = city.units["farming"]
    stay.save()
    assert spending.entered(city).unit == city.units["farming"]


def test_the_same_receipt_twice_is_one_cost(city: City) -> None:
    spending.entered(city)
    row = spending.receipt(city)
    again = costs.enter_costs(actor=city.actor("car_keeper"), rows=[row], at=AT)
    assert again == (0, 0, 1)
    changed = costs.enter_costs(
        actor=city.actor("car_keeper"), rows=[{**row, "amount_fen": 1_200}], at=AT
    )
    assert changed == (0, 1, 0)
    assert Cost.objects.get().amount_fen == 1_200
    assert Record.objects.get(verb="fleet.cost.changed").before["amount_fen"] == 1_000


def test_a_receipt_that_was_made_void_is_not_changed_by_a_ledger(city: City) -> None:
    cost = spending.entered(city)
    costs.void_cost(actor=city.actor("car_keeper"), cost_id=cost.pk, reason="登记错了", at=AT)
    with pytest.raises(Refused) as raised:
        spending.entered(city, amount_fen=2_000)
    assert refused(raised) == {"not_changeable"}


def test_private_trips_and_fines_are_not_paid(city: City) -> None:
    for changes, code in (
        ({"note": "5月12日超速罚款"}, "not_reimbursed_fine"),
        ({"barred": "PRIVATE"}, "not_reimbursed_private"),
        ({"barred": "ALLOWANCE"}, "not_reimbursed_allowance"),
    ):
        with pytest.raises(Refused) as raised:
            spending.entered(city, **changes)
        assert refused(raised) == {code}
        assert raised.value.findings[0].sentence, "it says what to do instead"
    assert not Cost.objects.exists()


def test_a_clerk_enters_costs_of_the_own_cars_only(city: City) -> None:
    with pytest.raises(Refused) as raised:
        spending.entered(city, by="clerk")
    assert refused(raised) == {"car_outside"}
    with pytest.raises(NotAllowed):
        spending.entered(city, by="asker")
    Car.objects.filter(plate=SECOND).update(unit=city.units["farming"])
    city.cars[SECOND].refresh_from_db()
    assert spending.entered(city, by="clerk", car=city.cars[SECOND]).car.plate == SECOND


def test_a_receipt_finds_the_only_trip_of_its_day(city: City) -> None:
    trip = city.finished()
    cost = spending.entered(city, spent_on=trip.planned_from.date())
    assert cost.trip == trip
    assert open_codes(cost) == set()
    lonely = spending.entered(city, number="P2", spent_on=date(2020, 5, 2))
    assert lonely.trip is None
    assert open_codes(lonely) == {"no_trip"}


def test_a_cost_that_nobody_spends_on_the_way_needs_no_trip(city: City) -> None:
    cost = spending.entered(city, kind=CostKind.WASH)
    assert cost.trip is None
    assert open_codes(cost) == set()


def test_a_cost_is_made_void_with_its_reason(city: City) -> None:
    cost = spending.entered(city)
    with pytest.raises(Refused) as raised:
        costs.void_cost(actor=city.actor("car_keeper"), cost_id=cost.pk, reason=" ", at=AT)
    assert refused(raised) == {"reason_missing"}
    costs.void_cost(actor=city.actor("car_keeper"), cost_id=cost.pk, reason="重复", at=AT)
    cost.refresh_from_db()
    assert (cost.state, cost.state_note) == (CostState.VOID, "重复")
    assert open_codes(cost) == set(), "what does not count has nothing odd about it"
    assert not queries.of_period(EVERYWHERE, MAY).exists()
    with pytest.raises(Refused):
        costs.void_cost(actor=city.actor("car_keeper"), cost_id=cost.pk, reason="再", at=AT)


def test_a_refused_cost_keeps_its_case_and_its_verdict(city: City) -> None:
    cost = spending.entered(city)
    costs.refuse_cost(
        actor=city.actor("car_keeper"), cost_id=cost.pk, barred=Barred.PRIVATE,
        reason="用车人确认", at=AT,
    )  # fmt: skip
    cost.refresh_from_db()
    assert (cost.state, cost.state_note) == (CostState.REFUSED, "私用行程：用车人确认")
    trail = Record.objects.get(verb="fleet.cost.refused")
    assert trail.verdict["refusals"][0]["code"] == "not_reimbursed_private"
    with pytest.raises(NotAllowed):
        costs.refuse_cost(
            actor=city.actor("clerk"), cost_id=cost.pk, barred=Barred.FINE, reason="x", at=AT
        )


# ── what drivers tell ────────────────────────────────────────────────────────────────────


def test_what_the_driver_told_at_the_return_becomes_costs(city: City) -> None:
    trip = finished(city, toll_fen=1_500, parking_fen=1_000, fuel_l=Decimal(40), fuel_fen=22_440)
    rows = {cost.kind: cost for cost in Cost.objects.all()}
    assert {kind: cost.amount_fen for kind, cost in rows.items()} == {
        "FUEL": 22_440, "TOLL": 1_500, "PARKING": 1_000,
    }  # fmt: skip
    assert {cost.trip for cost in rows.values()} == {trip}
    assert rows["FUEL"].litres == 40
    assert rows["TOLL"].source == CostSource.TRIP


def test_a_trip_without_costs_leaves_none(city: City) -> None:
    finished(city)
    assert not Cost.objects.exists()


def test_the_news_of_a_return_twice_doubles_nothing_and_corrections_follow(city: City) -> None:
    trip = finished(city, toll_fen=1_500, parking_fen=1_000)
    following.follow_trip(TripFinished(trip_id=trip.pk))
    assert Cost.objects.count() == 2
    Trip.objects.filter(pk=trip.pk).update(toll_fen=1_800, parking_fen=None)
    following.follow_trip(TripFinished(trip_id=trip.pk))
    assert Cost.objects.get(kind="TOLL").amount_fen == 1_800
    assert Cost.objects.get(kind="PARKING").state == CostState.VOID
    assert recorded("fleet.cost.changed") == 2


# ── the sheets of others ─────────────────────────────────────────────────────────────────


def test_a_sale_becomes_a_cost_with_its_trip_and_a_sighting(city: City) -> None:
    spending.card(city)
    trip = city.finished()
    cost = spending.fuel(city, "1", spent_at=trip.planned_from + HOUR)
    assert (cost.trip, cost.litres, cost.amount_fen) == (trip, 40, 22_440)
    assert cost.card is not None
    assert cost.sale.grade == "92号汽油"
    seen = Sighting.objects.get()
    assert (seen.car.plate, seen.place, seen.source, seen.at) == (
        SMALL, "瓷都大道加油站", "FUEL", trip.planned_from + HOUR,
    )  # fmt: skip
    assert open_codes(cost) == set()


def test_a_sale_at_the_minute_of_the_return_has_no_trip(city: City) -> None:
    spending.card(city)
    trip = city.finished()
    last = spending.fuel(city, "1", spent_at=trip.planned_to - timedelta(minutes=1))
    after = spending.fuel(city, "2", spent_at=trip.planned_to)
    assert (last.trip, after.trip) == (trip, None)
    assert "no_trip" in open_codes(after)
    first = spending.fuel(city, "3", spent_at=trip.planned_from)
    before = spending.fuel(city, "4", spent_at=trip.planned_from - timedelta(minutes=1))
    assert (first.trip, before.trip) == (trip, None)


def test_a_passage_leaves_a_sighting_at_each_gate(city: City) -> None:
    spending.passed(city, spending.passage(city, "E1"))
    assert list(Sighting.objects.order_by("at").values_list("place", flat=True)) == [
        "景德镇南", "浮梁东",
    ]  # fmt: skip
    cost = Cost.objects.get()
    assert (cost.kind, cost.place, cost.toll.entry_place) == ("TOLL", "浮梁东", "景德镇南")


def test_the_same_sheet_twice_changes_nothing(city: City) -> None:
    spending.card(city)
    rows = [spending.sale(city, "1"), spending.sale(city, "2", spent_at=AT - 5 * HOUR)]
    assert spending.sold(city, *rows) == (2, 0, 0)
    trail, seen = Record.objects.count(), Sighting.objects.count()
    assert spending.sold(city, *rows) == (0, 0, 2)
    assert (Record.objects.count(), Sighting.objects.count()) == (trail, seen)
    passages = [spending.passage(city, "1")]  # the toll road counts its own numbers
    assert spending.passed(city, *passages) == (1, 0, 0)
    assert spending.passed(city, *passages) == (0, 0, 1)


def test_a_sheet_that_was_corrected_is_followed(city: City) -> None:
    spending.card(city)
    cost = spending.fuel(city, "1")
    row = spending.sale(city, "1", amount_fen=20_000, grade="95号汽油")
    assert spending.sold(city, row) == (0, 1, 0)
    cost.refresh_from_db()
    assert (cost.amount_fen, cost.sale.grade) == (20_000, "95号汽油")
    trail = Record.objects.get(verb="fleet.cost.changed")
    assert (trail.before["amount_fen"], trail.after["amount_fen"]) == (22_440, 20_000)


def test_what_was_written_down_here_survives_the_sheet(city: City) -> None:
    spending.card(city)
    cost = spending.fuel(city, "1")
    costs.amend_cost(
        actor=city.actor("car_keeper"), cost_id=cost.pk,
        facts={"full": True, "odometer_km": 10_050, "litres": Decimal(99)}, at=AT,
    )  # fmt: skip
    assert spending.sold(city, spending.sale(city, "1")) == (0, 0, 1)
    cost.refresh_from_db()
    assert (cost.full, cost.odometer_km, cost.litres) == (True, 10_050, 40)


def test_only_who_judges_takes_in_sheets(city: City) -> None:
    with pytest.raises(NotAllowed):
        sheets.take_fuel_sheet(actor=city.actor("clerk"), rows=[spending.sale(city, "1")], at=AT)
    assert not Cost.objects.exists()


# ── the same money counts once ───────────────────────────────────────────────────────────


def test_a_sheet_replaces_what_the_driver_told_of_the_same_money(city: City) -> None:
    spending.card(city)
    trip = finished(city, fuel_l=Decimal(40), fuel_fen=22_440, toll_fen=1_500)
    row = spending.fuel(city, "1", spent_at=trip.planned_from + HOUR)
    told = Cost.objects.get(source=CostSource.TRIP, kind="FUEL")
    assert (told.state, told.replaced_by) == (CostState.REPLACED, row)
    counted = queries.of_period(EVERYWHERE, MAY)
    assert {cost.kind: cost.source for cost in counted} == {"FUEL": "FUEL_SHEET", "TOLL": "TRIP"}
    assert Record.objects.get(verb="fleet.cost.replaced").on_id == told.pk


@pytest.mark.parametrize(
    ("days", "once"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_equal_money_of_a_day_apart_is_the_same_money(city: City, days: int, once: bool) -> None:
    spending.card(city)
    trip = finished(city, fuel_l=Decimal(40), fuel_fen=22_440)
    later = trip.planned_to + timedelta(days=days, hours=1)
    spending.sold(city, spending.sale(city, "1", spent_at=later), at=AT + 72 * HOUR)
    assert queries.of_period(EVERYWHERE, MAY).count() == (1 if once else 2)


@pytest.mark.parametrize("changes", [{"amount_fen": 22_441}, {"car": SECOND}])
def test_other_money_and_other_cars_stay_apart(city: City, changes: dict[str, Any]) -> None:
    trip = finished(city, fuel_l=Decimal(40), fuel_fen=22_440)
    spending.fuel(city, "1", spent_at=trip.planned_from + HOUR, **changes)
    assert queries.of_period(EVERYWHERE, MAY).count() == 2


def test_a_sheet_that_came_before_the_return_replaces_as_well(city: City) -> None:
    spending.card(city)
    trip = city.out()
    row = spending.fuel(city, "1", spent_at=trip.planned_from + HOUR)
    assert row.trip == trip, "the car is out"
    journeys.finish_trip(
        actor=city.actor("dispatcher"), trip_id=trip.pk, end_km=10_080, fuel_l=Decimal(40),
        fuel_fen=22_440, back_at=trip.planned_to, at=trip.planned_to,
    )  # fmt: skip
    assert Cost.objects.get(source=CostSource.TRIP).replaced_by == row


def test_one_row_replaces_one_telling_only(city: City) -> None:
    spending.card(city)
    first = finished(city, fuel_l=Decimal(40), fuel_fen=22_440)
    again = city.recorded("PC2020051900001")
    Trip.objects.filter(pk=again.pk).update(fuel_l=40, fuel_fen=22_440)
    following.follow_trip(TripFinished(trip_id=again.pk))
    row = spending.fuel(city, "1", spent_at=first.planned_from + HOUR)
    told = {cost.trip: cost.state for cost in Cost.objects.filter(source=CostSource.TRIP)}
    assert told == {first: CostState.REPLACED, again: CostState.COUNTED}
    assert row.replaces.count() == 1


def test_several_gates_replace_the_sum_that_the_driver_told(city: City) -> None:
    trip = finished(city, toll_fen=4_000)
    out, back = trip.planned_from + HOUR, trip.planned_to - timedelta(minutes=5)
    spending.passed(
        city,
        spending.passage(city, "1", spent_at=out, entry_at=None, amount_fen=1_500),
        spending.passage(city, "2", spent_at=back, entry_at=None, amount_fen=2_500),
    )
    told = Cost.objects.get(source=CostSource.TRIP)
    assert told.state == CostState.REPLACED
    assert "2 笔，合计 40.00 元" in told.state_note
    assert sum(cost.amount_fen for cost in queries.of_period(EVERYWHERE, MAY)) == 4_000


def test_a_driver_who_told_only_litres_is_replaced_by_equal_litres(city: City) -> None:
    spending.card(city)
    trip = finished(city, fuel_l=Decimal("40.00"))
    assert Cost.objects.get().amount_fen == 0
    spending.fuel(city, "1", spent_at=trip.planned_from + HOUR)
    assert Cost.objects.get(source=CostSource.TRIP).state == CostState.REPLACED


def test_a_row_made_void_sets_what_it_replaced_free(city: City) -> None:
    spending.card(city)
    trip = finished(city, fuel_l=Decimal(40), fuel_fen=22_440)
    row = spending.fuel(city, "1", spent_at=trip.planned_from + HOUR)
    costs.void_cost(actor=city.actor("car_keeper"), cost_id=row.pk, reason="退款", at=AT)
    told = Cost.objects.get(source=CostSource.TRIP)
    assert (told.state, told.replaced_by) == (CostState.COUNTED, None)
    assert recorded("fleet.cost.freed") == 1


def test_a_receipt_for_money_of_a_sheet_waits_for_a_look(city: City) -> None:
    spending.passed(city, spending.passage(city, "1"))
    paper = spending.entered(city, kind=CostKind.TOLL, amount_fen=1_500)
    assert "maybe_double" in open_codes(paper)
    other = spending.entered(city, number="P2", kind=CostKind.TOLL, amount_fen=1_600)
    assert "maybe_double" not in open_codes(other)


# ── trips that come later ────────────────────────────────────────────────────────────────


def test_a_cost_finds_the_trip_that_is_recorded_later(city: City) -> None:
    spending.card(city)
    cost = spending.fuel(city, "1", spent_at=AT - 23 * HOUR)
    assert open_codes(cost) == {"no_trip"}
    trip = city.recorded("PC2020051900041")
    assert following.match_waiting(at=AT) == 1
    cost.refresh_from_db()
    assert cost.trip == trip
    assert remark(cost, "no_trip").state == "CLOSED"
    assert recorded("fleet.cost.matched") == 1
    assert following.match_waiting(at=AT) == 0


# ── cards ────────────────────────────────────────────────────────────────────────────────


def test_a_card_used_for_another_car_names_both_plates(city: City) -> None:
    spending.card(city)
    cost = spending.fuel(city, "1", car=SECOND)
    assert {"card_of_other", "no_trip"} == open_codes(cost)
    sentence = remark(cost, "card_of_other").sentence
    assert SMALL in sentence
    assert SECOND in sentence
    assert remark(cost, "card_of_other").cite["title"]


def test_the_card_counts_as_it_stood_that_day(city: City) -> None:
    held = spending.card(city)
    keeper = city.actor("car_keeper")
    moved = cards.move_card(
        actor=keeper, card_id=held.pk, car_id=city.cars[SECOND].pk, on=date(2020, 5, 20),
        reason="原车停用", at=AT,
    )  # fmt: skip
    held.refresh_from_db()
    assert (held.until, moved.car.plate, moved.since) == (
        date(2020, 5, 20), SECOND, date(2020, 5, 20),
    )  # fmt: skip
    yesterday = spending.fuel(city, "1", spent_at=AT - 24 * HOUR)
    today = spending.fuel(city, "2", spent_at=AT)
    assert "card_of_other" not in open_codes(yesterday)
    assert "card_of_other" in open_codes(today)


def test_an_unknown_card_is_cleared_up_by_its_registration(city: City) -> None:
    cost = spending.fuel(city, "1")
    assert "card_unknown" in open_codes(cost)
    spending.card(city)
    assert "card_unknown" not in open_codes(cost)
    assert remark(cost, "card_unknown").state == "CLOSED"


def test_one_card_serves_one_car_and_a_car_has_one_card(city: City) -> None:
    held = spending.card(city)
    with pytest.raises(Refused) as raised:
        spending.card(city, car=SECOND)
    assert refused(raised) == {"card_taken"}
    assert SMALL in str(raised.value)
    with pytest.raises(Refused) as raised:
        spending.card(city, number="2")
    assert refused(raised) == {"car_has_card"}
    cards.stop_card(
        actor=city.actor("car_keeper"),
        card_id=held.pk,
        until=date(2020, 5, 1),
        reason="遗失",
        at=AT,
    )
    assert spending.card(city, number="2").car.plate == SMALL
    with pytest.raises(Refused) as raised:
        spending.card(city, car=SECOND, since=date(2020, 4, 30))
    assert refused(raised) == {"card_taken"}, "it served the other car until the day before"
    assert spending.card(city, car=SECOND, since=date(2020, 5, 1)).car.plate == SECOND


def test_a_card_stops_once_with_its_reason_and_not_before_it_began(city: City) -> None:
    held = spending.card(city)
    keeper = city.actor("car_keeper")
    with pytest.raises(Refused) as raised:
        cards.stop_card(actor=keeper, card_id=held.pk, until=date(2019, 12, 31), reason="", at=AT)
    assert refused(raised) == {"stops_before", "reason_missing"}
    cards.stop_card(actor=keeper, card_id=held.pk, until=date(2020, 1, 1), reason="错发", at=AT)
    with pytest.raises(Refused) as raised:
        cards.stop_card(actor=keeper, card_id=held.pk, until=date(2020, 2, 1), reason="x", at=AT)
    assert refused(raised) == {"card_stopped"}


@pytest.mark.pg15
def test_the_database_keeps_a_card_with_one_car_at_a_time(city: City) -> None:
    spending.card(city)
    with pytest.raises(IntegrityError), transaction.atomic():
        FuelCard.objects.create(
            number=spending.CARD, car=city.cars[SECOND], since=date(2020, 2, 1),
            until=date(2020, 3, 1), reason="旧账",
        )  # fmt: skip


def test_who_does_not_keep_cards_gives_none(city: City) -> None:
    with pytest.raises(NotAllowed):
        cards.give_card(
            actor=city.actor("clerk"), car_id=city.cars[SMALL].pk, number="1",
            since=date(2020, 1, 1), at=AT,
        )  # fmt: skip


# ── what fuel says ───────────────────────────────────────────────────────────────────────


def test_more_than_the_tank_and_an_odd_price_wait_for_a_word(city: City) -> None:
    spending.card(city)
    drives_on_petrol(city)
    trip = city.finished()
    when = trip.planned_from + HOUR
    much = spending.fuel(city, "1", litres="50.01", spent_at=when)
    assert open_codes(much) == {"tank_exceeded"}
    assert "多 0.01 升" in remark(much, "tank_exceeded").sentence
    dear = spending.fuel(city, "2", litres="10", amount_fen=11_001, spent_at=when)
    assert "price_odd" in open_codes(dear)


def test_an_unknown_tank_says_nothing(city: City) -> None:
    spending.card(city)
    drives_on_petrol(city, tank_l=None)
    trip = city.finished()
    cost = spending.fuel(city, "1", litres="300", spent_at=trip.planned_from + HOUR)
    assert open_codes(cost) == set()


def fills(city: City, plate: str, *litres_at: tuple[str, int]) -> list[Cost]:
    """Full tanks by receipt, a day apart: litres and odometer."""
    made = []
    for day, (litres, km) in enumerate(litres_at, start=1):
        made.append(
            spending.entered(
                city,
                number=f"{plate}-{day}-{km}",
                car=city.cars[plate],
                kind=CostKind.FUEL,
                spent_on=date(2020, 5, day),
                amount_fen=int(Decimal(litres) * 600),
                litres=Decimal(litres),
                full=True,
                odometer_km=km,
            )
        )
    return made


def test_consumption_far_from_the_class_is_a_doubt_on_the_closing_fill(city: City) -> None:
    drives_on_petrol(city, SMALL, SECOND, THIRD)
    fills(city, SECOND, ("40", 10_000), ("40", 10_500))
    fills(city, THIRD, ("40", 10_000), ("42", 10_500))
    *_, last = fills(city, SMALL, ("40", 10_000), ("48", 10_300))
    assert "norm_odd" in open_codes(last)
    found = remark(last, "norm_odd")
    assert "百公里油耗 16.00 升" in found.headline
    assert found.cite["article"] == "第二十六条"
    (segment,) = fuel.segments(city.cars[SMALL].pk, MAY)
    assert (segment.litres, segment.km, segment.litres_per_100km, segment.odd) == (
        48, 300, 16, True,
    )  # fmt: skip
    # The receipt was wrong: corrected, nothing is odd.
    costs.amend_cost(
        actor=city.actor("car_keeper"), cost_id=last.pk, facts={"odometer_km": 10_550}, at=AT
    )
    assert "norm_odd" not in open_codes(last)


def test_a_segment_belongs_to_the_month_it_ends_in(city: City) -> None:
    drives_on_petrol(city)
    fills(city, SMALL, ("40", 10_000), ("40", 10_500))
    assert len(fuel.segments(city.cars[SMALL].pk, MAY)) == 1
    assert fuel.segments(city.cars[SMALL].pk, Period.parse("2020-06")) == []


def test_a_void_fill_no_longer_counts_in_the_segment(city: City) -> None:
    drives_on_petrol(city)
    _, middle, _ = fills(city, SMALL, ("40", 10_000), ("40", 10_500), ("40", 11_000))
    costs.void_cost(actor=city.actor("car_keeper"), cost_id=middle.pk, reason="重复", at=AT)
    (segment,) = fuel.segments(city.cars[SMALL].pk, MAY)
    assert (segment.litres, segment.km) == (40, 1_000)


# ── levels ───────────────────────────────────────────────────────────────────────────────


def test_a_day_from_full_to_empty_and_full_again_burnt_a_hundred_litres(city: City) -> None:
    drives_on_petrol(city, tank_l="100")
    for hour, litres in ((-8, 100), (-4, 0), (-3, 99)):
        levels.enter_level(
            actor=city.actor("car_keeper"), car_id=city.cars[SMALL].pk, read_at=AT + hour * HOUR,
            litres=Decimal(litres), at=AT,
        )  # fmt: skip
    sums = fuel.levels(city.cars[SMALL].pk, Period.day(AT.date()))
    assert (sums.readings, sums.used, sums.filled) == (3, 100, 99)
    assert recorded("fleet.level.entered") == 3


def test_a_level_above_the_tank_or_of_tomorrow_is_refused(city: City) -> None:
    drives_on_petrol(city)
    for litres, when, code in ((51, AT, "above_tank"), (5, AT + HOUR, "in_the_future")):
        with pytest.raises(Refused) as raised:
            levels.enter_level(
                actor=city.actor("car_keeper"), car_id=city.cars[SMALL].pk, read_at=when,
                litres=Decimal(litres), at=AT,
            )  # fmt: skip
        assert refused(raised) == {code}
    assert not FuelLevel.objects.exists()


# ── totals of sheets ─────────────────────────────────────────────────────────────────────


def test_the_total_a_sheet_states_is_kept_once_a_month_and_corrected(city: City) -> None:
    keeper = city.actor("car_keeper")
    for total in (22_440, 22_440, 22_500):
        row = sheets.state_total(
            actor=keeper, source=CostSource.FUEL_SHEET, month=date(2020, 5, 17), total_fen=total,
            entries=1, at=AT,
        )  # fmt: skip
    assert (row.month, row.total_fen) == (date(2020, 5, 1), 22_500)
    assert recorded("fleet.statement.told") == 2
    with pytest.raises(Refused):
        sheets.state_total(
            actor=keeper, source=CostSource.HAND, month=date(2020, 5, 1), total_fen=1,
            entries=None, at=AT,
        )  # fmt: skip


@pytest.mark.pg15
def test_nothing_costs_less_than_nothing(city: City) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        spending.entered(city, amount_fen=-1)


# ── the car is gone ──────────────────────────────────────────────────────────────────────


def test_the_cards_of_a_disposed_car_end_and_what_is_bought_after_is_a_doubt(city: City) -> None:
    gone = ends.old_car(city)
    give = {"actor": city.actor("car_keeper"), "car_id": gone.pk, "at": AT}
    fuel = cards.give_card(number="A1", issuer="中石化", since=date(2019, 1, 1), **give)
    etc = cards.give_card(number="A2", issuer="ETC", since=date(2019, 1, 1), **give)
    stopped = cards.give_card(number="A0", issuer="中石油", since=date(2018, 1, 1), **give)
    cards.stop_card(
        actor=city.actor("car_keeper"), card_id=stopped.pk, until=date(2019, 1, 1), reason="换卡",
        at=AT,
    )  # fmt: skip
    other = spending.card(city)
    made = ends.done(city, gone)
    for card in (fuel, etc):
        card.refresh_from_db()
        assert (card.until, made.number in card.reason) == (made.disposed_on, True)
        record = Record.objects.get(verb="fleet.card.stopped", on_id=card.pk)
        assert (record.name, record.after["until"]) == ("车辆处置", str(made.disposed_on))
    stopped.refresh_from_db()
    assert (stopped.until, stopped.reason) == (date(2019, 1, 1), "换卡"), "ended before"
    other.refresh_from_db()
    assert other.until is None, "another car's"
    card_news.end_cards(CarDisposed(car_id=gone.pk, disposal_id=made.pk))
    assert Record.objects.filter(verb="fleet.card.stopped").count() == 3, "safe to repeat"
    row = spending.sale(city, "F9", card_number="A1", spent_at=AT + 24 * HOUR) | {"car": gone}
    spending.sold(city, row, at=AT + 48 * HOUR)
    assert Remark.objects.filter(code="card_unknown", state=RemarkState.OPEN).count() == 1


def test_a_card_given_after_the_day_of_the_disposal_ends_the_day_it_began(city: City) -> None:
    gone = ends.old_car(city)
    late = cards.give_card(
        actor=city.actor("car_keeper"), car_id=gone.pk, number="A1",
        since=ends.TODAY + timedelta(days=3), at=AT,
    )  # fmt: skip
    ends.done(city, gone)
    late.refresh_from_db()
    assert late.until == late.since


def test_what_a_driver_told_otherwise_than_the_sheet_of_the_trip_is_a_doubt(city: City) -> None:
    trip = city.recorded("PC2020051900001")
    Trip.objects.filter(pk=trip.pk).update(toll_fen=5_300)
    following.follow_trip(TripFinished(trip_id=trip.pk))
    told = Cost.objects.get(source=CostSource.TRIP)
    assert "maybe_double" not in open_codes(told)
    spending.passed(city, spending.passage(city, "E1", spent_at=AT - 23 * HOUR, amount_fen=1_900))
    assert "maybe_double" in open_codes(told)
    assert "53.00 元" in remark(told, "maybe_double").sentence
    row = Cost.objects.get(source=CostSource.ETC_SHEET)
    assert row.trip_id == trip.pk
    costs.void_cost(actor=city.actor("car_keeper"), cost_id=row.pk, reason="记错车", at=AT)
    assert "maybe_double" not in open_codes(told), "nothing stands beside it any more"
