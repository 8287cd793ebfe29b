"""Setting up the channels, and sending one message to see whether they work."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.notices import addresses
from guanjia.kernel.notices.channels import sms
from guanjia.kernel.notices.channels.catalogue import WAYS, Setting
from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.notices.models import Channel
from guanjia.kernel.notices.terms import GROUPS, ChannelKind
from guanjia.kernel.outside import http, vault
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, merge, refuse
from guanjia.kernel.values.actor import Actor

SET = "notices.channel.set"
CLEARED = "-"
_PORT_MAX = 65535
TRIAL_TITLE = "这是一条试发的消息"
TRIAL_BODY = "收到它，说明这个渠道能用。"


def _must_set(actor: Actor) -> None:
    """Channels are the whole bureau's, so a duty for a part of it is not enough."""
    actor.must("notices.channel.set")
    if not actor.scope(SET).everything:
        refuse(
            "not_everywhere",
            "渠道归全局所有，不能由一个单位改。",
            "请数据范围为全市的系统管理员办理。",
        ).enforce()


@transaction.atomic
def save_channel(
    *,
    actor: Actor,
    kind: ChannelKind,
    enabled: bool,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    at: datetime,
) -> Channel:
    """Set up a channel. A secret left empty keeps the one that is there, ``-`` clears it.

    Needs ``notices.channel.set`` for the whole bureau. Refuses what cannot work, and to hand a kept
    secret to another server than it was given for. The record says which secrets were renewed,
    never what they are; of an address with a token only the server.
    """
    _must_set(actor)
    Channel.objects.get_or_create(kind=kind, defaults={"changed_at": at})
    channel = Channel.objects.select_for_update().get(kind=kind)
    before = _facts(channel)
    given = {name: text.strip() for name, text in secrets.items() if text.strip()}
    kept = {name: text for name, text in {**_known(channel), **given}.items() if text != CLEARED}
    plain = {
        one.name: settings.get(one.name, "").strip()
        for one in WAYS[kind].settings
        if not one.secret
    }
    _judge(kind, plain, kept).enforce()
    plain["server"] = _server(plain, kept)
    _stays(kind, channel, plain, set(kept) - set(given)).enforce()
    channel.enabled, channel.settings, channel.changed_at = enabled, plain, at
    channel.secret = vault.keep(kept, purpose=vault.CHANNELS)
    channel.save()
    renewed = [one.title for one in WAYS[kind].settings if one.name in given]
    audit.record(
        actor=actor,
        verb="notices.channel.set",
        on=channel,
        at=at,
        before=before,
        after=_facts(channel) | ({"renewed": "、".join(renewed)} if renewed else {}),
    )
    return channel


def _server(plain: Mapping[str, str], kept: Mapping[str, str]) -> str:
    return http.host_of(kept["url"]) if "url" in kept else f"{plain['host']}:{plain['port']}"


def _stays(kind: ChannelKind, channel: Channel, plain: Mapping[str, str], old: set[str]) -> Verdict:
    """Otherwise whoever sets a channel up could have a kept secret sent to their own server."""
    if not channel.secret or channel.settings.get("server") == plain["server"]:
        return ALLOWED
    return merge(
        refuse(
            "secret_again",
            f"服务器换了，{one.title}要重新填。",
            f"不再用的填 {CLEARED}。",
            field=one.name,
        )
        for one in WAYS[kind].settings
        if one.name in old
    )


def _facts(channel: Channel) -> dict[str, Any]:
    """The settings as people read them, for the record."""
    words = {one.name: dict(one.choices) for one in WAYS[ChannelKind(channel.kind)].settings}
    shown = {name: words.get(name, {}).get(text, text) for name, text in channel.settings.items()}
    return {"enabled": channel.enabled, **shown}


def _known(channel: Channel) -> dict[str, str]:
    """The secrets that are there; those of another key are gone and must be given anew."""
    try:
        return vault.open_(channel.secret, purpose=vault.CHANNELS)
    except vault.SecretUnreadable:
        return {}


