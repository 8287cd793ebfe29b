"""操作记录 in Chinese, with its filters and its check."""

from typing import Any

import pgtrigger
import pytest
from django.urls import reverse

from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.actor import Actor, Held, Reach
from guanjia.portal import places, words


def text(client: Any, url: str = "/audit/", **query: Any) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_trail_says_in_chinese_who_did_what(city: Any, visit: Any) -> None:
    trip = city.dispatched()
    html = text(visit("auditor"), words=trip.number)
    for said in ("熊燕欣", "派车", "邵红", "同意用车", "申请用车", "派车单", "待派车", "已派车"):
        assert said in html, said
    assert "fleet.trip" not in html.partition("<tbody>")[2]


def test_filters_narrow(city: Any, visit: Any) -> None:
    city.dispatched()
    client = visit("auditor")
    assert "邵红" not in text(client, name="熊燕欣").partition("<tbody>")[2]
    body = text(client, verb="fleet.trip.dispatched").partition("<tbody>")[2]
    assert "熊燕欣" in body
    assert "邵红" not in body
    assert "没有符合条件的记录" in text(client, first="2021-01-01")
    assert "没有符合条件的记录" in text(client, last="2019-12-31")
    assert "熊燕欣" in text(client, first="nonsense")


def test_the_trail_is_for_whoever_has_the_duty(city: Any, visit: Any) -> None:
    assert visit("asker").get("/audit/").status_code == 403
    assert visit("sysadmin").get("/audit/").status_code == 403
    html = text(visit("supervisor"))
    assert "核验" not in html
    assert visit("supervisor").post("/audit/verify/").status_code == 403


def test_the_check_passes_and_finds_a_changed_record(city: Any, visit: Any) -> None:
    client = visit("auditor")
    assert "核验通过。" in client.post("/audit/verify/").content.decode()
    assert client.get("/audit/verify/").status_code == 405
    record = Record.objects.order_by("pk").first()
    assert record is not None
    with pgtrigger.ignore("audit.Record:append_only"):
        Record.objects.filter(pk=record.pk).update(name="别人")
    html = client.post("/audit/verify/").content.decode()
    assert "核验不通过。" in html
    assert "内容与封存时不一致。" in html


def test_the_cost_does_not_grow_with_the_rows(
    city: Any, visit: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        city.approved()
    client = visit("auditor")
    client.get("/audit/")
    with django_assert_max_num_queries(8):
        client.get("/audit/")


@pytest.mark.parametrize(
    ("on_type", "name", "value", "said"),
    [
        ("fleet.trip", "state", "APPROVED", "待派车"),
        ("fleet.trip", "planned_from", "2020-05-20T08:30:00+08:00", "2020-05-20 08:30"),
        ("fleet.trip", "reason", "", "—"),
        ("access.account", "duty", "fleet.driver", "驾驶员"),
        ("access.account", "reach", "BELOW", "本单位及下级"),
        ("gone.model", "x", [1, 2], "1、2"),
        ("fleet.trip", "x", True, "是"),
    ],
)
def test_values_are_shown_in_words(on_type: str, name: str, value: Any, said: str) -> None:
    assert words.shown(on_type, name, value) == said


def test_fields_have_titles() -> None:
    assert words.field_title("fleet.trip", "planned_from") == "计划出车时间"
    assert words.field_title("fleet.trip", "unit_id") == "申请单位"
    assert words.field_title("gone.model", "reach") == "数据范围"


def test_a_row_is_linked_only_for_who_may_open_its_page() -> None:
    reader = Actor(name="审计", held=())
    keeper = Actor(
        name="系统",
        held=(
            Held(
                duty="access.system",
                title="系统管理员",
                verbs=frozenset({"access.account.see"}),
                reach=Reach.CITY,
            ),
        ),
    )
    assert places.page_of("access.account", 7, actor=keeper).endswith("/7/")
    assert places.page_of("access.account", 7, actor=reader) == ""
    assert places.page_of("nobody.knows", 7, actor=keeper) == ""


@pytest.mark.parametrize("subject", subjects.all_subjects(), ids=lambda subject: subject.model)
def test_the_row_of_every_kind_is_linked_for_who_has_its_field(subject: Subject) -> None:
    sees_all = Held(
        duty="all", title="全部", reach=Reach.CITY,
        verbs=frozenset(verb for duty in duties.all_duties() for verb in duty.reads),
    )  # fmt: skip
    reader = Actor(name="管理员", held=(sees_all,))
    assert places.page_of(subject.model, 7, actor=reader) == reverse(subject.page, args=[7])
    assert places.page_of(subject.model, 7, actor=Actor(name="路人", held=())) == ""
