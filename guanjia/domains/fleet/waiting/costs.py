"""待办 of running costs: what is odd about one waits for a word from the unit."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.queries import costs
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.money import yuan
from guanjia.kernel.values.period import noon
from guanjia.ui import formats
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import Rank, Source, Todo

ENTER = "fleet.cost.enter"


def _doubtful(actor: Actor, _: datetime) -> Any:
    return costs.doubtful(actor.scope(ENTER)) if actor.can(ENTER) else None


def _show(cost: Any, _: Actor, at: datetime) -> Todo:
    spent = cost.spent_at or noon(cost.spent_on)
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
        url=addresses.maybe("fleet:cost", cost.pk),
        verb="写下说明",
        rank=Rank.CHECK,
        due_at=spent,
    )


SOURCES = (Source(key="costs", kind="费用待说明", place=180, rows=_doubtful, show=_show),)
