"""What goes out: changes are gathered into messages, messages are sent until they are taken.

Changes, messages and their states are rows; whoever is killed between two steps leaves them as
they were, and the next run goes on. A message that was sent and whose answer was lost is sent again
with the same id and the same text, so that the peer can drop it.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet

from guanjia.kernel.exchange import calling, link, protocol, wires
from guanjia.kernel.exchange.calling import Caller
from guanjia.kernel.exchange.models import Change, Outgoing, Peer
from guanjia.kernel.exchange.terms import Op, OutState, PeerState
from guanjia.kernel.locks import advisory
from guanjia.kernel.outside.failure import CallFailure
from guanjia.kernel.outside.http import Answer

GATHERED_TOGETHER = 500  # changes looked at in one transaction
BATCH = 50  # messages in one call
BATCH_CHARS = 1_000_000
ROUNDS = 200  # a run ends after so many calls; the next minute brings another
_TOO_WRONG = {400, 409, 413, 415, 422}  # the messages are wrong, not the conversation

Subject = tuple[str, int]


# ── gathering ───────────────────────────────────────────────────────────────────────────


@transaction.atomic
def gather(*, peer_id: int, at: datetime) -> int:
    """Make messages of changes that wait, one for all changes of a row; returns how many changes.

    The text is made of the row as it stands now. A row whose last message still waits is left for
    later: that one may have been taken without our knowing.
    """
    advisory.advisory(f"exchange.gather.{peer_id}")
    waits = Outgoing.objects.filter(
        peer=peer_id, kind=OuterRef("kind"), subject_id=OuterRef("subject_id"),
        state=OutState.WAITING,
    )  # fmt: skip
    changes = Change.objects.filter(peer=peer_id, message=None).exclude(Exists(waits))
    by_subject: dict[Subject, list[int]] = defaultdict(list)
    for pk, kind, subject_id in changes.order_by("pk").values_list("pk", "kind", "subject_id")[
        :GATHERED_TOGETHER
    ]:
        by_subject[kind, subject_id].append(pk)
    if not by_subject:
        return 0
    before = _Before.of(peer_id, by_subject)
    rows = _rows(by_subject)
    made = [
        _message(peer_id, subject, before=before, row=rows.get(subject), pks=pks, at=at)
        for subject, pks in by_subject.items()
    ]
    Outgoing.objects.bulk_create(message for message, _, _ in made)
    _cover(made, before)
    for message, _, appears in made:
        if appears is not None:
            _bring_along(message, at)
    return sum(len(pks) for pks in by_subject.values())


def _rows(subjects: Iterable[Subject]) -> dict[Subject, tuple[wires.Wire, wires.Data]]:
    """What the departments let out of these rows, as they stand."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, subject_id in subjects:
        by_kind[kind].append(subject_id)
    found = {}
    for kind, ids in by_kind.items():
        wire = wires.get(kind)
        if wire is not None:
            found.update({(kind, pk): (wire, data) for pk, data in wire.read(ids).items()})
    return found


@dataclass(frozen=True)
class _Before:
    """What was already said of the rows: last version, whether the peer has it, what it refused."""

    version: Mapping[Subject, int]
    known: Mapping[Subject, bool]
    refused: Mapping[Subject, list[int]]

    @classmethod
    def of(cls, peer_id: int, subjects: Mapping[Subject, Any]) -> "_Before":
        version: dict[Subject, int] = {}
        known: dict[Subject, bool] = {}
        refused: dict[Subject, list[int]] = defaultdict(list)
        by_kind: dict[str, list[int]] = defaultdict(list)
        for kind, subject_id in subjects:
            by_kind[kind].append(subject_id)
        for kind, ids in by_kind.items():
            rows = Outgoing.objects.filter(peer=peer_id, kind=kind, subject_id__in=ids).order_by()
            for pk, top in rows.values_list("subject_id").annotate(Max("version")):
                version[kind, pk] = top
            told = rows.filter(state__in=[OutState.SENT, OutState.WITHHELD])
            last = told.order_by("subject_id", "-version").distinct("subject_id")
            for pk, op, state in last.values_list("subject_id", "op", "state"):
                known[kind, pk] = state == OutState.SENT and op == Op.SAVE
            for pk, row in rows.filter(state=OutState.REFUSED).values_list("subject_id", "pk"):
                refused[kind, pk].append(row)
        return cls(version, known, refused)


_Made = tuple[Outgoing, list[int], bool | None]


def _message(
    peer_id: int,
    subject: Subject,
    *,
    before: _Before,
    row: tuple[wires.Wire, wires.Data] | None,
    pks: list[int],
    at: datetime,
) -> _Made:
    """The next message about a row, the changes it covers, and whether the row comes or goes."""
    kind, subject_id = subject
    known = before.known.get(subject)
    covered = list(pks)
    if before.refused.get(subject):
        inside = Change.objects.filter(message__in=before.refused[subject])
        covered = sorted([*inside.values_list("pk", flat=True), *pks])
    message = Outgoing(
        peer_id=peer_id,
        message_id=uuid.uuid4(),
        kind=kind,
        subject_id=subject_id,
        version=before.version.get(subject, 0) + 1,
        op=Op.SAVE if row else Op.WITHDRAW,
        state=OutState.WAITING if row or known else OutState.WITHHELD,
        changes_count=len(covered),
        label=row[0].label(row[1])[:120] if row else "",
        made_at=at,
    )
    if message.state == OutState.WAITING:
        message.body = protocol.message(
            message_id=message.message_id, kind=kind, subject_id=subject_id,
            version=message.version, op=message.op, changes=covered,
            made_at=at.isoformat(), data=row[1] if row else None,
        )  # fmt: skip
    turned = known is not None and known != bool(row)
    return message, covered, bool(row) if turned else None


