"""一张网 and 接口密钥: what the keeper sees and does, and who does not get in."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guanjia.domains.fleet.actions import network
from guanjia.domains.fleet.tests.builders import AT, SMALL, City
from guanjia.domains.fleet.tests.test_network import SECRET, SETTINGS
from guanjia.kernel.exchange import scopes, triggers
from guanjia.kernel.exchange.actions import keys, sending
from guanjia.kernel.exchange.actions.keys import KeyRefused
from guanjia.kernel.exchange.models import ApiKey, Incoming, Outgoing, Peer
from guanjia.kernel.exchange.scopes import ApiScope
from guanjia.kernel.exchange.tests.builders import Clock
from guanjia.kernel.outside.http import Answer
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor

ROOT = "/fleet/network/"
PAGES = ("", "changes/", "messages/", "incoming/", "fields/", "keys/", "calls/")


@pytest.fixture
def town(city: City) -> City:
    triggers.install()
    return city


def client(city: City, who: str) -> Client:
    found = Client()
    found.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return found


def text(answer: Any) -> str:
    page = re.sub(r"<(script|style|svg).*?</\1>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def platform(act: str) -> str:
    """The address of an act on the province's platform."""
    return f"{ROOT}platform/{Peer.objects.get().pk}/{act}/"


def set_up(city: City) -> Peer:
    keeper = city.actor("car_keeper")
    peer = network.save_peer(actor=keeper, settings=SETTINGS, secret=SECRET, at=AT)
    network.switch_on(actor=keeper, peer_id=peer.pk, at=AT)
    return peer


def refuse_all(peer: Peer) -> None:
    """The platform refuses whatever is about cars."""

    def answer(_: Peer, __: str, ___: str, body: bytes, ____: Any) -> Answer:
        results = [
            {"id": one["id"], "state": "refused", "reason": "缺油箱容积"}
            if one["kind"] == "fleet.car"
            else {"id": one["id"], "state": "applied"}
            for one in json.loads(body)["messages"]
        ]
        return Answer(200, json.dumps({"results": results}).encode())

    sending.deliver(peer_id=peer.pk, clock=Clock(timezone.now()), call=answer)


