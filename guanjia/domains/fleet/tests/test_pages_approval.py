"""Edited routes and papers on the pages of trips: the life line, who is next, what is attached."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import dispatching, requests
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import Purpose, TripState
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.approvals.actions import deciding, lending, sharing
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.approvals.routes import Condition, Op, Step, people
from guanjia.kernel.approvals.terms import Mode
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import FileState
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.audit.models import Record
from guanjia.ui.tests.reading import flat

DAY = timedelta(days=1)
APPROVER, HEAD, CLERK, COLLEAGUE = "D036003", "D036001", "D036020", "D036017"
UNIT = Step(key="unit", title="单位审批", holder=people(APPROVER))
BOTH = Step(key="both", title="分管领导会签", holder=people(HEAD, CLERK), mode=Mode.ALL)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


def signed_in(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(city: City, who: str, trip: Trip) -> str:
    answer = signed_in(city, who).get(reverse("fleet:trip", args=[trip.pk]))
    assert answer.status_code == 200, who
    return flat(answer.content)


def words(html: str) -> str:
    """The page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def life(html: str) -> list[str]:
    """The stations of the life line: how far, and what they say."""
    line = html.partition('<ol class="gj-life">')[2].partition("</ol>")[0]
    found = re.findall(r'<li data-at="(\w+)"[^>]*>(.*?)</li>', line)
    return [f"{at}: {words(text)}" for at, text in found]


def story(html: str) -> list[str]:
    """The lines of the approval."""
    part = html.partition('id="story"')[2].partition("</section>")[0]
    return [words(text) for text in re.findall(r"<li [^>]*>(.*?)</li>", part, re.DOTALL)]


def case_of(trip: Trip) -> Case:
    return Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)


def agree(city: City, who: str, trip: Trip, comment: str = "", at: datetime = AT) -> None:
    deciding.agree(actor=city.actor(who), case_id=case_of(trip).pk, comment=comment, at=at)


def later(**changes: Any) -> dict[str, Any]:
    return {"planned_from": AT + DAY, "planned_to": AT + DAY + builders.HOUR, **changes}


# ── the life line and the story of an edited route ───────────────────────────────────────


def test_every_step_of_an_edited_route_is_a_station(city: City) -> None:
    city.route(UNIT, BOTH)
    trip = city.requested(**later())
    agree(city, "approver", trip)
    assert life(page(city, "asker", trip))[1:4] == [
        "done: 单位审批 5月20日 9:00 邵红 同意",
        "now: 分管领导会签 等审批 余建国、占小青",
        "later: 派车",
    ]
    agree(city, "head", trip, "同意前往。")
    html = page(city, "asker", trip)
    assert "用车审批 第 2 版" in html
    assert story(html) == [
        "5月20日 9:00 莫兴 提交申请",
        "5月20日 9:00 系统 核对规则，通过",
        "5月20日 9:00 邵红 同意 单位审批",
        "5月20日 9:00 余建国 同意 分管领导会签 同意前往。",
        "占小青 分管领导会签 会签 2 人，已同意 1 人：余建国；等 占小青",
    ]
    agree(city, "clerk", trip)
    assert life(page(city, "asker", trip))[2] == "done: 分管领导会签 5月20日 9:00 余建国等 2 人同意"


def test_the_steps_ahead_are_named_with_their_people(city: City) -> None:
    city.route(UNIT, BOTH)
    lines = story(page(city, "asker", city.requested(**later())))
    assert lines[-2:] == [
        "邵红 单位审批",
        "余建国、占小青 分管领导会签（会签 2 人）",
    ]


def test_many_steps_are_counted_in_one_station(city: City) -> None:
    city.route(*(Step(key=f"s{i}", title=f"第{i}步", holder=people(APPROVER)) for i in range(1, 6)))
    trip = city.requested(**later())
    agree(city, "approver", trip)
    assert life(page(city, "asker", trip))[1] == "now: 审批 1/5 等审批 第2步 邵红"


def test_a_step_late_says_so_in_red(city: City, clock: Any) -> None:
    city.route(Step(key="unit", title="单位审批", holder=people(APPROVER), hours=2))
    trip = city.requested(**later())
    html = page(city, "asker", trip)
    assert "<time>5月20日 11:00 前</time>" in html
    clock.shift(3 * builders.HOUR)
    assert "<time data-late>5月20日 11:00 前，已超时</time>" in page(city, "asker", trip)


def test_a_stopped_trip_ends_in_a_red_station_with_its_reason(city: City) -> None:
    trip = city.requested(**later())
    deciding.stop(actor=city.actor("approver"), case_id=case_of(trip).pk, comment="用途不符", at=AT)
    html = page(city, "asker", trip)
    assert life(html)[-1] == "stop: 审批终止 5月20日 9:00 邵红 用途不符"
    assert "已取消" in html
    assert "修改后再交" not in html


