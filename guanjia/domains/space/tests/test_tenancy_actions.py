"""周转房: who lives there, what is owed and paid, how rooms come back."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from guanjia.domains.space.actions import rents, tenancies, timelines
from guanjia.domains.space.models import Occupant, Rent, RentPayment, RoomSpell, Tenancy
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.domains.space.terms.tenancies import Condition, TenancyState
from guanjia.domains.space.tests import tenancy_scenes as scenes
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

JULY = AT + timedelta(days=60)


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.findings[0].code


def state_on(city: City, day: date, room: str = "B101") -> str:
    return str(RoomSpell.objects.filter(room=city.room(room)).on(day).get().state)


# ── moving in ────────────────────────────────────────────────────────────────────────────


def test_the_ledger_tells_who_lives_there(city: City) -> None:
    scenes.moved_in(city)
    assert state_on(city, scenes.SINCE) == RoomState.IN_USE
    assert state_on(city, scenes.SINCE - timedelta(days=1)) == RoomState.VACANT
    assert Occupant.objects.on(TODAY).filter(room=city.room("B101")).get().person.name == "贺思"


def test_the_months_up_to_today_are_owed_the_first_by_its_days(city: City) -> None:
    made = scenes.moved_in(city)
    found = list(made.rents.values_list("month", "days", "fen", "due_on"))
    assert found == [
        (date(2020, 3, 1), 16, 10_452, scenes.SINCE),  # 45 ㎡ × 450 分 × 16/31, rounded
        (date(2020, 4, 1), 30, 20_250, date(2020, 4, 10)),
        (date(2020, 5, 1), 31, 20_250, date(2020, 5, 10)),
    ]


def test_who_may_not_move_in(city: City) -> None:
    for changes, refused in (
        ({"room": "201"}, "no_quarters"),
        ({"last_on": date(2023, 3, 16)}, "too_long"),
        ({"last_on": scenes.SINCE}, "ends_before"),
        ({"since_on": date(2018, 1, 1), "last_on": date(2019, 1, 1)}, "no_room"),
    ):
        with pytest.raises(Refused) as caught:
            scenes.moved_in(city, **changes)  # type: ignore[arg-type]
        assert code(caught) == refused


@pytest.mark.pg15
def test_nobody_moves_in_twice_and_no_room_is_lived_in_twice(city: City) -> None:
    made = scenes.moved_in(city)
    with pytest.raises(Refused) as caught:
        scenes.moved_in(city, "clerk")
    assert code(caught) == "lived_in"
    assert "贺思" in caught.value.findings[0].sentence
    assert {one.code for one in caught.value.findings} == {"lived_in"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenancy.objects.create(
            number="ZZ1", room=made.room, tenant=city.people["clerk"], kind="OTHER",
            state="RUNNING", since_on=TODAY, last_on=scenes.LAST, rents_from=date(2020, 5, 1),
            entered_at=AT,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenancy.objects.create(
            number="ZZ2", room=city.room("201"), tenant=made.tenant, kind="OTHER",
            state="RUNNING", since_on=TODAY, last_on=scenes.LAST, rents_from=date(2020, 5, 1),
            entered_at=AT,
        )  # fmt: skip


def test_only_the_keeper_lets_people_in(city: City) -> None:
    for who in ("clerk", "cashier", "supervisor", "decider"):
        actor, wish = city.actor(who), scenes.asked(city)
        with pytest.raises(NotAllowed):
            tenancies.move_in(actor=actor, asked=wish, at=AT)


# ── rents ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.pg15
def test_a_month_is_owed_once_however_often_the_job_runs(city: City) -> None:
    made = scenes.moved_in(city)
    assert rents.raise_all(at=AT) == 0
    assert rents.raise_all(at=JULY) == 2
    assert rents.raise_all(at=JULY) == 0
    assert made.rents.count() == 5
    with pytest.raises(IntegrityError), transaction.atomic():
        Rent.objects.create(
            tenancy=made, month=date(2020, 5, 1), days=1, usable_m2=1, rate_fen=1, fen=1,
            due_on=TODAY,
        )  # fmt: skip


def test_a_changed_area_counts_from_the_month_after(city: City) -> None:
    made = scenes.moved_in(city)
    timelines.restate(room=made.room, on=date(2020, 6, 2), told_at=AT, usable_m2=50)
    rents.raise_all(at=JULY)
    june, july = made.rents.filter(month__gte=date(2020, 6, 1))
    assert (june.fen, july.fen) == (20_250, 22_500)


def test_the_oldest_month_is_paid_first_and_to_the_fen(city: City) -> None:
    made = scenes.moved_in(city)
    march, april, may = made.rents.all()
    for changes, refused in (
        ({"rent_ids": (april.pk,), "fen": april.fen}, "skips"),
        ({"fen": march.fen - 1}, "differs"),
        ({"receipt": " "}, "no_receipt"),
        ({"rent_ids": (), "fen": 0}, "no_month"),
        ({"rent_ids": (march.pk, may.pk), "fen": march.fen + may.fen}, "skips"),
        ({"on": TODAY + timedelta(days=1)}, "in_the_future"),
    ):
        with pytest.raises(Refused) as caught:
            scenes.paid(city, made, **changes)
        assert code(caught) == refused
    done = scenes.paid(city, made, months=2)
    assert (done.fen, done.months) == (30_702, "2020-03、2020-04")
    assert [one.paid for one in reading.owed_of(made)] == [True, True, False]
    with pytest.raises(Refused) as caught:
        scenes.paid(city, made)  # the same receipt
    assert code(caught) == "receipt_known"


def test_months_paid_by_a_colleague_in_between_are_not_paid_again(city: City) -> None:
    made = scenes.moved_in(city)
    mine = scenes.payment(made, receipt="PJ0002")
    scenes.paid(city, made)
    with pytest.raises(Refused) as caught:
        rents.pay(actor=city.actor("cashier"), tenancy_id=made.pk, payment=mine, at=AT)
    assert code(caught) == "paid"


def test_a_payment_made_void_is_owed_again(city: City) -> None:
    made = scenes.moved_in(city)
    done = scenes.paid(city, made)
    cashier = city.actor("cashier")
    with pytest.raises(Refused):
        rents.void(actor=cashier, payment_id=done.pk, reason=" ", at=AT)
    rents.void(actor=cashier, payment_id=done.pk, reason="刷错人", at=AT)
    assert made.rents.unpaid().count() == 3
    assert scenes.paid(city, made).receipt == done.receipt
    assert RentPayment.objects.count() == 2


def test_only_the_cashier_takes_money(city: City) -> None:
    made = scenes.moved_in(city)
    payment = scenes.payment(made)
    for who in ("keeper", "clerk", "supervisor"):
        actor = city.actor(who)
        with pytest.raises(NotAllowed):
            rents.pay(actor=actor, tenancy_id=made.pk, payment=payment, at=AT)


def test_late_rents_are_told_once(city: City) -> None:
    scenes.moved_in(city)
    assert rents.remind(at=AT) == (3, 0)
    assert rents.remind(at=AT) == (0, 0)
    assert reading.with_arrears(Scope.all()).get().owed_fen == 50_952


# ── renewing, leaving ────────────────────────────────────────────────────────────────────


def test_a_term_is_renewed_from_its_end(city: City) -> None:
    made = scenes.moved_in(city)
    keeper = city.actor("keeper")
    with pytest.raises(Refused) as caught:
        tenancies.renew(actor=keeper, tenancy_id=made.pk, last_on=scenes.LAST, at=AT)
    assert code(caught) == "no_later"
    with pytest.raises(Refused) as caught:
        tenancies.renew(actor=keeper, tenancy_id=made.pk, last_on=date(2025, 3, 16), at=AT)
    assert code(caught) == "too_long"
    assert "本局参数" in str(caught.value.findings[0].cite)
    renewed = tenancies.renew(actor=keeper, tenancy_id=made.pk, last_on=date(2025, 3, 15), at=AT)
    assert renewed.last_on == date(2025, 3, 15)


def test_who_left_their_post_gives_the_room_back_in_a_month(city: City) -> None:
    made = scenes.moved_in(city)
    keeper = city.actor("keeper")
    told = tenancies.tell_left(actor=keeper, tenancy_id=made.pk, left_on=date(2020, 4, 30), at=AT)
    assert told.leave_by == date(2020, 5, 30)
    with pytest.raises(Refused) as caught:
        tenancies.renew(actor=keeper, tenancy_id=made.pk, last_on=date(2023, 1, 1), at=AT)
    assert code(caught) == "left"
    assert rents.remind(at=AT)[1] == 1
    assert Tenancy.objects.filter(reading.over_term(date(2020, 5, 30))).count() == 0
    assert Tenancy.objects.filter(reading.over_term(date(2020, 5, 31))).count() == 1


# ── handing back ─────────────────────────────────────────────────────────────────────────


def test_a_room_that_came_back_is_empty_and_its_month_counts_by_days(city: City) -> None:
    made = scenes.moved_in(city)
    scenes.paid(city, made, months=2)
    done = tenancies.hand_back(
        actor=city.actor("keeper"), tenancy_id=made.pk, back=scenes.back(), at=AT
    )
    assert (done.state, done.refund_fen) == (TenancyState.RETURNED, None)
    may = made.rents.get(month=date(2020, 5, 1))
    assert (may.days, may.fen) == (19, 12_411)
    assert state_on(city, TODAY) == RoomState.VACANT
    assert state_on(city, TODAY - timedelta(days=1)) == RoomState.IN_USE
    assert not Occupant.objects.on(TODAY).filter(room=made.room).exists()
    assert scenes.paid(city, made, receipt="PJ9").fen == 12_411
    assert scenes.moved_in(city, "clerk", since_on=TODAY).state == TenancyState.RUNNING


def test_what_was_paid_beyond_the_return_is_told(city: City) -> None:
    made = scenes.moved_in(city)
    scenes.paid(city, made, months=3)
    done = tenancies.hand_back(
        actor=city.actor("keeper"), tenancy_id=made.pk, back=scenes.back(), at=AT
    )
    assert done.refund_fen == 20_250 - 12_411


def test_a_payment_made_void_after_the_return_is_owed_for_the_days_lived(city: City) -> None:
    made = scenes.moved_in(city)
    done = scenes.paid(city, made, months=3)
    tenancies.hand_back(actor=city.actor("keeper"), tenancy_id=made.pk, back=scenes.back(), at=AT)
    rents.void(actor=city.actor("cashier"), payment_id=done.pk, reason="刷错人", at=AT)
    made.refresh_from_db()
    assert made.refund_fen is None, "nothing is paid, nothing goes back"
    may = made.rents.get(month=date(2020, 5, 1))
    assert (may.payment, may.days, may.fen) == (None, 19, 12_411)


@pytest.mark.pg15
def test_a_return_is_inspected(city: City) -> None:
    made = scenes.moved_in(city)
    for changes, refused in (
        ({"condition": Condition.DAMAGED}, "no_note"),
        ({"damage_fen": 100}, "no_damage"),
        ({"on": TODAY + timedelta(days=1)}, "in_the_future"),
        ({"on": scenes.SINCE}, "too_early"),
    ):
        with pytest.raises(Refused) as caught:
            tenancies.hand_back(
                actor=city.actor("keeper"), tenancy_id=made.pk, back=scenes.back(**changes), at=AT
            )
        assert code(caught) == refused
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenancy.objects.filter(pk=made.pk).update(state="RETURNED", ended_on=TODAY)


def test_nobody_moved_in_after_all(city: City) -> None:
    made = scenes.moved_in(city)
    keeper = city.actor("keeper")
    scenes.paid(city, made)
    with pytest.raises(Refused) as caught:
        tenancies.call_off(actor=keeper, tenancy_id=made.pk, reason="未到任", at=AT)
    assert code(caught) == "paid"
    rents.void(actor=city.actor("cashier"), payment_id=made.payments.get().pk, reason="退款", at=AT)
    tenancies.call_off(actor=keeper, tenancy_id=made.pk, reason="未到任", at=AT)
    assert not Rent.objects.exists()
    assert state_on(city, TODAY) == RoomState.VACANT
    assert not Occupant.objects.filter(room=made.room).exists()
    assert scenes.moved_in(city, "clerk").state == TenancyState.RUNNING


def test_people_see_their_own_tenancy_and_units_those_of_theirs(city: City) -> None:
    made = scenes.moved_in(city)
    farming = Scope(paths=(city.units["farming"].path,))
    other = Scope(paths=(city.units["other"].path,))
    assert reading.tenancies(farming).get() == made
    assert not reading.tenancies(other).exists()
    assert not reading.rents(other).exists()
    own = Scope(person_id=city.people["sitter"].pk)
    assert reading.rents(own).count() == 3
