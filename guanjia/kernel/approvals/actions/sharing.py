"""Drawing others in: 转办, 加签, 减签, 抄送, 催办."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from guanjia.kernel.approvals import locking, moving, queries
from guanjia.kernel.approvals.actions.deciding import behalf_of, present
from guanjia.kernel.approvals.actions.opening import Outcome
from guanjia.kernel.approvals.events import CaseAgreed, CaseCopied, CaseUrged, HandedOver
from guanjia.kernel.approvals.models import Act, Case, CaseStep, Copy, Seat
from guanjia.kernel.approvals.telling import publish, record, stale, tell
from guanjia.kernel.approvals.terms import OPEN_SEATS, ActKind, CaseState, Origin, SeatState
from guanjia.kernel.calendar import hours
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.lawbook import NotInForce, law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

ADDED_MAX = 10
COPIES_MAX = 50
DEPTH_MAX = 3
SEATS_MAX = 60


def _names(people: Sequence[Person]) -> str:
    return "、".join(person.name for person in people)


def _eligible(case: Case, actor: Actor, ids: Collection[int], *, most: int) -> list[Person]:
    """The people as chosen, each once; refuses the applicant, and who is no colleague."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        refuse("person_missing", "没有选人。", "选一位同事。", field="person").enforce()
    if len(wanted) > most:
        refuse("too_many", f"一次最多选 {most} 人。", "分几次办。", field="person").enforce()
    if case.applicant_id in wanted:
        refuse("own_request", "不能由申请人审批。", "选另一位同事。", field="person").enforce()
    rows = queries.colleagues(actor=actor, case=case).filter(pk__in=wanted)
    found = {person.pk: person for person in rows}
    if len(found) < len(wanted):
        refuse(
            "no_colleague", "选的人不是本单位在职、有账号的同事。", "选另一位同事。", field="person"
        ).enforce()
    return [found[pk] for pk in wanted]


def _not_seated(step: CaseStep, people: Sequence[Person]) -> None:
    alive = step.seats.filter(visit=step.visit).exclude(
        state__in=[SeatState.HANDED, SeatState.REMOVED, SeatState.DROPPED]
    )
    seated = alive.filter(person__in=people).select_related("person").first()
    if seated is not None:
        refuse(
            "seated", f"{seated.person}已在这一步的审批人中。", "选另一位同事。", field="person"
        ).enforce()
    if alive.count() + len(people) > SEATS_MAX:
        refuse("too_many", f"一步最多 {SEATS_MAX} 人。", field="person").enforce()


@transaction.atomic
def hand_over(
    *,
    actor: Actor,
    case_id: int,
    person_id: int,
    step_id: int | None = None,
    comment: str = "",
    at: datetime,
) -> Outcome:
    """转办: the person's part goes to a colleague; never to the applicant.

    A keeper of routes says in this way who decides a step that found nobody.
    """
    case, subject = locking.locked(actor=actor, case_id=case_id)
    seat = present(case, actor, ActKind.HAND_OVER, step_id)
    if seat is None or person_id == actor.person_id:
        return Outcome(case, agreed=False, changed=False)
    step = seat.step
    (person,) = _eligible(case, actor, [person_id], most=1)
    old, seat.state, seat.decided_at = seat, SeatState.HANDED, at
    seat.save(update_fields=["state", "decided_at"])
    if old.origin == Origin.KEEPER:  # one of the keepers may be chosen too
        others = step.seats.filter(visit=step.visit, origin=Origin.KEEPER, state__in=OPEN_SEATS)
        others.update(state=SeatState.DROPPED)
    _not_seated(step, [person])
    new = Seat.objects.create(
        step=step,
        visit=step.visit,
        place=old.place,
        person=person,
        origin=Origin.HANDED if old.asked_by_id is None else old.origin,
        on_behalf=old.on_behalf if old.on_behalf_id != person.pk else None,
        asked_by=old.asked_by,
        handed_from=old,
        state=SeatState.ACTIVE,
        active_at=at,
    )
    old.asked.filter(state__in=OPEN_SEATS).update(asked_by=new)
    tell(
        case=case, actor=actor, kind=ActKind.HAND_OVER, step=step, comment=comment,
        to=person.name, behalf=behalf_of(old), at=at,
    )  # fmt: skip
    record(
        case=case, actor=actor, verb="handed_over", subject=subject, at=at, note=comment,
        after={"to": person.number},
    )  # fmt: skip
    publish(HandedOver, case, step_id=step.pk, person_ids=(person.pk,))
    return Outcome(case, agreed=False)


