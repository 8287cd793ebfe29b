"""From a notice to a message and out: windows, quiet hours, retries, workers side by side."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection

from guanjia.kernel.access.tests.builders import account, actor
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices import kinds
from guanjia.kernel.notices.actions import channels, deliveries, notices, preferences
from guanjia.kernel.notices.channels import catalogue
from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.notices.models import Channel, Delivery, Notice, Preference
from guanjia.kernel.notices.terms import PRESSING, ChannelKind, DeliveryState
from guanjia.kernel.org.models import Person
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Reach

pytestmark = pytest.mark.pg15

MINUTE = timedelta(minutes=1)
MOBILE = "13879810049"
CALM = NoticeKind(key="test.calm", title="平常事", template="notices/approvals_agreed.txt")
PRESSED = NoticeKind(
    key="test.pressed", title="急事", template="notices/approvals_agreed.txt",
    urgent=True, channels=PRESSING,
)  # fmt: skip
ALONE = NoticeKind(
    key="test.alone", title="单发", template="notices/approvals_agreed.txt", digest=False
)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    kinds.declare(CALM, PRESSED, ALONE)
    yield
    for kind in (CALM, PRESSED, ALONE):
        kinds._kinds.pop(kind.key)


class Out:
    """A way out that keeps what it is given, and fails as told."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.fault: Exception | None = None

    def send(self, **message: Any) -> None:
        self.sent.append(message)
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Out:
    made = Out()
    for kind, way in catalogue.WAYS.items():
        changed = catalogue.Way(kind=kind, send=made.send, settings=way.settings, note=way.note)
        monkeypatch.setitem(catalogue.WAYS, kind, changed)
    return made


@pytest.fixture
def person(db: None) -> Person:
    return org.person("D1", org.unit("3602"), "莫兴", mobile=MOBILE)


def channel(kind: ChannelKind = ChannelKind.WECOM) -> Channel:
    plain = {one.name: one.default or "x" for one in catalogue.WAYS[kind].settings}
    plain |= {"host": "post.test", "sender": "guanjia@jdz.test"}
    secrets = {"url": "http://robot.test/send?key=hush", "password": "hush"}
    wanted = {one.name for one in catalogue.WAYS[kind].settings if one.secret}
    return channels.save_channel(
        actor=SYSTEM, kind=kind, enabled=True, settings=plain,
        secrets={name: text for name, text in secrets.items() if name in wanted}, at=AT,
    )  # fmt: skip


def tell(
    person: Person, label: str = "一", kind: NoticeKind = CALM, at: datetime = AT, **more: Any
) -> None:
    facts = {"route": "用印", "label": label, "summary": "", "by": "邵红", "comment": "同意"}
    notices.send(kind=kind, to=[person.pk], facts=facts, at=at, **more)


def run(at: datetime) -> int:
    deliveries.plan_due(at=at)
    return sum(
        deliveries.deliver_due(channel_id=pk, clock=lambda: at) for pk in deliveries.due(at=at)
    )


def later(hour: int, minute: int = 0, days: int = 0) -> datetime:
    return AT.replace(hour=hour, minute=minute) + timedelta(days=days)


# ── telling ─────────────────────────────────────────────────────────────────────────────


def test_the_same_news_twice_is_one_notice(person: Person) -> None:
    tell(person, once="act:1")
    tell(person, once="act:1")
    tell(person, once="act:2")
    assert Notice.objects.filter(person=person).count() == 2
    tell(person)
    tell(person)
    assert Notice.objects.filter(person=person).count() == 4, "without a key nothing is the same"


def test_who_did_it_and_who_left_is_not_told(person: Person) -> None:
    left = org.person("D2", person.unit, "走了")
    Person.objects.filter(pk=left.pk).update(left_on=AT.date())
    facts = {"route": "用印", "label": "一", "summary": "", "by": "邵红", "comment": ""}
    notices.send(kind=CALM, to=[person.pk, left.pk, None], facts=facts, without=[person.pk], at=AT)
    assert not Notice.objects.exists()


def test_telling_takes_two_statements_and_leaves_no_lock(
    person: Person, django_assert_num_queries: Any
) -> None:
    tell(person)  # the template is read once
    with django_assert_num_queries(4):  # and the savepoint around them
        tell(person)


# ── windows and quiet hours ─────────────────────────────────────────────────────────────


