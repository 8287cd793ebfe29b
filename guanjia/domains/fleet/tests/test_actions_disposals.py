"""Disposing of a car, from the request to the cancelled card: rows, records, news, refusals."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from guanjia.domains.fleet.actions import disposals, stays, transfers
from guanjia.domains.fleet.events import CarDisposed, DisposalDealt
from guanjia.domains.fleet.models import Car, CarStay, Disposal, Quota, QuotaChange
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.terms.stays import CameBy
from guanjia.domains.fleet.tests import ends
from guanjia.domains.fleet.tests.builders import AT, OWN, SMALL, City
from guanjia.domains.fleet.tests.ends import TODAY
from guanjia.kernel.approvals.actions import deciding, opening
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

DAY = timedelta(days=1)


def codes(doing: Callable[[], Any]) -> list[str]:
    """What a refusal names."""
    with pytest.raises(Refused) as refused:
        doing()
    return [finding.code for finding in refused.value.findings]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The news of disposals, as they are published."""
    news: list[Any] = []
    original = bus.publish

    def publish(event: Any) -> None:
        if isinstance(event, CarDisposed | DisposalDealt):
            news.append(event)
        original(event)

    monkeypatch.setattr(bus, "publish", publish)
    return news


def case_of(disposal: Disposal) -> Case:
    return Case.objects.get(subject_type="fleet.disposal", subject_id=disposal.pk)


# ── the whole way ───────────────────────────────────────────────────────────────────────