@transaction.atomic
def add(
    *,
    actor: Actor,
    case_id: int,
    person_ids: Sequence[int],
    before: bool,
    comment: str = "",
    step_id: int | None = None,
    at: datetime,
) -> Outcome:
    """加签: colleagues decide too, all of them: before this person's own part, or after it."""
    kind = ActKind.ADD_BEFORE if before else ActKind.ADD_AFTER
    case, subject = locking.locked(actor=actor, case_id=case_id)
    seat = present(case, actor, kind, step_id)
    if seat is None:
        return Outcome(case, agreed=False, changed=False)
    if seat.origin == Origin.KEEPER:
        refuse("name_somebody", "这一步还没有审批人。", "先用“转给他人办”指定由谁审批。").enforce()
    if _depth(seat) >= DEPTH_MAX:
        refuse("too_deep", f"加签最多 {DEPTH_MAX} 层。", "可转办，或自己办完再说。").enforce()
    step = seat.step
    people = _eligible(case, actor, person_ids, most=ADDED_MAX)
    if not before and _added_already(seat, people):
        return Outcome(case, agreed=False, changed=False)
    _not_seated(step, people)
    if before:
        seat.state = SeatState.PAUSED
        seat.save(update_fields=["state"])
    made = Seat.objects.bulk_create(
        Seat(
            step=step,
            visit=step.visit,
            place=seat.place,
            person=person,
            origin=Origin.BEFORE if before else Origin.AFTER,
            asked_by=seat,
            state=SeatState.AHEAD,
        )
        for person in people
    )
    to = _names(people)
    tell(
        case=case, actor=actor, kind=kind, step=step, comment=comment, to=to,
        behalf=behalf_of(seat), at=at,
    )  # fmt: skip
    if before:
        moving.wake(case, step, made, at)
    record(
        case=case, actor=actor, verb="cosigners_added", subject=subject, at=at, note=comment,
        after={"people": [person.number for person in people], "before": before},
    )  # fmt: skip
    return Outcome(case, agreed=False)


def _added_already(seat: Seat, people: Sequence[Person]) -> bool:
    after = seat.asked.filter(origin=Origin.AFTER, state__in=OPEN_SEATS, person__in=people)
    return after.count() == len(people)


def _depth(seat: Seat) -> int:
    depth, parent = 0, seat.asked_by
    while parent is not None:
        depth, parent = depth + 1, parent.asked_by
    return depth


@transaction.atomic
def remove(*, actor: Actor, case_id: int, seat_id: int, comment: str = "", at: datetime) -> Outcome:
    """减签: take back who was added and has not decided; by who added them, or a keeper."""
    case, subject = locking.locked(actor=actor, case_id=case_id)
    seat = Seat.objects.select_related("step", "person", "asked_by").get(
        pk=seat_id, step__case=case
    )
    if seat.state == SeatState.REMOVED:
        return Outcome(case, agreed=False, changed=False)
    if case.state != CaseState.RUNNING or seat.state not in OPEN_SEATS:
        raise stale(case)
    if seat.asked_by is None:
        refuse("not_added", f"{seat.person}不是加签来的，不能减。", "可转办或终止。").enforce()
    asker = seat.asked_by.person_id if seat.asked_by else None
    keeps = queries.keeps(actor=actor, case=case) and actor.person_id != case.applicant_id
    if actor.person_id != asker and not keeps:
        refuse("not_asker", "只有加签的人能减签。", "请加签的人或流程管理员减。").enforce()
    moving.remove_with_added(seat)
    tell(
        case=case, actor=actor, kind=ActKind.REMOVE, step=seat.step, comment=comment,
        to=seat.person.name, at=at,
    )  # fmt: skip
    record(
        case=case, actor=actor, verb="cosigner_removed", subject=subject, at=at, note=comment,
        after={"person": seat.person.number},
    )  # fmt: skip
    return _settled_by_removal(case, seat.step, at)


