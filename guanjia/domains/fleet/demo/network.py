"""The province's platform and partner systems in the demo: by calling actions, and nobody outside.

What the platform would answer is said here; in the end reporting is paused, so that a demo never
calls anybody.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from guanjia.domains.fleet.actions import network
from guanjia.domains.fleet.exchange.catalogue import SCOPES
from guanjia.kernel.access import queries as access
from guanjia.kernel.exchange.actions import keys, receiving, sending
from guanjia.kernel.exchange.actions.keys import KeyRefused
from guanjia.kernel.exchange.models import ApiKey, Change, Peer
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.outside.http import Answer
from guanjia.kernel.values.actor import Actor

SETTINGS = {
    "url": "https://gwyc.jiangxi.example/exchange/v1",
    "client": "360200",
    "algorithm": "SM3",
}
SECRET = "demo-secret-of-nobody"  # noqa: S105 — opens nothing
_BATCH = 1000
_REFUSED = {"赣H9": "号牌号码与省车辆库不一致"}
_CALLS = 48
_DECISIONS: list[dict[str, Any]] = [
    {
        "id": "JX-2026-0412",
        "kind": network.PURCHASE_DECIDED,
        "number": "GZ20200099",
        "revision": 1,
        "data": {"agreed": True, "document": "赣机管车〔2020〕41号", "comment": ""},
    },
]
_PARTNERS = (
    ("市审计局联网审计系统", "汪建平", ("fleet.cars.read", "fleet.costs.read"), "10.36.9.0/24"),
    ("市公安局交警支队", "程立新", ("fleet.cars.read", "fleet.fines.read"), "10.36.11.0/24"),
    ("市财政局资产系统", "胡雪梅", ("fleet.cars.read", "fleet.disposals.read"), ""),
)


def live(*, at: datetime, rng: Random) -> None:
    """Everything was reported once, a little waits, and partners read what they may."""
    keeper = access.actor_named(username="hejiali", on=at.date())
    begin = at - timedelta(days=5)
    peer = network.save_peer(actor=keeper, settings=SETTINGS, secret=SECRET, at=begin)
    network.switch_on(actor=keeper, peer_id=peer.pk, at=begin)
    _report(peer, at - timedelta(hours=2))
    network.pause(
        actor=keeper, peer_id=peer.pk, reason="演示环境，不连真的省平台。", at=at
    )  # fmt: skip
    made = [_key(keeper, partner, begin) for partner in _PARTNERS]
    _read(made, at, rng)
    network.stop_key(actor=keeper, key_id=made[-1].pk, reason="对方系统下线", at=at)


def _report(peer: Peer, at: datetime) -> None:
    """All of it is taken but the last messages, whose line is down; one decision came."""
    calls = [Change.objects.filter(peer=peer).count() // sending.GATHERED_TOGETHER]

    def answer(_: Peer, method: str, __: str, body: bytes, ___: datetime) -> Answer:
        if method == "GET":
            page = {"items": _DECISIONS, "next": "1", "more": False}
            return Answer(200, json.dumps(page).encode())
        if calls[0] == 0:
            raise CallFailure("gwyc.jiangxi.example 超过 10 秒没有答复。", retry=True)
        calls[0] -= 1
        results = [_result(message) for message in json.loads(body)["messages"]]
        return Answer(200, json.dumps({"results": results}).encode())

    clock: Callable[[], datetime] = lambda: at  # noqa: E731 — stands still
    sending.deliver(peer_id=peer.pk, clock=clock, call=answer, batch=_BATCH)
    receiving.fetch(peer_id=peer.pk, clock=clock, call=answer)
    receiving.apply_due(clock=clock)


def _result(message: dict[str, Any]) -> dict[str, Any]:
    plate = (message["data"] or {}).get("plate", "")
    for part, reason in _REFUSED.items():
        if message["kind"] == "fleet.car" and plate.startswith(part):
            return {"id": message["id"], "state": "refused", "reason": reason}
    return {"id": message["id"], "state": "applied"}


def _key(keeper: Actor, partner: tuple[str, str, tuple[str, ...], str], at: datetime) -> ApiKey:
    name, contact, scopes, net = partner
    key, _ = network.make_key(
        actor=keeper,
        partner=name,
        contact=contact,
        scopes=scopes,
        networks=[net] if net else [],
        since=at.date(),
        until=at.date() + timedelta(days=365),
        per_minute=60,
        at=at,
    )
    return key


def _read(made: list[ApiKey], at: datetime, rng: Random) -> None:
    """Calls of the last days; now and then one asks for what it may not read."""
    for n in range(_CALLS):
        key = made[n % len(made)]
        scope = rng.choice(key.scopes) if n % 16 else SCOPES[1].key
        net = key.networks[0] if key.networks else "10.36.4.0/24"
        address = net.replace("0/24", str(rng.randint(10, 20)))
        moment = at - timedelta(hours=2 * (_CALLS - n), minutes=rng.randrange(60))
        try:
            call = keys.admit(key=key, scope=scope, address=address, query="limit=200", at=moment)
        except KeyRefused:
            continue
        keys.answered(call=call, rows=rng.randrange(0, 200))