def test_a_share_of_a_joint_decision_may_be_against(city: City) -> None:
    three = people(APPROVER, HEAD, CLERK)
    city.route(Step(key="both", title="会签", holder=three, mode=Mode.ALL, share=60))
    trip = city.requested(**later())
    deciding.send_back(actor=city.actor("clerk"), case_id=case_of(trip).pk, comment="不必去", at=AT)
    lines = story(page(city, "asker", trip))
    assert lines[-2] == "5月20日 9:00 占小青 不同意 不必去"
    assert lines[-1].endswith(
        "会签 3 人，须 2 人同意，已同意 0 人，不同意 1 人：占小青；等 邵红、余建国"
    )


# ── who would decide ─────────────────────────────────────────────────────────────────────


def test_the_form_shows_modes_conditions_and_stand_ins(city: City) -> None:
    crowd = Condition(fact="passengers", op=Op.ABOVE, value=4)
    city.route(
        UNIT, Step(key="both", title="会签", holder=BOTH.holder, mode=Mode.ALL, when=(crowd,))
    )
    lending.delegate(
        actor=city.actor("approver"), person_id=city.person("colleague").pk,
        since=AT.date(), until=AT.date() + DAY, reason="休假", at=AT,
    )  # fmt: skip
    asker = signed_in(city, "asker")
    html = words(flat(asker.get("/fleet/request/").content))
    assert "贺思（代 邵红） 单位审批（市农业农村局）" in html
    assert "会签 2 人" not in html
    sent = {"unit": "农业农村局", "passengers": "6", "rider_name": "莫兴"}
    html = words(flat(asker.post("/fleet/request/check/", sent).content))
    assert "余建国、占小青 会签（会签 2 人）" in html


def test_a_request_sent_again_names_the_people_of_its_own_edition(city: City) -> None:
    trip = city.requested()
    requests.return_trip(actor=city.actor("approver"), trip_id=trip.pk, comment="写明", at=AT)
    city.route(BOTH)
    asker = signed_in(city, "asker")
    assert BOTH.title in words(flat(asker.get("/fleet/request/").content))
    sent = {"unit": "农业农村局", "passengers": "2", "rider_name": "莫兴"}
    for answer in (
        asker.get(f"/fleet/trips/{trip.pk}/change/"),
        asker.post(f"/fleet/request/check/?trip={trip.pk}", sent),
    ):
        html = words(flat(answer.content))
        assert "单位审批（一人办即可）" in html
        assert BOTH.title not in html
    stranger = signed_in(city, "stranger")
    assert stranger.post(f"/fleet/request/check/?trip={trip.pk}", sent).status_code == 404


def test_a_step_without_anybody_is_said_before_it_is_sent(city: City) -> None:
    city.route(Step(key="unit", title="单位审批", holder=people("D000000")))
    html = words(flat(signed_in(city, "asker").get("/fleet/request/").content))
    assert "还没有人 能办“单位审批”，联系安全管理员授权" in html


# ── whoever is drawn in sees the trip, and nothing else of it changes ────────────────────


@pytest.mark.parametrize("drawn", ["copied", "added", "handed"])
def test_who_is_drawn_in_without_scope_opens_the_trip(city: City, drawn: str) -> None:
    city.route(UNIT)
    trip = city.requested(**later())
    one = {"actor": city.actor("approver"), "case_id": case_of(trip).pk, "at": AT}
    person = city.person("colleague")
    if drawn == "copied":
        sharing.copy(**one, person_ids=[person.pk])
    elif drawn == "added":
        sharing.add(**one, person_ids=[person.pk], before=False)
    else:
        sharing.hand_over(**one, person_id=person.pk)
    assert trip.number in page(city, "colleague", trip)
    other = city.requested(**later())
    answer = signed_in(city, "colleague").get(reverse("fleet:trip", args=[other.pk]))
    assert answer.status_code == 404, "only this one"
    acts = Record.objects.filter(on_type="fleet.trip", on_id=trip.pk)
    assert person.name in words(page(city, "approver", trip).partition('id="trail"')[2])
    assert acts.count() == 2


# ── papers ───────────────────────────────────────────────────────────────────────────────


def staged(city: City, who: str = "asker", name: str = "公函.jpg") -> Attachment:
    return attachments.stage(actor=city.actor(who), file=samples.jpeg(), name=name, at=AT)


