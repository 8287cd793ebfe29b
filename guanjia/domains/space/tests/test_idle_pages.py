"""The pages of idle rooms and disposals: what is seen, what is not, what is done from them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import disposal_deals
from guanjia.domains.space.models import Disposal
from guanjia.domains.space.notices import disposals as notices
from guanjia.domains.space.terms.disposals import DisposalWay
from guanjia.domains.space.tests import idle_scenes as scenes
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden
from guanjia.ui.tests.reading import flat

FOLDER = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
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


def test_a_room_is_leased_all_the_way_by_its_pages(city: City) -> None:
    keeper, room = client_of(city, "keeper"), city.room("201")
    page = text(keeper.get(at("idle_room", room.pk)))
    assert "2019年1月1日，" in page
    told = {"cause": "CLEARED", "plan": "LEASE", "note": "", "on": "2020-05-20"}
    assert "腾退交回" in text(keeper.post(at("idle_tell", room.pk), told, follow=True))
    wish = {"rooms": [room.pk], "way": "LEASE", "reason": "长期空置"}
    page = text(keeper.post(at("disposal_new"), wish, follow=True))
    made = Disposal.objects.get()
    assert f"已登记 {made.number}，登记评估后报批" in page

    def post(what: str, **given: str) -> str:
        return text(keeper.post(at(f"disposal_{what}", made.pk), given, follow=True))

    post("value", valuation="3,000.00", valuer="瓷都评估所", valued_on="2020-05-20")
    assert "已报批，等冯海" in post("send")
    early = keeper.post(at("disposal_carry", made.pk), {})
    assert (early.status_code, "补填批准文号" in text(early)) == (422, True)
    early = keeper.get(at("disposal_carry", made.pk))
    assert (early.status_code, "现在是待审批" in text(early)) == (409, True)
    scenes.decide(city, made)
    lease = {
        "document": "景机管房〔2020〕9号", "paper": "HT-1", "on": "2020-05-20",
        "last_on": "2021-05-19", "party": "昌江文化公司", "rent": "3200", "every": "6",
    }  # fmt: skip
    refused = post("carry", **{**lease, "last_on": "2030-05-19"})
    assert "一次出租不超过五年" in refused
    assert 'value="昌江文化公司"' in refused
    assert "已办理出租，2 笔收入待缴库" in post("carry", **lease)
    income = made.incomes.first()
    assert income is not None
    paid = {"receipt": "FS2020001", "paid": "19200", "paid_on": "2020-05-20", "note": ""}
    page = text(keeper.post(at("income_pay", income.pk), paid, follow=True))
    assert "已登记缴库 19,200.00 元，还有 1 笔" in page
    assert "FS2020001" in page
    page = post("back", on="2020-05-20", note="")
    assert "收回日期早于开始使用" in page


def words(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", "", page[page.index("<main") :])


def test_an_exchange_says_the_other_side_the_difference_and_what_comes_in(city: City) -> None:
    made = scenes.agreed(city, "201", way=DisposalWay.EXCHANGE)
    keeper = client_of(city, "keeper")
    form = words(text(keeper.get(at("disposal_carry", made.pk))))
    comes_in = "换入的房屋另在楼栋台账、房间台账登记"
    for said in ("置换对方", "补差价", comes_in, "置换日期起移出台账"):
        assert said in form, said
    given = {
        "document": "景机管房〔2020〕9号", "paper": "ZH-1", "on": "2020-05-20",
        "party": "市档案馆", "price": "1200",
    }  # fmt: skip
    page = words(text(keeper.post(at("disposal_carry", made.pk), given, follow=True)))
    assert comes_in in page
    for said in ("置换对方市档案馆", "置换日期2020年5月20日", "补差价1,200.00元"):
        assert said in page, said
    for wrong in ("使用方", "期限2020年", "成交价"):
        assert wrong not in page, wrong


def test_a_room_says_by_what_it_left_the_ledger_and_what_is_under_way(city: City) -> None:
    gone = scenes.carried(city, "201", way=DisposalWay.AUCTION)
    waits = scenes.requested(city, "202")
    keeper, clerk = client_of(city, "keeper"), client_of(city, "clerk")
    page = words(text(keeper.get(at("room", city.room("201").pk))))
    assert f"拍卖，2020-05-20起不在台账{gone.number}" in page.replace("已办结", "")
    assert waits.number in text(keeper.get(at("room", city.room("202").pk)))
    assert gone.number not in text(clerk.get(at("room", city.room("101").pk)))
    inspector = client_of(city, "inspector")
    assert waits.number not in text(inspector.get(at("room", city.room("202").pk)))


def test_what_is_refused_keeps_what_was_ticked_and_says_why(city: City) -> None:
    keeper = client_of(city, "keeper")
    wish = {"rooms": [city.room("101").pk], "way": "LEASE", "reason": "x"}
    response = keeper.post(at("disposal_new"), wish)
    assert response.status_code == 422
    assert "不得出租" in text(response)
    assert "第二十三条" in text(response)
    wish = {"rooms": [city.room("201").pk], "way": "PUBLIC", "reason": "x", "to_unit": "没有的局"}
    page = text(keeper.post(at("disposal_new"), wish))
    assert "单位名录中没有“没有的局”" in page
    assert f'value="{city.room("201").pk}" checked' in page


def test_the_sums_open_their_rows(city: City) -> None:
    scenes.carried(city, "201", way=DisposalWay.PUBLIC, last_on=None)
    keeper = client_of(city, "keeper")
    page = text(keeper.get(at("idle")))
    assert "103.0 ㎡" in page
    assert "养老" in page
    listed = text(keeper.get(at("idle_list") + "?view=all"))
    assert "202" in listed
    assert "103.0" in listed
    before = f"{TODAY - timedelta(days=1):%Y-%m-%d}"
    assert "127.0" in text(keeper.get(at("idle_list") + f"?view=all&on={before}"))
    page = text(keeper.get(at("disposals_list") + "?view=all&purpose=ELDERLY"))
    assert Disposal.objects.get().number in page


def test_a_unit_sees_what_it_got_and_nothing_else(city: City) -> None:
    mine = scenes.carried(city, "201", way=DisposalWay.REALLOCATE)
    other = scenes.carried(city, "204")
    stranger = client_of(city, "stranger")
    assert mine.number in text(stranger.get(at("disposals_list") + "?view=all"))
    assert stranger.get(at("disposal", mine.pk)).status_code == 200
    assert stranger.get(at("disposal", other.pk)).status_code == 404
    assert other.number not in text(stranger.get(at("disposals_list") + "?view=all"))
    assert stranger.get(at("disposal_carry", mine.pk)).status_code == 403
    assert stranger.get(at("idle_room", city.room("202").pk)).status_code == 404


def test_who_looks_only_is_offered_no_act(city: City) -> None:
    made = scenes.agreed(city)
    page = text(client_of(city, "supervisor").get(at("disposal", made.pk)))
    carry, drop = at("disposal_carry", made.pk), at("disposal_call_off", made.pk)
    assert carry not in page
    assert drop not in page
    mine = text(client_of(city, "keeper").get(at("disposal", made.pk)))
    assert carry in mine
    assert drop in mine


def test_the_chosen_rooms_stand_first(city: City) -> None:
    made = scenes.requested(city, "204", "B101")
    for where in (
        at("disposal_change", made.pk),
        f"{at('disposal_new')}?rooms={city.room('B101').pk}&rooms={city.room('204').pk}",
    ):
        page = text(client_of(city, "keeper").get(where))
        shown = re.findall(r'name="rooms" value="(\d+)"( checked)?', page)
        numbers = {str(room.pk): number for number, room in city.rooms.items()}
        assert [(numbers[pk], bool(ticked)) for pk, ticked in shown] == [
            ("204", True), ("B101", True), ("201", False), ("202", False),
        ]  # fmt: skip


def test_the_unit_that_gets_rooms_is_told(city: City) -> None:
    scenes.carried(city, "201", way=DisposalWay.REALLOCATE)
    told = Notice.objects.get(kind="space.disposal_carried")
    assert told.person == city.people["stranger"]
    assert told.title.startswith("闲置用房调剂使用：常委楼 201")


def test_keepers_are_told_of_late_money_and_of_ends_once(city: City) -> None:
    made = scenes.carried(city, "201")
    late = AT + timedelta(days=16)
    disposal_deals.remind(at=late)
    disposal_deals.remind(at=late)
    told = Notice.objects.filter(kind="space.income_late", person=city.people["keeper"])
    assert [one.title for one in told] == ["处置收入逾期未缴库：9,600.00 元"]
    end = AT + timedelta(days=350)
    disposal_deals.remind(at=end)
    disposal_deals.remind(at=end + timedelta(days=1))
    ending = Notice.objects.filter(kind="space.use_ending", person=city.people["keeper"])
    assert ending.count() == 1
    assert made.last_on is not None


def test_the_unit_that_uses_the_rooms_is_told_of_the_end_too(city: City) -> None:
    made = scenes.agreed(
        city, "201", way=DisposalWay.PUBLIC, to_unit_id=city.units["other"].pk, party=""
    )
    last = TODAY + timedelta(days=100)
    disposal_deals.carry_out(
        actor=city.actor("keeper"), reuse_id=made.pk,
        carried=scenes.facts(rent_fen=0, every=0, platform="", last_on=last), at=AT,
    )  # fmt: skip
    for day in (39, 40, 41, 99):
        disposal_deals.remind(at=AT + timedelta(days=day))
    told = Notice.objects.filter(kind="space.use_ending")
    assert sorted({one.person.name for one in told}) == ["冯海", "彭敏瓷", "洪涛"]
    assert told.filter(person=city.people["stranger"]).count() == 1
    assert told.filter(person=city.people["clerk"]).count() == 0


FACTS = {
    "number": "FC202000001", "what": "出租", "place": "常委楼 201、常委楼 202",
    "user": "昌江文化公司", "since": "5月20日", "until": "2021年5月19日", "over": False,
    "count": 1, "title": "租金 2020-05-20 至 2020-08-19", "owed": "9,600.00 元", "due": "6月4日",
}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    "space.income_late.many": {"count": 3, "owed": "28,800.00 元"},
    "space.use_ending.over": {"over": True},
    "space.disposal_carried.open": {"until": "", "what": "养老"},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before
