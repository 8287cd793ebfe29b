"""What the system does by itself: reminders, going to superiors, new people on old seats."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q, QuerySet

from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Grant
from guanjia.kernel.approvals import moving, queries, seating
from guanjia.kernel.approvals.events import CaseAgreed, StepLate
from guanjia.kernel.approvals.locking import lock_subject
from guanjia.kernel.approvals.models import Case, CaseStep, Seat
from guanjia.kernel.approvals.seating import Sitting
from guanjia.kernel.approvals.telling import SYSTEM, publish, record, tell
from guanjia.kernel.approvals.terms import (
    OPEN_SEATS,
    ActKind,
    CaseState,
    Late,
    Mode,
    Origin,
    SeatState,
    StepState,
)
from guanjia.kernel.regulations.verdict import Refused

AHEAD_OF_TIME = timedelta(hours=1)  # how long before its time a step is reminded of
BATCH = 500


def due_steps(at: datetime) -> list[int]:
    """Ids of the active steps near or past their time of which nobody was told yet."""
    rows = CaseStep.objects.filter(
        state=StepState.ACTIVE, due_at__lte=at + AHEAD_OF_TIME, escalated_at=None
    )
    soon = rows.filter(reminded_at=None) | rows.filter(due_at__lte=at)
    return list(soon.order_by("due_at").values_list("pk", flat=True)[:BATCH])


def _locked(step_id: int) -> tuple[Case, CaseStep, object] | None:
    step = CaseStep.objects.select_related("case").get(pk=step_id)
    try:
        subject = lock_subject(step.case.subject_type, step.case.subject_id)
    except ObjectDoesNotExist:  # a department deleted what it asked about: nothing is to be tended
        return None
    case: Case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("unit__parent", "applicant")
        .get(pk=step.case_id)
    )
    step.refresh_from_db()
    if case.state != CaseState.RUNNING or step.state != StepState.ACTIVE:
        return None
    return case, step, subject


@transaction.atomic
def remind(*, step_id: int, at: datetime) -> bool:
    """Remind those who are to decide; past its time, go to their superiors where the route says so.

    Safe to run twice: each is done once per visit. Whether anything was done.
    """
    found = _locked(step_id)
    if found is None:
        return False
    case, step, subject = found
    if step.due_at is None or step.escalated_at is not None:
        return False
    people = tuple(person.pk for person in queries.deciders(case))
    if at < step.due_at:
        if step.reminded_at is not None or step.due_at - at > AHEAD_OF_TIME:
            return False
        step.reminded_at = at
        step.save(update_fields=["reminded_at"])
        tell(case=case, actor=SYSTEM, kind=ActKind.REMIND, step=step, comment="快到办理时限", at=at)
        record(
            case=case, actor=SYSTEM, verb="reminded", subject=subject, at=at,
            after={"step": step.title, "due_at": step.due_at},
        )  # fmt: skip
        publish(StepLate, case, step_id=step.pk, person_ids=people, escalated=False)
        return True
    step.reminded_at, step.escalated_at = step.reminded_at or at, at
    step.save(update_fields=["reminded_at", "escalated_at"])
    raised = _raise(case, step, at) if step.late == Late.ESCALATE else ()
    kind = ActKind.ESCALATE if raised else ActKind.REMIND
    names = "、".join(sitting.person.name for sitting in raised)
    tell(case=case, actor=SYSTEM, kind=kind, step=step, comment="已过办理时限", to=names, at=at)
    record(
        case=case, actor=SYSTEM, verb="overdue", subject=subject, at=at,
        after={"step": step.title, "due_at": step.due_at, "to": names},
    )  # fmt: skip
    told = people + tuple(sitting.person.pk for sitting in raised)
    publish(StepLate, case, step_id=step.pk, person_ids=told, escalated=bool(raised))
    return True


def _raise(case: Case, step: CaseStep, at: datetime) -> tuple[Sitting, ...]:
    """Superiors beside those who sit there: where one decides for all they may decide too.

    Where nobody is above, the keepers of routes, who can hand it to somebody else.
    """
    seated = set(step.seats.filter(visit=step.visit).values_list("person_id", flat=True))
    sittings = tuple(seating.superiors(step, case=case, at=at, without=list(seated)))
    decided = step.seats.filter(visit=step.visit, state=SeatState.AGREED).exists()
    if sittings and step.mode in (Mode.ANY, Mode.ONE) and not decided:
        moving.seat(step, case, sittings, at)
    return sittings


# ── other people on the same step ────────────────────────────────────────────────────────


def follow_duties(*, account_id: int, duty: str, at: datetime) -> int:
    """Seat anew what a changed duty concerns; how many steps changed. Called in its transaction.

    Nobody loses a duty later because a case waits for them: see ``reseat``.
    """
    declared = [duties.get(duty)] if duty else duties.all_duties()
    verbs = frozenset().union(*(each.verbs for each in declared if each is not None))
    if not duty:
        verbs &= _verbs_of(account_id)
    account = None if duty else account_id
    return sum(reseat(step_id=pk, at=at) for pk in _concerned(verbs, account))


def _verbs_of(account_id: int) -> frozenset[str]:
    held = Grant.objects.filter(account=account_id).values_list("duty", flat=True)
    found = [duties.get(key) for key in set(held)]
    return frozenset().union(*(each.verbs for each in found if each is not None))


def _concerned(verbs: frozenset[str], account_id: int | None) -> list[int]:
    """Ids of the active steps decided by one of the verbs, or on which the account's person sits.

    In the order in which everybody locks several cases: by what they are about.
    """
    here = Seat.objects.filter(state__in=OPEN_SEATS)
    wanted = Q(verb__in=verbs)
    if seating.KEEP in verbs:
        wanted |= Q(pk__in=here.filter(origin=Origin.KEEPER).values("step"))
    if account_id is not None:
        wanted |= Q(pk__in=here.filter(person__account=account_id).values("step"))
    return _in_order(_active().filter(wanted))[:BATCH]


def _active() -> "QuerySet[CaseStep]":
    return CaseStep.objects.filter(state=StepState.ACTIVE, case__state=CaseState.RUNNING)


def _in_order(steps: "QuerySet[CaseStep]") -> list[int]:
    rows = steps.order_by("case__subject_type", "case__subject_id", "pk")
    return list(rows.values_list("pk", flat=True))


def all_active() -> list[int]:
    """Ids of every active step, for the round that the job makes."""
    return _in_order(_active())


def reseat(*, step_id: int, at: datetime) -> bool:
    """Give the seats of a step to who may decide it now; whether anybody changed.

    Whoever left or whose account was closed rises from any seat. Whoever lost the duty rises from
    a seat that came with it; who decided, was added or was handed a part keeps theirs. Newcomers
    join only while nobody has decided, or where nobody is left. Where that would leave the case
    with nobody, the old people stay: better a holder to ask than none, and a duty can always be
    taken away.
    """
    try:
        return _reseat(step_id=step_id, at=at)
    except Refused:
        return False


@transaction.atomic
def _reseat(*, step_id: int, at: datetime) -> bool:
    found = _locked(step_id)
    if found is None:
        return False
    case, step, subject = found
    seats = moving.seats_of(step)
    wanted = seating.sittings(step, case=case, at=at)
    gone = _gone(step, case, seats, wanted, at)
    fresh = _newcomers(step, [s for s in seats if s not in gone], wanted)
    if not gone and not fresh:
        return False
    for seat in gone:
        moving.remove_with_added(seat)
    was = "、".join(dict.fromkeys(seat.person.name for seat in gone))
    said = f"{was}不再办这一步" if was else "新授予职责"
    if fresh:
        moving.seat(step, case, fresh, at)
    _tell_reseated(case, step, fresh, said, at)
    agreed = moving.settle(case, step, at, by=_last_by(step))
    waiting = step.seats.filter(visit=step.visit, state=SeatState.ACTIVE)
    if step.state == StepState.ACTIVE and not waiting.exists():
        fresh = _anybody(step, case, wanted, at)
        moving.seat(step, case, fresh, at)  # refused where there is nobody: then nothing changes
        _tell_reseated(case, step, fresh, "没有人能接着办", at)
    record(
        case=case, actor=SYSTEM, verb="reseated", subject=subject, at=at,
        before={"people": [seat.person.number for seat in gone]},
        after={"people": [sitting.person.number for sitting in fresh]},
    )  # fmt: skip
    if agreed:
        last = case.acts.filter(kind=ActKind.AGREE).order_by("-pk").first()
        act = last or tell(case=case, actor=SYSTEM, kind=ActKind.AGREE, step=step, at=at)
        publish(CaseAgreed, case, act_id=act.pk)
    return True


def _last_by(step: CaseStep) -> int | None:
    agreed = step.acts.filter(kind=ActKind.AGREE).order_by("-pk").first()
    return agreed.person_id if agreed is not None else None


def _tell_reseated(
    case: Case, step: CaseStep, people: Sequence[Sitting], said: str, at: datetime
) -> None:
    names = "、".join(sitting.person.name for sitting in people)
    tell(case=case, actor=SYSTEM, kind=ActKind.RESEAT, step=step, comment=said, to=names, at=at)


def _gone(
    step: CaseStep, case: Case, seats: Sequence[Seat], wanted: Sequence[Sitting], at: datetime
) -> list[Seat]:
    """The open seats whose people must rise."""
    waiting = [seat for seat in seats if seat.state in OPEN_SEATS]
    able = seating.able([seat.person_id for seat in waiting])
    named = seating.candidates(
        seating.holder_of(step), unit=case.unit, on=seating.day_of(at),
        without=seating.barred(case),
    )  # fmt: skip
    still = {person.pk for person in named}
    keeping = {each.person.pk for each in seating.keepers(case, at=at)}
    vacant = any(each.origin is Origin.KEEPER for each in wanted) or step.escalated_at is not None
    above = set[int]()
    if any(seat.origin == Origin.ESCALATED for seat in waiting):
        above = seating.may_decide_above(step, case=case, at=at)

    def stays(seat: Seat) -> bool:
        whose = seat.on_behalf_id or seat.person_id
        if seat.person_id not in able:
            return False
        if seat.origin == Origin.KEEPER:
            return vacant and seat.person_id in keeping
        if seat.origin == Origin.ESCALATED:
            return whose in above
        return seat.origin != Origin.ROUTE or seat.asked_by_id is not None or whose in still

    return [seat for seat in waiting if not stays(seat)]


def _newcomers(step: CaseStep, staying: Sequence[Seat], wanted: Sequence[Sitting]) -> list[Sitting]:
    """Who joins those that stay."""
    alive = [s for s in staying if s.state not in (SeatState.HANDED, SeatState.REMOVED)]
    left = [s for s in alive if s.state in OPEN_SEATS and s.origin != Origin.KEEPER]
    decided = any(s.state in (SeatState.AGREED, SeatState.RETURNED) for s in alive)
    if decided or (
        left and (step.mode == Mode.ONE or any(s.origin == Origin.HANDED for s in left))
    ):
        return []
    known = [s for s in staying if s.state != SeatState.REMOVED]
    served = {s.person_id for s in known} | {s.on_behalf_id for s in known}
    return [
        sitting
        for sitting in wanted
        if sitting.person.pk not in served
        and (sitting.on_behalf is None or sitting.on_behalf.pk not in served)
        and not (sitting.origin is Origin.KEEPER and left)
    ]


def _anybody(step: CaseStep, case: Case, wanted: Sequence[Sitting], at: datetime) -> list[Sitting]:
    """Whoever the route names and has not decided, also who gave it away; else the keepers."""
    seats = step.seats.filter(visit=step.visit)
    decided = {s.person_id for s in seats if s.state in (SeatState.AGREED, SeatState.RETURNED)}
    people = [sitting for sitting in wanted if sitting.person.pk not in decided]
    return people or seating.keepers(case, at=at)
