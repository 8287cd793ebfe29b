"""Recording where cars were seen; toll gates, fuel stations, inspectors and tracks tell it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.models import Sighting
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.values.actor import Actor

RECORDED = "fleet.sighting.recorded"


@transaction.atomic
def record_sightings(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> list[Sighting]:
    """Record sightings: fields of ``Sighting`` by name, ``car`` as an object.

    Called by acts that have judged their rows and asked for their own duty. One whose source and
    ``ref`` are known already is left out. Returns the new ones; one record each.
    """
    refs = {row["ref"] for row in rows if row.get("ref")}
    known = set(Sighting.objects.filter(ref__in=refs).values_list("source", "ref"))
    made = [
        Sighting(recorded_at=at, told_by_id=actor.person_id, **row)
        for row in rows
        if (row["source"], row.get("ref", "")) not in known
    ]
    Sighting.objects.bulk_create(made, batch_size=500)
    audit.record_many(
        audit.entry(
            actor=actor, verb=RECORDED, on=each, at=at, before=None, after=audit.facts_of(each)
        )
        for each in made
    )
    return made