def test_a_car_goes_from_the_request_to_the_cancelled_card(city: City, heard: list[Any]) -> None:
    disposal = ends.done(city)
    car = Car.objects.get(plate=ends.OLD)
    assert (disposal.state, disposal.receipt, disposal.paid_fen) == (
        DisposalState.DONE, "JK20200001", 2_600_000,
    )  # fmt: skip
    assert car.state == CarState.DISPOSED
    (stay,) = CarStay.objects.filter(car=car)
    assert (stay.during.upper, stay.left_by) == (TODAY, "DISPOSAL")
    assert heard == [
        DisposalDealt(disposal_id=disposal.pk, at=AT, by_id=city.person("car_keeper").pk),
        CarDisposed(car_id=car.pk, disposal_id=disposal.pk),
    ]
    verbs = list(
        Record.objects.filter(on_type="fleet.disposal", on_id=disposal.pk)
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    assert [verb.rpartition(".")[2] for verb in verbs] == [
        "opened", "valued", "sent", "approved", "approved", "approved", "dealt", "paid_in",
        "plate_returned", "finished",
    ]  # fmt: skip
    card = Record.objects.get(verb="fleet.car.disposed", on_id=car.pk)
    assert (card.before, card.after) == ({"state": "TO_DISPOSE"}, {"state": "DISPOSED"})


def test_an_agreed_car_is_given_to_no_trip_any_more(city: City) -> None:
    disposal = ends.agreed(city)
    assert disposal.state == DisposalState.AGREED
    assert disposal.approved_on == TODAY
    assert disposal.car.state == CarState.TO_DISPOSE


def test_finishing_twice_acts_once(city: City, heard: list[Any]) -> None:
    disposal = ends.done(city)
    again = disposals.finish(actor=city.actor("car_keeper"), disposal_id=disposal.pk, at=AT)
    assert again.pk == disposal.pk
    assert sum(isinstance(event, CarDisposed) for event in heard) == 1


# ── opening ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.pg15
def test_one_disposal_of_a_car_is_under_way_at_a_time(city: City) -> None:
    car = ends.old_car(city)
    first = ends.opened(city, car)
    with pytest.raises(Refused) as refused:
        ends.opened(city, car)
    assert first.number in refused.value.findings[0].sentence
    with pytest.raises(IntegrityError, match="fleet_one_disposal_under_way"), transaction.atomic():
        Disposal.objects.create(
            number="CZ-x", car=car, unit=car.unit, method="SCRAP", state="DRAFT"
        )


@pytest.mark.pg15
def test_a_car_that_is_gone_is_not_disposed_of_again(city: City) -> None:
    disposal = ends.done(city)
    assert codes(lambda: ends.opened(city, disposal.car)) == ["gone"]
    with pytest.raises(IntegrityError, match="fleet_one_removal"), transaction.atomic():
        Disposal.objects.create(
            number="CZ-x", car=disposal.car, unit=disposal.unit, method="SCRAP", state="DONE",
            disposed_on=TODAY,
        )  # fmt: skip


def test_a_trip_promised_or_out_comes_first(city: City) -> None:
    trip = city.dispatched(car=SMALL)
    with pytest.raises(Refused) as refused:
        ends.opened(city, city.cars[SMALL], by="car_keeper")
    assert [f.code for f in refused.value.findings] == ["car_booked"]
    assert trip.number in refused.value.findings[0].headline


def test_a_request_says_why_and_a_transfer_to_whom(city: City) -> None:
    car = ends.old_car(city)
    actor = city.actor("clerk")

    def ask(reason: str, method: DisposalMethod, unit_id: int | None = None) -> Any:
        return lambda: disposals.open_disposal(
            actor=actor, car_id=car.pk, method=method, reason=reason, to_unit_id=unit_id, at=AT
        )

    assert codes(ask(" ", DisposalMethod.SCRAP)) == ["reason_missing"]
    assert codes(ask("调剂", DisposalMethod.TRANSFER)) == ["no_unit"]
    assert codes(ask("调剂", DisposalMethod.TRANSFER, car.unit_id)) == ["same_unit"]


def test_a_leased_car_is_not_ours_to_dispose_of(city: City) -> None:
    car = ends.old_car(city, keeping="LEASED")
    assert codes(lambda: ends.opened(city, car)) == ["leased"]


def test_nobody_disposes_of_another_units_car(city: City) -> None:
    with pytest.raises(Car.DoesNotExist):
        ends.opened(city, city.cars[OWN])
    with pytest.raises(NotAllowed):
        ends.opened(city, city.cars[OWN], by="stranger")
    with pytest.raises(NotAllowed):
        ends.opened(city, city.cars[OWN], by="supervisor")


# ── valuation and approval ──────────────────────────────────────────────────────────────


def test_a_request_without_a_valuation_is_not_sent(city: City) -> None:
    disposal = ends.opened(city)
    clerk = city.actor("clerk")
    assert codes(lambda: disposals.send(actor=clerk, disposal_id=disposal.pk, at=AT)) == [
        "not_valued"
    ]
    assert not Case.objects.filter(subject_type="fleet.disposal").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"valued_on": TODAY + DAY}, "valued_later"), ({"valuation_fen": -1}, "negative")],
)
def test_a_valuation_that_cannot_be_is_refused(
    city: City, changes: dict[str, Any], code: str
) -> None:
    disposal = ends.opened(city)
    facts = {"valuation_fen": 1, "valuer": "评估所", "valued_on": TODAY} | changes
    assert codes(
        lambda: disposals.value_disposal(
            actor=city.actor("clerk"), disposal_id=disposal.pk, at=AT, **facts
        )
    ) == [code]


def test_the_valuation_stays_as_it_was_sent(city: City) -> None:
    disposal = ends.sent(city)
    assert codes(
        lambda: disposals.value_disposal(
            actor=city.actor("clerk"), disposal_id=disposal.pk, valuation_fen=1, valuer="x",
            valued_on=TODAY, at=AT,
        )
    ) == ["state"]  # fmt: skip


def test_a_returned_request_is_valued_anew_and_sent_again(city: City) -> None:
    disposal = ends.sent(city)
    case = case_of(disposal)
    deciding.send_back(actor=city.actor("head"), case_id=case.pk, comment="估值偏低", at=AT)
    disposal.refresh_from_db()
    assert (disposal.state, disposal.state_note) == (DisposalState.RETURNED, "估值偏低")
    clerk = city.actor("clerk")
    disposals.value_disposal(
        actor=clerk, disposal_id=disposal.pk, valuation_fen=2_300_000, valuer="评估所",
        valued_on=TODAY, at=AT,
    )  # fmt: skip
    disposals.send(actor=clerk, disposal_id=disposal.pk, at=AT)
    assert ends.decide(city, disposal).state == DisposalState.AGREED


