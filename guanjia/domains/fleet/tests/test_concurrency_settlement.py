"""Two at once: a month drawn twice at the same time, a bill settled twice, a period told twice."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.fleet.actions import bills, publications
from guanjia.domains.fleet.models import Bill, BillLine, Publication
from guanjia.domains.fleet.tests import builders, settling
from guanjia.domains.fleet.tests.builders import City
from guanjia.domains.fleet.tests.settling import APRIL, MAY_6
from guanjia.domains.fleet.tests.test_concurrency import all_at_once, parted
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.period import Period
from guanjia.kernel.vouchers.models import Voucher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None, tmp_path: Path, settings: Any) -> City:
    """The small city with April's journeys, committed."""
    settings.FILES_ROOT = tmp_path / "files"
    made = builders.city()
    settling.april(made)
    return made


def test_a_month_drawn_by_two_at_once_is_drawn_once(city: City) -> None:
    draw = partial(bills.draw_bills, actor=city.actor("car_keeper"), month=APRIL, at=MAY_6)
    winners, refused = parted(all_at_once([draw, draw, draw]))
    assert not refused
    assert sorted(done.lines for done in winners) == [0, 0, 3]
    assert Bill.objects.count() == 2
    assert BillLine.objects.count() == 3


def test_a_bill_settled_by_two_at_once_is_settled_once(city: City) -> None:
    bill = settling.answered(city)
    close = partial(bills.close_bill, actor=city.actor("car_keeper"), bill_id=bill.pk, at=MAY_6)
    winners, refused = parted(all_at_once([close, close]))
    assert (len(winners), len(refused)) == (1, 1)
    assert refused[0].findings[0].code == "state"
    assert Voucher.objects.filter(kind="fleet.bill").count() == 1


def test_a_period_drafted_by_two_at_once_has_one_draft(city: City) -> None:
    draft = partial(
        publications.draft_publication,
        actor=city.actor("car_keeper"),
        period=Period.parse("2020-04"),
        at=MAY_6,
    )
    winners, refused = parted(all_at_once([draft, draft]))
    assert not refused
    assert len({made.pk for made in winners}) == 1
    assert Publication.objects.count() == 1


def test_a_bill_answered_by_two_at_once_is_answered_once(city: City) -> None:
    """One agrees to all, the other disputes a line: whoever is first has answered."""
    bill = settling.sent(city)
    line = bill.lines.order_by("pk")[0]
    agree = partial(
        bills.answer_bill, actor=city.actor("clerk"), bill_id=bill.pk, disputes={}, at=MAY_6
    )
    dispute = partial(
        bills.answer_bill,
        actor=city.actor("clerk"),
        bill_id=bill.pk,
        disputes={line.pk: "没有用这辆车"},
        at=MAY_6,
    )
    winners, refused = parted(all_at_once([agree, dispute]))
    assert (len(winners), len(refused)) == (1, 1)
    assert refused[0].findings[0].code == "state"
    line.refresh_from_db()
    won = "DISPUTED" if winners[0].state == "DISPUTED" else "AGREED"
    assert line.answer == won
    assert Record.objects.filter(verb=bills.ANSWERED, on_id=bill.pk).count() == 1


def test_a_dispute_decided_by_two_at_once_is_decided_once(city: City) -> None:
    bill = settling.answered(city, reasons={"PC2020040800001": "改乘公交"})
    line = bill.lines.get(answer="DISPUTED")
    whole = Bill.objects.get(pk=bill.pk).total_fen
    calls = [
        partial(
            bills.decide_dispute,
            actor=city.actor("car_keeper"),
            line_id=line.pk,
            adjusted_fen=fen,
            reply="核对派车单",
            at=MAY_6,
        )
        for fen in (0, 100)
    ]
    winners, refused = parted(all_at_once(calls))
    assert (len(winners), len(refused)) == (1, 1)
    bill.refresh_from_db()
    assert bill.total_fen == whole - line.amount_fen + winners[0].adjusted_fen
    assert Record.objects.filter(verb=bills.DECIDED).count() == 1


def test_a_bill_sent_while_its_month_is_drawn_keeps_its_sum(city: City) -> None:
    settling.drawn(city)
    bill = settling.bill_of(city)
    settling.journey(city, "PC2020042000001", "2020-04-20T09:00", "2020-04-20T10:00", (9400, 9420))
    draw = partial(bills.draw_bills, actor=city.actor("car_keeper"), month=APRIL, at=MAY_6)
    send = partial(bills.send_bill, actor=city.actor("car_keeper"), bill_id=bill.pk, at=MAY_6)
    winners, refused = parted(all_at_once([draw, send, draw]))
    assert (len(winners), len(refused)) == (3, 0)
    bill.refresh_from_db()
    assert bill.state == "SENT"
    assert bill.total_fen == sum(line.due for line in bill.lines.all())


def test_a_correction_made_by_two_at_once_is_charged_once(city: City) -> None:
    bill = settling.closed(city)
    line = bill.lines.order_by("pk")[0]
    adjust = partial(
        bills.adjust_line,
        actor=city.actor("car_keeper"),
        line_id=line.pk,
        right_fen=line.amount_fen - 500,
        reason="里程登记有误",
        at=MAY_6,
    )
    winners, refused = parted(all_at_once([adjust, adjust]))
    assert (len(winners), len(refused)) == (1, 1)
    assert BillLine.objects.filter(kind="ADJUSTMENT").count() == 1
