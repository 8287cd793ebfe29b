"""Bills: the rows, the trail, the news, and what is refused; what the database forbids."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from guanjia.domains.fleet.actions import bills, journeys
from guanjia.domains.fleet.models import Bill, BillLine, Car
from guanjia.domains.fleet.notices import bills as notices
from guanjia.domains.fleet.queries import bills as queries
from guanjia.domains.fleet.terms.bills import Answer, BillState, LineKind
from guanjia.domains.fleet.tests import settling
from guanjia.domains.fleet.tests.builders import SMALL, City
from guanjia.domains.fleet.tests.settling import (
    APRIL,
    FAR,
    JUNE_2,
    MAY,
    MAY_6,
    NEAR,
    OTHER,
    bill_of,
    drawn,
)
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.kernel.vouchers import queries as vouchers

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
FOLDER = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def judged_now() -> None:
    """Deferred triggers speak now, as at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def codes_of(refused: Any) -> list[str]:
    return [finding.code for finding in refused.value.findings]


# ── drawing ──────────────────────────────────────────────────────────────────────────────


def test_one_bill_per_unit_with_its_sections_journeys(city: City) -> None:
    settling.april(city)
    done = drawn(city)
    assert (done.bills, done.lines) == (2, 3)
    bill = bill_of(city)
    assert bill.number == f"JS202004{1:05d}"
    assert (bill.state, bill.total_fen) == (BillState.DRAFT, NEAR + FAR)
    near, far = bill.lines.order_by("departed_at")
    assert (near.amount_fen, near.km, near.hours, near.size) == (NEAR, 60, 2, "SMALL")
    assert sum(fen for _, fen in near.steps) == NEAR
    assert near.tariff == "小型车用车结算价格，2012-10-01 起执行"
    assert (far.amount_fen, far.km, far.hours) == (FAR, 315, 18)
    judged_now()


def test_a_car_the_unit_keeps_itself_is_not_settled(city: City) -> None:
    trips = settling.april(city)
    drawn(city)
    assert bill_of(city, "other").total_fen == OTHER
    assert not BillLine.objects.filter(trip=trips["own"]).exists()


def test_drawing_twice_changes_nothing_and_records_nothing_more(city: City) -> None:
    settling.april(city)
    drawn(city)
    before = list(BillLine.objects.order_by("pk").values())
    records = Record.objects.filter(verb=bills.DRAWN).count()
    again = drawn(city)
    assert (again.bills, again.lines, again.repriced) == (0, 0, 0)
    assert list(BillLine.objects.order_by("pk").values()) == before
    assert Record.objects.filter(verb=bills.DRAWN).count() == records == 2


def test_a_bill_that_was_not_sent_follows_its_trips(city: City) -> None:
    trips = settling.april(city)
    drawn(city)
    journeys.correct_odometer(
        actor=city.actor("dispatcher"), trip_id=trips["near"].pk, start_km=9_000, end_km=9_050,
        reason="抄错", at=MAY_6,
    )  # fmt: skip
    assert drawn(city).repriced == 1
    assert bill_of(city).total_fen == NEAR - 10 * 185 + FAR
    judged_now()


def test_a_trip_recorded_after_its_bill_went_out_is_on_the_next(city: City) -> None:
    settling.april(city)
    settling.sent(city)
    late = settling.journey(
        city, "PC2020042000009", "2020-04-20T09:00", "2020-04-20T10:00", (9_400, 9_415)
    )
    assert drawn(city).lines == 0
    assert drawn(city, month=MAY, at=JUNE_2).lines == 1
    line = BillLine.objects.get(trip=late)
    assert line.bill.month == MAY
    assert line.bill.unit == city.units["farming"]


def test_months_before_the_first_bill_are_left_alone(city: City) -> None:
    settling.april(city)
    assert drawn(city, month=MAY, at=JUNE_2).lines == 0
    assert not Bill.objects.exists()


