"""The pages of quotas and purchases: what is seen, by whom, and what is not."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import purchases as purchase_acts
from guanjia.domains.fleet.models import Car, Disposal, Purchase, QuotaChange
from guanjia.domains.fleet.terms.purchases import PurchaseState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests import quota_scenes as scenes
from guanjia.domains.fleet.tests.builders import AT, TODAY, City
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("at_nine"),
]
BACKEND = "django.contrib.auth.backends.ModelBackend"
DAY = timedelta(days=1)
OLD, SHOWN = "赣H40001", "</i>40001"


@pytest.fixture
def at_nine() -> Any:
    """The moment of the small city."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def granted(city: City) -> City:
    """The unit may keep two cars and has one; a clerk of another unit looks on."""
    scenes.grant(city, 2)
    scenes.car_of(city, OLD)
    city.join(
        "other_clerk",
        org.person("D040020", city.units["other"], name="程远"),
        ("fleet.clerk", Reach.BELOW, city.units["other"]),
    )
    return city


def visit(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend=BACKEND)
    return client


def seen(city: City, username: str, name: str, *args: Any, **query: str) -> str:
    answer = visit(city, username).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return flat(answer.content)


def status(city: City, username: str, name: str, *args: Any) -> int:
    return visit(city, username).get(reverse(name, args=args)).status_code


def call(city: City, username: str, address: str, body: dict[str, Any]) -> Any:
    return visit(city, username).post(address, body, content_type="application/json")


def form(**changes: Any) -> dict[str, Any]:
    """What a browser sends for an additional electric sedan."""
    return {
        "kind": "NEW",
        "use": "OTHER",
        "energy": "ELECTRIC",
        "body": "SEDAN",
        "make": "比亚迪秦EV",
        "seats": "5",
        "price_wan": "14.98",
        "domestic": "on",
        "reason": "基层调研",
        **changes,
    }


# ── how they stand ─────────────────────────────────────────────────────────────────────────


def test_the_matrix_shows_each_unit_and_opens_every_number(granted: City) -> None:
    page = seen(granted, "car_keeper", "fleet:quotas")
    assert "农业农村局" in page
    assert "截至 2020年5月20日" in page
    unit = reverse("fleet:quota_unit", args=[granted.units["farming"].pk])
    assert f'href="{unit}?use=OTHER#cars"' in page
    assert f'href="{unit}?use=OTHER#changes"' in page
    assert "空余 1" in page
    scenes.asked(granted)
    assert "占用 1" in seen(granted, "car_keeper", "fleet:quotas")


def test_who_is_over_the_quota_is_red_with_the_article(granted: City) -> None:
    page = seen(granted, "car_keeper", "fleet:quotas", words="农业")
    assert "超编</" not in page.split("<tbody>")[1], "within the quota nothing is red"
    for plate in ("赣H40002", "赣H40003"):
        scenes.car_of(granted, plate)
    page = seen(granted, "car_keeper", "fleet:quotas", words="农业")
    assert "第二十五条" in page
    assert "超编" in page.split("<tbody>")[1]
    unit = seen(granted, "car_keeper", "fleet:quota_unit", granted.units["farming"].pk)
    assert "其他公务用车超编 1 辆。" in unit
    assert "国务院令第621号" in unit


def test_any_past_day_can_be_looked_at(granted: City) -> None:
    unit = granted.units["farming"].pk
    page = seen(granted, "car_keeper", "fleet:quota_unit", unit, on="2018-12-31")
    assert "截至 2018年12月31日" in page
    assert "未核定" in page
    assert SHOWN in page
    before = seen(granted, "car_keeper", "fleet:quota_unit", unit, on="2011-02-28")
    assert SHOWN not in before
    assert "没有在编车辆" in before


@pytest.mark.parametrize(
    ("on", "sentence"), [("32号", "不是日期"), ("2020-05-21", "还没有到"), ("2020年5月19日", "")]
)
def test_a_day_that_cannot_be_read_is_told(granted: City, on: str, sentence: str) -> None:
    page = seen(granted, "car_keeper", "fleet:quotas", on=on)
    assert (sentence or "截至 2020年5月19日") in page


