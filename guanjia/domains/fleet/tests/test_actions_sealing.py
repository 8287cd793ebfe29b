"""Sealing over a holiday: planned, handed in, excepted, released; what the rules find of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from guanjia.domains.fleet.actions import sealing
from guanjia.domains.fleet.models import Car, Finding, SealedCar, Sealing
from guanjia.domains.fleet.queries import sealing as queries
from guanjia.domains.fleet.terms.oversight import FindingState, Outcome
from guanjia.domains.fleet.terms.sealing import SealState
from guanjia.domains.fleet.tests.builders import AT, OWN, SECOND, SMALL, City
from guanjia.domains.fleet.tests.watching import codes, drove, know_places, moment, review, seen
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Reach, Scope

BEGIN, END = moment("2020-05-08T18:00"), moment("2020-05-11T08:00")
BEFORE = moment("2020-05-08T10:00")


@pytest.fixture
def sealed(city: City) -> Sealing:
    """A weekend's sealing, planned in the morning before."""
    know_places()
    other = city.units["other"]
    person = org.person("D040020", other, name="叶青")
    city.join("keeper_of_other", person, ("fleet.clerk", Reach.BELOW, other))
    return sealing.plan_sealing(
        actor=city.actor("car_keeper"), title="防汛前封存", begin_at=BEGIN, end_at=END,
        notice="周末封存停驶。", at=BEFORE,
    )  # fmt: skip


def row(sealing: Sealing, plate: str) -> SealedCar:
    found: SealedCar = SealedCar.objects.get(sealing=sealing, car__plate=plate)
    return found


def hand_in(city: City, of: Sealing, plate: str, **more: Any) -> SealedCar:
    given = {"place": "院内", "keys_to": "办公室", "km": 10_000, "at": BEGIN, **more}
    return sealing.seal_car(actor=city.actor("car_keeper"), sealed_id=row(of, plate).pk, **given)