def _settled_by_removal(case: Case, step: CaseStep, at: datetime) -> Outcome:
    """Whoever agreed before and only waited for the removed one may have settled the step now."""
    agreed_last = case.acts.filter(step=step, kind=ActKind.AGREE).order_by("-pk").first()
    by = agreed_last.person_id if agreed_last else None
    agreed = moving.settle(case, step, at, by=by)
    if agreed and agreed_last is not None:
        publish(CaseAgreed, case, act_id=agreed_last.pk)
    return Outcome(case, agreed=agreed)


@transaction.atomic
def copy(
    *, actor: Actor, case_id: int, person_ids: Sequence[int], comment: str = "", at: datetime
) -> Outcome:
    """抄送: colleagues may read the case; by whoever has to do with it. Nobody gets it twice."""
    case, subject = locking.locked(actor=actor, case_id=case_id)
    if not queries.involved(actor=actor, case=case):
        raise Case.DoesNotExist
    wanted = list(dict.fromkeys(person_ids))
    if not wanted:
        refuse("person_missing", "没有选人。", "选要抄送的同事。", field="person").enforce()
    if case.copies.count() + len(wanted) > COPIES_MAX:
        refuse("too_many", f"一件最多抄送 {COPIES_MAX} 人。", field="person").enforce()
    have = set(case.copies.values_list("person_id", flat=True))
    fresh = [pk for pk in wanted if pk not in have and pk != case.applicant_id]
    if not fresh:
        return Outcome(case, agreed=False, changed=False)
    people = _eligible(case, actor, fresh, most=COPIES_MAX)
    Copy.objects.bulk_create(
        Copy(case=case, person=person, by_name=actor.name, at=at) for person in people
    )
    act = tell(case=case, actor=actor, kind=ActKind.COPY, comment=comment, to=_names(people), at=at)
    record(
        case=case, actor=actor, verb="copied", subject=subject, at=at, note=comment,
        after={"people": [person.number for person in people]},
    )  # fmt: skip
    publish(CaseCopied, case, act_id=act.pk, person_ids=tuple(person.pk for person in people))
    return Outcome(case, agreed=False)


@transaction.atomic
def read_copies(
    *, actor: Actor, copy_id: int | None = None, case_id: int | None = None, at: datetime
) -> int:
    """Mark copies as read: one of this person's, that of a case, or all; how many were not.

    Nothing is recorded in the trail: the case did not change, and reading is nobody else's matter.
    """
    mine = Copy.objects.filter(person_id=actor.person_id or -1)
    if copy_id is not None:
        mine = mine.filter(pk=mine.get(pk=copy_id).pk)
    if case_id is not None:
        mine = mine.filter(case_id=case_id)
    return int(mine.filter(read_at=None).update(read_at=at))


@transaction.atomic
def urge(*, actor: Actor, case_id: int, comment: str = "", at: datetime) -> Outcome:
    """催办: ask those who are to decide to hurry; again only after some working hours."""
    case, subject = locking.locked(actor=actor, case_id=case_id)
    if not queries.involved(actor=actor, case=case):
        raise Case.DoesNotExist
    if case.state != CaseState.RUNNING:
        raise stale(case)
    last, again = urged(case)
    if last is not None and again is not None and again > at:
        since = f"{_clock(again, at)} 以后可以再催。"
        refuse("urged_lately", f"{last.name}刚催过。", since).enforce()
    people = queries.deciders(case)
    step = queries.active_step(case)
    act = tell(
        case=case, actor=actor, kind=ActKind.URGE, step=step, comment=comment, to=_names(people),
        at=at,
    )  # fmt: skip
    record(case=case, actor=actor, verb="urged", subject=subject, at=at, note=comment)
    publish(CaseUrged, case, act_id=act.pk, person_ids=tuple(person.pk for person in people))
    return Outcome(case, agreed=False)


def urged(case: Case) -> tuple[Act | None, datetime | None]:
    """Who urged last on this step, and from when on one may again; nothing while nobody did."""
    step = queries.active_step(case)
    since = step.active_at if step is not None else None
    last = case.acts.filter(kind=ActKind.URGE, step=step).order_by("-pk").first()
    if last is None or (since is not None and last.at < since):
        return None, None
    return last, _again(last.at)


def _clock(moment: datetime, at: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    day = "" if local.date() == at.astimezone(SHANGHAI).date() else f"{local.month}月{local.day}日 "
    return f"{day}{local.hour}:{local.minute:02d}"


def _again(last: datetime) -> datetime:
    try:
        return hours.after(last, int(law_at(last)["office.urge_hours"].value))
    except NotInForce:
        return last
