"""Recording what running a car costs. Sheets, work orders, policies and forms use the same verb."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.models import Cost
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.values.actor import Actor

RECORDED = "fleet.cost.recorded"


@transaction.atomic
def record_costs(*, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime) -> list[Cost]:
    """Record costs: fields of ``Cost`` by name, ``car`` and ``unit`` as objects.

    Needs ``fleet.cost.enter``. The caller has judged the rows. A row whose source and ``source_no``
    are known already is left out, so that a sheet comes in twice without doubling anything.
    Returns the new costs; one record each.
    """
    actor.must("fleet.cost.enter")
    numbers = {row["source_no"] for row in rows if row.get("source_no")}
    known = set(Cost.objects.filter(source_no__in=numbers).values_list("source", "source_no"))
    made = [
        Cost(entered_by_id=actor.person_id, entered_at=at, **row)
        for row in rows
        if (row["source"], row.get("source_no", "")) not in known
    ]
    Cost.objects.bulk_create(made, batch_size=500)
    audit.record_many(
        audit.entry(
            actor=actor, verb=RECORDED, on=cost, at=at, before=None, after=audit.facts_of(cost)
        )
        for cost in made
    )
    return made
