"""Channels are set up, tried, and keep their secrets; people set what they want."""

from datetime import time
from typing import Any

import pytest

from guanjia.kernel.access.tests.builders import account, actor
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.actions import channels, preferences
from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.notices.models import Channel, Preference
from guanjia.kernel.notices.terms import ChannelKind
from guanjia.kernel.notices.tests import servers
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.org.tests.builders import AT
from guanjia.kernel.outside import vault
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed, Reach

SECRET = "hush-hush"
MAIL = {
    "host": "smtp.jdz.test", "port": "587", "security": "starttls", "username": "guanjia",
    "sender": "guanjia@jdz.test", "sender_name": "管家",
}  # fmt: skip


@pytest.fixture
def admin(db: None) -> Actor:
    person = org.person("D9", org.unit("3602"), "管理")
    return actor(account("sysadmin", person, ("access.system", Reach.CITY, None)))


def save(admin: Actor, **changes: Any) -> Channel:
    given: dict[str, Any] = {
        "kind": ChannelKind.EMAIL, "enabled": True, "settings": MAIL,
        "secrets": {"password": SECRET}, **changes,
    }  # fmt: skip
    return channels.save_channel(actor=admin, at=AT, **given)


def codes(act: Any) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        act()
    return {finding.field: finding.code for finding in refused.value.findings}


def test_a_secret_is_encrypted_and_stays_out_of_the_trail(admin: Actor) -> None:
    kept = save(admin)
    assert SECRET not in kept.secret
    assert vault.open_(kept.secret, purpose=vault.CHANNELS) == {"password": SECRET}
    (record,) = Record.objects.filter(verb="notices.channel.set")
    assert SECRET not in str([record.before, record.after, record.note])
    assert record.after["renewed"] == "密码"
    assert record.after["security"] == "STARTTLS", "as people read it"


def test_an_empty_secret_keeps_the_one_that_is_there(admin: Actor) -> None:
    save(admin)
    kept = save(admin, secrets={"password": ""}, settings={**MAIL, "sender_name": "机关事务"})
    assert vault.open_(kept.secret, purpose=vault.CHANNELS) == {"password": SECRET}
    assert "renewed" not in Record.objects.filter(verb="notices.channel.set").first().after
    assert vault.open_(save(admin, secrets={"password": "-"}).secret, purpose=vault.CHANNELS) == {}


def test_a_kept_secret_is_not_handed_to_another_server(admin: Actor) -> None:
    save(admin)
    elsewhere = {**MAIL, "host": "evil.test"}
    assert codes(lambda: save(admin, settings=elsewhere, secrets={})) == {
        "password": "secret_again"
    }
    assert Channel.objects.get().settings["host"] == "smtp.jdz.test"
    save(admin, settings=elsewhere, secrets={"password": "new"})


def test_an_address_with_a_token_is_a_secret(admin: Actor) -> None:
    url = f"https://qyapi.test/cgi-bin/webhook/send?key={SECRET}"
    kept = save(admin, kind=ChannelKind.WECOM, settings={}, secrets={"url": url})
    assert kept.settings == {"server": "qyapi.test"}
    assert SECRET not in kept.secret
    assert SECRET not in str(list(Record.objects.values("before", "after", "note", "on_label")))


@pytest.mark.parametrize(
    ("kind", "settings", "secrets", "faults"),
    [
        ("EMAIL", {**MAIL, "host": ""}, {}, {"host": "setting_missing"}),
        ("EMAIL", {**MAIL, "port": "0"}, {}, {"port": "port_bad"}),
        ("EMAIL", {**MAIL, "sender": "管家"}, {}, {"sender": "sender_bad"}),
        ("EMAIL", {**MAIL, "security": "none"}, {}, {"security": "setting_unknown"}),
        ("WECOM", {}, {}, {"url": "setting_missing"}),
        ("WECOM", {}, {"url": "ftp://x/y"}, {"url": "url_bad"}),
        ("WECOM", {}, {"url": "https://qyapi.test/发送?key=1"}, {"url": "url_bad"}),
        ("WECOM", {}, {"url": "https://qyapi.test/a b"}, {"url": "url_bad"}),
        ("WECOM", {}, {"url": "https://qyapi.test/\r\nX: y"}, {"url": "url_bad"}),
        ("WECOM", {}, {"url": "https://企业.test/"}, {"url": "url_bad"}),
        (
            "SMS",
            {"signature": "景德镇", "style": "json", "template": "{mobile}"},
            {"url": "http://sms.test"},
            {"template": "template_bad"},
        ),
    ],
)
def test_what_cannot_work_is_refused(
    admin: Actor, kind: str, settings: Any, secrets: Any, faults: Any
) -> None:
    act = lambda: save(admin, kind=ChannelKind(kind), settings=settings, secrets=secrets)  # noqa: E731
    assert codes(act) == faults
    assert not Record.objects.filter(verb="notices.channel.set").exists()