def test_a_clerk_sees_their_own_unit_and_a_stranger_nothing(granted: City) -> None:
    farming, other = granted.units["farming"], granted.units["other"]
    mine = seen(granted, "clerk", "fleet:quotas")
    assert "农业农村局" in mine
    assert "教育局" not in mine
    assert status(granted, "clerk", "fleet:quota_unit", other.pk) == 404
    theirs = seen(granted, "other_clerk", "fleet:quotas")
    assert "农业农村局" not in theirs
    assert status(granted, "other_clerk", "fleet:quota_unit", farming.pk) == 404
    assert status(granted, "stranger", "fleet:quotas") == 403


def test_a_supervisor_looks_and_can_do_nothing(granted: City) -> None:
    page = seen(granted, "supervisor", "fleet:quotas")
    assert "农业农村局" in page
    assert "不含保密车辆" in page
    assert "申请编制变更" not in page
    assert "导入编制" not in page
    Car.objects.filter(plate=OLD).update(secret=True)
    unit = granted.units["farming"].pk
    assert SHOWN not in seen(granted, "supervisor", "fleet:quota_unit", unit)
    assert SHOWN in seen(granted, "car_keeper", "fleet:quota_unit", unit)


# ── a change of a quota ────────────────────────────────────────────────────────────────────


def test_a_change_is_asked_for_agreed_to_and_shown(granted: City) -> None:
    clerk = visit(granted, "clerk")
    asked = {"use": "OTHER", "delta": "2", "takes_effect_on": "2020年5月20日", "reason": "新设机构"}
    answer = clerk.post(reverse("fleet:quota_request"), asked)
    change = QuotaChange.objects.latest("pk")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("fleet:quota_change", args=[change.pk])
    page = flat(clerk.get(answer["Location"]).content)
    assert "等余建国审批" in page
    scenes.agree(granted, change)
    page = seen(granted, "head", "fleet:quota_change", change.pk)
    assert "已批准" in page
    assert "彭立" in page
    unit = seen(granted, "clerk", "fleet:quota_unit", granted.units["farming"].pk)
    assert change.number in unit
    assert ">4<" in unit, "two and two"


def test_a_bad_change_comes_back_with_everything_typed(granted: City) -> None:
    asked = {"use": "OTHER", "delta": "-3", "takes_effect_on": "2020-05-20", "reason": "核减三辆"}
    answer = visit(granted, "clerk").post(reverse("fleet:quota_request"), asked)
    page = flat(answer.content)
    assert answer.status_code == 422
    assert "最多核减 2 辆" in page
    assert "核减三辆" in page
    answer = visit(granted, "clerk").post(reverse("fleet:quota_request"), {"delta": "两辆"})
    assert "只填整数，核减写负数" in flat(answer.content)


def test_a_change_is_mended_after_it_came_back(granted: City) -> None:
    change = scenes.change(granted)
    scenes.send_back(granted, change)
    client = visit(granted, "clerk")
    mend = reverse("fleet:quota_mend", args=[change.pk])
    assert "请补充报价" in flat(client.get(mend).content)
    asked = {"delta": "3", "takes_effect_on": "2020-05-20", "reason": "按批复", "comment": "改三辆"}
    assert client.post(mend, asked).status_code == 302
    change.refresh_from_db()
    assert (change.state, change.delta) == ("PENDING", 3)


def test_the_keeper_writes_the_document_down(granted: City) -> None:
    change = scenes.change(granted)
    scenes.agree(granted, change)
    url = reverse("fleet:quota_document", args=[change.pk])
    assert visit(granted, "clerk").post(url, {"document": "x"}).status_code == 403
    keeper = visit(granted, "car_keeper")
    refused = keeper.post(url, {"document": ""})
    assert refused.status_code == 422
    assert "没有填文号" in flat(refused.content)
    assert keeper.post(url, {"document": "景编〔2020〕2号"}).status_code == 302
    assert "景编〔2020〕2号" in seen(granted, "clerk", "fleet:quota_change", change.pk)


def test_only_the_applicant_is_offered_to_mend_and_only_what_came_back(granted: City) -> None:
    change = scenes.change(granted)
    mend = reverse("fleet:quota_mend", args=[change.pk])
    early = visit(granted, "clerk").get(mend)
    assert early.status_code == 409
    assert "不能修改后再交" in flat(early.content)
    assert 'name="delta"' not in flat(early.content)
    assert f"返回 {change.number}" in flat(early.content)
    scenes.send_back(granted, change)
    assert mend in seen(granted, "clerk", "fleet:quota_change", change.pk)
    assert mend not in seen(granted, "car_keeper", "fleet:quota_change", change.pk)
    assert mend not in seen(granted, "supervisor", "fleet:quota_change", change.pk)


