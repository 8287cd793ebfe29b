"""The pages of disposals and lots: what is seen, what is not seen, and what is done from them."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import disposals, lots
from guanjia.domains.fleet.acts.disposals import ACTS
from guanjia.domains.fleet.models import Car, Disposal, DisposalLot
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.disposals import DisposalMethod, DisposalState
from guanjia.domains.fleet.tests import builders, ends
from guanjia.domains.fleet.tests.builders import AT, OWN, SMALL, City
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind
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


def at(what: str, *args: int) -> str:
    return reverse(f"fleet:{what}", args=args)


def test_a_car_goes_all_the_way_by_its_pages(city: City) -> None:
    car = ends.old_car(city)
    clerk, keeper = client_of(city, "clerk"), client_of(city, "car_keeper")
    assert "申请处置" in text(clerk.get(at("car", car.pk)))
    asked = {"method": "AUCTION", "reason": "车况差"}
    page = text(clerk.post(at("disposal_open", car.pk), asked, follow=True))
    assert "已申请处置 赣H40001" in page
    disposal = Disposal.objects.get()

    def post(client: Client, what: str, **given: str) -> str:
        return text(client.post(at(f"disposal_{what}", disposal.pk), given, follow=True))

    post(clerk, "value", valuation="20,000.00", valuer="评估所", valued_on="2020年5月19日")
    assert "已报批，等余建国审批" in post(clerk, "send")
    ends.decide(city, disposal)
    given = {"document": "景机管处〔2020〕1号", "buyer": "昌江车行", "disposed_on": "2020-05-20"}
    page = post(keeper, "deal", proceeds="26,000.50", **given)
    assert "已登记成交，等缴库" in page
    assert "26,000.50" in page
    page = post(keeper, "pay", receipt="JK1", paid="26000.49", paid_on="2020-05-20")
    assert "成交 26,000.50 元，缴库 26,000.49 元" in page, "both values of the difference"
    assert 'value="26000.49"' in page, "nothing typed is lost"
    post(keeper, "pay", receipt="JK1", paid="26000.50", paid_on="2020-05-20")
    assert "号牌还没有交回" in post(keeper, "finish")
    post(keeper, "plate", on="2020-05-20")
    assert "车辆卡片已注销" in post(keeper, "finish")
    assert Car.objects.get(pk=car.pk).state == CarState.DISPOSED
    page = text(clerk.get(at("car", car.pk)))
    assert "申请处置" not in page
    assert disposal.number in page


def test_who_looks_sees_it_and_has_no_acts(city: City) -> None:
    disposal = ends.agreed(city)
    page = text(client_of(city, "supervisor").get(at("disposal", disposal.pk)))
    assert "赣H40001" in page
    assert "20,000.00" in page
    for act in ("登记成交", "取消处置", "放入批次", "办结处置"):
        assert f">{act}<" not in page
    assert "登记成交" in text(client_of(city, "car_keeper").get(at("disposal", disposal.pk)))


def test_the_page_offers_what_may_be_done_now(city: City) -> None:
    disposal = ends.opened(city)

    def offered(who: str) -> set[str]:
        page = text(client_of(city, who).get(at("disposal", disposal.pk)))
        names = (act.url_name.removeprefix("fleet:") for act in ACTS)
        return {name for name in names if f'"{at(name, disposal.pk)}"' in page}

    assert offered("clerk") == {"disposal_value", "disposal_call_off"}
    clerk = city.actor("clerk")
    disposals.value_disposal(
        actor=clerk, disposal_id=disposal.pk, valuation_fen=1, valuer="评估所",
        valued_on=AT.date(), at=AT,
    )  # fmt: skip
    assert offered("clerk") == {"disposal_revalue", "disposal_send", "disposal_call_off"}
    disposals.send(actor=clerk, disposal_id=disposal.pk, at=AT)
    assert offered("clerk") == set()
    assert offered("car_keeper") == {"disposal_call_off"}
    early = client_of(city, "car_keeper").get(at("disposal_deal", disposal.pk))
    assert early.status_code == 409
    assert "现在是审批中" in text(early)
    ends.decide(city, disposal)
    ends.lot(city)
    assert offered("car_keeper") == {
        "disposal_call_off", "disposal_lot", "disposal_plate", "disposal_deal",
    }  # fmt: skip


def test_who_receives_a_car_only_looks(city: City) -> None:
    other = city.units["other"]
    city.join("other_clerk", builders.org.person("D040020", other, "万达"), (
        "fleet.clerk", builders.Reach.BELOW, other,
    ))  # fmt: skip
    disposal = ends.opened(city, method=DisposalMethod.TRANSFER, to_unit_id=other.pk)
    receiver = client_of(city, "other_clerk")
    page = text(receiver.get(at("disposal", disposal.pk)))
    assert "赣H40001" in page
    for act in ("disposal_send", "disposal_call_off"):
        assert at(act, disposal.pk) not in page
        assert receiver.post(at(act, disposal.pk), {"reason": "x"}).status_code == 404


def test_a_disposal_goes_its_way_over_the_api(city: City) -> None:
    disposal, keeper = ends.agreed(city), client_of(city, "car_keeper")

    def call(client: Client, act: str, **body: Any) -> Any:
        address = f"/api/fleet/disposals/{disposal.pk}/{act}"
        return client.post(address, body, content_type="application/json")

    deal = {"document": "景机管处〔2020〕1号", "buyer": "昌江车行", "disposed_on": "2020-05-20"}
    assert call(client_of(city, "clerk"), "deal", **deal, proceeds=2_600_000).status_code == 403
    assert call(keeper, "finish").status_code == 409
    done = call(keeper, "deal", **deal, proceeds=2_600_000)
    assert (done.json()["said"], done.json()["state"]) == ("已登记成交，等缴库", "DEALT")
    done = call(keeper, "redeal", **deal, proceeds=2_600_050)
    assert done.json()["said"] == "已更正成交，等缴库"
    disposal.refresh_from_db()
    assert disposal.proceeds_fen == 2_600_050


def test_another_unit_and_a_stranger_see_nothing_of_it(city: City) -> None:
    disposal = ends.sent(city)
    city.join("other_clerk", builders.org.person("D040020", city.units["other"], "万达"), (
        "fleet.clerk", builders.Reach.BELOW, city.units["other"],
    ))  # fmt: skip
    for who in ("other_clerk", "stranger", "asker"):
        assert client_of(city, who).get(at("disposal", disposal.pk)).status_code == 404
    listed = text(client_of(city, "other_clerk").get(at("disposals_list")))
    assert "40001" not in listed
    assert "赣H40001" in text(client_of(city, "clerk").get(at("disposals_list")))
    assert client_of(city, "asker").get(at("disposals_list")).status_code == 403


def test_a_secret_car_is_not_seen_from_outside(city: City) -> None:
    disposal = ends.agreed(city)
    Car.objects.filter(pk=disposal.car_id).update(secret=True)
    supervisor = client_of(city, "supervisor")
    assert supervisor.get(at("disposal", disposal.pk)).status_code == 404
    assert "40001" not in text(supervisor.get(at("disposals_list")))
    assert client_of(city, "car_keeper").get(at("disposal", disposal.pk)).status_code == 200


def test_who_decides_finds_it_and_the_story(city: City) -> None:
    disposal = ends.sent(city)
    page = text(client_of(city, "head").get(at("disposal", disposal.pk)))
    assert "估值 20,000.00 元" in page
    assert "同意" in page
    assert "处置审批" in page


def test_what_cannot_be_read_is_said_and_kept(city: City) -> None:
    disposal = ends.opened(city)
    answer = client_of(city, "clerk").post(
        at("disposal_value", disposal.pk),
        {"valuation": "很多", "valuer": "评估所", "valued_on": "明天"},
    )
    assert answer.status_code == 422
    assert "估值只填数字" in text(answer)
    assert 'value="评估所"' in text(answer)
    disposal.refresh_from_db()
    assert disposal.valuation_fen is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"method": "TRANSFER", "reason": "调剂"}, "没有填接收单位"),
        ({"method": "TRANSFER", "reason": "调剂", "to_unit": "没有的局"}, "单位名录中没有"),
        ({"method": "AUCTION", "reason": ""}, "没有填处置原因"),
        ({"method": "GIFT", "reason": "送"}, "从列出的方式中选一项"),
        ({}, "没有选处置方式"),
    ],
)
def test_a_request_says_what_it_lacks(city: City, given: dict[str, str], says: str) -> None:
    car = ends.old_car(city)
    answer = client_of(city, "clerk").post(at("disposal_open", car.pk), given)
    assert answer.status_code == 422
    assert says in text(answer)
    assert not Disposal.objects.exists()


def test_a_car_out_on_a_trip_is_refused_with_the_trip(city: City) -> None:
    trip = city.dispatched(car=SMALL)
    car = city.cars[SMALL]
    answer = client_of(city, "car_keeper").post(
        at("disposal_open", car.pk), {"method": "SCRAP", "reason": "车况差"}
    )
    assert answer.status_code == 422
    assert trip.number in text(answer)


def test_a_car_is_chosen_by_its_plate(city: City) -> None:
    car = ends.old_car(city)
    clerk = client_of(city, "clerk")
    assert clerk.post(at("disposal_new"), {"car": "赣h·40001"})["Location"] == at(
        "disposal_open", car.pk
    )
    refused = clerk.post(at("disposal_new"), {"car": OWN})
    assert refused.status_code == 422
    assert "不在您的范围内" in text(refused)


def test_a_finding_is_answered_in_words(city: City) -> None:
    disposal = ends.done(city)
    remark = Remark.objects.create(
        register="fleet.disposals", object_id=disposal.pk, code="no_document",
        kind=RemarkKind.FINDING, headline="没有批准文号。", raised_at=AT,
    )  # fmt: skip
    address = at("disposal_remark_explain", remark.pk)
    keeper = client_of(city, "car_keeper")
    assert "没有写说明" in text(keeper.post(address, {"explanation": ""}))
    assert "已说明" in text(keeper.post(address, {"explanation": "文号补录"}, follow=True))
    assert client_of(city, "clerk").post(address, {"explanation": "x"}).status_code == 403


# ── lots ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def lot(city: City) -> DisposalLot:
    """A lot with one dealt car and a settlement that is one 分 more."""
    made, keeper = ends.lot(city), city.actor("car_keeper")
    row = ends.dealt(city)
    lots.put_in_lot(actor=keeper, lot_id=made.pk, disposal_ids=[row.pk], at=AT)
    return lots.settle_lot(
        actor=keeper, lot_id=made.pk, total_fen=2_600_001, held_on=AT.date(), agent="交易中心",
        at=AT,
    )  # fmt: skip


def test_the_difference_of_a_lot_is_shown_to_the_fen(city: City, lot: DisposalLot) -> None:
    page = text(client_of(city, "car_keeper").get(at("lot", lot.pk)))
    assert "各车成交之和与成交总额相差 0.01 元" in page
    assert "26,000.00" in page
    assert "26,000.01" in page
    assert "有差额" in text(client_of(city, "supervisor").get(at("lots_list")))


def test_a_unit_sees_its_car_in_the_lot_and_no_sums(city: City, lot: DisposalLot) -> None:
    page = text(client_of(city, "clerk").get(at("lot", lot.pk)))
    assert "40001" in page
    assert "三数核对" not in page
    assert "26,000.01" not in page
    assert "核销批次" not in page
    assert client_of(city, "stranger").get(at("lot", lot.pk)).status_code == 403


def test_a_lot_is_closed_with_its_reason_only(city: City, lot: DisposalLot) -> None:
    keeper = client_of(city, "car_keeper")
    paid = {"receipt": "JK9", "amount": "26,000.01", "paid_on": "2020-05-20"}
    keeper.post(at("lot_pay", lot.pk), paid)
    refused = keeper.post(at("lot_close", lot.pk), {"reason": ""})
    assert refused.status_code == 422
    assert "三数不等，不能核销" in text(refused)
    page = text(keeper.post(at("lot_close", lot.pk), {"reason": "结算单四舍五入"}, follow=True))
    assert "已核销" in page
    assert "结算单四舍五入" in page


def test_cars_are_ticked_into_a_lot(city: City) -> None:
    made, row = ends.lot(city), ends.agreed(city)
    keeper = client_of(city, "car_keeper")
    assert "没有选车" in text(keeper.post(at("lot_put", made.pk), {}))
    page = text(keeper.post(at("lot_put", made.pk), {"disposals": [row.pk]}, follow=True))
    assert "已放入批次" in page
    row.refresh_from_db()
    assert row.lot == made
    page = text(keeper.get(at("lot", made.pk)))
    assert at("lot_take_out", row.pk) in page
    assert at("lot_take_out", row.pk) not in text(client_of(city, "clerk").get(at("lot", made.pk)))
    page = text(keeper.post(at("lot_take_out", row.pk), follow=True))
    assert "已移出这一批" in page
    assert keeper.get(at("lot_take_out", row.pk)).status_code == 404, "it lies in no lot"


def test_a_lot_is_opened_filled_and_paid_over_the_api(city: City) -> None:
    row, keeper = ends.agreed(city), client_of(city, "car_keeper")

    def call(act: str, **body: Any) -> Any:
        return keeper.post(f"/api/fleet/lots/{act}", body, content_type="application/json")

    asked = {"title": "第二批", "method": "AUCTION"}
    made = call("new", **asked).json()
    assert made["said"] == "已建“第二批”，放入待处置的车"
    one = made["id"]
    assert call(f"{one}/put", disposals=[str(row.pk)]).json()["said"] == "已放入批次"
    paid = {"receipt": "JK2", "amount": 100, "paid_on": "2020-05-20"}
    assert call(f"{one}/pay", **paid).json()["name"] == "JK2"
    assert call(f"cars/{row.pk}/take-out").json()["said"] == "已移出这一批"
    DisposalLot.objects.filter(pk=one).update(state="CLOSED", closed_on=AT.date())
    refused = call(f"{one}/pay", **paid | {"receipt": "JK3"})
    assert refused.status_code == 409
    assert "现在是已核销" in refused.json()["detail"]


# ── what comes to an end ────────────────────────────────────────────────────


def test_what_ends_is_listed_and_opens_the_car(city: City) -> None:
    ends.old_car(city)
    page = text(client_of(city, "clerk").get(at("due_list")))
    assert "使用超过 8 年" in page
    assert at("car", Car.objects.get(plate=ends.OLD).pk) in page
    assert SMALL not in page
    assert client_of(city, "asker").get(at("due_list")).status_code == 403


def test_the_register_shows_its_total_in_yuan(city: City) -> None:
    ends.dealt(city, proceeds_fen=2_600_050)
    page = text(client_of(city, "car_keeper").get(at("disposals_list")))
    assert "26,000.50" in page
    assert DisposalState.DEALT.label in page