def test_a_withdrawn_request_can_be_sent_again(city: City) -> None:
    disposal = ends.sent(city)
    opening.withdraw(actor=city.actor("clerk"), case_id=case_of(disposal).pk, at=AT)
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.WITHDRAWN
    disposals.send(actor=city.actor("clerk"), disposal_id=disposal.pk, at=AT)
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.PENDING


def test_a_stopped_request_leaves_the_car_as_it_was(city: City) -> None:
    disposal = ends.sent(city)
    deciding.stop(actor=city.actor("head"), case_id=case_of(disposal).pk, comment="继续使用", at=AT)
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.CALLED_OFF
    assert Car.objects.get(pk=disposal.car_id).state == CarState.IN_USE


# ── the deal, the treasury, the card ────────────────────────────────────────────────────


def test_a_deal_before_the_approval_is_refused(city: City) -> None:
    disposal = ends.sent(city)
    keeper = city.actor("car_keeper")
    assert codes(
        lambda: disposals.deal(
            actor=keeper, disposal_id=disposal.pk, facts=ends.deal_facts(), at=AT
        )
    ) == ["state"]


def test_the_unit_does_not_deal_itself(city: City) -> None:
    disposal = ends.agreed(city)
    with pytest.raises(NotAllowed):
        disposals.deal(
            actor=city.actor("clerk"), disposal_id=disposal.pk, facts=ends.deal_facts(), at=AT
        )


def test_a_deal_is_corrected_until_it_is_paid_in(city: City) -> None:
    disposal, keeper = ends.dealt(city), city.actor("car_keeper")
    disposals.deal(
        actor=keeper, disposal_id=disposal.pk, facts=ends.deal_facts(proceeds_fen=2_700_000), at=AT
    )
    disposal.refresh_from_db()
    assert disposal.proceeds_fen == 2_700_000
    facts = ends.pay_facts(paid_fen=2_700_000)
    disposals.pay_in(actor=keeper, disposal_id=disposal.pk, facts=facts, at=AT)
    assert codes(
        lambda: disposals.deal(
            actor=keeper, disposal_id=disposal.pk, facts=ends.deal_facts(), at=AT
        )
    ) == ["state"]


def test_what_is_paid_in_equals_the_deal_or_says_why(city: City) -> None:
    disposal, keeper = ends.dealt(city), city.actor("car_keeper")

    def pay(**changes: Any) -> Any:
        facts = ends.pay_facts(**changes)
        return disposals.pay_in(actor=keeper, disposal_id=disposal.pk, facts=facts, at=AT)

    assert codes(lambda: pay(paid_fen=2_599_999)) == ["paid_differs"]
    assert codes(lambda: pay(receipt="")) == ["no_receipt"]
    pay(paid_fen=2_599_999, difference_note="银行手续费")
    disposal.refresh_from_db()
    assert (disposal.state, disposal.paid_fen) == (DisposalState.PAID, 2_599_999)


def test_proceeds_without_a_receipt_keep_it_open_and_the_article_is_named(city: City) -> None:
    disposal, keeper = ends.dealt(city), city.actor("car_keeper")
    disposals.return_plate(actor=keeper, disposal_id=disposal.pk, on=TODAY, at=AT)
    with pytest.raises(Refused) as refused:
        disposals.finish(actor=keeper, disposal_id=disposal.pk, at=AT)
    (finding,) = refused.value.findings
    assert finding.code == "not_paid_in"
    assert finding.cite is not None
    assert "机关事务管理条例" in finding.cite.line()
    assert Car.objects.get(pk=disposal.car_id).state == CarState.TO_DISPOSE


