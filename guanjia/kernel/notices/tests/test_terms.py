"""Quiet hours, addresses, and what a message says; without a database."""

from datetime import datetime, time
from types import SimpleNamespace

import pytest

from guanjia.kernel.notices import addresses, digests
from guanjia.kernel.notices.terms import ChannelKind, Quiet, quiet_from
from guanjia.kernel.outside import vault
from guanjia.kernel.values.period import SHANGHAI

NIGHT = quiet_from("21:00-07:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2020-05-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("20 20:59", "20 20:59"),
        ("20 21:00", "21 07:30"),
        ("20 23:59", "21 07:30"),
        ("21 00:00", "21 07:30"),
        ("21 07:29", "21 07:30"),
        ("21 07:30", "21 07:30"),
    ],
)
def test_the_night_ends_in_the_morning(moment: str, end: str) -> None:
    assert NIGHT.after(at(moment)) == at(end)
    assert NIGHT.holds(at(moment)) is (moment != end)


def test_quiet_hours_may_lie_within_a_day_or_be_none() -> None:
    noon = Quiet(begin=time(12, 0), end=time(14, 0))
    assert noon.after(at("20 13:00")) == at("20 14:00")
    assert noon.after(at("20 14:00")) == at("20 14:00")
    never = Quiet(begin=time(9, 0), end=time(9, 0))
    assert not any(never.holds(at(f"20 {hour:02d}:00")) for hour in range(24))


def test_the_clock_is_the_one_of_the_city() -> None:
    utc = at("20 21:30").astimezone(datetime.now().astimezone().tzinfo)
    assert NIGHT.holds(utc)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("15812342391", "158****2391"),
        ("lin.hai@jdz.gov.cn", "l***@jdz.gov.cn"),
        ("", ""),
        ("0798-123", "********"),
    ],
)
def test_an_address_is_shown_masked(text: str, shown: str) -> None:
    assert addresses.masked(text) == shown


@pytest.mark.parametrize(
    "text", ["lin", "lin@", "@jdz.cn", "lin@jdz", "林@jdz.cn", "a@b.cn\nBcc: c"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert not addresses.is_email(text)
    assert addresses.of(ChannelKind.EMAIL, email=text, mobile="13879810049") == ""


def test_a_phone_number_that_is_none_gets_no_message() -> None:
    assert addresses.of(ChannelKind.SMS, email="", mobile="0798-8230000") == ""
    assert addresses.of(ChannelKind.SMS, email="", mobile=" 13879810049 ") == "13879810049"


def told(number: int) -> SimpleNamespace:
    return SimpleNamespace(title=f"已同意：用印 {number}", body=f"意见：{number}\n审批人：邵红")


def test_one_notice_goes_out_whole_by_mail_and_as_its_title_elsewhere() -> None:
    assert digests.message_of([told(1)], ChannelKind.EMAIL) == (
        "已同意：用印 1", "意见：1\n审批人：邵红",
    )  # fmt: skip
    assert digests.message_of([told(1)], ChannelKind.WECOM) == ("已同意：用印 1", "")


def test_five_notices_are_one_message() -> None:
    five = [told(number) for number in range(1, 6)]
    title, body = digests.message_of(five, ChannelKind.EMAIL)
    assert title == "您有 5 件新消息"
    assert body.splitlines()[:4] == [
        "1. 已同意：用印 1", "   意见：1", "   审批人：邵红", "2. 已同意：用印 2",
    ]  # fmt: skip
    title, body = digests.message_of(five, ChannelKind.DINGTALK)
    assert title == "您有 5 件新消息"
    assert body.splitlines() == [f"{n}. 已同意：用印 {n}" for n in range(1, 6)]
    assert digests.message_of(five, ChannelKind.SMS) == (
        "您有 5 件新消息：已同意：用印 1等", "",
    )  # fmt: skip


def test_a_very_long_digest_says_how_many_it_leaves_out() -> None:
    _, body = digests.message_of([told(n) for n in range(45)], ChannelKind.WECOM)
    assert len(body.splitlines()) == 31
    assert body.endswith("另有 15 件，登录后看。")


def test_a_secret_is_unreadable_without_its_key(settings: object) -> None:
    kept = vault.keep({"password": "hush-hush"}, purpose=vault.CHANNELS)
    assert "hush" not in kept
    assert vault.open_(kept, purpose=vault.CHANNELS) == {"password": "hush-hush"}
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]  # pytest-django's
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]  # as above
    assert vault.open_(kept, purpose=vault.CHANNELS) == {"password": "hush-hush"}, (
        "an older key still opens"
    )
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]  # as above
    with pytest.raises(vault.SecretUnreadable):
        vault.open_(kept, purpose=vault.CHANNELS)
