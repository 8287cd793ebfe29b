"""What has to be put right (整改): asked for, answered, accepted or returned, reminded of."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import (
    RectificationAnswered,
    RectificationEnded,
    RectificationReturned,
    RectificationsLate,
)
from guanjia.domains.space.models import Inspection, Rectification
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import PROOF, UNDONE, RectState
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse
from guanjia.kernel.values.actor import Actor

RECTIFY, ACCEPT = "space.round.rectify", "space.round.accept"
SERIES = "space.rectification"
ANSWER_MAX = 1000
NOTE_MAX = 300


def ask(
    *,
    actor: Actor,
    inspection: Inspection,
    due_on: date,
    at: datetime,
    since: datetime | None = None,
) -> Rectification:
    """Have a unit put right what an inspection found; inside the act that recorded it.

    One is under way for a unit or room of a round: a later look takes over what is there.
    ``since``: when the unit was asked, where a ledger tells of it afterwards.
    """
    there: Rectification | None = (
        Rectification.objects.select_for_update(of=("self",))
        .filter(
            round=inspection.round_id, unit=inspection.unit_id, room=inspection.room_id,
            state__in=UNDONE,
        )
        .first()
    )  # fmt: skip
    if there is not None:
        before = audit.facts_of(there, "inspection_id")
        there.inspection = inspection
        there.save(update_fields=["inspection"])
        audit.record(
            actor=actor, verb="space.rectification.found_again", on=there, at=at, before=before,
            after=audit.facts_of(there, "inspection_id"),
        )  # fmt: skip
        return there
    year = inspection.on_day.year
    number = numbering.next_number(series=SERIES, year=year)
    made: Rectification = Rectification.objects.create(
        number=f"ZG{year}{number:05d}", round_id=inspection.round_id, inspection=inspection,
        unit=inspection.unit, room=inspection.room, due_on=due_on, asked_at=since or at,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="space.rectification.asked", on=made, at=at,
        after=audit.facts_of(made, "unit_id", "room_id", "due_on"),
    )  # fmt: skip
    return made


def _locked(actor: Actor, verb: str, rectification_id: int) -> Rectification:
    actor.must(verb)
    found: Rectification = (
        Rectification.objects.within(actor.scope(verb))
        .select_for_update(of=("self",))
        .select_related("unit", "room__building", "inspection")
        .get(pk=rectification_id)
    )
    return found


def _must_stand(row: Rectification, *wanted: RectState) -> None:
    rules.must_stand(state=RectState(row.state), wanted=wanted).enforce()


def _words(text: str, *, what: str, field: str, most: int = NOTE_MAX) -> str:
    words = text.strip()
    if not words or len(words) > most:
        refuse(
            f"{field}_missing", f"没有写{what}。", f"写明{what}，1 到 {most} 个字。", field=field
        ).enforce()
    return words


@transaction.atomic
def answer(
    *, actor: Actor, rectification_id: int, answer: str, files: Sequence[int] = (), at: datetime
) -> Rectification:
    """Say how it was put right (整改情况), with photos or papers; by the unit.

    Needs ``space.round.rectify``. May be said anew until it is accepted. Publishes
    ``RectificationAnswered``.
    """
    row = _locked(actor, RECTIFY, rectification_id)
    _must_stand(row, RectState.OPEN, RectState.ANSWERED)
    words = _words(answer, what="整改情况", field="answer", most=ANSWER_MAX)
    before = audit.facts_of(row, "state", "answer")
    anew = row.state == RectState.ANSWERED
    row.state, row.answer, row.answered_by = RectState.ANSWERED, words, actor.name
    row.answered_at = row.answered_at if anew else at  # better words do not make it later
    row.returned_note = ""
    row.save(update_fields=["state", "answer", "answered_by", "answered_at", "returned_note"])
    audit.record(
        actor=actor, verb="space.rectification.answered", on=row, at=at, before=before,
        after=audit.facts_of(row, "state", "answer"),
    )  # fmt: skip
    if files:
        attachments.claim(
            actor=actor, ids=files, subject=row, unit=row.unit, bounds=PROOF,
            retain_until=retention.until(at=at), at=at,
        )  # fmt: skip
    bus.publish(RectificationAnswered(rectification_id=row.pk, by_id=actor.person_id, at=at))
    return row


@transaction.atomic
def send_back(*, actor: Actor, rectification_id: int, comment: str, at: datetime) -> Rectification:
    """Return an answer (退回), saying what is missing; the time goes on as it was."""
    row = _locked(actor, ACCEPT, rectification_id)
    _must_stand(row, RectState.ANSWERED)
    words = _words(comment, what="退回意见", field="comment")
    row.state, row.returned_note, row.reminded_on = RectState.OPEN, words, None
    row.save(update_fields=["state", "returned_note", "reminded_on"])
    audit.record(
        actor=actor, verb="space.rectification.returned", on=row, at=at,
        before={"state": RectState.ANSWERED}, after=audit.facts_of(row, "state"), note=words,
    )  # fmt: skip
    bus.publish(RectificationReturned(rectification_id=row.pk, by_id=actor.person_id, at=at))
    return row


@transaction.atomic
def accept(
    *, actor: Actor, rectification_id: int, verdict: str = "", at: datetime
) -> Rectification:
    """Accept what was put right (验收销号). Needs ``space.round.accept``."""
    row = _locked(actor, ACCEPT, rectification_id)
    _must_stand(row, RectState.ANSWERED)
    return _end(actor, row, RectState.DONE, verdict.strip()[:NOTE_MAX], at)


@transaction.atomic
def call_off(*, actor: Actor, rectification_id: int, reason: str, at: datetime) -> Rectification:
    """Call it off (撤销): the finding was wrong; it costs no points any more."""
    row = _locked(actor, ACCEPT, rectification_id)
    _must_stand(row, RectState.OPEN, RectState.ANSWERED)
    words = _words(reason, what="撤销原因", field="reason")
    return _end(actor, row, RectState.CALLED_OFF, words, at)


def _end(
    actor: Actor, row: Rectification, state: RectState, words: str, at: datetime
) -> Rectification:
    before = audit.facts_of(row, "state")
    row.state, row.verdict, row.closed_by, row.closed_at = state, words, actor.name, at
    row.save(update_fields=["state", "verdict", "closed_by", "closed_at"])
    ended = state is RectState.DONE
    audit.record(
        actor=actor,
        verb="space.rectification.accepted" if ended else "space.rectification.called_off",
        on=row,
        at=at,
        before=before,
        after=audit.facts_of(row, "state"),
        note=words,
    )
    bus.publish(RectificationEnded(rectification_id=row.pk, by_id=actor.person_id, at=at))
    return row


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> list[int]:
    """Remind units that let their time pass, every so many days (催办); returns the ids.

    By the nightly job, safe to run twice. Publishes ``RectificationsLate``.
    """
    actor.must(ACCEPT)
    today = timezone.localdate(at)
    every = timedelta(days=int(law_at(at)["space.round.remind_days"].value))
    rows = Rectification.objects.within(actor.scope(ACCEPT)).late(today).select_for_update()
    due = [
        row
        for row in rows.order_by("pk")
        if row.reminded_on is None or row.reminded_on + every <= today
    ]
    for row in due:
        row.reminded_on = today
    Rectification.objects.bulk_update(due, ["reminded_on"])
    audit.record_many(
        audit.entry(
            actor=actor, verb="space.rectification.reminded", on=row, at=at,
            after={"due_on": row.due_on.isoformat()},
        )
        for row in due
    )  # fmt: skip
    if due:
        bus.publish(RectificationsLate(rectification_ids=tuple(row.pk for row in due), at=at))
    return [row.pk for row in due]


# ── files ────────────────────────────────────────────────────────────────────────────────


def may_take_off(rectification_id: int) -> Verdict:
    """Proof may be taken off until it was accepted by it."""
    row = Rectification.objects.only("state").get(pk=rectification_id)
    if row.state in UNDONE:
        return ALLOWED
    return refuse("relied_on", "附件是验收的依据，办结后不能移除。", "有误的补交。", rules.PROVED)


def photos_stay(inspection_id: int) -> Verdict:  # noqa: ARG001 — every guard is given its row
    """What was photographed on the spot stays as it is."""
    return refuse("kept", "现场照片是检查的依据，不能移除。", "拍错了的再检查一次。", rules.PROVED)