def test_the_form_begins_with_the_unit_and_class_of_the_address(granted: City) -> None:
    page = seen(granted, "car_keeper", "fleet:quota_request", unit="no such", use="NONE")
    assert '<option value="OTHER" selected>' in page
    code = granted.units["other"].code
    page = seen(granted, "car_keeper", "fleet:quota_request", unit=code, use="LAW_ENFORCEMENT")
    assert f'value="{granted.units["other"].shown}"' in page
    assert '<option value="LAW_ENFORCEMENT" selected>' in page


def test_a_change_is_asked_for_and_documented_over_the_api(granted: City) -> None:
    asked = {"use": "OTHER", "delta": -3, "takes_effect_on": "2020-05-20", "reason": "核减"}
    address = "/api/fleet/quotas/changes/request"
    refused = call(granted, "clerk", address, asked)
    assert refused.status_code == 422
    assert "最多核减 2 辆" in refused.json()["detail"]
    assert call(granted, "stranger", address, asked).status_code == 403
    done = call(granted, "clerk", address, {**asked, "delta": 1})
    assert done.status_code == 200, flat(done.content)
    assert done.json()["state"] == "PENDING"
    assert done.json()["said"] == "已提交，等余建国审批"
    change = QuotaChange.objects.get(pk=done.json()["id"])
    assert change.quota.unit == granted.units["farming"], "who has one unit need not name it"
    document = f"/api/fleet/quotas/changes/{change.pk}/document"
    early = call(granted, "car_keeper", document, {"document": "景编〔2020〕2号"})
    assert early.status_code == 409
    scenes.agree(granted, change)
    assert call(granted, "clerk", document, {"document": "x"}).status_code == 403
    done = call(granted, "car_keeper", document, {"document": "景编〔2020〕2号"})
    assert done.json()["said"] == "已登记文号 景编〔2020〕2号"


def test_a_change_is_hidden_from_who_has_nothing_to_do_with_it(granted: City) -> None:
    change = scenes.change(granted)
    assert status(granted, "other_clerk", "fleet:quota_change", change.pk) == 404
    assert status(granted, "stranger", "fleet:quota_change", change.pk) == 404
    assert status(granted, "supervisor", "fleet:quota_change", change.pk) == 200


# ── purchases ──────────────────────────────────────────────────────────────────────────────


def test_a_purchase_is_asked_for_in_the_browser(granted: City) -> None:
    clerk = visit(granted, "clerk")
    page = flat(clerk.get(reverse("fleet:purchase_request")).content)
    assert "余建国" in page, "who decides stands beside the form"
    assert "1 / 2" in page, "and how the quota stands"
    answer = clerk.post(reverse("fleet:purchase_request"), form())
    purchase = Purchase.objects.get()
    assert answer["Location"] == reverse("fleet:purchase", args=[purchase.pk])
    page = flat(clerk.get(answer["Location"]).content)
    assert purchase.number in page
    assert "14.98 万元" in page
    assert "在编制之内" in page
    assert "余建国" in page
    assert "登记新车</a>" not in page


def test_over_the_quota_the_form_names_the_article_and_keeps_what_was_typed(granted: City) -> None:
    scenes.asked(granted)
    answer = visit(granted, "clerk").post(reverse("fleet:purchase_request"), form(make="红旗E-QM5"))
    page = flat(answer.content)
    assert answer.status_code == 422
    assert "《机关事务管理条例》第二十五条" in page
    assert "没有空余" in page
    assert "红旗E-QM5" in page
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"price_wan": "18.01"}, "高于新能源轿车上限 18 万元"),
        ({"price_wan": "十五万"}, "只填数字，单位是万元"),
        ({"price_wan": "149800"}, "核对单位：单位是万元"),
        ({"kind": "RENEWAL"}, "没有选要更新的旧车"),
        ({"kind": "RENEWAL", "old_car": "赣H99999"}, "您的范围内没有 赣H99999"),
        ({"kind": "RENEWAL", "old_car": "赣H20001"}, "您的范围内没有 赣H20001"),
        ({"energy": "PETROL"}, "没有填排气量"),
        ({"make": ""}, "没有填品牌型号"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    granted: City, changes: dict[str, str], sentence: str
) -> None:
    answer = visit(granted, "clerk").post(reverse("fleet:purchase_request"), form(**changes))
    assert answer.status_code == 422
    assert sentence in flat(answer.content)
    assert not Purchase.objects.exists()


