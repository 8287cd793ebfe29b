"""Policies, inspections and plans: what they move, what they cost, and what is refused."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from guanjia.domains.fleet.actions import incidents, order_ledger, upkeep
from guanjia.domains.fleet.models import (
    Accident,
    Car,
    Cost,
    Fine,
    Inspection,
    Plan,
    Policy,
    Sighting,
)
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.costs import CostKind, CostState
from guanjia.domains.fleet.terms.upkeep import (
    Blame,
    Cover,
    DueKind,
    DueState,
    OrderState,
    PaidBy,
    Passed,
)
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import upkeep_rows as rows
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND, SMALL, TODAY, City
from guanjia.domains.fleet.tests.upkeep_rows import DAY
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope


def refused(call: Any) -> list[str]:
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    assert all(finding.text().endswith("。") for finding in caught.value.findings)
    return [finding.code for finding in caught.value.findings]


def enter(city: City, *given: dict[str, Any], by: str = "car_keeper") -> tuple[int, int, int]:
    return upkeep.enter_policies(actor=city.actor(by), rows=list(given), at=AT)


# ── policies ─────────────────────────────────────────────────────────────────────────────


def test_a_policy_moves_the_end_of_cover_and_becomes_a_cost(city: City) -> None:
    car = city.cars[SMALL]
    assert enter(city, rows.policy(car)) == (1, 0, 0)
    assert Car.objects.get(pk=car.pk).insured_until == date(2021, 5, 19)
    cost = Cost.objects.get()
    assert (cost.kind, cost.source, cost.source_no) == ("INSURANCE", "POLICY", "PDZA2020001")
    assert (cost.amount_fen, cost.spent_on, cost.unit) == (95_000, TODAY, city.units["bureau"])
    assert Record.objects.filter(verb="fleet.policy.entered").count() == 1
    assert Record.objects.filter(verb="fleet.car.amended", on_id=car.pk).count() == 1


def test_the_same_sheet_twice_changes_nothing(city: City) -> None:
    car = city.cars[SMALL]
    enter(city, rows.policy(car))
    before = Record.objects.count()
    assert enter(city, rows.policy(car)) == (0, 0, 1)
    assert Record.objects.count() == before
    assert Cost.objects.count() == 1


def test_a_corrected_premium_corrects_its_cost_but_not_one_that_was_refused(city: City) -> None:
    car = city.cars[SMALL]
    enter(city, rows.policy(car))
    enter(city, rows.policy(car, premium_fen=96_000))
    assert Cost.objects.get().amount_fen == 96_000
    assert Record.objects.filter(verb="fleet.cost.changed").count() == 1
    Cost.objects.update(state=CostState.REFUSED)
    enter(city, rows.policy(car, premium_fen=97_000))
    assert Cost.objects.get().amount_fen == 96_000, "what was refused stays refused"


def test_a_slip_in_the_last_day_is_taken_back_and_an_older_policy_takes_nothing_back(
    city: City,
) -> None:
    car = city.cars[SMALL]
    enter(city, rows.policy(car, last=date(2031, 5, 19)))
    enter(city, rows.policy(car))
    assert Car.objects.get(pk=car.pk).insured_until == date(2021, 5, 19)
    enter(city, rows.policy(car, "OLD", begin=date(2018, 5, 20), last=date(2019, 5, 19)))
    assert Car.objects.get(pk=car.pk).insured_until == date(2021, 5, 19)


def test_commercial_cover_is_no_compulsory_cover(city: City) -> None:
    car = city.cars[SMALL]
    enter(city, rows.policy(car, cover=Cover.COMMERCIAL))
    assert Car.objects.get(pk=car.pk).insured_until is None


@pytest.mark.pg15
def test_two_policies_of_one_kind_never_overlap(city: City) -> None:
    car = city.cars[SMALL]
    enter(city, rows.policy(car))
    on_the_last_day = rows.policy(car, "NEXT", begin=date(2021, 5, 19), last=date(2022, 5, 18))
    assert refused(lambda: enter(city, on_the_last_day)) == ["policy_overlaps"]
    enter(city, rows.policy(car, "NEXT", begin=date(2021, 5, 20), last=date(2022, 5, 19)))
    enter(city, rows.policy(car, "OTHER", cover=Cover.COMMERCIAL))
    twice = [rows.policy(city.cars[SECOND], "A"), rows.policy(city.cars[SECOND], "B")]
    assert refused(lambda: enter(city, *twice)) == ["policy_overlaps"], "within one sheet"
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(number="NEXT").update(during=("2021-01-01", "2022-01-01"))


def test_a_clerk_enters_their_own_cars_only(city: City) -> None:
    own = rows.clerk_car(city)
    assert enter(city, rows.policy(own), by="clerk") == (1, 0, 0)
    foreign = rows.policy(city.cars[SMALL], "X")
    assert refused(lambda: enter(city, foreign, by="clerk")) == ["car_outside"]
    enter(city, foreign)
    stolen = rows.policy(own, "X", cover=Cover.COMMERCIAL)
    assert refused(lambda: enter(city, stolen, by="clerk")) == ["number_taken"]
    assert Policy.objects.get(number="X").car == city.cars[SMALL]
    with pytest.raises(NotAllowed):
        enter(city, rows.policy(own, "Y"), by="supervisor")


def test_the_unit_that_had_the_car_that_day_bears_the_cost(city: City) -> None:
    own = rows.clerk_car(city)
    stay = own.stays.get()
    stay.unit = city.units["other"]
    stay.save(update_fields=["unit"])
    enter(city, rows.policy(own))
    assert Cost.objects.get().unit == city.units["other"]


# ── inspections ──────────────────────────────────────────────────────────────────────────


def inspect(city: City, *given: dict[str, Any]) -> tuple[int, int, int]:
    return upkeep.enter_inspections(actor=city.actor("car_keeper"), rows=list(given), at=AT)


def test_an_inspection_moves_its_day_on_and_its_fee_is_a_cost(city: City) -> None:
    car = city.cars[SMALL]
    inspect(city, rows.inspection(car))
    assert Car.objects.get(pk=car.pk).inspected_until == date(2022, 5, 31)
    cost = Cost.objects.get()
    assert (cost.kind, cost.amount_fen) == (CostKind.INSPECTION, 22_000)
    assert inspect(city, rows.inspection(car)) == (0, 0, 1)
    old = rows.inspection(car, "JY0", on=date(2018, 5, 2), valid_until=date(2020, 5, 31))
    inspect(city, old)
    assert Car.objects.get(pk=car.pk).inspected_until == date(2022, 5, 31)


def test_one_that_failed_moves_nothing_and_waits_for_an_explanation(city: City) -> None:
    car = city.cars[SMALL]
    until = Car.objects.get(pk=car.pk).inspected_until
    failed = rows.inspection(car, result=Passed.FAILED, valid_until=None, fee_fen=0)
    inspect(city, failed)
    assert Car.objects.get(pk=car.pk).inspected_until == until
    remark = Remark.objects.get(register="fleet.cars", object_id=car.pk)
    assert (remark.code, "复检合格后再派出" in remark.sentence) == ("inspection_failed", True)
    assert not Cost.objects.exists(), "what was free is no cost"


def test_an_inspection_without_a_number_gets_one_of_ours(city: City) -> None:
    inspect(city, rows.inspection(city.cars[SMALL], ""), rows.inspection(city.cars[SECOND], ""))
    numbers = set(Inspection.objects.values_list("number", flat=True))
    assert numbers == {"JY202000001", "JY202000002"}


# ── plans and what falls due ─────────────────────────────────────────────────────────────


def due_of(city: City, on: date = TODAY) -> list[tuple[str, str, DueState]]:
    found = queries.due_things(scope=Scope.all(), on=on)
    return [(thing.car.plate, thing.title, thing.state) for thing in found]


def test_maintenance_counts_from_the_last_order_that_is_done(city: City) -> None:
    car = city.cars[SMALL]
    keeper = city.actor("car_keeper")
    facts = {"title": "小保养", "months": 6, "km": 5_000, "car": car}
    upkeep.make_plan(actor=keeper, facts=facts, at=AT)
    never = queries.due_things(scope=Scope.all(), on=TODAY, cars=[car], all_states=True)
    assert [t.state for t in never if t.kind is DueKind.MAINTENANCE] == [DueState.UNKNOWN]
    order_ledger.enter_orders(actor=keeper, rows=[rows.done_order(car)], at=AT)
    assert SMALL not in {plate for plate, title, _ in due_of(city) if title == "小保养"}
    done_on = TODAY - 6 * DAY
    soon = queries.due_things(
        scope=Scope.all(), on=date(2020, 11, 13), cars=[Car.objects.get(pk=car.pk)]
    )
    assert [t.state for t in soon if t.kind is DueKind.MAINTENANCE] == [DueState.SOON]
    assert done_on == date(2020, 5, 14)
    assert (SMALL, "小保养", DueState.OVERDUE) in due_of(city, date(2020, 11, 14))
    Car.objects.filter(pk=car.pk).update(odometer_km=14_500)
    assert (SMALL, "小保养", DueState.OVERDUE) in due_of(city), "the kilometres came first"


def test_a_new_car_counts_from_its_registration(city: City) -> None:
    bureau = city.units["bureau"]
    new = builders.car("赣H60001", bureau, registered_on=date(2019, 12, 1), odometer_km=2_000)
    facts = {"title": "小保养", "months": 6, "km": 5_000}
    upkeep.make_plan(actor=city.actor("car_keeper"), facts=facts, at=AT)
    assert (new.plate, "小保养", DueState.SOON) in due_of(city)
    assert (new.plate, "小保养") not in [due[:2] for due in due_of(city, date(2020, 6, 1))]


def test_what_is_due_is_asked_in_few_statements(
    city: City, django_assert_max_num_queries: Any
) -> None:
    upkeep.make_plan(actor=city.actor("car_keeper"), facts={"title": "小保养", "km": 5000}, at=AT)
    with django_assert_max_num_queries(4):
        found = queries.due_things(scope=Scope.all(), on=TODAY, all_states=True)
        assert len(found) > 15


def test_an_overdue_inspection_stands_first_with_its_article(city: City) -> None:
    first = queries.due_things(scope=Scope.all(), on=TODAY)[0]
    assert (first.car.plate, first.kind) == ("赣H10005", DueKind.INSPECTION)
    assert first.due.days_left == -20
    assert "道路交通安全法" in first.cite.line()
    assert first.cite.unchecked


@pytest.mark.pg15
def test_a_plan_stands_once_and_stopping_it_is_recorded(city: City) -> None:
    keeper = city.actor("car_keeper")
    facts = {"title": "小保养", "km": 5000}
    plan = upkeep.make_plan(actor=keeper, facts=facts, at=AT)
    again = lambda: upkeep.make_plan(actor=keeper, facts=facts, at=AT)  # noqa: E731 — tried twice
    assert refused(again) == ["plan_stands"]
    empty = lambda: upkeep.make_plan(actor=keeper, facts={"title": "x"}, at=AT)  # noqa: E731
    assert refused(empty) == ["how_often_missing"]
    upkeep.stop_plan(actor=keeper, plan_id=plan.pk, at=AT)
    again = lambda: upkeep.stop_plan(actor=keeper, plan_id=plan.pk, at=AT)  # noqa: E731 — twice
    assert refused(again) == ["state"]
    assert Record.objects.filter(verb="fleet.plan.stopped").count() == 1
    assert upkeep.make_plan(actor=keeper, facts=facts, at=AT) != plan
    with pytest.raises(NotAllowed):
        upkeep.make_plan(actor=city.actor("clerk"), facts=facts, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.create(title="空的")


# ── fines ────────────────────────────────────────────────────────────────────────────────


def fines(city: City, *given: dict[str, Any], by: str = "car_keeper") -> tuple[int, int, int]:
    return incidents.enter_fines(actor=city.actor(by), rows=list(given), at=AT)


def test_a_fine_finds_its_driver_through_the_journey_that_ran(city: City) -> None:
    trip = city.recorded("PC2020051900041")
    fines(city, rows.fine(city.cars[SMALL]))
    fine = Fine.objects.get()
    assert (fine.trip, fine.driver) == (trip, city.drivers["汪杰"])
    assert not Remark.objects.filter(register="fleet.fines").exists()
    seen = Sighting.objects.get()
    assert (seen.source, seen.ref, seen.car, seen.at) == ("FINE", fine.number, fine.car, fine.at)


@pytest.mark.parametrize(("minutes", "found"), [(-1, False), (0, True), (119, True), (120, False)])
def test_the_journey_is_the_one_that_ran_at_that_minute(
    city: City, minutes: int, found: bool
) -> None:
    city.recorded("PC2020051900041")
    at = AT - 24 * HOUR + minutes * HOUR / 60
    fines(city, rows.fine(city.cars[SMALL], at=at))
    assert (Fine.objects.get().trip is not None) is found
    assert Remark.objects.filter(code="fine_without_trip").exists() is not found


def test_a_fine_without_a_journey_is_a_doubt_and_is_seen_once(city: City) -> None:
    given = rows.fine(city.cars[SMALL])
    assert fines(city, given) == (1, 0, 0)
    assert fines(city, given) == (0, 0, 1)
    remark = Remark.objects.get(register="fleet.fines")
    assert "没有对应的派车单" in remark.headline
    assert Sighting.objects.count() == 1


@pytest.mark.pg15
def test_public_money_pays_no_fine(city: City) -> None:
    given = rows.fine(city.cars[SMALL], handled_on=TODAY, paid_by=PaidBy.PUBLIC)
    assert refused(lambda: fines(city, given)) == ["public_money"]
    fines(city, rows.fine(city.cars[SMALL]))
    fine = Fine.objects.get()

    def handle(paid_by: PaidBy, **more: Any) -> Fine:
        return incidents.handle_fine(
            actor=city.actor("car_keeper"), fine_id=fine.pk, on=more.pop("on", TODAY),
            paid_by=paid_by, at=AT, **more,
        )  # fmt: skip

    assert refused(lambda: handle(PaidBy.PUBLIC, payer="单位")) == ["public_money"]
    assert refused(lambda: handle(PaidBy.DRIVER)) == ["payer_missing"]
    early = lambda: handle(PaidBy.DRIVER, payer="汪杰", on=TODAY - 2 * DAY)  # noqa: E731
    assert refused(early) == ["day_odd"]
    assert handle(PaidBy.DRIVER, payer="汪杰").payer == "汪杰"
    assert Record.objects.get(verb="fleet.fine.handled").after["paid_by"] == "DRIVER"
    assert not Cost.objects.exists(), "a fine is nobody's running cost"
    with pytest.raises(IntegrityError), transaction.atomic():
        Fine.objects.update(paid_by="PUBLIC")


def test_only_who_may_enter_fines_enters_them(city: City) -> None:
    with pytest.raises(NotAllowed):
        fines(city, rows.fine(rows.clerk_car(city)), by="clerk")


# ── accidents ────────────────────────────────────────────────────────────────────────────


@pytest.mark.pg15
def test_an_accident_closes_only_when_it_adds_up_to_the_fen(city: City) -> None:
    trip = city.recorded("PC2020051900041")
    keeper = city.actor("car_keeper")
    incidents.enter_accidents(actor=keeper, rows=[rows.accident(city.cars[SMALL])], at=AT)
    accident = Accident.objects.get()
    assert (accident.trip, accident.driver) == (trip, city.drivers["汪杰"])

    def close(insurer: int, own: int, blame: Blame = Blame.EQUAL) -> Accident:
        return incidents.close_accident(
            actor=keeper, accident_id=accident.pk, blame=blame, loss_fen=500_000,
            insurer_fen=insurer, self_fen=own, on=TODAY, at=AT,
        )  # fmt: skip

    assert refused(lambda: close(400_000, 99_999)) == ["does_not_add_up"]
    assert refused(lambda: close(400_000, 100_000, Blame.PENDING)) == ["blame_pending"]
    assert close(400_000, 100_000).closed_on == TODAY
    assert refused(lambda: close(400_000, 100_000)) == ["state"]
    assert Record.objects.filter(verb="fleet.accident.closed").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Accident.objects.update(self_fen=1)


def test_a_ledger_of_closed_accidents_must_add_up(city: City) -> None:
    given = rows.accident(city.cars[SMALL], closed_on=TODAY, blame=Blame.NONE)
    enter_it = lambda: incidents.enter_accidents(  # noqa: E731 — tried once
        actor=city.actor("car_keeper"), rows=[given], at=AT
    )
    assert refused(enter_it) == ["does_not_add_up"]
    assert not Accident.objects.exists()


# ── the life of an order is the database's ───────────────────────────────────────────────


@pytest.mark.pg15
def test_the_database_knows_the_life_of_an_order(city: City) -> None:
    made = rows.report(city)
    sql = (
        "UPDATE fleet_order SET state = 'SETTLED', amount_fen = 1, settled_on = now(),"
        " in_shop_on = now(), left_shop_on = now() WHERE id = %s"
    )
    with (
        pytest.raises(Exception, match="transition"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [made.pk])
    made.refresh_from_db()
    assert made.state == OrderState.REPORTED


def test_an_older_ledger_undoes_neither_a_paid_fine_nor_a_closed_accident(city: City) -> None:
    keeper, car = city.actor("car_keeper"), city.cars[SMALL]
    fine_row = rows.fine(car, driver=city.drivers["程勇"])
    accident_row = rows.accident(car)
    incidents.enter_fines(actor=keeper, rows=[fine_row], at=AT)
    incidents.enter_accidents(actor=keeper, rows=[accident_row], at=AT)
    incidents.handle_fine(
        actor=keeper, fine_id=Fine.objects.get().pk, on=TODAY, paid_by=PaidBy.DRIVER, at=AT
    )
    incidents.close_accident(
        actor=keeper, accident_id=Accident.objects.get().pk, blame=Blame.FULL, loss_fen=480_000,
        insurer_fen=400_000, self_fen=80_000, on=TODAY, at=AT,
    )  # fmt: skip
    older = {**fine_row, "driver": None}
    assert incidents.enter_fines(actor=keeper, rows=[older], at=AT) == (0, 0, 1)
    assert incidents.enter_accidents(actor=keeper, rows=[accident_row], at=AT) == (0, 0, 1)
    fine, accident = Fine.objects.get(), Accident.objects.get()
    assert (fine.handled_on, fine.paid_by, fine.payer) == (TODAY, PaidBy.DRIVER, "程勇")
    assert (fine.driver, accident.closed_on, accident.loss_fen) == (
        city.drivers["程勇"], TODAY, 480_000,
    )  # fmt: skip
    told = {**older, "points": 6}
    assert incidents.enter_fines(actor=keeper, rows=[told], at=AT) == (0, 1, 0), "still corrected"


def test_a_journey_recorded_later_names_the_driver_and_settles_the_doubt(city: City) -> None:
    keeper, car = city.actor("car_keeper"), city.cars[SMALL]
    incidents.enter_fines(actor=keeper, rows=[rows.fine(car)], at=AT)
    incidents.enter_accidents(actor=keeper, rows=[rows.accident(car)], at=AT)
    assert incidents.match_waiting(at=AT) == 0, "nobody drove yet"
    assert Remark.objects.get(code="fine_without_trip").state == "OPEN"
    trip = city.recorded("PC2020051900041")
    assert incidents.match_waiting(at=AT) == 2
    for row in (Fine.objects.get(), Accident.objects.get()):
        assert (row.trip, row.driver) == (trip, city.drivers["汪杰"])
    assert Remark.objects.get(code="fine_without_trip").state == "CLOSED"
    assert Record.objects.filter(verb="fleet.fine.matched", on_id=Fine.objects.get().pk).exists()
    assert incidents.match_waiting(at=AT) == 0, "safe to repeat"
