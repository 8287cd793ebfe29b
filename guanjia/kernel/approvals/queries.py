"""Reading cases: what waits for somebody, and what was done."""

from django.db.models import OuterRef, Q, QuerySet

from guanjia.kernel.approvals.models import Act, Case, CaseStep, Copy, Delegation, Seat
from guanjia.kernel.approvals.seating import KEEP
from guanjia.kernel.approvals.terms import OPEN_SEATS, ActKind, CaseState, SeatState, StepState
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import People, Person, Unit
from guanjia.kernel.values.actor import Actor


def waiting_for(actor: Actor) -> "QuerySet[Seat]":
    """The seats on which this person is to decide now, the longest waiting first."""
    return (
        Seat.objects.filter(
            person_id=actor.person_id or -1,
            state=SeatState.ACTIVE,
            step__state=StepState.ACTIVE,
            step__case__state=CaseState.RUNNING,
        )
        .select_related("step__case__unit", "step__case__applicant", "on_behalf")
        .order_by("active_at", "pk")
    )


def waiting_subjects(actor: Actor, *, subject_type: str) -> "QuerySet[Seat]":
    """For a filter ``pk__in``: ids of the rows of a kind that wait for this person."""
    seats: QuerySet[Seat] = Seat.objects.filter(
        person_id=actor.person_id or -1,
        state=SeatState.ACTIVE,
        step__state=StepState.ACTIVE,
        step__case__state=CaseState.RUNNING,
        step__case__subject_type=subject_type,
    )
    return seats.values("step__case__subject_id")  # type: ignore[return-value]  # a values query set


def submitted_by(actor: Actor) -> "QuerySet[Case]":
    """The cases this person sent on their way, newest first (我发起的)."""
    rows: QuerySet[Case] = Case.objects.filter(applicant_id=actor.person_id or -1)
    return rows.select_related("unit").order_by("-opened_at", "-pk")


def last_agreed(*, subject_type: str, of: str) -> "QuerySet[Act]":
    """For a subquery: who agreed last on the subject whose id the outer query has as ``of``."""
    acts: QuerySet[Act] = Act.objects.filter(
        case__subject_type=subject_type, case__subject_id=OuterRef(of), kind=ActKind.AGREE
    )
    return acts.order_by("-pk")


def case_for(*, subject_type: str, subject_id: int, route: str) -> Case | None:
    """The case of a subject, with its unit and applicant."""
    return (
        Case.objects.select_related("unit", "applicant__unit", "edition")
        .filter(subject_type=subject_type, subject_id=subject_id, route=route)
        .first()
    )


def involved(*, actor: Actor, case: Case) -> bool:
    """Whether somebody has to do with a case: asked, decided, is to decide, or has a copy.

    Keepers of routes have to do with every case of their units.
    """
    if actor.is_system:
        return True
    if actor.person_id is None:
        return False
    person = actor.person_id
    return (
        case.applicant_id == person
        or Seat.objects.filter(step__case=case, person_id=person).exists()
        or Act.objects.filter(case=case, person_id=person).exists()
        or Copy.objects.filter(case=case, person_id=person).exists()
        or keeps(actor=actor, case=case)
    )


def keeps(*, actor: Actor, case: Case) -> bool:
    """Whether somebody keeps the routes for the unit of a case."""
    if not actor.can(KEEP):
        return False
    return Unit.objects.within(actor.scope(KEEP)).filter(pk=case.unit_id).exists()


def has_to_do_with(*, actor: Actor, subject_type: str, subject_id: int) -> bool:
    """Whether somebody has to do with any case of a row; it lets them see the row."""
    cases = Case.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return any(involved(actor=actor, case=case) for case in cases)


def colleagues(*, actor: Actor, case: Case) -> People:
    """Whom a decider may draw in: who serves with an account in their own unit or the case's.

    With the sections of both units; never the applicant.
    """
    homes = {org.home_unit(case.unit).path}
    if actor.unit_id is not None:
        homes.add(org.home_path(unit_id=actor.unit_id))
    inside = Q(pk__in=[])
    for path in homes:
        inside |= Q(unit__path__startswith=path)
    rows: People = Person.objects.serving().filter(inside, account__is_active=True)
    return (
        rows.exclude(pk__in=[pk for pk in (actor.person_id, case.applicant_id) if pk])
        .select_related("unit")
        .order_by("unit__position", "number")
    )


def history(case: Case) -> list[Act]:
    """What was done on a case, oldest first."""
    return list(case.acts.select_related("person", "step", "signature").order_by("pk"))


def active_step(case: Case) -> CaseStep | None:
    """The step that waits now."""
    return case.steps.filter(state=StepState.ACTIVE).first()


def steps(case: Case) -> list[CaseStep]:
    """The steps of the present round, in order."""
    return list(case.steps.filter(round=case.round).order_by("position"))


def open_seats(case: Case) -> list[Seat]:
    """Who sits on the active step and has not decided: present, paused and to come."""
    rows = Seat.objects.filter(
        step__case=case, step__state=StepState.ACTIVE, state__in=OPEN_SEATS
    ).select_related("person__unit", "on_behalf", "asked_by__person", "step")
    return list(rows.order_by("place", "pk"))


def deciders(case: Case) -> list[Person]:
    """In whose hands the case is now, in order."""
    return [seat.person for seat in open_seats(case) if seat.state == SeatState.ACTIVE]


def seat_of(*, actor: Actor, case: Case) -> Seat | None:
    """The seat on which this person is to decide now."""
    if actor.person_id is None:
        return None
    return (
        Seat.objects.filter(
            step__case=case,
            step__state=StepState.ACTIVE,
            person_id=actor.person_id,
            state=SeatState.ACTIVE,
        )
        .select_related("step", "on_behalf")
        .first()
    )


def decided_by(actor: Actor) -> "QuerySet[Act]":
    """What this person did on any case, newest first (我办过的)."""
    acts: QuerySet[Act] = Act.objects.filter(person_id=actor.person_id or -1)
    return acts.select_related("case").order_by("-pk")


def copies_for(actor: Actor) -> "QuerySet[Copy]":
    """The copies given to this person, newest first."""
    rows = Copy.objects.filter(person_id=actor.person_id or -1)
    return rows.select_related("case__unit").order_by("-pk")


def delegations_of(actor: Actor) -> "QuerySet[Delegation]":
    """What this person lent and borrowed, the latest first."""
    mine = Q(principal_id=actor.person_id or -1) | Q(delegate_id=actor.person_id or -1)
    return Delegation.objects.filter(mine).select_related("principal", "delegate")