def test_a_car_that_brought_nothing_needs_no_receipt(city: City) -> None:
    disposal, keeper = ends.dealt(city, proceeds_fen=0), city.actor("car_keeper")
    assert codes(
        lambda: disposals.pay_in(
            actor=keeper, disposal_id=disposal.pk, facts=ends.pay_facts(), at=AT
        )
    ) == ["nothing"]
    assert codes(lambda: disposals.finish(actor=keeper, disposal_id=disposal.pk, at=AT)) == [
        "plate_out"
    ]
    disposals.return_plate(actor=keeper, disposal_id=disposal.pk, on=TODAY, at=AT)
    finished = disposals.finish(actor=keeper, disposal_id=disposal.pk, at=AT)
    assert finished.state == DisposalState.DONE


def test_a_plate_is_not_given_back_tomorrow(city: City) -> None:
    disposal = ends.agreed(city)
    assert codes(
        lambda: disposals.return_plate(
            actor=city.actor("car_keeper"), disposal_id=disposal.pk, on=TODAY + DAY, at=AT
        )
    ) == ["in_the_future"]


def test_a_journey_after_the_day_of_the_disposal_is_a_doubt(city: City) -> None:
    disposal, keeper = ends.paid(city), city.actor("car_keeper")
    Disposal.objects.filter(pk=disposal.pk).update(disposed_on=TODAY - 2 * DAY)
    city.recorded("PC2020051900099", car=disposal.car)  # ran on the 19th, after the 18th
    disposals.return_plate(actor=keeper, disposal_id=disposal.pk, on=TODAY, at=AT)
    disposals.finish(actor=keeper, disposal_id=disposal.pk, at=AT)
    remark = Remark.objects.get(register="fleet.disposals", object_id=disposal.pk)
    assert (remark.code, remark.kind) == ("trip_after", "DOUBT")
    assert "PC2020051900099" in remark.headline


# ── calling off ─────────────────────────────────────────────────────────────────────────


def test_the_unit_calls_off_before_it_is_sent_and_the_keeper_until_the_deal(city: City) -> None:
    disposal = ends.sent(city)
    clerk, keeper = city.actor("clerk"), city.actor("car_keeper")

    def off(actor: Any, reason: str = "继续使用") -> Any:
        return disposals.call_off(actor=actor, disposal_id=disposal.pk, reason=reason, at=AT)

    assert codes(lambda: off(clerk)) == ["state"]
    ends.decide(city, disposal)
    assert codes(lambda: off(keeper, " ")) == ["reason_missing"]
    assert off(keeper).state == DisposalState.CALLED_OFF
    assert Car.objects.get(pk=disposal.car_id).state == CarState.IN_USE
    assert case_of(disposal).state == CaseState.AGREED, "what was agreed stays on record"


def test_after_the_deal_nothing_is_called_off(city: City) -> None:
    disposal = ends.dealt(city)
    assert codes(
        lambda: disposals.call_off(
            actor=city.actor("car_keeper"), disposal_id=disposal.pk, reason="不卖了", at=AT
        )
    ) == ["state"]


def test_calling_off_takes_the_request_out_of_everybodys_hands(city: City) -> None:
    disposal = ends.sent(city)
    disposals.call_off(
        actor=city.actor("car_keeper"), disposal_id=disposal.pk, reason="继续使用", at=AT
    )
    assert case_of(disposal).state == CaseState.WITHDRAWN


# ── what the database forbids ───────────────────────────────────────────────────────────


def test_the_database_knows_the_life_of_a_disposal(city: City) -> None:
    disposal = ends.done(city)
    with pytest.raises(DatabaseError, match="transition"), transaction.atomic():
        Disposal.objects.filter(pk=disposal.pk).update(state="AGREED", disposed_on=None)


