"""Setting up a peer and switching it on and off, and doing by hand what did not work by itself.

The department whose pages these are asks for the duty; here only what must hold is checked.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from guanjia.kernel.acts.changing import change, reasoned
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.exchange import calling, triggers
from guanjia.kernel.exchange.models import Incoming, Outgoing, Peer
from guanjia.kernel.exchange.terms import Algorithm, InState, OutState, PeerState
from guanjia.kernel.locks import advisory
from guanjia.kernel.outside import http, vault
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.outside.http import Trust
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, merge, refuse
from guanjia.kernel.values.actor import Actor

_AT_HOME = {"127.0.0.1", "localhost", "::1"}
_PIN = re.compile(r"[0-9a-fA-F]{64}\Z")
_CLIENT_MAX, _URL_MAX = 60, 200
_SECRET_MIN, _SECRET_MAX = 16, 200


@transaction.atomic
def save_peer(
    *,
    actor: Actor,
    key: str,
    title: str,
    settings: Mapping[str, str],
    secret: str,
    at: datetime,
) -> Peer:
    """Write down how a peer is reached: ``url``, ``client``, ``algorithm``, ``authority``, ``pin``.

    An empty secret keeps the one that is there, unless the server changes: a kept secret is not
    handed to another server than it was given for. The record never says what the secret is.
    """
    Peer.objects.get_or_create(key=key, defaults={"title": title, "changed_at": at})
    peer: Peer = Peer.objects.select_for_update().get(key=key)
    given = {name: settings.get(name, "").strip() for name in ("url", "client", "authority")}
    given["url"] = given["url"].rstrip("/")
    given["pin"] = re.sub(r"[:\s]", "", settings.get("pin", "")).lower()
    given["algorithm"] = settings.get("algorithm", "")
    secret = secret.strip()
    merge([_judge(given), _judge_secret(peer, given["url"], secret)]).enforce()
    before = _facts(peer)
    if _moves(peer, given["url"]):
        peer.cursor = ""  # a place of the other server; what comes again is known by its id
    peer.title, peer.changed_at = title, at
    for name, text in given.items():
        setattr(peer, name, text)
    if secret:
        peer.secret = vault.keep({calling.SECRET: secret}, purpose=vault.PEERS)
    peer.save()
    audit.record(
        actor=actor,
        verb="exchange.peer.saved",
        on=peer,
        at=at,
        before=before,
        after=_facts(peer) | ({"renewed": "密钥"} if secret else {}),
    )
    return peer


def _moves(peer: Peer, url: str) -> bool:
    return urlsplit(peer.url).netloc != urlsplit(url).netloc


def _facts(peer: Peer) -> dict[str, Any]:
    """The settings for the record; of a certificate only whether there is one."""
    return {
        "url": peer.url,
        "client": peer.client,
        "algorithm": Algorithm(peer.algorithm).label,
        "authority": bool(peer.authority),
        "pin": peer.pin,
    }


def _judge(given: Mapping[str, str]) -> Verdict:
    found = [_judge_url(given["url"])]
    if not 1 <= len(given["client"]) <= _CLIENT_MAX or not given["client"].isascii():
        found.append(
            refuse(
                "client_bad", "我方编号不对。",
                f"填对方发给的编号，不含中文，最多 {_CLIENT_MAX} 位。",
                field="client",
            )
        )  # fmt: skip
    if given["algorithm"] not in set(Algorithm):
        found.append(refuse("algorithm_bad", "签名算法选一项。", field="algorithm"))
    if given["pin"] and not _PIN.match(given["pin"]):
        found.append(
            refuse("pin_bad", "证书指纹不对。", "填 SHA-256 的 64 位十六进制数。", field="pin")
        )
    try:
        Trust(authority=given["authority"]).context()
    except CallFailure as fault:
        found.append(refuse("authority_bad", fault.sentence, field="authority"))
    return merge(found)


def _judge_url(url: str) -> Verdict:
    try:
        http.host_of(url)
    except CallFailure as fault:
        return refuse("url_bad", fault.sentence, field="url")
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _AT_HOME:
        return refuse("url_open", "接口地址应以 https 开头。", "数据不能明文外送。", field="url")
    if parts.query or parts.fragment or parts.username or len(url) > _URL_MAX:
        return refuse(
            "url_more", "接口地址只写到路径为止。",
            f"去掉问号、井号和用户名，最多 {_URL_MAX} 个字。",
            field="url",
        )  # fmt: skip
    return ALLOWED


def _judge_secret(peer: Peer, url: str, secret: str) -> Verdict:
    if secret:
        if _SECRET_MIN <= len(secret) <= _SECRET_MAX and secret.isascii():
            return ALLOWED
        return refuse(
            "secret_short", "密钥不对。",
            f"至少 {_SECRET_MIN} 位，最多 {_SECRET_MAX} 位，不含中文。", field="secret",
        )  # fmt: skip
    if not peer.secret:
        return refuse("secret_missing", "没有填密钥。", "填对方发给的密钥。", field="secret")
    if _moves(peer, url):
        return refuse(
            "secret_again", "服务器换了，密钥要重新填。", "原来的密钥不交给别的服务器。",
            field="secret",
        )  # fmt: skip
    return ALLOWED


@transaction.atomic
def switch_on(*, actor: Actor, peer_id: int, at: datetime) -> Peer:
    """Begin to tell a peer of changes (接通), and first of every row there is.

    Waits until whoever is writing shared rows is done: what they write is in the first load, what
    comes after is told of by the trigger.
    """
    advisory.advisory(triggers.LOCK)
    peer: Peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.state != PeerState.OFF:
        refuse("is_on", f"现在{PeerState(peer.state).label}，不用再接通。").enforce()
    if not peer.secret:
        refuse("not_set_up", "还没有填接口地址和密钥。", "先保存设置，再接通。").enforce()
    _set(actor, peer, PeerState.ON, "exchange.peer.switched_on", at=at)
    triggers.load_all(peer.pk)
    return peer


@transaction.atomic
def pause(*, actor: Actor, peer_id: int, reason: str, at: datetime) -> Peer:
    """Stop calling a peer (暂停); changes go on to be noted and are sent later."""
    peer: Peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.state != PeerState.ON:
        refuse("not_on", f"现在{PeerState(peer.state).label}，不用暂停。").enforce()
    _set(actor, peer, PeerState.PAUSED, "exchange.peer.paused", at=at, note=reasoned(reason))
    return peer


@transaction.atomic
def resume(*, actor: Actor, peer_id: int, at: datetime) -> Peer:
    """Call a peer again (恢复), at once."""
    peer: Peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.state == PeerState.OFF:
        refuse("is_off", "还没有接通。", "先接通。").enforce()
    if peer.state == PeerState.ON and peer.next_at is None:
        refuse("is_on", "没有暂停，不用恢复。").enforce()
    _set(actor, peer, PeerState.ON, "exchange.peer.resumed", at=at)
    return peer


@transaction.atomic
def switch_off(*, actor: Actor, peer_id: int, reason: str, at: datetime) -> Peer:
    """Talk to a peer no more (断开): what was not gathered yet is dropped, nothing accumulates.

    Messages that wait are kept; when it is switched on again, all rows are told anew.
    """
    advisory.advisory(triggers.LOCK)
    advisory.advisory(f"exchange.gather.{peer_id}")
    peer: Peer = Peer.objects.select_for_update().get(pk=peer_id)
    if peer.state == PeerState.OFF:
        refuse("is_off", "没有接通，不用断开。").enforce()
    _set(actor, peer, PeerState.OFF, "exchange.peer.switched_off", at=at, note=reasoned(reason))
    peer.changes.filter(message=None).delete()
    return peer


def _set(
    actor: Actor, peer: Peer, state: PeerState, verb: str, *, at: datetime, note: str = ""
) -> None:
    facts = {"state": state, "state_note": note, "failures": 0, "next_at": None}
    change(peer, facts, actor=actor, verb=verb, at=at, note=note)


@transaction.atomic
def send_again(*, actor: Actor, message_id: int, at: datetime) -> Outgoing:
    """Send a message that was refused once more (再发), with the same id and text."""
    message: Outgoing = Outgoing.objects.select_for_update().get(pk=message_id)
    state = OutState(message.state)
    if state is OutState.WAITING:
        return message
    if state is not OutState.REFUSED:
        refuse("not_refused", f"这条报文{state.label}，不用再发。", "刷新后看新内容。").enforce()
    change(
        message, {"state": OutState.WAITING}, actor=actor, verb="exchange.message.again", at=at,
        note=message.answer,
    )  # fmt: skip
    return message


@transaction.atomic
def apply_again(*, actor: Actor, incoming_id: int, at: datetime) -> Incoming:
    """Try once more to apply a decision (再办)."""
    row: Incoming = Incoming.objects.select_for_update().get(pk=incoming_id)
    if row.state == InState.WAITING:
        return row
    if row.state != InState.UNAPPLIED:
        refuse("not_open", f"这件来文{InState(row.state).label}，不用再办。").enforce()
    change(
        row, {"state": InState.WAITING, "tries": 0}, actor=actor, verb="exchange.incoming.again",
        at=at, note=row.reason,
    )  # fmt: skip
    return row