def typed(**changes: Any) -> dict[str, Any]:
    """What a browser sends for a sound request of tomorrow."""
    begin = timezone.localtime(AT + DAY)
    return {
        "unit": "农业农村局",
        "rider_name": "莫兴",
        "purpose": Purpose.SURVEY.value,
        "reason": "春耕调研",
        "origin": "市农业农村局",
        "destination": "乐平",
        "planned_from": f"{begin:%Y-%m-%d} 10:00",
        "planned_to": f"{begin:%Y-%m-%d} 12:00",
        "passengers": "2",
        **changes,
    }


def test_papers_go_with_the_request_and_its_approver_sees_them(city: City) -> None:
    file = staged(city)
    answer = signed_in(city, "asker").post("/fleet/request/", typed(files=[file.pk]))
    assert answer.status_code == 302
    trip = Trip.objects.get()
    file.refresh_from_db()
    assert (file.subject_model, file.subject_id, file.state) == (
        "fleet.trip",
        trip.pk,
        FileState.KEPT,
    )
    assert file.retain_until == retention.until(at=AT)
    assert "公函.jpg" in page(city, "approver", trip)
    shown = signed_in(city, "approver").get(f"/files/{file.pk}/")
    assert shown.status_code == 200
    assert signed_in(city, "stranger").get(f"/files/{file.pk}/").status_code == 404
    record = Record.objects.get(verb="attachments.file.claimed")
    assert (record.on_type, record.on_id) == ("fleet.trip", trip.pk)
    assert "附件：公函.jpg" in words(page(city, "asker", trip))


def test_a_refused_form_keeps_its_papers(city: City) -> None:
    file = staged(city)
    answer = signed_in(city, "asker").post("/fleet/request/", typed(files=[file.pk], reason=""))
    assert answer.status_code == 422
    assert f'name="files" value="{file.pk}"' in flat(answer.content)
    file.refresh_from_db()
    assert file.state == FileState.STAGED


def test_somebody_elses_papers_are_not_taken(city: City) -> None:
    file = staged(city, "clerk")
    answer = signed_in(city, "asker").post("/fleet/request/", typed(files=[file.pk]))
    assert answer.status_code == 422
    assert Trip.objects.count() == 0
    file.refresh_from_db()
    assert file.subject_id is None


def test_papers_are_added_with_a_change_and_stay_while_decided_on(city: City) -> None:
    asker, first = signed_in(city, "asker"), staged(city)
    asker.post("/fleet/request/", typed(files=[first.pk]))
    trip = Trip.objects.get()
    gone = asker.post(f"/files/{first.pk}/remove/", {"reason": "传错"})
    assert gone.status_code == 422
    assert "交上去后不能移除" in flat(gone.content)
    requests.return_trip(actor=city.actor("approver"), trip_id=trip.pk, comment="附通知", at=AT)
    second = staged(city, name="通知.jpg")
    assert "公函.jpg" in flat(asker.get(f"/fleet/trips/{trip.pk}/change/").content)
    answer = asker.post(f"/fleet/trips/{trip.pk}/change/", typed(files=[second.pk]))
    assert answer.status_code == 302
    html = page(city, "approver", trip)
    assert "公函.jpg" in html
    assert "通知.jpg" in html
    trip.refresh_from_db()
    assert trip.state == TripState.PENDING


def test_a_paper_sent_in_error_is_taken_off_while_mending(city: City) -> None:
    asker, file = signed_in(city, "asker"), staged(city)
    asker.post("/fleet/request/", typed(files=[file.pk]))
    trip = Trip.objects.get()
    requests.withdraw_trip(actor=city.actor("asker"), trip_id=trip.pk, at=AT)
    assert asker.post(f"/files/{file.pk}/remove/", {"reason": "传错"}).status_code == 302
    file.refresh_from_db()
    assert file.state == FileState.REMOVED


def test_an_emergency_brings_its_papers_afterwards(city: City) -> None:
    trip = dispatching.dispatch_urgently(
        actor=city.actor("dispatcher"), facts=city.wish(), reason="防汛抢险", at=AT,
        car_id=city.cars[builders.SMALL].pk, driver_id=city.drivers["汪杰"].pk,
    )  # fmt: skip
    file = staged(city, "clerk", "批准函.jpg")
    sent = {
        "rider_name": "莫兴", "purpose": Purpose.EMERGENCY.value, "reason": "抢险",
        "passengers": "2", "files": [file.pk],
    }  # fmt: skip
    answer = signed_in(city, "clerk").post(reverse("fleet:paper", args=[trip.pk]), sent)
    assert answer.status_code == 302, flat(answer.content)[:400]
    assert "批准函.jpg" in page(city, "approver", trip)
