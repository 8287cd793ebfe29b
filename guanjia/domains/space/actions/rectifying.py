"""What has to be put right (整改): asked for, answered, accepted or returned, reminded of."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from guanjia.domains.space.events import (
    RectificationAnswered,
    RectificationEnded,
    RectificationReturned,
    RectificationsLate,
)
from guanjia.domains.space.models import Inspection, Rectification
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import PROOF, UNDONE
from guanjia.domains.space.terms.rounds import RectState as R
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.findings.models import DECISION_MAX
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor

SERIES = "space.rectification"
REMIND = "space.round.remind_days"


def _ended(row: Rectification, actor: Actor, at: datetime) -> RectificationEnded:
    return RectificationEnded(rectification_id=row.pk, by_id=actor.person_id, at=at)


RECTIFICATIONS = FindingKind(
    subject=queries.RECTIFICATIONS, stem="space.rectification", explains=queries.RECTIFY,
    decides=queries.ACCEPT, owed=(R.OPEN,), explained=R.ANSWERED, back=R.OPEN, files=PROOF,
    order=rules.PROVED, unit=lambda row: row.unit, said="整改情况", first_counts=True,
    steps={"explained": "answered", "closed": "accepted"},
    news={
        "explained": lambda row, actor, at: RectificationAnswered(
            rectification_id=row.pk, by_id=actor.person_id, at=at
        ),
        "returned": lambda row, actor, at: RectificationReturned(
            rectification_id=row.pk, by_id=actor.person_id, at=at
        ),
        "closed": _ended,
        "called_off": _ended,
    },
    late=lambda ids, at: RectificationsLate(rectification_ids=ids, at=at),
)  # fmt: skip


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
        change(
            there, {"inspection_id": inspection.pk}, actor=actor,
            verb="space.rectification.found_again", at=at,
        )  # fmt: skip
        return there
    year = inspection.on_day.year
    number = numbering.next_number(series=SERIES, year=year)
    row: Rectification = Rectification.objects.create(
        number=f"ZG{year}{number:05d}", round_id=inspection.round_id, inspection=inspection,
        unit=inspection.unit, room=inspection.room, due_on=due_on, raised_at=since or at,
    )  # fmt: skip
    made(row, "unit_id", "room_id", "due_on", actor=actor, verb="space.rectification.asked", at=at)
    return row


@transaction.atomic
def answer(
    *, actor: Actor, rectification_id: int, explanation: str, files: Sequence[int] = (),
    at: datetime,
) -> Rectification:  # fmt: skip
    """Say how it was put right (整改情况), with photos or papers; by the unit.

    Needs ``space.round.rectify``. May be said anew until it is accepted; better words do not make
    it later. Publishes ``RectificationAnswered``.
    """
    row: Rectification = findings.explain(
        RECTIFICATIONS, actor=actor, pk=rectification_id, explanation=explanation, files=files,
        at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def send_back(*, actor: Actor, rectification_id: int, comment: str, at: datetime) -> Rectification:
    """Return an answer (退回), saying what is missing; the time goes on as it was."""
    row: Rectification = findings.send_back(
        RECTIFICATIONS, actor=actor, pk=rectification_id, comment=comment, at=at
    )
    return row


@transaction.atomic
def accept(
    *, actor: Actor, rectification_id: int, closing: str = "", at: datetime
) -> Rectification:
    """Accept what was put right (验收销号). Needs ``space.round.accept``."""
    row: Rectification = findings.held(
        RECTIFICATIONS, actor=actor, pk=rectification_id, act="验收销号", when=(R.ANSWERED,)
    )
    facts = {"state": R.DONE, "closed_by": actor.name}
    findings.close(RECTIFICATIONS, actor=actor, row=row, facts=facts, closing=closing, at=at)
    return row


@transaction.atomic
def call_off(*, actor: Actor, rectification_id: int, reason: str, at: datetime) -> Rectification:
    """Call it off (撤销): the finding was wrong; it costs no points any more."""
    row: Rectification = findings.held(
        RECTIFICATIONS, actor=actor, pk=rectification_id, act="撤销", when=UNDONE
    )
    why = findings.words(RECTIFICATIONS, reason, what="撤销原因", field="reason", most=DECISION_MAX)
    facts = {"state": R.CALLED_OFF, "closed_by": actor.name}
    findings.close(
        RECTIFICATIONS, actor=actor, row=row, facts=facts, closing=why, at=at, step="called_off"
    )
    return row


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> list[int]:
    """Remind units that let their time pass, every so many days (催办); returns the ids.

    By the nightly job, safe to run twice. Publishes ``RectificationsLate``.
    """
    return findings.remind(RECTIFICATIONS, actor=actor, days=int(law_at(at)[REMIND].value), at=at)


# ── files ────────────────────────────────────────────────────────────────────────────────


may_take_off = findings.may_take_off(RECTIFICATIONS)


def photos_stay(inspection_id: int) -> Verdict:  # noqa: ARG001 — every guard is given its row
    """What was photographed on the spot stays as it is."""
    return refuse("kept", "现场照片是检查的依据，不能移除。", "拍错了的再检查一次。", rules.PROVED)
