"""Reading cases: what waits for somebody, and what was done."""

from django.db.models import OuterRef, Q, QuerySet

from guanjia.kernel.approvals.models import Act, Case, CaseStep
from guanjia.kernel.approvals.terms import ActKind, CaseState, StepState
from guanjia.kernel.values.actor import Actor, Reach


def waiting_for(actor: Actor) -> "QuerySet[CaseStep]":
    """The active steps this actor may decide: handed to them, or of their units and verbs.

    A city-wide duty sees every case but is nobody's to-do; one's own requests are never in it.
    """
    mine = Q(holder_id=actor.person_id) if actor.person_id else Q(pk__in=[])
    for held in actor.held:
        if held.reach is Reach.BELOW:
            mine |= Q(holder=None, verb__in=held.verbs, case__unit__path__startswith=held.unit_path)
        elif held.reach is Reach.UNIT:
            mine |= Q(holder=None, verb__in=held.verbs, case__unit_id=held.unit_id)
    return (
        CaseStep.objects.filter(mine, state=StepState.ACTIVE, case__state=CaseState.RUNNING)
        .exclude(case__applicant_id=actor.person_id)
        .select_related("case__unit", "case__applicant")
        .order_by("active_at")
    )


def returned_to(actor: Actor) -> "QuerySet[Case]":
    """The cases that came back to this person to be mended."""
    return Case.objects.filter(
        applicant_id=actor.person_id, state=CaseState.RETURNED
    ).select_related("unit")


def last_agreed(*, subject_type: str, of: str) -> "QuerySet[Act]":
    """For a subquery: who agreed last on the subject whose id the outer query has as ``of``."""
    acts: QuerySet[Act] = Act.objects.filter(
        case__subject_type=subject_type, case__subject_id=OuterRef(of), kind=ActKind.AGREE
    )
    return acts.order_by("-pk")


def case_for(*, subject_type: str, subject_id: int, route: str) -> Case | None:
    """The case of a subject, with its unit and applicant."""
    return (
        Case.objects.select_related("unit", "applicant__unit")
        .filter(subject_type=subject_type, subject_id=subject_id, route=route)
        .first()
    )


def history(case: Case) -> list[Act]:
    """What was done on a case, oldest first."""
    return list(case.acts.select_related("person").order_by("pk"))


def active_step(case: Case) -> CaseStep | None:
    """The step that waits now."""
    return case.steps.select_related("holder").filter(state=StepState.ACTIVE).first()


def decided_by(actor: Actor) -> "QuerySet[Act]":
    """What this person did on any case, newest first (我办过的)."""
    acts: QuerySet[Act] = Act.objects.filter(person_id=actor.person_id)
    return acts.select_related("case").order_by("-pk")