def _judge(kind: ChannelKind, plain: Mapping[str, str], kept: Mapping[str, str]) -> Verdict:
    values = {**plain, **kept}
    found = merge(_fits(one, values.get(one.name, "")) for one in WAYS[kind].settings)
    if not found.allowed:
        return found
    if "url" in kept:
        try:
            http.host_of(kept["url"])
        except ChannelFailure as fault:
            return refuse("url_bad", fault.sentence, field="url")
    if kind is ChannelKind.SMS:
        said = sms.template_fault(plain["template"], style=plain["style"])
        return refuse("template_bad", f"{said}。", field="template") if said else ALLOWED
    return _judge_mail(plain) if kind is ChannelKind.EMAIL else ALLOWED


def _fits(one: Setting, text: str) -> Verdict:
    if one.must and not text:
        return refuse("setting_missing", f"没有填{one.title}。", field=one.name)
    if len(text) > one.most:
        return refuse("setting_long", f"{one.title}最多 {one.most} 个字。", field=one.name)
    if one.choices and text not in dict(one.choices):
        return refuse("setting_unknown", f"{one.title}选一项。", field=one.name)
    return ALLOWED


def _judge_mail(plain: Mapping[str, str]) -> Verdict:
    if not (plain["port"].isdecimal() and 1 <= int(plain["port"]) <= _PORT_MAX):
        return refuse("port_bad", "端口不对。", "填 1 至 65535 的数。", field="port")
    if not addresses.is_email(plain["sender"]):
        return refuse(
            "sender_bad", "发件地址不对。", "写成 guanjia@jdz.gov.cn 这样。", field="sender"
        )
    return ALLOWED


def try_channel(*, actor: Actor, kind: ChannelKind, address: str, at: datetime) -> None:
    """Send one message now (发一条试试); raises ``ChannelFailure`` when it does not go out.

    Needs ``notices.channel.set``. The channel need not be switched on. Leaves a record either way.
    Not inside a transaction: it talks to a server.
    """
    _must_set(actor)
    channel = Channel.objects.filter(kind=kind).first()
    if channel is None:
        refuse("not_set_up", "这个渠道还没有设置。", "先填好并保存，再试发。").enforce()
    where = address.strip()
    if (where or kind not in GROUPS) and not addresses.fits(kind, where):
        wanted = "电子邮箱" if kind is ChannelKind.EMAIL else "手机号"
        refuse("address_bad", f"{wanted}不对。", "改正后再试。", field="address").enforce()
    assert channel is not None  # noqa: S101 — refused above
    error = ""
    try:
        hand_over(channel, address=where, title=TRIAL_TITLE, body=TRIAL_BODY, urgent=False)
    except ChannelFailure as fault:
        error = fault.sentence
        raise
    finally:
        audit.record(
            actor=actor,
            verb="notices.channel.tried",
            on=channel,
            at=at,
            after={"to": addresses.masked(where)},
            note=error,
        )


def hand_over(channel: Channel, *, address: str, title: str, body: str, urgent: bool) -> None:
    """Give one message to the server of a channel; raises ``ChannelFailure`` and nothing else."""
    kind = ChannelKind(channel.kind)
    try:
        secret = vault.open_(channel.secret, purpose=vault.CHANNELS)
    except vault.SecretUnreadable:
        raise ChannelFailure("渠道的密钥读不出，请重新填写。", retry=True) from None
    try:
        WAYS[kind].send(
            settings=channel.settings,
            secret=secret,
            address=address,
            title=title,
            body=body,
            urgent=urgent,
        )
    except ChannelFailure:
        raise
    except Exception as fault:
        # The class only: what a library says may hold an address with its token.
        sentence = f"发送时出错（{type(fault).__name__}），核对渠道设置。"
        raise ChannelFailure(sentence, retry=True) from None