def test_the_keeper_enters_the_new_car_and_the_old_one_goes(granted: City) -> None:
    old = Car.objects.get(plate=OLD)
    purchase = scenes.renewal(granted, old)
    url = reverse("fleet:purchase_card", args=[purchase.pk])
    scenes.agree(granted, purchase)
    assert visit(granted, "clerk").get(url).status_code == 403
    keeper = visit(granted, "car_keeper")
    assert "旧车" in flat(keeper.get(url).content)
    plate = "赣HD00001"
    card = {
        "document": "景机管车〔2020〕9号",
        "plate": "赣h·d00001",
        "plate_colour": "GREEN",
        "vin": builders.vin(plate),
        "registered_on": "2020-05-20",
        "make": "比亚迪秦EV",
        "seats": "5",
        "price_wan": "14.98",
        "keeping": "UNIT",
        "odometer_km": "12",
        "method": "SCRAP",
    }
    bad = keeper.post(url, {**card, "vin": "LSV00000000000001", "price_wan": "15"})
    assert bad.status_code == 422
    assert "第 9 位算得" in flat(bad.content)
    dear = keeper.post(url, {**card, "price_wan": "15"})
    assert "高于批准的 14.98 万元" in flat(dear.content)
    answer = keeper.post(url, card)
    assert answer.status_code == 302
    page = flat(keeper.get(answer["Location"]).content)
    assert "</i>D00001" in page
    assert "已登记新车" in page
    disposal = Disposal.objects.get(car=old)
    assert reverse("fleet:disposal", args=[disposal.pk]) in page
    assert disposal.number in page


def test_the_list_shows_what_is_under_way_by_state(granted: City) -> None:
    purchase = scenes.asked(granted)
    page = seen(granted, "car_keeper", "fleet:purchases")
    assert purchase.number in page
    assert purchase.number not in seen(granted, "car_keeper", "fleet:purchases", view="agreed")
    assert purchase.number in seen(granted, "car_keeper", "fleet:purchases", view="pending")
    assert purchase.number not in seen(granted, "other_clerk", "fleet:purchases")
    assert "这里没有购置" in seen(granted, "supervisor", "fleet:purchases", view="dead")
    assert status(granted, "stranger", "fleet:purchases") == 403


def test_a_purchase_is_hidden_from_who_has_nothing_to_do_with_it(granted: City) -> None:
    purchase = scenes.asked(granted)
    for stranger in ("other_clerk", "stranger"):
        assert status(granted, stranger, "fleet:purchase", purchase.pk) == 404
    page = seen(granted, "supervisor", "fleet:purchase", purchase.pk)
    assert purchase.number in page
    for act in ("取消购置", "登记新车</a>", "登记文号", "撤回"):
        assert act not in page
    head = seen(granted, "head", "fleet:purchase", purchase.pk)
    assert 'id="decide"' in head


def test_a_renewal_of_a_secret_car_is_not_shown_to_the_outside(granted: City) -> None:
    purchase = scenes.renewal(granted, Car.objects.get(plate=OLD))
    Car.objects.filter(plate=OLD).update(secret=True)
    assert status(granted, "supervisor", "fleet:purchase", purchase.pk) == 404
    assert purchase.number not in seen(granted, "supervisor", "fleet:purchases")
    assert status(granted, "car_keeper", "fleet:purchase", purchase.pk) == 200


def test_a_purchase_is_given_up_and_mended_from_its_page(granted: City) -> None:
    purchase = scenes.asked(granted)
    cancel = reverse("fleet:purchase_cancel", args=[purchase.pk])
    client = visit(granted, "clerk")
    refused = client.post(cancel, {"reason": ""})
    assert refused.status_code == 422
    assert "没有填取消原因" in flat(refused.content)
    scenes.send_back(granted, purchase)
    mend = reverse("fleet:purchase_mend", args=[purchase.pk])
    assert "请补充报价" in flat(client.get(mend).content)
    assert client.post(mend, form(price_wan="13.5")).status_code == 302
    purchase.refresh_from_db()
    assert (purchase.state, purchase.price_fen) == (PurchaseState.PENDING, 13_500_000)
    assert client.post(cancel, {"reason": "改租车"}).status_code == 302
    assert visit(granted, "other_clerk").post(cancel, {"reason": "x"}).status_code == 404


