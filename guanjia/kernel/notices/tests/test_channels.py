"""Every channel against a small server of its own: taken, refused, broken, babbling, silent."""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from guanjia.kernel.notices.channels import dingtalk, sms, wecom
from guanjia.kernel.notices.channels import email as mail
from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.notices.tests import servers
from guanjia.kernel.outside import http

MOBILE = "13879810049"
TOKEN = "not-to-be-told"
TEMPLATE = '{"key": "{key}", "to": ["{mobile}"], "say": "{text}", "n": 1}'


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.5)


def say(channel: Any, url: str, settings: dict[str, str] | None = None, **changes: Any) -> None:
    given = {"title": "待您审批：用印", "body": "", "urgent": False, "address": MOBILE, **changes}
    secret = {"url": f"{url}/robot?token={TOKEN}", **given.pop("secret", {})}
    channel.send(settings=settings or {}, secret=secret, **given)


def failure(act: Callable[[], None]) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as caught:
        act()
    assert TOKEN not in caught.value.sentence, "a token never stands in the log"
    return caught.value


# ── DingTalk ────────────────────────────────────────────────────────────────────────────


def test_dingtalk_takes_a_signed_message_and_calls_the_person() -> None:
    with servers.web() as server:
        say(dingtalk, server.url, secret={"sign": "SEC123"}, urgent=True)
    (heard,) = server.heard
    query = parse_qs(urlsplit(heard.path).query)
    assert query["token"] == [TOKEN]
    (moment,) = query["timestamp"]
    digest = hmac.new(b"SEC123", f"{moment}\nSEC123".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]
    assert heard.data["at"] == {"atMobiles": [MOBILE], "isAtAll": False}
    assert heard.data["text"]["content"] == f"【紧急】待您审批：用印\n@{MOBILE}"


def test_the_signature_of_a_fixed_moment_is_the_one_openssl_makes() -> None:
    # printf '1577262236757\nthis is secret' | openssl dgst -sha256 -hmac 'this is secret' -binary
    signed = dingtalk.sign(secret="this is secret", milliseconds=1577262236757)
    assert signed == "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"


@pytest.mark.parametrize(
    ("code", "said", "retry"),
    [
        (310000, "安全设置", False),
        (130101, "发得太快", True),
        (-1, "钉钉忙", True),
        (77, "钉钉不收", False),
    ],
)
def test_dingtalk_says_no_in_words(code: int, said: str, retry: bool) -> None:
    body = json.dumps({"errcode": code, "errmsg": f"token {TOKEN} is bad"}).encode()
    with servers.web(body=body) as server:
        fault = failure(lambda: say(dingtalk, server.url))
    assert said in fault.sentence
    assert fault.retry is retry


# ── WeCom ───────────────────────────────────────────────────────────────────────────────


def test_wecom_takes_a_message_of_bounded_length() -> None:
    with servers.web() as server:
        say(wecom, server.url, body="长" * 2000)
    sent = server.heard[0].data
    assert sent["msgtype"] == "text"
    assert sent["text"]["mentioned_mobile_list"] == [MOBILE]
    content = sent["text"]["content"]
    assert content.startswith("待您审批：用印\n长长")
    assert 2045 <= len(content.encode()) <= 2048


def test_wecom_says_no_in_words() -> None:
    with servers.web(body=b'{"errcode": 93000, "errmsg": "invalid webhook url"}') as server:
        fault = failure(lambda: say(wecom, server.url))
    assert "核对接口地址" in fault.sentence
    assert not fault.retry


# ── what all webhooks share ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("channel", [dingtalk, wecom], ids=["dingtalk", "wecom"])
@pytest.mark.parametrize(
    ("answer", "said", "retry"),
    [
        ({"status": 500}, "出错或太忙（500）", True),
        ({"status": 429}, "出错或太忙（429）", True),
        ({"status": 404}, "不收（404）", False),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, "没有跟去", False),
        ({"body": b"<html>\xff\xfe"}, "读不懂", True),
        ({"body": b"[]"}, "读不懂", True),
        ({"body": b'{"errcode": "0"}'}, "读不懂", True),
        ({"hang": True}, "超过 0.5 秒没有答复", True),
        ({"drip": True}, "超过 0.5 秒没有答复", True),
    ],
    ids=["500", "429", "404", "redirect", "garbage", "list", "text", "hang", "drip"],
)
def test_a_webhook_that_fails_is_a_sentence(
    channel: Any, answer: dict[str, Any], said: str, retry: bool
) -> None:
    with servers.web(**answer) as server:
        fault = failure(lambda: say(channel, server.url))
    assert said in fault.sentence
    assert fault.retry is retry
    assert len(server.heard) == 1


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers there
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        fault = failure(lambda: say(wecom, url))
    assert fault.sentence.startswith("连不上 127.0.0.1:")
    assert fault.retry