def test_five_notices_within_ten_minutes_are_one_message(person: Person, out: Out) -> None:
    channel()
    for number in range(5):
        tell(person, str(number), at=AT + number * MINUTE)
    assert run(AT + 9 * MINUTE) == 0
    assert run(AT + 10 * MINUTE) == 1
    (message,) = out.sent
    assert message["title"] == "您有 5 件新消息"
    assert message["address"] == MOBILE
    (kept,) = Delivery.objects.all()
    assert (kept.notices, kept.state, kept.sent_at) == (5, "SENT", AT + 10 * MINUTE)
    assert kept.address == "138****0049"
    assert kept.enclosures.count() == 5
    assert run(AT + 30 * MINUTE) == 0, "nothing is said twice"


def test_what_was_read_on_the_screen_is_not_sent(person: Person, out: Out) -> None:
    channel()
    reader = actor(account("moxing", person))
    tell(person)
    (notice,) = Notice.objects.all()
    notices.mark_read(actor=reader, notice_id=notice.pk, at=AT + MINUTE)
    assert run(AT + 60 * MINUTE) == 0
    assert not Delivery.objects.exists()


def test_at_night_only_what_is_urgent_goes_out(person: Person, out: Out) -> None:
    channel()
    tell(person, "平常", at=later(20, 55))
    tell(person, "紧急", PRESSED, at=later(23))
    assert run(later(23)) == 1
    assert "紧急" in out.sent[0]["title"]
    assert out.sent[0]["urgent"]
    assert run(later(3, days=1)) == 0
    assert run(later(7, 29, days=1)) == 0
    assert run(later(7, 30, days=1)) == 1
    assert "平常" in out.sent[1]["title"]


def test_a_person_has_hours_of_their_own_or_none(person: Person, out: Out) -> None:
    channel()
    wishes: dict[str, Any] = {"email": "", "without": [], "digest": True, "at": AT}
    me = actor(account("moxing", person))
    preferences.set_preferences(
        actor=me, quiet=True, quiet_from=time(12), quiet_to=time(14), **wishes
    )
    tell(person, at=later(12))
    assert run(later(13, 59)) == 0
    assert run(later(14)) == 1
    preferences.set_preferences(actor=me, quiet=False, quiet_from=None, quiet_to=None, **wishes)
    tell(person, at=later(22))
    assert run(later(22, 10)) == 1, "the hours of the bureau do not hold any more"


def test_who_wants_no_digest_gets_each_at_once(person: Person, out: Out) -> None:
    channel()
    Preference.objects.create(person=person, digest=False)
    tell(person, "1")
    tell(person, "2")
    assert run(AT) == 2


def test_a_kind_that_waits_for_nothing_goes_alone(person: Person, out: Out) -> None:
    channel()
    tell(person, "汇总")
    tell(person, "单发", ALONE)
    assert run(AT) == 1
    assert "单发" in out.sent[0]["title"]


# ── which channel, which address ────────────────────────────────────────────────────────


def test_short_messages_are_for_what_is_urgent(person: Person, out: Out) -> None:
    channel(ChannelKind.SMS)
    tell(person, "平常")
    tell(person, "紧急", PRESSED)
    assert run(AT + 30 * MINUTE) == 1
    assert "紧急" in out.sent[0]["title"]


def test_a_channel_somebody_does_not_want_is_left_out(person: Person, out: Out) -> None:
    channel()
    Preference.objects.create(person=person, without=["WECOM"])
    tell(person, kind=PRESSED)
    assert run(AT) == 0
    assert not Delivery.objects.exists()


def test_who_has_no_address_stands_in_the_log(person: Person, out: Out) -> None:
    channel(ChannelKind.EMAIL)
    tell(person, kind=PRESSED)
    assert run(AT) == 0
    (kept,) = Delivery.objects.all()
    assert (kept.state, kept.error) == (DeliveryState.SKIPPED, "本人没有填电子邮箱。")


def test_a_channel_switched_on_later_does_not_tell_old_news(person: Person, out: Out) -> None:
    tell(person, kind=PRESSED)
    assert run(AT) == 0
    channel()
    assert run(AT + 60 * MINUTE) == 0


def test_a_channel_switched_off_meanwhile_sends_nothing(person: Person, out: Out) -> None:
    off = channel()
    tell(person, kind=PRESSED)
    deliveries.plan_due(at=AT)
    Channel.objects.filter(pk=off.pk).update(enabled=False)
    assert run(AT) == 0
    assert Delivery.objects.get().error == "渠道已停用。"
    assert out.sent == []


# ── failing ─────────────────────────────────────────────────────────────────────────────