def refused(doing: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        doing()
    return [found.code for found in caught.value.findings]


def test_all_cars_in_use_and_in_repair_are_to_be_sealed_and_units_are_told(
    city: City, sealed: Sealing
) -> None:
    assert SealedCar.objects.filter(sealing=sealed).count() == len(city.cars)
    record = Record.objects.get(verb="fleet.sealing.planned")
    assert record.after["cars"] == len(city.cars)
    assert record.verdict["warnings"][0]["cite"]["title"] == "党政机关公务用车管理办法"
    (told,) = Notice.objects.filter(kind="fleet.sealing")
    assert told.person == city.person("keeper_of_other"), "not the keeper who planned it"


def test_two_sealings_do_not_overlap_and_none_is_over_when_planned(
    city: City, sealed: Sealing
) -> None:
    def plan(begin: Any, end: Any) -> Any:
        return sealing.plan_sealing(
            actor=city.actor("car_keeper"), title="又一次", begin_at=begin, end_at=end,
            notice="停驶", at=BEFORE,
        )  # fmt: skip

    minute = timedelta(minutes=1)
    assert refused(lambda: plan(END - minute, END + minute)) == ["taken"]
    assert refused(lambda: plan(BEFORE - 2 * minute, BEFORE)) == ["ends_before"]
    assert plan(END, END + minute).pk, "one ends when the next begins"


def test_cars_left_out_are_not_in_the_plan(city: City) -> None:
    made = sealing.plan_sealing(
        actor=city.actor("car_keeper"), title="封存", begin_at=BEGIN, end_at=END, notice="停驶",
        without=[city.cars[SMALL].pk], at=BEFORE,
    )  # fmt: skip
    assert not made.cars.filter(car=city.cars[SMALL]).exists()
    with pytest.raises(NotAllowed):
        sealing.plan_sealing(
            actor=city.actor("clerk"), title="封存", begin_at=END, end_at=END + timedelta(days=1),
            notice="停驶", at=BEFORE,
        )  # fmt: skip


def test_a_car_is_handed_in_with_place_keys_and_odometer(city: City, sealed: Sealing) -> None:
    done = hand_in(city, sealed, SMALL, km=10_020)
    assert (done.state, done.sealed_km, done.sealed_at) == (SealState.SEALED, 10_020, BEGIN)
    assert Car.objects.get(plate=SMALL).odometer_km == 10_020
    assert Record.objects.filter(verb="fleet.sealed_car.sealed", on_id=done.pk).exists()
    assert refused(lambda: hand_in(city, sealed, SMALL)) == ["state"]
    assert refused(lambda: hand_in(city, sealed, SECOND, at=END)) == ["over"]
    assert refused(lambda: hand_in(city, sealed, SECOND, place="", keys_to="", km=None)) == [
        "place_missing",
        "keys_missing",
        "km_missing",
    ]


def test_a_car_that_is_out_is_not_sealed(city: City, sealed: Sealing) -> None:
    trip = city.out()
    with pytest.raises(Refused, match=trip.number):
        hand_in(city, sealed, SMALL)


def test_a_unit_hands_in_its_own_cars_only(city: City, sealed: Sealing) -> None:
    clerk = city.actor("keeper_of_other")
    given = {"place": "院内", "keys_to": "办公室", "km": 10_000, "at": BEGIN}
    own = sealing.seal_car(actor=clerk, sealed_id=row(sealed, OWN).pk, **given)
    assert own.state == SealState.SEALED
    with pytest.raises(SealedCar.DoesNotExist):
        sealing.seal_car(actor=clerk, sealed_id=row(sealed, SMALL).pk, **given)


def ask(city: City, of: Sealing, plate: str = SMALL, reason: str = "防汛值守") -> SealedCar:
    return sealing.ask_exception(
        actor=city.actor("car_keeper"), sealed_id=row(of, plate).pk, reason=reason, at=BEFORE
    )


@pytest.fixture
def heads(city: City) -> City:
    """The bureau has a head of its own, and a second keeper who decides on the first one's."""
    bureau = city.units["bureau"]
    for username, number, name, duty, reach, unit in (
        ("bureau_head", "D055001", "罗文", "fleet.head", Reach.BELOW, bureau),
        ("other_keeper", "D055011", "朱敏", "fleet.keeper", Reach.CITY, None),
    ):
        city.join(username, org.person(number, bureau, name=name), (duty, reach, unit))
    return city


def test_an_exception_is_agreed_by_the_head_and_the_bureau(heads: City, sealed: Sealing) -> None:
    asked = ask(heads, sealed)
    assert asked.state == SealState.ASKED
    case = Case.objects.get(subject_type="fleet.sealedcar", subject_id=asked.pk)
    deciding.agree(actor=heads.actor("bureau_head"), case_id=case.pk, at=BEFORE)
    asked.refresh_from_db()
    assert asked.state == SealState.ASKED, "the bureau has not agreed yet"
    deciding.agree(actor=heads.actor("other_keeper"), case_id=case.pk, at=BEFORE)
    asked.refresh_from_db()
    assert asked.state == SealState.EXCEPTED


def test_a_refused_exception_puts_the_car_back_where_it_stood(heads: City, sealed: Sealing) -> None:
    hand_in(heads, sealed, SMALL, at=BEFORE)
    asked = ask(heads, sealed)
    case = Case.objects.get(subject_type="fleet.sealedcar", subject_id=asked.pk)
    deciding.send_back(
        actor=heads.actor("bureau_head"), case_id=case.pk, comment="用值班车", at=BEFORE
    )
    asked.refresh_from_db()
    assert (asked.state, asked.state_note) == (SealState.SEALED, "用值班车")
    again = ask(heads, sealed, reason="值班车检修")
    assert again.state == SealState.ASKED, "it may be asked for again"


def test_an_exception_wants_its_reason(heads: City, sealed: Sealing) -> None:
    assert refused(lambda: ask(heads, sealed, reason="  ")) == ["reason_missing"]


def test_a_released_car_that_moved_is_a_finding(city: City, sealed: Sealing) -> None:
    hand_in(city, sealed, SMALL)
    keeper = city.actor("car_keeper")
    pk = row(sealed, SMALL).pk
    assert refused(lambda: sealing.release_car(actor=keeper, sealed_id=pk, km=9_999, at=END)) == [
        "odometer_back"
    ]
    sealing.release_car(actor=keeper, sealed_id=pk, km=10_035, at=END)
    others = SealedCar.objects.filter(sealing=sealed).exclude(pk=pk)
    others.update(state="SEALED", sealed_at=BEGIN, sealed_km=10_000, place="院", keys_to="办")
    review("2020-05-08", "2020-05-12")
    (finding,) = Finding.objects.all()
    assert codes(finding) == {"SEALED": "RED"}
    assert "封存期间走了 35 公里" in finding.grounds.get().headline


def test_a_journey_and_a_clue_during_the_sealing_are_violations(
    city: City, sealed: Sealing
) -> None:
    SealedCar.objects.filter(sealing=sealed).update(
        state="SEALED", sealed_at=BEGIN, sealed_km=10_000, place="院", keys_to="办"
    )
    trip = drove(city, "PC2020050900001", "2020-05-09T09:00", "2020-05-09T11:00")
    seen(city, "2020-05-10T11:00", "市农业农村局", car=SECOND)
    review("2020-05-08", "2020-05-12")
    assert codes(Finding.objects.get(trip=trip)) == {"SEALED": "RED"}
    loose = Finding.objects.get(trip=None)
    assert set(codes(loose)) == {"SEALED", "NO_ORDER", "REST_DAY"}


def test_an_excepted_car_may_drive_and_one_not_handed_in_is_asked_about(
    city: City, sealed: Sealing
) -> None:
    SealedCar.objects.filter(sealing=sealed, car__plate=SMALL).update(
        state="ASKED", exception_reason="值守"
    )
    SealedCar.objects.filter(sealing=sealed, car__plate=SMALL).update(state="EXCEPTED")
    drove(city, "PC2020050900001", "2020-05-09T09:00", "2020-05-09T11:00")
    review("2020-05-08", "2020-05-12")
    assert not Finding.objects.filter(car__plate=SMALL).exists()
    late = Finding.objects.filter(grounds__code="NOT_SEALED")
    assert late.count() == len(city.cars) - 1
    assert set(late.values_list("level", flat=True)) == {"YELLOW"}


def call_off(city: City, of: Sealing, reason: str = "防汛应急响应", at: Any = BEFORE) -> Sealing:
    keeper = city.actor("car_keeper")
    return sealing.call_off_sealing(actor=keeper, sealing_id=of.pk, reason=reason, at=at)


def test_a_sealing_is_called_off_with_its_reason_and_the_units_are_told(
    city: City, sealed: Sealing
) -> None:
    assert refused(lambda: call_off(city, sealed, reason=" ")) == ["reason_missing"]
    assert refused(lambda: call_off(city, sealed, at=END)) == ["over"]
    with pytest.raises(NotAllowed):
        sealing.call_off_sealing(
            actor=city.actor("keeper_of_other"), sealing_id=sealed.pk, reason="我", at=BEFORE
        )
    off = call_off(city, sealed)
    assert (off.called_off_at, off.called_off_reason) == (BEFORE, "防汛应急响应")
    record = Record.objects.get(verb="fleet.sealing.called_off")
    assert (record.on_id, record.note) == (sealed.pk, "防汛应急响应")
    (told,) = Notice.objects.filter(kind="fleet.sealing_off")
    assert told.person == city.person("keeper_of_other")
    assert refused(lambda: call_off(city, sealed)) == ["called_off"]
    assert refused(lambda: hand_in(city, sealed, SMALL)) == ["called_off"]
    assert refused(lambda: ask(city, sealed)) == ["called_off"]


@pytest.mark.pg15
def test_a_called_off_sealing_leaves_its_time_to_another_and_is_never_taken_back(
    city: City, sealed: Sealing
) -> None:
    call_off(city, sealed)
    again = sealing.plan_sealing(
        actor=city.actor("car_keeper"), title="改期", begin_at=BEGIN, end_at=END, notice="停驶。",
        at=BEFORE,
    )  # fmt: skip
    assert again.pk != sealed.pk
    with pytest.raises(DatabaseError), transaction.atomic():
        Sealing.objects.filter(pk=sealed.pk).update(called_off_at=None, called_off_reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Sealing.objects.filter(pk=again.pk).update(called_off_at=BEFORE)  # without a reason
    with pytest.raises(DatabaseError), transaction.atomic():
        Sealing.objects.filter(pk=again.pk).delete()


def test_calling_off_ends_the_exceptions_still_asked_for_and_gives_keys_back(
    heads: City, sealed: Sealing
) -> None:
    hand_in(heads, sealed, SMALL, at=BEFORE)
    asked = ask(heads, sealed, plate=SECOND)
    call_off(heads, sealed)
    asked.refresh_from_db()
    assert (asked.state, asked.state_note) == (SealState.TO_SEAL, "封存取消")
    case = Case.objects.get(subject_type="fleet.sealedcar", subject_id=asked.pk)
    assert case.state == CaseState.WITHDRAWN
    released = sealing.release_car(
        actor=heads.actor("car_keeper"), sealed_id=row(sealed, SMALL).pk, km=10_060, at=BEGIN
    )
    assert released.state == SealState.RELEASED


def test_what_was_said_of_cars_not_handed_in_is_gone_once_it_is_called_off(
    city: City, sealed: Sealing
) -> None:
    hand_in(city, sealed, SMALL)
    drove(city, "PC2020050900001", "2020-05-09T09:00", "2020-05-09T11:00")
    drove(
        city, "PC2020050900002", "2020-05-09T09:00", "2020-05-09T11:00", car=city.cars[SECOND],
        driver=city.drivers["方敏"],
    )  # fmt: skip
    review("2020-05-08", "2020-05-12")
    assert Finding.objects.filter(grounds__code="NOT_SEALED").count() == len(city.cars) - 1
    off_at = moment("2020-05-09T20:00")
    call_off(city, sealed, at=off_at)
    review("2020-05-09", "2020-05-12")  # the nights after look at the days of the sealing too
    late = Finding.objects.filter(grounds__code="NOT_SEALED")
    assert set(late.values_list("outcome", flat=True)) == {Outcome.GONE}
    bound = Finding.objects.exclude(state=FindingState.CLOSED).filter(grounds__code="SEALED")
    assert [f.car.plate for f in bound if "SEALED" in codes(f)] == [SMALL], "its keys were in"


@pytest.mark.pg15
def test_the_database_keeps_the_life_of_a_sealed_car(city: City, sealed: Sealing) -> None:
    pk = row(sealed, SMALL).pk
    with pytest.raises(DatabaseError), transaction.atomic():
        SealedCar.objects.filter(pk=pk).update(state="RELEASED", released_at=END)
    with pytest.raises(IntegrityError), transaction.atomic():
        SealedCar.objects.filter(pk=pk).update(state="SEALED")  # neither place nor keys
    with pytest.raises(DatabaseError), transaction.atomic():
        SealedCar.objects.filter(pk=pk).delete()


@pytest.mark.django_db
def test_the_next_holidays_come_from_the_calendar_with_shifted_workdays() -> None:
    found = queries.holidays(since=AT.date(), law=law_at(AT), limit=2)
    assert len(found) == 2
    first = found[0]
    assert (first.begin_at, first.end_at) == (
        moment("2020-06-24T18:00"), moment("2020-06-28T08:00"),
    )  # fmt: skip


def test_counts_are_those_of_the_scope(city: City, sealed: Sealing) -> None:
    whole = queries.sealings(Scope.all()).get(pk=sealed.pk)
    mine = queries.sealings(city.actor("keeper_of_other").scope("fleet.seal.see")).get(pk=sealed.pk)
    assert (whole.n, mine.n) == (len(city.cars), 1)
    assert whole.n_to_seal == whole.n
    Car.objects.filter(plate=OWN).update(secret=True)
    outside = queries.sealings(Scope.outside()).get(pk=sealed.pk)
    assert outside.n == len(city.cars) - 1
