"""Who is told what of a trip: golden files, riders, drivers, and whoever had it before."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guanjia.domains.fleet.actions import dispatching, requests
from guanjia.domains.fleet.models import Driver
from guanjia.domains.fleet.notices import trips as notices
from guanjia.domains.fleet.tests.builders import AT, BUS, HOUR, SECOND, City
from guanjia.kernel.approvals import events as news
from guanjia.kernel.approvals.actions import deciding, lending, sharing
from guanjia.kernel.approvals.models import Act, Case
from guanjia.kernel.events import bus
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden
from guanjia.ui.approval import lines

FOLDER = Path(__file__).parent / "golden"
FACTS = {
    "number": "PC2020052000012",
    "when": "5月20日 周三 10:00",
    "origin": "市农业农村局",
    "destination": "乐平",
    "unit": "市农业农村局",
    "rider": "莫兴",
    "passengers": 2,
    "plate": "赣H10001",
    "driver": "汪杰",
    "reason": "会议改期",
    "changed": False,
    "shared": False,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "fleet.dispatched.changed": {"changed": True},
    "fleet.dispatched.shared": {"shared": True},
    "fleet.task.changed": {"changed": True},
    "fleet.task.shared": {"shared": True},
    "fleet.recalled.silent": {"reason": ""},
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=FOLDER, name=name)
    assert now == before


@pytest.fixture
def staffed(city: City) -> City:
    """The drivers 汪杰 and 程勇 are people with accounts."""
    for name, who in (("汪杰", "driver"), ("程勇", "colleague")):
        Driver.objects.filter(name=name).update(person=city.person(who))
    return city


def told(city: City, who: str, kind: str) -> list[Notice]:
    return list(Notice.objects.filter(person=city.person(who), kind=f"fleet.{kind}").order_by("pk"))


def test_the_applicant_and_the_driver_hear_of_a_dispatch(staffed: City) -> None:
    trip = staffed.dispatched()
    (asker,) = told(staffed, "asker", "dispatched")
    assert asker.title == "已派车：5月20日 周三 10:00 赣H10001 汪杰"
    assert (asker.subject_model, asker.subject_id) == ("fleet.trip", trip.pk)
    (driver,) = told(staffed, "driver", "task")
    assert driver.title == "出车任务：5月20日 周三 10:00 赣H10001 去乐平"
    assert driver.urgent, "it goes in an hour"
    assert not told(staffed, "dispatcher", "dispatched")


def test_a_journey_of_tomorrow_is_not_urgent(staffed: City) -> None:
    staffed.dispatched(planned_from=AT + 26 * HOUR, planned_to=AT + 28 * HOUR)
    assert not told(staffed, "driver", "task")[0].urgent


def test_another_driver_means_that_the_first_need_not_go(staffed: City) -> None:
    trip = staffed.dispatched()
    staffed.dispatch(trip, car=SECOND, driver="程勇", at=AT + HOUR / 2)
    assert told(staffed, "asker", "dispatched")[1].title.startswith("已改派：")
    assert told(staffed, "colleague", "task")[0].title.startswith("改派给您：")
    (off,) = told(staffed, "driver", "task_off")
    assert "改派别人" in off.body
    assert not told(staffed, "colleague", "task_off")


def test_a_recalled_dispatch_is_told_to_both(staffed: City) -> None:
    trip = staffed.dispatched()
    dispatching.recall_trip(
        actor=staffed.actor("dispatcher"), trip_id=trip.pk, reason="车坏了", at=AT
    )
    assert "车坏了" in told(staffed, "asker", "recalled")[0].body
    assert "车坏了" in told(staffed, "driver", "task_off")[0].body


def test_a_cancelled_trip_frees_the_driver_and_whoever_shared_the_car(staffed: City) -> None:
    carrier = staffed.dispatched(car=BUS, driver="程勇")
    sharer = staffed.approved(rider_name="贺思")
    dispatching.share_trip(
        actor=staffed.actor("dispatcher"), trip_id=sharer.pk, carrier_id=carrier.pk, at=AT
    )
    assert told(staffed, "colleague", "task")[1].title.startswith("合乘加人：")
    requests.cancel_trip(
        actor=staffed.actor("dispatcher"), trip_id=carrier.pk, reason="会议改期", at=AT
    )
    assert "会议改期" in told(staffed, "asker", "cancelled")[0].body
    assert "会议改期" in told(staffed, "colleague", "task_off")[0].body
    assert f"合乘的 {carrier.number} 取消" in told(staffed, "asker", "recalled")[0].body


def test_who_cancels_is_not_told_of_it(staffed: City) -> None:
    trip = staffed.approved()
    requests.cancel_trip(actor=staffed.actor("asker"), trip_id=trip.pk, reason="不去了", at=AT)
    assert not told(staffed, "asker", "cancelled")


def test_a_moved_trip_is_told_with_its_new_time(staffed: City) -> None:
    trip = staffed.dispatched()
    dispatching.replan_trip(
        actor=staffed.actor("dispatcher"), trip_id=trip.pk,
        planned_from=AT + 2 * HOUR, planned_to=AT + 4 * HOUR, at=AT,
    )  # fmt: skip
    for who in ("asker", "driver"):
        (moved,) = told(staffed, who, "replanned")
        assert moved.title == "出车时间改为 5月20日 周三 11:00：去乐平"


def test_the_same_dispatch_told_twice_is_one_notice(staffed: City) -> None:
    trip = staffed.dispatched()
    notices.dispatched(notices.TripDispatched(trip_id=trip.pk))
    assert len(told(staffed, "asker", "dispatched")) == 1
    assert len(told(staffed, "driver", "task")) == 1


# ── what the approvals tell, of a case as it really runs ────────────────────────────────


def of_approvals(city: City, who: str, kind: str) -> list[Notice]:
    found = Notice.objects.filter(person=city.person(who), kind=f"approvals.{kind}")
    return list(found.order_by("pk"))


def test_an_approver_hears_of_a_request_and_the_applicant_of_the_decision(city: City) -> None:
    trip = city.requested()
    (asked,) = of_approvals(city, "approver", "asked")
    assert asked.title == f"待您审批：用车审批 {trip.number}"
    assert "申请人：莫兴" in asked.body
    assert (asked.subject_model, asked.subject_id, asked.at) == ("fleet.trip", trip.pk, AT)
    assert not of_approvals(city, "asker", "asked")
    requests.approve_trip(
        actor=city.actor("approver"), trip_id=trip.pk, comment="注意安全", at=AT + HOUR
    )
    (agreed,) = of_approvals(city, "asker", "agreed")
    assert agreed.body.splitlines()[-2:] == ["审批人：邵红", "意见：注意安全"]
    assert agreed.at == AT + HOUR


def test_a_request_sent_back_says_what_to_mend_and_is_asked_again(city: City) -> None:
    trip = city.requested()
    requests.return_trip(actor=city.actor("approver"), trip_id=trip.pk, comment="改时间", at=AT)
    assert "意见：改时间" in of_approvals(city, "asker", "returned")[0].body
    later = city.wish(planned_from=AT + 2 * HOUR, planned_to=AT + 4 * HOUR)
    requests.change_trip(actor=city.actor("asker"), trip_id=trip.pk, facts=later, at=AT + HOUR)
    assert len(of_approvals(city, "approver", "asked")) == 2, "the step is reached anew"


def test_whoever_waited_for_an_added_colleague_is_asked_again(city: City) -> None:
    trip = city.requested()
    case = Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)
    clerk = city.person("clerk")
    sharing.add(
        actor=city.actor("approver"), case_id=case.pk, person_ids=[clerk.pk], before=True, at=AT
    )
    assert len(of_approvals(city, "clerk", "asked")) == 1
    deciding.agree(actor=city.actor("clerk"), case_id=case.pk, at=AT + HOUR)
    first, again = of_approvals(city, "approver", "asked")
    assert (first.title, again.at) == (again.title, AT + HOUR)


def test_whoever_stands_in_is_told_of_it_and_of_its_end(city: City) -> None:
    lent = lending.delegate(
        actor=city.actor("approver"), person_id=city.person("clerk").pk, since=AT.date(),
        until=AT.date() + timedelta(days=3), reason="出差", at=AT,
    )  # fmt: skip
    trip = city.requested()
    assert len(of_approvals(city, "clerk", "asked")) == 1
    lending.end(actor=city.actor("approver"), delegation_id=lent.pk, at=AT + HOUR)
    begun, over = of_approvals(city, "clerk", "lent")
    assert (begun.title, begun.at) == ("邵红委托您代为审批", AT)
    assert (over.title, over.at) == ("邵红收回了委托，您不再代其审批", AT + HOUR)
    assert len(of_approvals(city, "approver", "asked")) == 1, "it is theirs now"
    act = Act.objects.filter(case__subject_id=trip.pk).order_by("-pk")[0]
    assert lines.of_act(act, many_steps=False).act == "收回委托，由 邵红 办"


@pytest.mark.parametrize(
    ("kind", "event", "urgent"),
    [
        ("urged", news.CaseUrged, True),
        ("copied", news.CaseCopied, False),
        ("handed", news.HandedOver, False),
        ("late", news.StepLate, True),
        ("stopped", news.CaseStopped, False),
    ],
)
def test_other_news_of_a_case_reaches_whom_it_names_once(
    city: City, kind: str, event: Any, urgent: bool
) -> None:
    trip = city.requested()
    case = Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)
    act = Act.objects.filter(case=case).order_by("-pk")[0]
    boss = city.person("stranger_boss")
    facts: dict[str, Any] = {
        "case_id": case.pk, "route": "no.such.route", "subject_type": "fleet.trip",
        "subject_id": trip.pk,
    }  # fmt: skip
    if event in (news.HandedOver, news.StepLate):
        facts["step_id"] = case.steps.order_by("pk")[0].pk
    else:
        facts["act_id"] = act.pk
    if event is news.StepLate:
        facts["escalated"] = False
    if event is not news.CaseStopped:
        facts["person_ids"] = (boss.pk,)
    bus.publish(event(**facts))
    bus.publish(event(**facts))
    told_to = "asker" if event is news.CaseStopped else "stranger_boss"
    (one,) = of_approvals(city, told_to, kind)
    assert trip.number in one.title
    assert one.urgent is urgent


def asked(city: City, who: str) -> int:
    """How many unread notices ask somebody to decide."""
    kinds = ["approvals.asked", "approvals.handed", "approvals.urged", "approvals.late"]
    mine = Notice.objects.filter(person=city.person(who), kind__in=kinds)
    return int(mine.filter(read_at=None).count())


def test_what_is_decided_is_asked_of_nobody_any_more(city: City) -> None:
    trip = city.requested()
    assert (asked(city, "approver"), asked(city, "head")) == (1, 1)
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    assert (asked(city, "approver"), asked(city, "head")) == (0, 0)


def test_whoever_gave_it_on_is_asked_no_more_and_the_other_is(city: City) -> None:
    trip = city.requested()
    case = Case.objects.get(subject_id=trip.pk)
    sharing.hand_over(
        actor=city.actor("approver"), case_id=case.pk, person_id=city.person("colleague").pk, at=AT
    )
    assert asked(city, "approver") == 0
    assert (asked(city, "colleague"), asked(city, "head")) == (1, 1)
    requests.withdraw_trip(actor=city.actor("asker"), trip_id=trip.pk, at=AT)
    assert (asked(city, "colleague"), asked(city, "head")) == (0, 0)
