"""Purchases: from the request over the approval to the new car's card and the old one's end."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from guanjia.domains.fleet.actions import carding, purchases, quotas, stays
from guanjia.domains.fleet.events import (
    CarCarded,
    PurchaseAgreed,
    PurchaseAnswered,
    PurchaseReported,
)
from guanjia.domains.fleet.models import Car, CarStay, Disposal, Purchase
from guanjia.domains.fleet.queries import purchases as lists
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.terms.cars import Body, CarState, Energy, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.terms.purchases import EarlyReason, PurchaseState
from guanjia.domains.fleet.terms.quotas import Standing
from guanjia.domains.fleet.terms.stays import CameBy, LeftBy
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import quota_scenes as scenes
from guanjia.domains.fleet.tests.builders import AT, TODAY, City
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.approvals.models import Act, CaseStep
from guanjia.kernel.approvals.terms import ActKind
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OLD = "赣H40001"


def standing(city: City, on: date = TODAY) -> Standing:
    return reading.standing(unit_id=city.units["farming"].pk, use=Use.OTHER, on=on)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


@pytest.fixture
def granted(city: City) -> City:
    """The unit may keep two cars and has one, registered in 2011."""
    scenes.grant(city, 2)
    scenes.car_of(city, OLD)
    return city


def old_car() -> Car:
    return Car.objects.select_related("unit").get(plate=OLD)


# ── asking ─────────────────────────────────────────────────────────────────────────────────


def test_a_request_takes_its_place_and_waits_for_three_people(granted: City) -> None:
    purchase = scenes.asked(granted)
    assert purchase.state == PurchaseState.PENDING
    assert purchase.number.startswith("GZ2020")
    assert standing(granted) == Standing(quota=2, on_books=1, reserved=1)
    told = Record.objects.get(verb="fleet.purchase.requested", on_id=purchase.pk)
    assert told.after["price_fen"] == 14_980_000
    assert [f["code"] for f in told.verdict["passes"]] == ["within_quota", "within_ceiling"]
    keys = CaseStep.objects.filter(case=scenes.case_of(purchase)).order_by("position")
    assert list(keys.values_list("key", flat=True)) == ["unit", "review", "decide"]
    checked = Act.objects.get(case=scenes.case_of(purchase), kind=ActKind.CHECK)
    assert checked.comment == "通过"


def test_a_second_request_for_the_last_place_is_refused_with_the_article(granted: City) -> None:
    scenes.asked(granted)
    with pytest.raises(Refused) as refused:
        scenes.asked(granted)
    assert codes(refused) == ["over_quota"]
    cite = refused.value.findings[0].cite
    assert cite is not None
    assert cite.line().startswith("《机关事务管理条例》第二十五条 · 国务院令第621号")
    assert Purchase.objects.count() == 1


def test_without_a_quota_nothing_is_bought(city: City) -> None:
    with pytest.raises(Refused) as refused:
        scenes.asked(city)
    assert codes(refused) == ["no_quota"]


def test_a_disposal_frees_a_place_on_its_day(granted: City) -> None:
    scenes.car_of(granted, "赣H40002")
    with pytest.raises(Refused):
        scenes.asked(granted)
    stays.leave(car=old_car(), on=TODAY + 3 * DAY, by=LeftBy.DISPOSAL)
    with pytest.raises(Refused):
        scenes.asked(granted, at=AT + 2 * DAY)
    assert scenes.asked(granted, at=AT + 3 * DAY).state == PurchaseState.PENDING


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price_fen": 18_000_001}, "over_price"),
        ({"price_fen": None}, "price_missing"),
        ({"reason": "  "}, "reason_missing"),
        ({"energy": Energy.PETROL}, "displacement_missing"),
        ({"energy": Energy.PETROL, "displacement_l": Decimal("2.0")}, "over_displacement"),
        ({"body": Body.MEDIUM, "seats": 15}, "special_reason_missing"),
    ],
)
def test_what_the_rules_refuse_leaves_no_trace(
    granted: City, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        scenes.asked(granted, **changes)
    assert codes(refused) == [code]
    assert not Purchase.objects.exists()
    assert standing(granted).reserved == 0


def test_only_who_has_the_duty_asks_and_only_for_their_units(granted: City) -> None:
    with pytest.raises(NotAllowed):
        purchases.request_purchase(
            actor=granted.actor("stranger"), facts=scenes.wish(granted), at=AT
        )
    with pytest.raises(Unit.DoesNotExist):
        scenes.asked(granted, unit_id=granted.units["other"].pk)
    car = granted.cars[builders.OWN]  # another unit's
    with pytest.raises(Car.DoesNotExist):
        scenes.renewal(granted, car)


# ── the share of new-energy cars, over the year ────────────────────────────────────────────


def test_the_share_counts_the_year_over_the_whole_city(city: City) -> None:
    scenes.grant(city, 9)
    at = AT.replace(year=2026)
    petrol = {"energy": Energy.PETROL, "displacement_l": Decimal("1.5")}
    first = scenes.asked(city, at=at)
    second = scenes.asked(city, at=at, **petrol)  # 1 of 2
    third = scenes.asked(city, at=at, **petrol)  # 1 of 3
    fourth = scenes.asked(city, at=at, **petrol)  # 1 of 4: below

    def warned(purchase: Purchase) -> list[str]:
        told = Record.objects.get(verb="fleet.purchase.requested", on_id=purchase.pk)
        return [f["code"] for f in told.verdict.get("warnings", [])]

    assert [warned(each) for each in (first, second, third)] == [[], [], []]
    assert warned(fourth) == ["new_energy_share"]
    stopped = scenes.case_of(fourth)
    assert Act.objects.get(case=stopped, kind=ActKind.CHECK).comment == "通过，提示 1 条"


# ── deciding ───────────────────────────────────────────────────────────────────────────────


def test_what_is_agreed_to_waits_for_its_car_and_keeps_its_place(granted: City) -> None:
    purchase = scenes.asked(granted)
    with bus.captured() as heard:
        scenes.agree(granted, purchase, at=AT + DAY)
    assert (purchase.state, purchase.approved_on) == (PurchaseState.AGREED, TODAY + DAY)
    assert heard[-1] == PurchaseAgreed(purchase_id=purchase.pk)
    assert standing(granted, TODAY + DAY).reserved == 1
    assert list(lists.to_card(Scope.all())) == [purchase]


def test_what_is_sent_back_gives_its_place_up_until_it_is_sent_again(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.send_back(granted, purchase, at=AT + DAY)
    assert (purchase.state, purchase.state_note) == (PurchaseState.RETURNED, "请补充报价")
    assert standing(granted, TODAY).reserved == 1, "as it stood then"
    assert standing(granted, TODAY + DAY).reserved == 0
    other = scenes.asked(granted, at=AT + DAY)
    again = {"actor": granted.actor("clerk"), "purchase_id": purchase.pk, "at": AT + DAY}
    with pytest.raises(Refused) as refused:
        purchases.change_purchase(facts=scenes.wish(granted), **again)
    assert codes(refused) == ["over_quota"]
    scenes.withdraw(granted, other, at=AT + DAY)
    purchases.change_purchase(facts=scenes.wish(granted, price_fen=13_980_000), **again)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.price_fen) == (PurchaseState.PENDING, 13_980_000)
    changed = Record.objects.get(verb="fleet.purchase.changed", on_id=purchase.pk)
    assert (changed.before["price_fen"], changed.after["price_fen"]) == (14_980_000, 13_980_000)


def test_only_the_applicant_changes_and_only_what_came_back(granted: City) -> None:
    purchase = scenes.asked(granted)
    facts = scenes.wish(granted)
    with pytest.raises(Refused) as refused:
        purchases.change_purchase(
            actor=granted.actor("clerk"), purchase_id=purchase.pk, facts=facts, at=AT
        )
    assert codes(refused) == ["state"]
    scenes.send_back(granted, purchase)
    with pytest.raises(Refused) as refused:
        purchases.change_purchase(
            actor=granted.actor("car_keeper"), purchase_id=purchase.pk, facts=facts, at=AT
        )
    assert codes(refused) == ["not_applicant"]


def test_what_is_ended_buys_nothing(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.stop(granted, purchase)
    assert (purchase.state, purchase.state_note) == (PurchaseState.REFUSED, "暂不购置")
    assert standing(granted).reserved == 0


def test_the_bureau_gives_up_what_was_agreed_to_with_a_reason(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.agree(granted, purchase)
    cancel = {"purchase_id": purchase.pk, "at": AT}
    with pytest.raises(Refused) as refused:
        purchases.cancel_purchase(actor=granted.actor("clerk"), reason="不买了", **cancel)
    assert codes(refused) == ["agreed"]
    keeper = granted.actor("car_keeper")
    with pytest.raises(Refused) as refused:
        purchases.cancel_purchase(actor=keeper, reason=" ", **cancel)
    assert codes(refused) == ["reason_missing"]
    purchases.cancel_purchase(actor=keeper, reason="预算调减", **cancel)
    with pytest.raises(OutOfState):
        purchases.cancel_purchase(actor=keeper, reason="预算调减", **cancel)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.state_note) == (PurchaseState.CANCELLED, "预算调减")
    assert standing(granted).reserved == 0
    assert Record.objects.filter(verb="fleet.purchase.cancelled").count() == 1


def test_the_applicant_gives_up_what_is_not_decided(granted: City) -> None:
    purchase = scenes.asked(granted)
    purchases.cancel_purchase(
        actor=granted.actor("clerk"), purchase_id=purchase.pk, reason="改租车", at=AT
    )
    with pytest.raises(Refused):
        scenes.agree(granted, purchase, by=("head",))


# ── the province ───────────────────────────────────────────────────────────────────────────


def test_what_is_reported_waits_for_the_province(granted: City) -> None:
    purchase = scenes.asked(granted, by_province=True)
    with bus.captured() as heard:
        scenes.agree(granted, purchase)
    assert heard[-1] == PurchaseReported(purchase_id=purchase.pk)
    assert (purchase.state, purchase.approved_on) == (PurchaseState.REPORTED, None)
    assert standing(granted).reserved == 1
    answer = {"actor": SYSTEM, "number": purchase.number, "comment": "同意", "at": AT + DAY}
    with pytest.raises(Refused) as refused:
        purchases.decide_from_province(agreed=True, document="", **answer)
    assert codes(refused) == ["document_missing"]
    with bus.captured() as heard:
        for _ in range(2):
            purchases.decide_from_province(agreed=True, document="赣管函〔2020〕5号", **answer)
    assert heard == [
        PurchaseAgreed(purchase_id=purchase.pk),
        PurchaseAnswered(purchase_id=purchase.pk, at=AT + DAY),
    ], "the same answer twice, once"
    notice = Notice.objects.get(kind="fleet.purchase_answered")
    assert notice.person == granted.person("clerk")
    assert "赣管函〔2020〕5号" in notice.body
    purchase.refresh_from_db()
    assert (purchase.state, purchase.document) == (PurchaseState.AGREED, "赣管函〔2020〕5号")
    assert purchase.approved_on == TODAY + DAY
    assert Record.objects.filter(verb="fleet.purchase.answered").count() == 1


def test_what_the_province_does_not_agree_to_frees_its_place(granted: City) -> None:
    purchase = scenes.asked(granted, by_province=True)
    scenes.agree(granted, purchase)
    purchases.decide_from_province(
        actor=SYSTEM, number=purchase.number, agreed=False, document="", comment="超标", at=AT
    )
    purchase.refresh_from_db()
    assert (purchase.state, purchase.state_note) == (PurchaseState.REFUSED, "超标")
    assert standing(granted).reserved == 0


def test_an_answer_to_what_was_not_reported_is_refused(granted: City) -> None:
    purchase = scenes.asked(granted)
    answer = {"agreed": True, "document": "x", "comment": "", "at": AT}
    with pytest.raises(Refused) as refused:
        purchases.decide_from_province(actor=SYSTEM, number=purchase.number, **answer)
    assert codes(refused) == ["not_reported"]
    with pytest.raises(Purchase.DoesNotExist):
        purchases.decide_from_province(actor=SYSTEM, number="GZ20209999", **answer)
    with pytest.raises(NotAllowed):
        purchases.decide_from_province(
            actor=granted.actor("clerk"), number=purchase.number, **answer
        )


# ── renewing ───────────────────────────────────────────────────────────────────────────────


def test_a_renewal_takes_the_place_of_its_old_car(granted: City) -> None:
    scenes.car_of(granted, "赣H40002")
    assert standing(granted).free == 0
    purchase = scenes.renewal(granted, old_car())
    assert standing(granted) == Standing(quota=2, on_books=2, reserved=0)
    assert purchase.kind == "RENEWAL"


def test_a_renewal_in_another_class_needs_a_place_there(granted: City) -> None:
    with pytest.raises(Refused) as refused:
        scenes.renewal(granted, old_car(), use=Use.EMERGENCY)
    assert codes(refused) == ["no_quota"]
    scenes.grant(granted, 1, use=Use.EMERGENCY)
    scenes.renewal(granted, old_car(), use=Use.EMERGENCY)
    emergency = reading.standing(unit_id=granted.units["farming"].pk, use=Use.EMERGENCY, on=TODAY)
    assert emergency == Standing(quota=1, on_books=0, reserved=1)


def test_a_young_car_is_renewed_only_for_safety_with_one_step_more(granted: City) -> None:
    young = scenes.car_of(granted, "赣H40002", registered_on=TODAY.replace(year=2012))
    with pytest.raises(Refused) as refused:
        scenes.renewal(granted, young)
    assert codes(refused) == ["too_young"]
    purchase = scenes.renewal(granted, young, early_reason=EarlyReason.SAFETY)
    steps = CaseStep.objects.filter(case=scenes.case_of(purchase)).order_by("position")
    assert list(steps.values_list("key", flat=True)) == ["unit", "review", "early", "decide"]
    scenes.agree(granted, purchase, by=(*scenes.DECIDERS, "car_decider"))
    assert purchase.state == PurchaseState.AGREED


def test_the_day_after_eight_years_it_is_no_early_renewal(granted: City) -> None:
    young = scenes.car_of(granted, "赣H40002", registered_on=TODAY.replace(year=2012))
    purchase = scenes.renewal(granted, young, at=AT + DAY)
    assert CaseStep.objects.filter(case=scenes.case_of(purchase), key="early").count() == 0


def test_nothing_is_renewed_for_a_promotion(granted: City) -> None:
    at = AT.replace(year=2026)
    young = scenes.car_of(granted, "赣H40002", registered_on=date(2019, 5, 1))
    with pytest.raises(Refused) as refused:
        scenes.renewal(granted, young, at=at, early_reason=EarlyReason.PROMOTION)
    assert codes(refused) == ["for_promotion"]
    assert "厉行节约反对浪费条例" in refused.value.findings[0].cite.line()  # type: ignore[union-attr]  # it has one


def test_a_car_is_renewed_once(granted: City) -> None:
    scenes.renewal(granted, old_car())
    with pytest.raises(Refused) as refused:
        scenes.renewal(granted, old_car())
    assert codes(refused) == ["old_car_asked"]


def test_a_car_that_is_gone_is_not_renewed(granted: City) -> None:
    Car.objects.filter(plate=OLD).update(state=CarState.DISPOSED)
    with pytest.raises(Refused) as refused:
        scenes.renewal(granted, old_car())
    assert "old_car_gone" in codes(refused)


# ── the new car ────────────────────────────────────────────────────────────────────────────


def test_the_new_car_comes_onto_the_books(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.agree(granted, purchase)
    with bus.captured() as heard:
        done = scenes.carded(granted, purchase)
    car = Car.objects.get(plate="赣HD00001")
    assert (done.state, done.new_car, done.carded_on) == (PurchaseState.CARDED, car, TODAY)
    assert (car.unit, car.use, car.energy) == (granted.units["farming"], Use.OTHER, "ELECTRIC")
    assert (car.price_fen, car.state, car.body) == (14_980_000, CarState.IN_USE, Body.SEDAN)
    stay = CarStay.objects.get(car=car)
    assert (stay.came_by, stay.during.lower, stay.during.upper) == (CameBy.PURCHASE, TODAY, None)
    assert CarCarded(car_id=car.pk, purchase_id=purchase.pk) in heard
    assert standing(granted) == Standing(quota=2, on_books=2, reserved=0)
    assert not Disposal.objects.exists()
    told = Record.objects.get(verb="fleet.purchase.carded")
    assert told.after["new_car_id"] == car.pk
    notice = Notice.objects.get(kind="fleet.purchase_carded")
    assert notice.person == granted.person("clerk")
    assert "赣HD00001" in notice.title
    assert lists.to_card(Scope.all()).count() == 0


def test_the_old_car_leaves_the_books_that_day_and_goes_its_way(granted: City) -> None:
    purchase = scenes.renewal(granted, old_car())
    scenes.agree(granted, purchase)
    scenes.carded(granted, purchase, at=AT + 2 * DAY, registered_on=TODAY + DAY)
    old = old_car()
    assert old.state == CarState.TO_DISPOSE
    stay = CarStay.objects.get(car=old)
    assert (stay.left_by, stay.during.upper) == (LeftBy.DISPOSAL, TODAY + DAY)
    disposal = Disposal.objects.get(car=old)
    assert (disposal.method, disposal.purchase) == (DisposalMethod.SCRAP, purchase)
    assert disposal.state == DisposalState.DRAFT
    assert "号牌" in disposal.reason
    assert "号牌交回" in Record.objects.get(verb="fleet.purchase.carded").note
    assert standing(granted, TODAY) == Standing(quota=2, on_books=1, reserved=0)
    assert standing(granted, TODAY + DAY) == Standing(quota=2, on_books=1, reserved=0)


def test_the_same_card_twice_is_one(granted: City) -> None:
    purchase = scenes.renewal(granted, old_car())
    scenes.agree(granted, purchase)
    scenes.carded(granted, purchase)
    scenes.carded(granted, purchase)
    assert Car.objects.filter(plate="赣HD00001").count() == 1
    assert Disposal.objects.count() == 1
    with pytest.raises(Refused) as refused:
        scenes.carded(granted, purchase, plate="赣HD00002")
    assert codes(refused) == ["state"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"registered_on": TODAY + DAY}, "in_the_future"),
        ({"registered_on": TODAY - DAY}, "before_approval"),
        ({"price_fen": 14_980_001}, "above_approved"),
        ({"plate": OLD}, "plate_taken"),
        ({"vin": builders.vin(OLD)}, "vin_taken"),
    ],
)
def test_a_card_that_cannot_be_leaves_no_trace(
    granted: City, changes: dict[str, Any], code: str
) -> None:
    purchase = scenes.renewal(granted, old_car())
    scenes.agree(granted, purchase)
    facts = dict(changes)
    plate = facts.pop("plate", "赣HD00001")
    with pytest.raises(Refused) as refused:
        scenes.carded(granted, purchase, plate, **facts)
    assert codes(refused) == [code]
    purchase.refresh_from_db()
    assert purchase.state == PurchaseState.AGREED
    assert old_car().state == CarState.IN_USE
    assert CarStay.objects.get(car=old_car()).during.upper is None


def test_a_card_wants_the_document_and_the_duty(granted: City) -> None:
    purchase = scenes.asked(granted)
    card = {"purchase_id": purchase.pk, "car": scenes.new_car(), "at": AT}
    keeper = granted.actor("car_keeper")
    with pytest.raises(Refused) as refused:
        carding.card_purchase(actor=keeper, **card)
    assert codes(refused) == ["state"]
    scenes.agree(granted, purchase)
    with pytest.raises(NotAllowed):
        carding.card_purchase(actor=granted.actor("clerk"), **card)
    with pytest.raises(Refused) as refused:
        carding.card_purchase(actor=keeper, **card)
    assert codes(refused) == ["document_missing"]
    purchases.set_document(actor=keeper, purchase_id=purchase.pk, document="景〔2020〕3号", at=AT)
    assert carding.card_purchase(actor=keeper, **card).document == "景〔2020〕3号"


def test_a_place_that_a_ledger_took_meanwhile_is_gone(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.agree(granted, purchase)
    scenes.car_of(granted, "赣H40002")
    with pytest.raises(Refused) as refused:
        scenes.carded(granted, purchase)
    assert codes(refused) == ["over_quota"]


def test_an_old_car_that_is_promised_stays_until_it_is_back(granted: City) -> None:
    purchase = scenes.renewal(granted, old_car())
    scenes.agree(granted, purchase)
    granted.cars[OLD] = old_car()
    granted.dispatched(car=OLD)
    with pytest.raises(Refused) as refused:
        scenes.carded(granted, purchase)
    assert codes(refused) == ["car_booked"]


# ── what ledgers state ─────────────────────────────────────────────────────────────────────


def test_a_renewal_of_a_ledger_is_a_fact_and_takes_no_place(granted: City) -> None:
    rows = [scenes.renewed_row(old_car())]
    assert carding.enter_renewals(actor=SYSTEM, rows=rows, at=AT) == (1, 0, 0)
    assert carding.enter_renewals(actor=SYSTEM, rows=rows, at=AT) == (0, 0, 1)
    purchase = Purchase.objects.get()
    assert (purchase.state, purchase.unit) == (PurchaseState.RECORDED, granted.units["farming"])
    assert standing(granted).reserved == 0
    assert not Remark.objects.filter(register="fleet.renewals").exists()
    other = [scenes.renewed_row(old_car(), document="景机管车〔2020〕77号")]
    assert carding.enter_renewals(actor=SYSTEM, rows=other, at=AT) == (0, 1, 0)
    assert Record.objects.filter(verb="fleet.purchase.entered").count() == 2


def test_what_the_rules_would_not_have_allowed_becomes_a_finding(granted: City) -> None:
    young = scenes.car_of(granted, "赣H40002", registered_on=date(2014, 5, 1))
    row = scenes.renewed_row(young, price_fen=18_000_001)
    carding.enter_renewals(actor=SYSTEM, rows=[row], at=AT)
    found = Remark.objects.filter(register="fleet.renewals", object_id=Purchase.objects.get().pk)
    assert set(found.values_list("code", "kind")) == {
        ("over_price", "FINDING"),
        ("too_young", "FINDING"),
    }
    assert {remark.cite["title"] for remark in found} == {"党政机关公务用车管理办法"}


def test_a_recorded_renewal_can_get_its_car(granted: City) -> None:
    carding.enter_renewals(actor=SYSTEM, rows=[scenes.renewed_row(old_car())], at=AT)
    done = scenes.carded(granted, Purchase.objects.get())
    assert done.state == PurchaseState.CARDED
    assert old_car().state == CarState.TO_DISPOSE


def test_entering_wants_its_duty(granted: City) -> None:
    with pytest.raises(NotAllowed):
        carding.enter_renewals(
            actor=granted.actor("clerk"), rows=[scenes.renewed_row(old_car())], at=AT
        )


# ── what the database forbids ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "NEW"},
        {"price_fen": 0},
        {"holding": None},
        {"state": "CARDED"},
        {"state": "RETURNED"},
        {"seats": 0},
    ],
)
def test_the_database_forbids_what_must_never_be(granted: City, wrong: dict[str, Any]) -> None:
    purchase = scenes.renewal(granted, old_car())
    with pytest.raises(DatabaseError), transaction.atomic():
        Purchase.objects.filter(pk=purchase.pk).update(**wrong)


def test_a_decided_purchase_never_waits_again(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.agree(granted, purchase)
    with pytest.raises(DatabaseError), transaction.atomic():
        Purchase.objects.filter(pk=purchase.pk).update(state=PurchaseState.PENDING)


def test_a_place_is_asked_for_under_its_lock(granted: City) -> None:
    unit = granted.units["farming"].pk
    with transaction.atomic():
        asked = quotas.place_of(unit_id=unit, use=Use.OTHER, on=TODAY)
    assert asked == standing(granted)
