"""The acts on an approval: who finds it, what each act leads to, and what a refusal keeps."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image, ImageDraw

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.access.models import Grant
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.approvals import queries, routes
from guanjia.kernel.approvals.actions import lending, opening
from guanjia.kernel.approvals.models import Act, Case, Copy, Seat
from guanjia.kernel.approvals.routes import Route, Step, duty, people
from guanjia.kernel.approvals.terms import ActKind, CaseState, Mode, SeatState
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
APPROVE = "fleet.trip.approve"
UNIT = Step(key="unit", title="单位审批", holder=people("D036003"))
LEADER = Step(key="leader", title="分管领导审批", holder=people("D036001"))
ACTS = ("agree", "return", "hand_over", "add", "copy", "urge", "stop", "withdraw")
WORDS = {"hand_over": "hand-over"}

Send = Callable[..., str]


@pytest.fixture
def send(visit: Any) -> Send:
    """An act as the page sends it; gives the page it leads to."""

    def sent(who: str, act: str, trip: Trip, **fields: Any) -> str:
        address = f"/cases/{case_of(trip).pk}/{WORDS.get(act, act)}/"
        answer = visit(who).post(address, fields, follow=True)
        assert answer.status_code == 200, f"{who} {act}: {answer.status_code}"
        assert answer.redirect_chain[-1] == (f"/fleet/trips/{trip.pk}/", 302)
        return flat(answer.content)

    return sent


def case_of(trip: Trip) -> Case:
    return Case.objects.get(subject_type="fleet.trip", subject_id=trip.pk)


def state(trip: Trip) -> str:
    return Trip.objects.values_list("state", flat=True).get(pk=trip.pk)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return flat(answer.content)


def signature() -> str:
    """A line drawn on the pad, as the page sends it."""
    picture, out = Image.new("RGB", (900, 300), "white"), BytesIO()
    ImageDraw.Draw(picture).line((100, 200, 700, 80), fill="black", width=7)
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


# ── who finds it ─────────────────────────────────────────────────────────────────────────


def test_a_case_leads_to_the_page_of_its_subject(city: Any, visit: Any) -> None:
    trip = city.requested()
    answer = visit("approver").get(f"/cases/{case_of(trip).pk}/")
    assert answer["Location"] == f"/fleet/trips/{trip.pk}/"


@pytest.mark.parametrize("who", ["stranger", "stranger_boss", "colleague", "nobody"])
def test_who_has_nothing_to_do_with_it_finds_nothing(city: Any, visit: Any, who: str) -> None:
    trip = city.requested()
    case, seat = case_of(trip), Seat.objects.get(person=city.person("approver"))
    client = visit(who)
    assert client.get(f"/cases/{case.pk}/").status_code == 404
    for act in ACTS:
        sent = {"comment": "x", "people": city.person("clerk").pk}
        where = f"/cases/{case.pk}/{WORDS.get(act, act)}/"
        assert client.post(where, sent).status_code == 404, act
    assert client.post(f"/cases/{case.pk}/remove/{seat.pk}/").status_code == 404
    assert [act.kind for act in queries.history(case)] == [ActKind.SUBMIT, ActKind.CHECK]


def test_who_only_sees_the_row_decides_nothing(city: Any, send: Send) -> None:
    trip = city.requested()
    html = send("clerk", "agree", trip, comment="同意")
    assert "这一步不归您办。" in html
    assert "只有申请人能撤回。" in send("clerk", "withdraw", trip)
    assert state(trip) == TripState.PENDING


def test_acts_are_posted_only(city: Any, visit: Any) -> None:
    trip = city.requested()
    assert visit("approver").get(f"/cases/{case_of(trip).pk}/agree/").status_code == 405
    assert state(trip) == TripState.PENDING


# ── deciding ─────────────────────────────────────────────────────────────────────────────


def test_agreeing_says_who_is_next_step_by_step(city: Any, send: Send) -> None:
    city.route(UNIT, LEADER)
    trip = city.requested()
    assert "已同意，等余建国审批" in send("approver", "agree", trip, comment="同意。")
    html = send("head", "agree", trip, comment="同意前往。")
    assert "已同意，等熊燕欣派车" in html
    assert "同意前往。" in html
    assert state(trip) == TripState.APPROVED


def test_a_step_is_sent_back_to_and_comes_straight_back(city: Any, visit: Any, send: Send) -> None:
    third = Step(key="boss", title="局长审批", holder=people("D036020"))
    city.route(UNIT, LEADER, third)
    trip = city.requested()
    send("approver", "agree", trip)
    send("head", "agree", trip)
    html = page(visit("clerk"), f"/fleet/trips/{trip.pk}/")
    assert '<option value="0">单位审批</option>' in html
    assert '<option value="1">分管领导审批</option>' in html
    html = send("clerk", "return", trip, to="0", straight="1", comment="写明随行人员")
    assert "已退回，等邵红审批" in html
    assert "退回单位审批，改后直接回到局长审批" in html
    assert "已同意，等占小青审批" in send("approver", "agree", trip)


def test_sending_back_goes_to_the_applicant_by_itself(city: Any, send: Send) -> None:
    trip = city.requested()
    html = send("approver", "return", trip, comment="写明去处")
    assert "已退回申请人" in html
    assert state(trip) == TripState.RETURNED


def test_a_double_click_agrees_once(city: Any, send: Send) -> None:
    trip = city.requested()
    step = Seat.objects.get(person=city.person("approver")).step_id
    for _ in range(2):
        assert "已同意" in send("approver", "agree", trip, step=step)
    assert Act.objects.filter(kind=ActKind.AGREE).count() == 1


def test_stopping_needs_its_reason_and_ends_it(city: Any, send: Send) -> None:
    trip = city.requested()
    html = send("approver", "stop", trip, comment="  ")
    assert "没有写终止原因。" in html
    assert 'id="case_stop" aria-labelledby="case_stop_t" data-reopen' in html
    html = send("approver", "stop", trip, comment="用途不符")
    assert "已终止审批" in html
    assert "审批终止" in html
    assert (state(trip), case_of(trip).state) == (TripState.CANCELLED, CaseState.STOPPED)


def test_the_applicant_withdraws(city: Any, send: Send) -> None:
    trip = city.requested()
    assert "已撤回" in send("asker", "withdraw", trip, comment="改期")
    assert state(trip) == TripState.WITHDRAWN
    assert "这件已不在您手上" in send("approver", "agree", trip)


# ── what a refusal keeps ─────────────────────────────────────────────────────────────────


def test_a_refusal_keeps_what_was_typed_and_is_told_once(city: Any, visit: Any, send: Send) -> None:
    trip = city.requested()
    stranger = city.person("stranger")
    html = send("approver", "add", trip, people=stranger.pk, when="after", comment="请帮看")
    assert "选的人不是本单位在职、有账号的同事。" in html
    assert 'id="case_add" aria-labelledby="case_add_t" data-reopen' in html
    assert 'value="请帮看"' in html
    assert f'data-chosen="{stranger.pk} "' in html
    assert 'value="after" checked' in html
    again = page(visit("approver"), f"/fleet/trips/{trip.pk}/")
    assert "data-reopen" not in again
    assert "请帮看" not in again


def test_refusals_of_two_cases_do_not_mix(city: Any, visit: Any) -> None:
    one, other = city.requested(), city.requested()
    client = visit("approver")
    for trip, comment in ((one, ""), (other, " ")):
        client.post(f"/cases/{case_of(trip).pk}/return/", {"comment": comment, "to": "9"})
    assert "没有写退回意见。" in page(client, f"/fleet/trips/{other.pk}/")
    assert "没有写退回意见。" in page(client, f"/fleet/trips/{one.pk}/")
    assert "没有写退回意见。" not in page(client, f"/fleet/trips/{one.pk}/")


def test_an_opinion_too_long_is_refused_not_cut(city: Any, send: Send) -> None:
    trip = city.requested()
    html = send("approver", "agree", trip, comment="同" * 501)
    assert "意见最多 500 字。" in html
    assert "同" * 501 in html
    assert state(trip) == TripState.PENDING


@pytest.mark.parametrize("sent", [{}, {"people": ""}, {"people": "x"}, {"people": "9" * 40}])
def test_nonsense_for_a_person_is_no_person(city: Any, send: Send, sent: Any) -> None:
    trip = city.requested()
    assert "没有选转给谁。" in send("approver", "hand_over", trip, **sent)
    assert "没有选人。" in send("approver", "add", trip, **sent)
    assert "没有选人。" in send("approver", "copy", trip, **sent)


# ── drawing others in ────────────────────────────────────────────────────────────────────


def test_whoever_is_added_first_decides_first_without_any_duty(
    city: Any, visit: Any, send: Send
) -> None:
    city.route(UNIT)
    trip, driver = city.requested(), city.person("colleague")
    assert visit("colleague").get(f"/fleet/trips/{trip.pk}/").status_code == 404
    html = send("approver", "add", trip, people=driver.pk, when="before", comment="请核实")
    assert "已加签，等贺思审批" in html
    assert "等您加签的人办完，再由您办。" in html
    assert "邵红加签，先办" in html
    assert "待您审批：单位审批" in page(visit("colleague"), f"/fleet/trips/{trip.pk}/")
    assert "已同意，等邵红审批" in send("colleague", "agree", trip, comment="属实")
    assert "已同意，等熊燕欣派车" in send("approver", "agree", trip)


def test_who_was_added_after_comes_after(city: Any, send: Send) -> None:
    city.route(UNIT)
    trip = city.requested()
    send("approver", "add", trip, people=city.person("colleague").pk, when="after")
    assert "已同意，等贺思审批" in send("approver", "agree", trip)
    assert "已同意，等熊燕欣派车" in send("colleague", "agree", trip)


def test_only_who_added_somebody_takes_them_off(city: Any, visit: Any, send: Send) -> None:
    city.route(UNIT)
    trip = city.requested()
    send("approver", "add", trip, people=city.person("colleague").pk, when="before")
    seat = Seat.objects.get(person=city.person("colleague"))
    button = f"/cases/{case_of(trip).pk}/remove/{seat.pk}/"
    assert button not in page(visit("asker"), f"/fleet/trips/{trip.pk}/")
    refused = flat(visit("asker").post(button, follow=True).content)
    assert "只有加签的人能减签。" in refused
    assert button in page(visit("approver"), f"/fleet/trips/{trip.pk}/")
    assert "已减签，等邵红审批" in flat(visit("approver").post(button, follow=True).content)
    seat.refresh_from_db()
    assert seat.state == SeatState.REMOVED


def test_a_copy_is_read_by_who_has_no_duty_and_marked(city: Any, visit: Any, send: Send) -> None:
    trip, reader = city.requested(), city.person("colleague")
    client = visit("colleague")
    assert trip.number not in page(client, "/approvals/copies/")
    assert "已抄送" in send("approver", "copy", trip, people=reader.pk, comment="请阅")
    html = page(client, "/approvals/copies/")
    assert trip.number in html
    assert "标为已读" in html
    assert trip.number in page(client, f"/fleet/trips/{trip.pk}/")
    assert "待您审批" not in page(client, f"/fleet/trips/{trip.pk}/")
    copy = Copy.objects.get()
    assert visit("clerk").post(f"/approvals/copies/{copy.pk}/read/").status_code == 404
    client.post(f"/approvals/copies/{copy.pk}/read/")
    copy.refresh_from_db()
    assert copy.read_at == timezone.now()
    assert "没有未读的" in flat(client.post("/approvals/copies/read/", follow=True).content)


def test_opening_a_copy_from_the_list_is_reading_it(city: Any, visit: Any, send: Send) -> None:
    trip = city.requested()
    send("approver", "copy", trip, people=city.person("colleague").pk)
    client, copy = visit("colleague"), Copy.objects.get()
    (link,) = re.findall(rf'href="(/cases/{copy.case_id}/)"', page(client, "/approvals/copies/"))
    assert client.get(link).headers["Location"] == f"/fleet/trips/{trip.pk}/"
    copy.refresh_from_db()
    assert copy.read_at == timezone.now()
    assert "标为已读" not in page(client, "/approvals/copies/")


def test_the_applicant_urges_and_is_told_when_again(
    city: Any, visit: Any, send: Send, clock: Any
) -> None:
    trip = city.requested()
    assert ">催办</button>" in page(visit("asker"), f"/fleet/trips/{trip.pk}/")
    html = send("asker", "urge", trip)
    assert "已催办，等余建国、邵红审批" in html
    assert "今天 11:30 后可再催" in html
    assert ">催办</button>" not in html
    assert "莫兴刚催过。" in send("asker", "urge", trip)
    clock.shift(3 * HOUR)
    assert ">催办</button>" in page(visit("asker"), f"/fleet/trips/{trip.pk}/")


def test_a_delegate_is_told_for_whom_and_the_record_says_so(
    city: Any, visit: Any, send: Send
) -> None:
    city.route(UNIT)
    lending.delegate(
        actor=city.actor("approver"), person_id=city.person("colleague").pk,
        since=AT.date(), until=AT.date() + DAY, reason="出差", at=AT,
    )  # fmt: skip
    trip = city.requested()
    html = page(visit("colleague"), f"/fleet/trips/{trip.pk}/")
    assert "您代邵红审批" in html
    assert "贺思（代 邵红）" in html
    assert "待您审批" not in page(visit("approver"), f"/fleet/trips/{trip.pk}/")
    html = send("colleague", "agree", trip)
    assert "<b>贺思（代 邵红）</b> 同意" in html
    assert Act.objects.get(kind=ActKind.AGREE).behalf == "邵红"


# ── signatures ───────────────────────────────────────────────────────────────────────────


SIGNED = Step(key="unit", title="单位审批", holder=people("D036003"), signature=True)


def test_a_step_that_wants_a_signature_is_not_agreed_to_without(city: Any, send: Send) -> None:
    city.route(SIGNED)
    trip = city.requested()
    for drawn in ("", "data:image/png;base64,???", "data:image/svg+xml;base64,PHN2Zz4="):
        html = send("approver", "agree", trip, comment="同意。", signature=drawn)
        assert "这一步要签名。" in html
        assert ">同意。</textarea>" in html
    assert state(trip) == TripState.PENDING


def test_what_is_no_picture_is_no_signature(city: Any, send: Send) -> None:
    city.route(SIGNED)
    trip = city.requested()
    fake = "data:image/png;base64," + base64.b64encode(b"GIF89a nothing").decode()
    assert "没有收下" in send("approver", "agree", trip, signature=fake)
    assert state(trip) == TripState.PENDING


def test_a_drawn_signature_stands_beside_the_act(city: Any, visit: Any, send: Send) -> None:
    city.route(SIGNED)
    trip = city.requested()
    assert "data-pen-pad" in page(visit("approver"), f"/fleet/trips/{trip.pk}/")
    html = send("approver", "agree", trip, signature=signature())
    kept = Attachment.objects.get()
    assert f'src="/files/{kept.pk}/picture/?size=thumb"' in html
    assert 'alt="邵红的签名"' in html
    assert kept.is_signature
    assert "<h2>附件</h2>" not in html, "a signature is no paper of the request"
    assert visit("asker").get(f"/files/{kept.pk}/picture/").status_code == 200
    assert visit("stranger").get(f"/files/{kept.pk}/picture/").status_code == 404


# ── keepers of routes ────────────────────────────────────────────────────────────────────


@pytest.fixture
def liucheng(city: Any) -> str:
    """A keeper of routes in the bureau."""
    from guanjia.kernel.org.tests import builders as org  # noqa: PLC0415 — read before Django is ready

    person = org.person("D055030", city.units["bureau"], name="刘程")
    city.join("liucheng", person, ("approvals.keeper", Reach.CITY, None))
    return "liucheng"


def test_a_step_without_anybody_waits_for_the_keeper_who_names_somebody(
    city: Any, visit: Any, send: Send, liucheng: str
) -> None:
    city.route(Step(key="unit", title="单位审批", holder=people("D000000")))
    trip = city.requested()
    home = page(visit(liucheng), "/")
    assert "待指定审批人" in home
    assert "指定审批人</a>" in home
    html = page(visit(liucheng), f"/fleet/trips/{trip.pk}/")
    assert "待指定审批人：单位审批" in html
    assert ">同意</button>" not in html
    asked = page(visit("asker"), f"/fleet/trips/{trip.pk}/")
    assert "还没有人能办这一步，由流程管理员指定。" in asked
    assert "等指定审批人" in asked
    assert "这一步还没有审批人。" in send(liucheng, "agree", trip)
    html = send(liucheng, "hand_over", trip, people=city.person("approver").pk)
    assert "已转办，等邵红审批" in html
    assert "待指定审批人" not in page(visit(liucheng), "/")
    assert "已同意" in send("approver", "agree", trip)


def test_a_vacant_step_is_not_said_to_wait_for_the_keepers_approval(
    city: Any, visit: Any, send: Send, liucheng: str
) -> None:
    vacant = Step(key="vacant", title="分管审签", holder=people("D000000"), signature=True)
    city.route(Step(key="unit", title="单位审批", holder=people("D036003")), vacant)
    trip = city.requested()
    assert "已同意，等刘程指定审批人" in send("approver", "agree", trip)
    listed = page(visit(liucheng), "/approvals/")
    assert "还没有审批人，逐件打开指定" in listed
    assert "这一步要签名" not in listed


def test_a_keeper_stops_what_should_not_go_on(
    city: Any, visit: Any, send: Send, liucheng: str
) -> None:
    trip = city.requested()
    assert ">终止审批</button>" in page(visit(liucheng), f"/fleet/trips/{trip.pk}/")
    assert "已终止审批" in send(liucheng, "stop", trip, comment="重复申请")
    assert case_of(trip).state == CaseState.STOPPED


# ── several at once ──────────────────────────────────────────────────────────────────────


def tick(trip: Trip) -> str:
    case = case_of(trip)
    step = queries.active_step(case)
    assert step is not None
    return f"{case.pk}:{step.pk}"


def test_like_cases_stand_together_and_are_agreed_to_at_once(city: Any, visit: Any) -> None:
    city.route(UNIT)
    trips = [city.requested(), city.requested(), city.requested()]
    client = visit("approver")
    html = page(client, "/approvals/")
    assert html.count("<h2") == 1
    assert "用车审批 · 单位审批" in html
    ticks = [tick(trip) for trip in trips]
    answer = client.post("/approvals/agree/", {"tick": ticks, "comment": "同意。"}, follow=True)
    assert "已同意 3 件" in flat(answer.content)
    assert {state(trip) for trip in trips} == {TripState.APPROVED}
    assert (
        list(Act.objects.filter(kind=ActKind.AGREE).values_list("comment", flat=True))
        == ["同意。"] * 3
    )
    assert "没有等您审批的件" in page(client, "/approvals/")


def test_what_could_not_be_done_is_named_and_holds_up_no_other(city: Any, visit: Any) -> None:
    city.route(Step(key="unit", title="单位审批", holder=duty(APPROVE)))
    trips = [city.requested(), city.requested()]
    foreign = city.requested(by="asker")
    ticks = [tick(trip) for trip in (*trips, foreign)]
    visit("head").post(f"/cases/{case_of(trips[0]).pk}/return/", {"comment": "写明去处"})
    client = visit("approver")
    answer = client.post("/approvals/agree/", {"tick": [*ticks, "999999:999999"]}, follow=True)
    html = flat(answer.content)
    assert "已同意 2 件，2 件没有办成" in html
    assert "余建国已于" in html
    assert f'<a href="/cases/{case_of(trips[0]).pk}/">{trips[0].number}</a>' in html
    assert "没有这一件，或不在您的范围内。" in html
    assert [state(trip) for trip in trips] == [TripState.RETURNED, TripState.APPROVED]
    assert "没有办成" not in page(client, "/approvals/"), "it is told once"


def test_cases_of_different_steps_are_not_agreed_to_together(city: Any, visit: Any) -> None:
    one = city.requested()
    city.route(Step(key="unit", title="处室审批", holder=people("D036003")))
    other = city.requested()
    client = visit("approver")
    html = page(client, "/approvals/")
    assert html.count("<h2") == 2
    sent = {"tick": [tick(one), tick(other)], "comment": "都同意"}
    answer = client.post("/approvals/agree/", sent)
    assert answer.status_code == 422
    assert "勾选的件不是同一步骤。" in flat(answer.content)
    assert "都同意" in flat(answer.content)
    assert {state(one), state(other)} == {TripState.PENDING}


def test_what_must_be_signed_is_not_agreed_to_together(city: Any, visit: Any) -> None:
    city.route(SIGNED)
    trip = city.requested()
    client = visit("approver")
    html = page(client, "/approvals/")
    assert "这一步要签名，逐件打开办" in html
    assert 'name="tick"' not in html
    answer = client.post("/approvals/agree/", {"tick": tick(trip)})
    assert "这一步要逐件签名，不能批量同意。" in flat(answer.content)
    assert state(trip) == TripState.PENDING


@pytest.mark.parametrize("ticks", [[], ["x"], ["1:2:3"], ["١:٢"]])
def test_nothing_ticked_is_said(city: Any, visit: Any, ticks: list[str]) -> None:
    city.requested()
    answer = visit("approver").post("/approvals/agree/", {"tick": ticks})
    assert answer.status_code == 422
    assert "没有勾选。" in flat(answer.content)


def test_the_lists_show_ones_own(city: Any, visit: Any, send: Send) -> None:
    trip = city.requested()
    assert trip.number in page(visit("approver"), "/approvals/")
    for who in ("asker", "stranger_boss", "nobody"):
        assert trip.number not in page(visit(who), "/approvals/")
    send("approver", "return", trip, comment="写明去处")
    assert "写明去处" in page(visit("approver"), "/approvals/done/")
    assert trip.number not in page(visit("head"), "/approvals/done/")
    assert "已退回" in page(visit("asker"), "/approvals/started/")
    assert trip.number not in page(visit("colleague"), "/approvals/started/")


def test_the_front_page_leads_to_deciding_together(city: Any, visit: Any) -> None:
    city.requested()
    assert "批量审批" not in page(visit("approver"), "/")
    city.requested()
    assert '<a href="/approvals/">批量审批</a>' in page(visit("approver"), "/")


def test_the_list_costs_the_same_with_many_rows(city: Any, visit: Any) -> None:
    client = visit("approver")
    city.requested()
    page(client, "/approvals/")
    with CaptureQueriesContext(connection) as few:
        page(client, "/approvals/")
    for _ in range(5):
        city.requested()
    with CaptureQueriesContext(connection) as many:
        page(client, "/approvals/")
    assert len(many) == len(few)


# ── a kind without a page ────────────────────────────────────────────────────────────────


def test_a_kind_without_a_page_is_decided_on_a_plain_one(
    city: Any, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = people("D036003", "D036001")
    route = Route(
        key="tests.grant", title="职责复核", subject="access.grant", verbs=(APPROVE,),
        steps=(Step(key="first", title="核准", holder=both, mode=Mode.ALL),),
    )  # fmt: skip
    monkeypatch.setattr(routes, "_routes", {**routes._routes, route.key: route})
    opened = opening.open_case(
        route=route, subject=Grant.objects.all()[0], unit=city.units["farming"],
        applicant_id=city.person("asker").pk, actor=city.actor("asker"), facts={},
        summary="代管一年", at=AT,
    )  # fmt: skip
    address = f"/cases/{opened.case.pk}/"
    html = page(visit("approver"), address)
    assert "代管一年" in html
    assert "待您审批：核准" in html
    assert "会签 2 人，已同意 0 人；等 邵红、余建国" in html
    assert "代管一年" in page(visit("approver"), "/")
    answer = visit("approver").post(f"{address}agree/", {"comment": "同意。"}, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    html = flat(answer.content)
    assert "已同意，等余建国审批" in html
    assert "会签 2 人，已同意 1 人：邵红；等 余建国" in html
    assert "审批办结" in flat(visit("head").post(f"{address}agree/", follow=True).content)
    assert visit("stranger").get(address).status_code == 404