@pytest.mark.parametrize(
    "url", ["", "ftp://x/y", "file:///etc/passwd", "http://", "http://x:port/", "javascript:1"]
)
def test_only_web_addresses_are_called(url: str) -> None:
    with pytest.raises(ChannelFailure, match="接口地址不对"):
        http.post(url=url, body=b"", headers={})


def test_an_address_cannot_smuggle_a_second_request() -> None:
    with pytest.raises(ChannelFailure, match="接口地址不对"):
        http.post(url="http://127.0.0.1:1/a b", body=b"", headers={})


def test_no_more_of_an_answer_is_read_than_needed() -> None:
    with servers.web(body=b" " * (http.ANSWER_BYTES_MAX * 4)) as server:
        answer = http.post(url=server.url, body=b"{}", headers={})
    assert len(answer.body) == http.ANSWER_BYTES_MAX


# ── short messages ──────────────────────────────────────────────────────────────────────


def test_a_short_message_fills_the_template_of_the_gateway() -> None:
    settings = {"style": "json", "template": TEMPLATE, "signature": "景德镇机关事务"}
    with servers.web(body=b'{"data": {"code": 0}}') as server:
        say(sms, server.url, {**settings, "success": "data.code=0"}, secret={"key": 'k"1'})
    assert server.heard[0].data == {
        "key": 'k"1', "to": [MOBILE], "say": "【景德镇机关事务】待您审批：用印", "n": 1,
    }  # fmt: skip


def test_a_text_that_looks_like_a_place_stays_text() -> None:
    with servers.web() as server:
        say(sms, server.url, {"template": TEMPLATE}, title='{key}","x":"', secret={"key": "k1"})
    assert server.heard[0].data["say"] == '{key}","x":"'


def test_a_form_gateway_gets_a_form() -> None:
    settings = {"style": "form", "template": "m={mobile}&c={text}&empty="}
    with servers.web(body=b"OK") as server:
        say(sms, server.url, settings, title="一 & 二")
    heard = server.heard[0]
    assert heard.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    sent = parse_qs(heard.body.decode(), keep_blank_values=True)
    assert sent == {"m": [MOBILE], "c": ["一 & 二"], "empty": [""]}


@pytest.mark.parametrize(
    ("answer", "said", "retry"),
    [
        ({"body": b'{"data": {"code": 7}}'}, "没有受理", False),
        ({"body": b"garbage"}, "没有受理", False),
        ({"status": 503}, "太忙", True),
        ({"hang": True}, "没有答复", True),
    ],
    ids=["refused", "garbage", "503", "hang"],
)
def test_a_gateway_that_fails_is_a_sentence(answer: dict[str, Any], said: str, retry: bool) -> None:
    settings = {"template": TEMPLATE, "success": "data.code=0"}
    with servers.web(**answer) as server:
        fault = failure(lambda: say(sms, server.url, settings))
    assert said in fault.sentence
    assert fault.retry is retry


@pytest.mark.parametrize(
    ("rule", "data", "met"),
    [
        ("code=0", {"code": 0}, True),
        ("code=0", {"code": "0"}, True),
        ("ok=true", {"ok": True}, True),
        ("list.0.code=OK", {"list": [{"code": "OK"}]}, True),
        ("list.1.code=OK", {"list": [{"code": "OK"}]}, False),
        ("code=0", {"status": 0}, False),
        ("code=0", None, False),
    ],
)
def test_the_rule_of_success_finds_its_value(rule: str, data: Any, met: bool) -> None:
    assert sms.meets(rule, data) is met


def test_a_short_message_is_counted_as_gateways_charge_it() -> None:
    assert [sms.parts_of("汉" * n) for n in (1, 70, 71, 134, 135, 201)] == [1, 1, 2, 2, 3, 3]
    assert sms.parts_of("😀" * 35) == 1
    assert sms.parts_of("😀" * 36) == 2
    longest = sms.text_of(signature="景德镇机关事务", title="长" * 300)
    assert sms.parts_of(longest) == sms.PARTS_MAX
    assert len(longest) == 201
    assert longest.startswith("【景德镇机关事务】长")
    assert longest.endswith("…")


