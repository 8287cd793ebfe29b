"""The pages of allocations and clearances: seen, not seen, and done from them all the way."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.models import Allocation, Clearance, Holding
from guanjia.domains.space.terms.allocations import AllocationMethod, AllocationState
from guanjia.domains.space.terms.clearances import ClearanceState
from guanjia.domains.space.tests import allotting
from guanjia.domains.space.tests.allotting import PNG, loan_wish
from guanjia.domains.space.tests.builders import AT, City
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db
SIGNATURE = "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.fixture(autouse=True)
def _morning(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return flat(response.content)


def at(what: str, *args: int) -> str:
    return reverse(f"space:{what}", args=args)


def filled(**changes: Any) -> dict[str, Any]:
    """The form as a clerk sends it."""
    given = {
        "way": "REALLOCATE", "reason": "内设机构增加", "wanted_m2": "40",
        "persons_BUREAU_HEAD": "1", "persons_BUREAU_DEPUTY": "2", "persons_BELOW_BUREAU": "20",
    }  # fmt: skip
    return given | changes


def test_rooms_go_all_the_way_by_the_pages(city: City) -> None:
    clerk, keeper = client_of(city, "clerk"), client_of(city, "keeper")
    page = text(clerk.get(at("allocation_new")))
    for each in ("市农业农村局", "面积核算", "122.0</a> ㎡", "常委楼 104", "余建国"):
        assert each in page, each
    old = city.room("104").pk
    page = text(clerk.post(at("allocation_new"), filled(back=[old]), follow=True))
    assert "已提交，等余建国审批" in page
    made = Allocation.objects.get()
    page = text(keeper.get(at("allocation", made.pk)))
    assert "空房比较" in page, "the reviewer compares before it is approved"
    allotting.approve(city, made)
    page = text(keeper.get(at("allocation", made.pk)))
    assert "选这一组" in page
    page = text(keeper.get(at("allocation_grant", made.pk) + f"?rooms={city.room('204').pk}"))
    assert f'value="{city.room("204").pk}" data-m2="40.00" checked' in page
    answer = keeper.post(
        at("allocation_grant", made.pk),
        {"rooms": [city.room("204").pk], "since_on": "2020-05-20"}, follow=True,
    )  # fmt: skip
    page = text(answer)
    for each in ("已签发 景调配〔2020〕001号", "景用房协〔2020〕001号", "办公用房使用协议"):
        assert each in page, each
    page = text(clerk.get(at("allocation_hand_over", made.pk)))
    assert "接收签名" in page
    answer = clerk.post(
        at("allocation_hand_over", made.pk), {"on": "2020-05-20", "receiver": "莫兴"}
    )
    assert answer.status_code == 422
    assert "还没有签名" in text(answer)
    given = {"on": "2020-05-20", "receiver": "莫兴", "signature": SIGNATURE}
    page = text(clerk.post(at("allocation_hand_over", made.pk), given, follow=True))
    assert "已交接，莫兴签收，旧房6月20日前移交" in page
    assert "莫兴的签名" in page
    assert "交接房间" in page, "the trail of the page tells it"
    clearance = Clearance.objects.get()
    page = text(clerk.get(at("clearance", clearance.pk)))
    assert "建新交旧" in page
    assert "第十七条" in page, "until when, with the article"
    clerk.post(at("clearance_hand_back", clearance.pk), {"on": "2020-05-20", "note": "钥匙 2 把"})
    page = text(
        keeper.post(at("clearance_accept", clearance.pk), {"on": "2020-05-20"}, follow=True)
    )
    assert "已接收，房间转为空置" in page
    assert not Holding.objects.on(AT.date()).filter(room=old).exists()


def test_what_the_rules_refuse_stands_at_its_field_with_the_article(city: City) -> None:
    clerk = client_of(city, "clerk")
    answer = clerk.post(at("allocation_new"), filled(way="LEASE_OUT"))
    page = text(answer)
    assert answer.status_code == 422
    assert "办公用房不得出租。" in page
    assert "机关事务管理条例" in page
    assert "内设机构增加" in page, "nothing typed is lost"
    page = text(clerk.post(at("allocation_new"), {"way": "LEND_OUT"}))
    assert "办公用房不得出借。" in page
    assert "补填" not in page, "what must never be done is not asked to be filled in"
    page = text(clerk.post(at("allocation_new"), filled(way="SWAP")))
    assert "没有说明为什么不能调剂" in page
    page = text(clerk.post(at("allocation_new"), filled(way="LOAN", since_on="2020-06-01")))
    assert "借用没有结束日期" in page
    page = text(clerk.post(at("allocation_new"), filled(wanted_m2="很大", reason="")))
    assert "申请面积只填数字" in page
    assert "补填申请理由" in page
    assert not Allocation.objects.exists()


def test_the_need_is_reckoned_again_without_sending(city: City) -> None:
    clerk = client_of(city, "clerk")
    few = text(clerk.post(at("allocation_new"), filled(persons_BELOW_BUREAU="2", reckon="1")))
    many = text(clerk.post(at("allocation_new"), filled(persons_BELOW_BUREAU="40", reckon="1")))
    assert "1 × 24 + 2 × 18 + 2 × 9 = 78 ㎡" in few
    assert "1 × 24 + 2 × 18 + 40 × 9 = 420 ㎡" in many
    assert not Allocation.objects.exists()


def test_the_state_says_what_is_waited_for(city: City) -> None:
    keeper = client_of(city, "keeper")
    for what, said in (
        (allotting.wish(), "待选房"),
        (allotting.wish(way=AllocationMethod.RENT, refusals=dict.fromkeys(
            (AllocationMethod.REALLOCATE, AllocationMethod.SWAP), "没有合适的房间"
        )), "待登记"),
    ):  # fmt: skip
        made = allotting.agreed(city, what)
        assert said in text(keeper.get(at("allocation", made.pk)))
        assert said in text(keeper.get(at("allocations") + "?view=agreed"))
        assert re.search(r"用房 \d+ 人 × 8 = ", text(keeper.get(at("allocation", made.pk))))


def test_who_only_reckons_is_not_told_what_is_missing_but_of_people_beyond_the_establishment(
    city: City,
) -> None:
    clerk = client_of(city, "clerk")
    few = {"persons_BELOW_BUREAU": "5", "reckon": "1"}
    answer = clerk.post(at("allocation_new"), few)
    page = text(answer)
    assert answer.status_code == 200
    assert "补填" not in page
    assert "比编制多" not in page
    page = text(clerk.post(at("allocation_new"), few | {"persons_BELOW_BUREAU": "40"}))
    assert "用房人数 40 人，比编制多 30 人。" in page
    assert "规则：用房人数按编制核实" in page
    answer = clerk.post(at("allocation_new"), few | {"persons_BELOW_BUREAU": "多"})
    assert answer.status_code == 422
    made = allotting.asked(city)
    Allocation.objects.filter(pk=made.pk).update(state="WITHDRAWN")
    page = text(clerk.post(at("allocation_mend", made.pk), few))
    assert "5 × 9 = 45 ㎡" in page
    assert "补填" not in page


def test_a_keeper_says_first_for_which_unit(city: City) -> None:
    keeper = client_of(city, "keeper")
    assert "下一步" in text(keeper.get(at("allocation_new")))
    answer = keeper.get(at("allocation_new") + "?unit=不存在的局")
    assert answer.status_code == 200
    assert "您的范围内没有“不存在的局”" in text(answer)
    page = text(keeper.get(at("allocation_new") + "?unit=3602D036"))
    assert "空置房间" in page
    assert "常委楼 101" in page


def test_who_comes_second_is_told_who_holds_it_and_which_else(city: City) -> None:
    first = allotting.agreed(city, loan_wish())
    second = allotting.agreed(city, by="stranger", unit="other")
    allotting.grant(city, first, "202")
    answer = client_of(city, "keeper").post(
        at("allocation_grant", second.pk), {"rooms": [city.room("202").pk]}
    )
    page = text(answer)
    assert answer.status_code == 422
    assert "常委楼 202 已给市农业农村局，2020年5月20日至2020年8月31日。" in page
    assert "换成 常委楼 201（24.0 ㎡）" in page


def test_a_request_is_called_off_and_sent_back_by_the_page(city: City) -> None:
    made = allotting.asked(city)
    clerk = client_of(city, "clerk")
    page = text(clerk.post(at("allocation_call_off", made.pk), {"reason": ""}))
    assert "补填取消原因" in page
    page = text(clerk.post(at("allocation_call_off", made.pk), {"reason": "不要了"}, follow=True))
    assert "已取消" in page
    made.refresh_from_db()
    assert made.state == AllocationState.CALLED_OFF


def test_a_loan_is_extended_and_a_ledgers_loan_ended_by_the_page(city: City) -> None:
    loan = allotting.handed_over(city, "202", what=loan_wish())
    clerk, keeper = client_of(city, "clerk"), client_of(city, "keeper")
    assert "申请续借" in text(clerk.get(at("allocation", loan.pk)))
    page = text(
        clerk.post(
            at("allocation_extend", loan.pk), {"last_on": "2020-12-31", "reason": "普查延期"},
            follow=True,
        )
    )  # fmt: skip
    assert "已申请续借，等余建国审批" in page
    more = Allocation.objects.get(extends=loan)
    allotting.approve(city, more)
    page = text(keeper.post(at("allocation_grant_extension", more.pk), follow=True))
    assert "已签发 景借调〔2020〕002号" in page
    answer = keeper.post(at("allocation_grant_extension", more.pk))
    assert (answer.status_code, "现在是使用中" in text(answer)) == (409, True)


def test_rooms_are_asked_for_over_the_api(city: City) -> None:
    wish = {"way": "SWAP", "reason": "内设机构增加", "wanted_m2": "40", "persons_BELOW_BUREAU": 20}
    clerk, url = client_of(city, "clerk"), "/api/space/allocations/new"
    answer = clerk.post(url, wish, content_type="application/json").json()
    assert [one["field"] for one in answer["findings"]] == ["refusal_REALLOCATE"]
    told = wish | {"refusal_REALLOCATE": "没有合适的", "back": [str(city.room("104").pk)]}
    done = clerk.post(url, told, content_type="application/json").json()
    assert (done["state"], done["said"]) == ("PENDING", "已提交，等余建国审批")
    made = Allocation.objects.get()
    assert [row.persons for row in made.needs.all()] == [20]
    assert made.rooms.get().room == city.room("104")
    mend = f"/api/space/allocations/{made.pk}/mend"
    assert clerk.post(mend, told, content_type="application/json").status_code == 409


def test_rooms_are_given_over_the_api(city: City) -> None:
    made = allotting.agreed(city)
    url = f"/api/space/allocations/{made.pk}/grant"
    keeper = client_of(city, "keeper")
    answer = keeper.post(url, {"rooms": []}, content_type="application/json")
    assert (answer.status_code, answer.json()["findings"][0]["field"]) == (422, "rooms")
    body = {"rooms": [str(city.room(number).pk) for number in ("201", "202")]}
    done = keeper.post(url, body, content_type="application/json").json()
    assert (done["state"], done["said"]) == (
        "RESERVED", "已签发 景调配〔2020〕001号，等市农业农村局接收房间",
    )  # fmt: skip
    assert keeper.post(url, body, content_type="application/json").status_code == 409


def test_rent_is_written_down_with_its_document(city: City) -> None:
    refusals = {AllocationMethod.REALLOCATE: "没有空房", AllocationMethod.SWAP: "没有可换的"}
    made = allotting.agreed(city, allotting.wish(way=AllocationMethod.RENT, refusals=refusals))
    keeper = client_of(city, "keeper")
    page = text(keeper.get(at("allocation", made.pk)))
    assert "前一方式不能采用的理由" in page
    assert "没有可换的" in page
    given = {"place": "瓷都大道 88 号", "gross_m2": "400", "since_on": "2020-05-20"}
    page = text(keeper.post(at("allocation_outside", made.pk), given))
    assert "没有租用的批准文号" in page
    given["document"] = "景府办〔2020〕9号"
    page = text(keeper.post(at("allocation_outside", made.pk), given, follow=True))
    assert "已登记，签发 景调配〔2020〕001号" in page


def test_a_clearance_is_opened_sent_back_and_called_off_by_the_pages(city: City) -> None:
    keeper, clerk = client_of(city, "keeper"), client_of(city, "clerk")
    page = text(keeper.get(at("clearance_new") + "?unit=农业农村局"))
    for each in ("常委楼 102", "调离退休 1 个月内", "免去兼职 2 个月内"):
        assert each in page, each
    assert "您的范围内没有“林业局”" in text(keeper.get(at("clearance_new") + "?unit=林业局"))
    given = {"unit": "3602D036", "reason": "LEFT", "begins_on": "2020-05-04", "person": "占小青",
             "rooms": [city.room("102").pk]}  # fmt: skip
    page = text(keeper.post(at("clearance_new"), given | {"person": "无此人"}))
    assert "这个单位没有这个人" in page
    page = text(keeper.post(at("clearance_new"), given, follow=True))
    assert "已发起腾退，市农业农村局6月4日前移交" in page
    made = Clearance.objects.get()
    assert made.person == city.people["deputy"]
    answer = keeper.post(at("clearance_accept", made.pk), {"on": "2020-05-20"})
    assert (answer.status_code, "现在是待移交" in text(answer)) == (409, True)
    page = text(clerk.get(at("clearance_hand_back", made.pk)))
    for each in ('value="2020-05-20"', "钥匙、门禁一并交出", "不移交", "1 间 20.0 ㎡"):
        assert each in page, each
    clerk.post(at("clearance_hand_back", made.pk), {"on": "2020-05-20"})
    page = text(
        keeper.post(at("clearance_send_back", made.pk), {"reason": "没有清空"}, follow=True)
    )
    assert "没有清空" in page
    page = text(keeper.post(at("clearance_call_off", made.pk), {"reason": "留用"}, follow=True))
    assert "已撤销" in page
    made.refresh_from_db()
    assert made.state == ClearanceState.CALLED_OFF


def test_another_unit_and_who_has_no_duty_see_nothing_of_it(city: City) -> None:
    made = allotting.handed_over(city, "204", what=allotting.wish(back=(city.room("104").pk,)))
    clearance = Clearance.objects.get()
    for who in ("stranger", "stranger_chief"):
        client = client_of(city, who)
        assert client.get(at("allocation", made.pk)).status_code == 404
        assert client.get(at("clearance", clearance.pk)).status_code == 404
        assert made.number not in text(client.get(at("allocations") + "?view=in_use"))
        assert clearance.number not in text(client.get(at("clearances_list") + "?view=all"))
        assert client.post(at("allocation_call_off", made.pk), {"reason": "x"}).status_code in {
            403, 404,
        }  # fmt: skip
    assert client_of(city, "inspector").get(at("allocation", made.pk)).status_code == 404
    for who in ("clerk", "supervisor", "keeper"):
        client = client_of(city, who)
        assert made.number in text(client.get(at("allocations") + "?view=in_use"))
        assert client.get(at("clearance", clearance.pk)).status_code == 200
    page = text(client_of(city, "supervisor").get(at("allocation", made.pk)))
    for act in (">取消调配<", ">选房<", ">交接<", ">申请续借<"):
        assert act not in page.replace("<b>选房</b>", "").replace("<b>交接</b>", "")


def test_a_signature_that_is_none_is_none() -> None:
    from guanjia.domains.space.pages.handing_over import drawn  # noqa: PLC0415 — read before Django is ready

    assert drawn(SIGNATURE) == PNG
    assert drawn("") is None
    assert drawn("data:image/png;base64,@@@") is None
    assert drawn("data:image/svg+xml;base64,AAAA") is None
