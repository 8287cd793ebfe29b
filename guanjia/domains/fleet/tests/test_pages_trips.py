"""The page of a trip: what each person sees of it, and which acts they are offered."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import dispatching, journeys, requests
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import HOUR, City
from guanjia.kernel.access import actions as access
from guanjia.kernel.access.tests.builders import AT, LONG_AGO, SYSTEM
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat
from guanjia.ui.trail import act_title

EVENING = AT + 12 * HOUR
# What the buttons of the page do, by the word on them.
ACTS = ("同意", "退回", "转给他人办", "加签", "抄送", "终止", "撤回", "催办", "取消用车",
        "派车", "不派了", "改时间", "改派", "提交评价", "更正里程", "补单", "修改")  # fmt: skip


@pytest.fixture(autouse=True)
def _that_evening() -> Any:
    with time_machine.travel(EVENING, tick=False):
        yield


def signed_in(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(city: City, who: str, trip: Trip) -> str:
    answer = signed_in(city, who).get(reverse("fleet:trip", args=[trip.pk]))
    assert answer.status_code == 200, who
    return flat(answer.content)


def post(city: City, who: str, act: str, trip: Trip, **sent: Any) -> Any:
    return signed_in(city, who).post(reverse(f"fleet:{act}", args=[trip.pk]), sent, follow=True)


def decide(city: City, who: str, act: str, trip: Trip, **sent: Any) -> Any:
    """An act on the approval of a trip, as the buttons of the page send it."""
    case = Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)
    return signed_in(city, who).post(
        reverse(f"portal:case_{act}", args=[case.pk]), sent, follow=True
    )


def text(answer: Any) -> str:
    return flat(answer.content)


def offered(html: str) -> set[str]:
    """The acts whose button or link stands on the page."""
    return {act for act in ACTS if f">{act}</button>" in html or f">{act}</a>" in html}


def tomorrow(hour: int) -> datetime:
    return (AT + timedelta(days=1)).replace(hour=hour)


def ahead(**changes: Any) -> dict[str, Any]:
    return {"planned_from": tomorrow(9), "planned_to": tomorrow(12), **changes}


# ── who sees it ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["asker", "approver", "head", "clerk", "dispatcher", "supervisor"])
def test_those_concerned_see_the_trip(city: City, who: str) -> None:
    html = page(city, who, city.finished())
    assert "春耕调研" in html
    assert "市农业农村局 → 乐平" in html
    assert "80 公里的来历" in html


@pytest.mark.parametrize("who", ["colleague", "stranger", "stranger_boss"])
def test_others_find_nothing(city: City, who: str) -> None:
    trip = city.finished()
    answer = signed_in(city, who).get(reverse("fleet:trip", args=[trip.pk]))
    assert answer.status_code == 404
    assert trip.number not in text(answer)


def test_nobody_signed_in_is_sent_to_sign_in(city: City) -> None:
    trip = city.requested()
    answer = Client().get(reverse("fleet:trip", args=[trip.pk]))
    assert answer["Location"].startswith("/sign-in/")


def test_the_driver_sees_their_trip_and_whom_to_call(city: City) -> None:
    city.drivers["汪杰"].refresh_from_db()
    trip = city.dispatched(**ahead(rider_mobile="13800000000"))
    html = page(city, "driver", trip)
    assert "tel:13800000000" in html
    assert ">出车</a>" in html
    assert offered(html) == set()


def test_phone_numbers_are_masked_for_those_who_need_not_call(city: City) -> None:
    trip = city.dispatched(**ahead(rider_mobile="13800000000"))
    html = page(city, "approver", trip)
    assert "138****0000" in html
    assert "13800000000" not in html
    assert builders.DRIVER_MOBILE not in html


def test_what_belongs_to_others_is_not_shown_in_the_kilometres(city: City) -> None:
    city.recorded("PC2020051900001", unit=city.units["other"], rider_name="洪涛")
    trip = city.finished(start_km=9_860)
    mine, all_of_it = page(city, "asker", trip), page(city, "dispatcher", trip)
    assert "PC2020051900001" in all_of_it
    assert "PC2020051900001" not in mine
    assert "无权查看" in mine
    assert "相接" in mine


# ── which acts ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("who", "acts"),
    [
        ("asker", {"撤回", "催办", "抄送", "取消用车", "修改"}),
        ("approver", {"同意", "退回", "转给他人办", "加签", "抄送", "终止"}),
        ("clerk", set()),
        ("dispatcher", {"取消用车"}),
        ("supervisor", set()),
    ],
)
def test_a_request_offers_each_their_acts(city: City, who: str, acts: set[str]) -> None:
    html = page(city, who, city.requested(**ahead()))
    assert offered(html) == acts
    assert html.partition("<dialog")[0].count("btn-primary") <= 1


@pytest.mark.parametrize(
    ("who", "acts"),
    [
        ("asker", {"取消用车"}),
        ("approver", set()),
        ("dispatcher", {"取消用车", "不派了", "改时间", "改派"}),
    ],
)
def test_a_dispatched_trip_offers_each_their_acts(city: City, who: str, acts: set[str]) -> None:
    assert offered(page(city, who, city.dispatched(**ahead()))) == acts


@pytest.mark.parametrize(
    ("who", "acts"),
    [("asker", {"提交评价"}), ("approver", set()), ("dispatcher", {"更正里程"}), ("driver", set())],
)
def test_a_finished_trip_offers_each_their_acts(city: City, who: str, acts: set[str]) -> None:
    assert offered(page(city, who, city.finished())) == acts


def test_nobody_decides_their_own_request(city: City) -> None:
    access.grant(
        actor=SYSTEM, account_id=city.accounts["approver"].pk, duty="fleet.applicant",
        reach=Reach.OWN, since=LONG_AGO, at=AT,
    )  # fmt: skip
    trip = city.requested(by="approver", **ahead())
    assert offered(page(city, "approver", trip)) & {"同意", "撤回"} == {"撤回"}
    assert "同意" in offered(page(city, "head", trip))


# ── the approval ─────────────────────────────────────────────────────────────────────────


def test_the_next_holder_is_named_and_the_route_has_its_version(city: City) -> None:
    html = page(city, "asker", city.requested(**ahead()))
    assert "余建国、邵红" in html
    assert "用车审批 第 1 版" in html
    assert "核对规则，通过" in html


def test_agreeing_says_whom_it_waits_for_next(city: City) -> None:
    trip = city.requested(**ahead())
    answer = decide(city, "approver", "agree", trip, comment="同意，注意安全")
    assert "已同意，等熊燕欣派车" in text(answer)
    assert "同意，注意安全" in text(answer)
    trip.refresh_from_db()
    assert trip.state == TripState.APPROVED


def test_the_second_decider_is_told_who_was_first(city: City) -> None:
    trip = city.requested(**ahead())
    decide(city, "approver", "agree", trip)
    answer = decide(city, "head", "agree", trip, comment="同意")
    assert answer.redirect_chain == [(f"/fleet/trips/{trip.pk}/", 302)]
    assert 'role="alert"' in text(answer)
    assert "邵红已于" in text(answer)


def test_returning_without_a_word_is_refused_and_the_page_stays(city: City) -> None:
    trip = city.requested(**ahead())
    answer = decide(city, "approver", "return", trip)
    assert "没有写退回意见。" in text(answer)
    assert 'id="case_return" aria-labelledby="case_return_t" data-reopen' in text(answer)
    assert "没有写退回意见。" not in page(city, "approver", trip), "it is told once"
    trip.refresh_from_db()
    assert trip.state == TripState.PENDING


def test_a_returned_request_ends_in_a_red_station_with_its_reason(city: City) -> None:
    trip = city.requested(**ahead())
    decide(city, "approver", "return", trip, comment="写明走访的小区")
    html = page(city, "asker", trip)
    assert 'data-at="stop"' in html
    assert "邵红 写明走访的小区" in html
    assert "修改后再交" in html


def test_a_colleague_who_was_given_the_decision_sees_the_trip_and_decides(city: City) -> None:
    trip = city.requested(**ahead())
    assert signed_in(city, "colleague").get(f"/fleet/trips/{trip.pk}/").status_code == 404
    answer = decide(
        city, "approver", "hand_over", trip, people=city.person("colleague").pk, comment="请代办"
    )
    assert "已转办，等余建国、贺思审批" in text(answer)
    assert "同意" in offered(page(city, "colleague", trip))
    assert "同意" not in offered(page(city, "approver", trip))
    decide(city, "colleague", "agree", trip)
    trip.refresh_from_db()
    assert trip.state == TripState.APPROVED


def test_a_boss_of_another_unit_cannot_decide(city: City) -> None:
    trip = city.requested(**ahead())
    assert decide(city, "stranger_boss", "agree", trip).status_code == 404
    trip.refresh_from_db()
    assert trip.state == TripState.PENDING


# ── the other acts ───────────────────────────────────────────────────────────────────────


def test_withdrawing_and_cancelling(city: City) -> None:
    trip = city.requested(**ahead())
    assert "已撤回" in text(decide(city, "asker", "withdraw", trip))
    refused = post(city, "asker", "trip_cancel", trip)
    assert "没有写取消原因。" in text(refused)
    assert "已取消" in text(post(city, "asker", "trip_cancel", trip, reason="会议改期"))
    html = page(city, "asker", trip)
    assert "莫兴 会议改期" in html
    assert offered(html) == set()


def test_recalling_and_replanning(city: City) -> None:
    trip = city.dispatched(**ahead())
    moved = post(
        city, "dispatcher", "trip_replan", trip,
        planned_from=f"{tomorrow(10):%Y-%m-%dT%H:%M}", planned_to=f"{tomorrow(13):%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    assert "已改时间" in text(moved)
    trip.refresh_from_db()
    assert trip.planned_from == tomorrow(10)
    assert "已收回派车，等熊燕欣派车" in text(post(city, "dispatcher", "trip_recall", trip))


def test_a_time_that_cannot_be_read_is_told_on_the_page(city: City) -> None:
    trip = city.dispatched(**ahead())
    answer = post(city, "dispatcher", "trip_replan", trip, planned_from="明天", planned_to="")
    assert answer.status_code == 422
    assert "写成 2020-05-23 08:00 这样的时间。" in text(answer)


def test_rating_once(city: City) -> None:
    trip = city.finished()
    assert "没有选星级。" in text(post(city, "asker", "trip_rate", trip))
    html = text(post(city, "asker", "trip_rate", trip, stars="5", comment="准时"))
    assert "5 星" in html
    assert "准时" in html
    assert "提交评价" not in offered(html)
    assert post(city, "approver", "trip_rate", trip, stars="1").status_code == 403


def test_a_correction_that_does_not_fit_names_the_neighbour_and_keeps_what_was_typed(
    city: City,
) -> None:
    city.recorded("PC2020051900001")
    trip = city.finished(start_km=9_900, end_km=10_000)
    answer = post(
        city, "dispatcher", "trip_correct", trip, start_km="9000", end_km="10000", reason="抄错"
    )
    assert answer.status_code == 422
    assert "里程接不上" in text(answer)
    assert "PC2020051900001" in text(answer)
    assert "里程表前后相接，不得倒走" in text(answer)
    assert 'value="9000"' in text(answer)
    answer = post(
        city, "dispatcher", "trip_correct", trip, start_km="9860", end_km="10000", reason="抄错"
    )
    html = text(answer)
    assert "已更正里程" in html
    assert "<del>9,900 公里</del> → 9,860 公里" in html


def test_a_doubt_waits_for_the_dispatchers_word(city: City) -> None:
    city.recorded("PC2020051900001")
    trip = city.finished(start_km=9_960, end_km=10_000)  # a hundred kilometres nobody accounts for
    remark = Remark.objects.get(register="fleet.trips", object_id=trip.pk)
    assert "写下说明" in page(city, "dispatcher", trip)
    asker = page(city, "asker", trip)
    assert "待调度员说明。" in asker
    assert "写下说明" not in asker
    address = reverse("fleet:trip_remark_explain", args=[remark.pk])
    assert signed_in(city, "asker").post(address, {"explanation": "x"}).status_code == 403
    answer = signed_in(city, "dispatcher").post(address, {"explanation": "送检往返"}, follow=True)
    assert "送检往返" in text(answer)
    remark.refresh_from_db()
    assert remark.explanation == "送检往返"


def test_a_remark_of_another_register_is_not_answered_here(city: City) -> None:
    city.recorded("PC2020051900001")
    trip = city.finished(start_km=9_960, end_km=10_000)
    remark = Remark.objects.get(object_id=trip.pk)
    address = reverse("fleet:car_remark_explain", args=[remark.pk])
    answer = signed_in(city, "dispatcher").post(address, {"explanation": "x"})
    assert answer.status_code == 404


# ── what it tells ────────────────────────────────────────────────────────────────────────


def test_the_stored_verdict_is_shown_with_its_article_and_day(city: City) -> None:
    html = page(city, "asker", city.dispatched(**ahead()))
    assert "准驾相符。" in html
    assert "《机动车驾驶证申领和使用规定》" in html
    assert "未核对" in html
    assert "按 5月20日、5月21日 有效条文" in html


def test_the_trail_tells_in_chinese_what_changed(city: City) -> None:
    trip = city.requested(**ahead())
    decide(city, "approver", "return", trip, comment="写明去处")
    requests.change_trip(
        actor=city.actor("asker"), trip_id=trip.pk, facts=city.wish(**ahead(reason="走访")),
        at=EVENING,
    )  # fmt: skip
    html = page(city, "asker", trip)
    assert "变更记录 1" in html
    assert "事由：<del>春耕调研</del> → 走访" in html
    assert "fleet.trip." not in html


def test_every_recorded_verb_of_a_trip_has_a_word(city: City) -> None:
    city.finished()
    verbs = Record.objects.filter(on_type="fleet.trip").values_list("verb", flat=True)
    assert all(act_title(verb) for verb in verbs)


def test_a_trip_out_beyond_its_time_is_red(city: City) -> None:
    html = page(city, "dispatcher", city.out())
    assert "逾期未归" in html
    assert "更正里程" not in offered(html)


def test_an_emergency_is_marked_until_papered(city: City) -> None:
    trip = dispatching.dispatch_urgently(
        actor=city.actor("dispatcher"), facts=city.wish(), reason="防汛抢险", at=AT,
        car_id=city.cars[builders.SMALL].pk, driver_id=city.drivers["汪杰"].pk,
    )  # fmt: skip
    html = page(city, "clerk", trip)
    assert "待补单" in html
    assert "应急先派" in html
    assert "补单" in offered(html)
    assert "防汛抢险" in html


def test_a_shared_trip_shows_the_carrier_and_its_own_kilometres_nowhere(city: City) -> None:
    carrier = city.dispatched(**ahead(unit_id=city.units["farming"].pk))
    other = city.approved(**ahead(rider_name="贺思"))
    dispatching.share_trip(
        actor=city.actor("dispatcher"), trip_id=other.pk, carrier_id=carrier.pk, at=AT
    )
    html = page(city, "dispatcher", other)
    assert f'合乘 <a href="/fleet/trips/{carrier.pk}/">{carrier.number}</a> 的车' in html
    assert other.number in page(city, "dispatcher", carrier)
    journeys.depart_trip(
        actor=city.actor("dispatcher"), trip_id=carrier.pk, start_km=10_000, at=tomorrow(9)
    )
    journeys.finish_trip(
        actor=city.actor("dispatcher"), trip_id=carrier.pk, end_km=10_050, at=tomorrow(12)
    )
    html = page(city, "dispatcher", other)
    assert "不重复计算" in html
    assert "公里的来历" not in html


def test_a_trip_of_the_ledger_has_no_applicant_and_no_case(city: City) -> None:
    html = page(city, "dispatcher", city.recorded("PC2020051900001"))
    assert "由台账补录，没有审批记录。" in html
    assert "台账补录" in html
    assert "60 公里的来历" in html
    assert "待评价" not in html
    assert offered(html) == {"更正里程"}


def test_it_prints_as_a_sheet_with_its_number(city: City) -> None:
    trip = city.dispatched(**ahead())
    html = page(city, "dispatcher", trip)
    assert f"公务用车派车单&emsp;{trip.number}" in html
    assert "熊燕欣 2020-05-20 21:00 打印" in html


def test_the_page_asks_the_database_a_constant_number_of_times(
    city: City, django_assert_max_num_queries: Any
) -> None:
    trip = city.finished()
    client = signed_in(city, "dispatcher")
    client.get(reverse("fleet:trip", args=[trip.pk]))
    with django_assert_max_num_queries(32):
        client.get(reverse("fleet:trip", args=[trip.pk]))
