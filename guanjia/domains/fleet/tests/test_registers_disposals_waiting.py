"""Disposals that a ledger tells of before they are done, what it leaves open, and transfers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from guanjia.domains.fleet.actions import disposals, transfers
from guanjia.domains.fleet.models import Car, CarStay, Disposal
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.tests import builders, ends
from guanjia.domains.fleet.tests.books import FIRST_ROW
from guanjia.domains.fleet.tests.builders import AT, SMALL, City
from guanjia.domains.fleet.tests.test_pages_disposals import client_of
from guanjia.domains.fleet.tests.test_registers_disposals import faults, sold, take, values
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.terms import CaseState
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.verdict import Refused


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def waiting(plate: str = SMALL, **changes: Any) -> dict[str, Any]:
    """A row of a car that is agreed to and not yet disposed of."""
    return sold(plate, disposed_on=None, proceeds_fen=None, receipt=None) | changes


def test_without_its_day_a_disposal_waits_and_counts_nowhere(city: City) -> None:
    report = take(city, waiting(), waiting(builders.SECOND, document=None, approved_on=None))
    assert (report.errors, report.doubts, report.created) == ((), (), 2)
    agreed, draft = Disposal.objects.select_related("car").order_by("pk")
    assert (agreed.state, agreed.approved_on) == (DisposalState.AGREED, date(2020, 4, 8))
    assert agreed.car.state == CarState.TO_DISPOSE
    assert (draft.state, draft.car.state) == (DisposalState.DRAFT, CarState.IN_USE)
    assert CarStay.objects.filter(car=agreed.car, during__upper_inf=True).exists()
    assert values() == {
        "fleet.auctioned": 0, "fleet.auction_proceeds": Decimal(0), "fleet.scrapped": 0,
    }  # fmt: skip
    assert not Remark.objects.filter(register="fleet.disposals").exists()
    again = take(city, waiting(), waiting(builders.SECOND, document=None, approved_on=None))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_what_waited_is_approved_and_done_by_later_ledgers(city: City) -> None:
    take(city, waiting(document=None, approved_on=None))
    assert take(city, waiting()).updated == 1
    assert Disposal.objects.get().state == DisposalState.AGREED
    assert take(city, sold()).updated == 1
    made = Disposal.objects.select_related("car").get()
    assert (made.state, made.car.state) == (DisposalState.DONE, CarState.DISPOSED)


def test_an_older_ledger_takes_nothing_back(city: City) -> None:
    take(city, sold())
    report = take(city, waiting())
    assert (report.errors, report.updated, report.unchanged) == ((), 0, 1)
    assert [(d.column, d.code) for d in report.doubts] == [("处置日期", "disposed_already")]
    assert take(city, sold(receipt=None, proceeds_fen=None, document=None)).unchanged == 1
    made = Disposal.objects.get()
    assert (made.state, made.receipt, made.proceeds_fen) == (
        DisposalState.DONE, "JK20200001", 2_600_050,
    )  # fmt: skip


def test_what_is_dealt_here_is_left_alone_by_a_row_without_a_day(city: City) -> None:
    dealt = ends.dealt(city)
    assert take(city, waiting(ends.OLD)).unchanged == 1
    dealt.refresh_from_db()
    assert (dealt.state, dealt.proceeds_fen) == (DisposalState.DEALT, 2_600_000)


def test_an_approval_on_paper_ends_the_one_under_way(city: City) -> None:
    sent = ends.sent(city)
    assert take(city, waiting(ends.OLD)).updated == 1
    sent.refresh_from_db()
    assert (sent.state, sent.approved_on) == (DisposalState.AGREED, date(2020, 4, 8))
    assert Case.objects.get(subject_id=sent.pk).state == CaseState.WITHDRAWN


def test_a_row_does_not_turn_an_approved_auction_into_scrap(city: City) -> None:
    ends.agreed(city)
    report = take(city, waiting(ends.OLD, method="报废"))
    assert faults(report) == [(FIRST_ROW, "处置方式", "contradicts_known")]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"approved_on": None}, "no_approval_day", "批准日期"),
        ({"document": None}, "no_document", "批准文号"),
        ({"proceeds_fen": 26_000}, "no_day", "处置日期"),
        ({"receipt": "JK20200001"}, "no_day", "处置日期"),
        ({"approved_on": "2018-02-28"}, "approved_before_registered", "批准日期"),
    ],
)
def test_what_is_odd_of_a_car_that_waits_is_a_doubt(
    city: City, changes: dict[str, Any], code: str, column: str
) -> None:
    report = take(city, waiting(**changes))
    assert report.errors == ()
    assert [(doubt.column, doubt.code) for doubt in report.doubts] == [(column, code)]
    assert Remark.objects.get(register="fleet.disposals").code == code
    assert take(city, waiting(**changes)).unchanged == 1
    assert values()["fleet.auction_proceeds"] == 0


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("car", "赣H·10001", SMALL),
        ("car", "赣h 1000１", SMALL),
        ("car", "赣H-10001", SMALL),
        ("method", "公开拍卖", "AUCTION"),
        ("document", "/", ""),
        ("approved_on", "2020年4月8日 09:30", date(2020, 4, 8)),
        ("approved_on", "——", None),
        ("disposed_on", "待处置", None),
        ("proceeds_fen", "￥26,000.50元", 2_600_050),
        ("proceeds_fen", "2.6万元", 2_600_000),
        ("proceeds_fen", "无", None),
        ("receipt", "-", ""),
    ],
)
def test_cells_are_read_as_offices_write_them(
    city: City, column: str, written: str, read: Any
) -> None:
    row = waiting() if column == "disposed_on" else sold()
    report = take(city, row | {column: written})
    assert report.errors == ()
    made = Disposal.objects.select_related("car").get()
    assert (made.car.plate if column == "car" else getattr(made, column)) == read


def test_a_car_is_removed_once_whatever_the_rows_call_it(city: City) -> None:
    report = take(city, sold(), sold(method="报废", disposed_on="2020-05-19"))
    assert faults(report) == [(FIRST_ROW + 1, "号牌号码", "plate_duplicate")]
    report = take(city, sold(), waiting(method="报废"))
    assert faults(report) == [(FIRST_ROW + 1, "号牌号码", "plate_duplicate")]


def test_cars_of_one_document_and_one_receipt_are_taken(city: City) -> None:
    report = take(city, sold(), sold(builders.SECOND), sold(builders.THIRD))
    assert (report.errors, report.doubts, report.created) == ((), (), 3)


def moved(plate: str = SMALL, **changes: Any) -> dict[str, Any]:
    """A row of a car that went to another unit before."""
    return sold(plate, method="划转", proceeds_fen=None, receipt=None, document="划〔2019〕1号",
                approved_on="2019-03-01", disposed_on="2019-03-05") | changes  # fmt: skip


def test_a_car_transferred_and_later_scrapped_stands_twice(city: City) -> None:
    rows = [sold(method="报废"), moved(), moved(document="划〔2018〕9号", disposed_on="2018-09-01")]
    report = take(city, *rows)
    assert (report.errors, report.created) == ((), 3)
    assert take(city, *rows).unchanged == 3
    late = moved(disposed_on="2020-05-19", document="x")
    assert faults(take(city, late)) == [(FIRST_ROW, "处置方式", "gone")]


def test_a_removal_before_a_known_transfer_cannot_be(city: City) -> None:
    take(city, moved())
    report = take(city, sold(disposed_on="2019-03-04", approved_on="2019-03-01"))
    assert faults(report) == [(FIRST_ROW, "处置日期", "before_transfer")]


def test_a_transfer_that_waits_says_that_its_receiver_is_missing(city: City) -> None:
    row = moved(disposed_on=None)
    report = take(city, row)
    assert (report.errors, [d.code for d in report.doubts]) == ((), ["transfer_to"])
    made = Disposal.objects.get()
    assert made.state == DisposalState.AGREED
    assert take(city, row).unchanged == 1
    with pytest.raises(Refused) as refused:
        transfers.finish_transfer(
            actor=city.actor("car_keeper"), disposal_id=made.pk, on=AT.date(), at=AT
        )
    assert [finding.code for finding in refused.value.findings] == ["no_unit"]
    assert take(city, moved()).updated == 1


def test_a_transfer_asked_for_here_is_handed_over_by_the_ledger(city: City) -> None:
    unit = city.units["other"]
    going = ends.opened(city, method=DisposalMethod.TRANSFER, to_unit_id=unit.pk)
    report = take(city, moved(ends.OLD))
    assert (report.errors, report.doubts, report.updated) == ((), (), 1)
    going.refresh_from_db()
    assert (going.state, going.to_unit_id) == (DisposalState.DONE, unit.pk)
    assert Car.objects.get(plate=ends.OLD).unit == unit
    assert CarStay.objects.get(car__plate=ends.OLD, during__upper_inf=True).unit == unit


def test_what_a_ledger_left_waiting_is_dealt_paid_in_and_finished_here(city: City) -> None:
    take(city, waiting())
    keeper, made = city.actor("car_keeper"), Disposal.objects.get()
    page = client_of(city, "car_keeper").get(reverse("fleet:disposal", args=[made.pk]))
    assert all(word in page.content.decode() for word in ("待处置", "台账登记", "登记成交"))
    disposals.deal(actor=keeper, disposal_id=made.pk, facts=ends.deal_facts(), at=AT)
    disposals.pay_in(actor=keeper, disposal_id=made.pk, facts=ends.pay_facts(), at=AT)
    disposals.return_plate(actor=keeper, disposal_id=made.pk, on=AT.date(), at=AT)
    disposals.finish(actor=keeper, disposal_id=made.pk, at=AT)
    assert values()["fleet.auctioned"] == 1
    assert values()["fleet.auction_proceeds"] == 26_000
