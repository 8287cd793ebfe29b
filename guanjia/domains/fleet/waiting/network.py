"""What the network puts into 待办: a platform that stopped, what it refused, what we cannot do."""

from datetime import datetime
from typing import Any

from guanjia.kernel.exchange import queries
from guanjia.kernel.exchange.terms import PeerState
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo

KEEP = "fleet.network.keep"


def _in_trouble(actor: Actor, _: datetime) -> Any:
    if not actor.can(KEEP) or not actor.scope(KEEP).everything:
        return None
    return queries.in_trouble()


def _show(peer: Any, _: Actor, at: datetime) -> Todo:
    paused = peer.state == PeerState.PAUSED
    parts = [
        f"{peer.refused} 条报文被退" if peer.refused else "",
        f"{peer.unapplied} 件批复办不了" if peer.unapplied else "",
    ]
    counted = "，".join(part for part in parts if part)
    since = peer.last_failed_at or peer.changed_at
    return Todo(
        kind="一张网",
        tone="stop" if paused else "wait",
        icon="hand-stop" if paused else "alert-triangle",
        title="上报已暂停" if paused else counted,
        detail=" · ".join(
            part for part in (peer.state_note.rstrip("。"), counted if paused else "") if part
        ),
        due=formats.daytime(since, style="near", today=at.date()),
        url=addresses.maybe("fleet:network"),
        verb="看一张网",
        rank=Rank.CHECK,
        due_at=since,
    )


SOURCES = (Source(key="network", kind="一张网", place=620, rows=_in_trouble, show=_show),)
