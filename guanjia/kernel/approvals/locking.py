"""Finding a case and locking it: the subject first, then the case, always in this order."""

from typing import Any

from django.apps import apps
from django.db.models import Model

from guanjia.kernel.access import subjects
from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.values.actor import Actor


def locked(*, actor: Actor, case_id: int) -> tuple[Case, Any]:
    """The case and its subject, both locked; ``Case.DoesNotExist`` for whoever may not see it."""
    kind, row_id = Case.objects.values_list("subject_type", "subject_id").get(pk=case_id)
    subject = lock_subject(kind, row_id)
    case: Case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("unit__parent", "applicant", "edition")
        .get(pk=case_id)
    )
    may_see = queries.involved(actor=actor, case=case) or subjects.sees(
        actor=actor, model=kind, row_id=row_id
    )
    if not may_see:
        raise Case.DoesNotExist
    return case, subject


def lock_subject(kind: str, row_id: int) -> Model:
    """The row a case is about, locked, so that whoever changes it waits."""
    model = apps.get_model(kind)
    row: Model = model._base_manager.select_for_update(of=("self",)).get(pk=row_id)
    return row
