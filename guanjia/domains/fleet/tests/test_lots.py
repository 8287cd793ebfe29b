"""Lots: one method, one settlement, three sums that agree to the 分 or say why."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from guanjia.domains.fleet.actions import disposals, lots
from guanjia.domains.fleet.models import Disposal, DisposalLot, LotPayment
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState, LotState
from guanjia.domains.fleet.tests import ends
from guanjia.domains.fleet.tests.builders import AT, City
from guanjia.domains.fleet.tests.ends import TODAY
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope


def codes(doing: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refused) as refused:
        doing()
    return [finding.code for finding in refused.value.findings]


def filled(city: City, *proceeds: int) -> DisposalLot:
    """A lot with cars that brought so much."""
    lot, keeper = ends.lot(city), city.actor("car_keeper")
    for number, fen in enumerate(proceeds, start=1):
        made = ends.agreed(city, ends.old_car(city, f"赣H4100{number}"))
        lots.put_in_lot(actor=keeper, lot_id=lot.pk, disposal_ids=[made.pk], at=AT)
        facts = ends.deal_facts(proceeds_fen=fen)
        disposals.deal(actor=keeper, disposal_id=made.pk, facts=facts, at=AT)
    return lot


def settled(city: City, lot: DisposalLot, fen: int) -> None:
    lots.settle_lot(
        actor=city.actor("car_keeper"), lot_id=lot.pk, total_fen=fen, held_on=TODAY,
        agent="产权交易所", at=AT,
    )  # fmt: skip


def paid(city: City, lot: DisposalLot, fen: int, receipt: str = "JK1") -> LotPayment:
    return lots.pay_in_lot(
        actor=city.actor("car_keeper"), lot_id=lot.pk, amount_fen=fen, receipt=receipt,
        paid_on=TODAY, at=AT,
    )  # fmt: skip


def close(city: City, lot: DisposalLot, reason: str = "") -> DisposalLot:
    return lots.close_lot(actor=city.actor("car_keeper"), lot_id=lot.pk, reason=reason, at=AT)


def sums(lot: DisposalLot) -> tuple[int, int | None, int]:
    facts = reading.lot_facts(reading.lot(scope=Scope.all(), lot_id=lot.pk))
    return facts.sum_fen, facts.total_fen, facts.paid_fen


def test_a_lot_whose_sums_agree_is_closed_and_its_cars_are_paid_in(city: City) -> None:
    lot = filled(city, 860_000, 960_000)
    settled(city, lot, 1_820_000)
    paid(city, lot, 1_820_000)
    assert sums(lot) == (1_820_000, 1_820_000, 1_820_000)
    rows = Disposal.objects.filter(lot=lot)
    assert {(row.state, row.receipt, row.paid_fen) for row in rows} == {
        (DisposalState.PAID, "JK1", 860_000), (DisposalState.PAID, "JK1", 960_000),
    }  # fmt: skip
    closed = close(city, lot)
    assert (closed.state, closed.closed_on, closed.difference_reason) == (
        LotState.CLOSED, TODAY, "",
    )  # fmt: skip
    record = Record.objects.get(verb="fleet.lot.closed")
    told = {"total_fen": 1_820_000, "sum_fen": 1_820_000, "paid_fen": 1_820_000}
    assert record.after.items() >= told.items()


def test_one_fen_keeps_it_open_until_the_reason_is_written(city: City) -> None:
    lot = filled(city, 860_000)
    settled(city, lot, 860_000)
    paid(city, lot, 859_999)
    (row,) = Disposal.objects.filter(lot=lot)
    assert row.state == DisposalState.DEALT, "what is not covered is not paid in"
    with pytest.raises(Refused) as refused:
        close(city, lot)
    (finding,) = refused.value.findings
    assert finding.code == "sums_differ"
    assert "缴库 8,599.99 元，成交总额 8,600.00 元" in finding.sentence
    closed = close(city, lot, "银行手续费")
    assert closed.difference_reason == "银行手续费"
    row.refresh_from_db()
    assert (row.state, row.receipt) == (DisposalState.PAID, "JK1")
    found = reading.lot(scope=Scope.all(), lot_id=lot.pk)
    assert reading.lot_facts(found).paid_fen == 859_999, "the difference stays to be seen"


def test_money_that_never_reached_the_treasury_is_not_explained_away(city: City) -> None:
    lot = filled(city, 860_000)
    settled(city, lot, 860_000)
    assert codes(lambda: close(city, lot, "以后再缴")) == ["not_paid_in"]


def test_several_payments_cover_the_lot_together(city: City) -> None:
    lot = filled(city, 860_000)
    paid(city, lot, 500_000, "JK1")
    assert Disposal.objects.get(lot=lot).state == DisposalState.DEALT
    paid(city, lot, 360_000, "JK2")
    assert Disposal.objects.get(lot=lot).receipt == "JK2"


def test_cars_paid_in_one_by_one_count_for_their_lot(city: City) -> None:
    lot = filled(city, 860_000, 960_000)
    first = Disposal.objects.filter(lot=lot).order_by("pk")[0]
    disposals.pay_in(
        actor=city.actor("car_keeper"), disposal_id=first.pk,
        facts=ends.pay_facts(paid_fen=860_000), at=AT,
    )  # fmt: skip
    paid(city, lot, 960_000)
    assert sums(lot) == (1_820_000, None, 1_820_000)
    assert Disposal.objects.get(pk=first.pk).receipt == "JK20200001", "its own voucher stays"


def test_a_car_that_nobody_bid_for_is_taken_out(city: City) -> None:
    lot = filled(city, 860_000)
    unsold = ends.agreed(city, ends.old_car(city, "赣H41009"))
    keeper = city.actor("car_keeper")
    lots.put_in_lot(actor=keeper, lot_id=lot.pk, disposal_ids=[unsold.pk], at=AT)
    settled(city, lot, 860_000)
    paid(city, lot, 860_000)
    assert codes(lambda: close(city, lot, "流拍")) == ["undealt"]
    lots.take_out(actor=keeper, disposal_id=unsold.pk, at=AT)
    assert close(city, lot).state == LotState.CLOSED


def test_a_car_paid_in_with_the_lot_stays_in_it(city: City) -> None:
    lot = filled(city, 860_000)
    paid(city, lot, 860_000)
    row = Disposal.objects.get(lot=lot)
    assert codes(
        lambda: lots.take_out(actor=city.actor("car_keeper"), disposal_id=row.pk, at=AT)
    ) == ["covered"]


def test_only_agreed_cars_of_the_same_method_come_into_a_lot(city: City) -> None:
    lot, keeper = ends.lot(city), city.actor("car_keeper")
    scrapped = ends.agreed(city, method=DisposalMethod.SCRAP)
    waiting = ends.sent(city, ends.old_car(city, "赣H40002"))
    assert codes(
        lambda: lots.put_in_lot(
            actor=keeper, lot_id=lot.pk, disposal_ids=[scrapped.pk, waiting.pk], at=AT
        )
    ) == ["other_method", "state"]
    assert codes(lambda: lots.put_in_lot(actor=keeper, lot_id=lot.pk, disposal_ids=[], at=AT)) == [
        "nothing_chosen"
    ]


def test_a_voucher_is_told_once_and_a_payment_never_changed(city: City) -> None:
    lot = filled(city, 860_000)
    payment = paid(city, lot, 100)
    assert codes(lambda: paid(city, lot, 100)) == ["receipt_told"]
    assert codes(lambda: paid(city, lot, 0, "JK2")) == ["no_amount"]
    assert codes(lambda: paid(city, lot, 100, " ")) == ["no_receipt"]
    with pytest.raises(DatabaseError), transaction.atomic():
        LotPayment.objects.filter(pk=payment.pk).update(amount_fen=200)


def test_a_closed_lot_and_the_deals_in_it_are_not_touched_again(city: City) -> None:
    lot = filled(city, 0)
    settled(city, lot, 0)
    close(city, lot)
    row = Disposal.objects.get(lot=lot)
    assert codes(lambda: settled(city, lot, 1)) == ["state"]
    assert codes(
        lambda: disposals.deal(
            actor=city.actor("car_keeper"), disposal_id=row.pk, facts=ends.deal_facts(), at=AT
        )
    ) == ["lot_closed"]
    with pytest.raises(DatabaseError), transaction.atomic():
        DisposalLot.objects.filter(pk=lot.pk).update(state="OPEN", closed_on=None)


def test_a_lot_has_a_name_of_its_own_and_is_no_transfer(city: City) -> None:
    ends.lot(city)
    assert codes(lambda: ends.lot(city)) == ["title_taken"]
    assert codes(lambda: ends.lot(city, " ")) == ["title_missing"]
    assert codes(
        lambda: lots.open_lot(
            actor=city.actor("car_keeper"), title="划转", method=DisposalMethod.TRANSFER, at=AT
        )
    ) == ["no_lot"]


def test_units_open_no_lots(city: City) -> None:
    for who in ("clerk", "head", "supervisor"):
        with pytest.raises(NotAllowed):
            lots.open_lot(actor=city.actor(who), title="自办", method=DisposalMethod.SCRAP, at=AT)
