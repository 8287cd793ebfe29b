"""Pages of insurance, maintenance, fines, accidents and accounts: who sees what, and the acts."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import incidents, order_ledger, upkeep
from guanjia.domains.fleet.models import Accident, Car, Fine, Inspection, Order, Plan, Policy
from guanjia.domains.fleet.terms.upkeep import OrderState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import upkeep_rows as rows
from guanjia.domains.fleet.tests.builders import AT, EXPIRED, SMALL, TODAY, City
from guanjia.domains.fleet.tests.upkeep_rows import CHEAP, GEARBOX
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.org.models import Person
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return flat(response.content)


def at(name: str, *args: Any) -> str:
    return reverse(f"fleet:{name}", args=args)


def outsider(city: City, duty: str, name: str) -> Client:
    """Somebody of another department who looks from outside."""
    access.account(name, None, (duty, Reach.CITY_READ, None))
    from guanjia.kernel.access.models import Account  # noqa: PLC0415 — only for this

    city.accounts[name] = Account.objects.get(username=name)
    return client_of(city, name)


# ── what falls due ───────────────────────────────────────────────────────────────────────


def test_what_is_overdue_stands_first_with_its_article(city: City) -> None:
    page = text(client_of(city, "car_keeper").get(at("upkeep")))
    assert EXPIRED[2:] in page
    assert "已过期" in page
    assert "《道路交通安全法》" in page
    assert "未核对" in page
    assert "登记检验" in page


def test_a_clerk_sees_what_is_due_of_their_own_cars_only(city: City) -> None:
    own = rows.clerk_car(city)
    Car.objects.filter(pk=own.pk).update(inspected_until=TODAY)
    page = text(client_of(city, "clerk").get(at("upkeep")))
    assert own.plate[2:] in page
    assert EXPIRED[2:] not in page
    seen = text(client_of(city, "supervisor").get(at("upkeep")))
    assert EXPIRED[2:] in seen
    assert "登记检验</a>" not in seen, "who only looks has no acts"
    assert client_of(city, "asker").get(at("upkeep")).status_code == 403


def test_a_kind_can_be_picked_out(city: City) -> None:
    page = text(client_of(city, "car_keeper").get(at("upkeep"), {"kind": "MAINTENANCE"}))
    assert "近期没有到期" in page


# ── forms ────────────────────────────────────────────────────────────────────────────────

POLICY = {
    "car": "赣H·10001", "cover": "COMPULSORY", "number": "PDZA1", "insurer": "人保财险",
    "begin": "2020-05-20", "last": "2021-05-19", "premium_fen": "950.00", "paid_on": "",
}  # fmt: skip


def test_a_policy_is_entered_by_hand_and_refused_where_it_overlaps(city: City) -> None:
    client = client_of(city, "car_keeper")
    assert "赣H10001" in text(client.get(at("policy_new"), {"car": SMALL}))
    done = client.post(at("policy_new"), POLICY, follow=True)
    assert "已登记 赣H10001 的保险单 PDZA1" in text(done)
    assert "2021-05-19" in text(done)
    policy = Policy.objects.get()
    assert (policy.last.isoformat(), policy.premium_fen) == ("2021-05-19", 95_000)
    again = client.post(at("policy_new"), {**POLICY, "number": "PDZA2"})
    assert again.status_code == 422
    assert "PDZA1，2020-05-20 至 2021-05-19" in text(again)
    assert 'value="PDZA2"' in text(again), "what was typed is kept"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"car": "赣H99999"}, "车辆台账中没有 赣H99999"),
        ({"last": "2020-05-19"}, "保险期止早于保险期起。"),
        ({"begin": "明年"}, "保险期起写成 2026-05-08 这样的日期。"),
        ({"premium_fen": "九百"}, "保费只填数字"),
        ({"number": ""}, "没有填保险单号。"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(
    city: City, changes: dict[str, str], says: str
) -> None:
    answer = client_of(city, "car_keeper").post(at("policy_new"), {**POLICY, **changes})
    assert answer.status_code == 422
    assert says in text(answer)
    assert not Policy.objects.exists()


def test_an_inspection_is_entered_by_hand(city: City) -> None:
    given = {
        "car": SMALL, "on": "2020-05-19", "result": "PASSED", "valid_until": "",
        "station": "市检测站", "fee_fen": "220",
    }  # fmt: skip
    client = client_of(city, "car_keeper")
    assert "合格的要填检验有效期止。" in text(client.post(at("inspection_new"), given))
    done = client.post(at("inspection_new"), {**given, "valid_until": "2022-05-31"}, follow=True)
    assert "有效期至 2022-05-31" in text(done)
    assert Inspection.objects.get().number == "JY202000001"


def test_plans_are_made_and_stopped_by_the_keeper(city: City) -> None:
    client = client_of(city, "car_keeper")
    bad = client.post(at("plan_new"), {"title": "小保养"})
    assert bad.status_code == 422
    assert "没有填间隔。" in text(bad)
    done = client.post(
        at("plan_new"), {"title": "小保养", "months": "6", "km": "5000"}, follow=True
    )
    assert "每 6 个月或 5,000 公里" in text(done)
    plan = Plan.objects.get()
    assert "停用" in text(client.get(at("plans")))
    assert "停用" not in text(client_of(city, "clerk").get(at("plans")))
    assert client_of(city, "clerk").post(at("plan_stop", plan.pk)).status_code == 403
    assert "小保养，每 6 个月" in text(client.get(at("plan_stop", plan.pk)))
    assert "已停用" in text(client.post(at("plan_stop", plan.pk), follow=True))
    assert client.post(at("plan_stop", plan.pk)).status_code == 409


def test_a_plan_of_one_car_is_seen_by_who_sees_the_car(city: City) -> None:
    keeper = city.actor("car_keeper")
    facts = {"title": "变速箱保养", "km": 60_000, "car": city.cars[SMALL]}
    upkeep.make_plan(actor=keeper, facts=facts, at=AT)
    assert "变速箱保养" in text(client_of(city, "car_keeper").get(at("plans")))
    assert "变速箱保养" not in text(client_of(city, "clerk").get(at("plans")))


# ── orders ───────────────────────────────────────────────────────────────────────────────

ORDER = {
    "car": SMALL, "kind": "REPAIR", "service": "", "fault": "换挡顿挫", "garage": "瓷都汽修",
    "odometer_km": "", "item_title": ["变速箱油", ""], "item_kind": ["PART", "PART"],
    "item_quantity": ["4", ""], "item_price": ["120.50", ""],
}  # fmt: skip


def test_a_report_with_its_quote_leads_to_the_order(city: City) -> None:
    client = client_of(city, "car_keeper")
    client.get(at("order_new"))
    done = client.post(at("order_new"), ORDER, follow=True)
    page = text(done)
    assert "已报修 赣H10001，可以送修" in page
    assert "482.00" in page
    assert "不须审批" in page
    order = Order.objects.get()
    sent = client.post(
        at("order_send_in", order.pk), {"on": "2020-05-20", "odometer_km": "10000"}, follow=True
    )
    assert "验收前不派车" in text(sent)
    early = client.post(at("order_accept", order.pk), {"on": "2020-05-19", "passed": "1"})
    assert early.status_code == 422
    assert "出厂日期不对。" in text(early)
    ok = client.post(at("order_accept", order.pk), {"on": "2020-05-20", "passed": "1"}, follow=True)
    assert "现在在用，等结算" in text(ok)
    above = client.post(at("order_settle", order.pk), {"amount_fen": "482.01", "on": "2020-05-20"})
    assert above.status_code == 422
    assert "多 0.01 元" in text(above)
    paid = client.post(
        at("order_settle", order.pk), {"amount_fen": "482.00", "on": "2020-05-20"}, follow=True
    )
    assert "已结算 482.00 元" in text(paid)
    again = client.post(at("order_settle", order.pk), {"amount_fen": "482.00", "on": "2020-05-20"})
    assert (again.status_code, "现在是已结算" in text(again)) == (409, True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"item_quantity": ["0", ""]}, "数量填大于 0 的数"),
        ({"item_price": ["八十", ""]}, "单价填金额"),
        ({"item_title": ["", ""]}, "项目名称 1 到 60 个字。"),
        ({"item_price": ["12.345", ""]}, "单价填金额"),
        ({"item_price": ["80", "元"], "item_title": ["油", "滤"]}, "报价明细有 1 行要改。"),
        ({"kind": "MAINTENANCE"}, "保养的要填保养项目。"),
        ({"fault": ""}, "没有填报修内容。"),
    ],
)
def test_a_line_that_cannot_be_read_is_marked(
    city: City, changes: dict[str, Any], says: str
) -> None:
    answer = client_of(city, "car_keeper").post(at("order_new"), {**ORDER, **changes})
    assert answer.status_code == 422
    assert says in text(answer)
    assert "换挡顿挫" in text(answer) or "fault" in changes
    assert not Order.objects.exists()


def test_a_price_may_be_written_as_quotations_write_it(city: City) -> None:
    client = client_of(city, "car_keeper")
    given = {
        **ORDER, "odometer_km": "10,500", "item_quantity": ["1", ""],
        "item_price": ["1,480.00元", ""],
    }  # fmt: skip
    client.post(at("order_new"), given)
    order = Order.objects.get()
    assert (order.quoted_fen, order.odometer_km) == (148_000, 10_500)
    again = client.post(
        at("order_requote", order.pk),
        {**given, "item_price": ["1,480.00", ""], "item_quantity": ["x", ""]},
    )
    assert 'value="1,480.00"' in text(again), "what was typed is kept"


def test_a_quote_longer_than_may_be_is_said_and_nothing_is_dropped(city: City) -> None:
    lines = {
        "item_title": [f"第{n}项" for n in range(1, 62)], "item_kind": ["PART"] * 61,
        "item_quantity": ["1"] * 61, "item_price": ["1"] * 61,
    }  # fmt: skip
    client = client_of(city, "car_keeper")
    answer = client.post(at("order_new"), {**ORDER, **lines})
    assert answer.status_code == 422
    assert "报价最多 60 行" in text(answer)
    assert "第61项" in text(answer)
    assert not Order.objects.exists()


def test_who_decides_sees_the_order_and_agrees_on_its_page(city: City) -> None:
    made = rows.report(city, by="clerk", car=rows.clerk_car(city), items=(GEARBOX,))
    page = text(client_of(city, "head").get(at("order", made.pk)))
    assert "变速箱阀体" in page
    assert "3,000.00" in page
    assert client_of(city, "stranger").get(at("order", made.pk)).status_code == 404
    assert client_of(city, "stranger_boss").get(at("order", made.pk)).status_code == 404
    mended = client_of(city, "clerk").get(at("order_quote", made.pk))
    assert (mended.status_code, "现在是待审批" in text(mended)) == (409, True)


def test_another_quote_is_given_on_its_page(city: City) -> None:
    made = rows.report(city)
    client = client_of(city, "car_keeper")
    empty = client.post(at("order_quote", made.pk), {})
    assert "没有填报价项目。" in text(empty)
    lines = {
        "item_title": ["机油"], "item_kind": ["PART"], "item_quantity": ["4"],
        "item_price": ["1,080.00"],
    }  # fmt: skip
    bad = client.post(at("order_quote", made.pk), {**lines, "item_quantity": ["-1"]})
    assert "报价明细有 1 行要改。" in text(bad)
    client.post(at("order_quote", made.pk), {**lines, "item_price": ["80"]})
    made.refresh_from_db()
    assert (made.state, made.quoted_fen) == (OrderState.APPROVED, 32_000)


def test_a_call_tells_the_lines_of_a_quote_as_one_text(city: City) -> None:
    made = rows.report(city)
    client = client_of(city, "car_keeper")
    address = f"/api/fleet/orders/{made.pk}/quote"

    def told(lines: str) -> Any:
        return client.post(address, {"items": lines}, content_type="application/json")

    bad = told("机油 0×80")
    assert (bad.status_code, "数量应大于 0" in str(bad.json())) == (422, True)
    assert told("机油 4×80.00；更换工时 1×120").json()["said"] == "已报价 440.00 元，可以送修"
    made.refresh_from_db()
    assert made.details == "机油 4×80.00；更换工时 1×120.00"


def test_a_doubt_on_an_order_is_answered_by_its_unit(city: City) -> None:
    car = rows.clerk_car(city)
    order_ledger.enter_orders(actor=city.actor("clerk"), rows=[rows.done_order(car)], at=AT)
    made = rows.report(city, by="clerk", car=car, items=(CHEAP[0],))
    remark = Remark.objects.get(object_id=made.pk, register="fleet.orders")
    client = client_of(city, "clerk")
    assert "质量保证期" in text(client.get(at("order", made.pk)))
    done = client.post(
        at("order_remark_explain", remark.pk), {"explanation": "换的是另一路"}, follow=True
    )
    assert "已说明" in text(done)
    other = client_of(city, "supervisor").post(at("order_remark_explain", remark.pk), {})
    assert other.status_code == 403


def test_an_order_is_cancelled_with_its_reason(city: City) -> None:
    made = rows.report(city, items=CHEAP)
    client = client_of(city, "car_keeper")
    assert client.post(at("order_cancel", made.pk), {"reason": ""}).status_code == 422
    done = client.post(at("order_cancel", made.pk), {"reason": "另一家便宜"}, follow=True)
    assert "另一家便宜" in text(done)
    assert "工单已取消" in text(done)


# ── fines and accidents ──────────────────────────────────────────────────────────────────

FINE = {
    "car": SMALL, "number": "", "at": "2020-05-19 09:30", "place": "瓷都大道", "what": "违停",
    "points": "0", "amount_fen": "100",
}  # fmt: skip


def test_a_fine_names_the_driver_and_is_handled_by_who_pays(city: City) -> None:
    city.recorded("PC2020051900041")
    client = client_of(city, "car_keeper")
    done = text(client.post(at("fine_new"), FINE, follow=True))
    assert "当时 汪杰 在开" in done
    assert "PC2020051900041" in done
    fine = Fine.objects.get()
    public = client.post(at("fine_handle", fine.pk), {"on": "2020-05-20", "paid_by": "PUBLIC"})
    assert public.status_code == 422
    assert "罚款不能用公款缴纳，也不能登记为运行费用。" in text(public)
    assert "交通违法罚款由责任人个人承担" in text(public)
    paid = client.post(
        at("fine_handle", fine.pk), {"on": "2020-05-20", "paid_by": "DRIVER"}, follow=True
    )
    assert "已登记处理，汪杰缴款" in text(paid)
    again = client.post(at("fine_handle", fine.pk), {"on": "2020-05-20", "paid_by": "DRIVER"})
    assert (again.status_code, "现在是已处理" in text(again)) == (409, True)


def test_a_fine_without_a_journey_is_explained(city: City) -> None:
    client = client_of(city, "car_keeper")
    page = text(client.post(at("fine_new"), FINE, follow=True))
    assert "没有对应的派车单" in page
    fine = Fine.objects.get()
    remark = Remark.objects.get(register="fleet.fines", object_id=fine.pk)
    answer = client.post(
        at("fine_remark_explain", remark.pk), {"explanation": "送修途中"}, follow=True
    )
    assert "送修途中" in text(answer)


def test_an_accident_is_closed_when_it_adds_up(city: City) -> None:
    client = client_of(city, "car_keeper")
    given = {
        "car": SMALL, "at": "2020-05-19 09:30", "place": "广场路", "what": "追尾", "driver": "",
        "blame": "PENDING", "loss_fen": "5000",
    }  # fmt: skip
    page = text(client.post(at("accident_new"), given, follow=True))
    assert "5,000.00" in page
    accident = Accident.objects.get()
    close = {
        "blame": "EQUAL", "loss_fen": "5,000.00", "insurer_fen": "4000", "self_fen": "999.99",
        "on": "2020-05-20",
    }  # fmt: skip
    refused = client.post(at("accident_close", accident.pk), close)
    assert refused.status_code == 422
    assert "少 0.01 元" in text(refused)
    done = client.post(
        at("accident_close", accident.pk), {**close, "self_fen": "1000"}, follow=True
    )
    assert "已结案" in text(done)
    again = client.post(at("accident_close", accident.pk), {**close, "self_fen": "1000"})
    assert (again.status_code, "现在是已结案" in text(again)) == (409, True)


def test_the_police_see_fines_and_nothing_of_journeys_or_money(city: City) -> None:
    city.recorded("PC2020051900041")
    keeper = city.actor("car_keeper")
    incidents.enter_fines(actor=keeper, rows=[rows.fine(city.cars[SMALL])], at=AT)
    made = rows.report(city, items=CHEAP)
    fine = Fine.objects.get()
    police = outsider(city, "fleet.police_supervisor", "gongan")
    page = text(police.get(at("fine", fine.pk)))
    assert "违反禁止标线指示" in page
    assert at("trip", fine.trip_id) not in page
    assert at("fine_handle", fine.pk) not in page
    assert police.get(at("order", made.pk)).status_code == 404
    assert police.get(at("accounts")).status_code == 403
    car = text(police.get(at("car", city.cars[SMALL].pk)))
    assert "违法事故" in car
    assert "维保工单" not in car
    assert "年费用" not in car


def test_a_secret_car_is_nowhere_for_those_outside(city: City) -> None:
    furnished = rows.furnish(city)
    car = city.cars[builders.SECOND]
    fine, accident = Fine.objects.get(), Accident.objects.get()
    finance = outsider(city, "fleet.finance_supervisor", "caizheng")
    police = outsider(city, "fleet.police_supervisor", "gongan")
    assert finance.get(at("order", furnished["order"])).status_code == 200
    Car.objects.filter(pk=car.pk).update(secret=True)
    assert finance.get(at("order", furnished["order"])).status_code == 404
    for name in ("policies_list", "inspections_list", "orders_list", "accounts", "upkeep"):
        assert car.plate[2:] not in text(finance.get(at(name))), name
    assert police.get(at("fine", fine.pk)).status_code == 404
    assert police.get(at("accident", accident.pk)).status_code == 404
    for name in ("fines_list", "accidents_list"):
        assert car.plate[2:] not in text(police.get(at(name))), name
    keeper = client_of(city, "car_keeper")
    assert keeper.get(at("fine", fine.pk)).status_code == 200


# ── the page of a car ────────────────────────────────────────────────────────────────────


def test_a_car_shows_its_insurance_orders_fines_and_cost(city: City) -> None:
    rows.furnish(city)
    page = text(client_of(city, "car_keeper").get(at("car", city.cars[builders.SECOND].pk)))
    for seen in (
        "保险检验和维保", "PDZA2020001", "交强险", "市机动车检测站", "WX202000001", "小保养",
        "违法事故", "违反禁止标线指示", "2020年费用", "950.00", "220.00",
    ):  # fmt: skip
        assert seen in page, seen


def test_the_clerks_inbox_holds_what_is_due_of_their_cars(city: City) -> None:
    own = rows.clerk_car(city)
    Car.objects.filter(pk=own.pk).update(inspected_until=TODAY, insured_until=TODAY)
    facts = {"title": "小保养", "km": 500, "car": own}
    upkeep.make_plan(actor=city.actor("car_keeper"), facts=facts, at=AT)
    order_ledger.enter_orders(actor=city.actor("clerk"), rows=[rows.done_order(own)], at=AT)
    page = text(client_of(city, "clerk").get("/"))
    assert page.count(own.plate[2:]) >= 2
    assert "小保养" in page
    assert EXPIRED[2:] not in page
    assert Person.objects.filter(pk=city.person("clerk").pk).exists()