@pytest.mark.parametrize(
    ("template", "style", "fault"),
    [
        (TEMPLATE, "json", ""),
        ("{mobile} {text}", "json", "不是 JSON"),
        ('{"to": "{mobile}"}', "json", "{text}"),
        ("m={mobile}&c={text}", "form", ""),
        ("", "form", "写成"),
    ],
)
def test_a_template_is_checked_before_it_is_used(template: str, style: str, fault: str) -> None:
    found = sms.template_fault(template, style=style)
    assert fault in found
    assert bool(fault) == bool(found)


# ── e-mail ──────────────────────────────────────────────────────────────────────────────


def write(server: servers.Post, **changes: Any) -> None:
    settings = {
        "host": "127.0.0.1", "port": str(server.port), "security": "plain",
        "sender": "guanjia@jdz.test", "sender_name": "管家", **changes.pop("settings", {}),
    }  # fmt: skip
    given = {
        "secret": {"password": TOKEN}, "address": "lin@jdz.test", "urgent": False,
        "title": "已同意：用印", "body": "审批人：邵红\n意见：同意", **changes,
    }  # fmt: skip
    mail.send(settings=settings, **given)


def test_a_mail_says_title_and_body_in_chinese() -> None:
    with servers.post() as server:
        write(server, urgent=True)
    (taken,) = server.mails
    read = email.message_from_bytes(taken, policy=email.policy.default)
    assert read["Subject"] == "【紧急】已同意：用印"
    assert read["From"] == "管家 <guanjia@jdz.test>"
    assert read["To"] == "lin@jdz.test"
    assert read["Message-ID"].endswith("@jdz.test>")
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Importance"] == "high"
    assert read.get_content_type() == "text/plain"
    assert "审批人：邵红\n意见：同意" in read.get_content().replace("\r\n", "\n")
    assert not any(line.startswith("AUTH") for line in server.commands), "no user name, no login"


def test_a_mail_server_with_a_password_is_logged_in_to() -> None:
    with servers.post() as server:
        write(server, settings={"username": "guanjia"})
    assert any(line.startswith("AUTH PLAIN") for line in server.commands)
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("says", "settings", "said", "retry"),
    [
        ({"RCPT": "550 no such user"}, {}, "不收这个收件地址（550）", False),
        ({"RCPT": "451 later"}, {}, "不收这个收件地址（451）", True),
        ({"MAIL": "530 login first"}, {}, "不收（530）", False),
        ({".": "552 too big"}, {}, "不收（552）", False),
        ({"DATA": "421 closing"}, {}, "不收（421）", True),
        ({"AUTH": "535 bad"}, {"username": "guanjia"}, "不认这个用户名和密码", True),
        ({"": "554 go away"}, {}, "不收（554）", False),
        ({"": "%$ garbage"}, {}, "不收（-1）", True),
        ({}, {"security": "starttls"}, "不支持所选的加密方式", False),
    ],
)
def test_a_mail_server_that_says_no_is_a_sentence(
    says: dict[str, str], settings: dict[str, str], said: str, retry: bool
) -> None:
    with servers.post(says=says) as server:
        fault = failure(lambda: write(server, settings=settings))
    assert said in fault.sentence
    assert fault.retry is retry


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_silent_mail_server_is_left(security: str) -> None:
    with servers.post(hang=True) as server:
        fault = failure(lambda: write(server, settings={"security": security}))
    assert "超过 0.5 秒没有答复" in fault.sentence
    assert fault.retry


@pytest.mark.parametrize("security", ["plain", "tls"])
def test_a_silent_mail_server_is_told_from_an_absent_one_when_the_socket_gives_up_first(
    monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setattr(http, "within_seconds", lambda *_: nullcontext())
    with servers.post(hang=True) as server:
        fault = failure(lambda: write(server, settings={"security": security}))
    assert "超过 0.5 秒没有答复" in fault.sentence


def test_a_mail_server_that_is_not_there_is_a_sentence() -> None:
    with servers.post() as server:
        gone = server.port
    fault = failure(lambda: write(servers.Post(port=gone)))
    assert fault.sentence == "连不上 127.0.0.1。"


def test_a_title_cannot_add_a_header() -> None:
    with servers.post() as server:
        failure(lambda: write(server, title="好\r\nBcc: all@jdz.test"))
    assert server.mails == []
