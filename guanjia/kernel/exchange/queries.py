"""Reads: how a peer stands, what waits, what partners asked, and rows in the order of change."""

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from guanjia.kernel.exchange import wires
from guanjia.kernel.exchange.models import (
    ApiCall,
    ApiKey,
    Change,
    Incoming,
    Outgoing,
    Peer,
    Touched,
)
from guanjia.kernel.exchange.terms import CallState, InState, OutState, PeerState

SETTLED_AFTER = timedelta(seconds=1)  # between reading the clock and reading who is writing


def peer(key: str) -> Peer | None:
    """The peer of this key; ``None`` until it is set up."""
    found: Peer | None = Peer.objects.filter(key=key).first()
    return found


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a peer stands: what waits and since when, and what became of the rest."""

    loose: int  # changes that no message covers yet
    oldest_at: datetime | None  # the change or message that waits longest
    by_state: Mapping[str, int]
    incoming: Mapping[str, int]

    @property
    def waiting(self) -> int:
        """Messages that wait."""
        return self.by_state.get(OutState.WAITING, 0)


def standing(peer: Peer) -> Standing:
    """See ``Standing``; three statements."""
    loose = Change.objects.filter(peer=peer.pk, message=None).aggregate(n=Count("pk"), at=Min("at"))
    rows = Outgoing.objects.filter(peer=peer.pk).order_by().values("state")
    states = {row["state"]: row for row in rows.annotate(n=Count("pk"), at=Min("made_at"))}
    oldest = [loose["at"], states.get(OutState.WAITING, {}).get("at")]
    came = Incoming.objects.filter(peer=peer.pk).order_by().values_list("state")
    return Standing(
        loose=loose["n"],
        oldest_at=min((at for at in oldest if at), default=None),
        by_state={state: row["n"] for state, row in states.items()},
        incoming=dict(came.annotate(Count("pk"))),
    )


def messages(*, peer: Peer) -> "QuerySet[Outgoing]":
    """The messages for a peer, the newest first."""
    rows: QuerySet[Outgoing] = Outgoing.objects.filter(peer=peer.pk).order_by("-pk")
    return rows


def changes(*, peer: Peer) -> "QuerySet[Change]":
    """The changes that no message covers yet, the oldest first."""
    rows: QuerySet[Change] = Change.objects.filter(peer=peer.pk, message=None).order_by("pk")
    return rows


def incoming(*, peer: Peer) -> "QuerySet[Incoming]":
    """The decisions of a peer, the newest first."""
    rows: QuerySet[Incoming] = Incoming.objects.filter(peer=peer.pk).order_by("-pk")
    return rows


def in_trouble() -> "QuerySet[Peer]":
    """The peers that somebody must look at: paused, or with what was refused or not applied.

    ``refused`` and ``unapplied`` count them.
    """
    rows: QuerySet[Peer] = (
        Peer.objects.exclude(state=PeerState.OFF)
        .annotate(
            refused=_of_peer(Outgoing.objects.filter(state=OutState.REFUSED)),
            unapplied=_of_peer(Incoming.objects.filter(state=InState.UNAPPLIED)),
        )
        .filter(Q(state=PeerState.PAUSED) | Q(refused__gt=0) | Q(unapplied__gt=0))
        .order_by("pk")
    )
    return rows


def _of_peer(rows: Any) -> Coalesce:
    """How many of these rows each peer has."""
    counted = rows.filter(peer=OuterRef("pk")).order_by().values("peer").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


# ── partners ────────────────────────────────────────────────────────────────────────────


def given(*, of: Collection[str]) -> "QuerySet[ApiKey]":
    """The keys that open any of these scopes: a department's own keys are those of its scopes."""
    rows: QuerySet[ApiKey] = ApiKey.objects.filter(scopes__overlap=list(of))
    return rows


def keys(*, of: Collection[str]) -> "QuerySet[ApiKey]":
    """The keys of some scopes with when each was last used, how often, and how many rows it was
    given."""
    answered = Q(calls__state=CallState.ANSWERED)
    rows: QuerySet[ApiKey] = (
        given(of=of)
        .annotate(used_at=Max("calls__at", filter=answered), used=Count("calls", filter=answered))
        .order_by("-pk")
    )
    return rows


def calls(*, of: Collection[str]) -> "QuerySet[ApiCall]":
    """The calls with keys of some scopes, the newest first."""
    rows: QuerySet[ApiCall] = ApiCall.objects.filter(key__scopes__overlap=list(of))
    return rows.select_related("key").order_by("-pk")


class CursorUnreadable(ValueError):
    """A cursor that is none of ours."""


@dataclass(frozen=True)
class Cursor:
    """A place in the order of change."""

    at: datetime
    subject_id: int

    def text(self) -> str:
        """As partners are given it."""
        plain = json.dumps([self.at.isoformat(), self.subject_id]).encode()
        return base64.urlsafe_b64encode(plain).decode().rstrip("=")

    @classmethod
    def of(cls, text: str) -> "Cursor":
        """The place that was given out; raises ``CursorUnreadable``."""
        try:
            padded = text + "=" * (-len(text) % 4)
            at, subject_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None or type(subject_id) is not int or abs(subject_id) >= 2**63:
                raise CursorUnreadable
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise CursorUnreadable from None
        return cls(moment, subject_id)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows in the order of their last change, where the next page begins, whether there is one."""

    rows: list[dict[str, Any]]
    cursor: str
    more: bool


def _settled() -> datetime:
    """Before this moment no change can still appear: whoever made one has committed.

    A change bears the time of the clock when it was written, and appears when its transaction ends.
    So we read only up to the beginning of the oldest transaction of this database that has written
    anything.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        cursor.execute(
            "SELECT min(xact_start) FROM pg_stat_activity "
            "WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
        (oldest,) = cursor.fetchone()
    before: datetime = now - SETTLED_AFTER
    return min(before, oldest) if oldest is not None else before


def changed(
    *, kind: str, limit: int, after: Cursor | None = None, changed_after: datetime | None = None
) -> Page:
    """The rows of a kind in the order of their last change, as they stand now.

    What nobody outside may see is left out, so that a page may hold fewer rows than ``limit`` and
    still have more behind it.
    """
    wire = wires.get(kind)
    if wire is None:
        return Page(rows=[], cursor="", more=False)
    touched = Touched.objects.filter(kind=kind, at__lt=_settled())
    if after is not None:
        touched = touched.filter(
            Q(at__gt=after.at) | Q(at=after.at, subject_id__gt=after.subject_id)
        )
    elif changed_after is not None:
        touched = touched.filter(at__gt=changed_after)
    found = list(touched.order_by("at", "subject_id").values_list("subject_id", "at")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    data = wire.read([pk for pk, _ in page])
    rows = [{"id": pk, **data[pk], "changed_at": at} for pk, at in page if pk in data]
    last = Cursor(page[-1][1], page[-1][0]) if page else after
    return Page(rows=rows, cursor=last.text() if last else "", more=more)