def test_a_channel_is_the_whole_bureaus(admin: Actor) -> None:
    unit = org.unit("3602D1", None)
    part = actor(account("part", None, ("access.system", Reach.BELOW, unit)))
    assert codes(lambda: save(part)) == {"": "not_everywhere"}
    with pytest.raises(NotAllowed):
        save(actor(account("nobody")))


def test_a_trial_goes_out_and_leaves_a_record(admin: Actor) -> None:
    with servers.web() as server:
        save(admin, kind=ChannelKind.WECOM, settings={}, secrets={"url": f"{server.url}/?k=1"})
        channels.try_channel(actor=admin, kind=ChannelKind.WECOM, address="13879810049", at=AT)
    assert server.heard[0].data["text"]["content"].startswith("这是一条试发的消息")
    record = Record.objects.get(verb="notices.channel.tried")
    assert record.after == {"to": "138****0049"}


def test_a_trial_that_fails_says_why_and_leaves_a_record(admin: Actor) -> None:
    with servers.web(status=500) as server:
        save(
            admin, kind=ChannelKind.WECOM, settings={},
            secrets={"url": f"{server.url}/?k={SECRET}"},
        )  # fmt: skip
        with pytest.raises(ChannelFailure):
            channels.try_channel(actor=admin, kind=ChannelKind.WECOM, address="", at=AT)
    note = Record.objects.get(verb="notices.channel.tried").note
    assert "出错或太忙（500）" in note
    assert SECRET not in note


def test_a_trial_needs_a_channel_and_an_address(admin: Actor) -> None:
    trial = lambda: channels.try_channel(  # noqa: E731
        actor=admin, kind=ChannelKind.EMAIL, address="x", at=AT
    )
    assert codes(trial) == {"": "not_set_up"}
    save(admin)
    assert codes(trial) == {"address": "address_bad"}


def test_a_secret_of_another_key_is_a_sentence(admin: Actor, settings: Any) -> None:
    kept = save(admin)
    settings.SECRET_KEY = "another"
    with pytest.raises(ChannelFailure, match="重新填写"):
        channels.hand_over(kept, address="a@b.cn", title="x", body="", urgent=False)


# ── what a person wants ─────────────────────────────────────────────────────────────────


def wish(me: Actor, **changes: Any) -> Preference:
    given: dict[str, Any] = {
        "email": "lin@jdz.test", "quiet": True, "quiet_from": None, "quiet_to": None,
        "without": [ChannelKind.SMS], "digest": True, **changes,
    }  # fmt: skip
    return preferences.set_preferences(actor=me, at=AT, **given)


def test_wishes_are_kept_and_recorded_masked(admin: Actor) -> None:
    wish(admin)
    wish(admin)
    kept = Preference.objects.get(person=admin.person_id)
    assert (kept.email, kept.without) == ("lin@jdz.test", ["SMS"])
    (record,) = Record.objects.filter(verb="notices.preference.set")
    assert record.after["email"] == "l***@jdz.test"
    assert "lin@" not in str(record.after)
    assert record.after["without"] == ["短信"]


def test_wishes_that_make_no_sense_are_refused(admin: Actor) -> None:
    assert codes(lambda: wish(admin, email="lin")) == {"email": "email_bad"}
    assert codes(lambda: wish(admin, quiet_from=time(9))) == {"quiet_from": "quiet_half"}
    nobody = actor(account("machine", None))
    assert codes(lambda: wish(nobody)) == {"": "no_person"}
