"""Everyday work on energy: told as it is done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.energy.actions import assessing
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Assessment, WorkRecord
from guanjia.domains.energy.queries import work as queries
from guanjia.domains.energy.terms.assessment import SchemeState
from guanjia.kernel.audit import entering
from guanjia.kernel.values.actor import Actor

TELL = queries.TELL


@transaction.atomic
def enter_work(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Work that was done: ``institution``, ``kind``, ``on``, ``title``, ``people``.

    It counts in the open assessments of its year at once. Needs ``energy.work.tell`` for all
    institutions named. Returns created, changed, unchanged.
    """
    ids = {row["institution"].pk for row in rows}
    must_hold(actor, TELL, ids)
    entered = entering.enter(
        actor=actor, model=WorkRecord, key=("institution", "kind", "on", "title"),
        rows=[{**row, "told_at": at} for row in rows], verb="energy.work.told", at=at,
    )  # fmt: skip
    _count(ids, {row["on"].year for row in rows}, at)
    return entered.counts()


def _count(institution_ids: set[int], years: set[int], at: datetime) -> None:
    wanted = Assessment.objects.filter(
        institution__in=institution_ids, scheme__state=SchemeState.OPEN, scheme__year__in=years
    )
    by_scheme: dict[int, list[int]] = {}
    for pk, scheme in wanted.values_list("pk", "scheme"):
        by_scheme.setdefault(scheme, []).append(pk)
    for scheme, pks in by_scheme.items():
        assessing.reckon(scheme_id=scheme, assessment_ids=pks, at=at)