def test_a_message_is_tried_after_1_5_30_and_120_minutes_and_then_given_up(
    person: Person, out: Out
) -> None:
    channel()
    out.fault = ChannelFailure("连不上 robot.test。", retry=True)
    tell(person, kind=PRESSED)
    at, waits = AT, []
    run(at)
    while (kept := Delivery.objects.get()).state == DeliveryState.FAILED:
        assert kept.error == "连不上 robot.test。"
        run(kept.next_at - timedelta(seconds=1))
        waits.append((kept.next_at - at) // MINUTE)
        at = kept.next_at
        run(at)
    assert waits == [1, 5, 30, 120]
    assert (kept.state, kept.tries, len(out.sent)) == (DeliveryState.GIVEN_UP, 5, 5)
    assert run(at + timedelta(days=9)) == 0


def test_what_later_cannot_mend_is_given_up_at_once(person: Person, out: Out) -> None:
    channel()
    out.fault = ChannelFailure("没有受理。", retry=False)
    tell(person, kind=PRESSED)
    run(AT)
    assert Delivery.objects.get().state == DeliveryState.GIVEN_UP


def test_a_retry_does_not_ring_at_night(person: Person, out: Out) -> None:
    channel()
    out.fault = ChannelFailure("连不上。", retry=True)
    tell(person, at=later(20, 49))
    run(later(20, 59))
    assert Delivery.objects.get().next_at == later(7, 30, days=1)


def test_a_fault_of_ours_is_written_down_without_what_it_says(person: Person, out: Out) -> None:
    channel()
    out.fault = KeyError("http://robot.test/send?key=hush")
    tell(person, kind=PRESSED)
    run(AT)
    kept = Delivery.objects.get()
    assert kept.state == DeliveryState.FAILED
    assert kept.error == "发送时出错（KeyError），核对渠道设置。"


def test_three_failures_in_a_row_end_the_round(person: Person, out: Out) -> None:
    channel()
    out.fault = ChannelFailure("没有答复。", retry=True)
    for number in range(6):
        other = org.person(f"E{number}", person.unit, mobile=MOBILE)
        tell(other, kind=PRESSED)
    run(AT)
    assert len(out.sent) == 3
    run(AT)
    assert len(out.sent) == 6, "the next round goes on with the others"


def test_a_hanging_channel_does_not_hold_up_another(person: Person, out: Out) -> None:
    robot, gateway = channel(), channel(ChannelKind.SMS)
    tell(person, kind=PRESSED)
    deliveries.plan_due(at=AT)
    assert deliveries.due(at=AT) == sorted([robot.pk, gateway.pk])
    assert deliveries.claim(channel_id=robot.pk, at=AT) is not None  # and never comes back
    assert deliveries.deliver_due(channel_id=gateway.pk, clock=lambda: AT) == 1


def test_who_dies_while_sending_leaves_the_message_to_the_next(person: Person, out: Out) -> None:
    robot = channel()
    tell(person, kind=PRESSED)
    deliveries.plan_due(at=AT)
    dead = deliveries.claim(channel_id=robot.pk, at=AT)
    assert dead is not None
    assert run(AT + 14 * MINUTE) == 0, "its lease is not over"
    assert run(AT + 15 * MINUTE) == 1
    deliveries._finish(dead, DeliveryState.FAILED, error="too late", next_at=AT)
    assert Delivery.objects.get().state == DeliveryState.SENT, "who comes too late says nothing"


def test_an_administrator_sends_once_more(person: Person, out: Out) -> None:
    channel()
    out.fault = ChannelFailure("没有受理。", retry=False)
    tell(person, kind=PRESSED)
    run(AT)
    admin = actor(account("admin", None, ("access.system", Reach.CITY, None)))
    (kept,) = Delivery.objects.all()
    deliveries.retry(actor=admin, delivery_id=kept.pk, at=AT + MINUTE)
    deliveries.retry(actor=admin, delivery_id=kept.pk, at=AT + MINUTE)
    assert Record.objects.filter(verb="notices.delivery.retried").count() == 1
    out.fault = None
    assert run(AT + MINUTE) == 1
    with pytest.raises(Refused, match="不用重发"):
        deliveries.retry(actor=admin, delivery_id=kept.pk, at=AT + MINUTE)


# ── several workers ─────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_every_message_once(out: Out) -> None:
    unit = org.unit("3602")
    robot = channel()
    people = [org.person(f"D{n}", unit, mobile=f"138798100{n:02d}") for n in range(20)]
    for one in people:
        tell(one, kind=PRESSED)
    start = threading.Barrier(6)

    def together(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
        finally:
            connection.close()

    def work() -> None:
        close_old_connections()
        deliveries.plan_due(at=AT)
        deliveries.deliver_due(channel_id=robot.pk, clock=lambda: AT)

    threads = [threading.Thread(target=together, args=(work,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(m["address"] for m in out.sent) == sorted(p.mobile for p in people)
    assert Delivery.objects.filter(state=DeliveryState.SENT, tries=1).count() == 20