@pytest.mark.parametrize("who", ["clerk", "head", "dispatcher", "supervisor", "asker"])
@pytest.mark.parametrize("page", PAGES)
def test_nobody_but_the_keeper_looks_at_it(town: City, who: str, page: str) -> None:
    assert client(town, who).get(ROOT + page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_before_anything_is_set_up_the_pages_say_so(town: City, page: str) -> None:
    answer = client(town, "car_keeper").get(ROOT + page)
    assert answer.status_code == 200


def test_it_is_set_up_switched_on_and_its_numbers_open_their_rows(town: City) -> None:
    keeper = client(town, "car_keeper")
    assert "未接通" in text(keeper.get(ROOT))
    open_line = {**SETTINGS, "url": "http://gwyc.example", "secret": SECRET}
    bad = keeper.post(ROOT + "settings/", open_line)
    assert bad.status_code == 422
    assert "数据不能明文外送" in text(bad)
    assert SECRET not in bad.content.decode(), "a secret is not shown again"
    keeper.post(ROOT + "settings/", {**SETTINGS, "secret": SECRET})
    assert SECRET not in keeper.get(ROOT + "settings/").content.decode()
    answer = keeper.post(platform("on"), follow=True)
    assert "已接通，先报" in text(answer)
    refuse_all(Peer.objects.get())
    page = keeper.get(ROOT)
    shown = Outgoing.objects.filter(state="REFUSED").count()
    assert shown > 0
    assert f"被退 {shown} 条" in text(page)
    assert "缺油箱容积" in text(page)
    rows = keeper.get(ROOT + "messages/", {"state": "REFUSED"})
    assert text(rows).count("缺油箱容积") == shown


def test_a_message_shows_what_was_said_and_is_sent_again(town: City) -> None:
    refuse_all(set_up(town))
    keeper = client(town, "car_keeper")
    message = Outgoing.objects.get(kind="fleet.car", subject_id=town.cars[SMALL].pk)
    page = text(keeper.get(f"{ROOT}messages/{message.pk}/"))
    assert "对方不收：缺油箱容积。" in page
    assert f"号牌号码 {SMALL}" in page
    assert "BLUE（蓝）" in page
    answer = keeper.post(f"{ROOT}messages/{message.pk}/again/", follow=True)
    assert "排队再发" in text(answer)
    message.refresh_from_db()
    assert message.state == "WAITING"
    sent = Outgoing.objects.filter(state="SENT").first()
    assert sent is not None
    refused = keeper.post(f"{ROOT}messages/{sent.pk}/again/")
    assert refused.status_code == 409
    assert "不能再发" in text(refused)
    assert "现在是对方已收" in text(refused)


def test_pausing_takes_a_reason_and_resuming_does_not(town: City) -> None:
    set_up(town)
    keeper = client(town, "car_keeper")
    without = keeper.post(platform("pause"))
    assert without.status_code == 422
    assert "补填原因" in text(without)
    paused = keeper.post(platform("pause"), {"reason": "检修"}, follow=True)
    assert "已暂停，变动照记" in text(paused)
    assert "检修" in text(keeper.get(ROOT))
    assert "已恢复" in text(keeper.post(platform("resume"), follow=True))
    assert "已断开" in text(keeper.post(platform("off"), {"reason": "换平台"}, follow=True))
    assert keeper.post(platform("pause"), {"reason": "检修"}).status_code == 409


def test_a_decision_that_could_not_be_applied_is_shown_and_tried_again(town: City) -> None:
    peer = set_up(town)
    row = Incoming.objects.create(
        peer=peer, external_id="D1", kind=network.PURCHASE_DECIDED, number="GZ1", body="{}",
        state="UNAPPLIED", reason="没有 GZ1 这一件。", received_at=AT,
    )  # fmt: skip
    keeper = client(town, "car_keeper")
    for page in (ROOT, ROOT + "incoming/"):
        assert "没有 GZ1 这一件。" in text(keeper.get(page))
    assert "排队再办" in text(keeper.post(f"{ROOT}incoming/{row.pk}/again/", follow=True))
    row.refresh_from_db()
    assert row.state == "WAITING"


def test_the_field_table_says_what_is_not_sent(town: City) -> None:
    page = text(client(town, "car_keeper").get(ROOT + "fields/"))
    assert "江西省的接口规范还没有公布" in page
    assert "定位数据" in page
    assert "odometer_km" in page
    assert "mobile" not in page


def test_a_key_is_shown_once_and_stopped(town: City) -> None:
    keeper = client(town, "car_keeper")
    today = timezone.localdate()
    form = {
        "partner": "市审计局联网审计", "contact": "汪建平", "scopes": ["fleet.cars.read"],
        "networks": "10.36.0.0/16\n192.0.2.1", "since": today.isoformat(),
        "until": (today + timedelta(days=30)).isoformat(), "per_minute": "60",
    }  # fmt: skip
    answer = keeper.post(ROOT + "keys/make/", form)
    shown = re.search(r"gj_[0-9a-f]{8}_[\w-]{43}", answer.content.decode())
    assert shown is not None
    assert answer["Cache-Control"] == "no-store"
    key = ApiKey.objects.get()
    assert key.networks == ["10.36.0.0/16", "192.0.2.1/32"]
    for page in (f"{ROOT}keys/{key.pk}/", ROOT + "keys/"):
        assert shown[0] not in keeper.get(page).content.decode(), "and never again"
        assert "可用" in text(keeper.get(page))
    assert keeper.post(f"{ROOT}keys/{key.pk}/stop/").status_code == 422
    stopped = keeper.post(f"{ROOT}keys/{key.pk}/stop/", {"reason": "下线"}, follow=True)
    assert "已停用" in text(stopped)
    assert "下线" in text(stopped)
    again = keeper.post(f"{ROOT}keys/{key.pk}/stop/", {"reason": "下线"})
    assert again.status_code == 409


def test_keys_of_other_departments_are_theirs(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_scopes", dict(scopes._scopes))
    scopes.declare(ApiScope(key="other.read", title="别处的内容", wire="other"))
    day = timezone.localdate()
    facts: dict[str, Any] = {
        "partner": "教育局平台", "contact": "", "networks": [], "scopes": ["other.read"],
        "since": day, "until": day, "per_minute": 5, "at": AT,
    }  # fmt: skip
    theirs, _ = keys.make_key(actor=Actor.system("测试"), **facts)
    with pytest.raises(KeyRefused):
        keys.admit(key=theirs, scope="fleet.cars.read", address="", query="", at=timezone.now())
    keeper = client(town, "car_keeper")
    for page in ("keys/", "calls/", f"calls/?key={theirs.pk}"):
        assert "教育局平台" not in text(keeper.get(ROOT + page))
    assert keeper.get(f"{ROOT}keys/{theirs.pk}/").status_code == 404
    answer = keeper.post(f"{ROOT}keys/{theirs.pk}/stop/", {"reason": "下线"})
    assert answer.status_code == 404
    with pytest.raises(ApiKey.DoesNotExist):
        network.stop_key(actor=town.actor("car_keeper"), key_id=theirs.pk, reason="下线", at=AT)
    with pytest.raises(Refused, match="可读内容从列出的选"):
        network.make_key(actor=town.actor("car_keeper"), **facts)
    assert ApiKey.objects.get().revoked_at is None


def test_a_bad_key_form_keeps_what_was_typed(town: City) -> None:
    form = {
        "partner": "市审计局", "networks": "隔壁", "since": date(2020, 5, 1).isoformat(),
        "until": "不知道", "per_minute": "很多", "scopes": ["fleet.cars.read"],
    }  # fmt: skip
    answer = client(town, "car_keeper").post(ROOT + "keys/make/", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "市审计局" in page
    assert "隔壁" in page
    assert "每分钟次数写整数" in text(answer)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "query",
    ["?state=NOPE", "?kind=x&words=%00", "?page=99999", "?key=abc", "?key=" + "9" * 22],
)
@pytest.mark.parametrize("page", ["messages/", "incoming/", "calls/"])
def test_an_odd_address_is_read_as_well_as_it_can_be(town: City, page: str, query: str) -> None:
    set_up(town)
    assert client(town, "car_keeper").get(ROOT + page + query).status_code == 200
