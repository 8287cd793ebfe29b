"""The pages, the registers and the notices of 周转房."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import rents
from guanjia.domains.space.models import Occupant, RentPayment, RoomSpell, Tenancy
from guanjia.domains.space.notices import tenancies as notices
from guanjia.domains.space.registers.tenancies import TENANCIES
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.terms.tenancies import TenancyState
from guanjia.domains.space.tests import books
from guanjia.domains.space.tests import tenancy_scenes as scenes
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


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_somebody_moves_in_pays_and_leaves_by_the_pages(city: City) -> None:
    keeper, cashier = client_of(city, "keeper"), client_of(city, "cashier")
    assert "常委楼 B101" in text(keeper.get(at("tenancy_new")))
    wish = {
        "room": city.room("B101").pk, "tenant": "贺思", "kind": "EXCHANGE",
        "since_on": "2020-03-16", "last_on": "2022-03-15", "document": "", "note": "",
    }  # fmt: skip
    page = text(keeper.post(at("tenancy_new"), {**wish, "last_on": "2030-03-15"}))
    assert "本局参数：周转房一次签约不超过三年" in page
    page = text(keeper.post(at("tenancy_new"), wish, follow=True))
    assert "贺思 已登记入住 常委楼 B101" in page
    made = Tenancy.objects.get()
    desk = text(cashier.get(at("rent_desk")))
    assert "509.52 元" in desk
    months = [rent.pk for rent in made.rents.all()]
    take = {
        "rents": months[:2], "amount": "307.02", "receipt": "PJ1", "by": "TRANSFER",
        "paid_on": "2020-05-20",
    }  # fmt: skip
    response = cashier.post(at("tenancy_take", made.pk), {**take, "amount": "370.02"})
    assert response.status_code == 422
    assert "应收 307.02 元，填的是 370.02 元" in text(response)
    assert f'value="{months[1]}" aria-label="收 2020-04" checked' in text(response)
    page = text(cashier.post(at("tenancy_take", made.pk), take, follow=True))
    assert "已收 贺思 2020-03、2020-04 租金 307.02 元，票据 PJ1" in page
    gone = {"on": "2020-05-20", "condition": "FINE", "note": "", "keys": "2", "damage": ""}
    page = text(keeper.post(at("tenancy_back", made.pk), gone, follow=True))
    assert "还欠租金 124.11 元" in page
    assert "已退房" in page
    response = keeper.post(at("tenancy_renew", made.pk), {"last_on": "2023-03-15"})
    assert (response.status_code, "现在是已退房" in text(response)) == (409, True)


def test_the_cashier_sees_the_sum_in_words_and_types_it_anew(city: City) -> None:
    made = scenes.moved_in(city)
    page = text(client_of(city, "cashier").get(at("tenancy_take", made.pk)))
    assert "叁佰零柒元零贰分" in page
    assert 'name="amount"' in page
    assert 'value="104.52"' not in page
    response = client_of(city, "cashier").post(at("tenancy_take", made.pk), {"amount": "1"})
    assert (response.status_code, "补填票据号" in text(response)) == (422, True)
    told = {"amount": "1", "receipt": "PJ1", "by": "CASH", "paid_on": "2020-05-20"}
    page = text(client_of(city, "cashier").post(at("tenancy_take", made.pk), told))
    assert "没有选要收的月份" in page


def test_the_cashier_sees_which_months_are_late_and_of_which_the_tenant_was_told(
    city: City,
) -> None:
    made = scenes.moved_in(city)
    cashier = client_of(city, "cashier")

    def months() -> list[str]:
        page = text(cashier.get(at("tenancy_take", made.pk)))
        rows = re.findall(r"<tr>.*?</tr>", page[page.index("大写</th>") :], re.DOTALL)
        return [re.sub(r"<[^>]+>|\s", "", row) for row in rows]

    assert [("欠交" in row, "提醒过" in row) for row in months()] == 3 * [(True, False)]
    rents.remind(at=AT)
    assert "5月10日应交欠交5月20日提醒过" in months()[-1]


def test_a_payment_is_made_void_with_its_reason(city: City) -> None:
    made = scenes.moved_in(city)
    done = scenes.paid(city, made)
    cashier = client_of(city, "cashier")
    page = cashier.post(at("payment_void", done.pk), {"reason": "刷错人"}, follow=True)
    assert "已作废票据 PJ0001，2020-03 重新待交" in text(page)
    assert RentPayment.objects.get().voided_at == AT


def test_people_find_whom_they_look_for(city: City) -> None:
    scenes.moved_in(city)
    cashier = client_of(city, "cashier")
    for words in ("贺", "D036017", "B101"):
        assert "贺思" in text(cashier.get(at("rent_desk"), {"words": words}))
    assert "没有找到" in text(cashier.get(at("rent_desk"), {"words": "张三"}))


def test_a_tenant_reads_the_own_page_and_no_other(city: City) -> None:
    mine = scenes.moved_in(city, "clerk")
    page = text(client_of(city, "clerk").get(at("tenancy", mine.pk)))
    assert "欠 3 个月" in page
    assert "退房验房" not in page
    assert client_of(city, "stranger").get(at("tenancy", mine.pk)).status_code == 404
    assert client_of(city, "clerk").get(at("tenancy_take", mine.pk)).status_code == 403


def test_who_left_shows_until_when_and_by_what(city: City) -> None:
    made = scenes.moved_in(city)
    keeper = client_of(city, "keeper")
    page = keeper.post(at("tenancy_left", made.pk), {"left_on": "2020-05-10"}, follow=True)
    assert "已登记离任，2020-06-10 前退房" in text(page)
    assert "规则：本局参数：调离、离任后一个月内退还周转房" in text(page)
    assert at("tenancy_renew", made.pk) not in text(page)


# ── the ledger from Excel ────────────────────────────────────────────────────────────────

ROW: dict[str, Any] = {
    "compound": "市发展中心北苑", "building": "常委楼", "number": "B101", "tenant": "D036017",
    "kind": "交流任职", "since_on": "2019-03-16", "last_on": "2021-03-15", "ended_on": None,
    "document": None, "note": None,
}  # fmt: skip


def test_a_ledger_of_tenants_is_taken_in_once(city: City) -> None:
    rows = [
        ROW | {"tenant": "D036016", "since_on": "2019-01-01", "last_on": "2019-03-01",
               "ended_on": "2019-03-16"},
        ROW,
    ]  # fmt: skip
    for counts in ((2, 0), (0, 0)):
        assert books.counts(books.take(city, TENANCIES, *rows))[:2] == counts
    old, now = Tenancy.objects.order_by("since_on")
    assert (old.state, now.state) == (TenancyState.RETURNED, TenancyState.RUNNING)
    spell = RoomSpell.objects.filter(room=now.room).on(TODAY).get()
    assert spell.state == "IN_USE"
    assert spell.during.lower == TODAY
    assert Occupant.objects.on(TODAY).get(room=now.room).person == city.people["sitter"]
    rents.raise_all(at=AT)
    assert [one.month for one in now.rents.all()] == [date(2020, 5, 1)]


def test_a_ledger_that_says_somebody_left_empties_the_room(city: City) -> None:
    books.take(city, TENANCIES, ROW)
    report = books.take(city, TENANCIES, ROW | {"ended_on": "2020-05-20"})
    assert books.counts(report) == (0, 1, 0)
    assert Tenancy.objects.get().state == TenancyState.RETURNED
    assert RoomSpell.objects.filter(room=city.room("B101")).on(TODAY).get().state == "VACANT"


def test_what_a_ledger_may_not_say(city: City) -> None:
    for rows, code in (
        ([ROW | {"number": "999"}], "room_unknown"),
        ([ROW | {"number": "201"}], "no_quarters"),
        ([ROW | {"tenant": "X1"}], "person_unknown"),
        ([ROW | {"last_on": "2019-03-16"}], "ends_before"),
        ([ROW | {"ended_on": "2020-05-21"}], "in_the_future"),
        ([ROW, ROW | {"tenant": "D036016", "since_on": "2019-05-01"}], "lived_in"),
    ):
        report = books.take(city, TENANCIES, *rows)
        assert [fault.code for fault in report.errors] == [code]


def test_a_ledger_does_not_overlap_with_who_lives_there(city: City) -> None:
    made = scenes.moved_in(city)
    report = books.take(city, TENANCIES, ROW | {"tenant": "D036016"})
    assert [fault.code for fault in report.errors] == ["lived_in"]
    assert made.number in report.errors[0].message


# ── words ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (20_250, "贰佰零贰元伍角整"),
        (30_702, "叁佰零柒元零贰分"),
        (100_000, "壹仟元整"),
        (1_005_000, "壹万零伍拾元整"),
        (10_000_000, "壹拾万元整"),
        (1_000_100_001, "壹仟万壹仟元零壹分"),
        (12_345_678, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        (10_000_000_010, "壹亿元壹角整"),
    ],
)
def test_a_sum_is_written_out(fen: int, said: str) -> None:
    assert rules.in_words(fen) == said


def test_tenants_and_keepers_are_told_in_time_once(city: City) -> None:
    made = scenes.moved_in(city)
    rents.remind(at=AT)
    rents.remind(at=AT + timedelta(days=1))
    late = Notice.objects.filter(kind="space.rent_late")
    assert {one.person for one in late} == {city.people["sitter"], city.people["cashier"]}
    assert {one.title for one in late} == {"周转房租金欠交：509.52 元"}
    assert "到收费处交清" in late.get(person=city.people["sitter"]).body
    assert "收到的在周转房收租登记" in late.get(person=city.people["cashier"]).body
    soon = AT.replace(year=2022, month=2, day=20)
    for when in (soon, soon + timedelta(days=1), soon + timedelta(days=40)):
        rents.remind(at=when)
    mine = Notice.objects.filter(kind="space.tenancy_ending", person=made.tenant).order_by("pk")
    assert [one.title for one in mine] == [
        "周转房快到期：常委楼 B101", "周转房已超期未退：常委楼 B101",
    ]  # fmt: skip


FACTS = {
    "number": "ZZ202000001", "room": "周转楼 301", "tenant": "贺思", "months": "2020-04、2020-05",
    "owed": "405.00 元", "desk": False, "end": "2022年3月15日", "over": False, "left": False,
}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    "space.rent_late.desk": {"desk": True},
    "space.tenancy_ending.over": {"over": True},
    "space.tenancy_ending.left": {"left": True, "end": "6月10日"},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before