def test_a_purchase_is_bought_over_the_api(granted: City) -> None:
    asked = {**form(), "domestic": True, "seats": 5}
    done = call(granted, "clerk", "/api/fleet/purchases/request", asked)
    assert done.status_code == 200, flat(done.content)
    assert done.json()["said"] == "已提交，等余建国审批"
    purchase = Purchase.objects.get(pk=done.json()["id"])
    assert (purchase.unit, purchase.price_fen) == (granted.units["farming"], 14_980_000)
    address = f"/api/fleet/purchases/{purchase.pk}"
    document = {"document": "景机管车〔2020〕9号"}
    early = call(granted, "car_keeper", f"{address}/document", document)
    assert early.status_code == 409
    assert "现在是审批中" in early.json()["detail"]
    scenes.agree(granted, purchase)
    assert call(granted, "clerk", f"{address}/cancel", {"reason": "x"}).status_code == 409
    assert call(granted, "clerk", f"{address}/document", document).status_code == 403
    done = call(granted, "car_keeper", f"{address}/document", document)
    assert done.json()["said"] == "已登记文号 景机管车〔2020〕9号"
    plate = "赣HD00001"
    card = {
        **document, "plate": plate, "plate_colour": "GREEN", "vin": builders.vin(plate),
        "registered_on": "2020-05-20", "make": "比亚迪秦EV", "seats": 5, "price_wan": 14.98,
        "keeping": "UNIT", "odometer_km": 12,
    }  # fmt: skip
    done = call(granted, "car_keeper", f"{address}/card", card)
    assert done.json()["said"] == f"已登记 {plate}", done.json()
    assert done.json()["state"] == "CARDED"


def test_the_page_offers_what_this_person_may_do(granted: City) -> None:
    purchase = scenes.asked(granted)
    cancel, mend, card, document = (
        reverse(f"fleet:purchase_{act}", args=[purchase.pk])
        for act in ("cancel", "mend", "card", "document")
    )
    page = seen(granted, "clerk", "fleet:purchase", purchase.pk)
    assert [one in page for one in (cancel, mend, card, document)] == [True, False, False, False]
    scenes.agree(granted, purchase)
    page = seen(granted, "clerk", "fleet:purchase", purchase.pk)
    assert not any(one in page for one in (cancel, mend, card, document))
    page = seen(granted, "car_keeper", "fleet:purchase", purchase.pk)
    assert [one in page for one in (cancel, mend, card, document)] == [True, False, True, True]
    assert status(granted, "clerk", "fleet:purchase_mend", purchase.pk) == 409


def test_the_page_tells_of_the_province(granted: City) -> None:
    purchase = scenes.asked(granted, by_province=True)
    scenes.agree(granted, purchase)
    page = seen(granted, "clerk", "fleet:purchase", purchase.pk)
    assert "报省待批" in page
    assert "省级批复" in page
    purchase_acts.decide_from_province(
        actor=builders.SYSTEM, number=purchase.number, agreed=True, document="赣管函〔2020〕5号",
        comment="", at=AT,
    )  # fmt: skip
    assert "赣管函〔2020〕5号" in seen(granted, "clerk", "fleet:purchase", purchase.pk)


def test_agreed_purchases_wait_in_the_keepers_to_do(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.agree(granted, purchase)
    todo = flat(visit(granted, "car_keeper").get("/").content)
    assert "待登记新车" in todo
    assert purchase.number in todo
    assert reverse("fleet:purchase_card", args=[purchase.pk]) in todo
    assert purchase.number not in flat(visit(granted, "dispatcher").get("/").content)


def test_what_came_back_waits_in_the_applicants_to_do(granted: City) -> None:
    purchase = scenes.asked(granted)
    scenes.send_back(granted, purchase)
    todo = flat(visit(granted, "clerk").get("/").content)
    assert purchase.number in todo
    assert "请补充报价" in todo


def test_the_day_of_the_test_is_the_day_of_the_city() -> None:
    assert date(2020, 5, 20) == TODAY
