"""What a call that got through, or did not, means for the peer: growing pauses, a visible stop."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.exchange.events import PeerPaused
from guanjia.kernel.exchange.models import Peer
from guanjia.kernel.exchange.terms import PeerState
from guanjia.kernel.values.actor import Actor

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
FAILURES_MAX = 60  # in a row: with the pauses between them more than a day
SPREAD = 0.2  # a pause is up to so much longer or shorter, so that nobody calls in step
SYSTEM = "数据对接"


def chance() -> float:
    """What spreads the pauses."""
    return random.random()  # noqa: S311 — not a secret


def pause_after(failures: int, chance: float) -> timedelta:
    """How long to wait after so many failures in a row; ``chance`` from 0 to 1 spreads it."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(failures - 1, 0), 20)
    return min(doubled, LONGEST_PAUSE) * (1 + SPREAD * (2 * chance - 1))


@transaction.atomic
def failed(
    *, peer_id: int, sentence: str, at: datetime, chance: Callable[[], float], final: bool = False
) -> None:
    """Write down a call that did not get through; ``final``: calling again cannot help."""
    peer = Peer.objects.select_for_update().get(pk=peer_id)
    peer.failures += 1
    peer.last_failed_at, peer.last_error = at, sentence[:200]
    peer.next_at = at + pause_after(peer.failures, chance())
    peer.save(update_fields=["failures", "last_failed_at", "last_error", "next_at"])
    if peer.state == PeerState.ON and (final or peer.failures >= FAILURES_MAX):
        said = sentence if final else f"连续 {peer.failures} 次没有送到：{sentence}"
        _pause(peer, said[:200], at)


def _pause(peer: Peer, reason: str, at: datetime) -> None:
    peer.state, peer.state_note = PeerState.PAUSED, reason
    peer.save(update_fields=["state", "state_note"])
    audit.record(
        actor=Actor.system(SYSTEM),
        verb="exchange.peer.paused",
        on=peer,
        at=at,
        before={"state": PeerState.ON},
        after={"state": PeerState.PAUSED},
        note=reason,
    )
    bus.publish(PeerPaused(peer_id=peer.pk, reason=reason, at=at))


def came_through(*, peer_id: int, at: datetime, fetched: bool = False) -> None:
    """Write down a call that was answered."""
    when = {"last_fetched_at": at} if fetched else {"last_sent_at": at}
    Peer.objects.filter(pk=peer_id).update(failures=0, next_at=None, **when)
