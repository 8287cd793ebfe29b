"""Sorted waste: places where it is thrown, and what was carried away, told as it is done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.energy.actions import assessing
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import WastePoint, WasteRemoval
from guanjia.domains.energy.queries import work as queries
from guanjia.kernel.audit import entering
from guanjia.kernel.values.actor import Actor

TELL = queries.TELL
Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def enter_points(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Places where waste is thrown: ``institution``, ``place``, ``kinds``, ``since``, ``until``.

    Needs ``energy.work.tell`` for all institutions named. Returns created, changed, unchanged.
    """
    must_hold(actor, TELL, {row["institution"].pk for row in rows})
    entered = entering.enter(
        actor=actor, model=WastePoint, key=("institution", "place"), rows=rows,
        verb="energy.waste_point.entered", at=at, complete=entering.told(at),
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def enter_removals(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """What was carried away: ``institution``, ``on``, ``kind``, ``weight_kg``, ``carrier``.

    It counts in the open assessments of its year at once. Needs ``energy.work.tell`` for all
    institutions named. Returns created, changed, unchanged.
    """
    ids = {row["institution"].pk for row in rows}
    must_hold(actor, TELL, ids)
    entered = entering.enter(
        actor=actor, model=WasteRemoval, key=("institution", "on", "kind", "carrier"), rows=rows,
        verb="energy.waste.told", at=at, complete=entering.told(at),
    )  # fmt: skip
    assessing.recount(institution_ids=ids, years={row["on"].year for row in rows}, at=at)
    return entered.counts()
