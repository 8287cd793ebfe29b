"""What comes in: decisions of a peer are fetched, kept, and applied exactly once.

A page of decisions and the place where the next begins are written together, so that a fetch that
dies is simply made again; what came before is known by the peer's own id. Applying one and marking
it as applied is one transaction.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.exchange import calling, link, protocol, takers
from guanjia.kernel.exchange.calling import Caller
from guanjia.kernel.exchange.models import Incoming, Peer
from guanjia.kernel.exchange.takers import Decision
from guanjia.kernel.exchange.terms import InState
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor

PAGES = 50  # fetched in one run
TRIES_MAX = 5  # of one whose taker broke down
SYSTEM = "全省一张网"

log = logging.getLogger(__name__)


def fetch(
    *,
    peer_id: int,
    clock: Callable[[], datetime],
    call: Caller = calling.call,
    spread: Callable[[], float] = link.chance,
) -> int:
    """Fetch what the peer decided since the last time; returns how many were new.

    Not inside a transaction. Safe to run twice, and at the same time.
    """
    new = 0
    for _ in range(PAGES):
        page = _page(Peer.objects.get(pk=peer_id), clock, call, spread)
        if page is None:
            break
        new += _keep(peer_id, page, clock())
        if not page.more:
            break
    return new


def _page(
    peer: Peer, clock: Callable[[], datetime], call: Caller, spread: Callable[[], float]
) -> protocol.Items | None:
    query = urlencode({"after": peer.cursor, "limit": protocol.PAGE})
    final = False
    try:
        answer = call(peer, "GET", f"{protocol.DECISIONS}?{query}", b"", clock())
        return protocol.decisions(calling.taken(answer).json())
    except CallFailure as fault:
        sentence, final = fault.sentence, not fault.retry
    except protocol.Unreadable as fault:
        sentence = str(fault)
    link.failed(peer_id=peer.pk, sentence=sentence, at=clock(), chance=spread, final=final)
    return None


@transaction.atomic
def _keep(peer_id: int, page: protocol.Items, at: datetime) -> int:
    """Keep what is new of a page, and where the next one begins."""
    peer = Peer.objects.select_for_update().get(pk=peer_id)
    wanted = {item.external_id: item for item in reversed(page.items)}  # the first of two stays
    known = {
        row.external_id: row
        for row in Incoming.objects.filter(peer=peer, external_id__in=list(wanted))
    }
    Incoming.objects.bulk_create(
        Incoming(
            peer=peer, external_id=item.external_id, kind=item.kind, number=item.number,
            revision=item.revision, body=item.body, received_at=at,
        )
        for item in reversed(wanted.values())
        if item.external_id not in known
    )  # fmt: skip
    for external_id, row in known.items():
        if row.body != wanted[external_id].body:
            log.warning("decision %s came again with another text", external_id)
            row.reason = "对方用同一编号又送来不同的内容，没有采用。"
            row.save(update_fields=["reason"])
    peer.cursor = page.cursor or peer.cursor
    peer.save(update_fields=["cursor"])
    link.came_through(peer_id=peer.pk, at=at, fetched=True)
    return len(wanted) - len(known)


# ── applying ────────────────────────────────────────────────────────────────────────────


def waiting() -> list[int]:
    """The ids of what is to be applied, in the order in which it came."""
    rows = Incoming.objects.filter(state=InState.WAITING)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:1000])


def apply_due(*, clock: Callable[[], datetime]) -> int:
    """Apply what waits, each in a transaction of its own; returns how many were applied."""
    return sum(apply(incoming_id=pk, at=clock()) for pk in waiting())


def apply(*, incoming_id: int, at: datetime) -> bool:
    """Apply one decision; whether it was applied now. What cannot be is kept with its reason."""
    try:
        return _apply(incoming_id, at)
    except Exception as fault:
        log.exception("decision %s", incoming_id)
        _broke_down(incoming_id, type(fault).__name__)
        return False


@transaction.atomic
def _apply(incoming_id: int, at: datetime) -> bool:
    row = Incoming.objects.select_for_update().get(pk=incoming_id)
    if row.state != InState.WAITING:
        return False
    others = Incoming.objects.filter(
        peer=row.peer_id, kind=row.kind, number=row.number, state=InState.APPLIED
    )
    if others.filter(revision__gte=row.revision).exists():
        return _set_aside(row, InState.OUTDATED, "已办理过同一事项更新的批复。")
    taker = takers.get(row.kind)
    if taker is None:
        return _set_aside(row, InState.UNAPPLIED, f"没有办理“{row.kind}”的部门。")
    decision = Decision(
        external_id=row.external_id, kind=row.kind, number=row.number,
        revision=row.revision, data=json.loads(row.body),
    )  # fmt: skip
    actor = Actor.system(SYSTEM)
    try:
        with transaction.atomic():
            taker.take(actor, decision, at)
    except Refused as refused:
        return _set_aside(row, InState.UNAPPLIED, str(refused))
    except (ObjectDoesNotExist, LookupError):
        return _set_aside(row, InState.UNAPPLIED, f"没有 {row.number} 这一件。")
    row.state, row.reason, row.applied_at = InState.APPLIED, "", at
    row.tries += 1
    row.save(update_fields=["state", "reason", "applied_at", "tries"])
    audit.record(
        actor=actor, verb="exchange.incoming.applied", on=row, at=at,
        after={"kind": row.kind, "number": row.number, "revision": row.revision},
    )  # fmt: skip
    return True


def _set_aside(row: Incoming, state: InState, reason: str) -> bool:
    row.state, row.reason = state, reason[:300]
    row.tries += 1
    row.save(update_fields=["state", "reason", "tries"])
    return False


@transaction.atomic
def _broke_down(incoming_id: int, fault: str) -> None:
    """A fault of ours: tried again a few times, then left for somebody to look at."""
    row = Incoming.objects.select_for_update().get(pk=incoming_id)
    if row.state != InState.WAITING:
        return
    row.tries += 1
    row.reason = f"办理时出错（{fault}）。"
    if row.tries >= TRIES_MAX:
        row.state = InState.UNAPPLIED
    row.save(update_fields=["tries", "reason", "state"])
