"""Degree days as the weather office gave them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.energy.models import DegreeDays
from guanjia.kernel.audit import entering
from guanjia.kernel.values.actor import Actor

ENTER = "energy.weather.enter"


@transaction.atomic
def enter_degree_days(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], at: datetime
) -> tuple[int, int, int]:
    """Months with ``heating`` and ``cooling`` (℃·d) and their ``source``; ``month``: first day.

    Needs ``energy.weather.enter``. Returns created, changed, unchanged.
    """
    actor.must(ENTER)
    entered = entering.enter(
        actor=actor, model=DegreeDays, key="month", rows=rows, verb="energy.weather.entered", at=at
    )
    return entered.counts()