def test_a_shared_car_is_divided_by_riders_and_the_parts_are_the_whole(city: City) -> None:
    carrier, sharer = settling.together(city)
    drawn(city, month=MAY, at=JUNE_2)
    first, second = (BillLine.objects.get(trip=trip) for trip in (carrier, sharer))
    whole = 6500 + 42 * 265 + 2 * 1850
    assert first.amount_fen + second.amount_fen == whole
    assert (first.riders, second.riders, first.all_riders) == (3, 4, 7)
    assert first.amount_fen == round(whole * 3 / 7)
    assert sum(fen for _, fen in second.steps) == second.amount_fen
    assert second.km == 57


def test_a_month_that_has_not_come_is_not_drawn(city: City) -> None:
    with pytest.raises(Refused) as refused:
        drawn(city, month=date(2020, 6, 1), at=AT)
    assert codes_of(refused) == ["month_ahead"]


@pytest.mark.parametrize("who", ["clerk", "dispatcher", "supervisor", "asker"])
def test_only_who_draws_bills_draws_them(city: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        bills.draw_bills(actor=city.actor(who), month=APRIL, at=MAY_6)


# ── sending and answering ────────────────────────────────────────────────────────────────


def test_a_sent_bill_has_its_day_and_is_told_to_the_clerk(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    assert (bill.state, bill.sent_at) == (BillState.SENT, MAY_6)
    assert bill.answer_due_on == date(2020, 5, 14), "7 workdays; Saturday 9 May worked (调休)"
    (notice,) = Notice.objects.filter(kind="fleet.bill_sent")
    assert notice.person == city.person("clerk")
    assert notice.title == "账单已出：2020年4月 2 行 1,143.25 元"
    assert "5月14日前答复" in notice.body
    record = Record.objects.get(verb=bills.SENT)
    assert record.after is not None
    assert record.after["total_fen"] == NEAR + FAR


def test_a_bill_of_the_month_under_way_is_not_sent(city: City) -> None:
    settling.april(city)
    drawn(city)
    settling.together(city)
    drawn(city, month=MAY, at=AT)
    with pytest.raises(Refused) as refused:
        bills.send_bill(actor=city.actor("car_keeper"), bill_id=bill_of(city, month=MAY).pk, at=AT)
    assert codes_of(refused) == ["month_not_over"]


def test_sending_a_month_sends_what_waits(city: City) -> None:
    settling.april(city)
    settling.sent(city)
    done = bills.send_bills(actor=city.actor("car_keeper"), month=APRIL, at=MAY_6)
    assert [bill.unit for bill in done] == [city.units["other"]]


def test_what_was_sent_is_frozen_by_the_database(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    line = bill.lines.first()
    frozen = "fleet_line_of_a_sent_bill_is_frozen"
    with pytest.raises(IntegrityError, match=frozen), transaction.atomic():
        BillLine.objects.filter(pk=line.pk).update(amount_fen=1)
    with pytest.raises(ProgrammingError), transaction.atomic():
        BillLine.objects.filter(pk=line.pk).delete()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Bill.objects.filter(pk=bill.pk).update(state=BillState.CLOSED, closed_at=MAY_6)


def test_a_total_that_is_not_the_sum_is_refused_by_the_database(city: City) -> None:
    settling.april(city)
    drawn(city)

    def a_fen_too_much() -> None:
        with transaction.atomic():
            Bill.objects.filter(pk=bill_of(city).pk).update(total_fen=NEAR + FAR + 1)
            judged_now()

    with pytest.raises(IntegrityError, match="fleet_bill_total_is_the_sum_of_its_lines"):
        a_fen_too_much()


def test_a_trip_is_billed_once_also_by_the_database(city: City) -> None:
    trips = settling.april(city)
    drawn(city)
    line = BillLine.objects.get(trip=trips["near"])
    line.pk = None
    with pytest.raises(IntegrityError, match="fleet_trip_is_billed_once"), transaction.atomic():
        line.save(force_insert=True)


def test_an_answer_without_reasons_agrees_to_every_line(city: City) -> None:
    settling.april(city)
    bill = settling.answered(city)
    assert bill.state == BillState.AGREED
    assert set(bill.lines.values_list("answer", flat=True)) == {Answer.AGREED}
    record = Record.objects.get(verb=bills.ANSWERED)
    assert record.after == {
        "state": "AGREED", "agreed": 2, "disputed": [], "answered_at": MAY_6.isoformat(),
        "answered_by_id": city.person("clerk").pk,
    }  # fmt: skip


def test_a_dispute_names_its_line_and_the_rest_is_agreed_to(city: City) -> None:
    settling.april(city)
    bill = settling.answered(city, reasons={"PC2020040800001": "没有去浮梁"})
    assert bill.state == BillState.DISPUTED
    near, far = bill.lines.order_by("departed_at")
    assert (near.answer, near.dispute) == (Answer.DISPUTED, "没有去浮梁")
    assert far.answer == Answer.AGREED


def test_time_that_runs_out_never_agrees_to_anything(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    later = MAY_6 + timedelta(days=100)
    assert list(queries.overdue(scope=Scope.all(), at=later)) == [bill]
    due = MAY_6.replace(day=14)
    assert not queries.overdue(scope=Scope.all(), at=due).exists(), "the last day still counts"
    assert queries.overdue(scope=Scope.all(), at=due + timedelta(days=1)).exists()
    with pytest.raises(Refused) as refused:
        bills.close_bill(actor=city.actor("car_keeper"), bill_id=bill.pk, at=later)
    assert codes_of(refused) == ["state"]
    late = bills.answer_bill(actor=city.actor("clerk"), bill_id=bill.pk, disputes={}, at=later)
    assert late.state == BillState.AGREED, "late is better than never"


def test_a_reason_of_one_sign_is_no_reason(city: City) -> None:
    settling.april(city)
    with pytest.raises(Refused) as refused:
        settling.answered(city, reasons={"PC2020040800001": "错"})
    assert codes_of(refused) == ["reason_missing"]
    assert not Record.objects.filter(verb=bills.ANSWERED).exists()
    assert set(bill_of(city).lines.values_list("answer", flat=True)) == {Answer.WAITING}


def test_a_line_of_another_bill_cannot_be_disputed(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    strange = bill_of(city, "other").lines.get()
    with pytest.raises(BillLine.DoesNotExist):
        bills.answer_bill(
            actor=city.actor("clerk"),
            bill_id=bill.pk,
            disputes={strange.pk: "不是我们的"},
            at=MAY_6,
        )


def test_another_units_bill_does_not_exist_for_a_clerk(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city, "other")
    with pytest.raises(Bill.DoesNotExist):
        bills.answer_bill(actor=city.actor("clerk"), bill_id=bill.pk, disputes={}, at=MAY_6)


def test_who_draws_bills_writes_down_who_of_the_unit_agreed(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    keeper = city.actor("car_keeper")
    with pytest.raises(Refused) as refused:
        bills.answer_bill(actor=keeper, bill_id=bill.pk, disputes={}, at=MAY_6)
    assert codes_of(refused) == ["not_the_unit"]
    bills.answer_bill(
        actor=keeper, bill_id=bill.pk, disputes={}, told_by="占小青来函同意", at=MAY_6
    )
    assert Record.objects.get(verb=bills.ANSWERED).note == "占小青来函同意"


# ── deciding, closing, correcting ────────────────────────────────────────────────────────


def disputed_line(city: City) -> BillLine:
    settling.april(city)
    bill = settling.answered(city, reasons={"PC2020040800001": "没有去浮梁"})
    line: BillLine = bill.lines.get(answer=Answer.DISPUTED)
    return line


def test_a_decided_dispute_lowers_the_total_and_goes_back_to_the_unit(city: City) -> None:
    line = disputed_line(city)
    bills.decide_dispute(
        actor=city.actor("car_keeper"), line_id=line.pk, adjusted_fen=10_000, reply="改按市内计",
        at=MAY_6,
    )  # fmt: skip
    bill = bill_of(city)
    assert (bill.state, bill.total_fen) == (BillState.SENT, 10_000 + FAR)
    line.refresh_from_db()
    assert (line.amount_fen, line.adjusted_fen, line.answer) == (NEAR, 10_000, Answer.DECIDED)
    judged_now()
    (notice,) = Notice.objects.filter(kind="fleet.bill_decided")
    assert notice.person == city.person("clerk")
    again = bills.answer_bill(actor=city.actor("clerk"), bill_id=bill.pk, disputes={}, at=MAY_6)
    assert again.state == BillState.AGREED


def test_only_a_dispute_is_decided_and_only_once(city: City) -> None:
    line = disputed_line(city)
    agreed: BillLine = line.bill.lines.get(answer=Answer.AGREED)

    def decide(one: BillLine) -> BillLine:
        return bills.decide_dispute(
            actor=city.actor("car_keeper"),
            line_id=one.pk,
            adjusted_fen=None,
            reply="属实",
            at=MAY_6,
        )

    with pytest.raises(OutOfState):
        decide(agreed)
    assert decide(line).answer == Answer.DECIDED
    with pytest.raises(OutOfState):
        decide(line)


def test_a_kept_amount_can_be_disputed_again(city: City) -> None:
    line = disputed_line(city)
    keeper = city.actor("car_keeper")
    bills.decide_dispute(
        actor=keeper, line_id=line.pk, adjusted_fen=None, reply="里程表照片属实", at=MAY_6
    )
    assert bill_of(city).total_fen == NEAR + FAR
    bill = bills.answer_bill(
        actor=city.actor("clerk"), bill_id=line.bill_id, disputes={line.pk: "仍有异议"}, at=MAY_6
    )
    assert bill.state == BillState.DISPUTED
    with pytest.raises(Refused) as refused:
        bills.decide_dispute(actor=keeper, line_id=line.pk, adjusted_fen=0, reply="", at=MAY_6)
    assert codes_of(refused) == ["reason_missing"]


def test_a_settled_bill_has_its_numbered_sheet(city: City) -> None:
    settling.april(city)
    bill = settling.closed(city)
    assert (bill.state, bill.paid_no) == (BillState.CLOSED, "NS0042")
    (sheet,) = vouchers.of(bill)
    assert sheet.numbered == "景车结〔2020〕00001号"
    assert sheet.shown == [
        ["用车单位", "市农业农村局"],
        ["账期", "2020年4月"],
        ["合计", "1,143.25 元"],
    ]
    assert [row["trip"] for row in sheet.facts["rows"]] == ["PC2020040800001", "PC2020040900001"]
    assert sheet.facts["rows"][0]["amount"] == "143.25"
    with pytest.raises(Refused):
        bills.close_bill(actor=city.actor("car_keeper"), bill_id=bill.pk, at=MAY_6)


def test_a_correction_after_closing_goes_into_the_next_bill(city: City) -> None:
    settling.april(city)
    bill = settling.closed(city)
    line = bill.lines.order_by("departed_at")[0]
    keeper = city.actor("car_keeper")
    made = bills.adjust_line(
        actor=keeper, line_id=line.pk, right_fen=NEAR - 1850, reason="里程更正", at=MAY_6
    )
    assert (made.kind, made.amount_fen, made.corrects) == (LineKind.ADJUSTMENT, -1850, line)
    assert made.bill == bill_of(city, month=MAY)
    record = Record.objects.get(verb=bills.ADJUSTED)
    assert (record.after["amount_fen"], record.note) == (NEAR - 1850, "里程更正")
    assert record.after["bill"] == made.bill.number
    assert bill_of(city, month=MAY).total_fen == -1850
    assert bill_of(city).total_fen == NEAR + FAR, "the closed one stays"
    judged_now()
    with pytest.raises(Refused) as refused:
        bills.adjust_line(
            actor=keeper, line_id=line.pk, right_fen=NEAR - 1850, reason="再来一次", at=MAY_6
        )
    assert codes_of(refused) == ["nothing_differs"], "what was corrected already counts"
    settling.together(city)
    drawn(city, month=MAY, at=JUNE_2)
    assert bill_of(city, month=MAY).lines.count() == 3


def test_a_bill_not_closed_is_not_corrected_that_way(city: City) -> None:
    settling.april(city)
    line = settling.sent(city).lines.first()
    with pytest.raises(Refused) as refused:
        bills.adjust_line(
            actor=city.actor("car_keeper"), line_id=line.pk, right_fen=0, reason="更正", at=MAY_6
        )
    assert codes_of(refused) == ["state"]


def test_a_trip_corrected_after_billing_shows_both_values(city: City) -> None:
    trips = settling.april(city)
    bill = settling.sent(city)
    journeys.correct_odometer(
        actor=city.actor("dispatcher"), trip_id=trips["near"].pk, start_km=9_000, end_km=9_050,
        reason="抄错", at=MAY_6,
    )  # fmt: skip
    rows = queries.seen_lines(scope=Scope.all(), bill_id=bill.pk)
    (changed,) = [row for row in rows if row.now is not None]
    assert changed.now is not None
    assert (changed.line.km, changed.now.km) == (60, 50)
    assert changed.difference_fen == -1850


# ── who sees what ────────────────────────────────────────────────────────────────────────


def test_outside_nobody_sees_lines_of_secret_cars(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    other = settling.sent(city, "other")
    Car.objects.filter(plate=SMALL).update(secret=True)
    (seen,) = (each for each in queries.bills(Scope.outside()) if each.pk == bill.pk)
    assert (seen.seen_fen, seen.seen_lines) == (0, 0)
    assert queries.hides_lines(scope=Scope.outside(), bill_id=bill.pk)
    assert not queries.hides_lines(scope=Scope.outside(), bill_id=other.pk)
    assert not queries.hides_lines(scope=Scope.all(), bill_id=bill.pk)
    supervisor = city.actor("supervisor")
    assert not queries.sees_bill(supervisor, bill.pk), "nor the sheet that names every line"
    assert queries.sees_bill(supervisor, other.pk)
    assert queries.sees_bill(city.actor("clerk"), bill.pk), "one's own"
    assert not queries.sees_bill(city.actor("clerk"), other.pk)
    assert not queries.sees_bill(city.actor("asker"), bill.pk)


def test_the_clerk_answers_and_the_keeper_decides(city: City) -> None:
    line = disputed_line(city)
    keeper, clerk = city.actor("car_keeper"), city.actor("clerk")
    assert [bill.pk for bill in queries.to_decide(keeper.scope(queries.DRAW))] == [line.bill_id]
    assert not queries.to_answer(clerk).exists()
    bills.decide_dispute(actor=SYSTEM, line_id=line.pk, adjusted_fen=0, reply="核实", at=MAY_6)
    assert [bill.pk for bill in queries.to_answer(clerk)] == [line.bill_id]


FACTS = {
    "number": "JS20200400001",
    "unit": "市农业农村局",
    "month": "2020年4月",
    "lines": 2,
    "total": "1,143.25 元",
    "due": "5月14日",
}


@pytest.mark.parametrize("kind", notices.KINDS, ids=lambda kind: kind.key)
def test_a_notice_of_a_bill_says_what_it_said(kind: Any) -> None:
    now, before = golden.said(kind, FACTS, folder=FOLDER, name=kind.key)
    assert now == before
