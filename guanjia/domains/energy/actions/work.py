"""Everyday work on energy: told as it is done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.energy.actions import assessing
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import WorkRecord
from guanjia.domains.energy.queries import work as queries
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
        rows=rows, verb="energy.work.told", at=at, complete=entering.told(at),
    )  # fmt: skip
    assessing.recount(institution_ids=ids, years={row["on"].year for row in rows}, at=at)
    return entered.counts()
