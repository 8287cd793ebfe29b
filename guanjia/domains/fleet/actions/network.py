"""The province's platform and partner systems: who may set them up, and what a decision does.

What travels, when and how often it is tried is the exchange's (``kernel/exchange``); here stands
who may do what. All of it is the whole bureau's, so a duty for a part of it is not enough.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.actions import purchases
from guanjia.domains.fleet.exchange.catalogue import (
    DECISIONS,
    KEYS,
    MESSAGES,
    PEERS,
    PROVINCE,
    PROVINCE_TITLE,
    SCOPE_KEYS,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.acts.changing import in_state
from guanjia.kernel.exchange.actions import keys, peers
from guanjia.kernel.exchange.models import ApiKey, Incoming, Outgoing, Peer
from guanjia.kernel.exchange.takers import Decision, Taker
from guanjia.kernel.exchange.terms import InState, KeyState, OutState, PeerState
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term

KEEP = "fleet.network.keep"
PURCHASE_DECIDED = "purchase.decided"


def _must_keep(actor: Actor) -> None:
    actor.must(KEEP)
    if not actor.scope(KEEP).everything:
        refuse(
            "not_everywhere",
            "对接归全局所有，不能由一个单位改。",
            "请数据范围为全市的公务用车管理员办理。",
        ).enforce()


def save_peer(*, actor: Actor, settings: Mapping[str, str], secret: str, at: datetime) -> Peer:
    """Write down how the province's platform is reached. See ``peers.save_peer``."""
    _must_keep(actor)
    return peers.save_peer(
        actor=actor, key=PROVINCE, title=PROVINCE_TITLE, settings=settings, secret=secret, at=at
    )


def switch_on(*, actor: Actor, peer_id: int, at: datetime) -> Peer:
    """Begin to report (接通), with all rows first. See ``peers.switch_on``."""
    _stands(actor, PEERS, peer_id, "接通", to=PeerState.ON, when=(PeerState.OFF,))
    return peers.switch_on(actor=actor, peer_id=peer_id, at=at)


def pause(*, actor: Actor, peer_id: int, reason: str, at: datetime) -> Peer:
    """Report no more for a while (暂停); changes go on to be noted."""
    _stands(actor, PEERS, peer_id, "暂停", to=PeerState.PAUSED)
    return peers.pause(actor=actor, peer_id=peer_id, reason=reason, at=at)


def resume(*, actor: Actor, peer_id: int, at: datetime) -> Peer:
    """Report again (恢复), or at once after calls that failed."""
    _stands(actor, PEERS, peer_id, "恢复", when=(PeerState.PAUSED, PeerState.ON))
    return peers.resume(actor=actor, peer_id=peer_id, at=at)


def switch_off(*, actor: Actor, peer_id: int, reason: str, at: datetime) -> Peer:
    """End reporting (断开); when it begins again, all rows are told anew."""
    _stands(actor, PEERS, peer_id, "断开", to=PeerState.OFF)
    return peers.switch_off(actor=actor, peer_id=peer_id, reason=reason, at=at)


def send_again(*, actor: Actor, message_id: int, at: datetime) -> Outgoing:
    """Send a refused message once more (再发)."""
    _stands(actor, MESSAGES, message_id, "再发", when=(OutState.REFUSED,))
    return peers.send_again(actor=actor, message_id=message_id, at=at)


def apply_again(*, actor: Actor, incoming_id: int, at: datetime) -> Incoming:
    """Try once more to apply a decision of the province (再办)."""
    _stands(actor, DECISIONS, incoming_id, "再办", when=(InState.UNAPPLIED,))
    return peers.apply_again(actor=actor, incoming_id=incoming_id, at=at)


def _stands(
    actor: Actor,
    subject: Subject,
    pk: int,
    act: str,
    *,
    to: Term | None = None,
    when: Sequence[Term] = (),
) -> None:
    """Refuse what does not belong to the state; the exchange locks the row and judges again."""
    _must_keep(actor)
    in_state(subject, subject.within(actor, KEEP).get(pk=pk), act=act, to=to, when=when)


def make_key(
    *,
    actor: Actor,
    partner: str,
    contact: str,
    scopes: Sequence[str],
    networks: Sequence[str],
    since: date,
    until: date,
    per_minute: int,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Give a partner system a key (发放密钥) to what is ours; returns it with its text, shown
    once."""
    _must_keep(actor)
    if not set(scopes) <= set(SCOPE_KEYS):
        refuse("scope_unknown", "可读内容从列出的选。", field="scopes").enforce()
    return keys.make_key(
        actor=actor,
        partner=partner,
        contact=contact,
        scopes=scopes,
        networks=networks,
        since=since,
        until=until,
        per_minute=per_minute,
        at=at,
    )


def stop_key(*, actor: Actor, key_id: int, reason: str, at: datetime) -> ApiKey:
    """Stop a key of ours at once and for good (停用)."""
    _stands(actor, KEYS, key_id, "停用", to=KeyState.STOPPED)
    return keys.stop_key(actor=actor, key_id=key_id, reason=reason, at=at)


# ── what the province decided ───────────────────────────────────────────────────────────


def _decided(actor: Actor, decision: Decision, at: datetime) -> None:
    """The province answered a purchase that was reported to it; the purchase judges the rest."""
    told = decision.data
    agreed = told.get("agreed")
    if not isinstance(agreed, bool):
        refuse("no_answer", "批复没有写同意还是不同意。", "请省平台核对后重送。").enforce()
    purchases.decide_from_province(
        actor=actor,
        number=decision.number,
        agreed=bool(agreed),
        document=_text(told, "document", 60),
        comment=_text(told, "comment", 200),
        at=at,
    )


def _text(told: Mapping[str, Any], name: str, most: int) -> str:
    found = told.get(name)
    return found.strip()[:most] if isinstance(found, str) else ""


TAKER = Taker(kind=PURCHASE_DECIDED, title="更新购置批复", take=_decided)