def _cover(made: Sequence[_Made], before: _Before) -> None:
    """Say which message covers which change; what was refused is replaced by what comes after."""
    replaced = [pk for pks in before.refused.values() for pk in pks]
    Outgoing.objects.filter(pk__in=replaced).update(state=OutState.SUPERSEDED)
    pairs = [(change, message.pk) for message, covered, _ in made for change in covered]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exchange_change c SET message_id = v.message "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS v(change, message) WHERE c.id = v.change",
            [[change for change, _ in pairs], [message for _, message in pairs]],
        )


def _bring_along(message: Outgoing, at: datetime) -> None:
    """What belongs to a row that appears or disappears is told of too."""
    wire = wires.get(message.kind)
    if wire is not None:
        Change.objects.bulk_create(
            Change(peer_id=message.peer_id, kind=kind, subject_id=pk, at=at)
            for kind, pk in wire.dependants(message.subject_id)
        )


# ── sending ─────────────────────────────────────────────────────────────────────────────


def due(*, at: datetime) -> list[int]:
    """The ids of the peers that may be called now."""
    rows = Peer.objects.filter(state=PeerState.ON).exclude(next_at__gt=at)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def deliver(
    *,
    peer_id: int,
    clock: Callable[[], datetime],
    call: Caller = calling.call,
    spread: Callable[[], float] = link.chance,
    batch: int = BATCH,
) -> int:
    """Gather and send until nothing is left or a call does not get through; returns how many
    messages were taken. Safe to run twice, and at the same time. Not inside a transaction."""
    taken = 0
    for _ in range(ROUNDS):
        if peer_id not in due(at=clock()):
            break
        gathered = gather(peer_id=peer_id, at=clock())
        messages = _next(peer_id, batch)
        if not messages:
            if gathered:  # all of it was withheld; there may be more
                continue
            break
        sent = _Sender(Peer.objects.get(pk=peer_id), clock, call, spread).send(messages)
        if sent is None:
            break
        taken += sent
    return taken


def _next(peer_id: int, most: int) -> list[Outgoing]:
    """The oldest messages that wait, as many as fit into one call."""
    rows = Outgoing.objects.filter(peer=peer_id, state=OutState.WAITING).order_by("pk")[:most]
    found: list[Outgoing] = []
    size = 0
    for row in rows:
        size += len(row.body)
        if found and size > BATCH_CHARS:
            break
        found.append(row)
    return found


class _Sender:
    """One peer, and how it is called."""

    def __init__(
        self,
        peer: Peer,
        clock: Callable[[], datetime],
        call: Caller,
        spread: Callable[[], float],
    ) -> None:
        self.peer, self.clock, self.call, self.spread = peer, clock, call, spread

    def send(self, messages: Sequence[Outgoing]) -> int | None:
        """Send some messages in one call; how many were taken, ``None``: it did not get through."""
        pks = [message.pk for message in messages]
        Outgoing.objects.filter(pk__in=pks).update(tries=F("tries") + 1, tried_at=self.clock())
        body = protocol.batch([message.body for message in messages])
        try:
            answer = self.call(self.peer, "POST", protocol.CHANGES, body, self.clock())
            if answer.status in _TOO_WRONG:
                return self._refused(messages, answer)
            return self._told(messages, calling.taken(answer))
        except CallFailure as fault:
            self._failed(fault.sentence, final=not fault.retry)
        except protocol.Unreadable as fault:
            self._failed(str(fault))
        return None

    def _failed(self, sentence: str, *, final: bool = False) -> None:
        link.failed(
            peer_id=self.peer.pk, sentence=sentence, at=self.clock(), chance=self.spread,
            final=final,
        )  # fmt: skip

    def _told(self, messages: Sequence[Outgoing], answer: Answer) -> int | None:
        """Mark each message as the peer says; one it does not speak of waits on."""
        results = protocol.results(answer.json())
        told = [(message, results.get(message.message_id)) for message in messages]
        taken = [message.pk for message, result in told if result and result.taken]
        with transaction.atomic():
            _waiting(taken).update(state=OutState.SENT, sent_at=self.clock(), answer="")
            for message, result in told:
                if result and not result.taken:
                    self._set_aside(message, result.reason)
        if not any(result for _, result in told):
            self._failed("对方没有说收没收到，稍后再送。")
            return None
        link.came_through(peer_id=self.peer.pk, at=self.clock())
        return len(taken)

    def _set_aside(self, message: Outgoing, said: str) -> None:
        _waiting([message.pk]).update(state=OutState.REFUSED, answer=_plain(said)[:300])

    def _refused(self, messages: Sequence[Outgoing], answer: Answer) -> int | None:
        """A call was wrong: find out which message it is by sending each alone."""
        if len(messages) == 1:
            self._set_aside(messages[0], f"{answer.status} {_said(answer)}".strip())
            link.came_through(peer_id=self.peer.pk, at=self.clock())
            return 0
        taken = 0
        for message in messages:
            sent = self.send([message])
            if sent is None:
                return None
            taken += sent
        return taken


def _waiting(pks: Sequence[int]) -> "QuerySet[Outgoing]":
    """Those of these messages that wait: whoever was faster has said what became of them."""
    rows: QuerySet[Outgoing] = Outgoing.objects.filter(pk__in=pks, state=OutState.WAITING)
    return rows


def _said(answer: Answer) -> str:
    """What the peer says of a refusal: its ``detail`` where it answers in JSON, else nothing."""
    told = answer.json()
    for name in ("detail", "reason", "message"):
        if isinstance(told, dict) and isinstance(told.get(name), str):
            return str(told[name])
    return "" if told is None else json.dumps(told, ensure_ascii=False)


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