@pytest.mark.pg15
@pytest.mark.parametrize(
    "changes",
    [
        {"proceeds_fen": -1},
        {"disposed_on": TODAY},
        {"method": "TRANSFER", "asked_at": AT},
        {"method": "TRANSFER", "state": "PENDING"},
        {"state": "PAID", "disposed_on": TODAY},
    ],
)
def test_the_database_forbids_what_must_never_be(city: City, changes: dict[str, Any]) -> None:
    car = ends.old_car(city)
    facts = {"number": "CZ-x", "car": car, "unit": car.unit, "method": "SCRAP", "state": "DRAFT"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.create(**(facts | changes))


# ── transfers ───────────────────────────────────────────────────────────────────────────


def granted(city: City, unit: str, places: int) -> None:
    quota = Quota.objects.create(unit=city.units[unit], use="OTHER")
    QuotaChange.objects.create(
        number=f"BZ{unit}", quota=quota, delta=places, takes_effect_on=TODAY, state="AGREED",
        decided_at=AT,
    )  # fmt: skip


def transfer(city: City) -> Disposal:
    disposal = ends.opened(city, method=DisposalMethod.TRANSFER, to_unit_id=city.units["other"].pk)
    disposals.send(actor=city.actor("clerk"), disposal_id=disposal.pk, at=AT)
    return ends.decide(city, disposal)


def hand_over(city: City, disposal: Disposal) -> Disposal:
    return transfers.finish_transfer(
        actor=city.actor("car_keeper"), disposal_id=disposal.pk, on=TODAY, at=AT
    )


def test_a_transferred_car_changes_hands_and_is_not_gone(city: City) -> None:
    granted(city, "other", 2)
    disposal = transfer(city)
    assert disposal.car.state == CarState.IN_USE
    hand_over(city, disposal)
    car = Car.objects.get(plate=ends.OLD)
    assert (car.unit, car.state) == (city.units["other"], CarState.IN_USE)
    before, after = CarStay.objects.filter(car=car).order_by("during")
    assert (before.during.upper, before.left_by) == (TODAY, "TRANSFER")
    assert (after.unit, after.during.lower, after.came_by) == (
        city.units["other"], TODAY, CameBy.TRANSFER,
    )  # fmt: skip
    assert Record.objects.filter(verb="fleet.car.transferred", on_id=car.pk).exists()
    assert ends.opened(city, car, by="car_keeper").state == DisposalState.DRAFT


def test_a_unit_without_a_free_place_receives_no_car_and_the_article_is_named(city: City) -> None:
    granted(city, "other", 1)  # 赣H20001 stands there
    disposal = transfer(city)
    with pytest.raises(Refused) as refused:
        hand_over(city, disposal)
    (finding,) = refused.value.findings
    assert finding.code == "over_quota"
    assert finding.cite is not None
    assert "第二十五条" in finding.cite.line()
    assert Car.objects.get(plate=ends.OLD).unit == city.units["farming"]


def test_the_place_that_a_disposal_frees_can_be_taken(city: City) -> None:
    granted(city, "other", 1)
    disposal = transfer(city)
    own = city.cars[OWN]
    stays.leave(car=own, on=TODAY, by="DISPOSAL")  # type: ignore[arg-type]  # as the row keeps it
    assert hand_over(city, disposal).state == DisposalState.DONE


def test_a_transfer_has_no_deal_and_a_removal_no_transfer(city: City) -> None:
    keeper = city.actor("car_keeper")
    handed = transfer(city)
    assert codes(
        lambda: disposals.deal(actor=keeper, disposal_id=handed.pk, facts=ends.deal_facts(), at=AT)
    ) == ["no_deal"]
    assert codes(lambda: disposals.finish(actor=keeper, disposal_id=handed.pk, at=AT)) == [
        "transfer"
    ]
    sold = ends.agreed(city, ends.old_car(city, "赣H40002"))
    assert codes(lambda: hand_over(city, sold)) == ["no_transfer"]


# ── who is told ─────────────────────────────────────────────────────────────────────────


def test_the_unit_is_told_of_the_deal_and_of_the_end(city: City) -> None:
    disposal = ends.done(city)
    told = Notice.objects.filter(person=city.person("clerk"))
    kinds = list(told.filter(kind__startswith="fleet.disposal").values_list("kind", flat=True))
    assert sorted(kinds) == ["fleet.disposal_dealt", "fleet.disposal_done"]
    assert disposal.car.plate in told.get(kind="fleet.disposal_done").title
    assert not Notice.objects.filter(
        person=city.person("stranger"), kind__startswith="fleet.disposal"
    ).exists()
