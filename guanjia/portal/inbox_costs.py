"""待办 of running costs: what is odd about one waits for a word from the unit."""

from datetime import datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import costs
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.money import yuan
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo
from guanjia.ui import formats

ENTER = "fleet.cost.enter"
_CHECK = 6  # beside 里程待核


def _doubtful(actor: Actor, _: datetime) -> Any:
    return costs.doubtful(actor.scope(ENTER)) if actor.can(ENTER) else None


def _show(cost: Any, _: Actor, at: datetime) -> Todo:
    spent = cost.spent_at or datetime.combine(cost.spent_on, time(12), SHANGHAI)
    day = formats.day(cost.spent_on, today=timezone.localdate(at))
    parts = (
        str(cost.doubt_why).rstrip("。"),
        f"{cost.get_kind_display()} {yuan(cost.amount_fen)}",
        f"{day} {cost.unit}",
    )
    return Todo(
        kind="费用待说明",
        tone="wait",
        icon="receipt",
        label=cost.car.plate,
        colour=cost.car.get_plate_colour_display(),
        title=str(cost.doubt).rstrip("。"),
        detail=" · ".join(part for part in parts if part),
        url=places.maybe("fleet:cost", cost.pk),
        verb="写下说明",
        rank=_CHECK,
        due_at=spent,
    )


COSTS = (Source(key="costs", kind="费用待说明", rows=_doubtful, show=_show),)
