"""The pages of bills: what is seen and not seen by keeper, clerk, supervisors and strangers."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import bills, journeys
from guanjia.domains.fleet.models import Bill, BillLine, Car
from guanjia.domains.fleet.terms.bills import Answer, BillState
from guanjia.domains.fleet.tests import settling
from guanjia.domains.fleet.tests.builders import SMALL, City
from guanjia.domains.fleet.tests.settling import MAY_6, bill_of
from guanjia.kernel.access.tests import builders as accounts
from guanjia.kernel.org.tests import builders as people
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _that_morning(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(MAY_6, tick=False):
        yield


def signed_in(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    return flat(answer.content)


def page(city: City, who: str, bill: Bill) -> str:
    answer = signed_in(city, who).get(reverse("fleet:bill", args=[bill.pk]))
    assert answer.status_code == 200, who
    return text(answer)


def form(city: City, who: str, act: str, row: Any) -> str:
    answer = signed_in(city, who).get(reverse(f"fleet:{act}", args=[row.pk]))
    assert answer.status_code == 200, act
    return text(answer)


def post(city: City, who: str, act: str, row: Any, **sent: Any) -> Any:
    where = reverse(f"fleet:{act}", args=[row.pk])
    return signed_in(city, who).post(where, sent, follow=True)


def finance(city: City) -> City:
    """A supervisor of the finance department, who looks at costs only."""
    person = people.person("D032009", city.units["other"], "柳青")
    city.join("finance", person, ("fleet.finance_supervisor", Reach.CITY_READ, None))
    return city


# ── the list and the months ──────────────────────────────────────────────────────────────


def test_the_list_shows_each_bill_with_its_sum_and_the_whole(city: City) -> None:
    settling.april(city)
    settling.sent(city)
    listed = text(signed_in(city, "car_keeper").get(reverse("fleet:bills_list")))
    for seen in ("JS20200400001", "市农业农村局", "1143.25", "市教育局", "47.50", "1190.75",
                 "按月出账", "逾期未答复"):  # fmt: skip
        assert seen in listed.replace(",", ""), seen


def test_a_clerk_sees_the_own_units_bills_only(city: City) -> None:
    settling.april(city)
    settling.sent(city)
    own = text(signed_in(city, "clerk").get(reverse("fleet:bills_list")))
    assert "JS20200400001" in own
    assert "市教育局" not in own
    assert "按月出账" not in own
    other = bill_of(city, "other")
    gone = signed_in(city, "clerk").get(reverse("fleet:bill", args=[other.pk]))
    assert gone.status_code == 404
    assert signed_in(city, "asker").get(reverse("fleet:bills_list")).status_code == 403


def test_a_month_is_drawn_and_sent_from_its_page(city: City) -> None:
    settling.april(city)
    keeper, where = signed_in(city, "car_keeper"), reverse("fleet:bill_draw")
    before = text(keeper.get(where))
    assert "2020-04" in before
    assert "<b>3</b>" in before, "one of the four is the unit's own car"
    done = text(keeper.post(where, {"month": "2020-04"}, follow=True))
    assert "2020-04 新出 2 张账单、3 行明细" in done
    assert "待发出 2" in done
    sent = text(keeper.post(where, {"month": "2020-04", "act": "send"}, follow=True))
    assert "已发出 2020-04 的 2 张账单" in sent
    again = text(keeper.post(where, {"month": "2020-04"}, follow=True))
    assert "没有要出账的" in again
    refused = keeper.post(where, {"month": "四月"})
    assert refused.status_code == 422
    assert "读不出账期" in text(refused)
    assert 'value="四月"' in text(refused)
    assert signed_in(city, "clerk").get(where).status_code == 403


# ── one bill ─────────────────────────────────────────────────────────────────────────────


def test_a_line_opens_its_trip_and_says_how_it_comes_about(city: City) -> None:
    trips = settling.april(city)
    seen = page(city, "clerk", settling.sent(city))
    for each in ("45 公里 × 1.85 元 = 83.25 元", "2 小时 × 12.50 元 = 25.00 元", "1,143.25",
                 reverse("fleet:trip", args=[trips["near"].pk]), "2012-10-01 起执行",
                 "答复账单", "5月14日"):  # fmt: skip
        assert each in seen, each
    asked = form(city, "clerk", "bill_answer", bill_of(city))
    for each in ("有异议的写明理由", "PC2020040800001", "45 公里 × 1.85 元 = 83.25 元"):
        assert each in asked, each
    for act in ("bill_send", "bill_close"):
        assert reverse(f"fleet:{act}", args=[bill_of(city).pk]) not in seen, act


def test_finance_sees_the_bill_and_no_trip_and_no_act(city: City) -> None:
    trips = settling.april(city)
    bill = settling.sent(finance(city))
    seen = page(city, "finance", bill)
    assert "1,143.25" in seen
    assert "PC2020040800001" in seen
    assert reverse("fleet:trip", args=[trips["near"].pk]) not in seen
    for act in ("bill_answer", "bill_send", "bill_close"):
        assert reverse(f"fleet:{act}", args=[bill.pk]) not in seen, act


def test_what_tells_of_a_secret_car_is_left_out_for_supervisors(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    Car.objects.filter(plate=SMALL).update(secret=True)
    seen = page(city, "supervisor", bill)
    assert "不含保密车辆" in seen
    for hidden in ("PC2020040800001", "1,143.25", "乐平"):
        assert hidden not in seen, hidden
    listed = text(signed_in(city, "supervisor").get(reverse("fleet:bills_list")))
    assert "1143.25" not in listed.replace(",", "")
    assert "1,143.25" in page(city, "car_keeper", bill)


def test_the_clerk_disputes_one_line_and_agrees_to_the_other(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    near, far = bill.lines.order_by("departed_at")
    done = post(city, "clerk", "bill_answer", bill, **{f"dispute_{near.pk}": "没有去浮梁"})
    assert "1 行有异议，等管理员处理" in text(done)
    again = post(city, "clerk", "bill_answer", bill)
    assert (again.status_code, "现在是有异议" in text(again)) == (409, True)
    far.refresh_from_db()
    assert far.answer == Answer.AGREED
    keeper = page(city, "car_keeper", bill)
    assert "待处理的异议" in keeper
    assert "没有去浮梁" in keeper
    assert "待处理的异议" not in page(city, "clerk", bill)


def test_a_reason_that_says_nothing_comes_back_with_what_was_typed(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    near = bill.lines.order_by("departed_at")[0]
    refused = post(city, "clerk", "bill_answer", bill, **{f"dispute_{near.pk}": "错"})
    assert refused.status_code == 422
    assert "没有写异议理由" in text(refused)
    assert 'value="错"' in text(refused)
    assert Bill.objects.get(pk=bill.pk).state == BillState.SENT


def test_a_call_answers_by_the_number_of_the_line(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    near, far = bill.lines.order_by("departed_at")
    client, address = signed_in(city, "clerk"), f"/api/fleet/bills/{bill.pk}/answer"
    told = {"disputes": {str(near.pk): "没有去浮梁"}}
    done = client.post(address, told, content_type="application/json").json()
    assert (done["state"], "1 行有异议" in done["said"]) == ("DISPUTED", True)
    answers = {line.pk: line.answer for line in bill.lines.all()}
    assert answers == {near.pk: Answer.DISPUTED, far.pk: Answer.AGREED}


def test_strange_fields_dispute_nothing(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    sent = {"dispute_x": "甲乙", "dispute_": "丙丁", "dispute_٣": "戊己"}
    assert "已同意" in text(post(city, "clerk", "bill_answer", bill, **sent))


def test_another_units_clerk_can_neither_look_nor_answer(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city, "other")
    assert post(city, "clerk", "bill_answer", bill).status_code == 404
    assert post(city, "clerk", "bill_close", bill).status_code == 403


def test_the_keeper_decides_and_the_unit_answers_again(city: City) -> None:
    settling.april(city)
    bill = settling.answered(city, reasons={"PC2020040800001": "没有去浮梁"})
    line = bill.lines.get(answer=Answer.DISPUTED)
    unread = post(city, "car_keeper", "bill_decide", line, adjusted="一百", reply="核对过")
    assert unread.status_code == 422
    assert "应为金额只填数字" in text(unread)
    assert 'value="一百"' in text(unread)
    assert 'value="核对过"' in text(unread)
    dearer = post(city, "car_keeper", "bill_decide", line, adjusted="999", reply="核对过")
    assert "调整后的金额不对" in text(dearer)
    assert "异议：没有去浮梁" in text(dearer)
    done = post(city, "car_keeper", "bill_decide", line, adjusted="100.00", reply="按市内计")
    assert "已处理：调整，等单位再答复" in text(done)
    clerk = page(city, "clerk", bill)
    assert "1,100.00" in clerk
    asked = form(city, "clerk", "bill_answer", bill)
    assert asked.count('name="dispute_') == 1, "what was agreed to is not asked again"
    assert "已调整：按市内计" in asked
    assert "已同意" in text(post(city, "clerk", "bill_answer", bill))


def test_the_same_amount_keeps_it(city: City) -> None:
    settling.april(city)
    bill = settling.answered(city, reasons={"PC2020040800001": "没有去浮梁"})
    line = bill.lines.get(answer=Answer.DISPUTED)
    done = post(city, "car_keeper", "bill_decide", line, adjusted="143.25", reply="照片属实")
    assert "维持原金额" in text(done)
    line.refresh_from_db()
    assert line.adjusted_fen is None


def test_a_settled_bill_shows_its_sheet_and_takes_corrections(city: City) -> None:
    trips = settling.april(city)
    bill = settling.answered(city)
    closed = text(post(city, "car_keeper", "bill_close", bill, paid_no="NS0042"))
    assert "结算单已签发" in closed
    assert "景车结〔2020〕00001号" in closed
    assert "NS0042" in closed
    journeys.correct_odometer(
        actor=city.actor("dispatcher"), trip_id=trips["near"].pk, start_km=9_000, end_km=9_050,
        reason="抄错", at=MAY_6,
    )  # fmt: skip
    seen = page(city, "car_keeper", bill)
    asked = form(city, "car_keeper", "bill_adjust", BillLine.objects.get(trip=trips["near"]))
    assert "里程由 60 更正为 50 公里" in asked
    assert "出账 60 公里、143.25 元；现为 50 公里、124.75 元" in seen
    line = BillLine.objects.get(trip=trips["near"])
    done = text(post(city, "car_keeper", "bill_adjust", line, right="124.75", reason="里程更正"))
    assert "差额 -18.50 元 已记入 JS202005" in done
    again = post(city, "car_keeper", "bill_adjust", line, right="124.75", reason="里程更正")
    assert again.status_code == 422
    assert "没有差额" in text(again)


def test_the_bill_goes_out_as_a_sheet(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    answer = signed_in(city, "clerk").get(reverse("fleet:bill_sheet", args=[bill.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any("PC2020040800001" in row and 143.25 in row for row in rows)
    assert rows[-1][0] == "合计"
    assert 1143.25 in rows[-1]
    other = bill_of(city, "other")
    gone = signed_in(city, "clerk").get(reverse("fleet:bill_sheet", args=[other.pk]))
    assert gone.status_code == 404


# ── 待办 ─────────────────────────────────────────────────────────────────────────────────


def test_the_clerk_has_the_bill_on_the_front_page_and_the_keeper_the_dispute(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    clerk = text(signed_in(city, "clerk").get("/"))
    assert "2020年4月用车结算 1,143.25 元" in clerk
    assert "答复账单" in clerk
    assert "待答复账单" not in text(signed_in(city, "car_keeper").get("/"))
    near = bill.lines.order_by("departed_at")[0]
    bills.answer_bill(
        actor=city.actor("clerk"), bill_id=bill.pk, disputes={near.pk: "没有去"}, at=MAY_6
    )
    assert "2020年4月用车结算" not in text(signed_in(city, "clerk").get("/"))
    keeper = text(signed_in(city, "car_keeper").get("/"))
    assert "市农业农村局 1 行有异议" in keeper
    assert "处理异议" in keeper


def test_accounts_without_a_unit_are_asked_who_agreed(city: City) -> None:
    settling.april(city)
    bill = settling.sent(city)
    city.accounts["lone"] = accounts.account("lone", None, ("fleet.keeper", Reach.CITY, None))
    asked = form(city, "lone", "bill_answer", bill)
    assert "单位谁、怎样答复的" in asked
    refused = post(city, "lone", "bill_answer", bill)
    assert refused.status_code == 422
    assert "没有写单位由谁答复" in text(refused)
