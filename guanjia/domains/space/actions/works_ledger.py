"""Taking a ledger of old repairs in: what was accepted before anybody asked for it here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.space.actions import works
from guanjia.domains.space.models import Works
from guanjia.domains.space.terms.works import WorksState
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.values.actor import Actor

_TOLD = ("kind", "part", "contractor", "settled_on", "final_fen", "state")


@transaction.atomic
def enter_works(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Write rows of a ledger; how many are new, changed, as they were.

    A row: ``building`` (a row), ``title``, ``accepted_on``, ``kind``, ``part``, ``contractor``,
    ``settled_on`` and ``final_fen`` (or ``None``). The same title accepted on the same day is one.
    """
    actor.must(works.KEEP)
    ids = [row["building"].pk for row in rows]
    known = {
        (one.building_id, one.title, one.accepted_on): one
        for one in Works.objects.select_for_update(of=("self",)).filter(building__in=ids)
    }
    counts = [0, 0, 0]
    for row in rows:
        there = known.get((row["building"].pk, row["title"], row["accepted_on"]))
        counts[_enter(actor, row, there, at)] += 1
    return counts[0], counts[1], counts[2]


def _enter(actor: Actor, row: Mapping[str, Any], there: Works | None, at: datetime) -> int:
    if there is not None and there.asked_at is not None:
        return 2  # it is done here, step by step: a sheet does not change it
    settled = row["settled_on"] is not None
    told = {
        "kind": row["kind"],
        "part": row["part"],
        "contractor": row["contractor"] or "",
        "settled_on": row["settled_on"],
        "final_fen": row["final_fen"],
        "state": WorksState.SETTLED if settled else WorksState.ACCEPTED,
    }
    if there is not None and there.state == WorksState.SETTLED and not settled:
        told["state"] = WorksState.SETTLED  # what was settled stays so
        told |= {"settled_on": there.settled_on, "final_fen": there.final_fen}
    if there is not None and all(getattr(there, name) == value for name, value in told.items()):
        return 2
    if there is not None:
        change(there, told, actor=actor, verb="space.works.entered", at=at)
        return 1
    new: Works = Works.objects.create(
        number=works.new_number(works.day_of(at)), building=row["building"], title=row["title"],
        accepted_on=row["accepted_on"], **told,
    )  # fmt: skip
    made(new, "title", "accepted_on", *told, actor=actor, verb="space.works.entered", at=at)
    return 0
