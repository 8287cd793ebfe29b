"""委托 in the browser: lent for a leave, taken back, looked after by the keepers."""

from datetime import date, timedelta
from typing import Any

import pytest

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.models import Case, Delegation
from guanjia.kernel.org.tests.builders import person
from guanjia.kernel.values.actor import Reach

MINE, ALL = "/me/delegations/", "/delegations/"


@pytest.fixture
def given(city: Any) -> dict[str, str]:
    """A leave of three days from today."""
    return {
        "person": str(city.person("colleague").pk),
        "since": "2020-05-20",
        "last": "2020-05-22",
        "reason": "出差",
    }


def text(client: Any, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def refused(client: Any, given: dict[str, str], sentence: str) -> None:
    answer = client.post(MINE, given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert sentence in html
    assert f'value="{given["reason"]}"' in html, "what was typed stays"


def test_colleagues_with_an_account_are_offered(city: Any, visit: Any) -> None:
    person("D036088", city.units["farming"], "没账号")
    html = text(visit("approver"), MINE)
    assert "贺思 · 市农业农村局" in html
    assert "莫兴" in html, "a section belongs to the unit"
    for absent in ("没账号", "洪涛", "熊燕欣", "邵红 · "):
        assert absent not in html


def test_a_leave_counts_its_last_day(
    city: Any, visit: Any, clock: Any, given: dict[str, str]
) -> None:
    client = visit("approver")
    answer = client.post(MINE, given, follow=True)
    html = answer.content.decode()
    assert "5月20日至22日由贺思代您审批" in html
    assert "进行中" in html
    lent = Delegation.objects.get()
    assert (lent.since, lent.until) == (date(2020, 5, 20), date(2020, 5, 23))
    clock.shift(timedelta(days=2))
    assert "进行中" in text(visit("approver"), MINE), "22 May is still lent"
    clock.shift(timedelta(days=1))
    html = text(visit("approver"), MINE)
    assert "已结束" in html
    assert "收回委托" not in html


def test_what_comes_meanwhile_goes_to_the_colleague(
    city: Any, visit: Any, given: dict[str, str]
) -> None:
    visit("head").post(MINE, {**given, "person": str(city.person("clerk").pk)})
    visit("approver").post(MINE, given)
    case = Case.objects.get(subject_id=city.requested().pk)
    assert {p.name for p in queries.deciders(case)} == {"贺思", "占小青"}
    assert "邵红" in text(visit("colleague"), MINE), "the colleague sees for whom"
    lent = Delegation.objects.get(principal=city.person("approver"))
    visit("approver").post(f"{ALL}{lent.pk}/end/")
    assert {p.name for p in queries.deciders(case)} == {"邵红", "占小青"}


def test_a_refusal_stands_at_its_field(city: Any, visit: Any, given: dict[str, str]) -> None:
    client = visit("approver")
    refused(client, {**given, "last": "2020-05-19"}, "最后一天在第一天之前")
    refused(client, {**given, "last": "明天"}, "写成 2020-05-08 这样的日期")
    past = {"since": "2020-05-11", "last": "2020-05-12"}
    refused(client, {**given, **past}, "这段时间已经过去。写今天或以后的日期。")
    refused(client, {**given, "last": "2022-01-01"}, "一次最多委托 366 天。")
    refused(client, {**given, "last": "9999-12-31"}, "写近一点的日期")
    refused(client, {**given, "reason": ""}, "没有填事由")
    stranger = {**given, "person": str(city.person("stranger").pk)}
    refused(client, stranger, "从名单中选一位同事")
    refused(client, {**given, "person": ""}, "没有选受托人")
    assert not Delegation.objects.exists()
    assert client.post(MINE, given).status_code == 302
    refused(client, {**given, "since": "2020-05-22", "last": "2020-05-30"}, "这段时间已委托贺思。")
    back = {**given, "person": str(city.person("approver").pk)}
    refused(visit("colleague"), back, "会绕成一圈。")
    assert Delegation.objects.count() == 1


def test_somebody_takes_their_own_back_and_nobody_elses(
    city: Any, visit: Any, given: dict[str, str]
) -> None:
    client = visit("approver")
    client.post(MINE, given)
    lent = Delegation.objects.get()
    for who in ("colleague", "head", "stranger", "secadmin"):
        assert visit(who).post(f"{ALL}{lent.pk}/end/").status_code == 404
    lent.refresh_from_db()
    assert lent.ended_at is None
    answer = client.post(f"{ALL}{lent.pk}/end/", follow=True)
    html = answer.content.decode()
    assert "已收回，贺思不再代您审批" in html
    assert "已收回" in text(client, MINE)
    assert client.get(f"{ALL}{lent.pk}/end/").status_code == 405


def test_a_keeper_sees_and_ends_those_of_their_units(
    city: Any, visit: Any, given: dict[str, str]
) -> None:
    home = city.units["farming"]
    city.join("liucheng", person("D055015", city.units["bureau"], "钱兰志"),
              ("approvals.keeper", Reach.CITY, None))  # fmt: skip
    city.join("local", person("D040099", city.units["other"], "别局"),
              ("approvals.keeper", Reach.BELOW, city.units["other"]))  # fmt: skip
    visit("approver").post(MINE, given)
    visit("head").post(
        MINE, {**given, "person": str(city.person("clerk").pk), "since": "2020-05-21"}
    )
    first, second = Delegation.objects.order_by("since")
    keeper, local = visit("liucheng"), visit("local")
    html = text(keeper, ALL)
    assert "邵红" in html
    assert home.shown in html
    assert "余建国" not in text(keeper, ALL, state="now")
    assert "余建国" in text(keeper, ALL, state="ahead")
    assert "邵红" in text(keeper, ALL, q="贺思")
    assert "没有符合条件的委托" in text(keeper, ALL, q="无此人")
    assert "没有人登记过委托" in text(local, ALL)
    assert local.post(f"{ALL}{first.pk}/end/").status_code == 404
    assert visit("approver").get(ALL).status_code == 403
    answer = keeper.post(f"{ALL}{first.pk}/end/", {"next": f"{ALL}?q=贺思"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(ALL)
    assert "已收回，贺思不再代邵红审批" in text(keeper, ALL)
    first.refresh_from_db()
    assert first.ended_at is not None
    second.refresh_from_db()
    assert second.ended_at is None


def test_an_account_of_nobody_has_nothing_to_lend(visit: Any, given: dict[str, str]) -> None:
    client = visit("sysadmin")
    assert "没有可委托的审批" in text(client, MINE)
    answer = client.post(MINE, given)
    assert answer.status_code == 422
    assert "这个账号没有对应的人员。" in answer.content.decode()


def test_the_way_there_is_on_ones_own_page(visit: Any) -> None:
    assert MINE in text(visit("approver"), "/me/")


def test_days_beyond_the_lease_are_ones_own(
    city: Any, visit: Any, clock: Any, given: dict[str, str], at: Any
) -> None:
    visit("approver").post(MINE, given)
    clock.move_to(at + timedelta(days=3))
    case = Case.objects.get(
        subject_id=city.requested(
            at=at + timedelta(days=5), planned_from=at + timedelta(days=6, hours=1),
            planned_to=at + timedelta(days=6, hours=2),
        ).pk
    )  # fmt: skip
    assert "贺思" not in {p.name for p in queries.deciders(case)}
