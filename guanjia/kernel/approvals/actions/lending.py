"""委托: somebody decides for a person on leave, from a day to a day."""

from datetime import date, datetime

from django.db import transaction

from guanjia.kernel.approvals import moving, seating
from guanjia.kernel.approvals.events import Delegated
from guanjia.kernel.approvals.locking import locked
from guanjia.kernel.approvals.models import Delegation, Seat
from guanjia.kernel.approvals.telling import tell
from guanjia.kernel.approvals.terms import OPEN_SEATS, ActKind, SeatState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.locks.advisory import advisory
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

DAYS_MAX = 366
CHAIN_MAX = 20  # a longer chain is refused as a circle would be


@transaction.atomic
def delegate(
    *, actor: Actor, person_id: int, since: date, until: date, reason: str, at: datetime
) -> Delegation:
    """Let a colleague decide for oneself from ``since`` up to but not including ``until``.

    One's own seats only. The colleague is of the same unit or its sections; nobody stands in in a
    circle. What is waiting already stays; what is reached within the time goes to the colleague.
    """
    principal = _principal(actor)
    advisory("approvals.delegation")  # two at once could close a circle that neither sees
    colleague = _colleague(principal, person_id)
    today = seating.day_of(at)
    if until <= since:
        refuse("no_time", "止期在起期之前。", "止期写成回来上班那天。", field="until").enforce()
    if until <= today:
        refuse("over", "这段时间已经过去。", "写今天或以后的日期。", field="until").enforce()
    if (until - since).days > DAYS_MAX:
        refuse("too_long", f"一次最多委托 {DAYS_MAX} 天。", "到期再续。", field="until").enforce()
    if not reason.strip():
        refuse("reason_missing", "没有写委托事由。", "如：出差、休假。", field="reason").enforce()
    overlapping = Delegation.objects.filter(
        principal=principal, ended_at=None, since__lt=until, until__gt=since
    ).select_related("delegate")
    if known := overlapping.first():
        refuse(
            "lent", f"这段时间已委托{known.delegate}。", "先收回原来的委托。", field="since"
        ).enforce()
    _no_circle(principal, colleague, since, until)
    lent = Delegation.objects.create(
        principal=principal, delegate=colleague, since=since, until=until,
        reason=reason.strip()[:100], made_at=at,
    )  # fmt: skip
    audit.record(
        actor=actor, verb="approvals.delegated", on=principal, at=at, note=reason,
        after={"to": colleague.number, "since": since, "until": until},
    )  # fmt: skip
    bus.publish(Delegated(delegation_id=lent.pk, ended=False))
    return lent


def _principal(actor: Actor) -> Person:
    if actor.person_id is None:
        refuse("no_person", "这个账号没有对应的人员。", "请系统管理员把账号对应到人员。").enforce()
    found: Person = Person.objects.select_related("unit__parent").get(pk=actor.person_id or -1)
    return found


def _colleague(principal: Person, person_id: int) -> Person:
    if person_id == principal.pk:
        refuse("oneself", "不能委托自己。", "选一位同事。", field="person").enforce()
    home = org.home_unit(principal.unit)
    found = (
        Person.objects.serving()
        .filter(pk=person_id, unit__path__startswith=home.path, account__is_active=True)
        .first()
    )
    if found is None:
        refuse(
            "not_colleague", f"只能委托{home}有账号的同事。", "选另一位同事。", field="person"
        ).enforce()
        raise Person.DoesNotExist
    return found


def _no_circle(principal: Person, colleague: Person, since: date, until: date) -> None:
    """Follow the chain from the colleague, for the days on which every link of it holds."""
    frontier = [(colleague.pk, since, until)]
    for _ in range(CHAIN_MAX):
        frontier = [link for one in frontier for link in _onward(*one)]
        if not frontier or any(pk == principal.pk for pk, _, _ in frontier):
            break
    if frontier:
        refuse(
            "circle", f"{colleague}同一时间也把审批委托出来，会绕成一圈。", "选另一位同事。",
            field="person",
        ).enforce()  # fmt: skip


def _onward(person: int, since: date, until: date) -> list[tuple[int, date, date]]:
    rows = Delegation.objects.filter(
        principal=person, ended_at=None, since__lt=until, until__gt=since
    )
    return [(row.delegate_id, max(row.since, since), min(row.until, until)) for row in rows]


@transaction.atomic
def end(*, actor: Actor, delegation_id: int, at: datetime) -> Delegation:
    """收回委托: the colleague decides no more; what waits with them comes back to oneself.

    By the principal, or the keeper of routes.
    """
    lent = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("principal__unit", "delegate")
        .get(pk=delegation_id)
    )
    keeps = actor.can(seating.KEEP) and Person.objects.within(actor.scope(seating.KEEP)).filter(
        pk=lent.principal_id
    )
    if not actor.is_system and actor.person_id != lent.principal_id and not keeps:
        raise Delegation.DoesNotExist
    if lent.ended_at is not None:
        return lent
    lent.ended_at = at
    lent.save(update_fields=["ended_at"])
    audit.record(
        actor=actor, verb="approvals.delegation_ended", on=lent.principal, at=at,
        before={"to": lent.delegate.number, "since": lent.since, "until": lent.until},
    )  # fmt: skip
    if lent.principal_id in seating.able([lent.principal_id]):
        for case_id in _waiting(lent):
            _give_back(actor, lent, case_id, at)
    bus.publish(Delegated(delegation_id=lent.pk, ended=True))
    return lent


def _waiting(lent: Delegation) -> list[int]:
    """The cases in which the colleague sits for the principal, in the order in which all lock."""
    rows = Seat.objects.filter(
        on_behalf_id=lent.principal_id, person_id=lent.delegate_id, state__in=OPEN_SEATS
    )
    place = ("step__case__subject_type", "step__case__subject_id", "step__case_id")
    return [row[-1] for row in rows.order_by(*place).values_list(*place)]


def _give_back(actor: Actor, lent: Delegation, case_id: int, at: datetime) -> None:
    case, _ = locked(actor=Actor.system("系统"), case_id=case_id)
    seat = (
        Seat.objects.filter(
            step__case=case, on_behalf_id=lent.principal_id, person_id=lent.delegate_id,
            state__in=OPEN_SEATS,
        )
        .select_related("step")
        .first()
    )  # fmt: skip
    if seat is None or case.applicant_id == lent.principal_id:
        return
    step = seat.step
    alive = step.seats.filter(visit=step.visit, person_id=lent.principal_id).exclude(
        state__in=[SeatState.HANDED, SeatState.REMOVED]
    )
    if alive.exists():
        return
    was, seat.state, seat.decided_at = seat.state, SeatState.HANDED, at
    seat.save(update_fields=["state", "decided_at"])
    new = Seat.objects.create(
        step=step, visit=step.visit, place=seat.place, person_id=lent.principal_id,
        origin=seat.origin, handed_from=seat, asked_by=seat.asked_by, active_at=seat.active_at,
        state=SeatState.AHEAD if was == SeatState.ACTIVE else was,
    )  # fmt: skip
    seat.asked.exclude(state=SeatState.REMOVED).update(asked_by=new)
    tell(
        case=case, actor=actor, kind=ActKind.LEND, step=step, comment="收回委托",
        to=lent.principal.name, at=at,
    )  # fmt: skip
    if was == SeatState.ACTIVE:
        moving.wake(case, step, [new], at)
