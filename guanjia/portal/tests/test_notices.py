"""The bell, one's own notices, what one wants, and the administrator's channels and log."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Channel, Delivery, Notice, Preference
from guanjia.kernel.notices.tests import servers
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat

SECRET = "hush-hush-hush"
MINUTE = timedelta(minutes=1)


def notice(city: Any, who: str, title: str, **facts: Any) -> Notice:
    return Notice.objects.create(
        kind="approvals.agreed", person=city.person(who), title=title, at=AT, **facts
    )


def text(answer: Any) -> str:
    return re.sub(r"<[^>]+>", " ", flat(answer.content))


# ── the bell ────────────────────────────────────────────────────────────────────────────


def test_the_bell_counts_ones_own_unread_notices(city: Any, visit: Any) -> None:
    client = visit("asker")
    assert "条未读" not in flat(client.get("/").content), "no count for nothing"
    notice(city, "asker", "一")
    notice(city, "asker", "二", read_at=AT)
    notice(city, "approver", "别人的")
    assert "通知，1 条未读" in flat(client.get("/").content)
    face = flat(client.get("/notices/bell/").content)
    assert "通知，1 条未读" in face
    assert "<html" not in face


def test_the_bell_stops_counting_at_ninety_nine(city: Any, visit: Any) -> None:
    for number in range(120):
        notice(city, "asker", str(number))
    assert "99+ 条未读" in flat(visit("asker").get("/notices/bell/").content)


def test_the_bell_costs_one_statement_that_reads_one_index(
    city: Any, visit: Any, django_assert_max_num_queries: Any
) -> None:
    client = visit("asker")
    client.get("/notices/bell/")
    with django_assert_max_num_queries(6) as asked:
        client.get("/notices/bell/")
    bells = [q["sql"] for q in asked.captured_queries if "notices_notice" in q["sql"]]
    assert len(bells) == 1


def test_asking_by_itself_does_not_keep_a_session_awake(city: Any, visit: Any, clock: Any) -> None:
    client = visit("asker")
    client.get("/")
    start = AT + 30 * MINUTE
    for minutes in range(10, django_settings.SESSION_IDLE_MINUTES, 10):
        clock.move_to(start + minutes * MINUTE)
        assert client.get("/notices/bell/", headers={"X-Guanjia-Poll": "1"}).status_code == 200
    clock.move_to(start + (django_settings.SESSION_IDLE_MINUTES + 1) * MINUTE)
    assert client.get("/").status_code == 302, "nobody worked for an hour"


# ── one's own notices ───────────────────────────────────────────────────────────────────


def test_the_unread_come_first_and_somebody_elses_not_at_all(city: Any, visit: Any) -> None:
    notice(city, "asker", "看过的新事", read_at=AT)
    notice(city, "asker", "没看的旧事", body="审批人：邵红\n意见：同意")
    notice(city, "approver", "别人的事")
    seen = text(visit("asker").get("/notices/"))
    assert seen.index("没看的旧事") < seen.index("看过的新事")
    assert "审批人：邵红 · 意见：同意" in seen
    assert "别人的事" not in seen
    assert "1 条未读" in seen


def test_opening_a_notice_marks_it_and_leads_to_its_row(city: Any, visit: Any) -> None:
    trip = city.requested()
    mine = notice(city, "asker", "一", subject_model="fleet.trip", subject_id=trip.pk)
    answer = visit("asker").get(f"/notices/{mine.pk}/open/")
    assert answer["Location"] == f"/fleet/trips/{trip.pk}/"
    mine.refresh_from_db()
    assert mine.read_at == AT + 30 * MINUTE


def test_a_row_one_may_no_longer_see_is_said_and_not_shown(city: Any, visit: Any) -> None:
    trip = city.requested()
    stray = notice(city, "stranger", "某事", subject_model="fleet.trip", subject_id=trip.pk)
    client = visit("stranger")
    assert client.get(f"/notices/{stray.pk}/open/")["Location"] == "/notices/"
    assert "已不在您的范围内" in flat(client.get("/notices/").content)


def test_a_notice_without_a_row_stays_on_the_list(city: Any, visit: Any) -> None:
    mine = notice(city, "asker", "只是告诉一声")
    assert visit("asker").get(f"/notices/{mine.pk}/open/")["Location"] == "/notices/"


def test_somebody_elses_notice_does_not_exist(city: Any, visit: Any) -> None:
    theirs = notice(city, "approver", "别人的事")
    assert visit("asker").get(f"/notices/{theirs.pk}/open/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_all_are_marked_but_not_what_came_meanwhile(city: Any, visit: Any) -> None:
    first, theirs = notice(city, "asker", "一"), notice(city, "approver", "别人的")
    client = visit("asker")
    assert f'name="until" value="{first.pk}"' in flat(client.get("/notices/").content)
    late = notice(city, "asker", "二")
    client.post("/notices/read-all/", {"until": first.pk})
    unread = Notice.objects.filter(read_at=None).values_list("pk", flat=True)
    assert set(unread) == {theirs.pk, late.pk}
    for wrong in ("", "x", "٣", "9" * 40, "9" * 5000):
        assert client.post("/notices/read-all/", {"until": wrong}).status_code == 302


# ── what one wants ──────────────────────────────────────────────────────────────────────

WISHES = {"email": "mo@jdz.test", "quiet": "on", "quiet_from": "22:00", "quiet_to": "06:30"}


def test_wishes_are_set_on_a_page(city: Any, visit: Any) -> None:
    Channel.objects.create(kind="EMAIL", enabled=True, changed_at=AT)
    Channel.objects.create(kind="SMS", enabled=True, changed_at=AT)
    client = visit("driver")
    page = flat(client.get("/me/notices/").content)
    assert "138****0049" in page
    assert "13879810049" not in page
    assert "21:00–7:30" in page
    assert client.post("/me/notices/", {**WISHES, "channels": ["EMAIL"]}).status_code == 302
    kept = Preference.objects.get(person=city.person("driver"))
    assert (kept.email, kept.without, kept.digest) == ("mo@jdz.test", ["SMS"], False)
    assert (f"{kept.quiet_from:%H:%M}", f"{kept.quiet_to:%H:%M}") == ("22:00", "06:30")
    assert "m***@jdz.test" in flat(client.get("/me/notices/").content)


def test_a_wish_that_makes_no_sense_comes_back_as_typed(city: Any, visit: Any) -> None:
    client = visit("asker")
    answer = client.post("/me/notices/", {"email": "mo-at-jdz", "quiet_from": "25:00"})
    assert answer.status_code == 422
    assert "写成 21:00 这样的时间" in flat(answer.content)
    answer = client.post("/me/notices/", {"email": "mo-at-jdz"})
    assert answer.status_code == 422
    assert "电子邮箱不对" in flat(answer.content)
    assert 'value="mo-at-jdz"' in flat(answer.content)
    assert not Preference.objects.exists()


def test_a_channel_that_is_off_at_the_moment_keeps_what_was_said(city: Any, visit: Any) -> None:
    Preference.objects.create(person=city.person("asker"), without=["SMS"])
    Channel.objects.create(kind="EMAIL", enabled=True, changed_at=AT)
    visit("asker").post("/me/notices/", {"channels": ["EMAIL"]})
    assert Preference.objects.get().without == ["SMS"]


# ── channels ────────────────────────────────────────────────────────────────────────────

MAIL = {
    "host": "smtp.jdz.test", "port": "587", "security": "starttls", "username": "guanjia",
    "sender": "guanjia@jdz.test", "sender_name": "管家", "password": SECRET, "enabled": "on",
}  # fmt: skip


def test_a_channel_is_set_up_and_its_secret_never_seen_again(city: Any, visit: Any) -> None:
    client, auditor = visit("sysadmin"), visit("auditor")
    assert client.post("/notices/channels/email/", MAIL).status_code == 302
    seen = [
        client.get("/notices/channels/"),
        client.get("/notices/channels/email/"),
        client.post("/notices/channels/email/", {**MAIL, "port": "x"}),
        auditor.get("/audit/"),
        client.get("/notices/deliveries/"),
    ]
    assert "smtp.jdz.test:587" in flat(seen[0].content)
    assert "留空不改" in flat(seen[1].content)
    assert seen[2].status_code == 422
    assert "更换的密钥" in flat(seen[3].content)
    assert not any(SECRET in flat(answer.content) for answer in seen)
    assert SECRET not in str(list(Channel.objects.values())) + str(list(Record.objects.values()))


def test_an_incomplete_channel_is_answered_at_the_field(city: Any, visit: Any) -> None:
    client = visit("sysadmin")
    answer = client.post("/notices/channels/wecom/", {"url": "ftp://x", "enabled": "on"})
    assert answer.status_code == 422
    assert "应以 http 或 https 开头" in flat(answer.content)
    assert client.get("/notices/channels/pigeon/").status_code == 404


@pytest.mark.parametrize(("status", "said"), [(200, "服务器已收下"), (500, "没有发出去")])
def test_one_message_is_sent_for_a_trial(city: Any, visit: Any, status: int, said: str) -> None:
    client = visit("sysadmin")
    with servers.web(status=status) as server:
        url = f"{server.url}/send?key={SECRET}"
        client.post("/notices/channels/wecom/", {"url": url, "enabled": "on"})
        answer = client.post("/notices/channels/wecom/try/", {"address": ""}, follow=True)
    assert len(server.heard) == 1
    assert said in flat(answer.content)
    assert SECRET not in flat(answer.content)


# ── the log ─────────────────────────────────────────────────────────────────────────────


def delivery(city: Any, who: str, title: str, state: str = "GIVEN_UP", **facts: Any) -> Delivery:
    channel, _ = Channel.objects.get_or_create(kind="EMAIL", defaults={"changed_at": AT})
    return Delivery.objects.create(
        channel=channel, person=city.person(who), title=title, notices=1, state=state,
        planned_at=AT, address="m***@jdz.test", **facts,
    )  # fmt: skip


def test_the_log_is_filtered_and_a_message_sent_again(city: Any, visit: Any) -> None:
    lost = delivery(city, "asker", "已同意：用车", error="连不上 smtp.jdz.test。")
    delivery(city, "approver", "催办：用车", state="SENT", sent_at=AT)
    client = visit("sysadmin")
    whole = text(client.get("/notices/deliveries/"))
    assert "已同意：用车" in whole
    assert "连不上 smtp.jdz.test。" in whole
    assert "m***@jdz.test" in whole
    for query, found, missing in (
        ("state=SENT", "催办", "已同意"),
        ("words=莫兴", "已同意", "催办"),
        ("words=催办", "催办", "已同意"),
        ("channel=SMS", "没有符合条件的发送记录", "已同意"),
    ):
        seen = text(client.get(f"/notices/deliveries/?{query}"))
        assert found in seen
        assert missing not in seen
    for odd in ("state=X", "channel=%00", "words=%00", "page=999", "words=" + "长" * 99):
        assert client.get(f"/notices/deliveries/?{odd}").status_code == 200
    client.post(f"/notices/deliveries/{lost.pk}/retry/")
    lost.refresh_from_db()
    assert lost.state == "WAITING"


def test_the_log_of_a_unit_ends_at_its_people(city: Any, visit: Any) -> None:
    mine = delivery(city, "asker", "本单位的")
    theirs = delivery(city, "stranger", "别单位的")
    farming = city.units["farming"]
    city.join("clerk_admin", None, ("access.system", Reach.BELOW, farming))
    client = visit("clerk_admin")
    seen = text(client.get("/notices/deliveries/"))
    assert "本单位的" in seen
    assert "别单位的" not in seen
    assert client.post(f"/notices/deliveries/{theirs.pk}/retry/").status_code == 404
    assert client.post(f"/notices/deliveries/{mine.pk}/retry/").status_code == 302


def test_the_log_stays_within_its_statements(
    city: Any, visit: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        delivery(city, "asker", f"第 {number} 条")
    client = visit("sysadmin")
    client.get("/notices/deliveries/")
    with django_assert_max_num_queries(12):
        page = flat(client.get("/notices/deliveries/").content)
    assert "共 60 条" in page


def test_the_administrators_pages_are_theirs(city: Any, visit: Any) -> None:
    client = visit("asker")
    for path in ("/notices/channels/", "/notices/channels/email/", "/notices/deliveries/"):
        assert client.get(path).status_code == 403
    menu = flat(client.get("/").content)
    assert "发送记录" not in menu
    assert "发送记录" in flat(visit("sysadmin").get("/notices/deliveries/").content)
